from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from mail_world import World
from mailbox_contract import raw_of
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from mail.fetching import TOLERATED, Fetcher, envelope_sender, received_on
from mail.gateway import Page
from mail.inbox import Inbox
from methodology import tray
from methodology.delivery import Misconfigured, Throttled
from methodology.tray import UNREAD_MAILBOX
from storage.ledger import InboundMail, TrayItem


class _Mailbox:
    """Two messages a page; `faults` are raised first, each once."""

    name = "soluciones@operador.example"

    def __init__(self, *faults: Exception) -> None:
        self.raws = [raw_of(number) for number in range(1, 6)]
        self.faults = list(faults)
        self.asked: list[str] = []

    async def fetch(self, mark: str) -> Page:
        self.asked.append(mark)
        if self.faults:
            raise self.faults.pop(0)
        start = int(mark or 0)
        end = min(start + 2, len(self.raws))
        return Page(tuple(self.raws[start:end]), str(end), more=end < len(self.raws))

    async def wait(self, seconds: float) -> None:
        del seconds


class _Slept:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def stored(world: World) -> list[str]:
    def ids(session: Session) -> list[str]:
        return list(session.scalars(select(InboundMail.message_id).order_by(InboundMail.id)))

    return world.db.do(ids)


def troubles(world: World) -> list[str]:
    def titles(session: Session) -> list[str]:
        return list(session.scalars(select(TrayItem.title).where(TrayItem.kind == "buzon_sin_leer")))

    return world.db.do(titles)


EVERY = [f"<{number}@invima.example>" for number in range(1, 6)]


async def test_everything_is_stored_in_order_and_the_next_reading_goes_on_from_there(world: World) -> None:
    mailbox, inbox = _Mailbox(), Inbox(world.db, world.clock)
    assert await Fetcher(world.db, world.clock, mailbox, inbox.accept, _Slept()).fetch_new() == 5
    mailbox.raws.append(raw_of(6))
    assert await Fetcher(world.db, world.clock, mailbox, inbox.accept, _Slept()).fetch_new() == 1
    await inbox.settled()
    assert stored(world) == [*EVERY, "<6@invima.example>"]
    assert mailbox.asked == ["", "2", "4", "5"]


@pytest.mark.parametrize("dies_at", range(1, 6))
async def test_whoever_dies_while_storing_loses_and_repeats_nothing(world: World, dies_at: int) -> None:
    mailbox, inbox = _Mailbox(), Inbox(world.db, world.clock)
    left = dies_at

    async def store(raw: bytes, mail_from: str, rcpt_tos: list[str]) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise ConnectionAbortedError
        await inbox.accept(raw, mail_from, rcpt_tos)

    with pytest.raises(ConnectionAbortedError):
        await Fetcher(world.db, world.clock, mailbox, store, _Slept()).fetch_new()
    await Fetcher(world.db, world.clock, mailbox, inbox.accept, _Slept()).fetch_new()
    await inbox.settled()
    assert stored(world) == EVERY


async def test_a_bad_day_is_waited_out_and_a_bad_week_is_told(world: World) -> None:
    later = world.clock.now() + timedelta(minutes=3)
    mailbox, slept = _Mailbox(*(Throttled("no atiende", later) for _ in range(TOLERATED + 1))), _Slept()
    fetcher = Fetcher(world.db, world.clock, mailbox, Inbox(world.db, world.clock).accept, slept)
    for _ in range(TOLERATED):
        assert not await fetcher.try_once()
    assert troubles(world) == []
    assert not await fetcher.try_once()
    assert slept.seconds == [180.0] * (TOLERATED + 1)
    assert troubles(world) == ["El buzón soluciones@operador.example no se puede leer"]
    assert await fetcher.try_once()


def misconfigured(world: World) -> Exception:
    return Misconfigured("contraseña rechazada", world.clock.now())


def unforeseen(world: World) -> Exception:
    return ValueError("algo raro")


@pytest.mark.parametrize("fault", [misconfigured, unforeseen])
async def test_what_a_person_must_mend_is_told_at_once(world: World, fault: Callable[[World], Exception]) -> None:
    mailbox = _Mailbox(fault(world))
    fetcher = Fetcher(world.db, world.clock, mailbox, Inbox(world.db, world.clock).accept, _Slept())
    assert not await fetcher.try_once()
    assert len(troubles(world)) == 1
    assert await fetcher.try_once()


async def test_once_it_can_be_read_again_the_matter_closes_itself(world: World) -> None:
    def open_ones(session: Session) -> list[str]:
        mine = select(TrayItem.key).where(TrayItem.resolved_at.is_(None), TrayItem.kind == UNREAD_MAILBOX)
        return list(session.scalars(mine))

    mailbox, inbox = _Mailbox(misconfigured(world)), Inbox(world.db, world.clock)
    fetcher = Fetcher(world.db, world.clock, mailbox, inbox.accept, _Slept())
    await fetcher.try_once()
    assert (fetcher.trouble, fetcher.read_at) == ("contraseña rechazada", None)
    assert world.db.do(open_ones) == ["buzon_sin_leer:soluciones@operador.example"]
    # The service was restarted meanwhile: another reader, which never told of anything.
    reader = Fetcher(world.db, world.clock, mailbox, inbox.accept, _Slept())
    assert await reader.try_once()
    await inbox.settled()
    assert world.db.do(open_ones) == []
    assert (reader.trouble, reader.read_at) == ("", world.clock.now())


