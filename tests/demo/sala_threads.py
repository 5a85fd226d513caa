"""The Sala beside a synchronous browser: what is asynchronous lives in a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from sala_stub import StubBot

from bot.demo import Demo, free_port, running
from bot.playground import playing
from tests.playground import INSTALLED


class LoopInThread:
    """A loop of its own, because synchronous Playwright keeps the test's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def __call__(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)


class InThread(LoopInThread):
    """The stub of a bot."""

    def __init__(self) -> None:
        super().__init__()
        self.stub = StubBot(free_port(), free_port(), free_port())
        self(self.stub.start())

    def stop(self) -> None:
        self(self.stub.stop())
        super().stop()


class DemoInThread(LoopInThread):
    """The real demonstration, as `make demo` starts it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._stack = AsyncExitStack()
        self.demo: Demo = self(self._stack.enter_async_context(running(folder, free_port())))

    @property
    def url(self) -> str:
        return self.demo.sala.config.base_url

    def stop(self) -> None:
        self(self._stack.aclose())
        super().stop()


class PlaygroundInThread(LoopInThread):
    """The demonstration under Microsoft's Agents Playground, in which one person speaks."""

    def __init__(self, folder: Path, speaker: str) -> None:
        super().__init__()
        (folder / "node_modules").symlink_to(INSTALLED / "node_modules")
        self._stack = AsyncExitStack()
        opened = playing(folder, speaker=speaker, port=free_port(), ui_port=free_port())
        self.demo, self.url = self(self._stack.enter_async_context(opened))

    def live_until(self, day: str) -> None:
        self(self.demo.sala.step(day))

    def stop(self) -> None:
        self(self._stack.aclose())
        super().stop()
