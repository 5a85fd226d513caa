"""The SMTP edge: hands mail to the organisation's relay, and says exactly how far it got when it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import aiosmtplib

from mail.gateway import OutgoingMail
from mail.mime import address_of, to_bytes
from mail.tls import unreached, untrusted
from methodology.clock import Clock
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Permanent, Receipt, Throttled

RETRY_AFTER = timedelta(minutes=10)
GOODBYE_SECONDS = 5.0
LINES = 4
KEPT_SECONDS = 10.0
MOST_ON_A_LINE = 50
"""Relays count: a line that brings too many is cut in the middle of one."""
_LATER, _PERMANENT = range(400, 600), range(500, 600)
_OF_THE_SESSION = (530, 535, 538, 554)
"""Refusals of MAIL that say nothing of the mail: who we are, or how we came, is not admitted."""
_Replies = (aiosmtplib.SMTPResponseException,)
_Losses = (aiosmtplib.SMTPException, OSError, EOFError)
_CUT = "La conexión se perdió antes de entregar el mensaje"
Look = Callable[[str], Awaitable[bool]]
"""Whether a message of that Message-ID was accepted; False when nobody can tell."""


@dataclass
class _Line:
    """A connection to the relay: how many mails went over it, and what ends it when no other follows."""

    client: aiosmtplib.SMTP
    sent: int = 0
    ends: asyncio.TimerHandle | None = None


@contextmanager
def _closed_unless_done(client: aiosmtplib.SMTP) -> Iterator[None]:
    with ExitStack() as undone:
        undone.callback(client.close)
        yield
        undone.pop_all()


async def _goodbye(client: aiosmtplib.SMTP) -> None:
    with suppress(*_Losses):
        await client.quit(timeout=GOODBYE_SECONDS)
    client.close()


class SmtpGateway:
    """Sends over SMTP, on a few connections at a time; each is kept some seconds for the next mail.

    `sender` is `Name <address>`; `timeout` in seconds, for each step; `ca_file` a PEM file of authorities to trust
    under STARTTLS, in place of the machine's.
    With `sent`, which looks into the sender's own mailbox, that mailbox is on each envelope: a transaction is for all
    its recipients or for none, so the copy proves that the relay accepted the message (`find_sent`).
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        clock: Clock,
        starttls: bool = False,
        tls: bool = False,
        username: str = "",
        password: str = "",
        timeout: float = 60.0,
        ca_file: str = "",
        sent: Look | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._clock = clock
        self._starttls = starttls
        self._tls = tls
        self._username = username
        self._password = password
        self._timeout = timeout
        self._ca_file = ca_file
        self._sent = sent
        self._kept: list[_Line] = []
        self._few = asyncio.Semaphore(LINES)

    async def send(self, mail: OutgoingMail) -> Receipt:
        """See `MailGateway.send`. One recipient refused is all refused: nothing is sent by halves."""
        async with self._few:
            content = to_bytes(mail, self._sender, self._clock.now())
            line = await self._begun()
            with _closed_unless_done(line.client):
                await self._recipients(line.client, mail)
                await self._data(line.client, content)
            await self._keep(line)
        return Receipt(id=mail.message_id, place=", ".join(mail.to))

    async def greet(self) -> None:
        """Whether the relay attends: its greeting, its TLS and our login; nothing is sent.

        Raises:
            Throttled: it does not.
        """
        await _goodbye((await self._new_line()).client)

    async def find_sent(self, message_id: str) -> Receipt | None:
        """SMTP only hands over: without `sent` nobody can look, and what was ambiguous goes to a person."""
        found = self._sent is not None and await self._sent(message_id)
        return Receipt(id=message_id, place=address_of(self._sender)) if found else None

    async def close(self) -> None:
        """Say goodbye on the lines that are kept."""
        while line := self._take():
            await _goodbye(line.client)

    async def _begun(self) -> _Line:
        """A line on which the relay took our sender. One that was kept may be lost; then a new one decides."""
        while kept := self._take():
            with suppress(DeliveryError):
                return await self._from_us(kept, GOODBYE_SECONDS)
        return await self._from_us(await self._new_line(), self._timeout)

    async def _new_line(self) -> _Line:
        client = self._client()
        with _closed_unless_done(client):
            await self._greet(client)
        return _Line(client)

    def _take(self) -> _Line | None:
        if not self._kept:
            return None
        line = self._kept.pop()
        if line.ends is not None:
            line.ends.cancel()
        return line

    async def _keep(self, line: _Line) -> None:
        """Keep the line for the next mail, for a short while; the mail was accepted, so no failure here matters."""
        line.sent += 1
        if line.sent >= MOST_ON_A_LINE:
            await _goodbye(line.client)
            return
        line.ends = asyncio.get_running_loop().call_later(KEPT_SECONDS, self._let_go, line)
        self._kept.append(line)

    def _let_go(self, line: _Line) -> None:
        self._kept.remove(line)
        line.client.close()

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=self._timeout,
            start_tls=self._starttls,
            use_tls=self._tls,
            cert_bundle=self._ca_file or None,
            local_hostname="localhost",
        )

    async def _greet(self, client: aiosmtplib.SMTP) -> None:
        """A greeting, a login or a TLS handshake that fails is the relay's trouble or ours, not the mail's: later."""
        try:
            await client.connect()
            await client.ehlo()
            if self._username:
                await client.login(self._username, self._password)
        except _Replies as exc:
            raise self._not_admitted(exc, mends=exc.code in _PERMANENT) from exc
        except (*_Losses, ValueError) as exc:
            raise self._later(f"El servidor de correo {self._host}:{self._port} no atendió", exc) from exc

    async def _from_us(self, line: _Line, timeout: float) -> _Line:  # noqa: ASYNC109 - aiosmtplib's own
        with _closed_unless_done(line.client):
            try:
                await line.client.mail(address_of(self._sender), timeout=timeout)
            except _Replies as exc:
                if exc.code in _OF_THE_SESSION:
                    raise self._not_admitted(exc, mends=True) from exc
                raise self._refused(exc) from exc
            except _Losses as exc:
                raise self._later(_CUT, exc) from exc
        return line

    async def _recipients(self, client: aiosmtplib.SMTP, mail: OutgoingMail) -> None:
        """Our own copy comes last: its refusal is no refusal of the mail."""
        own = (address_of(self._sender),) if self._sent is not None else ()
        await self._told(client, dict.fromkeys(one for one in map(address_of, mail.recipients) if one not in own))
        try:
            await self._told(client, own)
        except Permanent as exc:
            raise Misconfigured(f"El buzón propio no recibe: {exc}", self._clock.now() + RETRY_AFTER) from exc

    async def _told(self, client: aiosmtplib.SMTP, addresses: Iterable[str]) -> None:
        try:
            for address in addresses:
                await client.rcpt(address)
        except _Replies as exc:
            raise self._refused(exc) from exc
        except _Losses as exc:
            raise self._later(_CUT, exc) from exc

    async def _data(self, client: aiosmtplib.SMTP, content: bytes) -> None:
        try:
            await client.data(content)
        except _Replies as exc:
            if exc.code not in _LATER:
                raise Ambiguous(f"El servidor recibió el mensaje y su respuesta no se entiende: {exc.message}") from exc
            raise self._refused(exc) from exc
        except _Losses as exc:
            raise Ambiguous("El servidor recibió el mensaje y no llegó su respuesta") from exc

    def _refused(self, reply: aiosmtplib.SMTPResponseException) -> Permanent | Throttled:
        sentence = _answered(reply)
        return Permanent(sentence) if reply.code in _PERMANENT else self._later(sentence)

    def _not_admitted(self, reply: aiosmtplib.SMTPResponseException, *, mends: bool) -> Throttled:
        """`mends`: waiting will not mend it, a person will."""
        sentence = f"El servidor de correo {self._host}:{self._port} no admitió al servicio. {_answered(reply)}"
        return Misconfigured(sentence, self._clock.now() + RETRY_AFTER) if mends else self._later(sentence)

    def _later(self, sentence: str, cause: BaseException | None = None) -> Throttled:
        if cause:
            sentence = untrusted(f"{self._host}:{self._port}", cause) or f"{sentence}: {unreached(cause) or cause}"
        return Throttled(sentence, self._clock.now() + RETRY_AFTER)


def _answered(reply: aiosmtplib.SMTPResponseException) -> str:
    return f"El servidor de correo respondió {reply.code} {reply.message}".strip()
