"""R20, R22: a logro is corrected or withdrawn by whoever flagged it; what a report told of it becomes an erratum."""

from __future__ import annotations

from methodology.actions import require_not_over
from methodology.operation import REASON, Doing, Field, Kind, Operation, Weight
from methodology.refusals import Incomplete, NotNow
from methodology.rules.followup import ACHIEVEMENT_MAX, ACHIEVEMENT_MIN
from methodology.rules.states import ACHIEVEMENT_KINDS, Post, Priority
from storage.matrix import Achievement

_LEADERS = (Post.LEADER, Post.PLANNING)
_TOLD = " El reporte que ya lo informó no cambia: el siguiente lleva la fe de erratas."


def correct(
    doing: Doing, achievement: Achievement, text: str | None, priority: str | None, kind: str | None, reason: str
) -> str:
    """Other words, priority or kind of result; at least one of them.

    Raises:
        Incomplete: nothing changes, or words that cannot be published.
        NotNow: it was withdrawn, or its initiative is over.
    """
    del doing, reason  # kept with the deed and with the change of the row
    _require_standing(achievement)
    if text is not None and not ACHIEVEMENT_MIN <= len(text.strip()) <= ACHIEVEMENT_MAX:
        raise Incomplete({"text": f"Redacte el logro en {ACHIEVEMENT_MIN} a {ACHIEVEMENT_MAX} caracteres."})
    given = {"text": text.strip() if text else None, "priority": priority, "kind": kind}
    changed = {name: value for name, value in given.items() if value and getattr(achievement, name) != value}
    if not changed:
        raise Incomplete({"text": "Indique qué cambia: el texto, la prioridad o el tipo de resultado."})
    for name, value in changed.items():
        setattr(achievement, name, value)
    return f"Se corrigió el logro de {achievement.action.code}: {achievement.text}{_later(achievement)}"


def withdraw(doing: Doing, achievement: Achievement, reason: str) -> str:
    """It goes into no further report."""
    del reason  # kept with the deed and with the change of the row
    _require_standing(achievement)
    achievement.withdrawn_at = doing.now
    return f"Se retiró el logro de {achievement.action.code}: {achievement.text}{_later(achievement)}"


def _later(achievement: Achievement) -> str:
    return _TOLD if achievement.report_id else ""


def _require_standing(achievement: Achievement) -> None:
    require_not_over(achievement.action)
    if achievement.withdrawn_at is not None:
        raise NotNow(f"El logro de {achievement.action.code} ya fue retirado o reemplazado.")


_LOGRO = Field("logro", "achievement", "Logro", Kind.ACHIEVEMENT)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "logro.corregir",
        "Corregir el logro",
        "R20, R22",
        _LEADERS,
        (
            _LOGRO,
            Field("texto", "text", "Texto por publicar", Kind.LONG, required=False),
            Field(
                "prioridad",
                "priority",
                "Prioridad",
                Kind.CHOICE,
                required=False,
                options=tuple(str(one) for one in Priority),
            ),
            Field("tipo", "kind", "Tipo de resultado", Kind.CHOICE, required=False, options=ACHIEVEMENT_KINDS),
            REASON,
        ),
        correct,
    ),
    Operation(
        "logro.retirar",
        "Retirar el logro",
        "R20, R22",
        _LEADERS,
        (_LOGRO, REASON),
        withdraw,
        weight=Weight.HEAVY,
        follows="No aparece en los reportes siguientes; si uno ya lo informó, lleva la fe de erratas.",
    ),
)
