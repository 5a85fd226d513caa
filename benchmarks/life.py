"""Five initiatives, 52 actions, eighteen months day by day: the real metronome, sweep, drawings and database.

Nobody answers, so that nothing is ever over: the hardest life for what looks back. The wires accept at once. The last
thirty days against the first thirty; an absolute time is told as well, because a newcomer will wait for it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter

from sqlalchemy import func, select

from bot.admin import import_folder
from bot.core import Core
from bot.sending import after_sent
from bot.settings import Settings
from methodology.clock import SettableClock
from methodology.delivery import Receipt
from methodology.rules.calendar import BOGOTA
from methodology.rules.table import MAIL, TEAMS
from scheduler.delivery import TASK, Deliverer, Ports
from scheduler.jobs import EmbeddedJobs
from scheduler.metronome import Metronome
from scheduler.ports import Outgoing
from storage.ledger import Delivery, Notice

EXAMPLES = Path(__file__).parents[1] / "examples"
FIRST, DAYS, SPAN = date(2026, 11, 3), 548, 30
GOAL = 1.3


async def _accept(outgoing: Outgoing) -> Receipt:
    if callable(outgoing.payload):
        await asyncio.to_thread(outgoing.payload)
    return Receipt("1", "conversacion")


def _settings(folder: Path) -> Settings:
    return Settings(
        app_id="bench",
        app_password="-" * 32,
        tenant_id="tenant",
        allowed_tenants=frozenset({"tenant"}),
        secret_key=b"-" * 32,
        mail_sender="soluciones@operador.example",
        mail_domain="operador.example",
        database_url=f"sqlite:///{folder}/life.db",
        escalation_channel="canal",
        illustrative=True,
        start=FIRST,
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(8), BOGOTA)


async def _live(folder: Path) -> tuple[list[float], int, int]:
    """Seconds of each day; how many notices and deliveries there were."""
    clock = SettableClock(_morning(FIRST))
    core = Core(_settings(folder), clock)
    await core.db.run(import_folder, core, EXAMPLES, dry_run=False)
    ports = Ports(core.renderer, {TEAMS: _accept, MAIL: _accept}, after_sent, core.checkpoint)
    deliverer = Deliverer(core.db, clock, core.method, ports)
    jobs = EmbeddedJobs(core.db, clock, {TASK: deliverer.deliver})
    metronome = Metronome(core.db, clock, core.method, deliverer, jobs)
    took = []
    for number in range(DAYS):
        clock.set(_morning(FIRST + timedelta(days=number)))
        began = perf_counter()
        await metronome.beat()
        took.append(perf_counter() - began)
    counts = [
        core.db.do(lambda s, t=table: s.scalar(select(func.count()).select_from(t))) for table in (Notice, Delivery)
    ]
    core.db.close()
    return took, counts[0], counts[1]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        took, notices, deliveries = asyncio.run(_live(Path(folder)))
    first, last = sum(took[:SPAN]), sum(took[-SPAN:])
    print(f"{DAYS} days in {sum(took):.1f} s: {notices} notices, {deliveries} deliveries")
    print(f"first {SPAN} days {first * 1000:.0f} ms, last {SPAN} days {last * 1000:.0f} ms")
    ratio = last / first
    outcome = {"name": "life", "baseline": f"first {SPAN} days", "ratio": round(ratio, 2), "goal": GOAL}
    print(json.dumps(outcome | {"ok": ratio <= GOAL, "seconds": round(sum(took), 1)}))


if __name__ == "__main__":
    main()
