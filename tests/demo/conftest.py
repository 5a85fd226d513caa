from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from sala_stub import StubBot
from sala_threads import DemoInThread, InThread

from bot.demo import free_port
from demo.hands import Hands


@pytest.fixture
async def bot() -> AsyncIterator[StubBot]:
    stub = StubBot(free_port(), free_port(), free_port())
    await stub.start()
    yield stub
    await stub.stop()


@pytest.fixture
def served() -> Iterator[InThread]:
    thread = InThread()
    yield thread
    thread.stop()


@pytest.fixture
def run(served: InThread) -> Callable[[Coroutine[Any, Any, Any]], Any]:
    return served


@pytest.fixture
def live(tmp_path: Path) -> Iterator[DemoInThread]:
    thread = DemoInThread(tmp_path / "demo")
    yield thread
    thread.stop()


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoInThread]:
    """A demonstration in which a month has gone by: everybody has real cards, the entities real mail.

    The same action stands in two cards of one chat, and Planning has asked this and that.
    """
    thread = DemoInThread(tmp_path_factory.mktemp("sala") / "demo")
    hands = Hands(thread.demo.sala)
    thread(thread.demo.sala.step("2026-11-26"))
    thread(hands.press("lt-biologicos", "Comenzar", on="Por reportar"))
    thread(hands.say("lt-biologicos", "/ronda"))
    for order in ("/estado", "/accion BIO-07"):
        thread(hands.say("pl", order))
    yield thread
    thread.stop()
