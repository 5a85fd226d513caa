"""The scheduler with its wires cut short: what is sent is kept in a list, and errors are said beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core_world import Core, at
from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.clock import SettableClock
from methodology.delivery import Receipt
from methodology.method import Method
from methodology.rules.table import MAIL, TEAMS
from scheduler.delivery import TASK, Deliverer, Ports
from scheduler.jobs import EmbeddedJobs
from scheduler.metronome import Metronome
from scheduler.ports import Batch, Checkpoint, Outgoing, no_checkpoint
from storage.db import Database
from storage.ledger import Delivery, Notice, TrayItem

T = TypeVar("T")


@dataclass(frozen=True)
class Letter:
    """What the fake renderer draws and the fake sender keeps."""

    batch: str
    reader: str
    bundle: str
    keys: tuple[str, ...]
    subjects: tuple[str, ...]


def draw(_session: Session, batch: Batch) -> Outgoing | None:
    subjects = tuple(notice.subject for notice in batch.notices)
    keys = tuple(notice.key for notice in batch.notices)
    return Outgoing(
        Letter(batch.id, batch.reader, batch.bundle, keys, subjects), {"message_id": batch.id}, f"<{batch.id}>"
    )


class Wire:
    """A provider: keeps what it accepts; `errors` are raised first, one a send."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.errors: list[Exception] = []

    async def __call__(self, outgoing: Outgoing) -> Receipt:
        if self.errors:
            raise self.errors.pop(0)
        self.letters.append(outgoing.payload)
        return Receipt(str(len(self.letters)), outgoing.payload.reader)


class Office:
    def __init__(self, db: Database, checkpoint: Checkpoint = no_checkpoint) -> None:
        self.db = db
        self.clock = SettableClock(at("2026-11-03"))
        self.method = Method()
        self.teams, self.mail = Wire(), Wire()
        self.draw: Callable[[Session, Batch], Outgoing | None] = draw
        ports = Ports(
            lambda session, batch: self.draw(session, batch),  # noqa: PLW0108 - tests put another one in its place
            {TEAMS: self.teams, MAIL: self.mail},
            lambda _session, _batch, _receipt: None,
            checkpoint,
        )
        self.deliverer = Deliverer(db, self.clock, self.method, ports)
        self.jobs = EmbeddedJobs(db, self.clock, {TASK: self.deliverer.deliver})
        self.metronome = Metronome(
            db, self.clock, self.method, self.deliverer, self.jobs, checkpoint=checkpoint
        )  # fmt: skip

    def fill(self, fn: Callable[[Core], T]) -> T:
        return self.db.do(lambda session: fn(Core(session)))

    async def beat(self, day: str, hour: int = 8, minute: int = 0) -> None:
        self.clock.set(at(day, hour, minute))
        await self.metronome.beat()

    def rows(self, kind: type[T]) -> list[T]:
        return self.db.do(lambda session: list(session.scalars(select(kind))))

    def states(self) -> set[tuple[str, str, str]]:
        """(rule, state of the notice, state of the delivery)."""

        def read(session: Session) -> set[tuple[str, str, str]]:
            query = select(Notice.rule, Notice.state, Delivery.state).outerjoin(Delivery)
            return {(rule, notice, delivery or "") for rule, notice, delivery in session.execute(query)}

        return self.db.do(read)

    def tray(self) -> list[str]:
        return [item.kind for item in self.rows(TrayItem) if item.resolved_at is None]
