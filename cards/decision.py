"""R17: what was decided about an alert, told to its leader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cards.parts import (
    Element,
    Reader,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    facts,
    fitting,
    greeting,
    heading,
    listed,
    moment,
    safe,
    text,
)
from methodology.rules.spanish import long_date

TITLE = "{decisions} sobre sus alertas"
WORDS = "**{name}:** {words}"
INSTRUCTION = "Instrucción"
ANSWER = "Responder"
CORRECTED = "**Corregida** el {at}: vale la tarjeta más reciente."
MORE = "Las demás están en /alertas."
PAGE = 12
_TEXT_SHOWN = 300


@dataclass(frozen=True)
class DecisionLine:
    """`subject` is the action's code or the silent entity; `charged` and `until` are of an assignment.

    `words` are what was written with it, and `name` what they are: an instruction, a question, a reason.

    `answer` is the token by which the leader answers a question; `corrected` is when another decision replaced it.
    """

    subject: str
    text: str
    what: str
    who: str
    at: datetime
    charged: str = ""
    until: date | None = None
    words: str = ""
    name: str = INSTRUCTION
    answer: str = ""
    corrected: datetime | None = None


@dataclass(frozen=True)
class DecisionNews:
    reader: Reader
    initiative: str
    lines: tuple[DecisionLine, ...]


def decision(data: DecisionNews) -> Element:
    shown = fitting([_block(line) for line in data.lines], PAGE)
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        *shown,
        listed(len(shown), len(data.lines), "decisiones", MORE),
    )


def summary(data: DecisionNews) -> str:
    return TITLE.format(decisions=count(len(data.lines), "decisión", "decisiones"))


def _block(line: DecisionLine) -> Element:
    return container(
        text(f"**{safe(line.subject)}** {safe(clip(line.text, 140))}"),
        text(CORRECTED.format(at=moment(line.corrected)), color="Attention") if line.corrected else None,
        facts(
            ("Decisión", line.what),
            ("Tomada por", f"{line.who}, {moment(line.at)}"),
            ("Encargado", line.charged) if line.charged else None,
            ("Compromiso", long_date(line.until)) if line.until else None,
        ),
        text(WORDS.format(name=line.name, words=safe(clip(line.words, _TEXT_SHOWN)))) if line.words else None,
        buttons(button(ANSWER, line.answer, style="positive")),
        separator=True,
    )
