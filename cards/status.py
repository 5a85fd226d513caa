"""/estado: the initiatives with their figures and how many actions stand at each light."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from cards.parts import Element, card, container, count, figure, heading, open_url, quote, runs, safe, text
from methodology.rules.figures import Figures, Semaforo
from methodology.rules.spanish import long_date

TITLE = "Estado de las iniciativas"
TITLE_ONE = "Estado de {initiative}"
SUBTITLE = "Al {day}"
NO_ACTIONS = "Sin acciones"
COLUMNS = ("Iniciativa", "Cumplimiento")
LEGEND = "Cumplimiento: acciones cumplidas sobre el total. Avance: promedio del último reporte."
EXITS = "{exits}, fuera del total"
OPEN = "Ver el tablero"
MORE = "Se muestran {shown} de {total} iniciativas; con /estado y el nombre se ve cada una."
PAGE = 15
_COLORS = {"good": "Good", "warning": "Warning", "attention": "Attention"}
_MANY = {
    Semaforo.MET: "cumplidas",
    Semaforo.PAUSED: "pausadas",
    Semaforo.OVERDUE: "vencidas",
    Semaforo.OVERDUE_MONTH: "vencidas ≥ 1 mes",
}
_HIGH_LEVEL = "en solución de alto nivel"


@dataclass(frozen=True)
class StatusRow:
    """`state` is said when the initiative is not simply running («Pausada»)."""

    name: str
    figures: Figures
    lights: Mapping[Semaforo, int]
    state: str = ""


@dataclass(frozen=True)
class Status:
    day: date
    rows: tuple[StatusRow, ...]
    url: str = ""


def status(data: Status) -> Element:
    shown = data.rows[:PAGE]
    return card(
        heading(_title(data), SUBTITLE.format(day=long_date(data.day))),
        _table(shown),
        text(LEGEND, size="Small", subtle=True),
        text(MORE.format(shown=len(shown), total=len(data.rows)), subtle=True) if len(shown) < len(data.rows) else None,
        actions=[open_url(OPEN, data.url)],
    )


def _title(data: Status) -> str:
    return TITLE_ONE.format(initiative=data.rows[0].name) if len(data.rows) == 1 else TITLE


def _table(rows: tuple[StatusRow, ...]) -> Element:
    titles = [text(title, weight="Bolder", size="Small") for title in COLUMNS]
    return {
        "type": "Table",
        "firstRowAsHeaders": True,
        "showGridLines": True,
        "columns": [{"width": 5}, {"width": 3}],
        "rows": [_row(*titles), *[_row(_name(row), _numbers(row)) for row in rows]],
        "fallback": container(*map(_plain, rows)),
    }


def _row(*cells: Element) -> Element:
    return {"type": "TableRow", "cells": [{"type": "TableCell", "items": [cell]} for cell in cells]}


def _name(row: StatusRow) -> Element:
    name = f"{row.name} ({row.state})" if row.state else row.name
    return container(quote(name, bold=True), _lights(row), _exits(row))


def _numbers(row: StatusRow) -> Element:
    compliance = text(figure(row.figures.compliance, NO_ACTIONS), weight="Bolder")
    if not row.figures.counted:
        return compliance
    return container(compliance, text(f"Avance {_progress(row)}", size="Small", subtle=True, spacing="None"))


def _lights(row: StatusRow) -> Element | None:
    counts = _counts(row)
    return runs(*counts) | {"spacing": "Small"} if counts else None


def _exits(row: StatusRow) -> Element | None:
    exits = row.figures.exits
    return (
        text(EXITS.format(exits=count(exits, "salida", "salidas")), size="Small", subtle=True, spacing="Small")
        if exits
        else None
    )


def _counts(row: StatusRow) -> list[tuple[str, str]]:
    """Each light that has actions, as a coloured word with its number."""
    present = [light for light in Semaforo if row.lights.get(light) and light is not Semaforo.EXIT]
    words = [(_word(light, row.lights[light]), _COLORS.get(light.value.style, "")) for light in present]
    joined = [part for pair in words for part in (pair, (" · ", ""))]
    return joined[:-1]


def _word(light: Semaforo, number: int) -> str:
    """«2 vencidas», never broken between lines."""
    one = _HIGH_LEVEL if light is Semaforo.HIGH_LEVEL else light.value.word.lower()
    return f"{number} {_MANY.get(light, one) if number > 1 else one}".replace(" ", "\u00a0")


def _progress(row: StatusRow) -> str:
    return figure(row.figures.progress) if row.figures.counted else "—"


def _plain(row: StatusRow) -> Element:
    numbers = f"Cumplimiento {figure(row.figures.compliance, NO_ACTIONS)} · Avance {_progress(row)}"
    lights = "".join(words for words, _ in _counts(row)) or NO_ACTIONS
    return container(text(f"**{safe(row.name)}**"), text(numbers, spacing="None"), text(lights, spacing="None"))
