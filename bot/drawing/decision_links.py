"""Links by which somebody without Teams decides from a mail: each names one operation and is used once (R44, R45)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from bot.drawing.context import Desk
from bot.drawing.forms import about
from mail.writing.notice import Link
from methodology import alerts
from methodology.operations import OPERATIONS
from methodology.refusals import NotFound
from storage.ledger import CardAction
from storage.matrix import Initiative

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
    told: set[tuple[str, str]] = set()
    for action in _executes(card):
        button = desk.session.get(CardAction, action["data"]["a"])
        meant = _operation_of(button) if button else None
        if meant is None:
            continue
        operation_id, given = meant
        same = (operation_id, str(sorted(given.items())))
        if same not in told:
            told.add(same)
            subject = about(desk, OPERATIONS[operation_id], given)
            label = f"{_alert(desk, given) or _initiative(desk, given) or subject}: {OPERATIONS[operation_id].title}"
            yield Link(label.removeprefix(": "), link(desk, operation_id, given, who))


def _operation_of(button: CardAction) -> tuple[str, Mapping[str, str]] | None:
    if button.verb in _AS_OPERATION:
        return _AS_OPERATION[button.verb], {"alerta": str(button.args["alert"])}
    if button.verb == "op.open":
        return button.args["op"], button.args["given"]
    return None


def _alert(desk: Desk, given: Mapping[str, str]) -> str:
    """«AST-04» before what is done about one alert of several."""
    if not str(given.get("alerta", "")).isdigit():
        return ""
    try:
        return alerts.subject(alerts.get(desk.session, int(given["alerta"])))
    except NotFound:
        return ""


def _initiative(desk: Desk, given: Mapping[str, str]) -> str:
    slug = given.get("iniciativa")
    return str(desk.session.scalar(select(Initiative.name).where(Initiative.slug == slug)) or "") if slug else ""


def _executes(element: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any part of a card
    if isinstance(element, list):
        for part in element:
            yield from _executes(part)
    elif isinstance(element, dict):
        if element.get("type") == "Action.Execute":
            yield element
        for key in ("body", "items", "columns", "actions", "card"):
            yield from _executes(element.get(key))
