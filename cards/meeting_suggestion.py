"""R25: a reunión de logros is suggested, with what there is to show; a person convenes it."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, Reader, button, card, count, facts, figure, greeting, heading, open_url, quote, text
from methodology.rules.figures import Figures

TITLE = "Se sugiere una reunión de logros"
WHY = "Motivo:"
NOT_CONVENED = "El asistente no convoca: la reunión la prepara y la convoca una persona."
PREPARE = "Preparar la reunión"
MATRIX = "Ver la matriz"


@dataclass(frozen=True)
class MeetingSuggestion:
    """`reasons` as they were recorded; `exits` are to be told, `new_actions` to be brought in (R34, R26)."""

    reader: Reader
    initiative: str
    reasons: tuple[str, ...]
    figures: Figures
    raised: int = 0
    exits: int = 0
    new_actions: int = 0
    prepare: str = ""
    matrix_url: str = ""


def meeting_suggestion(data: MeetingSuggestion) -> Element:
    figures = data.figures
    return card(
        heading(TITLE, data.initiative),
        text(greeting(data.reader)),
        text(WHY, spacing="Small"),
        *(quote(f"{reason[:1].upper()}{reason[1:]}.") for reason in data.reasons),
        facts(
            ("Cumplimiento", figure(figures.compliance, "Sin acciones")),
            ("Cumplidas", f"{figures.met} de {count(figures.counted, 'acción', 'acciones')}"),
            ("Alertas elevadas", str(data.raised)),
            ("Salidas por informar", str(data.exits)),
            ("Acciones nuevas validadas", str(data.new_actions)),
        ),
        text(NOT_CONVENED, subtle=True),
        actions=[button(PREPARE, data.prepare, style="positive"), open_url(MATRIX, data.matrix_url)],
    )


def summary(data: MeetingSuggestion) -> str:
    return f"{data.initiative}: {TITLE.lower()}"
