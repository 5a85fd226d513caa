"""/bandeja: what needs a person in Planning: dead messages, doubtful answers, invalid addresses."""

from __future__ import annotations

from collections.abc import Sequence
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
    fitted,
    heading,
    moment,
    open_url,
    place,
    quote,
    safe,
    said,
    text,
    turning,
)

TITLE = "Bandeja: {items}"
NONE = "No hay asuntos que requieran atención."
RESOLVE = "Marcar resuelto"
CONFIRM = "Sí llegó"
AGAIN = "Enviar de nuevo"
ANSWER = "Cuenta como respuesta"
OPEN = "Ver la bandeja completa"
ALREADY = "Sin cambios"
PAGE = 12
_TITLE_MAX = 36  # a button is one line on a phone


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
    """`items` are those of the page, the oldest first; `notice` is why what was pressed changed nothing."""

    items: tuple[TrayLine, ...]
    page: Page = WHOLE
    notice: str = ""
    url: str = ""


def page_of(items: Sequence[TrayLine]) -> tuple[TrayLine, ...]:
    """Those that one card holds; the others go on the next page."""
    return fitted(items, _block, PAGE)


def tray(data: Tray) -> Element:
    return card(
        said(ALREADY, clip(data.notice, 400), "attention") if data.notice else None,
        heading(summary(data)),
        *([_block(one) for one in data.items] or [text(NONE)]),
        place(data.page, len(data.items)),
        actions=[*turning(data.page), open_url(OPEN, data.url)],
    )


def summary(data: Tray) -> str:
    return TITLE.format(items=count(max(data.page.total, len(data.items)), "asunto", "asuntos"))


def _block(one: TrayLine) -> Element:
    return container(
        text(f"**{safe(clip(one.title, 120))}**"),
        text(moment(one.at), size="Small", subtle=True, spacing="None"),
        quote(clip(one.detail, 300)) if one.detail else None,
        buttons(
            button(CONFIRM, one.confirm),
            button(AGAIN, one.again),
            button(ANSWER, one.answer),
            *(button(clip(title, _TITLE_MAX), token) for title, token in one.more),
            button(RESOLVE, one.resolve),
        ),
        separator=True,
    )
