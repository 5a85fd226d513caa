"""The SMTP edge: hands mail to the organisation's relay, and says exactly how far it got when it fails."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import aiosmtplib

from mail.gateway import OutgoingMail, address_of, to_message
from methodology.clock import Clock
from methodology.delivery import Ambiguous, Permanent, Receipt, Throttled

RETRY_AFTER = timedelta(minutes=10)
GOODBYE_SECONDS = 5.0
_PERMANENT = 500
_Replies = (aiosmtplib.SMTPResponseException,)
_Losses = (aiosmtplib.SMTPException, OSError, EOFError)


class SmtpGateway:
    """Sends over SMTP, one connection a mail. `sender` is `Name <address>`; `timeout` in seconds, for each step."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        clock: Clock,
        starttls: bool = False,
        username: str = "",
        password: str = "",
        timeout: float = 60.0,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._clock = clock
        self._starttls = starttls
        self._username = username
        self._password = password
        self._timeout = timeout

    async def send(self, mail: OutgoingMail) -> Receipt:
        """See `MailGateway.send`. One recipient refused is all refused: nothing is sent by halves."""
        message = to_message(mail, self._sender, self._clock.now())
        client = self._client()
        try:
            await self._greet(client)
            await self._envelope(client, mail)
            await self._data(client, message.as_bytes())
            with suppress(*_Losses):  # accepted already: a goodbye that fails changes nothing
                await client.quit(timeout=GOODBYE_SECONDS)
        finally:
            client.close()
        return Receipt(id=mail.message_id, place=", ".join(mail.to))

    async def find_sent(self, message_id: str) -> Receipt | None:
        """None: SMTP only hands over, it cannot look. What was ambiguous goes to a person."""
        del message_id
        return None

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            timeout=self._timeout,
            start_tls=self._starttls,
            use_tls=False,
            local_hostname="localhost",
        )

    async def _greet(self, client: aiosmtplib.SMTP) -> None:
        """A greeting, a login or a TLS handshake that fails is the relay's trouble, not the mail's: always later."""
        try:
            await client.connect()
            if self._username:
                await client.login(self._username, self._password)
        except (*_Losses, ValueError) as exc:
            raise self._later(f"El servidor de correo {self._host}:{self._port} no atendió", exc) from exc

    async def _envelope(self, client: aiosmtplib.SMTP, mail: OutgoingMail) -> None:
        try:
            await client.ehlo()
            await client.mail(address_of(self._sender))
            for recipient in mail.recipients:
                await client.rcpt(address_of(recipient))
        except _Replies as exc:
            raise self._refused(exc) from exc
        except _Losses as exc:
            raise self._later("La conexión se perdió antes de entregar el mensaje", exc) from exc

    async def _data(self, client: aiosmtplib.SMTP, content: bytes) -> None:
        try:
            await client.data(content)
        except _Replies as exc:
            raise self._refused(exc) from exc
        except _Losses as exc:
            raise Ambiguous("El servidor recibió el mensaje y no llegó su respuesta") from exc

    def _refused(self, reply: aiosmtplib.SMTPResponseException) -> Permanent | Throttled:
        sentence = f"El servidor de correo respondió {reply.code} {reply.message}".strip()
        return Permanent(sentence) if reply.code >= _PERMANENT else self._later(sentence)

    def _later(self, sentence: str, cause: BaseException | None = None) -> Throttled:
        return Throttled(f"{sentence}: {cause}" if cause else sentence, self._clock.now() + RETRY_AFTER)
