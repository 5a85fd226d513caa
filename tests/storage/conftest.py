"""`database` is an empty ledger on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import DIALECTS, opened
from postgres import database_url

from storage.db import Database


@pytest.fixture(params=DIALECTS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    with opened(request.param) as db:
        yield db


@pytest.fixture(params=DIALECTS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without a single table, for one test alone."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return database_url(tmp_path.parent.name + "_" + tmp_path.name)
