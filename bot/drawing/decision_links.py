"""Links by which somebody without Teams decides from a mail: each names one operation and is used once (R44, R45)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.drawing.context import Desk
from mail.writing.notice import Link
from methodology import alerts
from methodology.operations import OPERATIONS
from methodology.refusals import NotFound
from storage.ledger import CardAction

VERB = "web.op"
KIND = "decision"
# What a card's button does, as an operation of the table; the argument that names the alert.
_AS_OPERATION: Mapping[str, str] = {
    "alert.ack": "alerta.acusar",
    "alert.assign": "alerta.gestion",
    "alert.ask": "alerta.informacion",
    "alert.note": "alerta.anotar",
}


def link(desk: Desk, operation_id: str, given: Mapping[str, str], who: str) -> str:
    """The address by which `who` («person:7», «member:3») does one operation about what is `given`."""
    args = {"op": operation_id, "given": dict(given), "who": who}
    token = desk.button(VERB, args, once=True)
    return desk.studio.links.to(KIND, token, f"/decidir/{token}")


def links_of(desk: Desk, card: Any, who: str) -> Iterator[Link]:  # noqa: ANN401 - any part of a card
    """One link for each of the card's buttons that is an operation."""
    told: set[str] = set()
    for action in _executes(card):
        button = desk.session.get(CardAction, action["data"]["a"])
        meant = _operation_of(button) if button else None
        if meant is None:
            continue
        label = f"{_subject(desk, meant[1])}{OPERATIONS[meant[0]].title}"
        if label not in told:
            told.add(label)
            yield Link(label, link(desk, *meant, who))


def _operation_of(button: CardAction) -> tuple[str, Mapping[str, str]] | None:
    if button.verb in _AS_OPERATION:
        return _AS_OPERATION[button.verb], {"alerta": str(button.args["alert"])}
    if button.verb == "op.open":
        return button.args["op"], button.args["given"]
    return None


def _subject(desk: Desk, given: Mapping[str, str]) -> str:
    """«AST-04: » before what is done about one alert of several."""
    if not str(given.get("alerta", "")).isdigit():
        return ""
    try:
        return f"{alerts.subject(alerts.get(desk.session, int(given['alerta'])))}: "
    except NotFound:
        return ""


def _executes(element: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of a card
    if isinstance(element, list):
        for part in element:
            yield from _executes(part)
    elif isinstance(element, dict):
        if element.get("type") == "Action.Execute":
            yield element
        for key in ("body", "items", "columns", "actions", "card"):
            yield from _executes(element.get(key))
