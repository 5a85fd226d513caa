"""The embedded inbound edge: an SMTP or LMTP server of ours behind the organisation's relay.

It speaks neither TLS nor AUTH, so it is bound to loopback (or to a private network the relay alone can reach), or to a
Unix socket; the relay is who filters, authenticates and stamps. `250` is answered only after the message is in a
committed row, so a relay that hears nothing tries again and nothing is lost.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Collection
from pathlib import Path

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from mail.gateway import Store

MAX_BYTES = 25 * 1024 * 1024
IDLE_SECONDS = 120.0
_log = logging.getLogger(__name__)


class InboundListener:
    """Accepts mail for `accepts` (addresses, or domains written `@dominio`) and stores it.

    `port` 0 takes a free one; `port` tells which after `start`. A `path` is a Unix socket in their place. `lmtp` is
    spoken in place of SMTP, as the last hop of a mail server does: one answer for each recipient (RFC 2033).
    """

    def __init__(
        self,
        store: Store,
        accepts: Collection[str],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        path: Path | None = None,
        lmtp: bool = False,
        cap: int = MAX_BYTES,
    ) -> None:
        self._handler = (_LmtpHandler if lmtp else _Handler)(store, frozenset(one.lower() for one in accepts))
        self._kind = _LmtpProtocol if lmtp else _Protocol
        self._cap = cap
        self._server: asyncio.Server | None = None
        self.host = host
        self.port = port
        self.path = path

    async def start(self) -> None:
        """Listen, in the loop that is running."""
        loop = asyncio.get_running_loop()
        if self.path is not None:
            self._server = await loop.create_unix_server(self._protocol, sock=_socket(self.path))
            return
        self._server = await loop.create_server(self._protocol, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Take no more connections; a message being stored is still answered by its own task."""
        if self._server is not None:
            self._server.close()
            self._server = None
            if self.path is not None:
                self.path.unlink(missing_ok=True)

    def _protocol(self) -> SMTP:
        return self._kind(
            self._handler,
            data_size_limit=self._cap,
            enable_SMTPUTF8=True,
            hostname="soluciones",
            ident="ESMTP",
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )


class _Protocol(SMTP):  # type: ignore[misc]  # aiosmtpd is not typed
    # Public systems send HTML in one endless line; the 1001 octets of the RFC would bounce a real answer.
    line_length_limit = 1024 * 1024


class _LmtpProtocol(LMTP):  # type: ignore[misc]  # aiosmtpd is not typed
    line_length_limit = _Protocol.line_length_limit


def _socket(path: Path) -> socket.socket:
    """Whoever may reach its folder may connect, as anybody of this machine may to a port of loopback."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of a life that ended badly; a service that still runs holds the database's lock
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(path))
    path.chmod(0o666)
    return made


class _Handler:
    """aiosmtpd's hooks; their names and signatures are its own."""

    def __init__(self, store: Store, accepts: frozenset[str]) -> None:
        self._store = store
        self._accepts = accepts

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        if not self._knows(address):
            return "550 5.1.1 No existe ese buzón"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        sender = "" if envelope.mail_from == "<>" else str(envelope.mail_from)
        try:
            await self._store(bytes(envelope.content), sender, list(envelope.rcpt_tos))
        except Exception:  # noqa: BLE001 - the wire's edge: whatever it was, the relay keeps the message and tries again
            _log.exception("No se pudo guardar un mensaje entrante; el remitente lo intentará de nuevo")
            return "451 4.3.0 No se pudo guardar el mensaje; se debe intentar más tarde"
        return "250 2.0.0 Guardado"

    def _knows(self, address: str) -> bool:
        local, _, domain = address.lower().rpartition("@")
        return bool({f"@{domain}", f"{local}@{domain}", f"{local.split('+')[0]}@{domain}"} & self._accepts)


class _LmtpHandler(_Handler):
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """One row for all the recipients, and its answer once for each (RFC 2033)."""
        answer = await super().handle_DATA(server, session, envelope)
        return "\r\n".join([answer] * len(envelope.rcpt_tos))
