"""`core` is a small world, `both` the same on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from core_world import Core
from databases import DIALECTS, in_memory, opened


@pytest.fixture
def core() -> Iterator[Core]:
    with in_memory() as database, database.begin() as session:
        yield Core(session)


@pytest.fixture(params=DIALECTS)
def both(request: pytest.FixtureRequest) -> Iterator[Core]:
    with opened(request.param) as database, database.begin() as session:
        yield Core(session)
