from __future__ import annotations

from typing import Any

import aiosmtplib
import mail_letters as letters
import pytest
from mail_letters import letter
from mail_world import World

import mail.inbox
from mail.inbox import Inbox
from mail.listener import InboundListener
from mail.read import message_id, read
from methodology.replies import store_raw


async def test_from_the_wire_to_the_proposal(world: World) -> None:
    inbox = Inbox(world.db, world.clock)
    listener = InboundListener(inbox.accept, {letters.US})
    await listener.start()
    raw = letters.outlook_html()
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=listener.port, use_tls=False, start_tls=False) as client:
        await client.sendmail("enlace.soluciones@invima.example", [letters.US], raw)
    await listener.stop()
    await inbox.settled()
    assert [row[:2] for row in world.proposals()] == [("BIO-02", 80.0), ("DIM-03", 40.5)]
    assert world.answered == [(1, [1, 2])]
    assert world.mails[0].raw == raw


async def test_what_was_stored_before_a_crash_is_read_at_start(world: World) -> None:
    raw = letters.gmail_text()
    world.db.do(store_raw, raw, "<antes@invima.example>", "x@invima.example", world.clock.now())
    inbox = Inbox(world.db, world.clock)
    assert await inbox.process_pending() == 1
    assert await inbox.process_pending() == 0
    assert len(world.proposals()) == 2


async def test_one_bad_message_is_parked_and_the_others_go_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails_on_the_first(raw: bytes, *rest: Any) -> Any:
        if b"veneno" in raw:
            raise RecursionError("demasiado profundo")
        return read(raw, *rest)

    monkeypatch.setattr(mail.inbox, "read", fails_on_the_first)
    inbox = Inbox(world.db, world.clock)
    for raw in (letter("veneno"), letter("BIO-02: 80 %")):
        await inbox.accept(raw, "x@invima.example", [])
    await inbox.settled()
    assert [one.state for one in world.mails] == ["tray", "processed"]
    (item,) = world.tray
    assert item.title == "Correo que no se pudo leer"
    assert "RecursionError" in item.detail["reasons"][-1]


async def test_a_message_delivered_twice_counts_once(world: World) -> None:
    inbox = Inbox(world.db, world.clock)
    raw = letter("BIO-02: 80 %")
    for _ in range(2):
        await inbox.accept(raw, "x@invima.example", [])
    await inbox.settled()
    assert len(world.mails) == len(world.proposals()) == 1


NESTED = b"Message-ID: <hondo@invima.example>\r\n" + b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(1_000)
)


async def test_a_mail_too_deep_to_be_read_is_stored_and_parked(world: World) -> None:
    inbox = Inbox(world.db, world.clock)
    await inbox.accept(NESTED, "x@invima.example", [])
    assert [one.raw for one in world.mails] == [NESTED]
    assert world.mails[0].message_id == "<hondo@invima.example>"
    await inbox.settled()
    assert [one.state for one in world.mails] == ["tray"]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"Subject: x\r\nmessage-ID:\r\n <a@b>\r\n\r\nMessage-ID: <cuerpo@b>", "<a@b>"),
        (b"Message-ID: <a\x00@b>\nSubject: x\n\n", "<a@b>"),
        (b"Subject: x\r\n\r\nMessage-ID: <cuerpo@b>", ""),
        (b"Message-ID: <\xff\xfe@b>\r\n\r\n", ""),
        (b"Message-ID: sin corchetes\r\n\r\n", ""),
        (b"X: " + b"a" * 70_000 + b"\r\nMessage-ID: <lejos@b>\r\n\r\n", ""),
        (b"\x00" * 100, ""),
        (b"", ""),
        (NESTED, "<hondo@invima.example>"),
    ],
)
def test_the_message_id_is_read_from_the_headers_alone_and_never_refused(raw: bytes, expected: str) -> None:
    assert message_id(raw) == expected


async def test_a_mail_with_odd_headers_is_stored_like_any_other(world: World) -> None:
    inbox = Inbox(world.db, world.clock)
    raw = b"Message-ID: <\x00\xff>\r\nSubject: \x00\r\n\r\nBIO-02: 80 %"
    await inbox.accept(raw, "x\x00@invima.example", [])
    await inbox.settled()
    assert [(one.raw, one.envelope_from) for one in world.mails] == [(raw, "x@invima.example")]
    assert world.mails[0].message_id.startswith("sha256:")
    assert world.mails[0].state != "new"


async def test_a_table_is_read_by_the_month_that_was_asked(world: World) -> None:
    inbox = Inbox(world.db, world.clock)
    table = "Código\tOctubre\tNoviembre\nBIO-02\t40 %\t60 %"
    await inbox.accept(letter(table, Date="Thu, 3 Dec 2026 10:00:00 -0500"), "x@invima.example", [])
    await inbox.settled()
    (item,) = world.tray
    assert item.detail["figures"] == {"BIO-02": 60.0}
