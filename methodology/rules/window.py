"""R10, R11 and R14: the reporting window of a month and the days on which somebody is asked for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import ceil

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month
from methodology.rules.thresholds import Thresholds

_MIDDLE_FROM = 3
"""R11: a window of fewer hábil days has no middle one worth a nudge."""


@dataclass(frozen=True)
class Window:
    """The window of one month: `first` to `last`, both included; its other days are counted when they are asked for."""

    month: Month
    first: date
    last: date
    calendar: WorkCalendar
    thresholds: Thresholds

    @cached_property
    def habiles(self) -> tuple[date, ...]:
        """Its hábil days h1…hn."""
        return tuple(self.calendar.habiles(self.first, self.last))

    @cached_property
    def request_on(self) -> date:
        """R14: the entities are asked."""
        return self.calendar.add(self.first, -self.thresholds.request_habiles_before)

    @cached_property
    def reminder_on(self) -> date:
        """R14: the entities that are silent are reminded."""
        return self.calendar.add(self.deadline, -self.thresholds.reminder_habiles_before)

    @cached_property
    def deadline(self) -> date:
        """R14: until when the entities answer."""
        return self.calendar.add(self.first, -1)

    @cached_property
    def missing_on(self) -> date:
        """R11: whoever did not report is named."""
        return self.calendar.on_or_after(self.last + timedelta(days=1))

    @cached_property
    def heads_up_on(self) -> date | None:
        """R10: the day a window of few hábil days is announced; None for one of enough."""
        if len(self.habiles) >= self.thresholds.window_min_habiles:
            return None
        return self.calendar.add(self.first, -self.thresholds.heads_up_habiles)

    @property
    def nudges(self) -> tuple[date, ...]:
        """R11: the middle hábil day (n ≥ 3) and the last one (n ≥ 2)."""
        n = len(self.habiles)
        middle = {self.habiles[ceil(n / 2) - 1]} if n >= _MIDDLE_FROM else set()
        last = {self.habiles[-1]} if n > 1 else set()
        return tuple(sorted(middle | last))


def window_of(month: Month, calendar: WorkCalendar, thresholds: Thresholds) -> Window:
    """The window of `month`: its last days, calendar or hábil (R10), and the request's dates around it (R14)."""
    last = month.last
    if thresholds.window_kind == "habil":
        first = calendar.add(last + timedelta(days=1), -thresholds.window_days)
    else:
        first = last - timedelta(days=thresholds.window_days - 1)
    return Window(month, first, last, calendar, thresholds)


def timeliness(day: date, window: Window) -> str:
    """R10: «anticipada», «a_tiempo» or «extemporanea» for a follow-up of the window's month registered on `day`."""
    if day > window.last:
        return "extemporanea"
    return "a_tiempo" if day >= window.first else "anticipada"


def month_of_report(day: date, window: Window, thresholds: Thresholds, *, previous_is_missing: bool) -> Month | None:
    """R10: the month a report made on `day` belongs to; None when the leader must be asked.

    `window` is that of the day's own month: inside it a report is always this month's, from whatever day on early ones
    count.
    """
    if day.day >= thresholds.report_from_day or day >= window.first:
        return Month.of(day)
    return Month.of(day).plus(-1) if previous_is_missing else None
