"""R22: the periods of the achievements report: bimestres (ene–feb … nov–dic), written `2026-B5`, or quincenas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month
from methodology.rules.spanish import MONTHS, month_name, plain, year_of

BIMONTHLY = "bimestral"
FORTNIGHTLY = "quincenal"
PERIODICITIES = (BIMONTHLY, FORTNIGHTLY)

_DAY = timedelta(days=1)
_HALF = 15
_COUNT = {BIMONTHLY: 6, FORTNIGHTLY: 24}
_LETTER = {BIMONTHLY: "B", FORTNIGHTLY: "Q"}
_NAMED = {"b": BIMONTHLY, "bimestre": BIMONTHLY, "q": FORTNIGHTLY, "quincena": FORTNIGHTLY}
_HALVES = ("primera", "segunda")

_CODE = re.compile(r"(?P<year>\d{4})[ /-]*(?P<kind>[bq]) ?(?P<number>\d{1,2})")
_SPOKEN_CODE = re.compile(r"(?P<kind>bimestre|quincena|[bq]) ?(?P<number>\d{1,2})[ /-]*(?:de |del )?(?P<year>\d{4})")
_MONTH_NUMBERS = re.compile(r"(?P<year>\d{4})[/-](?P<one>\d{1,2})(?: ?(?:/|-|a|y) ?(?:(?P=year)-)?(?P<two>\d{1,2}))?")
_MONTH_WORDS = re.compile(
    r"(?P<one>[a-z]{3,10})\.?(?: ?(?:/|-| a | y | ) ?(?P<two>(?!de\b|del\b)[a-z]{3,10})\.?)?"
    r"[ /-]*(?:de |del )?(?P<year>\d{4})"
)
_HALF_MONTH = re.compile(r"(?P<half>primera|segunda|1|2)(?:a|ª)? quincena (?:de |del )?(?P<month>.+)")


@dataclass(frozen=True, order=True)
class Period:
    """One period, by year and number (1–6 bimestres, 1–24 quincenas); written `2026-B5` or `2026-Q20`.

    `first` and `last` are Bogotá dates, both included; the cut-off is the last day's 24:00, by registration.
    """

    year: int
    number: int
    periodicity: str = BIMONTHLY

    def __post_init__(self) -> None:
        if self.periodicity not in PERIODICITIES:
            raise ValueError(f"logros.periodicidad es «bimestral» o «quincenal», no «{self.periodicity}»")
        if not 1 <= self.number <= _COUNT[self.periodicity]:
            raise ValueError(
                f"Un año tiene {_COUNT[self.periodicity]} periodos de periodicidad {self.periodicity}: "
                f"no existe el {self.number}"
            )

    @classmethod
    def of(cls, day: date, periodicity: str = BIMONTHLY) -> Period:
        """The period that holds `day`."""
        if periodicity == FORTNIGHTLY:
            return cls(day.year, day.month * 2 - (day.day <= _HALF), FORTNIGHTLY)
        return cls(day.year, (day.month + 1) // 2, periodicity)

    @classmethod
    def parse(cls, text: str, periodicity: str = BIMONTHLY) -> Period:
        """A period as people write it: `2026-B5`, «sep-oct 2026», «2026-09/10», «B5 2026», «octubre de 2026».

        `periodicity` decides what a single month means; «primera quincena de octubre de 2026» says which half.

        Raises:
            ValueError: not a period, or outside the years 2000–2099; the message is the sentence to show.
        """
        loose = re.sub(r"[–—]", "-", plain(text)).replace(" - ", "-").replace(" / ", "/")
        if match := _CODE.fullmatch(loose) or _SPOKEN_CODE.fullmatch(loose):
            return cls(year_of(match["year"], text), int(match["number"]), _NAMED[match["kind"]])
        if match := _HALF_MONTH.fullmatch(loose):
            month, _ = _months(match["month"], text)
            return cls(month.year, month.number * 2 - (match["half"] in ("primera", "1")), FORTNIGHTLY)
        first, last = _months(loose, text)
        return _spanning(first, last, periodicity)

    @property
    def first(self) -> date:
        if self.periodicity == BIMONTHLY:
            return date(self.year, self.number * 2 - 1, 1)
        return date(self.year, (self.number + 1) // 2, 1 if self.number % 2 else _HALF + 1)

    @property
    def last(self) -> date:
        if self.periodicity == BIMONTHLY:
            return Month(self.year, self.number * 2).last
        return self.first.replace(day=_HALF) if self.number % 2 else Month.of(self.first).last

    @property
    def cut_off(self) -> date:
        """R22: the last day of the period, until 24:00."""
        return self.last

    @property
    def label(self) -> str:
        """«septiembre–octubre de 2026», «primera quincena de octubre de 2026»."""
        if self.periodicity == BIMONTHLY:
            return f"{MONTHS[self.first.month - 1]}–{month_name(self.year, self.last.month)}"
        return f"{_HALVES[1 - self.number % 2]} quincena de {month_name(self.year, self.first.month)}"

    def previous(self) -> Period:
        return Period.of(self.first - _DAY, self.periodicity)

    def following(self) -> Period:
        return Period.of(self.last + _DAY, self.periodicity)

    def draft_on(self, calendar: WorkCalendar) -> date:
        """R22: the first hábil day after the period (sep–oct 2026: 3-nov)."""
        return calendar.on_or_after(self.last + _DAY)

    def __str__(self) -> str:
        return f"{self.year:04d}-{_LETTER[self.periodicity]}{self.number}"


def _months(loose: str, text: str) -> tuple[Month, Month]:
    """The month or the two months that `loose` names; `text` is what the person wrote, for the error."""
    match = _MONTH_NUMBERS.fullmatch(loose) or _MONTH_WORDS.fullmatch(loose)
    numbers = [_month_number(word) for word in (match["one"], match["two"]) if word] if match else [None]
    if match is None or None in numbers:
        raise ValueError(
            f"«{text.strip()}» no es un periodo: escríbalo con el año, por ejemplo 2026-B5, «sep-oct 2026» "
            "o «octubre de 2026»"
        )
    year = year_of(match["year"], text)
    months = [Month(year, number) for number in numbers if number]
    return months[0], months[-1]


def _month_number(word: str) -> int | None:
    """1–12 from digits, a month's name or its first letters («sept»); None when it is neither."""
    if word.isdigit():
        return int(word) if 1 <= int(word) <= len(MONTHS) else None
    return next((n for n, name in enumerate(MONTHS, 1) if name.startswith(word)), None)


def _spanning(first: Month, last: Month, periodicity: str) -> Period:
    if periodicity == FORTNIGHTLY and first == last:
        raise ValueError(
            f"Indique la quincena, por ejemplo «primera quincena de {month_name(first.year, first.number)}»"
        )
    period = Period.of(first.first)
    if first != last and (Month.of(period.first), Month.of(period.last)) != (first, last):
        raise ValueError(
            f"{MONTHS[first.number - 1]} y {MONTHS[last.number - 1]} no forman un bimestre: "
            "use enero–febrero, marzo–abril, mayo–junio, julio–agosto, septiembre–octubre o noviembre–diciembre"
        )
    return period
