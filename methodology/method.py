"""The method as configured: the calendar and the thresholds, read once for a unit of work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month
from methodology.rules.thresholds import Thresholds
from methodology.rules.window import Window, window_of
from storage.matrix import DayOff, DeliveryDay, Initiative, Setting

FIRST_DAY = date(2020, 1, 1)
LAST_DAY = date(2060, 12, 31)
LAID_OUT = "calendario.huella"


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

    def delivery_day(self, day: date) -> dict[str, Any]:
        """One row of the calendar laid out."""
        return {"day": day, "deliver_on": self.calendar.on_or_after(day), "skipped": self.skipped(day)}


def load_method(session: Session, overrides: Mapping[str, Any] | None = None) -> Method:
    """The method with the table of institutional days off and the global overrides of the settings."""
    days_off = {row.day: row.why for row in session.scalars(select(DayOff))}
    return Method(WorkCalendar(days_off), Thresholds().override(overrides or {}, "ajustes"))


def fill_calendar(session: Session, method: Method) -> None:
    """Lay the calendar out as rows that the sweep can join; again when the days off, or the horizon, change."""
    mark = f"{LAST_DAY.isoformat()} {method.calendar.fingerprint}"
    laid_out = session.get(Setting, LAID_OUT)
    if laid_out is not None and laid_out.value == mark:
        return
    _lay_out(session, method)
    if laid_out is None:
        session.add(Setting(key=LAID_OUT, value=mark))
    else:
        laid_out.value = mark
    session.flush()


def _lay_out(session: Session, method: Method) -> None:
    columns = (DeliveryDay.day, DeliveryDay.deliver_on, DeliveryDay.skipped)
    known = {row.day: (row.deliver_on, row.skipped) for row in session.execute(select(*columns))}
    days = (FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    rows = [method.delivery_day(day) for day in days]
    if missing := [row for row in rows if row["day"] not in known]:
        session.execute(insert(DeliveryDay), missing)
    changed = [row for row in rows if known.get(row["day"], row) not in (row, (row["deliver_on"], row["skipped"]))]
    if changed:
        session.execute(update(DeliveryDay), changed)
