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
from mail.read import read
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
