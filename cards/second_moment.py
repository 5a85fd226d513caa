"""R18: alerts that may go to the Equipo de Alto Nivel. Proposed to leader and management; a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

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
    fitting,
    greeting,
    heading,
    listed,
    safe,
    text,
    when,
)
from methodology.rules.spanish import long_date

TITLE = "Segundo momento: {alerts} por considerar"
BODY = (
    "La alerta se entregó al Viceministerio y, después de {habiles}, no tiene avance ni una decisión vigente. Si "
    "lo considera necesario, puede llevarla a integrantes del Equipo de Alto Nivel, indicando quiénes y el "
    "motivo."
)
BODY_MANY = (
    "Las alertas se entregaron al Viceministerio y, después de {habiles}, no tienen avance ni una decisión vigente. "
    "Si lo considera necesario, puede llevarlas a integrantes del Equipo de Alto Nivel, indicando quiénes y el "
    "motivo."
)
TEAM = "**Integrantes activos:** {names}."
NO_TEAM = (
    "**La iniciativa no tiene integrantes activos en su Equipo de Alto Nivel:** se proponen con /equipo y, una vez "
    "invitados, la alerta se lleva desde /alertas."
)
HOW = "La decisión se registra con el botón, o desde /alertas. Nada se remite sin ella."
HOW_TYPED = "La decisión se registra desde /alertas. Nada se remite sin ella."
LAPSED = "{what} sin avance."
DECIDE = "Llevar al Equipo de Alto Nivel"
MORE = "Las demás están en /alertas."
PAGE = 8
_TEXT_SHOWN = 200
_TEAM_SHOWN = 600


@dataclass(frozen=True)
class WaitingAlert:
    """`told_on` is the day of the decision card; `decide` the token that opens the form, «» without a team.

    `lapsed` are the decisions whose date has passed.
    """

    subject: str
    text: str
    entity: str
    due: date | None
    told_on: date
    decide: str = ""
    lapsed: tuple[str, ...] = ()


@dataclass(frozen=True)
class SecondMoment:
    """`habiles` is the initiative's own term, `team` its active members with their posts."""

    reader: Reader
    initiative: str
    habiles: int
    alerts: tuple[WaitingAlert, ...]
    team: tuple[str, ...] = ()


def second_moment(data: SecondMoment) -> Element:
    shown = fitting([_block(alert) for alert in data.alerts], PAGE)
    team = TEAM.format(names=safe(clip("; ".join(data.team), _TEAM_SHOWN))) if data.team else NO_TEAM
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        text(
            (BODY if len(data.alerts) == 1 else BODY_MANY).format(
                habiles=count(data.habiles, "día hábil", "días hábiles")
            ),
            spacing="Small",
        ),
        *shown,
        listed(len(shown), len(data.alerts), "alertas", MORE),
        text(team),
        _how(data),
    )


def _how(data: SecondMoment) -> Element | None:
    if not data.team:
        return None
    return text(HOW if any(alert.decide for alert in data.alerts) else HOW_TYPED, subtle=True)


def summary(data: SecondMoment) -> str:
    return TITLE.format(alerts=count(len(data.alerts), "alerta", "alertas"))


def _block(alert: WaitingAlert) -> Element:
    return container(
        text(f"**{safe(clip(alert.subject, 120))}** {safe(clip(alert.text, _TEXT_SHOWN))}"),
        facts(
            ("Entidad", clip(alert.entity, 120)),
            ("Vencimiento", when(alert.due)) if alert.due else None,
            ("Entregada el", long_date(alert.told_on)),
        ),
        *(text(safe(clip(LAPSED.format(what=one), 200)), spacing="Small") for one in alert.lapsed),
        buttons(button(DECIDE, alert.decide)),
        separator=True,
    )
