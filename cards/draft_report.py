"""R22: the draft of a period's achievements report, to Planning, who reads it and approves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import Element, button, card, facts, figure, heading, open_url, text
from methodology.rules.figures import Figures
from methodology.rules.spanish import long_date

TITLE = "Borrador: reporte de logros, {period}"
ASK = "Al aprobarlo se publica y se remite al Viceministerio; lo publicado ya no cambia."
NO_ACHIEVEMENTS = "Ninguno en el periodo; el reporte lo dice así"
OPEN = "Ver borrador"
APPROVE = "Aprobar y publicar"
WARNING = "Advertencia"


@dataclass(frozen=True)
class DraftReport:
    """`warning` is what Planning should know first, such as a missing microsite address (R5).

    `without` is said where there is no figure.
    """

    initiative: str
    period: str
    version: int
    cut_off: date
    achievements: int
    figures: Figures
    url: str
    approve: str
    warning: str = ""
    number: int = 0
    without: str = "Sin acciones"


def draft_report(data: DraftReport) -> Element:
    return card(
        heading(summary(data), data.initiative),
        facts(
            ("Logros", str(data.achievements) if data.achievements else NO_ACHIEVEMENTS),
            ("Cumplimiento", figure(data.figures.compliance, data.without)),
            ("Avance promedio", figure(data.figures.progress)),
            ("Oportunidad", figure(data.figures.timely, "Sin acciones cumplidas con fecha")),
            ("Corte", long_date(data.cut_off)),
            ("Versión", str(data.version)),
            ("Número", str(data.number)) if data.number else None,
            (WARNING, data.warning) if data.warning else None,
        ),
        text(ASK, subtle=True),
        actions=[open_url(OPEN, data.url), button(APPROVE, data.approve, style="positive")],
    )


def summary(data: DraftReport) -> str:
    return TITLE.format(period=data.period)
