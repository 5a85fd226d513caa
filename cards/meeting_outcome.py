"""R24: the day of a convened meeting passed and nobody recorded what came of it; to whoever records it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    Element,
    Reader,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    fitting,
    greeting,
    heading,
    listed,
    safe,
    text,
)
from methodology.rules.spanish import full_date

TITLE = "{meetings} por registrar"
BODY = "{meeting}: estaba convocada para el {on} y no tiene resultado registrado."
ASK = "De manera atenta solicitamos registrar cómo se realizó, o cancelarla si no se llevó a cabo."
RECORD = "Registrar la reunión"
CANCEL = "Cancelar la reunión"
WHY = "¿Por qué?"
MORE = "Las demás están en /reunion."
_MOST = 12
_NAME_SHOWN = 160


@dataclass(frozen=True)
class UnrecordedMeeting:
    """How it is called, its day, and the tokens of the forms."""

    meeting: str
    on: date
    record: str = ""
    cancel: str = ""
    why: str = ""


@dataclass(frozen=True)
class MeetingOutcome:
    reader: Reader
    meetings: tuple[UnrecordedMeeting, ...]


def meeting_outcome(data: MeetingOutcome) -> Element:
    shown = fitting([_block(one) for one in data.meetings], _MOST)
    return card(
        heading(summary(data)),
        text(greeting(data.reader)),
        text(ASK, spacing="Small"),
        *shown,
        listed(len(shown), len(data.meetings), "reuniones", MORE),
    )


def summary(data: MeetingOutcome) -> str:
    return TITLE.format(meetings=count(len(data.meetings), "reunión", "reuniones"))


def _block(one: UnrecordedMeeting) -> Element:
    name = safe(clip(f"{one.meeting[:1].upper()}{one.meeting[1:]}", _NAME_SHOWN))
    return container(
        text(BODY.format(meeting=f"**{name}**", on=full_date(one.on))),
        buttons(button(RECORD, one.record, style="positive"), button(CANCEL, one.cancel), button(WHY, one.why)),
        separator=True,
    )
