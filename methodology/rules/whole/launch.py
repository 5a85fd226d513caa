"""A. Alcance y lanzamiento: R1 to R9."""

from __future__ import annotations

from functools import partial

from methodology.rules.whole.rule import MethodRule

_rule = partial(MethodRule, letter="A")

LAUNCH: tuple[MethodRule, ...] = (
    _rule(
        id="R1",
        title="Iniciativas sectoriales",
        seed="las matrices para cada iniciativa sectorial (medicamentos de síntesis química, biológicos, "
        "dispositivos médicos, cannabis-cáñamo y astilleros)",
        does="Las cinco iniciativas son datos, con nombre, identificador y orden. Otras se agregan sin cambiar el "
        "programa.",
        when="al cargar las matrices o al crear una iniciativa",
        whom="Planeación",
    ),
    _rule(
        id="R2",
        title="Ritmo propio de cada iniciativa",
        seed="Cada iniciativa sectorial tendrá su propio funcionamiento",
        does="Cada valor ajustable tiene un valor general y puede tener uno propio de la iniciativa. Los reportes "
        "indican cuáles se aplicaron.",
        when="siempre",
        whom="todas las personas que reciben un reporte",
    ),
    _rule(
        id="R3",
        title="Matrices dinámicas y con historia",
        seed="Las iniciativas sectoriales y sus matrices son flexibles y dinámicas, por lo que podrán presentarse "
        "ajustes durante su desarrollo",
        does="Todo cambio de texto, fecha, entidad o prioridad crea una versión nueva, con autor, momento, motivo, "
        "antes y después. Un reporte anterior se muestra siempre igual.",
        when="con cada cambio",
        whom="quien consulta la matriz",
        follows="la matriz pasa a la versión siguiente",
    ),
    _rule(
        id="R4",
        title="Agenda del lanzamiento",
        seed="Propuesta generalizada de minuto a minuto en lanzamientos",
        does="La agenda se redacta con sus cinco puntos, en orden, con responsable, contenido y duración sugerida y "
        "editable: saludo, presentación del instrumento, obstáculos y soluciones, discusión público-privada, y "
        "cierre.",
        when="al preparar un lanzamiento",
        whom="Viceministerio, Gerencia General y líder técnico",
    ),
    _rule(
        id="R5",
        title="Micrositio",
        seed="se informa sobre el micrositio destinado a Soluciones por la Reindustrialización",
        does="La agenda, los materiales del lanzamiento y los reportes llevan la dirección configurada del "
        "micrositio. Si no la hay, se advierte; nunca se inventa un enlace.",
        when="en cada documento que se publica",
        whom="quien lee el documento",
    ),
    _rule(
        id="R6",
        title="Estructura y orden de la matriz",
        seed="Presentación de las barreras, brechas, cuellos de botella y soluciones priorizadas",
        does="La matriz va de iniciativa a obstáculo, solución y acción; la acción tiene entidad responsable, "
        "entidades de apoyo, prioridad y fechas. Se ordena por prioridad y luego por fecha.",
        when="siempre",
        whom="quien consulta la matriz",
    ),
    _rule(
        id="R7",
        title="Discusión público-privada",
        seed="se podrá validar si la priorización realizada está acorde a las necesidades para el sector específico, "
        "tanto por el sector público como privado",
        does="Las propuestas se registran con su origen y no cuentan en ninguna cifra hasta incorporarse. La "
        "priorización se marca validada dos veces, por el sector público y por el privado.",
        when="en el lanzamiento",
        whom="actores públicos y privados; lo registra el líder técnico o Planeación",
        follows="la idea queda propuesta",
    ),
    _rule(
        id="R8",
        title="Próxima reunión",
        seed="se coordinará la fecha de una próxima reunión con los actores relevantes",
        does="Al cerrar un lanzamiento se pide la fecha de la próxima reunión o «por definir». En el segundo caso se "
        "recuerda al líder técnico a los 15 días.",
        when="15 días después de la reunión, si sigue por definir",
        whom="líder técnico",
        keys=("proxima_reunion.dias",),
    ),
    _rule(
        id="R9",
        title="Definición conjunta de fechas",
        seed="esta especificación no se incluiría en la presentación, pero si se abordará el mensaje en la reunión "
        "que será fruto de una construcción conjunta y se incluirá en el cronograma cómo se avanzará en esta "
        "definición de fechas",
        does="La presentación del lanzamiento no muestra fechas y el cronograma incluye su definición conjunta. Una "
        "acción sin fecha no vence, figura como «Sin fecha» y se recuerda al líder técnico a los 2 meses.",
        when="2 meses después de la entrada de la acción, si sigue sin fecha",
        whom="líder técnico",
        keys=("sin_fecha_aviso_meses",),
    ),
)
