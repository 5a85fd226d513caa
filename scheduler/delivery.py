"""Road 1 from the row to the wire: plan messages for due notices, send each, keep the account of how it went.

Nothing is lost: a message is a `planned` row before it is a message, and `reconcile` finds every planned row again.
Nothing is repeated: a row is `sending` (committed) before the wire is touched; one that was `sending` when the process
died is `uncertain` afterwards. A prompt is then sent again under the same card ids; anything else goes to the tray,
and leaves it when the sender can look and finds it (`look_for_doubts`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from methodology import tray
from methodology.clock import Clock, local
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Receipt, Throttled, Unreachable
from methodology.doubts import settle
from methodology.high_level import is_active
from methodology.method import Method
from methodology.notices import withdraw
from methodology.people import holders
from methodology.rules.states import POST_OFFICES, NoticeState, Post
from methodology.rules.table import MAIL, RULES, TEAMS
from methodology.rules.titles import told_as
from methodology.telling import why_not_any_more
from methodology.waiting import held_until, open_deeds
from scheduler.jobs import Jobs, NewJob
from scheduler.ports import AfterSent, Batch, Checkpoint, Finder, Outgoing, Renderer, Sender, no_checkpoint
from storage.db import Database
from storage.ledger import Delivery, Job, Notice
from storage.life import Member
from storage.matrix import Person

TASK = "deliver"
ESCALATION = "channel:"
NOBODY = "Nadie ocupa el cargo «{post}», que debía recibir «{what}» ({subject}): registre quién lo ocupa"
_ATTEMPTS_UNTIL_TOLD = 12
_PATIENCE = timedelta(hours=1)
_LOOK_SECONDS = 60.0
FOUND = "Sí llegó: se halló entre los mensajes enviados"


@dataclass(frozen=True)
class Ports:
    """What the composition root hands in: senders and fallback by channel, the renderer, what to keep after sending."""

    renderer: Renderer
    senders: Mapping[str, Sender]
    after_sent: AfterSent
    checkpoint: Checkpoint = no_checkpoint


class Deliverer:
    """The delivery of notices. `method` is read anew for every sweep by the metronome."""

    def __init__(self, db: Database, clock: Clock, method: Method, ports: Ports) -> None:
        self._db = db
        self._clock = clock
        self._method = method
        self._ports = ports

    # --- planning: notice → deliveries → jobs -----------------------------------------------------------------------

    def plan_messages(self, session: Session, jobs: Jobs, now: datetime) -> int:
        """Give every notice due now its readers and its place in a message; how many messages were planned."""
        if self._method.calendar.next_slot(now) > now:
            return 0
        today = local(now).date()
        free = or_(Notice.held_until.is_(None), Notice.held_until <= now)
        due = select(Notice).where(Notice.state == NoticeState.PLANNED, Notice.deliver_on <= today, free)
        planned_before = select(Delivery.id).where(Delivery.notice_id == Notice.id).exists()
        messages: dict[tuple[str, str, str], str] = {}
        waiting = open_deeds(session, now)
        for notice in session.scalars(due.where(~planned_before).order_by(Notice.id)).all():
            if held_until(waiting, notice.initiative_id):
                continue
            if reason := why_not_any_more(session, notice, today):
                withdraw(session, notice, reason)
                continue
            self._place(session, notice, today, messages)
        session.flush()
        return sum(self._defer(session, jobs, batch, now) for batch in messages.values())

    def _place(self, session: Session, notice: Notice, today: date, messages: dict[tuple[str, str, str], str]) -> None:
        rule = RULES[notice.rule]
        readers = list(_readers(session, notice, today))
        if not readers:
            title = NOBODY.format(
                post=POST_OFFICES[Post(notice.post)], what=told_as(notice.rule), subject=notice.subject
            )
            tray.put(session, "sin_destinatario", notice.key, title, {"aviso": notice.id}, self._clock.now())
        for reader, channel in readers:
            apart = (str(notice.initiative_id) if rule.apart else "") + notice.inputs.get("to", "")
            batch = messages.setdefault((rule.bundle, reader, apart), secrets.token_hex(8))
            session.add(
                Delivery(
                    notice_id=notice.id,
                    batch=batch,
                    bundle=rule.bundle,
                    reader=reader,
                    channel=channel,
                    state=NoticeState.PLANNED,
                )
            )

    def _defer(self, session: Session, jobs: Jobs, batch: str, run_at: datetime) -> bool:
        reader = session.scalar(select(Delivery.reader).where(Delivery.batch == batch).limit(1)) or batch
        return jobs.defer(session, NewJob(TASK, reader, f"{TASK}:{batch}", {"batch": batch}, run_at))

    def reconcile(self, session: Session, jobs: Jobs, now: datetime) -> int:
        """Defer again every planned message that has no live job (R46: the queue is disposable)."""
        live = select(Job.key)
        query = (
            select(Delivery.batch, func.max(Delivery.retry_at))
            .where(Delivery.state == NoticeState.PLANNED)
            .group_by(Delivery.batch)
        )
        keys = set(session.scalars(live))
        lost = [(b, at) for b, at in session.execute(query) if f"{TASK}:{b}" not in keys]
        return sum(self._defer(session, jobs, batch, at or now) for batch, at in lost)

    def recover(self, session: Session, now: datetime) -> int:
        """At start: what was being sent when the process died may have arrived. How many messages were in doubt."""
        query = select(Delivery).where(Delivery.state == NoticeState.SENDING).order_by(Delivery.id)
        batches: dict[str, list[Delivery]] = {}
        for row in session.scalars(query):
            batches.setdefault(row.batch, []).append(row)
        for rows in batches.values():
            self._doubt(session, rows, "el servicio se detuvo mientras se enviaba", now)
        return len(batches)

    async def look_for_doubts(self) -> int:
        """After `recover`: look for what is in doubt where the sender can. How many had been sent after all.

        What is not found stays in doubt, and so does everything when the other side cannot be asked now: whoever
        decides it in the meantime is not overruled.
        """
        found = 0
        for batch_id, channel, message_id in await self._db.run(_to_look_for):
            sender = self._ports.senders.get(channel)
            if not isinstance(sender, Finder):
                continue
            try:
                async with asyncio.timeout(_LOOK_SECONDS):
                    receipt = await sender.find(message_id)
            except (DeliveryError, TimeoutError):
                break
            if receipt is not None:
                await self._db.run(self._found, batch_id, receipt)
                found += 1
        return found

    def _found(self, session: Session, batch_id: str, receipt: Receipt) -> None:
        rows, now = _rows(session, batch_id, NoticeState.UNCERTAIN), self._clock.now()
        if not rows:
            return
        self._record(session, _batch_of(rows, now), rows, rows[0].receipt, receipt)
        tray.settle(session, "entrega_incierta", batch_id, FOUND, now)

    # --- sending ------------------------------------------------------------------------------------------------------

    async def deliver(self, args: Mapping[str, Any]) -> datetime | None:
        """The job: send one message; when to try again, or None."""
        now = self._clock.now()
        slot = self._method.calendar.next_slot(now)
        if slot > now:
            return slot
        prepared = await self._db.run(self._prepare, args["batch"], now)
        self._ports.checkpoint("sending committed")
        if prepared is None or isinstance(prepared, datetime):
            return prepared
        batch, outgoing = prepared
        try:
            receipt = await self._ports.senders[batch.channel](outgoing)
        except DeliveryError as exc:
            return await self._db.run(self._failed, batch, exc)
        except Exception as exc:  # noqa: BLE001 - the wire's edge: an unforeseen error leaves the message in doubt
            return await self._db.run(self._failed, batch, Ambiguous(f"{type(exc).__name__}: {exc}"))
        self._ports.checkpoint("sent, not recorded")
        await self._db.run(self._sent, batch, outgoing, receipt)
        self._ports.checkpoint("sent and recorded")
        return None

    def _prepare(self, session: Session, batch_id: str, now: datetime) -> tuple[Batch, Outgoing] | datetime | None:
        """Read the state again, draw the message and mark its rows `sending`, in one transaction.

        While the state may still be undone, the moment when it cannot any more.
        """
        today, rows = local(now).date(), _rows(session, batch_id, NoticeState.PLANNED)
        waiting = open_deeds(session, now)
        if later := [until for row in rows if (until := held_until(waiting, row.notice.initiative_id))]:
            return max(later)
        for row in rows:
            if reason := why_not_any_more(session, row.notice, today):
                withdraw(session, row.notice, reason)
                row.state, row.error = NoticeState.WITHDRAWN, reason
        rows = [row for row in rows if row.state == NoticeState.PLANNED]
        if not rows:
            return None
        batch = _batch_of(rows, now)
        outgoing = self._ports.renderer(session, batch)
        for row in rows:
            row.state = NoticeState.SENDING if outgoing else NoticeState.WITHDRAWN
            row.attempts += 1
            row.receipt = {**outgoing.facts, "id": outgoing.id} if outgoing else {}
            if outgoing is None:
                withdraw(session, row.notice, "ya no había nada que decir")
        return (batch, outgoing) if outgoing else None

    def _sent(self, session: Session, batch: Batch, outgoing: Outgoing, receipt: Receipt) -> None:
        self._record(session, batch, _rows(session, batch.id, NoticeState.SENDING), outgoing.facts, receipt)

    def _record(
        self, session: Session, batch: Batch, rows: list[Delivery], facts: Mapping[str, str], receipt: Receipt
    ) -> None:
        now = self._clock.now()
        for row in rows:
            row.state, row.sent_at, row.error = NoticeState.SENT, now, ""
            row.receipt = {"id": receipt.id, "place": receipt.place, "service_url": receipt.service_url}
            settle(session, row.notice, facts, local(now).date())
        self._ports.after_sent(session, batch, receipt)

    def _failed(self, session: Session, batch: Batch, exc: DeliveryError) -> datetime | None:
        rows, now = _rows(session, batch.id, NoticeState.SENDING), self._clock.now()
        if isinstance(exc, Throttled):
            return self._later(session, rows, exc, now)
        if isinstance(exc, Unreachable) and batch.channel == TEAMS and batch.reader.startswith("person:"):
            return self._by_mail_instead(session, rows, exc, now)
        if isinstance(exc, Ambiguous):
            return self._doubt(session, rows, str(exc), now)
        self._bury(session, rows, str(exc), now)
        return None

    def _later(self, session: Session, rows: list[Delivery], exc: Throttled, now: datetime) -> datetime:
        """Surely not accepted: it waits, however long that takes; after many attempts a person is told, too."""
        often = bool(rows) and rows[0].attempts >= _ATTEMPTS_UNTIL_TOLD
        wait = _PATIENCE if often else timedelta(seconds=1)
        retry_at = self._method.calendar.next_slot(max(exc.retry_at, now + wait))
        for row in rows:
            row.state, row.retry_at, row.error = NoticeState.PLANNED, retry_at, str(exc)
        if rows and (often or isinstance(exc, Misconfigured)):
            _to_tray(session, "entrega_demorada", "Se sigue intentando entregar", rows, now)
        return retry_at

    def _by_mail_instead(self, session: Session, rows: list[Delivery], exc: Unreachable, now: datetime) -> datetime:
        """R45: whoever has no Teams gets the same by mail."""
        for row in rows:
            row.state, row.channel, row.error = NoticeState.PLANNED, MAIL, str(exc)
        person = session.get_one(Person, int(rows[0].reader.partition(":")[2]))
        title = f"{person.name} no recibe mensajes en Teams; se le escribe por correo"
        tray.put(session, "sin_teams", rows[0].reader, title, {"motivo": str(exc)}, now)
        return now

    def _doubt(self, session: Session, rows: list[Delivery], why: str, now: datetime) -> datetime | None:
        """It may have arrived: a prompt goes again under the same card ids, once; the rest waits for planning."""
        again = bool(rows) and RULES[rows[0].notice.rule].repeatable and rows[0].attempts == 1
        for row in rows:
            row.error = f"sin certeza de entrega: {why}"
            row.state = NoticeState.PLANNED if again else NoticeState.UNCERTAIN
            if not again and row.notice.state == NoticeState.PLANNED:
                row.notice.state = NoticeState.UNCERTAIN
        if rows and not again:
            _to_tray(session, "entrega_incierta", "No hay certeza de que llegara", rows, now)
        return now if again else None

    def _bury(self, session: Session, rows: list[Delivery], why: str, now: datetime) -> None:
        for row in rows:
            row.state, row.error = NoticeState.DEAD, why
            if row.notice.state == NoticeState.PLANNED:
                row.notice.state = NoticeState.DEAD
        if rows:
            _to_tray(session, "entrega_fallida", "No se pudo entregar", rows, now)


def _rows(session: Session, batch_id: str, state: NoticeState) -> list[Delivery]:
    query = select(Delivery).where(Delivery.batch == batch_id, Delivery.state == state).order_by(Delivery.id)
    return list(session.scalars(query))


def _batch_of(rows: list[Delivery], now: datetime) -> Batch:
    first = rows[0]
    return Batch(first.batch, first.bundle, first.reader, first.channel, tuple(row.notice for row in rows), now)


def _to_look_for(session: Session) -> list[tuple[str, str, str]]:
    """(batch, channel, id) of what is in doubt under an id that was kept; oldest first."""
    query = select(Delivery).where(Delivery.state == NoticeState.UNCERTAIN).order_by(Delivery.id)
    known = {row.batch: (row.batch, row.channel, str(row.receipt.get("id") or "")) for row in session.scalars(query)}
    return [one for one in known.values() if one[2]]


def _to_tray(session: Session, kind: str, what: str, rows: Iterable[Delivery], now: datetime) -> None:
    rows = list(rows)
    told_of = ", ".join(dict.fromkeys(f"{told_as(row.notice.rule)} ({row.notice.subject})" for row in rows))
    detail = {"destinatario": rows[0].reader, "motivo": rows[0].error, "lote": rows[0].batch}
    tray.put(session, kind, rows[0].batch, f"{what}: {told_of}", detail, now)


def _readers(session: Session, notice: Notice, today: date) -> Iterable[tuple[str, str]]:
    """(reader, channel): the holders of the post and its copies on the day of sending, or whoever the notice names."""
    rule = RULES[notice.rule]
    if "reader" in notice.inputs:
        named = str(notice.inputs["reader"])
        reader = named if ":" in named else f"person:{named}"
        yield reader, rule.channel if reader.startswith("person:") else MAIL
    elif rule.post == Post.ENTITY:
        yield f"entity:{notice.entity_id}", MAIL
    elif rule.post == Post.HIGH_LEVEL:
        members = (session.get_one(Member, number) for number in notice.inputs["members"])
        yield from ((f"member:{one.id}", MAIL) for one in members if notice.rule != "R18" or is_active(one, today))
    elif rule.post == Post.GUESTS:
        yield f"meeting:{notice.inputs['meeting']}", MAIL
    elif rule.place == "escalation":
        if notice.initiative is not None:
            yield f"{ESCALATION}{notice.initiative.slug}", TEAMS
    else:
        seen: set[int] = set()
        for post in (rule.post, *rule.copies):
            for person in holders(session, post, notice.initiative_id, today):
                if person.id not in seen:
                    seen.add(person.id)
                    yield f"person:{person.id}", rule.channel
