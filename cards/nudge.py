"""R11: within the window, to leaders who still owe something; it names only what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import Element, Reader, card, clip, count, execute, fitting, greeting, heading, listed, safe, text
from cards.pending import Undecided, undecided
from methodology.rules.months import Month
from methodology.rules.spanish import full_date, month_name

TITLE = "Seguimiento de {month}: {left}"
ASK = "Para completar el mes falta solo lo siguiente. El plazo es el {deadline}."
SUMMARY = "{initiative}: {left}, plazo {deadline}"
DELEGATED = "El seguimiento de este mes está delegado en {to}."
RESUME = "Continuar"
MORE = "Las demás aparecen al continuar."
PAGE = 30
_TEXT_SHOWN = 120


@dataclass(frozen=True)
class MissingAction:
    code: str
    text: str


@dataclass(frozen=True)
class Nudge:
    """`delegated` is to whom the leader delegated the month, and until when."""

    reader: Reader
    initiative: str
    month: Month
    missing: tuple[MissingAction, ...]
    deadline: date
    resume: str
    delegated: str = ""
    undecided: tuple[Undecided, ...] = ()


def nudge(data: Nudge) -> Element:
    month = month_name(data.month.year, data.month.number)
    lines = [text(f"**{safe(one.code)}** {safe(clip(one.text, _TEXT_SHOWN))}") for one in data.missing]
    shown = fitting(lines, PAGE)
    return card(
        heading(TITLE.format(month=month, left=_left(data)), data.initiative),
        text(greeting(data.reader)),
        text(ASK.format(deadline=full_date(data.deadline))),
        text(DELEGATED.format(to=safe(clip(data.delegated, 160))), subtle=True) if data.delegated else None,
        *shown,
        listed(len(shown), len(data.missing), "acciones", MORE),
        undecided(data.undecided),
        actions=[execute(RESUME, data.resume, style="positive")],
    )


def summary(data: Nudge) -> str:
    return SUMMARY.format(initiative=data.initiative, left=_left(data), deadline=full_date(data.deadline))


def _left(data: Nudge) -> str:
    number = len(data.missing)
    return f"{'falta' if number == 1 else 'faltan'} {count(number, 'acción', 'acciones')}"
