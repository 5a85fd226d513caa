"""`office` is a scheduler whose wire is a list; `either_office` the same on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
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
