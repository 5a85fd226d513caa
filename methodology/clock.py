"""Time as a port: one clock for the whole product; Bogotá dates, never UTC ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Protocol

from methodology.rules.calendar import BOGOTA


class Clock(Protocol):
    """Tells the moment. `now` is aware (UTC)."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock; the only place that reads it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is moved: the demo's, the simulation's and the tests'."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = at


def local(moment: datetime) -> datetime:
    """The same moment on Bogotá's wall."""
    return moment.astimezone(BOGOTA)


def start_of(day: date) -> datetime:
    """The moment at which that day begins in Bogotá."""
    return datetime.combine(day, time.min, BOGOTA)


def today(clock: Clock) -> date:
    """`t` of the method: today in Bogotá (19:00–24:00 local is already tomorrow in UTC)."""
    return local(clock.now()).date()
