"""The IMAP edge: reads a mailbox, and tells whether a message stands in it. For relays that only take mail (SMTP).

imap-tools blocks, so each mailbox has a thread of its own. The folder is examined, never selected, and bodies are
peeked at: nothing is marked as read, and people may go on working in the same mailbox.
"""

from __future__ import annotations

import asyncio
import imaplib
import logging
import re
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedReader
from itertools import accumulate, takewhile
from threading import Event
from typing import TypeVar, cast

from imap_tools import AND, BaseMailBox, H, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import MailboxFolderSelectError, MailboxLoginError, UnexpectedCommandStatusError

from mail.gateway import LOOKS, Page
from mail.read import message_id
from mail.read.parse import parse
from mail.stand_in import Known, stand_in
from mail.tls import unreached, untrusted
from methodology.clock import Clock
from methodology.delivery import Misconfigured, Throttled

TLS, STARTTLS, PLAIN = "tls", "starttls", "no"
PORTS = {TLS: 993, STARTTLS: 143, PLAIN: 143}
PAGE = 10
PAGE_BYTES = 16 * 1024 * 1024
RETRY_AFTER = timedelta(minutes=2)
TRIES = 3
"""So often a message that the server withholds is asked for again, minutes apart; then something stands in for it."""
MENDED_AFTER = timedelta(minutes=15)
_WINDOW, _WIDEST = 1_000, 50_000
_MARK = re.compile(r"imap:(\d{1,10}):(\d{1,10})", re.ASCII)
_SIZE = re.compile(rb"(?=.*\bUID (\d+))(?=.*\bRFC822\.SIZE (\d+))", re.DOTALL)
_BODY = re.compile(rb"\bBODY\[\] (?!\"\"|NIL)")
# RFC 5530: what a server says when it is its own trouble, for a while; the last two may be about one message.
_PASSING = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG|CONTACTADMIN)\]")
_ALL_OF_IT = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT)\]")
_LOST = (imaplib.IMAP4.error, ImapToolsError, OSError)
# What the libraries fall into on an answer that is none: the session is of no use any more.
_BROKEN = (*_LOST, ValueError, LookupError, TypeError, AttributeError)
_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_Argument = TypeVar("_Argument")
Sleep = Callable[[float], Awaitable[None]]


class _Withheld(imaplib.IMAP4.error):
    """The server says that it cannot hand over this one message."""

    def __init__(self, uid: int, why: str) -> None:
        super().__init__(f"no se pudo leer el mensaje {uid}: {why}"[:200])
        self.uid = uid


@dataclass(frozen=True)
class ImapServer:
    """Where a mailbox is. `tls` is TLS from the start, STARTTLS, or PLAIN; `timeout` in seconds, for each answer.

    `ca_file` is a PEM file of authorities to trust, in place of the machine's.
    """

    host: str
    username: str
    password: str
    port: int = 0
    tls: str = TLS
    folder: str = "INBOX"
    ca_file: str = ""
    timeout: float = 30.0

    def connect(self) -> BaseMailBox:
        """A session that has logged in; certificates are always verified."""
        box = self._connected()
        try:
            login = box.login if (self.username + self.password).isascii() else box.login_utf8
            login(self.username, self.password, None)
        except _LOST:
            _cut(box)
            raise
        return box

    def _connected(self) -> BaseMailBox:
        port = self.port or PORTS[self.tls]
        if self.tls == PLAIN:
            return MailBoxUnencrypted(self.host, port, self.timeout)
        kind = MailBox if self.tls == TLS else MailBoxStartTls
        return kind(self.host, port, self.timeout, ssl_context=ssl.create_default_context(cafile=self.ca_file or None))


