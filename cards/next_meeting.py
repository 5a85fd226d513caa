"""R8: a meeting closed with its next date «por definir» and nobody has set it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import Element, Reader, button, card, greeting, heading, safe, text
from methodology.rules.spanish import long_date

TITLE = "Próxima reunión por definir"
BODY = "La reunión del {held} ({meeting}) cerró con la próxima fecha por definir; {passed}."
ONE_DAY = "ha pasado 1 día"
DAYS = "han pasado {days} días"
ASK = "De manera atenta solicitamos registrarla cuando se acuerde con los actores."
SET = "Registrar la fecha"
PREPARE = "Preparar reunión de logros"


@dataclass(frozen=True)
class NextMeeting:
    """`meeting` is how it is called; tokens open the forms."""

    reader: Reader
    initiative: str
    meeting: str
    held_on: date
    days: int
    set_date: str = ""
    prepare: str = ""


def next_meeting(data: NextMeeting) -> Element:
    passed = ONE_DAY if data.days == 1 else DAYS.format(days=data.days)
    body = BODY.format(meeting=safe(data.meeting), held=long_date(data.held_on), passed=passed)
    return card(
        heading(TITLE, data.initiative),
        text(greeting(data.reader)),
        text(body, spacing="Small"),
        text(ASK),
        actions=[button(SET, data.set_date, style="positive"), button(PREPARE, data.prepare)],
    )


def summary(data: NextMeeting) -> str:
    return f"{data.initiative}: {TITLE.lower()}"
