"""C. Seguimiento, entrada y salida de acciones: R24 to R34."""

from __future__ import annotations

from functools import partial

from methodology.rules.whole.rule import MethodRule

_rule = partial(MethodRule, letter="C")

FOLLOWING: tuple[MethodRule, ...] = (
    _rule(
        id="R24",
        title="Reuniones internas de seguimiento",
        seed="En las reuniones de seguimiento (internas) convocadas por la Gerencia General de Colombia Productiva "
        "para Soluciones para la Reindustrialización, se revisarán los avances y alertas de cada matriz",
        does="Se prepara el material de cada iniciativa: cumplimiento, semáforo, alertas, acciones sin reporte y "
        "asuntos por decidir. Se registran los acuerdos. No hay un periodo fijo.",
        when="cuando la Gerencia General convoca",
        whom="Gerencia General y personas convocadas",
        follows="la reunión pasa de preparada a convocada y a realizada",
    ),
    _rule(
        id="R25",
        title="Reunión de logros",
        seed="con un cumplimiento representativo de acciones o alertas relevantes, se convocará a reunión a los "
        "actores públicos y privados para mostrar los avances",
        does="Se sugiere con un cumplimiento de 50 % y cada 25 puntos más, con una alerta elevada o 4 meses después "
        "de la última; no se repite mientras una anterior tiene menos de 30 días. Nunca se convoca por sí sola.",
        when="al cumplirse una de esas condiciones",
        whom="líder técnico, Gerencia General y Planeación",
        keys=("reunion_logros.cumplimiento_pct", "reunion_logros.paso_pct", "reunion_logros.meses"),
    ),
    _rule(
        id="R26",
        title="Acciones nuevas validadas",
        seed="se podrán llevar nuevas acciones validadas por los responsables de su ejecución para socializarlas con "
        "los demás actores",
        does="Una acción nueva se lleva a una reunión solo después de que su entidad la validó: quién, cuándo y con "
        "qué evidencia. Cuenta desde su incorporación.",
        when="solicitada la validación",
        whom="entidad responsable",
        follows="la acción pasa de propuesta a por validar y, incorporada, a vigente",
    ),
    _rule(
        id="R27",
        title="Máximo dos reuniones con acciones nuevas",
        seed="(en máximo dos reuniones de logros)",
        does="Se incorporan acciones como máximo en 2 reuniones de logros por iniciativa. Una tercera se rechaza con "
        "su explicación; la Gerencia General puede autorizarla con un motivo.",
        when="al incorporar acciones",
        whom="líder técnico y Gerencia General",
        keys=("altas.max_reuniones",),
    ),
    _rule(
        id="R28",
        title="Publicación de la matriz actualizada",
        seed="Posterior a estas reuniones, y en caso de incorporarse nuevas acciones, se publicará actualización de "
        "la matriz en el sitio web del instrumento",
        does="Si se incorporaron acciones, la matriz se publica, con la versión siguiente y lo que cambió, dentro de "
        "los 5 días hábiles posteriores a la reunión o a la validación, la que sea posterior. Si no, no se publica.",
        when="5 días hábiles",
        whom="Planeación",
        follows="se publica la versión siguiente de la matriz",
        keys=("altas.publicacion_habiles",),
    ),
    _rule(
        id="R29",
        title="Cuello de botella de la mayoría",
        seed="En caso de identificar un cuello de botella relevante para la mayoría de los actores, se agregará la "
        "barrera con su respectiva solución y, posteriormente, Colombia Productiva realizará el acercamiento con la "
        "entidad responsable de su ejecución para validarla",
        does="Primero se agregan el obstáculo y la solución, luego se acerca a la entidad y por último se valida o "
        "se rechaza; ese orden se exige. La mayoría se evidencia con votos o con una constancia motivada.",
        when="al agregarse",
        whom="entidad responsable",
        follows="la solución pasa de por validar a vigente o rechazada",
    ),
    _rule(
        id="R30",
        title="Solución de alto nivel",
        seed="Cuando se tengan 1 o más acciones sin cumplir, con periodo de vencimiento superior a 2 meses",
        does="Se abre un solo caso por iniciativa, que agrupa las acciones que superan 2 meses de vencidas; las "
        "siguientes ingresan al caso abierto. No hay dos casos por la misma fecha de vencimiento.",
        when="el día siguiente a cumplirse 2 meses del vencimiento, si sigue abierta",
        whom="líder técnico y Gerencia General",
        follows="se abre la Solución de alto nivel, o la acción ingresa a ella",
        keys=("alto_nivel.meses",),
    ),
    _rule(
        id="R31",
        title="Dos responsables",
        seed="el líder técnico y la Gerencia General de Colombia Productiva gestionarán una Solución de alto nivel",
        does="Los dos responsables reciben el caso y cada uno registra su parte. Sin ambas no se considera surtida.",
        when="abierto el caso",
        whom="líder técnico y Gerencia General",
        follows="con ambas partes, el caso puede pasar a surtida",
    ),
    _rule(
        id="R32",
        title="Medidas",
        seed="para identificar y ejecutar medidas para lograr el cumplimiento de aquellos compromisos vencidos",
        does="El caso requiere al menos una medida, con descripción, responsable, plazo y estado.",
        when="abierto el caso",
        whom="líder técnico y Gerencia General",
        follows="el caso pasa a medidas_definidas y a medidas_ejecutadas",
    ),
    _rule(
        id="R33",
        title="Salida de acciones",
        seed="Una vez surtida esta instancia, si persiste el incumplimiento, se da salida a la respectiva acción",
        does="Solo hay salida si un caso surtido contiene la acción y sigue sin cumplirse. La confirma la Gerencia "
        "General con un motivo; nunca es automática y es definitiva.",
        when="confirmada por la Gerencia General",
        whom="líder técnico y Planeación",
        follows="la acción pasa a salida",
    ),
    _rule(
        id="R34",
        title="Información de las salidas",
        seed="se informa en la reunión de logros con actores más próxima",
        does="Cada salida se incluye en la agenda de la siguiente reunión de logros y permanece en ella hasta "
        "informarse; si no hay otra, en el informe de cierre.",
        when="próxima reunión de logros",
        whom="actores públicos y privados",
        follows="la salida queda informada",
    ),
)
