from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from core_world import at
from databases import in_memory
from jobs_contract import JobsContract, Rig
from sqlalchemy.exc import OperationalError

from methodology.clock import SettableClock
from scheduler import jobs
from scheduler.jobs import EmbeddedJobs


class TestEmbedded(JobsContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with in_memory() as database:
            yield Rig(database, SettableClock(at("2026-11-03")), EmbeddedJobs)

    @pytest.mark.parametrize("what", ["_heads", "_settle", "_park", "_seconds_left"])
    async def test_a_database_that_fails_for_a_while_does_not_end_the_queue(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch, what: str
    ) -> None:
        run, done = rig.db.run, asyncio.Event()
        faults = [OperationalError("SELECT 1", {}, Exception("disk I/O error"))]

        async def fails(operation: Any, *rest: Any) -> Any:
            if operation.__name__ == what and faults:
                raise faults.pop()
            if not faults and {"a2", "b1"} <= set(rig.ran):
                done.set()
            return await run(operation, *rest)

        monkeypatch.setattr(rig.db, "run", fails)
        monkeypatch.setattr(jobs, "_IDLE_SECONDS", 0.01)
        rig.script["a1"] = [RuntimeError("una vez")]
        rig.defer("a1", "a2")
        rig.defer("b1", lane="b")
        serving = asyncio.create_task(rig.runner().serve())
        ended = {serving, asyncio.create_task(done.wait())}
        await asyncio.wait(ended, timeout=10, return_when=asyncio.FIRST_COMPLETED)
        assert (serving.done(), done.is_set()) == (False, True)
        serving.cancel()

    async def test_a_job_under_way_is_not_begun_again_when_another_could_not_be_written_down(
        self, rig: Rig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run, slow, faults = rig.db.run, asyncio.Event(), [OperationalError("SELECT 1", {}, Exception("full"))]

        async def fails(operation: Any, *rest: Any) -> Any:
            if operation.__name__ == "_settle" and faults:
                slow.set()
                raise faults.pop()
            return await run(operation, *rest)

        begun: list[str] = []

        async def task(args: Any) -> None:
            begun.append(args["name"])
            if args["name"] == "b1":
                await slow.wait()
                await asyncio.sleep(0)

        monkeypatch.setattr(rig.db, "run", fails)
        rig.defer("a1")
        rig.defer("b1", lane="b")
        runner = EmbeddedJobs(rig.db, rig.clock, {"note": task})
        with pytest.raises(OperationalError):
            await runner.drain()
        await runner.drain()
        assert sorted(begun) == ["a1", "a1", "b1"]
