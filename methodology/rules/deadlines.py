"""R15, R19, R30 and R36: the dates that follow from a due date or from a launch. Never chained, never rolled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import add_months
from methodology.rules.thresholds import Thresholds

CLOSING_NOTICES = (("aviso-60", 60), ("aviso-30", 30), ("18-meses", 0))


@dataclass(frozen=True)
class Deadlines:
    """The days on which the rules begin to hold for one due date."""

    due_soon_on: date
    overdue_month_on: date
    high_level_on: date


def deadlines_of(due: date, calendar: WorkCalendar, thresholds: Thresholds) -> Deadlines:
    """R19 the last hábil day on or before due−15 · R15 m(due, 1) · R30 the day after m(due, 2), strictly later."""
    return Deadlines(
        due_soon_on=calendar.on_or_before(due - timedelta(days=thresholds.due_soon_days)),
        overdue_month_on=add_months(due, 1),
        high_level_on=add_months(due, 2) + timedelta(days=1),
    )


def closing_day(launch: date, thresholds: Thresholds) -> date:
    """R36: m(launch, 18)."""
    return add_months(launch, thresholds.closing_months)


def closing_notices(launch: date, thresholds: Thresholds) -> list[tuple[str, date]]:
    """R36: (subject, recorded on) of the notices 60 and 30 days before the closing day and on it."""
    closing = closing_day(launch, thresholds)
    return [(subject, closing - timedelta(days=before)) for subject, before in CLOSING_NOTICES]