class ImapMailbox:
    """See `Mailbox`. `name` is the mailbox's address; one session is kept open, for IDLE tells of mail at once."""

    def __init__(self, server: ImapServer, *, name: str, clock: Clock) -> None:
        self._server = server
        self._name = name
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="imap")
        self._ended = Event()
        self._box: BaseMailBox | None = None
        self._withheld: Counter[int] = Counter()

    @property
    def name(self) -> str:
        return self._name

    async def fetch(self, mark: str) -> Page:
        """See `Mailbox.fetch`: at most ten messages, or some megabytes."""
        with self._told():
            page = await self._in_thread(self._fetch, mark)
        self._withheld.clear()
        return page

    async def wait(self, seconds: float) -> None:
        """See `Mailbox.wait`: by IDLE, else the whole time."""
        await self._in_thread(self._idle, seconds)

    async def close(self) -> None:
        """Leave the server; a thread that waits for it is woken."""
        self._end()
        self._thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[_Argument, Event], _Result], argument: _Argument) -> _Result:
        """Each work has an end of its own: one that was cancelled never sees the next one's."""
        ended = self._ended = Event()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work, argument, ended)
        except asyncio.CancelledError:
            self._end()  # a thread cannot be cancelled: what it waits for is taken away
            raise

    def _end(self) -> None:
        self._ended.set()
        if self._box is not None:
            _cut(self._box)

    def _fetch(self, mark: str, ended: Event) -> Page:
        """A session kept since the last reading may have died of old age: that once, it is begun anew."""
        kept = self._box is not None
        try:
            return self._page(mark, ended)
        except _Withheld:
            raise
        except _BROKEN:
            self._drop()
            if not kept or ended.is_set():
                raise
        try:
            return self._page(mark, ended)
        except _BROKEN:
            self._drop()
            raise

    def _page(self, mark: str, ended: Event) -> Page:
        given_up = {uid for uid, tries in self._withheld.items() if tries >= TRIES}
        return _page(self._opened(ended), self._server.folder, mark, given_up)

    def _opened(self, ended: Event) -> BaseMailBox:
        if self._box is None:
            self._box = self._server.connect()
        if ended.is_set():  # meanwhile: nobody could cut a session that was not there yet
            raise imaplib.IMAP4.abort("la lectura se interrumpió")
        return self._box

    def _drop(self) -> None:
        if self._box is not None:
            _cut(self._box)
        self._box = None

    def _idle(self, seconds: float, ended: Event) -> None:
        if self._box is not None:
            try:
                if _can(self._box, "IDLE"):
                    _idled(self._box, seconds)
                    return
            except _BROKEN:
                self._drop()
        ended.wait(seconds)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What went wrong, as one of the family, and in a sentence."""
        try:
            yield
        except _LOST as exc:
            if isinstance(exc, _Withheld):
                self._withheld[exc.uid] += 1
            now, why = self._clock.now(), _why(exc, self._server)
            mends = _for_a_person(exc)
            raise Misconfigured(why, now + MENDED_AFTER) if mends else Throttled(why, now + RETRY_AFTER) from exc


class ImapSent:
    """Whether a message of ours stands in the mailbox: in the folder of what was sent, or as the copy we get ourselves.

    SMTP has no look-up. Some servers file what is submitted to them (Gmail, Exchange); on the others only a copy on
    the message's own envelope proves that it was accepted: a transaction is for all its recipients or for none.
    """

    def __init__(self, server: ImapServer, sleep: Sleep = asyncio.sleep) -> None:
        self._server = server
        self._sleep = sleep

    async def __call__(self, message_id: str) -> bool:
        """False also when the mailbox cannot be asked: then nobody knows, and a person is."""
        for pause in LOOKS:
            await self._sleep(pause)
            try:
                if await asyncio.to_thread(self._stands, message_id):
                    return True
            except _LOST as exc:
                _log.warning("No se pudo buscar un mensaje enviado: %s", _why(exc, self._server))
                if _for_a_person(exc):
                    return False
        return False

    async def remove(self, message_ids: Iterable[str]) -> int:
        """Delete the messages of these ids for good, and nothing else; how many there were.

        Raises:
            OSError: the server could not be reached, or cannot delete single messages (UIDPLUS).
        """
        try:
            return await asyncio.to_thread(self._remove, tuple(message_ids))
        except _LOST as exc:
            raise OSError(_why(exc, self._server)) from exc

    def _stands(self, message_id: str) -> bool:
        with self._session() as box:
            return any(_found(box, folder, (message_id,)) for folder in _folders(box, self._server.folder))

    def _remove(self, message_ids: tuple[str, ...]) -> int:
        with self._session() as box:
            if not _can(box, "UIDPLUS"):
                raise OSError("El servidor no permite borrar mensajes uno por uno (UIDPLUS)")
            return sum(_removed(box, folder, message_ids) for folder in _folders(box, self._server.folder))

    @contextmanager
    def _session(self) -> Iterator[BaseMailBox]:
        box = self._server.connect()
        try:
            yield box
        finally:
            with suppress(*_LOST):
                box.logout()
            _cut(box)


def _cut(box: BaseMailBox) -> None:
    """End the connection, also under a thread that reads from it (its TLS would wait for a lock)."""
    with suppress(OSError):
        socket.socket.shutdown(box.client.sock, socket.SHUT_RDWR)
    with suppress(OSError):
        box.client.shutdown()


def _can(box: BaseMailBox, what: str) -> bool:
    """Asked after the login: before it a server may not tell."""
    _, told = box.client.capability()
    return what in b" ".join(told).decode("ascii", "replace").upper().split()


def _idled(box: BaseMailBox, seconds: float) -> None:
    """IDLE until the server tells of something.

    What came since the last reading it tells together with its «go on»: that lies in the reader's buffer then, where
    a poll of the socket would not see it and wait the whole time.
    """
    with box.idle as idle:
        if not _buffered(box):
            idle.poll(seconds)


def _buffered(box: BaseMailBox) -> bool:
    connection = box.client.sock
    before = connection.gettimeout()
    connection.settimeout(0)
    try:
        return bool(cast("BufferedReader", box.client.file).peek(1))
    except OSError:  # nothing is there, in TLS's words
        return False
    finally:
        connection.settimeout(before)


def _page(box: BaseMailBox, folder: str, mark: str, given_up: Collection[int]) -> Page:
    """The next messages. One that is withheld ends a page, and begins the next: what came before it does not wait."""
    validity, next_uid = _examined(box, folder)
    after = _after(mark, validity, next_uid)
    waiting = _uids(box, after, next_uid)
    messages, last = [], after
    for uid in _as_many(box, waiting[:PAGE]):
        try:
            raw = _raw(box, uid)
        except _Withheld:
            if last != after:
                break
            if uid not in given_up or not _alone(box, uid, (*waiting[:PAGE], after)):
                raise
            raw = stand_in(_known(box, uid), f"{box.client.host}:{validity}:{uid}")
        messages.append(raw)
        last = uid
    more = bool(_uids(box, last, next_uid))
    return Page(tuple(raw for raw in messages if raw is not None), f"imap:{validity}:{last}", more)


def _examined(box: BaseMailBox, folder: str) -> tuple[int, int]:
    """UIDVALIDITY and UIDNEXT as they are now: examining once more is how a session sees both."""
    box.folder.set(folder, readonly=True)
    found = [box.client.response(name)[1] for name in ("UIDVALIDITY", "UIDNEXT")]
    if any(one is None or one[0] is None for one in found):
        raise imaplib.IMAP4.error("el servidor no informa UIDVALIDITY y UIDNEXT")
    return int(found[0][0]), int(found[1][0])


def _after(mark: str, validity: int, next_uid: int) -> int:
    """The last UID read; 0 for a mark of another mailbox, or from before a backup was put back."""
    match = _MARK.fullmatch(mark)
    known = match is not None and int(match[1]) == validity and int(match[2]) < next_uid
    return int(match[2]) if match is not None and known else 0


def _uids(box: BaseMailBox, after: int, next_uid: int) -> list[int]:
    """The first UIDs after one, some hundreds at most: asked for in windows, for a mailbox may hold a million."""
    start, width = after + 1, _WINDOW
    while start < next_uid:
        found = sorted(int(uid) for uid in box.uids(f"UID {start}:{start + width - 1}", None))
        if new := [uid for uid in found if uid > after]:  # «7:6» also names 6
            return new
        start, width = start + width, min(width * 2, _WIDEST)
    return []


def _as_many(box: BaseMailBox, uids: Sequence[int]) -> list[int]:
    """As many of these as fit into one page; one, however large it is."""
    if not uids:
        return []
    _, data = box.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
    sizes = {int(match[1]): int(match[2]) for item in data if isinstance(item, bytes) and (match := _SIZE.match(item))}
    so_far = accumulate(sizes.get(uid, 0) for uid in uids)
    fitting = sum(1 for _ in takewhile(lambda total: total <= PAGE_BYTES, so_far))
    return list(uids[: max(1, fitting)])


def _raw(box: BaseMailBox, uid: int) -> bytes | None:
    """The message as it came; None when somebody has removed it meanwhile."""
    status, data = box.client.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
    if status != "OK":
        why = _words(data)
        raise imaplib.IMAP4.error(why) if _ALL_OF_IT.search(why) else _Withheld(uid, why)
    for item in data:
        if isinstance(item, tuple) and _BODY.search(item[0] + b" "):
            return bytes(item[1])
        if isinstance(item, bytes) and _BODY.search(item):
            raise imaplib.IMAP4.error(f"no se entiende cómo entrega el servidor el mensaje {uid}")
    return None


def _alone(box: BaseMailBox, uid: int, others: Iterable[int]) -> bool:
    """Whether it is this message's trouble, not the server's: of those around that are there still, one is read."""
    told = []
    for other in others:
        if other not in (0, uid):
            status, data = box.client.uid("FETCH", str(other), "(UID BODY.PEEK[]<0.64>)")
            if status != "OK" or any(isinstance(one, tuple) for one in data):
                told.append(status)
    return not told or "OK" in told


def _known(box: BaseMailBox, uid: int) -> Known:
    """What stands in the server's index, as a rule: the few headers that an envelope is made of."""
    status, data = box.client.uid("FETCH", str(uid), "(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM SUBJECT DATE)])")
    found = [bytes(one[1]) for one in data if isinstance(one, tuple)] if status == "OK" else []
    if not found:
        return Known()
    parsed = parse(found[0])
    return Known(message_id(found[0]), parsed.sender, parsed.subject, parsed.at)


