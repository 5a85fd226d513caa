"""The clock of the house: APScheduler beats, a tick row says who won the beat, the sweep and the delivery follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import delete
from sqlalchemy.orm import Session

from methodology.clock import Clock, local
from methodology.method import Method
from methodology.notices import insert_once
from methodology.rules.calendar import BOGOTA
from methodology.sweep import record_due
from scheduler.delivery import Deliverer
from scheduler.jobs import EmbeddedJobs
from scheduler.ports import Checkpoint, no_checkpoint
from storage.db import Database
from storage.ledger import Tick

BEAT_MINUTES = 5
_KEEP_TICKS = timedelta(days=7)
_GRACE_SECONDS = 3600

Extra = Callable[[Session, Method, datetime], None]
"""More work of a beat, in the same transaction as the sweep (drafts of reports, the backlog's digest)."""


class Metronome:
    """One beat: sweep, plan messages, reconcile, deliver. A missed beat loses nothing: the sweep looks back."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        method: Method,
        deliverer: Deliverer,
        jobs: EmbeddedJobs,
        extra: Extra = lambda _session, _method, _now: None,
        checkpoint: Checkpoint = no_checkpoint,
    ) -> None:
        self._db = db
        self._clock = clock
        self._method = method
        self._deliverer = deliverer
        self._jobs = jobs
        self._extra = extra
        self._checkpoint = checkpoint

    async def start_up(self) -> None:
        """What was in doubt when the process ended is accounted for before anything is sent."""
        await self._db.run(self._deliverer.recover, self._clock.now())
        self._checkpoint("recovered")
        await self.beat()

    async def tick(self) -> None:
        """A scheduled beat: only the replica that inserts the slot does it (5 replicas, one winner)."""
        if await self._db.run(self._win, self._clock.now()):
            await self.beat()

    async def beat(self) -> None:
        """Whatever is due now, recorded and sent; safe to call at any time, twice, or on two machines."""
        now = self._clock.now()
        await self._db.run(self._record, now)
        self._checkpoint("swept")
        await self._db.run(self._plan, now)
        self._checkpoint("planned")
        await self._jobs.drain()
        if await self._db.run(self._plan, self._clock.now()):
            await self._jobs.drain()

    def _record(self, session: Session, now: datetime) -> None:
        record_due(session, self._method, now)
        self._extra(session, self._method, now)

    def _plan(self, session: Session, now: datetime) -> int:
        planned = self._deliverer.plan_messages(session, self._jobs, now)
        return planned + self._deliverer.reconcile(session, self._jobs, now)

    def _win(self, session: Session, now: datetime) -> bool:
        wall = local(now)
        slot = wall.replace(minute=wall.minute - wall.minute % BEAT_MINUTES, second=0, microsecond=0)
        session.execute(delete(Tick).where(Tick.at < now - _KEEP_TICKS))
        return insert_once(session, Tick, {"job": "latido", "slot": slot.isoformat(), "at": now}, "job", "slot")


def scheduled(tick: Callable[[], Awaitable[None]]) -> AsyncIOScheduler:
    """APScheduler as the clock only: memory store, one cron job, nothing persisted (facts: its stores lose runs)."""
    scheduler = AsyncIOScheduler(timezone=BOGOTA)
    trigger = CronTrigger(minute=f"*/{BEAT_MINUTES}", timezone=BOGOTA)
    scheduler.add_job(tick, trigger, id="latido", coalesce=True, max_instances=1, misfire_grace_time=_GRACE_SECONDS)
    return scheduler
