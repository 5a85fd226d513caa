"""R10: before the 20th, with the former month complete, the leader says which month a report belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, button, card, heading, text
from methodology.rules.months import Month
from methodology.rules.spanish import month_name

TITLE = "¿A qué mes corresponde el reporte?"
ASK = "El seguimiento de {former} ya está completo. Elija si lo corrige o si anticipa el de {current}."
CORRECT = "Corregir {month}"
ANTICIPATE = "Anticipar {month}"


@dataclass(frozen=True)
class WhichMonth:
    """`correct` and `anticipate` are the buttons' tokens."""

    former: Month
    current: Month
    correct: str
    anticipate: str


def which_month(data: WhichMonth) -> Element:
    former = month_name(data.former.year, data.former.number)
    current = month_name(data.current.year, data.current.number)
    return card(
        heading(TITLE),
        text(ASK.format(former=former, current=current)),
        actions=[
            button(CORRECT.format(month=former), data.correct),
            button(ANTICIPATE.format(month=current), data.anticipate),
        ],
    )
