"""A relay that delivers what it accepts for a mailbox into dovecot, by LMTP, as the organisation's own does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from smtp import DROP_AFTER_DATA, Fault, SmtpPeer

from tests.peers.dovecot import DovecotMailbox

RETURNED = """From: MAILER-DAEMON@operador.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <devuelto@operador.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="==="

--===
Content-Type: text/plain

The mail system could not deliver your message to one recipient: {nobody}: 550 5.1.1 User unknown
--===
Content-Type: message/delivery-status

Reporting-MTA: dns; operador.example

Final-Recipient: rfc822; {nobody}
Action: failed
Status: 5.1.1

--===--
"""


class Relay(SmtpPeer):
    """`refuses` unknown addresses of its domain at once, as most do; else it returns them by a bounce."""

    def __init__(self, box: DovecotMailbox, *faults: Fault, refuses: bool = True) -> None:
        super().__init__(*faults)
        self.box = box
        self.refuses = refuses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.refuses and address.startswith("no-existe"):
            return "550 5.1.1 No existe ese buzón"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        known = len(self.accepted)
        answer = await super().handle_DATA(server, session, envelope)
        for _, recipients, raw in self.accepted[known:]:
            if self.box.address in recipients:
                await self.box.receive(raw)
            for nobody in (one for one in recipients if one.startswith("no-existe")):
                await self.box.receive(bounce(nobody, self.box.address))
        return answer

    def refuse_once(self) -> None:
        self.faults.append(Fault("RCPT", "550 5.1.1 No existe"))

    def throttle_once(self) -> None:
        self.faults.append(Fault("DATA", "452 4.3.1 Sin espacio"))

    def lose_answer_once(self) -> None:
        self.faults.append(DROP_AFTER_DATA)


def bounce(nobody: str, to: str) -> bytes:
    """A delivery status notification, as RFC 3464 has it."""
    return RETURNED.format(nobody=nobody, to=to).replace("\n", "\r\n").encode()


@contextmanager
def beside(relay: Relay) -> Iterator[Relay]:
    """The relay in a thread with a loop of its own, for whoever blocks."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(relay.__aenter__(), loop).result(10)
    try:
        yield relay
    finally:
        asyncio.run_coroutine_threadsafe(relay.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
