"""The Jobs protocol and its embedded runner: a job commits with the row that causes it; a lane keeps its order.

The queue is disposable: `reconcile` (scheduler/delivery.py) defers again whatever the ledger still owes. A later
adapter on PostgreSQL passes the same contract suite (tests/scheduler/jobs_contract.py).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from methodology import tray
from methodology.clock import Clock
from methodology.notices import insert_once
from storage.db import Database
from storage.ledger import Job

LANES = 16
_IDLE_SECONDS = 30.0
_STOP_SECONDS = 20.0
_AFTER_FAILURE = timedelta(hours=1)
_log = logging.getLogger(__name__)

Task = Callable[[Mapping[str, Any]], Awaitable[datetime | None]]
"""Does the job; returns when to do it again (aware), or None when it is done."""


@dataclass(frozen=True)
class NewJob:
    """`key` is unique among live jobs; jobs of one `lane` run one after another, in the order they were deferred."""

    task: str
    lane: str
    key: str
    args: Mapping[str, Any]
    run_at: datetime


class Jobs(Protocol):
    """What the rest of the product knows of a queue."""

    def defer(self, session: Session, job: NewJob) -> bool:
        """Add a job in the caller's transaction; False when one of that key is already live."""
        ...

    async def drain(self) -> int:
        """Run whatever is due now until nothing is; how many runs that took."""
        ...

    async def serve(self) -> None:
        """Run jobs as they fall due, until cancelled."""
        ...


class EmbeddedJobs:
    """In-process runner over the `job` table; for one process (SQLite)."""

    def __init__(self, db: Database, clock: Clock, tasks: Mapping[str, Task]) -> None:
        self._db = db
        self._clock = clock
        self._tasks = tasks
        self._wake = asyncio.Event()
        self._draining = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    def defer(self, session: Session, job: NewJob) -> bool:
        return insert_once(
            session,
            Job,
            {"task": job.task, "lane": job.lane, "key": job.key, "args": dict(job.args), "run_at": job.run_at},
            "key",
        )

    def wake(self) -> None:
        self._wake.set()

    async def drain(self) -> int:
        async with self._draining:
            done = 0
            while not self._stopping and (heads := await self._db.run(self._heads)):
                # All of them end first: one whose end could not be written down leaves no other running unseen.
                ends = await asyncio.gather(
                    *(asyncio.shield(self._begin(job)) for job in heads), return_exceptions=True
                )
                for failed in filter(None, ends):
                    raise failed
                done += len(heads)
            return done

    async def finish(self, seconds: float = _STOP_SECONDS) -> None:
        """Take no more jobs and let those under way end: an orderly stop leaves nothing in doubt."""
        self._stopping = True
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)

    def _begin(self, job: Job) -> asyncio.Task[None]:
        """A job in a task of its own: whoever waits for it may be cancelled, the job is not."""
        task = asyncio.create_task(self._run(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def serve(self) -> None:
        while True:
            self._wake.clear()
            seconds = await self._round()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), seconds)

    async def _round(self) -> float:
        """Run what is due; in how many seconds to look again."""
        try:
            await self.drain()
            return await self._db.run(self._seconds_left)
        except Exception as exc:  # noqa: BLE001 - the loop's edge: a database that fails is asked again
            _log.error("La cola de trabajos falló y se volverá a mirar", exc_info=exc)
            return _IDLE_SECONDS

    def _heads(self, session: Session) -> list[Job]:
        """The first job of each lane, where it is due; a lane waits for its head."""
        first = select(func.min(Job.id)).group_by(Job.lane)
        due = select(Job).where(Job.id.in_(first), Job.run_at <= self._clock.now()).order_by(Job.run_at, Job.id)
        return list(session.scalars(due.limit(LANES)))

    def _seconds_left(self, session: Session) -> float:
        first = select(func.min(Job.id)).group_by(Job.lane)
        next_at = session.scalar(select(func.min(Job.run_at)).where(Job.id.in_(first)))
        if next_at is None:
            return _IDLE_SECONDS
        return min(max((next_at - self._clock.now()).total_seconds(), 0.05), _IDLE_SECONDS)

    async def _run(self, job: Job) -> None:
        try:
            again = await self._tasks[job.task](job.args)
        except Exception as exc:  # noqa: BLE001 - the loop's edge: one bad job stops no other, and a person sees it
            await self._db.run(self._park, job, f"{type(exc).__name__}: {exc}")
        else:
            await self._db.run(self._settle, job.id, again)

    def _park(self, session: Session, job: Job, why: str) -> None:
        """A job that failed is tried again later, in a lane of its own, where nobody waits behind it."""
        now = self._clock.now()
        lane = f"aparte:{job.key}"
        session.execute(update(Job).where(Job.id == job.id).values(lane=lane, run_at=now + _AFTER_FAILURE))
        detail = {"tarea": job.task, "error": why[:500], **job.args}
        tray.put(session, "trabajo_fallido", job.key, f"Un trabajo falló y se repetirá: {job.key}", detail, now)

    def _settle(self, session: Session, job_id: int, again: datetime | None) -> None:
        if again is None:
            session.execute(delete(Job).where(Job.id == job_id))
        else:
            session.execute(update(Job).where(Job.id == job_id).values(run_at=again))
