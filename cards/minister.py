"""R17: alerts that a person took to the Minister: who and why, then each with its buttons as in the decision card."""

from __future__ import annotations

from dataclasses import dataclass

from cards.escalation import EscalatedAlert, block
from cards.parts import Element, Reader, card, clip, count, fitting, greeting, heading, listed, quote, text

TITLE = "{alerts} a su consideración"
BODY = (
    "Se ponen a consideración del despacho las siguientes alertas de la iniciativa, con el motivo de quien las remite."
)
BODY_ONE = (
    "Se pone a consideración del despacho la siguiente alerta de la iniciativa, con el motivo de quien la remite."
)
TAKEN = "{by}: {reason}"
MORE = "Las demás están en /alertas."
PAGE = 5
_REASON_SHOWN = 400


@dataclass(frozen=True)
class TakenAlert:
    """An alert, who took it to the Minister, and the reason as it was written."""

    alert: EscalatedAlert
    by: str
    reason: str


@dataclass(frozen=True)
class Minister:
    reader: Reader
    initiative: str
    alerts: tuple[TakenAlert, ...]


def minister(data: Minister) -> Element:
    shown = fitting([_taken(one) for one in data.alerts], PAGE)
    return card(
        heading(summary(data)),
        text(greeting(data.reader)),
        text(BODY_ONE if len(data.alerts) == 1 else BODY, spacing="Small"),
        *shown,
        listed(len(shown), len(data.alerts), "alertas", MORE),
    )


def summary(data: Minister) -> str:
    return f"{data.initiative}: {TITLE.format(alerts=count(len(data.alerts), 'alerta', 'alertas'))}"


def _taken(one: TakenAlert) -> Element:
    why = TAKEN.format(by=one.by, reason=clip(one.reason, _REASON_SHOWN))
    return block(one.alert, quote(why))