def _folders(box: BaseMailBox, inbox: str) -> list[str]:
    """The inbox, and where the server says that it keeps what was sent (RFC 6154)."""
    return [inbox, *(one.name for one in box.folder.list() if "\\Sent" in one.flags)]


def _found(box: BaseMailBox, folder: str, message_ids: Iterable[str], *, readonly: bool = True) -> list[str]:
    box.folder.set(folder, readonly=readonly)
    return [uid for one in message_ids for uid in box.uids(str(AND(header=[H("Message-ID", one)])), None)]


def _removed(box: BaseMailBox, folder: str, message_ids: Iterable[str]) -> int:
    uids = _found(box, folder, message_ids, readonly=False)
    if uids:
        box.client.uid("STORE", ",".join(uids), "+FLAGS", r"(\Deleted)")
        box.client.uid("EXPUNGE", ",".join(uids))
    return len(uids)


def _for_a_person(exc: Exception) -> bool:
    """Whether waiting will not mend it: a password, a folder or a certificate that is refused."""
    if isinstance(exc, ssl.SSLCertVerificationError):
        return True
    refused = isinstance(exc, MailboxLoginError | MailboxFolderSelectError) or (
        isinstance(exc, imaplib.IMAP4.error) and "AUTHENTICATIONFAILED" in str(exc)
    )
    return refused and not _PASSING.search(str(exc))


def _why(exc: Exception, server: ImapServer) -> str:
    at = f"{server.host}:{server.port or PORTS[server.tls]}"
    if wrong := untrusted(at, exc):
        return wrong
    said = _said(exc)
    if isinstance(exc, MailboxLoginError):
        return f"El servidor {at} no aceptó el usuario {server.username}: {said}"
    if isinstance(exc, MailboxFolderSelectError):
        return f"El servidor {at} no abrió la carpeta {server.folder}: {said}"
    return f"El servidor de correo {at} no atendió: {said}"


def _said(exc: Exception) -> str:
    """The server's own words."""
    if isinstance(exc, UnexpectedCommandStatusError):
        return _words(exc.command_result[1])
    return unreached(exc) or f"{exc}"[:300] or type(exc).__name__


def _words(data: Iterable[object]) -> str:
    return " ".join(one.decode("utf-8", "replace") for one in data if isinstance(one, bytes))[:300]
