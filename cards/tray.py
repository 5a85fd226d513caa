"""/bandeja: what needs a person in Planning: dead messages, doubtful answers, invalid addresses; and each by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cards.parts import (
    WHOLE,
    Element,
    Page,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    heading,
    moment,
    open_url,
    place,
    quoted,
    safe,
    said,
    text,
    titled,
    turning,
)

TITLE = "Bandeja: {items}"
NONE = "No hay asuntos que requieran atención."
SHOW = "Abrir"
BACK = "Volver a la bandeja"
RESOLVE = "Marcar resuelto"
CONFIRM = "Sí llegó"
AGAIN = "Enviar de nuevo"
ANSWER = "Cuenta como respuesta"
OPEN = "Ver la bandeja completa"
ALREADY = "Sin cambios"
SETTLED = "Resuelto"
TODAY = "hoy"
AGE = "hace {days}"
PAGE = 10
_TITLE_MAX = 36  # a button is one line on a phone
_LINE_MAX = 90
_DETAIL_MAX = 3000
_DETAIL_LINES = 40


@dataclass(frozen=True)
class TrayLine:
    """One trouble among the others: what, since how many days, of whom; `open` shows it by itself."""

    title: str
    days: int
    who: str = ""
    open: str = ""


@dataclass(frozen=True)
class Tray:
    """`items` are those of the page, the oldest first; `notice` why the press changed nothing, `done` what it did."""

    items: tuple[TrayLine, ...]
    page: Page = WHOLE
    notice: str = ""
    url: str = ""
    done: str = ""


@dataclass(frozen=True)
class TrayMatter:
    """One trouble by itself: its `detail` line by line, and what can be done about it.

    `confirm` and `again` are the buttons of a message whose delivery is in doubt. `more` are further buttons, (title,
    token), by what the trouble is; `back` leads to the tray.
    """

    title: str
    at: datetime
    detail: tuple[str, ...]
    resolve: str = ""
    confirm: str = ""
    again: str = ""
    answer: str = ""
    more: tuple[tuple[str, str], ...] = ()
    back: str = ""


def tray(data: Tray) -> Element:
    return card(
        said(ALREADY, clip(data.notice, 400), "attention") if data.notice else None,
        said(SETTLED, clip(data.done, 400), "good") if data.done else None,
        heading(summary(data)),
        *([_block(one) for one in data.items] or [text(NONE)]),
        place(data.page, len(data.items)),
        actions=[*turning(data.page), open_url(OPEN, data.url)],
    )


def summary(data: Tray) -> str:
    return TITLE.format(items=count(max(data.page.total, len(data.items)), "asunto", "asuntos"))


def _block(one: TrayLine) -> Element:
    below = " · ".join(filter(None, (age(one.days), clip(one.who, _LINE_MAX))))
    words = container(
        text(safe(clip(one.title, _LINE_MAX)), spacing="None"),
        text(safe(below), size="Small", subtle=True, spacing="None"),
    )
    row = buttons(button(SHOW, one.open))
    return (titled(words, row) if row else words) | {"separator": True, "spacing": "Small"}


def age(days: int) -> str:
    """«hoy», «hace 1 día», «hace 3 días»."""
    return AGE.format(days=count(days, "día", "días")) if days > 0 else TODAY


def matter(data: TrayMatter) -> Element:
    return card(
        heading(data.title, moment(data.at)),
        *quoted("\n".join(data.detail), _DETAIL_MAX, _DETAIL_LINES),
        actions=[
            button(CONFIRM, data.confirm),
            button(AGAIN, data.again),
            button(ANSWER, data.answer),
            *(button(clip(title, _TITLE_MAX), token) for title, token in data.more),
            button(RESOLVE, data.resolve),
            button(BACK, data.back),
        ],
    )
