from __future__ import annotations

import asyncio
import runpy
import socket
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from sala_stub import StubBot

# By its path: with tests/ on sys.path, the folder tests/demo would hide the package demo.
BROWSER = runpy.run_path(str(Path(__file__).parents[1] / "browser.py"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def bot() -> AsyncIterator[StubBot]:
    stub = StubBot(free_port(), free_port(), free_port())
    await stub.start()
    yield stub
    await stub.stop()


class InThread:
    """The stub in a loop of its own, because synchronous Playwright keeps the test's thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.stub = StubBot(free_port(), free_port(), free_port())
        self(self.stub.start())

    def __call__(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def stop(self) -> None:
        self(self.stub.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)


@pytest.fixture
def served() -> Iterator[InThread]:
    thread = InThread()
    yield thread
    thread.stop()


@pytest.fixture
def run(served: InThread) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    return served


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": BROWSER["chromium_path"](), "args": list(BROWSER["ARGS"])}
