"""R17: a short pointer to the holder in person; the decision cards themselves are in the escalation channel."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import (
    Element,
    Reader,
    buttons,
    card,
    clip,
    container,
    count,
    fitting,
    greeting,
    heading,
    listed,
    open_url,
    safe,
    text,
)

TITLE = "{alerts} por decidir"
BODY = "En el canal «{channel}» se publicó la tarjeta de {initiative}, con {alerts} para su decisión."
SEVERAL = "En el canal «{channel}» se publicaron las tarjetas de {initiatives}, con {alerts} para su decisión."
OPEN = "Ver la tarjeta"
MORE = "Las demás están en el canal."
_MOST = 20
_NAMES_SHOWN = 160


@dataclass(frozen=True)
class Pointed:
    """One initiative's card in the channel, with how many alerts it brought."""

    initiative: str
    alerts: int
    url: str


@dataclass(frozen=True)
class Pointer:
    """What was published at one moment for one reader: at least one card."""

    reader: Reader
    channel: str
    cards: tuple[Pointed, ...]


def pointer(data: Pointer) -> Element:
    first, one = data.cards[0], len(data.cards) == 1
    number = count(len(data.cards), "iniciativa", "iniciativas")
    body = BODY.format(channel=safe(data.channel), initiative=safe(first.initiative), alerts=_alerts(data))
    several = SEVERAL.format(channel=safe(data.channel), initiatives=number, alerts=_alerts(data))
    shown = [] if one else fitting([_block(row) for row in data.cards], _MOST)
    return card(
        heading(summary(data)),
        text(greeting(data.reader)),
        text(body if one else several, spacing="Small"),
        *shown,
        None if one else listed(len(shown), len(data.cards), "iniciativas", MORE),
        actions=[open_url(OPEN, first.url)] if one else (),
    )


def summary(data: Pointer) -> str:
    names = clip(", ".join(row.initiative for row in data.cards), _NAMES_SHOWN)
    return f"{names}: {TITLE.format(alerts=_alerts(data))}"


def _block(row: Pointed) -> Element:
    return container(
        text(f"**{safe(clip(row.initiative, _NAMES_SHOWN))}** · {count(row.alerts, 'alerta', 'alertas')}"),
        buttons(open_url(OPEN, row.url)),
        separator=True,
    )


def _alerts(data: Pointer) -> str:
    return count(sum(row.alerts for row in data.cards), "alerta", "alertas")
