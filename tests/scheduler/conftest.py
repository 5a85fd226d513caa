"""Being here puts the helpers of tests/peers on the path; `office` is a scheduler whose wire is a list."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
from databases import DIALECTS, in_memory, opened
from office import Office


@pytest.fixture
def office() -> Iterator[Office]:
    with in_memory() as database:
        yield Office(database)


@pytest.fixture(params=DIALECTS)
def either_office(request: pytest.FixtureRequest) -> Iterator[Office]:
    with opened(request.param) as database:
        yield Office(database)
