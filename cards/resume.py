"""A paused initiative goes on: one digest of what fell due meanwhile, to its leader, Planning and Management."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cards.parts import (
    Element,
    Reader,
    card,
    clip,
    container,
    count,
    facts,
    fitting,
    greeting,
    heading,
    listed,
    open_url,
    safe,
    text,
)
from methodology.rules.spanish import long_date

TITLE = "La iniciativa se reanudó"
NOTHING = "Durante la pausa no se cumplió ningún plazo que requiera atención."
BODY = "Durante la pausa los plazos siguieron corriendo. {points} para su atención."
RISES = "Las alertas que sigan abiertas se elevan al Viceministerio a partir del {day}."
MORE = "Los demás están en /alertas y en /estado."
MATRIX = "Ver matriz"
PAGE = 30


@dataclass(frozen=True)
class ResumeLine:
    """One thing that fell due: what it is about, its text («» when it has none), and the rule's sentence."""

    subject: str
    text: str
    sentence: str


@dataclass(frozen=True)
class Resume:
    """`rises_on` is the day from which its alerts rise, when there are any."""

    reader: Reader
    initiative: str
    paused_on: date
    resumed_on: date
    lines: tuple[ResumeLine, ...]
    rises_on: date | None = None
    matrix_url: str = ""


def resume(data: Resume) -> Element:
    shown = fitting([_block(line) for line in data.lines], PAGE)
    return card(
        heading(TITLE, data.initiative),
        text(greeting(data.reader)),
        facts(
            ("Pausa desde", long_date(data.paused_on)),
            ("Reanudación", long_date(data.resumed_on)),
            ("Duración", count((data.resumed_on - data.paused_on).days, "día", "días")),
        ),
        text(_body(data.lines)),
        text(RISES.format(day=long_date(data.rises_on))) if data.rises_on else None,
        *shown,
        listed(len(shown), len(data.lines), "asuntos", MORE),
        actions=[open_url(MATRIX, data.matrix_url)],
    )


def summary(data: Resume) -> str:
    return f"{data.initiative}: {TITLE[0].lower()}{TITLE[1:]}"


def _body(lines: Sequence[ResumeLine]) -> str:
    return BODY.format(points=f"Hay {count(len(lines), 'asunto', 'asuntos')}") if lines else NOTHING


def _block(line: ResumeLine) -> Element:
    title = f"**{safe(line.subject)}** {safe(clip(line.text, 160))}".strip()
    return container(
        text(title),
        text(safe(clip(line.sentence, 300)), subtle=True, size="Small", spacing="Small"),
        separator=True,
    )
