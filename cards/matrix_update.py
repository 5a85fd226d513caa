"""R28: actions were brought in at a reunión de logros: the updated matrix is to be published, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    Element,
    Reader,
    button,
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
from methodology.rules.spanish import full_date, long_date

TITLE = "Matriz por publicar"
LAST_DAY = "Hoy vence el plazo para publicar la matriz"
BODY = "En la reunión de logros del {held} {entered}. Corresponde a Planeación publicar la actualización de la matriz."
MORE = "Las demás están en la matriz."
PUBLISH = "Publicar la matriz"
MATRIX = "Ver la matriz"
PAGE = 20


@dataclass(frozen=True)
class NewAction:
    code: str
    text: str
    entity: str


@dataclass(frozen=True)
class MatrixUpdate:
    """`published` is the version in force on the site, 0 when there is none; `last_day` is the reminder."""

    reader: Reader
    initiative: str
    held_on: date
    due: date
    actions: tuple[NewAction, ...]
    published: int = 0
    last_day: bool = False
    publish: str = ""
    matrix_url: str = ""


def matrix_update(data: MatrixUpdate) -> Element:
    number = len(data.actions)
    entered = f"{'ingresó' if number == 1 else 'ingresaron'} {count(number, 'acción', 'acciones')}"
    shown = fitting([_block(action) for action in data.actions], PAGE)
    return card(
        heading(_title(data), data.initiative),
        text(greeting(data.reader)),
        text(BODY.format(held=long_date(data.held_on), entered=entered), spacing="Small"),
        facts(
            ("Plazo", full_date(data.due)),
            ("Publicada", f"Versión {data.published}" if data.published else "Ninguna versión"),
        ),
        *shown,
        listed(len(shown), number, "acciones", MORE),
        actions=[button(PUBLISH, data.publish, style="positive"), open_url(MATRIX, data.matrix_url)],
    )


def summary(data: MatrixUpdate) -> str:
    return f"{data.initiative}: {_title(data).lower()}"


def _title(data: MatrixUpdate) -> str:
    return LAST_DAY if data.last_day else TITLE


def _block(action: NewAction) -> Element:
    return container(
        text(f"**{safe(action.code)}** {safe(clip(action.text, 160))}"),
        text(safe(clip(action.entity, 100)), subtle=True, size="Small", spacing="Small"),
        separator=True,
    )
