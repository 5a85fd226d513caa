"""The states of things (method.md, States). Values are what is stored; labels are what people read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class InitiativeState(StrEnum):
    CANDIDATE = "candidata"
    VALIDATING = "en_validacion_mincit"
    BUILDING = "en_construccion"
    RUNNING = "en_ejecucion"
    PAUSED = "pausada"
    CLOSING = "en_cierre"
    CLOSED = "cerrada"
    DISCARDED = "descartada"


INITIATIVE_LABELS: Mapping[str, str] = {
    InitiativeState.CANDIDATE: "Candidata",
    InitiativeState.VALIDATING: "En validación de MinCIT",
    InitiativeState.BUILDING: "En construcción",
    InitiativeState.RUNNING: "En ejecución",
    InitiativeState.PAUSED: "Pausada",
    InitiativeState.CLOSING: "En cierre",
    InitiativeState.CLOSED: "Cerrada",
    InitiativeState.DISCARDED: "Descartada",
}


class ActionState(StrEnum):
    PROPOSED = "propuesta"
    TO_VALIDATE = "por_validar"
    OPEN = "vigente"
    MET = "cumplida"
    EXITED = "salida"
    CLOSED_UNMET = "cerrada_sin_cumplir"
    ANNULLED = "anulada"


ACTION_LABELS: Mapping[str, str] = {
    ActionState.PROPOSED: "Propuesta",
    ActionState.TO_VALIDATE: "Por validar",
    ActionState.OPEN: "Vigente",
    ActionState.MET: "Cumplida",
    ActionState.EXITED: "Salida",
    ActionState.CLOSED_UNMET: "Cerrada sin cumplir",
    ActionState.ANNULLED: "Anulada",
}

ACTION_STATES_AS_WRITTEN = {
    "sin iniciar": ActionState.OPEN,
    "en ejecución": ActionState.OPEN,
    "en ejecucion": ActionState.OPEN,
    "vigente": ActionState.OPEN,
    "cumplida": ActionState.MET,
    "salida": ActionState.EXITED,
    "propuesta": ActionState.PROPOSED,
    "por validar": ActionState.TO_VALIDATE,
    "anulada": ActionState.ANNULLED,
    "cerrada sin cumplir": ActionState.CLOSED_UNMET,
}


class AlertKind(StrEnum):
    OVERDUE_MONTH = "VENCIDA_1_MES"
    NO_REPLY = "NO_RESPUESTA"


class AlertState(StrEnum):
    OPEN = "abierta"
    RAISED_1 = "elevada_1"
    RAISED_2 = "elevada_2"
    HANDLED = "atendida"
    CLOSED = "cerrada"


OPEN_ALERTS = (AlertState.OPEN, AlertState.RAISED_1, AlertState.RAISED_2)


class CaseState(StrEnum):
    OPEN = "abierta"
    MEASURED = "medidas_definidas"
    EXECUTED = "medidas_ejecutadas"
    EXHAUSTED = "surtida"


CASE_LABELS: Mapping[str, str] = {
    CaseState.OPEN: "Abierta",
    CaseState.MEASURED: "Medidas definidas",
    CaseState.EXECUTED: "Medidas ejecutadas",
    CaseState.EXHAUSTED: "Surtida",
}


_WORDS: Mapping[str, str] = {
    **INITIATIVE_LABELS,
    **ACTION_LABELS,
    **CASE_LABELS,
    AlertState.RAISED_1: "Elevada (primer momento)",
    AlertState.RAISED_2: "Elevada (segundo momento)",
    "carta_firmada": "Carta firmada",
}


def state_label(state: str) -> str:
    """A stored state as people read it, whatever it is the state of: «En ejecución», «Pendiente»."""
    words = state.replace("_", " ")
    return _WORDS.get(state, words[:1].upper() + words[1:])


def state_words(state: str) -> str:
    """The same within a sentence: «en validación de MinCIT»."""
    label = state_label(state)
    return label[:1].lower() + label[1:]


class Outcome(StrEnum):
    """How an action came out of a Solución de alto nivel (R33)."""

    MET = "cumplida"
    PERSISTS = "persiste"


class MeasureState(StrEnum):
    PENDING = "pendiente"
    DONE = "ejecutada"
    DROPPED = "descartada"


class IdeaState(StrEnum):
    """An obstacle or a solution (R7, R29); `OPEN` is part of the matrix."""

    PROPOSED = "propuesta"
    TO_VALIDATE = "por_validar"
    OPEN = "vigente"
    REJECTED = "rechazada"


class MeetingKind(StrEnum):
    LAUNCH = "lanzamiento"
    INTERNAL = "seguimiento"
    ACHIEVEMENTS = "logros"


MEETING_NAMES: Mapping[str, str] = {
    MeetingKind.LAUNCH: "Lanzamiento",
    MeetingKind.INTERNAL: "Reunión interna de seguimiento",
    MeetingKind.ACHIEVEMENTS: "Reunión de logros",
}


class MeetingState(StrEnum):
    PREPARED = "preparada"
    CONVENED = "convocada"
    HELD = "realizada"
    CANCELLED = "cancelada"


class ItemState(StrEnum):
    PENDING = "pendiente"
    DECIDED = "tratado"
    RETURNS = "aplazado"


class AgreementKind(StrEnum):
    MEASURE = "medida"
    DATE = "fecha"
    ACTION = "acción"
    COMMITMENT = "compromiso"


class AgreementState(StrEnum):
    """A commitment waits until it is met; what became a measure, a date or an action is followed there (R24)."""

    PENDING = "pendiente"
    MET = "cumplido"
    BECAME = "convertido"


class MemberState(StrEnum):
    """R41, R42: active only after the signed invitation was sent."""

    PROPOSED = "propuesta"
    SIGNED = "carta_firmada"
    ACTIVE = "activa"
    WITHDRAWN = "retirada"


class Sector(StrEnum):
    PUBLIC = "público"
    PRIVATE = "privado"


class Origin(StrEnum):
    """Where the idea of an initiative came from (R38–R40)."""

    OPERATOR = "Colombia Productiva"
    MINISTRY = "MinCIT"


class NoticeState(StrEnum):
    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"


class Post(StrEnum):
    LEADER = "LT"
    MANAGEMENT = "GG"
    PLANNING = "PL"
    VICE_MINISTER = "VM"
    MINISTER = "MIN"
    ENTITY = "ENT"
    HIGH_LEVEL = "EAN"
    GUESTS = "INV"


POST_NAMES = {
    Post.LEADER: ("líder técnico", "líder técnica"),
    Post.MANAGEMENT: ("Gerente General", "Gerente General"),
    Post.PLANNING: ("Planeación", "Planeación"),
    Post.VICE_MINISTER: ("Viceministro de Desarrollo Empresarial", "Viceministra de Desarrollo Empresarial"),
    Post.MINISTER: ("Ministro de Comercio, Industria y Turismo", "Ministra de Comercio, Industria y Turismo"),
    Post.ENTITY: ("entidad responsable", "entidad responsable"),
    Post.HIGH_LEVEL: ("integrante del Equipo de Alto Nivel", "integrante del Equipo de Alto Nivel"),
    Post.GUESTS: ("convocado", "convocada"),
}


POST_OFFICES = {
    Post.LEADER: "líder técnico",
    Post.MANAGEMENT: "Gerencia General",
    Post.PLANNING: "Planeación",
    Post.VICE_MINISTER: "Viceministerio",
    Post.MINISTER: "despacho ministerial",
    Post.ENTITY: "entidad responsable",
    Post.HIGH_LEVEL: "Equipo de Alto Nivel",
    Post.GUESTS: "personas convocadas",
}
"""How a post is called whoever holds it, and of whatever gender."""


class Priority(StrEnum):
    HIGH = "Alta"
    MEDIUM = "Media"
    LOW = "Baja"


PRIORITY_ORDER = {Priority.HIGH: 0, Priority.MEDIUM: 1, Priority.LOW: 2}


class Timeliness(StrEnum):
    EARLY = "anticipada"
    ON_TIME = "a_tiempo"
    LATE = "extemporanea"


TIMELINESS_LABELS = {
    Timeliness.EARLY: "anticipada",
    Timeliness.ON_TIME: "a tiempo",
    Timeliness.LATE: "extemporánea",
}

ACHIEVEMENT_KINDS = (
    "decreto",
    "resolución",
    "circular o guía",
    "trámite simplificado",
    "línea de crédito",
    "infraestructura",
    "formación",
    "acuerdo",
    "otro",
)
