"""Migrations at start: bring the database to this version, refuse one from a newer version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.db import Database

FOLDER = Path(__file__).parent / "migrations"
NEWER = "La base de datos es de una versión más nueva ({revision}): actualice el programa."


class NewerSchema(RuntimeError):
    """The database was written by a newer version of the product; starting would harm it."""


@contextmanager
def _unguarded(db: Database) -> Iterator[None]:
    """SQLite changes a table by making it anew: its foreign keys rest meanwhile, and are checked afterwards.

    Raises:
        RuntimeError: the migration left a row that refers to nothing.
    """
    if not db.sqlite:
        yield
        return
    raw = db.engine.raw_connection()
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        if broken := raw.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(
                f"La migración dejó referencias sin destino: {broken[:5]}. Restaure la copia de respaldo."
            )
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
        raw.close()


def is_current(db: Database) -> bool | None:
    """Whether the tables are this version's; None when there are none yet. It changes nothing.

    Raises:
        NewerSchema: the database knows a revision that this version does not.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    scripts = ScriptDirectory.from_config(config)
    with db.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise NewerSchema(NEWER.format(revision=current))
    return None if current is None else current == scripts.get_current_head()


def prepare(db: Database) -> None:
    """Create or migrate the tables.

    Raises:
        NewerSchema: the database knows a revision that this version does not.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with _unguarded(db), db.engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise NewerSchema(NEWER.format(revision=current))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
