"""The one table of commands: it drives the parser, the help and the app's manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from methodology.rules.states import Post

INITIATIVE = "initiative"
CODE = "code"
DATE = "date"
ENTITY = "entity"
PERIOD = "period"
REPORT = "report"
ACHIEVEMENTS = "kind"
REASON = "reason"
EVIDENCE = "evidence"
UNTIL = "until"
SUBSTITUTE = "substitute"
COMMAND = "command"

EVERYBODY = (Post.LEADER, Post.MANAGEMENT, Post.PLANNING, Post.VICE_MINISTER, Post.MINISTER)
TEAM = (Post.LEADER, Post.MANAGEMENT, Post.PLANNING)
MOST_IN_MANIFEST = 12


@dataclass(frozen=True)
class Spec:
    """One command. `takes` are its arguments in order, those in `optional` may be left out; `posts` may use it.

    `manifest` offers it in Teams' own list, which holds at most `MOST_IN_MANIFEST`.
    """

    name: str
    usage: str
    help: str
    posts: tuple[Post, ...]
    aliases: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    manifest: bool = False


COMMANDS: tuple[Spec, ...] = (
    Spec(
        "ronda",
        "/ronda [INICIATIVA]",
        "Inicia o retoma su seguimiento del mes.",
        (Post.LEADER, Post.PLANNING),
        ("mi ronda", "iniciar ronda", "comenzar", "continuar", "retomar"),
        (INITIATIVE,),
        (INITIATIVE,),
        manifest=True,
    ),
    Spec(
        "estado",
        "/estado [INICIATIVA]",
        "Cifras y semáforo de las iniciativas.",
        EVERYBODY,
        ("status", "tablero"),
        (INITIATIVE,),
        (INITIATIVE,),
        manifest=True,
    ),
    Spec(
        "pendientes",
        "/pendientes [INICIATIVA]",
        "Acciones que faltan por reportar.",
        TEAM,
        (
            "pendiente",
            "mis pendientes",
            "que falta",
            "que me falta",
            "faltantes",
            "que tengo pendiente",
            "que esta pendiente",
            "que falta por reportar",
            "que me falta por reportar",
        ),
        (INITIATIVE,),
        (INITIATIVE,),
        manifest=True,
    ),
    Spec(
        "quien-falta",
        "/quien-falta [INICIATIVA]",
        "Quién falta por reportar o responder este mes.",
        TEAM,
        ("quien falta", "quienes faltan", "quien no ha reportado", "quien debe"),
        (INITIATIVE,),
        (INITIATIVE,),
        manifest=True,
    ),
    Spec(
        "alertas",
        "/alertas [INICIATIVA]",
        "Alertas en curso y su siguiente paso.",
        EVERYBODY,
        ("alerta", "mis alertas"),
        (INITIATIVE,),
        (INITIATIVE,),
        manifest=True,
    ),
    Spec(
        "por-vencer",
        "/por-vencer [INICIATIVA]",
        "Acciones próximas a vencer, la más cercana primero.",
        EVERYBODY,
        ("por vencer", "que vence", "proximas a vencer", "vencimientos"),
        (INITIATIVE,),
        (INITIATIVE,),
        manifest=True,
    ),
    Spec(
        "matriz",
        "/matriz INICIATIVA [FECHA]",
        "La matriz de una iniciativa, hoy o como estaba otro día.",
        TEAM,
        ("excel",),
        (INITIATIVE, DATE),
        (DATE,),
        manifest=True,
    ),
    Spec(
        "por-que",
        "/por-que CODIGO",
        "Por qué se recibió un aviso sobre una acción.",
        EVERYBODY,
        ("por que", "porque"),
        (CODE,),
        manifest=True,
    ),
    Spec(
        "accion",
        "/accion CODIGO",
        "Abre una acción: cómo va y qué puede registrarse.",
        TEAM,
        ("ver accion", "editar", "editar accion"),
        (CODE,),
    ),
    Spec(
        "fecha",
        "/fecha CODIGO FECHA MOTIVO",
        "Fija o cambia el vencimiento de una acción.",
        TEAM,
        ("vencimiento", "reprogramar"),
        (CODE, DATE, REASON),
    ),
    Spec(
        "cumplida",
        "/cumplida CODIGO FECHA EVIDENCIA",
        "Registra el cumplimiento de una acción.",
        (Post.LEADER, Post.PLANNING),
        ("cumplido",),
        (CODE, DATE, EVIDENCE),
    ),
    Spec(
        "reasignar",
        "/reasignar CODIGO ENTIDAD MOTIVO",
        "Cambia la entidad responsable de una acción.",
        (Post.LEADER, Post.PLANNING),
        ("cambiar entidad",),
        (CODE, ENTITY, REASON),
    ),
    Spec(
        "plazo",
        "/plazo ENTIDAD FECHA",
        "Registra la fecha de respuesta que prometió una entidad.",
        (Post.LEADER, Post.PLANNING),
        ("promesa", "fecha prometida"),
        (ENTITY, DATE),
    ),
    Spec(
        "reporte",
        "/reporte logros INICIATIVA [PERIODO]",
        "Genera el reporte de logros de un periodo.",
        (Post.PLANNING, Post.MANAGEMENT),
        ("informe", "reporte de"),
        (ACHIEVEMENTS, INITIATIVE, PERIOD),
        (ACHIEVEMENTS, PERIOD),
        manifest=True,
    ),
    Spec(
        "aprobar",
        "/aprobar REPORTE",
        "Aprueba y publica un reporte en borrador.",
        (Post.PLANNING,),
        ("publicar",),
        (REPORT,),
    ),
    Spec(
        "bandeja",
        "/bandeja",
        "Asuntos que requieren atención de una persona.",
        (Post.PLANNING,),
        ("pendientes de planeacion",),
        manifest=True,
    ),
    Spec(
        "simular",
        "/simular [INICIATIVA] FECHA",
        "Qué se avisaría de hoy a esa fecha si nadie respondiera.",
        (Post.PLANNING,),
        ("simulacion", "que pasaria"),
        (INITIATIVE, DATE),
        (INITIATIVE,),
    ),
    Spec(
        "iniciativa",
        "/iniciativa INICIATIVA",
        "Abre una iniciativa: cifras, casos, reuniones y operaciones.",
        EVERYBODY,
        ("ver iniciativa",),
        (INITIATIVE,),
    ),
    Spec(
        "lanzamiento",
        "/lanzamiento INICIATIVA",
        "El lanzamiento de una iniciativa: su agenda, o su preparación.",
        TEAM,
        ("agenda de lanzamiento", "minuto a minuto"),
        (INITIATIVE,),
    ),
    Spec(
        "seguimiento",
        "/seguimiento",
        "La reunión interna de seguimiento y sus acuerdos.",
        TEAM,
        ("reunion interna", "reunion de seguimiento"),
    ),
    Spec(
        "reunion",
        "/reunion [INICIATIVA]",
        "Las reuniones preparadas y realizadas.",
        TEAM,
        ("reuniones", "reunion de logros"),
        (INITIATIVE,),
        (INITIATIVE,),
    ),
    Spec(
        "caso",
        "/caso INICIATIVA",
        "La Solución de alto nivel de una iniciativa.",
        EVERYBODY,
        ("solucion de alto nivel", "alto nivel"),
        (INITIATIVE,),
    ),
    Spec(
        "equipo",
        "/equipo INICIATIVA",
        "El Equipo de Alto Nivel de una iniciativa.",
        EVERYBODY,
        ("equipo de alto nivel", "ean"),
        (INITIATIVE,),
    ),
    Spec(
        "pausar",
        "/pausar INICIATIVA [MOTIVO]",
        "Prepara la pausa de una iniciativa; se confirma en su formulario.",
        (Post.MANAGEMENT, Post.PLANNING),
        ("pausa",),
        (INITIATIVE, REASON),
        (REASON,),
    ),
    Spec(
        "cierre",
        "/cierre INICIATIVA",
        "El cierre de una iniciativa: cómo va y qué falta.",
        TEAM,
        ("cerrar",),
        (INITIATIVE,),
    ),
    Spec(
        "candidatas",
        "/candidatas",
        "Iniciativas propuestas, en validación y en construcción.",
        EVERYBODY,
        ("candidata", "aperturas", "nuevas iniciativas"),
    ),
    Spec(
        "entidad",
        "/entidad [ENTIDAD]",
        "Cómo ha respondido una entidad y qué puede registrarse de ella.",
        TEAM,
        ("entidades", "ver entidad", "contacto"),
        (ENTITY,),
        (ENTITY,),
    ),
    Spec(
        "oficio",
        "/oficio ENTIDAD",
        "Registra el oficio con el que respondió una entidad.",
        (Post.LEADER, Post.PLANNING),
        ("radicar oficio",),
        (ENTITY,),
    ),
    Spec(
        "ausencia",
        "/ausencia FECHA a FECHA [suplente NOMBRE]",
        "Registra su ausencia, de un día a otro, y quién lo suple.",
        EVERYBODY,
        ("vacaciones", "estare ausente"),
        (DATE, UNTIL, SUBSTITUTE),
        (SUBSTITUTE,),
    ),
    Spec(
        "calendario",
        "/calendario",
        "Los días no hábiles que vienen y su registro.",
        TEAM,
        ("festivos", "dias no habiles"),
    ),
    Spec(
        "operaciones",
        "/operaciones",
        "Todo lo que su cargo puede registrar.",
        EVERYBODY,
        ("operacion", "que puedo registrar"),
        manifest=True,
    ),
    Spec(
        "deshacer",
        "/deshacer",
        "Deshace lo último que confirmó, hasta diez minutos después.",
        EVERYBODY,
        ("deshacer lo ultimo", "revertir", "undo"),
    ),
    Spec(
        "terminar",
        "/terminar",
        "Deja el seguimiento donde va; se retoma con /ronda.",
        (Post.LEADER, Post.PLANNING),
        ("cancelar", "salir", "parar", "terminar por ahora", "dejar para despues"),
    ),
    Spec(
        "ayuda",
        "/ayuda [OPCION]",
        "Lo que puede solicitar aquí, o cómo se escribe una opción.",
        EVERYBODY,
        ("help", "menu", "opciones", "que puedo hacer"),
        (COMMAND,),
        (COMMAND,),
        manifest=True,
    ),
)

BY_NAME: Mapping[str, Spec] = {spec.name: spec for spec in COMMANDS}

MOST_USED: Mapping[Post, tuple[str, ...]] = {
    Post.LEADER: ("ronda", "pendientes", "alertas", "accion"),
    Post.MANAGEMENT: ("estado", "alertas", "quien-falta", "seguimiento"),
    Post.PLANNING: ("bandeja", "quien-falta", "alertas", "reporte"),
    Post.VICE_MINISTER: ("estado", "alertas", "por-vencer", "caso"),
    Post.MINISTER: ("estado", "alertas", "caso"),
}
"""What each post asks most: the help begins with these."""
TOPICS: Mapping[str, tuple[str, ...]] = {
    "Seguimiento": ("ronda", "terminar", "pendientes", "quien-falta"),
    "Estado y alertas": ("estado", "alertas", "por-vencer", "por-que", "simular"),
    "Acciones y entidades": ("accion", "fecha", "cumplida", "reasignar", "entidad", "plazo", "oficio"),
    "Matriz y reportes": ("matriz", "reporte", "aprobar"),
    "Iniciativas y reuniones": (
        "iniciativa", "lanzamiento", "seguimiento", "reunion", "caso", "equipo", "pausar", "cierre", "candidatas",
    ),
    "Otras opciones": ("operaciones", "bandeja", "ausencia", "calendario", "deshacer", "ayuda"),
}  # fmt: skip
"""Every command under one topic, as the help unfolds them."""
