"""The clock of the house: APScheduler beats, a tick row says who won the beat, the sweep and the delivery follow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import delete
from sqlalchemy.orm import Session

from methodology import tray
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
"""More work of a beat, in a transaction of its own (drafts of reports, the backlog's digest)."""


class Metronome:
    """One beat: sweep, plan messages, reconcile, deliver. A missed beat loses nothing: the sweep looks back."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        method: Method,
        deliverer: Deliverer,
        jobs: EmbeddedJobs,
        extras: Sequence[Extra] = (),
        checkpoint: Checkpoint = no_checkpoint,
    ) -> None:
        self._db = db
        self._clock = clock
        self._method = method
        self._deliverer = deliverer
        self._jobs = jobs
        self._extras = extras
        self._beating = asyncio.Lock()
        self._checkpoint = checkpoint

    async def recover(self) -> None:
        """What was in doubt when the process ended is accounted for, before anything else is begun."""
        await self._db.run(self._deliverer.recover, self._clock.now())
        self._checkpoint("recovered")

    async def start_up(self) -> None:
        """Recover, then catch up."""
        await self.recover()
        await self.beat()

    async def tick(self) -> None:
        """A scheduled beat: only the replica that inserts the slot does it (5 replicas, one winner)."""
        if await self._db.run(self._win, self._clock.now()):
            await self.beat()

    async def beat(self) -> None:
        """Whatever is due now, recorded and sent; safe to call at any time, twice, or on two machines."""
        async with self._beating:
            await self._beat()

    async def _beat(self) -> None:
        now = self._clock.now()
        await self._db.run(record_due, self._method, now)
        self._checkpoint("swept")
        for extra in self._extras:
            await self._more(extra, now)
        await self._db.run(self._plan, now)
        self._checkpoint("planned")
        await self._jobs.drain()
        if await self._db.run(self._plan, self._clock.now()):
            await self._jobs.drain()

    async def _more(self, extra: Extra, now: datetime) -> None:
        """Work beside the sweep: what fails there is told to a person and stops nothing."""
        try:
            await self._db.run(extra, self._method, now)
        except Exception as exc:  # noqa: BLE001 - the loop's edge
            why, name = f"{type(exc).__name__}: {exc}"[:500], getattr(extra, "__name__", "extra")
            title = f"Un trabajo del reloj falló: {name}"
            await self._db.run(tray.put, "trabajo_fallido", f"{name}:{why}", title, {"error": why}, now)

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
