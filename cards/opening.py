"""R10: the window opens. One card per leader and initiative, with what there is to do and how long it takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil

from cards.parts import (
    Element,
    Reader,
    button,
    card,
    count,
    execute,
    facts,
    greeting,
    heading,
    open_url,
    safe,
    said,
    text,
)
from methodology.rules.months import Month
from methodology.rules.spanish import full_date, month_name

TITLE = "Seguimiento de {month}"
ASK = "De manera atenta se solicita registrar el avance de las acciones a su cargo. Puede hacerlo por partes."
SUMMARY = "Seguimiento de {month}, {initiative}: {actions}, plazo {deadline}"
BEGIN = "Comenzar"
TABLE = "Varias a la vez"
TOMORROW = "Recordarme mañana"
DELEGATE = "Delegar"
DELEGATED = "{who} le delegó este seguimiento."
DONE = "Hecho"
MATRIX = "Ver matriz"
_MINUTES_EACH = 1.5
_STEP = 5


@dataclass(frozen=True)
class Opening:
    """`begin`, `table`, `tomorrow` and `delegate` are tokens; `done` is what was just arranged."""

    reader: Reader
    initiative: str
    month: Month
    actions: int
    entities: int
    answered: int
    deadline: date
    minutes: int
    begin: str
    matrix_url: str = ""
    tomorrow: str = ""
    delegate: str = ""
    table: str = ""
    delegated_by: str = ""
    done: str = ""


def estimated_minutes(actions: int) -> int:
    """A minute and a half an action, rounded up to five."""
    return max(_STEP, ceil(actions * _MINUTES_EACH / _STEP) * _STEP)


def opening(data: Opening) -> Element:
    return card(
        said(DONE, data.done, "good") if data.done else None,
        heading(TITLE.format(month=_month(data)), data.initiative),
        text(greeting(data.reader)),
        text(DELEGATED.format(who=safe(data.delegated_by)), spacing="Small") if data.delegated_by else None,
        text(ASK, spacing="Small"),
        facts(
            ("Por reportar", count(data.actions, "acción", "acciones")),
            ("Respuestas", _answered(data)),
            ("Plazo", full_date(data.deadline)),
            ("Duración", f"unos {data.minutes} minutos"),
        ),
        actions=[
            execute(BEGIN, data.begin, style="positive"),
            button(TABLE, data.table),
            button(TOMORROW, data.tomorrow),
            button(DELEGATE, data.delegate),
            open_url(MATRIX, data.matrix_url),
        ],
    )


def summary(data: Opening) -> str:
    """The notification's line."""
    actions = count(data.actions, "acción", "acciones")
    return SUMMARY.format(
        month=_month(data), initiative=data.initiative, actions=actions, deadline=full_date(data.deadline)
    )


def _month(data: Opening) -> str:
    return month_name(data.month.year, data.month.number)


def _answered(data: Opening) -> str:
    return f"{data.answered} de {count(data.entities, 'entidad', 'entidades')}"
