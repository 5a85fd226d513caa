"""The EWS peer before a judge of its own: DavMail, an Exchange client in daily use, must be able to work with it."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from imaplib import IMAP4
from pathlib import Path

import pytest
from davmail import MISSING, PROGRAM, Ports, davmail
from ews import PASSWORD, USER
from ews_client import MAILBOX, Peer, gateway_to
from gateway_contract import MAIL
from mailbox_contract import everything, plain, raw_of

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason=MISSING)]


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Peer, Ports]]:
    with Peer() as peer, davmail(peer.url, tmp_path) as ports:
        yield peer, ports


def imap(ports: Ports) -> IMAP4:
    client = IMAP4("127.0.0.1", ports.imap, timeout=60)
    client.login(USER, PASSWORD)
    return client


def raws(client: IMAP4, folder: str) -> list[bytes]:
    client.select(folder, readonly=True)
    _, answer = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
    return [part[1] for part in answer if isinstance(part, tuple)]


def test_it_reads_the_inbox_as_it_came(both: tuple[Peer, Ports]) -> None:
    peer, ports = both
    for number in (1, 2, 3):
        peer.mailbox.arrived(raw_of(number))
    with imap(ports) as client:
        found = raws(client, "INBOX")
    assert [plain(one) for one in found] == [plain(raw_of(number)) for number in (1, 2, 3)]


async def test_it_sees_what_our_edge_sent(both: tuple[Peer, Ports]) -> None:
    peer, ports = both
    await gateway_to(peer).send(MAIL)
    with await asyncio.to_thread(imap, ports) as client:
        (raw,) = await asyncio.to_thread(raws, client, "Sent")
        assert await asyncio.to_thread(raws, client, "Drafts") == []
    message = message_from_bytes(raw, policy=default)
    assert message["Message-ID"] == MAIL.message_id
    assert message["In-Reply-To"] == MAIL.in_reply_to
    assert [part.get_filename() for part in message.iter_attachments()] == ["Reporte año.pdf"]  # type: ignore[attr-defined]


async def test_what_a_person_does_through_it_disturbs_our_reading_in_nothing(both: tuple[Peer, Ports]) -> None:
    peer, ports = both
    for number in (1, 2):
        await peer.deliver(raw_of(number))
    _, mark = await everything(gateway_to(peer))
    await asyncio.to_thread(_read_move_and_delete, ports)
    await peer.deliver(raw_of(3))
    messages, _ = await everything(gateway_to(peer), mark)
    assert [plain(one) for one in messages] == [plain(raw_of(3))]


def _read_move_and_delete(ports: Ports) -> None:
    with imap(ports) as client:
        client.select("INBOX")
        assert client.uid("STORE", "1", "+FLAGS", "(\\Seen)")[0] == "OK"
        assert client.uid("MOVE", "1", "Junk")[0] == "OK"
        assert client.uid("STORE", "2", "+FLAGS", "(\\Deleted)")[0] == "OK"
        assert client.expunge()[0] == "OK"
        assert len(raws(client, "Junk")) == 1


def test_what_it_sends_leaves_by_the_peer(both: tuple[Peer, Ports]) -> None:
    peer, ports = both
    with smtplib.SMTP("127.0.0.1", ports.smtp, timeout=60) as client:
        client.login(USER, PASSWORD)
        client.sendmail(MAILBOX, ["enlace@invima.example"], raw_of(7))
    (sent,) = peer.messages
    assert sent["Message-ID"] == "<7@invima.example>"
    assert len(peer.mailbox.in_folder("sentitems")) == 1
