"""10,000 monthly requests composed and sent to aiosmtpd, against a bare aiosmtplib loop, in the same run.

Ours: data → letter (HTML and text) → message → `SmtpGateway.send`, as many at once as the queue runs lanes.
Bare: one aiosmtplib connection that sends the same bytes, composed beforehand. The server is aiosmtpd in a process of
its own, which takes everything and counts it. Rounds alternate; the median of the ratios counts.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

import aiosmtplib
from aiosmtpd.smtp import SMTP, Envelope, Session

from mail.gateway import OutgoingMail, message_id_for
from mail.mime import to_bytes
from mail.smtp import SmtpGateway
from mail.writing.asked import AskedAction, AskedInitiative, RequestData
from mail.writing.letterhead import Letterhead
from mail.writing.request import request
from methodology.clock import SettableClock
from methodology.rules.months import Month
from scheduler.jobs import LANES

GOAL = 0.5
MAILS, ROUNDS = 10_000, 10
NOW = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)
SENDER = "soluciones@operador.example"
HEAD = Letterhead("Colombia Productiva", "Planeación", SENDER)
ACTION = "Publicar el proyecto de actualización de los requisitos de licencia"


def composed(number: int) -> OutgoingMail:
    """The request of one entity: two initiatives, three actions each."""
    initiatives = tuple(
        AskedInitiative(
            name, tuple(AskedAction(f"{name[:3].upper()}-{n:02d}", ACTION, date(2027, 6, 30)) for n in (1, 2, 3))
        )
        for name in ("Astilleros", "Medicamentos")
    )
    return request(
        RequestData(
            to=(f"Enlace {number} <enlace{number}@entidad.example>",),
            entity=f"Entidad {number}",
            addressee=f"Entidad pública número {number}",
            month=Month(2026, 11),
            deadline=date(2026, 11, 24),
            initiatives=initiatives,
            reference="SR-7K2M-Q",
            message_id=message_id_for(f"bench:{number}", "operador.example"),
            letterhead=HEAD,
        )
    )


class Sink:
    """Takes everything."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session, envelope
        return "250 OK"


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Sink(), hostname="sink", loop=loop, enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


async def ours(port: int, numbers: range) -> float:
    gateway = SmtpGateway("127.0.0.1", port, sender=f"Soluciones <{SENDER}>", clock=SettableClock(NOW))
    began = perf_counter()
    for first in range(numbers.start, numbers.stop, LANES):
        some = range(first, min(first + LANES, numbers.stop))
        await asyncio.gather(*(one(gateway, number) for number in some))
    await gateway.close()
    return perf_counter() - began


async def one(gateway: SmtpGateway, number: int) -> None:
    await gateway.send(composed(number))


async def bare(port: int, numbers: range) -> float:
    mails = [composed(number) for number in numbers]
    ready = [(mail.recipients, to_bytes(mail, SENDER, NOW)) for mail in mails]
    began = perf_counter()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as client:
        for recipients, content in ready:
            await client.sendmail(SENDER, list(recipients), content)
    return perf_counter() - began


async def run(port: int) -> dict[str, Any]:
    took: dict[str, list[float]] = {"ours": [], "bare": []}
    each = MAILS // ROUNDS
    for number in range(ROUNDS):
        for way in (ours, bare) if number % 2 else (bare, ours):
            took[way.__name__].append(await way(port, range(number * each, (number + 1) * each)))
    ratio = statistics.median(b / o for o, b in zip(took["ours"], took["bare"], strict=True))
    per_second = {name: round(each / statistics.median(times)) for name, times in took.items()}
    return {"name": "sending", "baseline": "a bare aiosmtplib loop", "ratio": round(ratio, 2), "goal": GOAL} | {
        "ok": ratio >= GOAL,
        "mails_per_second": per_second,
    }


def main() -> int:
    if sys.argv[1:] == ["sink"]:
        asyncio.run(serve())
        return 0
    started = [sys.executable, __file__, "sink"]
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True) as sink:  # noqa: S603
        try:
            assert sink.stdout
            outcome = asyncio.run(run(int(sink.stdout.readline())))
        finally:
            sink.terminate()
    print(json.dumps(outcome))
    return 0 if outcome["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
