"""The database behind one seam: `await db.run(fn)` runs `fn(session)` in a transaction, off the event loop.

`at_once` may run a turn's in the loop's own thread.

SQLite has one writing connection in one thread, WAL, BEGIN IMMEDIATE and a lock on the file's process; readers are
query-only. PostgreSQL has a bounded pool. No await can stand inside a transaction, so crash points can be listed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Engine, Executable, create_engine, event, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

T = TypeVar("T")
POOL = 8
_PRIVATE = 0o600


def ask(
    session: Session, statement: Executable, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> CursorResult[*tuple[Any, ...]]:
    """Plain columns, past the objects: a third of the price, for what every turn asks. What waits is written first."""
    session.flush()
    return session.connection().execute(statement, given)


def _keep_private(path: str) -> None:
    """Contacts and raw mails are in it: the file and what SQLite keeps beside it are its own user's alone.

    SQLite gives -wal and -shm the mode of the file. A file that is somebody else's stays as they made it.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE))
        for file in (path, f"{path}-wal", f"{path}-shm"):
            if os.path.exists(file):  # noqa: PTH110 - a name made by joining text
                os.chmod(file, _PRIVATE)  # noqa: PTH101 - the same


class DatabaseInUse(RuntimeError):
    """Another process writes this SQLite file; SQLite has exactly one writing process."""


class Database:
    """Synchronous SQLAlchemy behind threads. `after_commit` is called with a name after each commit (crash tests).

    Every session carries a copy of `info`.
    """

    def __init__(
        self,
        url: str,
        *,
        read_only: bool = False,
        after_commit: Callable[[], None] | None = None,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        self.url = url
        self._info = dict(info or {})
        self.sqlite = make_url(url).get_backend_name() == "sqlite"
        self._read_only = read_only
        self._after_commit = after_commit or (lambda: None)
        self._lock = self._claim_file() if self.sqlite and not read_only else None
        self._turn = RLock()
        self.engine = self._sqlite_engine() if self.sqlite else create_engine(url, pool_size=POOL, max_overflow=0)
        self._threads = ThreadPoolExecutor(1 if self.sqlite else POOL, thread_name_prefix="db")

    async def run(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - passed through
        """`fn(session, *args)` in one transaction, committed when it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(self.do, fn, *args, **kwargs))

    async def at_once(self, fn: Callable[..., T], *args: Any) -> T:  # noqa: ANN401 - passed through
        """`run` for a turn that somebody waits for: in this thread, where SQLite's one connection is free.

        Two threads of one interpreter wait for each other at every statement; a turn's few milliseconds cost the loop
        less than that (`benchmarks/turn.py`).
        """
        if self.sqlite and self._turn.acquire(blocking=False):
            try:
                return self.do(fn, *args)
            finally:
                self._turn.release()
        return await self.run(fn, *args)

    def do(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:  # noqa: ANN401 - passed through
        """The same as `run`, here and now: for commands, simulations and tests."""
        with self.begin() as session:
            result = fn(session, *args, **kwargs)
        self._after_commit()
        return result

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A transaction in this thread. SQLite's one connection carries one at a time: others wait for their turn."""
        info = dict(self._info)
        with (
            self._turn if self.sqlite else nullcontext(),
            Session(self.engine, expire_on_commit=False, info=info) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _claim_file(self) -> int | None:
        """The process lock; nothing to lock for a database in memory."""
        path = make_url(self.url).database
        if not path or path == ":memory:":
            return None
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        _keep_private(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            os.close(handle)
            raise DatabaseInUse(
                f"Otro proceso está usando {path}: detenga el servicio o use la orden con el servicio activo"
            ) from exc
        return handle

    def _sqlite_engine(self) -> Engine:
        engine = create_engine(self.url, poolclass=StaticPool, connect_args={"check_same_thread": False, "timeout": 5})
        read_only = self._read_only

        @event.listens_for(engine, "connect")
        def configure(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DB-API connection
            connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not sqlite3's late one
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")
            if read_only:
                connection.execute("PRAGMA query_only=ON")

        @event.listens_for(engine, "begin")
        def begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's connection
            connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

        return engine

    def version(self) -> str:
        """The engine's version, said at start."""
        query = "select 'SQLite ' || sqlite_version()" if self.sqlite else "select version()"
        with self.engine.connect() as connection:
            return str(connection.execute(text(query)).scalar_one())
