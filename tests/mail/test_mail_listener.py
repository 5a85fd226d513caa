from __future__ import annotations

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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


# --- LMTP, with the client that Python itself brings ------------------------------------------------------------------


@asynccontextmanager
async def lmtp(kept: Kept, path: Path | None = None, cap: int = 1_000_000) -> AsyncIterator[InboundListener]:
    listener = InboundListener(kept, {"soluciones@operador.example"}, path=path, lmtp=True, cap=cap)
    await listener.start()
    try:
        yield listener
    finally:
        await listener.stop()


def hand_over(where: str, port: int, recipients: list[str], raw: bytes) -> list[tuple[int, bytes]]:
    """What is answered for each accepted recipient, after the message."""
    with smtplib.LMTP(where, port) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("a@invima.example")
        accepted = [one for one in recipients if client.rcpt(one)[0] == 250]
        code, said = client.data(raw)
        return [(code, said), *(client.getreply() for _ in accepted[1:])]


OURS = ["soluciones@operador.example", "soluciones+sr7k3m@operador.example"]


@pytest.mark.parametrize("on_a_socket", [False, True])
async def test_lmtp_answers_once_for_each_recipient_after_storing_once(tmp_path: Path, *, on_a_socket: bool) -> None:
    kept, path = Kept(), tmp_path / "inbound" / "lmtp.sock"
    async with lmtp(kept, path if on_a_socket else None) as listener:
        where = str(path) if on_a_socket else "127.0.0.1"
        answers = await asyncio.to_thread(hand_over, where, listener.port, [*OURS, "otro@operador.example"], RAW)
    assert [code for code, _ in answers] == [250, 250]
    assert kept.rows == [(RAW, "a@invima.example", OURS)]
    assert not path.exists()


async def test_lmtp_says_for_each_that_it_could_not_be_stored() -> None:
    kept = Kept(fails=1)
    async with lmtp(kept) as listener:
        refused = await asyncio.to_thread(hand_over, "127.0.0.1", listener.port, OURS, RAW)
        again = await asyncio.to_thread(hand_over, "127.0.0.1", listener.port, OURS, RAW)
    assert [code for code, _ in (*refused, *again)] == [451, 451, 250, 250]
    assert len(kept.rows) == 1


async def test_a_socket_left_by_a_life_that_ended_badly_is_taken_over(tmp_path: Path) -> None:
    path, kept = tmp_path / "lmtp.sock", Kept()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    async with lmtp(kept, path):
        await asyncio.to_thread(hand_over, str(path), 0, OURS[:1], RAW)
    assert len(kept.rows) == 1


async def test_who_speaks_smtp_to_lmtp_is_told(tmp_path: Path) -> None:
    async with lmtp(Kept()) as listener:
        with pytest.raises(aiosmtplib.SMTPException):
            await deliver(listener)
