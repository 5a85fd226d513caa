"""/bandeja: what needs a person in Planning: dead messages, doubtful answers, invalid addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cards.parts import (
    Element,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    fitting,
    heading,
    listed,
    moment,
    open_url,
    quote,
    safe,
    text,
)

TITLE = "Bandeja: {items}"
NONE = "No hay asuntos que requieran atención."
RESOLVE = "Marcar resuelto"
CONFIRM = "Sí llegó"
AGAIN = "Enviar de nuevo"
ANSWER = "Cuenta como respuesta"
OPEN = "Ver la bandeja completa"
MORE = "Se muestran primero los más antiguos; los demás aparecen al resolver estos."
PAGE = 12


@dataclass(frozen=True)
class TrayLine:
    """One trouble. `confirm` and `again` are the buttons of a message whose delivery is in doubt.

    `more` are further buttons, (title, token), by what the trouble is.
    """

    title: str
    at: datetime
    detail: str
    resolve: str = ""
    confirm: str = ""
    again: str = ""
    answer: str = ""
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tray:
    items: tuple[TrayLine, ...]
    url: str = ""


def tray(data: Tray) -> Element:
    shown = fitting([_block(one) for one in data.items], PAGE)
    return card(
        heading(TITLE.format(items=count(len(data.items), "asunto", "asuntos"))),
        *(shown or [text(NONE)]),
        listed(len(shown), len(data.items), "asuntos", MORE),
        actions=[open_url(OPEN, data.url)],
    )


def _block(one: TrayLine) -> Element:
    return container(
        text(f"**{safe(clip(one.title, 120))}**"),
        text(moment(one.at), size="Small", subtle=True, spacing="None"),
        quote(clip(one.detail, 300)) if one.detail else None,
        buttons(
            button(CONFIRM, one.confirm),
            button(AGAIN, one.again),
            button(ANSWER, one.answer),
            *(button(title, token) for title, token in one.more),
            button(RESOLVE, one.resolve),
        ),
        separator=True,
    )
