"""A plain compare-and-set store for dialogs (B11: the SDK's own is last-write-wins)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storage.db import ask
from storage.ledger import Conversation

_MINE = (Conversation.id == bindparam("key"), Conversation.etag == bindparam("was"))
_LOAD = select(Conversation.state, Conversation.etag).where(Conversation.id == bindparam("key"))
_SAVE = update(Conversation).where(*_MINE).values(state=bindparam("new"), etag=Conversation.etag + 1)
_BEGIN = insert(Conversation)


class Overtaken(Exception):
    """Another turn wrote this conversation in between."""


@dataclass(frozen=True)
class Stored:
    """A conversation's state and the etag to write it back with; 0 when there is none yet."""

    state: Mapping[str, Any]
    etag: int = 0


def load(session: Session, key: str) -> Stored:
    row = ask(session, _LOAD, {"key": key}).first()
    return Stored(*row) if row else Stored({})


def save(session: Session, key: str, state: Mapping[str, Any], etag: int) -> int:
    """Write `state` if nobody wrote since `etag`; the new etag.

    Raises:
        Overtaken: somebody did.
    """
    if etag == 0:
        if load(session, key).etag:
            raise Overtaken(key)
        try:
            ask(session, _BEGIN, {"id": key, "etag": 1, "state": dict(state)})
        except IntegrityError as exc:
            raise Overtaken(key) from exc
        return 1
    if ask(session, _SAVE, {"key": key, "was": etag, "new": dict(state)}).rowcount != 1:
        raise Overtaken(key)
    return etag + 1
