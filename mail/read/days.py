"""Dates as people write them in a mail, with the words around them; a year left out is the nearest one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from methodology.rules.months import Month
from methodology.rules.spanish import MONTHS, WEEKDAYS, plain

_ENGLISH = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
            "november", "december")  # fmt: skip
_NAMES = {name: number for names in (MONTHS, _ENGLISH) for number, name in enumerate(names, 1)}
_NAMES |= {name[:3]: number for name, number in list(_NAMES.items())} | {"setiembre": 9, "sept": 9}
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
_YEAR = r"(?:,?[\s/-](?:del?\s)?(?:ano\s)?(?P<{}>\d{{4}}))?"
_DATE = re.compile(
    rf"\b(?:(?P<iso>\d{{4}}-\d{{1,2}}-\d{{1,2}})\b"
    rf"|(?P<day>\d{{1,2}})[/.-](?P<month>\d{{1,2}})[/.-](?P<year>\d{{4}}|\d{{2}})\b"
    rf"|(?P<d>\d{{1,2}})(?:st|nd|rd|th|o|ro|°|\))?[\s/-](?:de\s|del\smes\sde\s)?(?P<m>{_MONTH})\b{_YEAR.format('y')}"
    rf"|(?P<m2>{_MONTH})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b{_YEAR.format('y2')})"
)
_MOST = 40
_HALF = timedelta(days=182)
_MONTHS_TRIED = 3
SOON = timedelta(days=20)
"""Within it a bare day is believed."""
DAYS_OF_WEEK = tuple(plain(one) for one in WEEKDAYS)
BARE_DAY = (
    rf"\b(?:el|del|al|este)\s(?:(?:proximo|dia|(?P<weekday>{'|'.join(DAYS_OF_WEEK)}))\s){{0,3}}(?P<bare>\d{{1,2}})"
    rf"(?!(?:o\b|ro\b|°)?(?:[\d%/:-]|[.,]\d|\s?%|\spor\sciento|\sdel?\s|\s(?:{_MONTH})\b))"
)
"""«El 12», «el próximo lunes 23», in plain letters: a day of no month."""


@dataclass(frozen=True)
class Found:
    """A date, the words before it and those after it, in plain letters."""

    day: date
    before: str
    after: str


def dates_in(text: str, near: date | None) -> Iterator[Found]:
    """The dates of a text (at most forty), in order; `near` gives the year that was left out (None: not counted)."""
    shown = plain(text)
    for count, match in enumerate(_DATE.finditer(shown)):
        if count == _MOST:
            return
        day = _day(match, near)
        if day is not None:
            yield Found(day, shown[max(0, match.start() - 60) : match.start()], shown[match.end() : match.end() + 30])


def next_bare(number: int, near: date, weekday: str = "") -> date | None:
    """The first such day from `near` on, in its month or the two after; with `weekday`, the first that is one.

    None: there is none.
    """
    for ahead in range(_MONTHS_TRIED):
        try:
            day = Month.of(near).plus(ahead).first.replace(day=number)
        except ValueError:  # the 31st of a month of thirty days
            continue
        if day >= near and weekday in ("", DAYS_OF_WEEK[day.weekday()]):
            return day
    return None


def _day(match: re.Match[str], near: date | None) -> date | None:
    try:
        if match["iso"]:
            return date(*(int(one) for one in match["iso"].split("-")))
        if match["day"]:
            return _slashed(int(match["day"]), int(match["month"]), match["year"])
        month, number = _NAMES[match["m"] or match["m2"]], int(match["d"] or match["d2"])
        return _spelled(month, number, match["y"] or match["y2"], near)
    except ValueError:  # the 31st of November, or a year that nothing gives
        return None


def _slashed(day: int, month: int, year: str) -> date:
    if month > 12 >= day:  # noqa: PLR2004 - an American wrote it
        day, month = month, day
    return date(int(year) + (2000 if len(year) == 2 else 0), month, day)  # noqa: PLR2004


def _spelled(month: int, day: int, year: str | None, near: date | None) -> date:
    if year:
        return date(int(year), month, day)
    if near is None:
        raise ValueError(month)
    this = date(near.year, month, day)
    if this - near > _HALF:
        return date(near.year - 1, month, day)
    return date(near.year + 1, month, day) if near - this > _HALF else this
