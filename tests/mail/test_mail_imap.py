"""The IMAP edge against Debian's dovecot; the faults that a real server does not play come from a proxy before it."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from gateway_contract import MAIL, GatewayContract
from imap_tools import BaseMailBox
from mailbox_contract import NOW, MailboxContract, everything, plain, raw_of
from smtp import DROP_ON_RCPT

from mail import imap
from mail.gateway import MailGateway, Page
from mail.imap import PLAIN, STARTTLS, TLS, ImapMailbox, ImapSent, ImapServer
from mail.read import message_id
from mail.smtp import SmtpGateway
from mail.stand_in import UNREADABLE
from methodology.clock import SettableClock
from methodology.delivery import Ambiguous, Misconfigured, Throttled
from tests.dovecot import MISSING, found
from tests.peers import dovecot as peers
from tests.peers.dovecot import DovecotMailbox, DovecotServer, behind_proxy
from tests.peers.relay import Relay

pytestmark = pytest.mark.skipif(found() is None, reason=MISSING)


@pytest.fixture(scope="module")
def server() -> Iterator[DovecotServer]:
    with peers.dovecot() as running:
        yield running


def place_of(box: DovecotMailbox) -> ImapServer:
    return ImapServer("127.0.0.1", box.address, box.password, box.port, PLAIN, timeout=10)


def mailbox_of(box: DovecotMailbox) -> ImapMailbox:
    return ImapMailbox(place_of(box), name=box.address, clock=SettableClock(NOW))


@asynccontextmanager
async def reading(server: DovecotServer) -> AsyncIterator[tuple[ImapMailbox, DovecotMailbox]]:
    async with behind_proxy(server.mailbox()) as box:
        mailbox = mailbox_of(box)
        try:
            yield mailbox, box
        finally:
            await mailbox.close()


@pytest.fixture
async def both(server: DovecotServer) -> AsyncIterator[tuple[ImapMailbox, DovecotMailbox]]:
    async with reading(server) as made:
        yield made


class TestImapMailbox(MailboxContract):
    @pytest.fixture(autouse=True)
    async def _peer(self, server: DovecotServer) -> AsyncIterator[None]:
        self.server = server
        self.opened: list[ImapMailbox] = []
        yield
        for one in self.opened:
            await one.close()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[tuple[ImapMailbox, DovecotMailbox]]:
        async with reading(self.server) as made:
            self.peer = made[1]
            yield made

    def again(self) -> ImapMailbox:
        self.opened.append(mailbox_of(self.peer))
        return self.opened[-1]


# --- nothing is changed, everything is read ---------------------------------------------------------------------------


async def test_what_was_read_stays_unread_for_the_people(both: tuple[ImapMailbox, DovecotMailbox]) -> None:
    mailbox, box = both
    await box.deliver(raw_of(1))
    before = box.flags()
    assert len((await everything(mailbox))[0]) == 1
    assert "\\Seen" not in before[0]
    assert box.flags() == ["\\Recent"] or box.flags() == [""]


async def test_mail_that_is_delivered_to_a_plus_address_is_read_with_its_envelope(
    both: tuple[ImapMailbox, DovecotMailbox],
) -> None:
    mailbox, box = both
    plus = box.address.replace("@", "+sr7k3m@")
    await box.receive(raw_of(1), plus)
    ((raw,), _) = await everything(mailbox)
    assert plain(raw).endswith(plain(raw_of(1)))
    assert f"Delivered-To: {plus}".encode() in raw


async def test_large_messages_come_one_a_page(
    both: tuple[ImapMailbox, DovecotMailbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "PAGE_BYTES", 2_000)
    mailbox, box = both
    raws = [raw_of(number) + b"x" * 70 + b"\r\n" * 1_500 for number in (1, 2)]
    for raw in raws:
        await box.deliver(raw)
    first = await mailbox.fetch("")
    assert (len(first.messages), first.more) == (1, True)
    second = await mailbox.fetch(first.mark)
    assert (len(second.messages), second.more) == (1, False)


async def test_a_gap_of_many_thousand_uids_is_crossed(
    both: tuple[ImapMailbox, DovecotMailbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "_WINDOW", 2)
    monkeypatch.setattr(imap, "_WIDEST", 4)
    mailbox, box = both
    for number in range(1, 26):
        await box.deliver(raw_of(number))
    for number in range(2, 25):
        await box.remove(f"<{number}@invima.example>")
    messages, _ = await everything(mailbox)
    assert [plain(one) for one in messages] == [plain(raw_of(1)), plain(raw_of(25))]


async def test_a_restored_backup_with_the_same_validity_is_read_anew(
    both: tuple[ImapMailbox, DovecotMailbox],
) -> None:
    mailbox, box = both
    await box.deliver(raw_of(1))
    _, mark = await everything(mailbox)
    ahead = mark.rpartition(":")[0] + ":900"
    assert [plain(one) for one in (await everything(mailbox, ahead))[0]] == [plain(raw_of(1))]


# --- the wire ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["LOGIN", "EXAMINE", "UID SEARCH", "UID FETCH"])
async def test_a_connection_lost_anywhere_is_later_and_loses_nothing(
    both: tuple[ImapMailbox, DovecotMailbox], verb: str
) -> None:
    mailbox, box = both
    await box.deliver(raw_of(1))
    await box.deliver(raw_of(2))
    box.faults.append(peers.Fault(verb))
    with pytest.raises(Throttled) as later:
        await mailbox.fetch("")
    assert not isinstance(later.value, Misconfigured)
    assert [plain(one) for one in (await everything(mailbox))[0]] == [plain(raw_of(1)), plain(raw_of(2))]


async def test_half_a_message_is_no_message(both: tuple[ImapMailbox, DovecotMailbox]) -> None:
    mailbox, box = both
    await box.deliver(raw_of(1) + b"y" * 5_000)
    box.faults.append(peers.Fault("UID FETCH 1 (UID BODY", after=1_000))
    with pytest.raises(Throttled):
        await mailbox.fetch("")
    ((whole,), _) = await everything(mailbox)
    assert whole.endswith(b"y" * 5_000)


async def test_a_session_that_died_between_two_readings_is_begun_anew(
    both: tuple[ImapMailbox, DovecotMailbox],
) -> None:
    mailbox, box = both
    _, mark = await everything(mailbox)
    await box.deliver(raw_of(1))
    box.faults.append(peers.Fault("EXAMINE"))
    assert len((await everything(mailbox, mark))[0]) == 1


async def test_a_refused_folder_is_for_a_person(server: DovecotServer) -> None:
    async with behind_proxy(server.mailbox()) as box:
        mailbox = ImapMailbox(replace(place_of(box), folder="Otra"), name="x", clock=SettableClock(NOW))
        with pytest.raises(Misconfigured, match="Otra"):
            await mailbox.fetch("")
        await mailbox.close()


async def test_a_server_that_is_out_of_service_is_not_a_wrong_password(
    both: tuple[ImapMailbox, DovecotMailbox],
) -> None:
    mailbox, box = both
    box.faults.append(peers.Fault("LOGIN", "NO [UNAVAILABLE] Temporary authentication failure."))
    with pytest.raises(Throttled, match="Temporary") as later:
        await mailbox.fetch("")
    assert not isinstance(later.value, Misconfigured)


async def test_a_wrong_password_is_told_without_it(server: DovecotServer) -> None:
    async with behind_proxy(server.mailbox()) as box:
        mailbox = ImapMailbox(replace(place_of(box), password="équivocada"), name="x", clock=SettableClock(NOW))
        with pytest.raises(Misconfigured) as refused:
            await mailbox.fetch("")
        assert "AUTHENTICATIONFAILED" in str(refused.value)
        assert "quivocada" not in str(refused.value)
        await mailbox.close()


# --- what the server withholds ----------------------------------------------------------------------------------------

WITHHELD = peers.Fault("UID FETCH 2 (UID BODY.PEEK[])", "NO [SERVERBUG] Internal error")


async def test_a_message_that_the_server_never_hands_over_holds_up_no_other(
    both: tuple[ImapMailbox, DovecotMailbox],
) -> None:
    mailbox, box = both
    for number in (1, 2, 3):
        await box.deliver(raw_of(number))
    box.faults.extend([WITHHELD] * (imap.TRIES + 2))
    first = await mailbox.fetch("")
    assert ([plain(one) for one in first.messages], first.more) == ([plain(raw_of(1))], True)
    for _ in range(imap.TRIES):
        with pytest.raises(Throttled, match="SERVERBUG"):
            await mailbox.fetch(first.mark)
    (known, whole), mark = await everything(mailbox, first.mark)
    assert plain(whole) == plain(raw_of(3))
    assert message_id(known) == "<2@invima.example>"
    assert "From: enlace@invima.example" in known.decode()
    assert UNREADABLE[:40] in known.decode()
    assert (await everything(mailbox, mark))[0] == []


async def test_a_message_that_is_handed_over_later_is_whole(both: tuple[ImapMailbox, DovecotMailbox]) -> None:
    mailbox, box = both
    for number in (1, 2):
        await box.deliver(raw_of(number))
    first = await mailbox.fetch("")
    box.faults.append(WITHHELD)
    with pytest.raises(Throttled):
        await mailbox.fetch(first.mark.rpartition(":")[0] + ":1")
    assert [plain(one) for one in (await everything(mailbox))[0]] == [plain(raw_of(1)), plain(raw_of(2))]


@pytest.mark.parametrize("code", ["SERVERBUG", "UNAVAILABLE"])
async def test_a_server_that_hands_over_nothing_is_waited_for(
    both: tuple[ImapMailbox, DovecotMailbox], code: str
) -> None:
    mailbox, box = both
    for number in (1, 2):
        await box.deliver(raw_of(number))
    for _ in range(2 * imap.TRIES):
        box.faults.clear()
        box.faults.extend(peers.Fault(f"UID FETCH {uid} (UID BODY", f"NO [{code}] no") for uid in (1, 2, 1, 2))
        with pytest.raises(Throttled, match=code):
            await mailbox.fetch("")
    box.faults.clear()
    assert [plain(one) for one in (await everything(mailbox))[0]] == [plain(raw_of(1)), plain(raw_of(2))]


# --- waiting ----------------------------------------------------------------------------------------------------------


async def test_new_mail_ends_the_waiting_at_once(both: tuple[ImapMailbox, DovecotMailbox]) -> None:
    mailbox, box = both
    _, mark = await everything(mailbox)
    async with asyncio.timeout(20):  # it would wait for ten minutes
        waiting = asyncio.create_task(mailbox.wait(600))
        await box.receive(raw_of(1))
        await waiting
    assert len((await everything(mailbox, mark))[0]) == 1


@pytest.mark.parametrize("tls", [TLS, PLAIN])
async def test_mail_that_came_between_reading_and_waiting_is_not_waited_for(
    server: DovecotServer, tls: str, tmp_path: Path
) -> None:
    """The server tells of it in one breath with its «go on»."""
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate.authority)
    box = server.mailbox()
    mailbox = encrypted(server, box, tls, str(authority))
    _, mark = await everything(mailbox)
    for number in range(1, 6):
        await box.deliver(raw_of(number))
        async with asyncio.timeout(20):
            await mailbox.wait(600)
        messages, mark = await everything(mailbox, mark)
        assert [plain(one) for one in messages] == [plain(raw_of(number))]
    await mailbox.close()


async def test_whoever_stops_does_not_wait_for_the_thread(both: tuple[ImapMailbox, DovecotMailbox]) -> None:
    mailbox, box = both
    _, mark = await everything(mailbox)
    waiting = asyncio.create_task(mailbox.wait(600))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await box.deliver(raw_of(1))
    async with asyncio.timeout(20):  # the thread is free again
        assert len((await everything(mailbox, mark))[0]) == 1


@dataclass(frozen=True)
class Slow(ImapServer):
    """It says when it is asked to connect, and does so when it may."""

    asked: list[BaseMailBox] = field(default_factory=list)
    may: threading.Event = field(default_factory=threading.Event)

    def connect(self) -> BaseMailBox:
        self.may.wait(10)
        self.asked.append(super().connect())
        return self.asked[-1]


async def cancelled(mailbox: ImapMailbox, reading: asyncio.Task[object], may: threading.Event) -> None:
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    may.set()
    async with asyncio.timeout(10):  # the thread has come to its end
        await asyncio.get_running_loop().run_in_executor(mailbox._thread, str)


async def test_a_cancelled_reading_does_not_log_in_again(
    both: tuple[ImapMailbox, DovecotMailbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Slow(**vars(place_of(both[1])))
    server.may.set()
    mailbox = ImapMailbox(server, name="x", clock=SettableClock(NOW))
    await mailbox.fetch("")
    loop, begun, may = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def cut(*_: object) -> Page:
        loop.call_soon_threadsafe(begun.set)
        may.wait(10)
        raise OSError("cortado")

    monkeypatch.setattr(imap, "_page", cut)
    reading = asyncio.create_task(mailbox.fetch(""))
    await begun.wait()
    await cancelled(mailbox, reading, may)
    assert len(server.asked) == 1
    await mailbox.close()


async def test_a_session_that_opens_after_the_cancelling_is_cut(both: tuple[ImapMailbox, DovecotMailbox]) -> None:
    server = Slow(**vars(place_of(both[1])))
    mailbox = ImapMailbox(server, name="x", clock=SettableClock(NOW))
    reading = asyncio.create_task(mailbox.fetch(""))
    begun = asyncio.Event()
    asyncio.get_running_loop().call_soon(begun.set)  # after the task's first step, which hands over to the thread
    await begun.wait()
    await cancelled(mailbox, reading, server.may)
    assert len(server.asked) == 1
    assert mailbox._box is None
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        server.asked[0].client.noop()
    await mailbox.close()
    with pytest.raises(RuntimeError):
        await mailbox.fetch("")


async def test_a_mailbox_that_cannot_be_reached_is_waited_for_without_hurry(server: DovecotServer) -> None:
    async with behind_proxy(server.mailbox()) as box:
        mailbox = mailbox_of(box)
    with pytest.raises(Throttled):
        await mailbox.fetch("")
    waiting = asyncio.create_task(mailbox.wait(600))
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert done == set()
    await mailbox.close()
    await waiting


@pytest.mark.parametrize("verb", ["IDLE", "CAPABILITY"])
@pytest.mark.parametrize("reply", ["BAD no se entiende", ""])
async def test_a_server_that_cannot_idle_is_only_waited_for(
    both: tuple[ImapMailbox, DovecotMailbox], verb: str, reply: str
) -> None:
    mailbox, box = both
    _, mark = await everything(mailbox)
    await box.deliver(raw_of(1))
    box.faults.append(peers.Fault(verb, reply))
    await mailbox.wait(0.05)
    assert not box.faults
    assert len((await everything(mailbox, mark))[0]) == 1


@pytest.mark.parametrize("answer", ["OK", "OK [UIDVALIDITY nada] hecho", "BAD no"])
async def test_an_answer_that_is_none_is_later_or_told_and_loses_nothing(
    both: tuple[ImapMailbox, DovecotMailbox], answer: str
) -> None:
    mailbox, box = both
    await box.deliver(raw_of(1))
    for _ in range(2):  # the session that was kept, and the one begun anew
        box.faults.append(peers.Fault("EXAMINE", answer))
    with pytest.raises((Throttled, ValueError)):
        await mailbox.fetch("")
    box.faults.clear()
    assert len((await everything(mailbox))[0]) == 1


# --- TLS --------------------------------------------------------------------------------------------------------------


def encrypted(server: DovecotServer, box: DovecotMailbox, tls: str, ca_file: str = "") -> ImapMailbox:
    port = server.imaps if tls == TLS else server.imap
    place = ImapServer("localhost", box.address, box.password, port, tls, ca_file=ca_file, timeout=10)
    return ImapMailbox(place, name=box.address, clock=SettableClock(NOW))


@pytest.mark.parametrize("tls", [TLS, STARTTLS])
async def test_a_verified_server_is_read_encrypted(server: DovecotServer, tls: str, tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(server.certificate.authority)
    box = server.mailbox()
    mailbox = encrypted(server, box, tls, str(authority))
    _, mark = await everything(mailbox)
    async with asyncio.timeout(20):
        waiting = asyncio.create_task(mailbox.wait(600))
        await box.deliver(raw_of(1))
        await waiting
    assert [plain(one) for one in (await everything(mailbox, mark))[0]] == [plain(raw_of(1))]
    assert isinstance(mailbox._box and mailbox._box.client.sock, ssl.SSLSocket)
    await mailbox.close()


@pytest.mark.parametrize("tls", [TLS, STARTTLS])
async def test_a_certificate_of_nobodys_is_refused_for_a_person(server: DovecotServer, tls: str) -> None:
    mailbox = encrypted(server, server.mailbox(), tls)
    with pytest.raises(Misconfigured, match="certificado"):
        await mailbox.fetch("")
    await mailbox.close()


# --- what became of a message: SMTP with a mailbox --------------------------------------------------------------------


async def at_once(seconds: float) -> None:
    del seconds


@asynccontextmanager
async def pair(server: DovecotServer) -> AsyncIterator[tuple[SmtpGateway, Relay]]:
    box = server.mailbox()
    box.port = server.imap
    async with Relay(box) as relay:
        sent = ImapSent(place_of(box), at_once)
        sender = f"Soluciones <{box.address}>"
        yield (
            SmtpGateway("127.0.0.1", relay.port, sender=sender, clock=SettableClock(NOW), timeout=5.0, sent=sent),
            relay,
        )


class TestSmtpWithImap(GatewayContract):
    @pytest.fixture(autouse=True)
    def _server(self, server: DovecotServer) -> None:
        self.server = server

    @asynccontextmanager
    async def playground(self) -> AsyncIterator[tuple[MailGateway, Relay]]:  # type: ignore[override]
        async with pair(self.server) as made:
            yield made


async def test_what_was_accepted_is_found_though_the_answer_was_lost(server: DovecotServer) -> None:
    async with pair(server) as (gateway, relay):
        relay.lose_answer_once()
        with pytest.raises(Ambiguous):
            await gateway.send(MAIL)
        receipt = await gateway.find_sent(MAIL.message_id)
        assert receipt is not None
        assert receipt.id == MAIL.message_id


async def test_what_never_went_out_is_not_found(server: DovecotServer) -> None:
    async with pair(server) as (gateway, relay):
        relay.faults.append(DROP_ON_RCPT)
        with pytest.raises(Throttled):
            await gateway.send(MAIL)
        assert await gateway.find_sent(MAIL.message_id) is None


async def test_the_copy_is_on_the_envelope_and_nobody_reads_of_it(server: DovecotServer) -> None:
    async with pair(server) as (gateway, relay):
        await gateway.send(MAIL)
        _, recipients, raw = relay.accepted[0]
        assert recipients == ["enlace@invima.example", "apoyo@minsalud.example", relay.box.address]
        assert b"\nBcc:" not in raw


async def test_what_the_server_itself_files_as_sent_is_found_there(server: DovecotServer) -> None:
    box = server.mailbox()
    box.port = server.imap
    with box._session() as session:
        session.append(b"Message-ID: <sr.uno@operador.example>\r\n\r\nhola\r\n", "Sent")
    assert await ImapSent(place_of(box), at_once)("<sr.uno@operador.example>")


async def test_a_mailbox_that_cannot_be_asked_proves_nothing(server: DovecotServer) -> None:
    box = server.mailbox()
    box.port = server.imap
    sent = ImapSent(replace(place_of(box), password="equivocada"), at_once)
    assert not await sent("<sr.uno@operador.example>")


async def test_only_what_is_named_is_removed(server: DovecotServer) -> None:
    box = server.mailbox()
    box.port = server.imap
    for number in (1, 2, 3):
        await box.deliver(raw_of(number))
    with box._session() as session:
        session.flag(session.uids("ALL"), "\\Flagged", value=True)
        session.client.uid("STORE", "3", "+FLAGS", r"(\Deleted)")  # somebody's own, not yet expunged
    assert await ImapSent(place_of(box), at_once).remove(["<1@invima.example>"]) == 1
    assert box.folder_ids("INBOX") == ["<2@invima.example>", "<3@invima.example>"]
