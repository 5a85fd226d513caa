from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiosmtplib
import pytest

from mail.listener import InboundListener

RAW = b"From: a@invima.example\r\nSubject: Avance\r\n\r\nBIO-02: 80 %\r\n"


class Kept:
    def __init__(self, fails: int = 0) -> None:
        self.rows: list[tuple[bytes, str, list[str]]] = []
        self.fails = fails

    async def __call__(self, raw: bytes, mail_from: str, rcpt_tos: list[str]) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("la base de datos no respondió")
        self.rows.append((raw, mail_from, rcpt_tos))


@asynccontextmanager
async def listening(kept: Kept, **options: int) -> AsyncIterator[InboundListener]:
    listener = InboundListener(kept, {"soluciones@operador.example", "@buzon.example"}, **options)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


async def deliver(
    listener: InboundListener, raw: bytes = RAW, *, sender: str = "a@invima.example", to: str = ""
) -> None:
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=listener.port, use_tls=False, start_tls=False, timeout=5
    ) as client:
        await client.ehlo()
        await client.execute_command(f"MAIL FROM:<{sender}>".encode())
        await client.rcpt(to or "soluciones@operador.example")
        await client.data(raw)


async def test_a_message_is_stored_before_it_is_acknowledged() -> None:
    kept = Kept()
    async with listening(kept) as listener:
        await deliver(listener)
        assert kept.rows == [(RAW, "a@invima.example", ["soluciones@operador.example"])]


async def test_a_store_that_fails_makes_the_relay_try_again() -> None:
    kept = Kept(fails=1)
    async with listening(kept) as listener:
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await deliver(listener)
        assert refused.value.code == 451
        await deliver(listener)
    assert len(kept.rows) == 1


async def test_bounces_come_with_a_null_sender() -> None:
    kept = Kept()
    async with listening(kept) as listener:
        await deliver(listener, sender="")
    assert kept.rows[0][1] == ""


@pytest.mark.parametrize("to", ["Soluciones@Operador.example", "soluciones+sr7k3m@operador.example", "x@buzon.example"])
async def test_our_addresses_are_known_in_any_spelling(to: str) -> None:
    kept = Kept()
    async with listening(kept) as listener:
        await deliver(listener, to=to)
    assert kept.rows[0][2] == [to]


async def test_it_relays_for_nobody() -> None:
    kept = Kept()
    async with listening(kept) as listener:
        with pytest.raises(aiosmtplib.SMTPResponseException) as refused:
            await deliver(listener, to="otro@operador.example")
    assert refused.value.code == 550
    assert kept.rows == []


async def test_too_much_is_refused() -> None:
    kept = Kept()
    async with listening(kept, cap=10_000) as listener:
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await deliver(listener, RAW + b"x" * 70 + b"\r\n" + (b"y" * 70 + b"\r\n") * 200)
    assert refused.value.code == 552
    assert kept.rows == []


async def test_an_endless_line_of_html_is_still_an_answer() -> None:
    kept = Kept()
    async with listening(kept) as listener:
        await deliver(listener, RAW + b"z" * 200_000 + b"\r\n")
    assert len(kept.rows[0][0]) > 200_000


async def test_after_stop_nobody_listens() -> None:
    listener = InboundListener(Kept(), {"@buzon.example"})
    await listener.start()
    await listener.stop()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", listener.port)) != 0
