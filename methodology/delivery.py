"""How an attempt to send can fail: one family, one sentence each. Gateways raise it, the scheduler decides by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


class DeliveryError(Exception):
    """A message was not, or not certainly, delivered."""


class Permanent(DeliveryError):
    """It will not arrive by trying again: a wrong address, a refused card. A person must act."""


class Unreachable(Permanent):
    """The person cannot be reached in Teams (blocked, uninstalled, never installed): the same content goes by mail."""


class Throttled(DeliveryError):
    """Not now: surely not accepted, try again from `retry_at` (aware, UTC)."""

    def __init__(self, why: str, retry_at: datetime) -> None:
        super().__init__(why)
        self.retry_at = retry_at


class Misconfigured(Throttled):
    """Ours to mend: a secret refused, a setting missing. A person is told at once, and the message waits for them."""


class Ambiguous(DeliveryError):
    """It may have arrived: the other side took the bytes and the answer was lost. Never repeated blindly."""


@dataclass(frozen=True)
class Receipt:
    """What the other side gave back: `id` is the activity id or the Message-ID, `place` the conversation or mailbox."""

    id: str
    place: str
    service_url: str = ""
