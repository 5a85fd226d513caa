"""The method as configured: the calendar and the thresholds, read once for a unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month
from methodology.rules.thresholds import Thresholds
from methodology.rules.window import Window, window_of
from storage.matrix import DayOff, DeliveryDay, Initiative

FIRST_DAY = date(2020, 1, 1)
LAST_DAY = date(2045, 12, 31)


@dataclass(frozen=True)
class Method:
    """Calendar and global thresholds; `of` lays one initiative's overrides over them (R2)."""

    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    thresholds: Thresholds = field(default_factory=Thresholds)

    def of(self, initiative: Initiative) -> Thresholds:
        if not initiative.overrides:
            return self.thresholds
        return self.thresholds.override(initiative.overrides, f"iniciativa {initiative.slug}")

    def window(self, month: Month, thresholds: Thresholds | None = None) -> Window:
        return window_of(month, self.calendar, thresholds or self.thresholds)

    def skipped(self, day: date) -> dict[str, str]:
        """The days from `day` up to its delivery day, each with why it is not hábil."""
        found: dict[str, str] = {}
        while reason := self.calendar.why_not(day):
            found[day.isoformat()] = reason
            day += timedelta(days=1)
        return found


def load_method(session: Session, overrides: Mapping[str, Any] | None = None) -> Method:
    """The method with the table of institutional days off and the global overrides of the settings."""
    days_off = {row.day: row.why for row in session.scalars(select(DayOff))}
    return Method(WorkCalendar(days_off), Thresholds().override(overrides or {}, "ajustes"))


def fill_calendar(session: Session, method: Method) -> None:
    """Lay the calendar out as rows that the sweep can join; done once, and again when the calendar changes."""
    if session.scalar(select(func.count()).select_from(DeliveryDay)):
        return
    days = (FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    rows = [
        {"day": day, "deliver_on": method.calendar.on_or_after(day), "skipped": method.skipped(day)} for day in days
    ]
    session.execute(insert(DeliveryDay), rows)
