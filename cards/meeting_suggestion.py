"""R25: reuniones de logros are suggested, with what there is to show; a person convenes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.parts import (
    Element,
    Reader,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    facts,
    figure,
    fitting,
    greeting,
    heading,
    listed,
    open_url,
    quote,
    safe,
    text,
)
from methodology.rules.figures import Figures

TITLE = "Se sugiere una reunión de logros"
SEVERAL = "Se sugieren reuniones de logros"
WHY = "**Motivo**"
WHYS = "**Motivos**"
NOT_CONVENED = "El asistente no convoca: cada reunión la prepara y la convoca una persona."
PREPARE = "Preparar la reunión"
MATRIX = "Ver la matriz"
MORE = "Las demás se preparan desde /reunion."
_MOST = 12


@dataclass(frozen=True)
class Suggested:
    """One initiative. `reasons` as they were recorded; `exits` are to be told, `new_actions` brought in (R34, R26)."""

    initiative: str
    reasons: tuple[str, ...]
    figures: Figures
    raised: int = 0
    exits: int = 0
    new_actions: int = 0
    prepare: str = ""
    matrix_url: str = ""


@dataclass(frozen=True)
class MeetingSuggestion:
    """What is suggested to one reader at one moment, an initiative each."""

    reader: Reader
    suggested: tuple[Suggested, ...]


def meeting_suggestion(data: MeetingSuggestion) -> Element:
    one, shown = len(data.suggested) == 1, fitting([_initiative(row) for row in data.suggested], _MOST)
    return card(
        heading(TITLE, data.suggested[0].initiative) if one else heading(SEVERAL),
        text(greeting(data.reader)),
        *([*_why(data.suggested[0])] if one else shown),
        None if one else listed(len(shown), len(data.suggested), "iniciativas", MORE),
        text(NOT_CONVENED, subtle=True, separator=not one),
        actions=_buttons(data.suggested[0]) if one else (),
    )


def _why(row: Suggested) -> Sequence[Element]:
    figures = row.figures
    return (
        text(WHY if len(row.reasons) == 1 else WHYS),
        *(quote(f"{reason[:1].upper()}{reason[1:]}.") for reason in row.reasons),
        facts(
            ("Cumplimiento", figure(figures.compliance, "Sin acciones")),
            ("Cumplidas", f"{figures.met} de {count(figures.counted, 'acción', 'acciones')}"),
            ("Alertas elevadas", str(row.raised)),
            ("Salidas por informar", str(row.exits)),
            ("Nuevas validadas", str(row.new_actions)),
        ),
    )


def _buttons(row: Suggested) -> Sequence[Element | None]:
    return (button(PREPARE, row.prepare, style="positive"), open_url(MATRIX, row.matrix_url))


def _initiative(row: Suggested) -> Element:
    """One of several, on few lines: its reasons, and what differs from nothing."""
    figures = row.figures
    told = (
        f"{figure(figures.compliance, 'Sin acciones')} de cumplimiento",
        count(row.raised, "alerta elevada", "alertas elevadas") if row.raised else "",
        count(row.exits, "salida por informar", "salidas por informar") if row.exits else "",
        count(row.new_actions, "acción nueva validada", "acciones nuevas validadas") if row.new_actions else "",
    )
    return container(
        text(f"**{safe(clip(row.initiative, 160))}**"),
        *(quote(clip(f"{reason[:1].upper()}{reason[1:]}.", 300)) for reason in row.reasons),
        text(" · ".join(part for part in told if part), subtle=True, size="Small", spacing="Small"),
        buttons(*_buttons(row)),
        separator=True,
    )


def summary(data: MeetingSuggestion) -> str:
    if len(data.suggested) == 1:
        return f"{data.suggested[0].initiative}: {TITLE.lower()}"
    return f"{SEVERAL}: {', '.join(row.initiative for row in data.suggested)}"
