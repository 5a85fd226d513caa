"""R10, R11 and R14: the reporting window of a month and the days on which somebody is asked for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month
from methodology.rules.thresholds import Thresholds

EARLY_FROM_DAY = 20
_FEW_HABILES = 3
_HEADS_UP_HABILES = 2


@dataclass(frozen=True)
class Window:
    """The window of one month: `first` to `last`, both included; `habiles` are its hábil days h1…hn."""

    month: Month
    first: date
    last: date
    habiles: tuple[date, ...]
    request_on: date
    reminder_on: date
    deadline: date
    missing_on: date

    @property
    def nudges(self) -> tuple[date, ...]:
        """R11: the middle hábil day (n ≥ 3) and the last one (n ≥ 2)."""
        n = len(self.habiles)
        middle = {self.habiles[ceil(n / 2) - 1]} if n >= _FEW_HABILES else set()
        last = {self.habiles[-1]} if n > 1 else set()
        return tuple(sorted(middle | last))

    def heads_up(self, calendar: WorkCalendar) -> date | None:
        """R10: two hábil days before a window of fewer than three hábil days."""
        return calendar.add(self.first, -_HEADS_UP_HABILES) if len(self.habiles) < _FEW_HABILES else None


def window_of(month: Month, calendar: WorkCalendar, thresholds: Thresholds) -> Window:
    """The window of `month`: its last days, calendar or hábil (R10), and the request's dates around it (R14)."""
    last = month.last
    if thresholds.window_kind == "habil":
        first = calendar.add(last + timedelta(days=1), -thresholds.window_days)
    else:
        first = last - timedelta(days=thresholds.window_days - 1)
    deadline = calendar.add(first, -1)
    return Window(
        month=month,
        first=first,
        last=last,
        habiles=tuple(calendar.habiles(first, last)),
        request_on=calendar.add(first, -thresholds.request_habiles_before),
        reminder_on=calendar.add(deadline, -thresholds.reminder_habiles_before),
        deadline=deadline,
        missing_on=calendar.on_or_after(last + timedelta(days=1)),
    )


def timeliness(day: date, window: Window) -> str:
    """R10: «anticipada», «a_tiempo» or «extemporanea» for a follow-up of the window's month registered on `day`."""
    if day > window.last:
        return "extemporanea"
    return "a_tiempo" if day >= window.first else "anticipada"


def month_of_report(day: date, *, previous_is_missing: bool) -> Month | None:
    """R10: the month a report made on `day` belongs to; None when the leader must be asked."""
    if day.day >= EARLY_FROM_DAY:
        return Month.of(day)
    return Month.of(day).plus(-1) if previous_is_missing else None
