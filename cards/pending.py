"""/pendientes: what waits for somebody, oldest first: actions without report, alerts, dates to be set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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
    due_on,
    fitting,
    heading,
    light,
    listed,
    open_url,
    place,
    safe,
    text,
    titled,
    turning,
)
from methodology.rules.figures import Semaforo
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, month_name, percent

TITLE = "Pendientes: {actions}"
TITLE_NONE = "Pendientes"
NONE = "No hay acciones pendientes de seguimiento."
LINE = "{entity} · {due}"
OPEN = "Ver el tablero"
RESUME = "Continuar mi seguimiento"
TO_DECIDE = "Por decidir"
REPORTED = "{entity} reportó {what} el {day}. El reporte de {month} se registró sin tenerlo en cuenta."
NO_FIGURE = "su avance"
DECIDE = "Revisar"
MORE = "Las demás aparecen al decidir estas."
PAGE = 10
_UNDECIDED, _UNDECIDED_BYTES = 5, 5 * 1024
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
class Undecided:
    """R11: what an entity reported beside a follow-up that was registered without it.

    `open` is the token of the action's card of that month.
    """

    code: str
    entity: str
    percent: float | None
    on: date
    month: Month
    open: str = ""


@dataclass(frozen=True)
class Pending:
    """`subtitle` says whose and of which month; `actions` are those of the page; `resume` is the leader's button."""

    subtitle: str
    actions: tuple[PendingAction, ...]
    resume: str = ""
    page: Page = WHOLE
    url: str = ""
    undecided: tuple[Undecided, ...] = ()


def pending(data: Pending) -> Element:
    return card(
        heading(_title(data), data.subtitle),
        undecided(data.undecided),
        *([_block(one) for one in data.actions] or ([] if data.undecided else [text(NONE)])),
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


def undecided(rows: Sequence[Undecided]) -> Element | None:
    """The block of any card of the leader's month; nothing when nothing waits."""
    shown = fitting([_undecided(one) for one in rows], _UNDECIDED, _UNDECIDED_BYTES)
    more = listed(len(shown), len(rows), "acciones", MORE)
    return container(text(f"**{TO_DECIDE}**"), *shown, more, separator=True) if rows else None


def _undecided(one: Undecided) -> Element:
    return container(
        text(f"**{safe(one.code)}** · {reported(one)}", spacing="Small"), buttons(button(DECIDE, one.open))
    )


def reported(one: Undecided) -> str:
    """Who reported what, and when."""
    what = NO_FIGURE if one.percent is None else percent(one.percent)
    month = month_name(one.month.year, one.month.number)
    return REPORTED.format(entity=safe(clip(one.entity, 90)), what=what, day=long_date(one.on), month=month)
