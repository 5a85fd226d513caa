"""R32: a measure of a Solución de alto nivel, told to whoever answers for it; also when its date changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import Element, Reader, button, card, clip, facts, greeting, heading, quote, text
from methodology.rules.spanish import full_date, long_date

TITLE = "Medida a su cargo"
MOVED = "Cambió la fecha de una medida a su cargo"
BODY = "En la Solución de alto nivel de esta iniciativa se definió que usted responde por la siguiente medida."
OPEN = "Abrir el caso"
WHY = "¿Por qué?"
_TEXT_SHOWN = 1000


@dataclass(frozen=True)
class MeasureNews:
    """`was` is the date it had before; `open` the token of the case, for whoever may see it."""

    reader: Reader
    initiative: str
    description: str
    deadline: date
    by: str
    was: date | None = None
    open: str = ""
    why: str = ""


def measure(data: MeasureNews) -> Element:
    return card(
        heading(_title(data), data.initiative),
        text(greeting(data.reader)),
        text(BODY, spacing="Small"),
        quote(clip(data.description, _TEXT_SHOWN)),
        facts(
            ("Plazo", full_date(data.deadline)),
            ("Plazo anterior", long_date(data.was)) if data.was else None,
            ("Registrada por", clip(data.by, 160)),
        ),
        actions=[button(OPEN, data.open, style="positive"), button(WHY, data.why)],
    )


def summary(data: MeasureNews) -> str:
    return f"{data.initiative}: {_title(data).lower()}"


def _title(data: MeasureNews) -> str:
    return MOVED if data.was else TITLE
