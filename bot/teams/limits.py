from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

Sleep = Callable[[float], Awaitable[None]]
Rule = tuple[int, float]  # at most this many in any window of so many seconds

PER_CONVERSATION: tuple[Rule, ...] = ((7, 1.0), (8, 2.0), (60, 30.0), (1800, 3600.0))
PER_BOT: tuple[Rule, ...] = ((20, 1.0),)
LONGEST_WAIT = 30.0
CONVERSATIONS = 10_000


class TooSoon(Exception):
    """The conversation's allowance is used up for longer than a caller should be kept waiting (`seconds`)."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"El límite de mensajes de la conversación se libera en {seconds:.0f} s.")
        self.seconds = seconds


@dataclass
class Meter:
    """When things were sent, against sliding windows."""

    rules: Sequence[Rule]
    sent: deque[float] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wait(self, now: float) -> float:
        """Seconds until one more fits into every window."""
        full = [self.sent[-count] + window - now for count, window in self.rules if len(self.sent) >= count]
        return max(0.0, *full) if full else 0.0

    def record(self, now: float) -> None:
        self.sent.append(now)
        longest = max((window for _, window in self.rules), default=0.0)
        while self.sent[0] <= now - longest and len(self.sent) > 1:
            self.sent.popleft()

    def idle(self, now: float) -> bool:
        longest = max((window for _, window in self.rules), default=0.0)
        return not self.turn.locked() and (not self.sent or self.sent[-1] <= now - longest)


class RateLimiter:
    """Teams' limits kept on our side: each conversation's and the whole bot's, first come first served in each."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        per_conversation: Sequence[Rule] = PER_CONVERSATION,
        per_bot: Sequence[Rule] = PER_BOT,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._rules = per_conversation
        self._longest_wait = longest_wait
        self._bot = Meter(per_bot)
        self._conversations: OrderedDict[str, Meter] = OrderedDict()

    async def acquire(self, conversation: str) -> None:
        """Wait for this conversation's turn and take it. Raises TooSoon when the wait is longer than a caller's."""
        meter = self._meter(conversation)
        async with meter.turn:
            while (wait := max(meter.wait(self._now()), self._bot.wait(self._now()))) > 0:
                if wait > self._longest_wait:
                    raise TooSoon(wait)
                await self._sleep(wait)
            # No await between the look and these two lines: nobody else can take the same place.
            meter.record(self._now())
            self._bot.record(self._now())

    def _meter(self, conversation: str) -> Meter:
        meter = self._conversations.setdefault(conversation, Meter(self._rules))
        self._conversations.move_to_end(conversation)
        if len(self._conversations) > CONVERSATIONS:
            self._forget()
        return meter

    def _forget(self) -> None:
        oldest, meter = next(iter(self._conversations.items()))
        if meter.idle(self._now()):
            del self._conversations[oldest]
