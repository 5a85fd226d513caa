"""Empty ledgers with the calendar laid out: SQLite in memory or in a file, and PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from postgres import database_url
from sqlalchemy import text

import storage.tables  # noqa: F401 - its tables belong to the metadata
from methodology.method import Method, fill_calendar
from storage.db import Database
from storage.types import Base

DIALECTS = ("sqlite", "postgresql")


@cache
def _template() -> bytes:
    """A SQLite database with tables and calendar, made once a process."""
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine)
    database.do(fill_calendar, Method())
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        connection.rollback()
        image = bytes(raw.serialize())
    database.close()
    return image


def sqlite_file(path: Path) -> str:
    """Write an empty ledger to `path`; its URL."""
    with closing(sqlite3.connect(":memory:")) as memory, closing(sqlite3.connect(path)) as file:
        memory.deserialize(_template())
        memory.backup(file)
    return f"sqlite:///{path}"


@contextmanager
def in_memory() -> Iterator[Database]:
    database = Database("sqlite://")
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        connection.rollback()
        with closing(sqlite3.connect(":memory:")) as memory:
            memory.deserialize(_template())
            memory.backup(raw)
    yield database
    database.close()


@cache
def _postgres() -> str:
    """PostgreSQL's URL, with tables and calendar."""
    url = database_url(f"ledger_{os.getpid()}")
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.do(fill_calendar, Method())
    database.close()
    return url


@contextmanager
def on_postgres() -> Iterator[Database]:
    database = Database(_postgres())
    tables = ", ".join(f'"{name}"' for name in Base.metadata.tables if name != "delivery_day")
    with database.engine.begin() as connection:
        connection.execute(text(f"truncate {tables} restart identity"))
    yield database
    database.close()


def opened(dialect: str) -> Any:
    return in_memory() if dialect == "sqlite" else on_postgres()