@pytest.mark.parametrize("reachable", [True, False])
async def test_a_database_that_fails_for_a_while_does_not_end_the_reading(
    world: World, monkeypatch: pytest.MonkeyPatch, *, reachable: bool
) -> None:
    """Neither reading nor telling works then; or reading does, and the matter cannot be closed."""
    run, read, failing = world.db.run, asyncio.Event(), True

    async def fails(what: Any, *rest: Any) -> Any:
        if failing and (not reachable or what is tray.settle):
            raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))
        return await run(what, *rest)

    async def slept(seconds: float) -> None:
        nonlocal failing
        failing = False

    class Waiting(_Mailbox):
        async def wait(self, seconds: float) -> None:
            read.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(world.db, "run", fails)
    fetcher = Fetcher(world.db, world.clock, Waiting(), Inbox(world.db, world.clock).accept, slept)
    serving = asyncio.create_task(fetcher.serve())
    await asyncio.wait({serving, asyncio.create_task(read.wait())}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    assert (serving.done(), read.is_set(), fetcher.trouble) == (False, True, "")
    serving.cancel()


async def test_a_person_whose_envelope_was_not_kept_is_no_machine(world: World) -> None:
    """Exchange's API gives messages without the Return-Path that a delivery writes."""
    mailbox, inbox = _Mailbox(), Inbox(world.db, world.clock)
    mailbox.raws = [raw_of(1), b"Return-Path: <>\r\n" + raw_of(2), b"Return-Path: <b@invima.example>\r\n" + raw_of(3)]
    await Fetcher(world.db, world.clock, mailbox, inbox.accept, _Slept()).fetch_new()
    await inbox.settled()
    assert [(one.envelope_from, one.kind) for one in world.all(InboundMail)] == [
        ("enlace@invima.example", "reply"),
        ("", "auto_reply"),
        ("b@invima.example", "reply"),
    ]


@pytest.mark.parametrize(
    ("headers", "sender"),
    [
        ("Return-Path: <a@x.example>\r\nFrom: B <b@x.example>", "a@x.example"),
        ("Return-Path: <>\r\nFrom: B <b@x.example>", ""),
        ("From: B <b@x.example>", "b@x.example"),
        ("Subject: nadie firma", "desconocido"),
        (f"From: {'(' * 500}", "desconocido"),
        (f"From: {'[(' * 900}", "desconocido"),
        (f"Return-Path: {'(' * 500}\r\nFrom: B <b@x.example>", "b@x.example"),
    ],
)
def test_who_the_envelope_named(headers: str, sender: str) -> None:
    assert envelope_sender(f"{headers}\r\n\r\nReturn-Path: <c@x.example>\r\n".encode()) == sender


RECEIVED = b"Received: from a by b; %s\r\nReceived: from c by a; Sun, 1 Nov 2026 10:00:00 +0000\r\n"


@pytest.mark.parametrize(
    ("head", "day"),
    [
        (RECEIVED % b"Thu, 12 Nov 2026 03:00:00 +0000", date(2026, 11, 11)),
        (b"Date: Thu, 12 Nov 2026 10:00:00 -0500\r\n", date(2026, 11, 12)),
        (RECEIVED % b"ayer", None),
        (b"Subject: sin fecha\r\n", None),
    ],
    ids=["servidor, en Bogotá", "solo su fecha", "ilegible", "ninguna"],
)
def test_the_day_of_receipt_is_the_last_servers(head: bytes, day: date | None) -> None:
    assert received_on(head + b"\r\nHola") == day


async def test_what_was_received_before_the_first_day_is_passed_over_and_the_mark_goes_on(world: World) -> None:
    mailbox, inbox = _Mailbox(), Inbox(world.db, world.clock)
    days = ("31 Oct", "1 Nov", "2 Nov", "3 Nov")
    dated = [f"Received: from a by b; {day} 2026 12:00:00 -0500\r\n".encode() + raw for day, raw in
             zip(days, mailbox.raws, strict=False)]  # fmt: skip
    mailbox.raws = [*dated, mailbox.raws[4]]
    fetcher = Fetcher(world.db, world.clock, mailbox, inbox.accept, _Slept(), date(2026, 11, 2))
    assert await fetcher.fetch_new() == 5
    await inbox.settled()
    assert stored(world) == EVERY[2:]
    assert await fetcher.fetch_new() == 0


async def test_the_log_says_once_that_a_mailbox_is_down_and_once_that_it_is_up(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "mail.fetching")
    later = Throttled("no atiende", world.clock.now())
    mailbox = _Mailbox(later, later)
    fetcher = Fetcher(world.db, world.clock, mailbox, Inbox(world.db, world.clock).accept, _Slept())
    for _ in range(4):
        await fetcher.try_once()
    assert [record.getMessage() for record in caplog.records if record.name == "mail.fetching"] == [
        "El buzón soluciones@operador.example no se puede leer: no atiende",
        "El buzón soluciones@operador.example se volvió a leer",
    ]
