"""Being here puts this folder on the path: the contract, the letters and the world are imported by their names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from mail_world import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.db.close()
