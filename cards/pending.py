"""/pendientes: what waits for somebody, oldest first: actions without report, alerts, dates to be set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    Element,
    button,
    card,
    clip,
    container,
    count,
    fitting,
    heading,
    light,
    listed,
    open_url,
    safe,
    text,
    titled,
    when,
)
from methodology.rules.figures import Semaforo

TITLE = "Pendientes: {actions}"
TITLE_NONE = "Pendientes"
NONE = "No hay acciones pendientes de seguimiento."
LINE = "{entity} · vencimiento {due}"
OPEN = "Ver el tablero"
RESUME = "Continuar mi seguimiento"
MORE = "Indique la iniciativa: /pendientes y su nombre."
PAGE = 30
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
    """`subtitle` says whose and of which month; `resume` is the leader's button."""

    subtitle: str
    actions: tuple[PendingAction, ...]
    resume: str = ""
    url: str = ""


def pending(data: Pending) -> Element:
    shown = fitting([_block(one) for one in data.actions], PAGE)
    return card(
        heading(_title(data), data.subtitle),
        *(shown or [text(NONE)]),
        listed(len(shown), len(data.actions), "acciones", MORE),
        actions=[button(RESUME, data.resume, style="positive"), open_url(OPEN, data.url)],
    )


def _title(data: Pending) -> str:
    number = len(data.actions)
    return TITLE.format(actions=count(number, "acción", "acciones")) if number else TITLE_NONE


def _block(one: PendingAction) -> Element:
    entity = safe(clip(one.entity, 100))
    line = LINE.format(entity=entity, due=when(one.due)) if one.due else entity
    return container(
        titled(text(f"**{safe(one.code)}**"), light(one.light)),
        text(safe(clip(one.text, _TEXT_SHOWN)), spacing="Small"),
        text(line, size="Small", subtle=True, spacing="Small"),
        text(safe(clip(one.note, 100)), size="Small", spacing="None") if one.note else None,
        separator=True,
    )
