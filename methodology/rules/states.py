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


POST_NAMES = {
    Post.LEADER: ("líder técnico", "líder técnica"),
    Post.MANAGEMENT: ("Gerente General", "Gerente General"),
    Post.PLANNING: ("Planeación", "Planeación"),
    Post.VICE_MINISTER: ("Viceministro de Desarrollo Empresarial", "Viceministra de Desarrollo Empresarial"),
    Post.MINISTER: ("Ministro de Comercio, Industria y Turismo", "Ministra de Comercio, Industria y Turismo"),
    Post.ENTITY: ("entidad responsable", "entidad responsable"),
}


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
