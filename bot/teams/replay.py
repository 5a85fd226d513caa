from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from bot.teams.verifier import Refused
from methodology.clock import Clock, SystemClock

KEPT_AT_LEAST = 3600.0  # seconds; the Bot Framework's tokens live an hour
CAPACITY = 200_000
SEEN = "La actividad ya se recibió."


@dataclass(frozen=True)
class Claim:
    """What one request holds: the marks of its activity."""

    marks: tuple[bytes, ...]


class ReplayGuard:
    """Lets an activity in once.

    Decision: the Bot Framework signs one token for several activities until it expires, so a token alone is not
    single-use and refusing its second appearance would refuse honest messages. Two marks are: the activity (channel,
    conversation, activity id), and the pair (token, body) for what comes without an id. The token does not sign the
    body: whoever steals one can still make up new activities, which is why every click is authorised again.

    A claim is taken when the turn starts. If the turn fails it is released and the channel's own repetition is
    accepted; otherwise it is kept for longer than the token lives. An invoke delivered twice, the first in flight or
    done, gets the refusal too: the first delivery's answer is the only one, and nothing happens twice.

    Memory is bounded: expired marks go first, then the oldest finished ones; never those of a turn in flight.
    """

    def __init__(self, wall: Clock | None = None, capacity: int = CAPACITY) -> None:
        self._wall = wall or SystemClock()
        self._capacity = capacity
        self._in_flight: set[bytes] = set()
        self._done: OrderedDict[bytes, float] = OrderedDict()  # mark -> until (epoch seconds)

    def claim(self, token: str, body: bytes, channel: str, conversation: str, activity: str | None) -> Claim:
        """Take the activity. Raises Refused(403) when it is in flight or was already served."""
        marks = [_digest(token.encode(), body)]
        if activity:
            marks.append(_digest(channel.encode(), conversation.encode(), activity.encode()))
        self._forget()
        if any(mark in self._in_flight or mark in self._done for mark in marks):
            raise Refused(403, SEEN)
        self._in_flight.update(marks)
        return Claim(tuple(marks))

    def keep(self, claim: Claim, until: float) -> None:
        """The turn was served. `until` is when its token stops being accepted, in epoch seconds."""
        self._in_flight.difference_update(claim.marks)
        kept = max(until, self._wall.now().timestamp() + KEPT_AT_LEAST)
        self._done.update(dict.fromkeys(claim.marks, kept))

    def release(self, claim: Claim) -> None:
        """The turn failed: its repetition is welcome."""
        self._in_flight.difference_update(claim.marks)

    def __len__(self) -> int:
        return len(self._in_flight) + len(self._done)

    def _forget(self) -> None:
        now = self._wall.now().timestamp()
        while self._done:
            mark, until = next(iter(self._done.items()))
            if until > now and len(self._done) <= self._capacity:
                return
            del self._done[mark]


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()
