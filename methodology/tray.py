"""Planning's tray: whatever needs a person is listed once, and stays until somebody resolves it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.notices import insert_once
from methodology.people import Actor
from methodology.refusals import NotFound
from methodology.rules.spanish import all_of
from methodology.rules.states import Post
from storage.ledger import TrayItem

UNREAD_MAILBOX = "buzon_sin_leer"
ASKS = {"understood": "lo que informa", "new_contact": "el nuevo contacto", "wants_until": "la fecha que solicita"}
"""What one mail may ask of a person, by the key of the item's detail: each is decided by itself."""


def put(session: Session, kind: str, key: str, title: str, detail: Mapping[str, Any], now: datetime) -> bool:
    """List one trouble; False when it is already listed. A resolved one that comes back is open again."""
    known = session.scalar(select(TrayItem).where(TrayItem.key == f"{kind}:{key}"))
    if known is not None and known.resolved_at is not None:
        known.title, known.detail, known.at, known.resolved_at, known.resolution = title, dict(detail), now, None, ""
        return True
    values = {"kind": kind, "key": f"{kind}:{key}", "title": title, "detail": dict(detail), "at": now, "resolution": ""}
    return insert_once(session, TrayItem, values, "key")


def settle(session: Session, kind: str, key: str, resolution: str, now: datetime) -> None:
    """What it was about is over: nobody need look at it any more."""
    item = open_item(session, kind, key)
    if item is not None:
        item.resolved_at, item.resolution = now, resolution


def open_item(session: Session, kind: str, key: str) -> TrayItem | None:
    """The item of that trouble while it waits."""
    return session.scalar(select(TrayItem).where(TrayItem.key == f"{kind}:{key}", TrayItem.resolved_at.is_(None)))


def waiting(session: Session) -> list[TrayItem]:
    """What is unresolved, oldest first."""
    return list(
        session.scalars(select(TrayItem).where(TrayItem.resolved_at.is_(None)).order_by(TrayItem.at, TrayItem.id))
    )


def settled(session: Session, item_id: int) -> str:
    """What became of an item that is not open any more, as a sentence; empty while it waits."""
    item = session.get(TrayItem, item_id)
    if item is None:
        return "Ese asunto ya no está en la bandeja."
    return f"Ese asunto ya se resolvió: {item.resolution}." if item.resolved_at is not None else ""


def left(item: TrayItem) -> list[str]:
    """What an item still asks, as words."""
    return [words for key, words in ASKS.items() if item.detail.get(key)]


def decided(item: TrayItem, asks: Collection[str], resolution: str, now: datetime) -> None:
    """Those asks are dealt with; with the last one the item is."""
    item.detail = {key: value for key, value in item.detail.items() if key not in asks}
    still = left(item)
    if still and not item.detail.get("understood"):
        item.title = f"Por decidir: {all_of(still)}"
    if not still:
        item.resolved_at, item.resolution = now, resolution


def resolve(session: Session, item_id: int, resolution: str, *, actor: Actor, now: datetime) -> TrayItem:
    """Planning says what was done about it."""
    actor.require([Post.PLANNING])
    item = session.get(TrayItem, item_id)
    if item is None:
        raise NotFound("Ese asunto ya no está en la bandeja.")
    item.resolved_at, item.resolution = now, f"{resolution} ({actor.name})"
    return item
