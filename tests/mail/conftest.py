"""Being here puts this folder on the path: the contract, the letters and the world are imported by their names."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
from mail_world import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.db.close()
