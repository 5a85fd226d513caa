from __future__ import annotations

from collections.abc import Iterator

import pytest
from core_world import at
from databases import in_memory
from jobs_contract import JobsContract, Rig

from methodology.clock import SettableClock
from scheduler.jobs import EmbeddedJobs


class TestEmbedded(JobsContract):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with in_memory() as database:
            yield Rig(database, SettableClock(at("2026-11-03")), EmbeddedJobs)
