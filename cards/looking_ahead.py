"""/simular: what would be told from today on if nobody answered, day by day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from cards.parts import Element, button, card, clip, container, count, heading, safe, text
from methodology.rules.spanish import full_date, long_date

TITLE = "Simulación hasta el {last}"
INTRO = "Lo que se avisaría si nadie respondiera. No se envía ni se registra nada."
NONE = "No habría avisos en este plazo."
CAPPED = "Se calculan como máximo {days} días: hasta el {last}."
PAGE_OF = "Avisos {first} a {last} de {total}."
FOLLOWING = "Siguientes"
PREVIOUS = "Anteriores"
WORKING = "Calculando la simulación hasta el {last}. El resultado aparecerá en este mensaje."
PAGE = 12


@dataclass(frozen=True)
class AheadLine:
    """One kind of message of one day: what it is, to whom, and about which subjects."""

    on: date
    title: str
    reader: str
    subjects: tuple[str, ...]


@dataclass(frozen=True)
class LookingAhead:
    """`lines` are all of them, in order; the page begins at `first`. `capped` is the most days, if more were asked."""

    subtitle: str
    last: date
    lines: tuple[AheadLine, ...]
    first: int = 0
    capped: int = 0
    following: str = ""
    previous: str = ""


def looking_ahead(data: LookingAhead) -> Element:
    lines = data.lines[data.first : data.first + PAGE]
    days = [_day(day, group) for day, group in groupby(lines, key=lambda one: one.on)]
    return card(
        heading(TITLE.format(last=long_date(data.last)), data.subtitle),
        text(INTRO, subtle=True),
        text(CAPPED.format(days=data.capped, last=long_date(data.last))) if data.capped else None,
        *(days or [text(NONE)]),
        _place(data, len(lines)),
        actions=[button(PREVIOUS, data.previous), button(FOLLOWING, data.following)],
    )


def summary(data: LookingAhead) -> str:
    return f"{count(len(data.lines), 'aviso', 'avisos')} hasta el {long_date(data.last)}"


def _place(data: LookingAhead, shown: int) -> Element | None:
    if len(data.lines) <= PAGE:
        return None
    words = PAGE_OF.format(first=data.first + 1, last=data.first + shown, total=len(data.lines))
    return text(words, subtle=True, size="Small")


def _day(day: date, lines: Iterable[AheadLine]) -> Element:
    return container(text(f"**{full_date(day).capitalize()}**"), *(_line(one) for one in lines), separator=True)


def _line(one: AheadLine) -> Element:
    many = f" ({len(one.subjects)})" if len(one.subjects) > 1 else ""
    subjects = safe(clip(", ".join(one.subjects), 300))
    return text(f"{safe(one.title)} · {safe(one.reader)}{many}: {subjects}", spacing="Small")
