"""Road 3: mailbox → raw message stored **[row]** → read → recorded. It may die after any step; nothing is lost."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, datetime

from sqlalchemy.orm import Session

from mail.read import message_id, printable, read
from methodology.clock import Clock, local
from methodology.history import recording
from methodology.method import Method
from methodology.readings import Reading
from methodology.replies import asked_in, known_codes, park, pending, record, store_raw
from storage.db import Database
from storage.ledger import InboundMail

_log = logging.getLogger(__name__)
NOBODY = "remitente desconocido"
BY_MAIL = "Correo recibido"


class Inbox:
    """Takes in what gateways deliver. `accept` is their `Store`; call `process_pending` at start to catch up."""

    def __init__(self, db: Database, clock: Clock, method: Method | None = None) -> None:
        self._db = db
        self._clock = clock
        self._method = method
        self._turn = asyncio.Lock()
        self._wanted = False
        self._worker: asyncio.Task[None] | None = None

    async def accept(self, raw: bytes, mail_from: str, rcpt_tos: list[str]) -> None:
        """Commit the raw message, then wake the reading; returning means that the row is there.

        Nothing of the message is parsed here but its Message-ID: what cannot be read is stored like any other.
        """
        del rcpt_tos
        await self._db.run(store_raw, raw, message_id(raw), printable(mail_from), self._clock.now())
        self._wake()

    async def process_pending(self) -> int:
        """Read and record whatever is stored and new, one message at a time; how many there were."""
        count = 0
        async with self._turn:
            while waiting := await self._db.run(pending):
                for mail_id in waiting:
                    await self._process(mail_id)
                    count += 1
        return count

    async def settled(self) -> None:
        """Wait until what `accept` woke has been read: for an orderly stop, and for tests."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait({self._worker})

    def _wake(self) -> None:
        """At most one worker runs. The flag is for a row committed after its last look and before its end."""
        self._wanted = True
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
            self._worker.add_done_callback(_rested)

    async def _work(self) -> None:
        while self._wanted:
            self._wanted = False
            await self.process_pending()

    async def _process(self, mail_id: int) -> None:
        try:
            raw, envelope_from, codes, received = await self._db.run(_load, mail_id)
            reading = await asyncio.to_thread(read, raw, codes, envelope_from, None, received)
            asked = await self._db.run(asked_in, reading, self._clock.now())
            if asked is not None:
                reading = await asyncio.to_thread(read, raw, codes, envelope_from, asked, received)
            await self._db.run(_record, mail_id, reading, self._clock.now(), self._method)
        except Exception as exc:  # noqa: BLE001 - the loop's edge: one bad message must not stop the others
            _log.warning("No se pudo leer el mensaje %s; queda en la bandeja", mail_id, exc_info=exc)
            await self._db.run(park, mail_id, printable(f"{type(exc).__name__}: {exc}"), self._clock.now())


def _rested(worker: asyncio.Task[None]) -> None:
    if not worker.cancelled() and (error := worker.exception()):
        _log.error("La lectura del correo se detuvo; lo pendiente se lee con el próximo mensaje", exc_info=error)


def _record(session: Session, mail_id: int, reading: Reading, now: datetime, method: Method | None) -> None:
    """What a mail changes is kept under whoever wrote it (R3)."""
    with recording(session, reading.sender or NOBODY, BY_MAIL, now):
        record(session, mail_id, reading, now, method)


def _load(session: Session, mail_id: int) -> tuple[bytes, str, frozenset[str], date]:
    mail = session.get_one(InboundMail, mail_id)
    return mail.raw, mail.envelope_from, known_codes(session), local(mail.received_at).date()
