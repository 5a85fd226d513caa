"""An SMTP server that can fail on purpose: each mail takes the next fault of a queue, and is accepted without one."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.smtp import SMTP


@dataclass(frozen=True)
class Fault:
    """`stage` is MAIL, RCPT or DATA; `reply` what is answered there; an empty reply drops the connection instead.

    At RCPT it is for the recipient `to` alone, when that is given.
    """

    stage: str
    reply: str = ""
    accepts: bool = False
    to: str = ""


DROP_AFTER_DATA = Fault("DATA", accepts=True)
DROP_ON_RCPT = Fault("RCPT")


class SmtpPeer:
    """`async with SmtpPeer() as peer`: `peer.port`, `peer.faults`, and what it accepted in `peer.accepted`."""

    def __init__(self, *faults: Fault, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.faults = deque(faults)
        self.greets = ""
        """What EHLO is answered; "" is well."""
        self.accepted: list[tuple[str, list[str], bytes]] = []
        self.host = "127.0.0.1"
        self.port = 0
        self.connections = 0
        self._lines: list[SMTP] = []
        self._server: asyncio.Server | None = None
        self._current: Fault | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, self.host, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    def _protocol(self) -> SMTP:
        self.connections += 1
        self._lines.append(SMTP(self, hostname="peer", loop=asyncio.get_running_loop(), enable_SMTPUTF8=True))
        return self._lines[-1]

    def cut(self) -> None:
        """Every connection is cut, as by a relay that restarts."""
        for line in self._lines:
            if line.transport is not None:
                line.transport.abort()

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for _, _, raw in self.accepted]  # type: ignore[misc]

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.greets] if self.greets else answers

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        self._current = self.faults.popleft() if self.faults else None
        envelope.mail_from = address
        return self._answer("MAIL", server, "250 OK")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.rcpt_tos.append(address)
        if self._current is not None and self._current.to not in ("", address):
            return "250 OK"
        return self._answer("RCPT", server, "250 OK")

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        fault = self._current
        if fault is None or fault.stage != "DATA" or fault.accepts:
            self.accepted.append((envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content)))
        return self._answer("DATA", server, "250 OK: kept")

    def _answer(self, stage: str, server: Any, fine: str) -> str:
        if self._current is None or self._current.stage != stage:
            return fine
        if not self._current.reply:
            server.transport.abort()
        return self._current.reply or fine
