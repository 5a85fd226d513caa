"""R10, R11 and R14: the reporting window of a month and the days on which somebody is asked for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month
from methodology.rules.thresholds import Thresholds

_MIDDLE_FROM = 3
"""R11: a window of fewer hábil days has no middle one worth a nudge."""


@dataclass(frozen=True)
class Window:
    """The window of one month: `first` to `last`, both included; `habiles` are its hábil days h1…hn.

    `heads_up_on` is the day its shortness is announced, None for one of enough hábil days (R10).
    """

    month: Month
    first: date
    last: date
    habiles: tuple[date, ...]
    request_on: date
    reminder_on: date
    deadline: date
    missing_on: date
    heads_up_on: date | None = None

    @property
    def nudges(self) -> tuple[date, ...]:
        """R11: the middle hábil day (n ≥ 3) and the last one (n ≥ 2)."""
        n = len(self.habiles)
        middle = {self.habiles[ceil(n / 2) - 1]} if n >= _MIDDLE_FROM else set()
        last = {self.habiles[-1]} if n > 1 else set()
        return tuple(sorted(middle | last))


def window_of(month: Month, calendar: WorkCalendar, thresholds: Thresholds) -> Window:
    """The window of `month`: its last days, calendar or hábil (R10), and the request's dates around it (R14).

    A window of fewer than `window_min_habiles` hábil days is announced `heads_up_habiles` hábil days before.
    """
    last = month.last
    if thresholds.window_kind == "habil":
        first = calendar.add(last + timedelta(days=1), -thresholds.window_days)
    else:
        first = last - timedelta(days=thresholds.window_days - 1)
    deadline, habiles = calendar.add(first, -1), tuple(calendar.habiles(first, last))
    few = len(habiles) < thresholds.window_min_habiles
    return Window(
        month=month,
        first=first,
        last=last,
        habiles=habiles,
        request_on=calendar.add(first, -thresholds.request_habiles_before),
        reminder_on=calendar.add(deadline, -thresholds.reminder_habiles_before),
        deadline=deadline,
        missing_on=calendar.on_or_after(last + timedelta(days=1)),
        heads_up_on=calendar.add(first, -thresholds.heads_up_habiles) if few else None,
    )


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
