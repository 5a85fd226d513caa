"""Migrations at start: bring the database to this version, refuse one from a newer version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.db import Database

FOLDER = Path(__file__).parent / "migrations"


class NewerSchema(RuntimeError):
    """The database was written by a newer version of the product; starting would harm it."""


def prepare(db: Database) -> None:
    """Create or migrate the tables.

    Raises:
        NewerSchema: the database knows a revision that this version does not.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with db.engine.begin() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is not None and current not in known:
            raise NewerSchema(f"La base de datos es de una versión más nueva ({current}): actualice el programa.")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
