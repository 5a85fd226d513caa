"""What the scheduler needs from others, as protocols: the composition root hands the real ones in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from sqlalchemy.orm import Session

from methodology.delivery import Receipt
from storage.ledger import Notice


@dataclass(frozen=True)
class Batch:
    """Notices that travel in one message to one reader: a person, entity, member, meeting or channel with its id."""

    id: str
    bundle: str
    reader: str
    channel: str
    notices: tuple[Notice, ...]
    now: datetime


@dataclass(frozen=True)
class Outgoing:
    """A rendered message: `payload` is the sender's own; `facts` is kept with what follows (reference, message id).

    `id` is what the sender's `find` would look for, should the process die while sending; empty when it is not known.
    """

    payload: Any
    facts: Mapping[str, str]
    id: str = ""


class Renderer(Protocol):
    """Draws a batch inside the transaction that marks it as being sent; None when there is nothing left to say."""

    def __call__(self, session: Session, batch: Batch) -> Outgoing | None: ...


@runtime_checkable
class Finder(Protocol):
    """A sender that can look whether the other side has a message."""

    async def find(self, message_id: str) -> Receipt | None:
        """Its receipt when it was sent; None when it was not, or when this sender cannot look."""
        ...


Sender = Callable[[Outgoing], Awaitable[Receipt]]
AfterSent = Callable[[Session, Batch, Receipt], None]
Checkpoint = Callable[[str], None]


def no_checkpoint(_name: str) -> None:
    """Production passes every crash point by."""
