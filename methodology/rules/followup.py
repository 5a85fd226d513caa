"""R12: what a follow-up must bring before it counts. Pure: every refusal comes back as a sentence for its reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from methodology.rules.spanish import long_date, plain
from methodology.rules.states import ACHIEVEMENT_KINDS, Priority
from methodology.rules.thresholds import Thresholds

COMPLETE = 100.0
ACHIEVEMENT_MIN = 15
ACHIEVEMENT_MAX = 600
FAR_BEHIND = 25.0
"""Percentage points."""
DEFAULTS = Thresholds()
NO_PERCENT = "Indique el avance en porcentaje, de 0 a 100."
FALLEN = "El avance es menor que el del seguimiento anterior: indique el motivo."
NO_REASON = (
    "«{words}» no es un motivo: indique por qué disminuyó el avance, o use «Sin cambios» para dejarlo como estaba."
)
_SAYS_NOTHING = re.compile(
    r"(?:si|ok|no|nada|n/?a|ningun[ao]?(?: motivo| razon)?|sin motivo"
    r"|no (?:hay|existe|tengo|aplica)(?: ningun[ao]?)?(?: motivo| razon)?(?: algun[ao]?)?"
    r"|no (?:lo )?(?:se sabe|se|sabe|sabemos)(?: (?:todavia|aun))?(?: cual| por que)?)?"
)
REPORTED = "La entidad informó el {day}: «{words}»."


@dataclass(frozen=True)
class AchievementInput:
    """R20: a logro as the leader flags it."""

    text: str
    priority: str
    kind: str


@dataclass(frozen=True)
class FollowUpInput:
    """One answer about one action. `percent` 0–100 with one decimal; None when it was not given.

    `blocker` and `help_needed` are asked where the action is behind (`is_behind`), and never required.
    """

    percent: float | None
    text: str
    met_on: date | None = None
    evidence: str = ""
    reason: str = ""
    confirmed_same: bool = False
    achievement: AchievementInput | None = None
    blocker: str = ""
    help_needed: str = ""


def as_reported(words: str, on: date, limits: Thresholds) -> str:
    """What an entity wrote, as the text of a follow-up; «Sin avance» is too short for one, and says who says it."""
    if not words or len(words.strip()) >= limits.text_min:
        return words
    return REPORTED.format(day=long_date(on), words=words.strip(" ."))


@dataclass(frozen=True)
class Before:
    """What was known of the action before: its last percentage, text and month's text."""

    percent: float | None
    text: str


@dataclass(frozen=True)
class Missing:
    """One thing that the answer still lacks: the card's field and the sentence to show beside it."""

    field: str
    sentence: str


def is_behind(percent: float | None, starts: date | None, due: date | None, today: date) -> bool:
    """Overdue below 100 %, or far behind a steady pace from its beginning to its due date."""
    done = percent or 0.0
    if due is None or done >= COMPLETE:
        return False
    if due < today:
        return True
    if starts is None or starts >= min(due, today):
        return False
    return done + FAR_BEHIND <= COMPLETE * (today - starts).days / (due - starts).days


def missing(answer: FollowUpInput, before: Before, today: date, limits: Thresholds = DEFAULTS) -> list[Missing]:
    """Everything R12 and R20 still ask for; empty when the follow-up may be registered."""
    return [
        *_numbers(answer, before),
        *_text(answer, before, limits),
        *_compliance(answer, today),
        *_achievement(answer),
    ]


def says_why(words: str) -> bool:
    """Whether a reason was given: «no» and «ninguno» are none."""
    return not _SAYS_NOTHING.fullmatch(plain(words).strip(" .,;:!¡¿?-–—"))


def text_length(limits: Thresholds) -> str:
    """«15 a 1.000 caracteres»."""
    return f"{limits.text_min} a {f'{limits.text_max:,}'.replace(',', '.')} caracteres"


def _numbers(answer: FollowUpInput, before: Before) -> list[Missing]:
    if answer.percent is None:
        return [Missing("percent", NO_PERCENT)]
    if not 0 <= answer.percent <= COMPLETE or round(answer.percent, 1) != answer.percent:
        return [Missing("percent", "El avance va de 0 a 100, con una cifra decimal como máximo.")]
    if before.percent is not None and answer.percent < before.percent and not says_why(answer.reason):
        words = answer.reason.strip()
        return [Missing("reason", NO_REASON.format(words=words) if words else FALLEN)]
    return []


def _text(answer: FollowUpInput, before: Before, limits: Thresholds) -> list[Missing]:
    text = answer.text.strip()
    if not limits.text_min <= len(text) <= limits.text_max:
        return [Missing("text", f"Describa el avance en {text_length(limits)} (van {len(text)}).")]
    if plain(text) == plain(before.text) and not answer.confirmed_same:
        return [Missing("confirmed_same", "El texto es idéntico al del mes anterior: confirme que sigue vigente.")]
    return []


def _compliance(answer: FollowUpInput, today: date) -> list[Missing]:
    if answer.percent != COMPLETE:
        return []
    lacks = []
    if answer.met_on is None:
        lacks.append(Missing("met_on", "Con 100 % indique la fecha de cumplimiento."))
    elif answer.met_on > today:
        lacks.append(Missing("met_on", "La fecha de cumplimiento no puede ser posterior a hoy."))
    if not answer.evidence.strip():
        lacks.append(Missing("evidence", "Con 100 % adjunte la evidencia: un enlace o el nombre del documento."))
    return lacks


def _achievement(answer: FollowUpInput) -> list[Missing]:
    if (logro := answer.achievement) is None:
        return []
    lacks = []
    if not ACHIEVEMENT_MIN <= len(logro.text.strip()) <= ACHIEVEMENT_MAX:
        lacks.append(
            Missing("achievement_text", f"Redacte el logro en {ACHIEVEMENT_MIN} a {ACHIEVEMENT_MAX} caracteres.")
        )
    if logro.priority not in set(Priority):
        lacks.append(Missing("achievement_priority", "Asigne la prioridad del logro: Alta, Media o Baja."))
    if logro.kind not in ACHIEVEMENT_KINDS:
        lacks.append(Missing("achievement_kind", f"Elija el tipo de resultado: {', '.join(ACHIEVEMENT_KINDS)}."))
    return lacks
