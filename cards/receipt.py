"""What was recorded, word for word, what is still missing, and how to correct it."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import (
    Element,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    facts,
    figure,
    fitting,
    heading,
    listed,
    quote,
    safe,
    text,
)
from cards.pending import Undecided, undecided
from methodology.rules.months import Month
from methodology.rules.spanish import month_name
from methodology.rules.states import TIMELINESS_LABELS, Timeliness

TITLE = "Seguimiento registrado"
NOTHING = "Seguimiento pendiente"
MISSING = "**Sin reporte todavía ({number}):** {codes}"
UNSAVED = "**Corrección sin guardar:** {codes}. Con «Corregir» se completa."
COMPLETE = "No queda ninguna acción pendiente en este mes."
CORRECT = "Para corregir, escriba el código con el nuevo dato: «{code} 85% nuevo texto»."
MORE = "Las demás están en /estado."
RESUME = "Continuar"
TABLE = "Varias a la vez"
FIX = "Corregir"
MET_ON = "Fecha de cumplimiento"
EVIDENCE = "Evidencia"
REASON = "Motivo"
BLOCKER = "Causa del atraso"
HELP = "Apoyo que se requiere"
LOGRO = "**Se publica como logro:** {words}"
PUBLIC = (
    "En la matriz publicada aparecen el porcentaje y el texto; en el reporte de logros, solo lo marcado como logro."
)
PAGE = 12
_TEXT_SHOWN = 1000


@dataclass(frozen=True)
class Recorded:
    """One follow-up as it stands in the ledger. `timeliness` is a Timeliness; `correct` the token that opens it.

    `details` are the other things that were recorded with it, (name, value).
    """

    code: str
    percent: float
    text: str
    timeliness: str
    achievement: str = ""
    correct: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Receipt:
    """`unsaved` are the recorded actions of which a correction was begun and not saved."""

    initiative: str
    month: Month
    recorded: tuple[Recorded, ...]
    missing: tuple[str, ...] = ()
    resume: str = ""
    table: str = ""
    undecided: tuple[Undecided, ...] = ()
    unsaved: tuple[str, ...] = ()


def receipt(data: Receipt) -> Element:
    shown = fitting([_block(one) for one in data.recorded], PAGE)
    month = month_name(data.month.year, data.month.number)
    return card(
        heading(TITLE if data.recorded else NOTHING, f"{data.initiative} · {month}"),
        undecided(data.undecided),
        *shown,
        listed(len(shown), len(data.recorded), "registros", MORE),
        text(PUBLIC, subtle=True, size="Small", separator=True) if data.recorded else None,
        text(UNSAVED.format(codes=", ".join(data.unsaved))) if data.unsaved else None,
        text(_left(data), separator=not data.recorded) if data.missing or not data.unsaved else None,
        text(CORRECT.format(code=data.recorded[0].code), subtle=True, size="Small") if data.recorded else None,
        actions=[
            button(RESUME, data.resume, style="positive") if data.missing else None,
            button(TABLE, data.table) if data.missing else None,
        ],
    )


def _block(one: Recorded) -> Element:
    label = TIMELINESS_LABELS[Timeliness(one.timeliness)]
    return container(
        text(f"**{one.code}** · {figure(one.percent)} · {label}"),
        quote(clip(one.text, _TEXT_SHOWN)),
        facts(*[(name, clip(value, _TEXT_SHOWN)) for name, value in one.details]) if one.details else None,
        text(LOGRO.format(words=safe(one.achievement)), spacing="Small") if one.achievement else None,
        buttons(button(FIX, one.correct)),
        separator=True,
    )


def _left(data: Receipt) -> str:
    if not data.missing:
        return COMPLETE
    codes = ", ".join(data.missing)
    return MISSING.format(number=count(len(data.missing), "acción", "acciones"), codes=codes)
