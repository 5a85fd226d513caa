"""Go-live with an old backlog: what was already due is one digest to Planning, who releases alert by alert."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    WHOLE,
    Element,
    Page,
    badge,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    heading,
    place,
    safe,
    text,
    titled,
    turning,
    when,
)
from methodology.rules.spanish import long_date

TITLE = "{alerts} al arranque"
TITLE_NONE = "Alertas anteriores al arranque"
INTRO = (
    "Ya se cumplían antes del {start}, o del lanzamiento de su iniciativa si fue después. Ninguna se envía ni se "
    "eleva por sí sola: al liberar una alerta se entrega al líder técnico y sigue su curso."
)
NONE = "No quedan alertas por liberar."
LINE = "Venció el {due}: {days} de vencida."
RELEASED = "Liberada"
WAITING = "Retenida"
RELEASE = "Liberar"
PAGE = 8


@dataclass(frozen=True)
class BacklogLine:
    """`release` is the button's token; empty once released."""

    code: str
    text: str
    initiative: str
    kind: str
    due: date | None
    days: int
    release: str = ""


@dataclass(frozen=True)
class Backlog:
    """`lines` are those of the page."""

    start: date
    lines: tuple[BacklogLine, ...]
    page: Page = WHOLE


def backlog(data: Backlog) -> Element:
    return card(
        heading(summary(data)),
        text(INTRO.format(start=long_date(data.start)) if data.lines else NONE),
        *[_block(line) for line in data.lines],
        place(data.page, len(data.lines)),
        actions=turning(data.page),
    )


def summary(data: Backlog) -> str:
    number = max(data.page.total, len(data.lines))
    return TITLE.format(alerts=count(number, "alerta anterior", "alertas anteriores")) if number else TITLE_NONE


def _block(line: BacklogLine) -> Element:
    plate = badge(WAITING, "warning") if line.release else badge(RELEASED, "good")
    sentence = LINE.format(due=when(line.due), days=count(line.days, "día", "días")) if line.due else safe(line.kind)
    return container(
        titled(text(f"**{safe(line.code)}** · {safe(line.initiative)}"), plate),
        text(safe(clip(line.text, 140)), spacing="Small"),
        text(sentence, subtle=True, spacing="Small"),
        buttons(button(RELEASE, line.release)),
        separator=True,
    )
