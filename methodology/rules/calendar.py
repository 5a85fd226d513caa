"""The hábil calendar: Monday–Friday, not a Colombian holiday, not an institutional day off (method.md, Words)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

import holidays

BOGOTA = ZoneInfo("America/Bogota")
OPENS = time(8, 0)
CLOSES = time(17, 0)
_DAY = timedelta(days=1)
_FRIDAY = 4
_APRIL = 4


@lru_cache(maxsize=64)
def national_holidays(year: int) -> Mapping[date, str]:
    """Colombia's holidays of one year, with their Spanish names. The only door to the `holidays` package."""
    named = holidays.country_holidays("CO", years=year, language="es")
    return {day: name.replace(" (observado)", "") for day, name in named.items()}


def civic_day(year: int) -> date:
    """Día Cívico: the third Friday of April, the default institutional day off."""
    first = date(year, _APRIL, 1)
    return first + timedelta(days=(_FRIDAY - first.weekday()) % 7 + 14)


class WorkCalendar:
    """Knows which days are hábiles. `days_off` is the editable table of institutional days off (day → why)."""

    def __init__(self, days_off: Mapping[date, str] | None = None) -> None:
        self._days_off = dict(days_off or {})
        self._known: dict[date, str | None] = {}

    def learn(self, days_off: Mapping[date, str]) -> None:
        """Other institutional days off from now on, for everybody who holds this calendar."""
        self._days_off = dict(days_off)
        self._known = {}

    def with_days_off(self, days_off: Mapping[date, str]) -> WorkCalendar:
        """The same holidays with other institutional days off; this calendar stays as it is."""
        return type(self)(days_off)

    @property
    def days_off(self) -> Mapping[date, str]:
        """The institutional days off it knows."""
        return self._days_off

    @property
    def fingerprint(self) -> str:
        """Changes with whatever may make a day hábil or not: the table of days off, the package of holidays."""
        told = "".join(f"|{day.isoformat()}={why}" for day, why in sorted(self._days_off.items()))
        return sha256(f"{holidays.__version__}{told}".encode()).hexdigest()

    def why_not(self, day: date) -> str | None:
        """Spanish reason why `day` is not hábil, or None when it is."""
        known = self._known  # another thread may be teaching this calendar
        if day not in known:
            known[day] = self._look_up(day)
        return known[day]

    def _look_up(self, day: date) -> str | None:
        if day.weekday() > _FRIDAY:
            return "sábado" if day.weekday() == _FRIDAY + 1 else "domingo"
        if name := national_holidays(day.year).get(day):
            return f"festivo ({name})"
        if day == civic_day(day.year):
            return "Día Cívico"
        return self._days_off.get(day)

    def is_habil(self, day: date) -> bool:
        return self.why_not(day) is None

    def on_or_after(self, day: date) -> date:
        while not self.is_habil(day):
            day += _DAY
        return day

    def on_or_before(self, day: date) -> date:
        while not self.is_habil(day):
            day -= _DAY
        return day

    def add(self, day: date, habiles: int) -> date:
        """`day` plus (or minus) a number of hábil days; with 0, `day` itself. `add(11-nov-2026, 10)` is 26-nov."""
        step = _DAY if habiles > 0 else -_DAY
        for _ in range(abs(habiles)):
            day += step
            while not self.is_habil(day):
                day += step
        return day

    def habiles(self, first: date, last: date) -> list[date]:
        """The hábil days from `first` to `last`, both included."""
        span = (last - first).days
        return [d for d in (first + timedelta(days=n) for n in range(span + 1)) if self.is_habil(d)]

    def next_slot(self, moment: datetime) -> datetime:
        """The first moment on or after `moment` at which a proactive message may go: hábil, 08:00–17:00 Bogotá (R47).

        Aware in, aware (UTC) out.
        """
        wall = moment.astimezone(BOGOTA)
        if self.is_habil(wall.date()):
            if wall.time() < OPENS:
                return _at_opening(wall.date())
            if wall.time() < CLOSES:
                return moment.astimezone(UTC)
        return _at_opening(self.on_or_after(wall.date() + _DAY))


def _at_opening(day: date) -> datetime:
    return datetime.combine(day, OPENS, BOGOTA).astimezone(UTC)
