"""R10: the window that comes has fewer than three hábil days, so the leader hears of it two hábil days before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import Element, Reader, button, card, count, facts, greeting, heading, text
from methodology.rules.months import Month
from methodology.rules.spanish import full_date, month_name

TITLE = "Se aproxima el seguimiento de {month}"
BODY = (
    "La ventana de este mes tiene {habiles}. Puede registrar el avance desde hoy; "
    "lo registrado antes de la ventana queda como reporte anticipado."
)
BEGIN = "Comenzar desde hoy"


@dataclass(frozen=True)
class HeadsUp:
    reader: Reader
    initiative: str
    month: Month
    first: date
    last: date
    habiles: int
    actions: int
    begin: str = ""


def heads_up(data: HeadsUp) -> Element:
    habiles = count(data.habiles, "día hábil", "días hábiles")
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        text(BODY.format(habiles=habiles), spacing="Small"),
        facts(
            ("Abre", full_date(data.first)),
            ("Cierra", full_date(data.last)),
            ("Por reportar", count(data.actions, "acción", "acciones")),
        ),
        actions=[button(BEGIN, data.begin, style="positive")],
    )


def summary(data: HeadsUp) -> str:
    return TITLE.format(month=month_name(data.month.year, data.month.number))
