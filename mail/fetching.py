"""Road 3 where mail waits in a mailbox: page by page, each message stored **[row]**, and only then the mark.

Whatever dies in between, the same page is asked for again, and what was stored is known by its Message-ID (R46).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy.orm import Session

from mail.gateway import Mailbox, Store
from mail.read import address_in, head
from methodology import tray
from methodology.clock import Clock, local
from methodology.delivery import Misconfigured, Throttled
from methodology.tray import UNREAD_MAILBOX
from storage.db import Database
from storage.ledger import MailboxMark

TITLE = "El buzón {name} no se puede leer"
LOOK_SECONDS = 60.0
READ_AGAIN = "el buzón se volvió a leer"
ADVICE = "revisar con «soluciones doctor»; los correos esperan en el buzón y este asunto se cierra solo"
TOLERATED = 5
"""So many refusals in a row are a bad day of the server's; one more, and a person is told."""
UNKNOWN = "desconocido"
_PAUSE = timedelta(minutes=5)
_log = logging.getLogger(__name__)
Sleep = Callable[[float], Awaitable[None]]


class Fetcher:
    """Reads one mailbox into a `Store`; `sleep` takes seconds.

    What the server received before the day `since` (Bogotá) is passed over: a mailbox may have a history.
    `read_at` is when it was last read to its end, `trouble` why it cannot be read now.
    """

    def __init__(
        self, db: Database, clock: Clock, mailbox: Mailbox, store: Store, sleep: Sleep, since: date | None = None
    ) -> None:
        self._db = db
        self._clock = clock
        self._mailbox = mailbox
        self._store = store
        self._sleep = sleep
        self._since = since
        self._refused = 0
        self._told = True  # by a former life, perhaps
        self.read_at: datetime | None = None
        self.trouble = ""

    @property
    def name(self) -> str:
        """The mailbox that is read."""
        return self._mailbox.name

    async def serve(self) -> None:
        """Read, wait until something may have come, and again, until cancelled; also over a database that fails."""
        while True:
            try:
                if await self.try_once():
                    await self._mailbox.wait(LOOK_SECONDS)
            except Exception as exc:  # noqa: BLE001 - the loop's edge: what could not even be told of
                _log.error("La lectura del buzón %s falló y se repetirá", self.name, exc_info=exc)
                self.trouble = f"{type(exc).__name__}: {exc}"
                await self._sleep(_PAUSE.total_seconds())

    async def try_once(self) -> bool:
        """Read what is new; False when it could not be, after the pause that the server asked for."""
        try:
            await self.fetch_new()
        except Throttled as exc:
            self._refused += 1
            if not self.trouble:
                _log.warning("El buzón %s no se puede leer: %s", self.name, exc)
            self.trouble = str(exc)
            if isinstance(exc, Misconfigured) or self._refused > TOLERATED:
                await self._tell(str(exc))
            await self._sleep(max(1.0, (exc.retry_at - self._clock.now()).total_seconds()))
            return False
        except Exception as exc:  # noqa: BLE001 - the loop's edge: a reader that died would be silence itself
            _log.warning("No se pudo leer el buzón %s", self._mailbox.name, exc_info=exc)
            self.trouble = f"{type(exc).__name__}: {exc}"
            await self._tell(self.trouble)
            await self._sleep(_PAUSE.total_seconds())
            return False
        await self._fine()
        return True

    async def fetch_new(self) -> int:
        """Store everything that is new, in order; how many messages there were.

        Raises:
            Throttled: the mailbox could not be read now. What was stored before it stays.
        """
        count = 0
        while True:
            page = await self._mailbox.fetch(await self._db.run(_mark, self._mailbox.name))
            for raw in page.messages:
                if not self._is_history(raw):
                    await self._store(raw, envelope_sender(raw), [])
            await self._db.run(_keep, self._mailbox.name, page.mark)
            count += len(page.messages)
            if not page.more:
                return count

    def _is_history(self, raw: bytes) -> bool:
        """A message that does not say when it was received is read."""
        return self._since is not None and (received_on(raw) or self._since) < self._since

    async def _fine(self) -> None:
        if self.trouble:
            _log.info("El buzón %s se volvió a leer", self.name)
        self._refused, self.trouble, self.read_at = 0, "", self._clock.now()
        if self._told:
            await self._db.run(tray.settle, UNREAD_MAILBOX, self.name, READ_AGAIN, self.read_at)
            self._told = False

    async def _tell(self, why: str) -> None:
        detail = {"motivo": why[:500], "consejo": ADVICE}
        await self._db.run(tray.put, UNREAD_MAILBOX, self.name, TITLE.format(name=self.name), detail, self._clock.now())
        self._told = True


def received_on(raw: bytes) -> date | None:
    """The day (Bogotá) on which the last server took it, by its first Received, else the day that it was written."""
    headers = head(raw)
    for said in (str(headers.get("Received", "")).rpartition(";")[2], str(headers.get("Date", ""))):
        with suppress(ValueError, IndexError, OverflowError):
            at = parsedate_to_datetime(said)
            return local(at).date() if at.tzinfo else at.date()
    return None


def envelope_sender(raw: bytes) -> str:
    """Who the envelope named, as the delivery wrote it down: «» is the null sender of bounces and machines.

    Where no Return-Path was kept, or none to be understood, it is not known: whoever signs stands for it, for a null
    sender would make a machine of a person.
    """
    headers = head(raw)
    kept = address_in(headers, "Return-Path")
    return (address_in(headers, "From") or UNKNOWN) if kept is None else kept


def _mark(session: Session, mailbox: str) -> str:
    row = session.get(MailboxMark, mailbox)
    return row.mark if row else ""


def _keep(session: Session, mailbox: str, mark: str) -> None:
    session.merge(MailboxMark(mailbox=mailbox, mark=mark))
