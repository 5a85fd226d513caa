"""B. Reportes periódicos: R10 to R23."""

from __future__ import annotations

from functools import partial

from methodology.rules.whole.rule import MethodRule

_rule = partial(MethodRule, letter="B")
_WINDOW = ("ventana.dias", "ventana.tipo")

REPORTING: tuple[MethodRule, ...] = (
    _rule(
        id="R10",
        title="Ventana mensual de registro",
        seed="Los últimos 5 días de cada mes, los líderes técnicos registrarán el avance",
        does="La ventana son los últimos 5 días calendario del mes. Un seguimiento desde el día 20 es anticipado, "
        "dentro de la ventana es a tiempo y después es extemporáneo: siempre se acepta y se rotula. Una ventana con "
        "menos de 3 días hábiles se avisa 2 días hábiles antes.",
        when="primer día de la ventana",
        whom="líder técnico",
        keys=(*_WINDOW, "ventana.min_habiles", "ventana.preaviso_habiles", "seguimiento.desde_dia"),
    ),
    _rule(
        id="R11",
        title="Quién registra y cómo se recuerda",
        seed="los líderes técnicos registrarán el avance cuantitativo y cualitativo de las acciones",
        does="Solo registra el líder técnico, titular o suplente, o Planeación en su nombre. Se recuerda lo que "
        "falta en el día hábil intermedio y en el último de la ventana; el primer día hábil después, Planeación y la "
        "Gerencia General reciben la lista.",
        when="días hábiles de la ventana, y el siguiente",
        whom="líder técnico; después, Planeación y Gerencia General",
        keys=_WINDOW,
    ),
    _rule(
        id="R12",
        title="Contenido del seguimiento",
        seed="registrarán el avance cuantitativo y cualitativo",
        does="Son obligatorios el porcentaje, de 0 a 100 con un decimal, y un texto de 15 a 1.000 caracteres. Con "
        "100 se piden fecha de cumplimiento y evidencia; una disminución pide el motivo; un texto idéntico al del "
        "mes anterior se confirma.",
        when="con cada seguimiento",
        whom="líder técnico",
        follows="con 100, la acción pasa a cumplida",
        keys=("seguimiento.texto_min", "seguimiento.texto_max"),
    ),
    _rule(
        id="R13",
        title="Sección de seguimiento de la matriz",
        seed="en la sección de seguimiento de la matriz",
        does="Hay un seguimiento vigente por acción y mes; una corrección reemplaza al anterior y conserva la "
        "historia. Un mes sin registro es «Sin reporte», nunca 0 %.",
        when="con cada seguimiento",
        whom="quien consulta la matriz",
        follows="el seguimiento anterior del mes queda reemplazado",
    ),
    _rule(
        id="R14",
        title="Información de las entidades responsables",
        seed="de acuerdo con la información reportada por las entidades responsables",
        does="Cada entidad recibe un solo correo por ciclo, con sus acciones de todas las iniciativas, 10 días "
        "hábiles antes de la ventana general; a los 3 días hábiles del plazo se reitera a quien no ha respondido. "
        "Por eso los valores de la solicitud son generales y ninguna iniciativa tiene los suyos. Cada trimestre se "
        "verifica su contacto; si cambia, el nuevo recibe lo que esté pendiente.",
        when="10 días hábiles antes de la ventana; el plazo es el último día hábil anterior a ella",
        whom="entidad responsable",
        keys=("solicitud.habiles_antes", "solicitud.reiteracion_habiles", "contacto.verificacion_meses", *_WINDOW),
    ),
    _rule(
        id="R15",
        title="Alerta por 1 mes de vencida",
        seed="Se deberán registrar las alertas para aquellas acciones que cumplan 1 mes de vencidas",
        does="Se registra una sola alerta por acción y fecha de vencimiento, el mismo día en que se cumple el mes; "
        "se entrega en el siguiente día hábil. También si el servicio estuvo detenido ese día.",
        when="un mes calendario después del vencimiento, si sigue abierta",
        whom="líder técnico",
        follows="se abre la alerta VENCIDA_1_MES",
        keys=("vencida.meses",),
    ),
    _rule(
        id="R16",
        title="Alerta por falta de respuesta",
        seed="se registrarán alertas cuando una Entidad responsable de la ejecución de acciones no responda a los "
        "acercamientos de Colombia Productiva",
        does="Se registra una alerta por entidad, iniciativa y episodio de silencio: al menos 2 acercamientos y 10 "
        "días hábiles desde el primero sin respuesta de fondo. Una fecha prometida la aplaza, como máximo 2 veces y "
        "5 días hábiles cada una; la ausencia informada del contacto, hasta su regreso o 15 días. Ambas aplazan "
        "también la reiteración.",
        when="al décimo día hábil desde el primer acercamiento",
        whom="líder técnico",
        follows="se abre la alerta NO_RESPUESTA; una respuesta posterior la cierra",
        keys=(
            "no_respuesta.acercamientos",
            "no_respuesta.habiles",
            "no_respuesta.aplazamientos",
            "no_respuesta.aplazamiento_habiles",
            "no_respuesta.ausencia_dias",
        ),
    ),
    _rule(
        id="R17",
        title="Primer momento de elevación",
        seed="con la finalidad de elevar estas alertas, en un principio a la Viceministra de Desarrollo Empresarial "
        "y/o Ministro de Comercio, Industria y Turismo",
        does="El líder técnico tiene 2 días hábiles desde que recibió la alerta para anotarla o corregirla; después "
        "se eleva al Viceministerio en una tarjeta de decisión por iniciativa y día. Al despacho ministerial la "
        "eleva solo una persona.",
        when="2 días hábiles después de entregada al líder técnico, si sigue abierta",
        whom="Viceministerio; por decisión de una persona, el despacho ministerial",
        follows="la alerta pasa a elevada_1",
        keys=("nivel1.retencion_habiles",),
    ),
    _rule(
        id="R18",
        title="Segundo momento de elevación",
        seed="en un segundo momento, si es necesario, a otros miembros del equipo de alto nivel",
        does="Se propone 10 días hábiles después de la tarjeta de decisión sin acuse ni avance. Lo deciden el líder "
        "técnico o la Gerencia General, que indican los integrantes y el motivo.",
        when="10 días hábiles después de entregada la tarjeta de decisión, sin acuse ni avance",
        whom="líder técnico y Gerencia General; por su decisión, integrantes del Equipo de Alto Nivel",
        follows="la alerta pasa a elevada_2",
        keys=("nivel2.propuesta_habiles",),
    ),
    _rule(
        id="R19",
        title="Acciones próximas a vencer",
        seed="Desde planeación de Colombia Productiva se enviarán alertas a los líderes técnicos de las acciones que "
        "están próximas a vencer (15 días antes del vencimiento)",
        does="Se envía un solo aviso por fecha de vencimiento, el último día hábil en o antes de los 15 días "
        "previos. Los del mismo día a un líder técnico son un mensaje.",
        when="último día hábil en o antes de vencimiento − 15 días",
        whom="líder técnico",
        keys=("por_vencer.dias",),
    ),
    _rule(
        id="R20",
        title="Logros relevantes",
        seed="Aquellos logros relevantes, deberán ser reportados según la priorización que cada líder técnico asigne",
        does="El líder técnico marca el logro en el seguimiento, con texto publicable, prioridad y clase de "
        "resultado. Puede haberlo por debajo de 100 %.",
        when="con el seguimiento",
        whom="líder técnico",
    ),
    _rule(
        id="R21",
        title="Reporte de logros",
        seed="Planeación de Colombia Productiva generará un reporte de logros para cada iniciativa sectorial",
        does="Se redacta un reporte por iniciativa y periodo, con los logros no reportados antes, por prioridad, y "
        "las cifras. Si no hay logros, lo dice.",
        when="al cierre de cada periodo",
        whom="Planeación",
        keys=("logros.periodicidad",),
    ),
    _rule(
        id="R22",
        title="Publicación del reporte",
        seed="se publicará en el sitio web del instrumento de manera bimensual",
        does="El periodo es de dos meses, salvo que se configure quincenal. El borrador se entrega el primer día "
        "hábil después; Planeación lo aprueba y lo publicado no cambia: un cambio posterior es una fe de erratas.",
        when="primer día hábil después del periodo",
        whom="Planeación; el público en el sitio",
        follows="el borrador pasa a publicado",
        keys=("logros.periodicidad",),
    ),
    _rule(
        id="R23",
        title="Remisión al Viceministerio",
        seed="se remitirá el reporte al Viceministerio de Desarrollo Empresarial",
        does="El mismo reporte publicado se remite por correo al Viceministerio, una sola vez.",
        when="aprobado el reporte",
        whom="Viceministerio",
    ),
)
