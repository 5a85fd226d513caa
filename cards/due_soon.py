"""/por-vencer: the actions about to be due, the soonest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    WHOLE,
    Element,
    Page,
    card,
    clip,
    container,
    count,
    figure,
    heading,
    place,
    safe,
    text,
    turning,
)
from methodology.rules.spanish import short_date

TITLE = "Por vencer: {actions}"
TITLE_NONE = "Por vencer"
NONE = "No hay acciones por vencer en este plazo."
LINE = "{entity} · vence el {due} · {left}"
LAST = "Último avance: {figure}"
TODAY = "vence hoy"
PAGE = 10
_TEXT_SHOWN = 110


@dataclass(frozen=True)
class DueAction:
    code: str
    text: str
    entity: str
    due: date
    days: int
    percent: float | None


@dataclass(frozen=True)
class DueSoon:
    """`subtitle` says whose and within how many days; `actions` are those of the page."""

    subtitle: str
    actions: tuple[DueAction, ...]
    page: Page = WHOLE


def due_soon(data: DueSoon) -> Element:
    number = max(data.page.total, len(data.actions))
    title = TITLE.format(actions=count(number, "acción", "acciones")) if data.actions else TITLE_NONE
    return card(
        heading(title, data.subtitle),
        *([_block(one) for one in data.actions] or [text(NONE)]),
        place(data.page, len(data.actions)),
        actions=turning(data.page),
    )


def summary(data: DueSoon) -> str:
    return count(max(data.page.total, len(data.actions)), "acción por vencer", "acciones por vencer")


def _block(one: DueAction) -> Element:
    left = f"{'falta' if one.days == 1 else 'faltan'} {count(one.days, 'día', 'días')}" if one.days else TODAY
    line = LINE.format(entity=safe(clip(one.entity, 60)), due=short_date(one.due), left=f"**{left}**")
    return container(
        text(f"**{safe(one.code)}** · {safe(clip(one.text, _TEXT_SHOWN))}"),
        text(line, spacing="Small"),
        text(LAST.format(figure=figure(one.percent)), size="Small", subtle=True, spacing="None"),
        separator=True,
    )
