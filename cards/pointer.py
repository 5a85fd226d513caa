"""R17: a short pointer to the holder in person; the decision card itself is in the escalation channel."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, Reader, card, count, greeting, heading, open_url, safe, text

TITLE = "{alerts} por decidir"
BODY = "En el canal «{channel}» se publicó la tarjeta de {initiative}, con {alerts} para su decisión."
OPEN = "Ver la tarjeta"


@dataclass(frozen=True)
class Pointer:
    reader: Reader
    initiative: str
    channel: str
    alerts: int
    url: str


def pointer(data: Pointer) -> Element:
    body = BODY.format(channel=safe(data.channel), initiative=safe(data.initiative), alerts=_alerts(data))
    return card(
        heading(summary(data)),
        text(greeting(data.reader)),
        text(body, spacing="Small"),
        actions=[open_url(OPEN, data.url)],
    )


def summary(data: Pointer) -> str:
    return f"{data.initiative}: {TITLE.format(alerts=_alerts(data))}"


def _alerts(data: Pointer) -> str:
    return count(data.alerts, "alerta", "alertas")
