"""The method as configured: the calendar and the thresholds, read once for a unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import event, insert, select, update
from sqlalchemy.orm import Session, SessionTransaction

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month
from methodology.rules.thresholds import Thresholds
from methodology.rules.window import Window, window_of
from storage.matrix import DayOff, DeliveryDay, Initiative, Setting

FIRST_DAY = date(2020, 1, 1)
LAST_DAY = date(2060, 12, 31)
LAID_OUT = "calendario.huella"
_FEW = 500


@dataclass(frozen=True)
class Method:
    """Calendar and global thresholds; `of` lays one initiative's overrides over them (R2)."""

    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    thresholds: Thresholds = field(default_factory=Thresholds)

    def of(self, initiative: Initiative) -> Thresholds:
        if not initiative.overrides:
            return self.thresholds
        return self.thresholds.own(initiative.overrides, f"iniciativa {initiative.slug}")

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
    return Method(WorkCalendar(days_off(session)), Thresholds().override(overrides or {}, "ajustes"))


def days_off(session: Session) -> dict[date, str]:
    """The table of institutional days off: day → why."""
    return {row.day: row.why for row in session.scalars(select(DayOff))}


def teach(session: Session, calendar: WorkCalendar, after: Mapping[date, str]) -> None:
    """The calendar that everybody holds learns the days off; it forgets them again if the transaction is undone."""
    before = dict(calendar.days_off)

    def forget(_session: Session, transaction: SessionTransaction) -> None:
        if not transaction.nested:
            calendar.learn(before)

    event.listen(session, "after_soft_rollback", forget, insert=True)  # so that the earliest has the last word
    calendar.learn(after)


def fill_calendar(session: Session, method: Method) -> bool:
    """Lay the calendar out as rows that the sweep can join; again when the days off, or the horizon, change.

    True when it had been laid out otherwise before.
    """
    laid_out = session.get(Setting, LAID_OUT)
    if laid_out is not None and laid_out.value == _mark(method):
        return False
    days = (FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1))
    _lay_out(session, method, days)
    _remember(session, method)
    return laid_out is not None


def refill_calendar(session: Session, method: Method, changed: Iterable[date]) -> None:
    """The rows that a change of these days touches: each of them, and the days that waited for it."""
    touched: set[date] = set()
    for changed_day in changed:
        day = changed_day
        while day not in touched:
            touched.add(day)
            day -= timedelta(days=1)
            if method.calendar.is_habil(day):
                break
    _lay_out(session, method, sorted(touched))
    _remember(session, method)


def _mark(method: Method) -> str:
    return f"{LAST_DAY.isoformat()} {method.calendar.fingerprint}"


def _remember(session: Session, method: Method) -> None:
    if laid_out := session.get(Setting, LAID_OUT):
        laid_out.value = _mark(method)
    else:
        session.add(Setting(key=LAID_OUT, value=_mark(method)))
    session.flush()


def _lay_out(session: Session, method: Method, days: Iterable[date]) -> None:
    rows = [method.delivery_day(day) for day in days]
    columns = (DeliveryDay.day, DeliveryDay.deliver_on, DeliveryDay.skipped)
    query = select(*columns)
    if len(rows) < _FEW:
        query = query.where(DeliveryDay.day.in_([row["day"] for row in rows]))
    known = {row.day: (row.deliver_on, row.skipped) for row in session.execute(query)}
    if missing := [row for row in rows if row["day"] not in known]:
        session.execute(insert(DeliveryDay), missing)
    changed = [row for row in rows if known.get(row["day"], row) not in (row, (row["deliver_on"], row["skipped"]))]
    if changed:
        session.execute(update(DeliveryDay), changed)
        for row in [one for one in session.identity_map.values() if isinstance(one, DeliveryDay)]:
            session.expire(row)
