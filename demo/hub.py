from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

Json = dict[str, Any]
BACKLOG = 500


class Hub:
    """Numbers what happens and tells every open page. A page that stops reading is cut off, and reloads by itself."""

    def __init__(self) -> None:
        self.seq = 0
        self._listeners: set[asyncio.Queue[Json | None]] = set()

    def publish(self, kind: str, **fields: object) -> int:
        self.seq += 1
        for queue in list(self._listeners):
            try:
                queue.put_nowait({"seq": self.seq, "kind": kind, **fields})
            except asyncio.QueueFull:
                self._cut(queue)
        return self.seq

    def listen(self) -> asyncio.Queue[Json | None]:
        """A queue of events; None means: the stream is over."""
        queue: asyncio.Queue[Json | None] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        return queue

    def leave(self, queue: asyncio.Queue[Json | None]) -> None:
        self._listeners.discard(queue)

    def close(self) -> None:
        for queue in list(self._listeners):
            self._cut(queue)

    def _cut(self, queue: asyncio.Queue[Json | None]) -> None:
        self.leave(queue)
        with suppress(asyncio.QueueEmpty):
            while True:
                queue.get_nowait()
        queue.put_nowait(None)
