"""A plain compare-and-set store for dialogs (B11: the SDK's own is last-write-wins)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.ledger import Conversation


class Overtaken(Exception):
    """Another turn wrote this conversation in between."""


@dataclass(frozen=True)
class Stored:
    """A conversation's state and the etag to write it back with; 0 when there is none yet."""

    state: Mapping[str, Any]
    etag: int = 0


def load(session: Session, key: str) -> Stored:
    row = session.get(Conversation, key)
    return Stored(row.state, row.etag) if row else Stored({})


def save(session: Session, key: str, state: Mapping[str, Any], etag: int) -> int:
    """Write `state` if nobody wrote since `etag`; the new etag.

    Raises:
        Overtaken: somebody did.
    """
    if etag == 0:
        if session.get(Conversation, key):
            raise Overtaken(key)
        session.add(Conversation(id=key, etag=1, state=dict(state)))
        try:
            session.flush()
        except IntegrityError as exc:
            raise Overtaken(key) from exc
        return 1
    mine = update(Conversation).where(Conversation.id == key, Conversation.etag == etag)
    changed = session.execute(mine.values(state=dict(state), etag=etag + 1))
    if changed.rowcount != 1:  # type: ignore[attr-defined] # an update's result is a cursor's
        raise Overtaken(key)
    return etag + 1
