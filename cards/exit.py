"""R33: the management gave exit to actions; told to the leader, with a copy to planning."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import (
    Element,
    Reader,
    card,
    clip,
    container,
    count,
    facts,
    fitting,
    greeting,
    heading,
    listed,
    open_url,
    quote,
    safe,
    text,
    when,
)
from methodology.rules.spanish import long_date

TITLE = "Salida de {actions}"
BODY = (
    "Surtida la Solución de alto nivel y persistiendo el incumplimiento, la Gerencia General confirmó la salida. "
    "Se informa en la próxima reunión de logros."
)
REASON = "**Motivo**"
MORE = "Las demás están en /estado."
OPEN = "Ver la matriz"
PAGE = 12
_TEXT_SHOWN = 200


@dataclass(frozen=True)
class ExitedAction:
    code: str
    text: str
    entity: str
    due: date | None
    by: str
    on: date
    reason: str


@dataclass(frozen=True)
class ExitNews:
    reader: Reader
    initiative: str
    actions: tuple[ExitedAction, ...]
    url: str = ""


def exit_news(data: ExitNews) -> Element:
    shown = fitting([_block(action) for action in data.actions], PAGE)
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        text(BODY, spacing="Small"),
        *shown,
        listed(len(shown), len(data.actions), "acciones", MORE),
        actions=[open_url(OPEN, data.url)],
    )


def summary(data: ExitNews) -> str:
    one = data.actions[0].code if len(data.actions) == 1 else count(len(data.actions), "acción", "acciones")
    return TITLE.format(actions=one)


def _block(action: ExitedAction) -> Element:
    return container(
        text(f"**{safe(action.code)}** {safe(clip(action.text, _TEXT_SHOWN))}"),
        facts(
            ("Entidad", clip(action.entity, 120)),
            ("Vencimiento", when(action.due)),
            ("Confirmó", f"{action.by}, {long_date(action.on)}"),
        ),
        text(REASON),
        quote(clip(action.reason, 400)),
        separator=True,
    )
