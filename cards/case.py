"""R30: a Solución de alto nivel opened, or joined by more actions; to its two owners, leader and management."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cards.parts import (
    LIST_BYTES,
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
    safe,
    text,
)
from methodology.rules.spanish import short_date

OPENED = "Solución de alto nivel: se abrió un caso"
JOINED = "Solución de alto nivel: {actions} al caso abierto"
BODY = (
    "{actions} con más de 2 meses de vencimiento. Corresponde al líder técnico y a la Gerencia General definir medidas."
)
LINE = "Venció el {due}: {days} de vencida."
MORE = "Las demás están en /estado."
OPEN = "Abrir el caso"
WHY = "¿Por qué?"
MEASURE = "{state} · {responsible}, a más tardar el {deadline}"
STANDS = "**Estado del caso:** {state}"
NO_MEASURES = "No se ha definido ninguna medida."
NO_PART = "Por registrar"
PAGE = 30
_MEASURES_SHOWN = 8
_VIEW_BYTES = 6_000


@dataclass(frozen=True)
class CaseAction:
    code: str
    text: str
    entity: str
    due: date
    days: int


@dataclass(frozen=True)
class CaseMeasure:
    """R32: what, by whom, until when, and how it stands."""

    description: str
    responsible: str
    deadline: date
    state: str


@dataclass(frozen=True)
class CaseView:
    """How a case stands: its parts (R31), its measures (R32), the outcome of each action (code, outcome; R33)."""

    state: str
    leader_part: str
    management_part: str
    measures: tuple[CaseMeasure, ...]
    outcomes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CaseNews:
    """`joined` says that the case was open already and these actions came to it; `view`, how that case stands.

    `open` is the token of the case's own card.
    """

    reader: Reader
    initiative: str
    actions: tuple[CaseAction, ...]
    joined: bool = False
    open: str = ""
    why: str = ""
    view: CaseView | None = None


def case(data: CaseNews) -> Element:
    budget = LIST_BYTES - (2 * _VIEW_BYTES if data.view else 0)
    shown = fitting([_block(action) for action in data.actions], PAGE, budget)
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        text(BODY.format(actions=count(len(data.actions), "acción", "acciones")), spacing="Small"),
        *shown,
        listed(len(shown), len(data.actions), "acciones", MORE),
        *(case_view(data.view) if data.view else ()),
        actions=[button(OPEN, data.open, style="positive"), button(WHY, data.why)],
    )


def summary(data: CaseNews) -> str:
    if not data.joined:
        return OPENED
    number = len(data.actions)
    return JOINED.format(actions=f"{'ingresó' if number == 1 else 'ingresaron'} {count(number, 'acción', 'acciones')}")


def case_view(view: CaseView) -> Sequence[Element]:
    """The state of a case as a part of any card."""
    measures = fitting([_measure(one) for one in view.measures], _MEASURES_SHOWN, _VIEW_BYTES)
    outcomes = [(code, clip(outcome, 60)) for code, outcome in view.outcomes[:PAGE] if outcome]
    return [
        text(STANDS.format(state=safe(view.state)), separator=True),
        facts(
            ("Líder técnico", clip(view.leader_part, 300) or NO_PART),
            ("Gerencia General", clip(view.management_part, 300) or NO_PART),
        ),
        *(measures or [text(NO_MEASURES, subtle=True)]),
        *([facts(*outcomes)] if outcomes else []),
    ]


def _measure(measure: CaseMeasure) -> Element:
    line = MEASURE.format(
        state=measure.state, responsible=safe(clip(measure.responsible, 80)), deadline=short_date(measure.deadline)
    )
    return container(text(safe(clip(measure.description, 200))), text(line, subtle=True, size="Small", spacing="None"))


def _block(action: CaseAction) -> Element:
    days = count(action.days, "día", "días")
    return container(
        text(f"**{safe(action.code)}** {safe(clip(action.text, 160))}"),
        text(safe(clip(action.entity, 100)), subtle=True, size="Small", spacing="Small"),
        text(LINE.format(due=short_date(action.due), days=days), spacing="Small"),
        separator=True,
    )
