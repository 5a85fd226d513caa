"""Figures and semáforo (method.md, Figures): floored, so that 100 means all; a word beside every colour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from fractions import Fraction
from math import floor

from methodology.rules.months import add_months
from methodology.rules.states import ActionState
from methodology.rules.thresholds import Thresholds


@dataclass(frozen=True)
class Light:
    """A semáforo: its word, its AA colours and its adaptive card container style."""

    word: str
    background: str
    text: str
    style: str


class Semaforo(Enum):
    EXIT = Light("Salida", "#616161", "#FFFFFF", "emphasis")
    CLOSED_UNMET = Light("Cerrada sin cumplir", "#616161", "#FFFFFF", "emphasis")
    ANNULLED = Light("Anulada", "#616161", "#FFFFFF", "emphasis")
    MET = Light("Cumplida", "#2E7D32", "#FFFFFF", "good")
    PAUSED = Light("Pausada", "#616161", "#FFFFFF", "emphasis")
    UNDATED = Light("Sin fecha", "#616161", "#FFFFFF", "emphasis")
    ON_TRACK = Light("Al día", "#3366CC", "#FFFFFF", "default")
    DUE_SOON = Light("Por vencer", "#F9C80E", "#1A1A1A", "warning")
    OVERDUE = Light("Vencida", "#BF360C", "#FFFFFF", "attention")
    OVERDUE_MONTH = Light("Vencida ≥ 1 mes", "#C62828", "#FFFFFF", "attention")
    HIGH_LEVEL = Light("Solución de alto nivel", "#6A1B9A", "#FFFFFF", "attention")


DEFAULTS = Thresholds()
_ENDED: Mapping[str, Semaforo] = {
    ActionState.EXITED: Semaforo.EXIT,
    ActionState.CLOSED_UNMET: Semaforo.CLOSED_UNMET,
    ActionState.ANNULLED: Semaforo.ANNULLED,
    ActionState.MET: Semaforo.MET,
}


def semaforo(
    state: str, due: date | None, today: date, *, paused: bool = False, limits: Thresholds = DEFAULTS
) -> Semaforo:
    """The light of one action on `today`, by the method's precedence; `limits` are those of its initiative (R2).

    The words of the lights are the method's, whatever its `limits`.
    """
    if light := _ENDED.get(state):
        return light
    if paused:
        return Semaforo.PAUSED
    return Semaforo.UNDATED if due is None else _by_date(due, today, limits)


def _by_date(due: date, today: date, limits: Thresholds) -> Semaforo:
    if today > add_months(due, limits.high_level_months):
        return Semaforo.HIGH_LEVEL
    if today >= add_months(due, limits.overdue_months):
        return Semaforo.OVERDUE_MONTH
    if today > due:
        return Semaforo.OVERDUE
    return Semaforo.DUE_SOON if due - today <= timedelta(days=limits.due_soon_days) else Semaforo.ON_TRACK


@dataclass(frozen=True)
class ActionFigures:
    """What the figures read of one action. `percent` is None when nothing was ever reported («Sin reporte»)."""

    state: str
    percent: float | None
    due: date | None  # the original one: Oportunidad is measured against it
    met_on: date | None


@dataclass(frozen=True)
class Figures:
    """Figures of one initiative. Percentages 0–100 floored to one decimal; None where there is nothing to divide."""

    counted: int
    met: int
    exits: int
    compliance: float | None
    progress: float | None
    timely: float | None


COUNTED = (ActionState.OPEN, ActionState.MET, ActionState.CLOSED_UNMET)


def figures_of(actions: Iterable[ActionFigures]) -> Figures:
    """% cumplimiento, avance promedio and oportunidad; exits leave the denominator and are stated."""
    rows = list(actions)
    counted = [a for a in rows if a.state in COUNTED]
    met = [a for a in counted if a.state == ActionState.MET]
    dated = [a for a in met if a.due is not None]
    on_time = [a for a in dated if a.met_on is not None and a.due is not None and a.met_on <= a.due]
    return Figures(
        counted=len(counted),
        met=len(met),
        exits=sum(a.state == ActionState.EXITED for a in rows),
        compliance=_share(len(met), len(counted)),
        progress=_mean([a.percent for a in counted if a.percent is not None]),
        timely=_share(len(on_time), len(dated)),
    )


def _share(part: int, whole: int) -> float | None:
    return floor(Fraction(part * 1000, whole)) / 10 if whole else None


def _mean(values: Sequence[float]) -> float | None:
    return floor(sum(Fraction(str(v)) for v in values) * 10 / len(values)) / 10 if values else None
