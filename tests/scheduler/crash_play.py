"""One week of road 1 on a SQLite file, with a provider that outlives the process. Runs as a program for kill -9.

As a program: `crash_play.py FILE RECEIVED STALL`: lives the days against FILE, appends what the provider accepted to
RECEIVED, and at its STALL-th acceptance prints a line and answers no more (0: never).
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from core_world import Core, at
from office import Letter, Office
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from methodology.delivery import Receipt
from scheduler.ports import Outgoing
from storage.db import Database
from storage.ledger import Delivery, Notice, TrayItem
from storage.matrix import DeliveryDay

DAYS = ("2026-11-24", "2026-11-26", "2026-11-27", "2026-11-30", "2026-12-01")


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@dataclass
class Fate:
    """Counts the crash points and kills at the `at`-th; a dead process does nothing more."""

    at: int = 0
    passed: int = 0
    dead: bool = False
    names: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        if self.dead:
            raise Killed
        self.passed += 1
        self.names.append(name)
        if self.passed == self.at:
            self.dead = True
            raise Killed


@dataclass
class Provider:
    """Teams and the mail server: what it accepted stays accepted, whoever died."""

    received: list[Letter] = field(default_factory=list)
    accepted: Callable[[Letter], None] = lambda _letter: None

    def wire(self, fate: Fate) -> Any:
        async def send(outgoing: Outgoing) -> Receipt:
            fate("before the wire")
            self.received.append(outgoing.payload)
            self.accepted(outgoing.payload)
            fate("accepted, no answer yet")
            return Receipt(f"r{len(self.received)}", outgoing.payload.reader)

        return send


def furnish(core: Core) -> None:
    """Two initiatives with a leader each; an alert, a notice of 15 days, a window, a request, an escalation."""
    used = DeliveryDay.day.between(at("2026-10-01").date(), at("2027-04-01").date())
    core.session.execute(delete(DeliveryDay).where(~used))
    for slug, code, due in (("biologicos", "BIO-01", "2026-10-26"), ("astilleros", "AST-01", "2026-12-11")):
        initiative = core.initiative(slug, launch="2026-11-02")
        core.person(f"LT {slug}", "LT", initiative)
        core.action(code, due=due, initiative=initiative)
    core.person("Paz Plana", "PL")
    core.person("Vera Vico", "VM")


def open_office(url: str, fate: Fate, provider: Provider) -> Office:
    office = Office(Database(url, after_commit=lambda: fate("commit")), fate)
    senders: Any = office.deliverer._ports.senders
    senders.update({"teams": provider.wire(fate), "mail": provider.wire(fate)})
    return office


async def live(office: Office, reached: list[str]) -> None:
    """Start, and live the days not lived yet; `reached` remembers the day, as a calendar on the wall would."""
    office.clock.set(at(reached[-1], 9) if reached else at(DAYS[0]))
    await office.metronome.start_up()
    for day in DAYS[max(len(reached) - 1, 0) :]:
        if day not in reached:
            reached.append(day)
        office.clock.set(at(day, 9))
        await office.metronome.beat()
    office.clock.set(office.clock.now() + timedelta(hours=2))
    await office.metronome.beat()


@dataclass(frozen=True)
class Account:
    """What the ledger says at the end."""

    notices: dict[str, str]
    deliveries: tuple[tuple[str, str, str, str, int, str], ...]
    tray: tuple[str, ...]


def account(session: Session) -> Account:
    query = select(Notice.key, Delivery.batch, Delivery.reader, Delivery.state, Delivery.attempts, Delivery.error)
    rows = session.execute(query.join(Delivery, Delivery.notice_id == Notice.id))
    return Account(
        {row.key: row.state for row in session.scalars(select(Notice))},
        tuple(tuple(row) for row in rows),  # type: ignore[arg-type]
        tuple(str(item.detail.get("lote", "")) for item in session.scalars(select(TrayItem))),
    )


def _main(file: str, received: str, stall: int) -> None:
    count = 0

    def accepted(letter: Letter) -> None:
        nonlocal count
        count += 1
        with Path(received).open("a") as out:
            out.write(json.dumps([letter.batch, letter.reader, letter.bundle, letter.keys, letter.subjects]) + "\n")
        if count == stall:
            sys.stdout.write("stalled\n")
            sys.stdout.flush()
            sys.stdin.read()

    office = open_office(f"sqlite:///{file}", Fate(), Provider(accepted=accepted))
    marks = Path(received + ".days")
    reached = marks.read_text().split() if marks.exists() else []

    async def everything() -> None:
        await live(office, _Marked(reached, marks))

    asyncio.run(everything())
    office.db.close()


class _Marked(list[str]):
    """The days reached, also on disk."""

    def __init__(self, days: list[str], file: Path) -> None:
        super().__init__(days)
        self._file = file

    def append(self, day: str) -> None:
        super().append(day)
        self._file.write_text(" ".join(self))


if __name__ == "__main__":
    _main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
