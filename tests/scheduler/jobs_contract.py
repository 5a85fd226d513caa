"""What every adapter of the Jobs protocol promises; a subclass gives the `rig`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from methodology.clock import SettableClock
from scheduler.jobs import EmbeddedJobs, NewJob, Task
from storage.db import Database
from storage.ledger import TrayItem

HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Rig:
    """A runner over one database; `script` says what a job's next runs do, else they are done at once."""

    db: Database
    clock: SettableClock
    make: type[EmbeddedJobs]
    ran: list[str] = field(default_factory=list)
    script: dict[str, list[datetime | BaseException | None]] = field(default_factory=dict)
    began: asyncio.Event = field(default_factory=asyncio.Event)

    def runner(self) -> EmbeddedJobs:
        task: Task = self._task
        return self.make(self.db, self.clock, {"note": task})

    async def _task(self, args: Mapping[str, Any]) -> datetime | None:
        self.ran.append(args["name"])
        self.began.set()
        outcome = self.script[args["name"]].pop(0) if self.script.get(args["name"]) else None
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def defer(self, *names: str, lane: str = "a", key: str = "", at: datetime | None = None) -> list[bool]:
        jobs, when = self.runner(), at or self.clock.now()
        orders = [NewJob("note", lane, key or name, {"name": name}, when) for name in names]
        return [self.db.do(jobs.defer, order) for order in orders]


class JobsContract:
    async def test_a_lane_keeps_its_order(self, rig: Rig) -> None:
        rig.defer("a1", "a2", "a3")
        rig.defer("b1", lane="b")
        assert await rig.runner().drain() == 4
        assert [name for name in rig.ran if name[0] == "a"] == ["a1", "a2", "a3"]

    async def test_lanes_do_not_wait_for_each_other(self, rig: Rig) -> None:
        rig.script["a1"] = [rig.clock.now() + HOUR]
        rig.defer("a1", "a2")
        rig.defer("b1", lane="b")
        await rig.runner().drain()
        assert set(rig.ran) == {"a1", "b1"}

    async def test_a_job_that_says_when_is_run_again_then_and_keeps_its_place(self, rig: Rig) -> None:
        rig.script["a1"] = [rig.clock.now() + HOUR]
        rig.defer("a1", "a2")
        await rig.runner().drain()
        assert rig.ran == ["a1"]
        rig.clock.set(rig.clock.now() + HOUR)
        await rig.runner().drain()
        assert rig.ran == ["a1", "a1", "a2"]

    async def test_a_job_is_not_run_before_its_time(self, rig: Rig) -> None:
        rig.defer("a1", at=rig.clock.now() + HOUR)
        assert await rig.runner().drain() == 0

    async def test_a_live_key_is_deferred_once_and_a_done_one_again(self, rig: Rig) -> None:
        assert rig.defer("a1", "a2", key="same") == [True, False]
        await rig.runner().drain()
        assert rig.defer("a3", key="same") == [True]
        await rig.runner().drain()
        assert rig.ran == ["a1", "a3"]

    async def test_rollback_adds_none_and_commit_adds_one(self, rig: Rig) -> None:
        jobs, order = rig.runner(), NewJob("note", "a", "k", {"name": "a1"}, rig.clock.now())

        def fail(session: Session) -> None:
            assert jobs.defer(session, order)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            rig.db.do(fail)
        assert await jobs.drain() == 0
        with rig.db.begin() as session:
            jobs.defer(session, order)
        assert await jobs.drain() == 1

    async def test_a_killed_runners_job_runs_again_elsewhere(self, rig: Rig) -> None:
        rig.script["a1"] = [Killed()]
        rig.defer("a1", "a2")
        with pytest.raises(Killed):
            await rig.runner().drain()
        await rig.runner().drain()
        assert rig.ran == ["a1", "a1", "a2"]

    async def test_one_bad_job_stops_no_other_and_a_person_sees_it(self, rig: Rig) -> None:
        rig.script["a1"] = [ValueError("sin plantilla")]
        rig.defer("a1")
        rig.defer("b1", lane="b")
        await rig.runner().drain()
        assert set(rig.ran) == {"a1", "b1"}
        items = rig.db.do(lambda session: session.query(TrayItem).all())
        assert [(item.kind, item.detail["error"]) for item in items] == [
            ("trabajo_fallido", "ValueError: sin plantilla")
        ]
        rig.clock.set(rig.clock.now() + HOUR)
        await rig.runner().drain()
        assert rig.ran[-1] == "a1"
        assert await rig.runner().drain() == 0

    async def test_a_serving_runner_wakes_for_new_work(self, rig: Rig) -> None:
        jobs = rig.runner()
        serving = asyncio.create_task(jobs.serve())
        rig.defer("a1")
        jobs.wake()
        await asyncio.wait_for(rig.began.wait(), 10)
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
