"""R15, R19, R30 and R36: the dates that follow from a due date or from a launch. Never chained, never rolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import add_months
from methodology.rules.thresholds import Thresholds

STOPS = "si"
CLOSING_REACHED = "18-meses"


@dataclass(frozen=True)
class Deadlines:
    """The days on which the rules begin to hold for one due date."""

    due_soon_on: date
    overdue_month_on: date
    high_level_on: date


def deadlines_of(due: date, calendar: WorkCalendar, thresholds: Thresholds) -> Deadlines:
    """R19 the last hábil day on or before due−15 · R15 m(due, 1) · R30 the day after m(due, 2), strictly later.

    15, 1 and 2 are `por_vencer.dias`, `vencida.meses` and `alto_nivel.meses`.
    """
    return Deadlines(
        due_soon_on=calendar.on_or_before(due - timedelta(days=thresholds.due_soon_days)),
        overdue_month_on=add_months(due, thresholds.overdue_months),
        high_level_on=add_months(due, thresholds.high_level_months) + timedelta(days=1),
    )


def closing_day(began: date, thresholds: Thresholds, paused_days: int = 0) -> date:
    """R36: m(beginning, 18); the days of its pauses count on top when `cierre.pausa_detiene` = si."""
    stopped = paused_days if thresholds.pause_stops == STOPS else 0
    return add_months(began, thresholds.closing_months) + timedelta(days=stopped)


def closing_notices(began: date, thresholds: Thresholds, paused_days: int = 0) -> list[tuple[str, date]]:
    """R36: (subject, recorded on) of the notices 60 and 30 days before the closing day and on it."""
    closing = closing_day(began, thresholds, paused_days)
    before = (thresholds.closing_first_notice_days, thresholds.closing_second_notice_days)
    ahead = [(f"aviso-{days}", closing - timedelta(days=days)) for days in before]
    return [*ahead, (CLOSING_REACHED, closing)]
