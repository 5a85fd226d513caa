"""R30: a Solución de alto nivel opened, or joined by more actions; to its two owners, leader and management."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    Element,
    Reader,
    card,
    clip,
    container,
    count,
    fitting,
    greeting,
    heading,
    listed,
    open_url,
    safe,
    text,
)
from methodology.rules.spanish import short_date

OPENED = "Solución de alto nivel: se abrió un caso"
JOINED = "Solución de alto nivel: {actions} al caso abierto"
BODY = (
    "{actions} con más de 2 meses de vencimiento. Corresponde al líder técnico y a la Gerencia General definir medidas."
)
LINE = "Venció el {due}: {days} de vencida."
MORE = "Las demás están en /estado."
OPEN = "Ver el caso"
PAGE = 30


@dataclass(frozen=True)
class CaseAction:
    code: str
    text: str
    entity: str
    due: date
    days: int


@dataclass(frozen=True)
class CaseNews:
    """`joined` says that the case was open already and these actions came to it."""

    reader: Reader
    initiative: str
    actions: tuple[CaseAction, ...]
    joined: bool = False
    url: str = ""


def case(data: CaseNews) -> Element:
    shown = fitting([_block(action) for action in data.actions], PAGE)
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        text(BODY.format(actions=count(len(data.actions), "acción", "acciones")), spacing="Small"),
        *shown,
        listed(len(shown), len(data.actions), "acciones", MORE),
        actions=[open_url(OPEN, data.url)],
    )


def summary(data: CaseNews) -> str:
    if not data.joined:
        return OPENED
    number = len(data.actions)
    return JOINED.format(actions=f"{'ingresó' if number == 1 else 'ingresaron'} {count(number, 'acción', 'acciones')}")


def _block(action: CaseAction) -> Element:
    days = count(action.days, "día", "días")
    return container(
        text(f"**{safe(action.code)}** {safe(clip(action.text, 160))}"),
        text(safe(clip(action.entity, 100)), subtle=True, size="Small", spacing="None"),
        text(LINE.format(due=short_date(action.due), days=days), spacing="None"),
        separator=True,
    )
