from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot.demo import free_port, running
from tests.bot.stage import Stage
from tests.peers.databases import in_memory
from tests.peers.desk_world import DeskWorld


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with running(tmp_path / "demo", free_port()) as demo:
        yield Stage(demo)


@pytest.fixture
def world() -> Iterator[DeskWorld]:
    with in_memory() as database, database.begin() as session:
        yield DeskWorld(session)
