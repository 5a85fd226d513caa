"""Calendar months: m(d, n) of the method, clamped to the month's end, always in one step (31-ene +1 → 28-feb)."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_MONTHS = 12
_ISO = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def add_months(day: date, n: int) -> date:
    """m(d, n): `day` plus n calendar months, clamped to the month's end. Never chain it."""
    index = day.year * _MONTHS + day.month - 1 + n
    year, month = divmod(index, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, order=True)
class Month:
    """A reporting month; written `AAAA-MM`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Month:
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Month:
        """`AAAA-MM`.

        Raises:
            ValueError: anything else.
        """
        if not (match := _ISO.fullmatch(text)):
            raise ValueError(f"«{text}» no es un mes: escríbalo como AAAA-MM")
        return cls(int(match[1]), int(match[2]))

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    def plus(self, n: int) -> Month:
        return Month.of(add_months(self.first, n))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"
