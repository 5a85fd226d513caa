"""/pendientes: what waits for somebody, oldest first: actions without report, alerts, dates to be set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    WHOLE,
    Element,
    Page,
    button,
    card,
    clip,
    container,
    count,
    due_on,
    heading,
    light,
    open_url,
    place,
    safe,
    text,
    titled,
    turning,
)
from methodology.rules.figures import Semaforo

TITLE = "Pendientes: {actions}"
TITLE_NONE = "Pendientes"
NONE = "No hay acciones pendientes de seguimiento."
LINE = "{entity} · {due}"
OPEN = "Ver el tablero"
RESUME = "Continuar mi seguimiento"
PAGE = 10
_TEXT_SHOWN = 110


@dataclass(frozen=True)
class PendingAction:
    code: str
    text: str
    entity: str
    due: date | None
    light: Semaforo
    note: str = ""


@dataclass(frozen=True)
class Pending:
    """`subtitle` says whose and of which month; `actions` are those of the page; `resume` is the leader's button."""

    subtitle: str
    actions: tuple[PendingAction, ...]
    resume: str = ""
    page: Page = WHOLE
    url: str = ""


def pending(data: Pending) -> Element:
    return card(
        heading(_title(data), data.subtitle),
        *([_block(one) for one in data.actions] or [text(NONE)]),
        place(data.page, len(data.actions)),
        actions=[button(RESUME, data.resume, style="positive"), *turning(data.page), open_url(OPEN, data.url)],
    )


def _title(data: Pending) -> str:
    number = max(data.page.total, len(data.actions))
    return TITLE.format(actions=count(number, "acción", "acciones")) if number else TITLE_NONE


def _block(one: PendingAction) -> Element:
    entity = safe(clip(one.entity, 100))
    line = LINE.format(entity=entity, due=due_on(one.due)) if one.due else entity
    return container(
        titled(text(f"**{safe(one.code)}**"), light(one.light)),
        text(safe(clip(one.text, _TEXT_SHOWN)), spacing="Small"),
        text(line, size="Small", subtle=True, spacing="Small"),
        text(safe(clip(one.note, 100)), size="Small", spacing="None") if one.note else None,
        separator=True,
    )
