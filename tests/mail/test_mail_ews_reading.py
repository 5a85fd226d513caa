"""Reading a mailbox of Exchange: the contract, and what its server may do to a reader."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from ews import Fault
from ews_client import MailboxPeer, gateway_to
from mail_world import World
from mailbox_contract import MailboxContract, everything, plain, raw_of
from sqlalchemy import select

from mail import ews
from mail.ews import EwsGateway
from mail.fetching import Fetcher
from mail.inbox import Inbox
from mail.read import message_id
from mail.stand_in import UNREADABLE
from methodology.delivery import Misconfigured, Throttled
from storage.ledger import InboundMail


class TestEwsMailbox(MailboxContract):
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[tuple[EwsGateway, MailboxPeer]]:
        with MailboxPeer() as self.peer:
            yield gateway_to(self.peer), self.peer

    def again(self) -> EwsGateway:
        return gateway_to(self.peer)


@pytest.fixture
def peer() -> Iterator[MailboxPeer]:
    with MailboxPeer() as made:
        yield made


def numbers(messages: list[bytes]) -> list[int]:
    return [int(message_id(raw).strip("<").split("@")[0]) for raw in messages]


@pytest.mark.parametrize("newest_first", [True, False])
async def test_whatever_order_the_server_tells_them_in_they_come_oldest_first(
    peer: MailboxPeer, newest_first: bool
) -> None:
    peer.mailbox.newest_first = newest_first
    for number in range(25):
        peer.mailbox.arrived(raw_of(number))
    messages, _ = await everything(gateway_to(peer))
    assert numbers(messages) == list(range(25))


async def test_more_than_one_block_is_read_to_its_end(peer: MailboxPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ews, "LISTED", 8)
    monkeypatch.setattr(ews, "_PER_REQUEST", 3)
    peer.mailbox.newest_first = False
    for number in range(25):
        peer.mailbox.arrived(raw_of(number))
    messages, mark = await everything(gateway_to(peer))
    assert numbers(messages) == list(range(25))
    assert (await everything(gateway_to(peer), mark))[0] == []


async def test_a_page_has_a_limit_of_bytes_too(peer: MailboxPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ews, "PAGE_BYTES", 2 * len(raw_of(1)))
    for number in range(7):
        peer.mailbox.arrived(raw_of(number))
    page = await gateway_to(peer).fetch("")
    assert len(page.messages) == 3
    rest, _ = await everything(gateway_to(peer), page.mark)
    assert numbers([*page.messages, *rest]) == list(range(7))


async def test_what_people_do_with_a_message_does_not_bring_it_again(peer: MailboxPeer) -> None:
    item = peer.mailbox.arrived(raw_of(1))
    _, mark = await everything(gateway_to(peer))
    item.read = True
    peer.mailbox.touch(item)
    assert (await everything(gateway_to(peer), mark))[0] == []


async def test_what_is_moved_into_the_inbox_is_new_there(peer: MailboxPeer) -> None:
    junk = peer.mailbox.add(raw_of(1), "junkemail")
    _, mark = await everything(gateway_to(peer))
    peer.mailbox.move(junk, "inbox")
    messages, _ = await everything(gateway_to(peer), mark)
    assert numbers(messages) == [1]


async def test_what_is_gone_between_listing_and_reading_is_left_out(peer: MailboxPeer) -> None:
    for number in range(25):
        peer.mailbox.arrived(raw_of(number))
    first = await gateway_to(peer).fetch("")
    await peer.remove("<23@invima.example>")
    rest, _ = await everything(gateway_to(peer), first.mark)
    assert numbers([*first.messages, *rest]) == [*range(23), 24]


async def test_what_the_server_cannot_turn_into_mime_comes_with_what_can_be_read(peer: MailboxPeer) -> None:
    for number in (1, 2):
        peer.mailbox.arrived(raw_of(number))
    peer.faults.append(Fault("GetItem", code="ErrorMimeContentConversionFailed"))
    messages, _ = await everything(gateway_to(peer))
    assert numbers(messages) == [1, 2]
    assert plain(messages[1]) == plain(raw_of(2))
    text = messages[0].decode()
    assert "From: enlace@invima.example" in text
    assert "Subject: =?utf-8?q?a=C3=B1o?= 1" in text
    assert UNREADABLE[:40] in text


async def test_what_cannot_be_read_at_all_is_told_of_all_the_same(peer: MailboxPeer) -> None:
    peer.mailbox.arrived(raw_of(1))
    peer.faults.extend([Fault("GetItem", code="ErrorItemCorrupt"), Fault("GetItem", code="ErrorItemCorrupt")])
    (message,), _ = await everything(gateway_to(peer))
    assert message_id(message).endswith("@buzon.invalid>")


async def test_a_busy_server_in_the_middle_of_a_page_costs_nothing(peer: MailboxPeer) -> None:
    for number in (1, 2, 3):
        peer.mailbox.arrived(raw_of(number))
    gateway = gateway_to(peer)
    await gateway.find_sent("<x@y.example>")
    peer.faults.append(Fault("GetItem", code="ErrorServerBusy"))
    with pytest.raises(Throttled):
        await gateway.fetch("")
    messages, _ = await everything(gateway)
    assert numbers(messages) == [1, 2, 3]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("SyncFolderItems", code="ErrorServerBusy"), Throttled),
        (Fault("SyncFolderItems", drops=True), Throttled),
        (Fault("SyncFolderItems", status=503), Throttled),
        (Fault("SyncFolderItems", code="ErrorAccessDenied"), Misconfigured),
        (Fault("GetFolder", code="ErrorNonExistentMailbox"), Misconfigured),
    ],
)
async def test_an_error_without_a_state_is_understood(peer: MailboxPeer, fault: Fault, error: type[Throttled]) -> None:
    peer.faults.append(fault)
    with pytest.raises(Throttled) as refused:
        await gateway_to(peer).fetch("")
    assert type(refused.value) is error


async def test_a_lost_state_is_recovered_without_duplicates(peer: MailboxPeer) -> None:
    """The road's end: what lies in the store."""
    world = World()
    inbox = Inbox(world.db, world.clock)
    for number in (1, 2):
        peer.mailbox.arrived(raw_of(number))
    await Fetcher(world.db, world.clock, gateway_to(peer), inbox.accept, _no_sleep).fetch_new()
    peer.mailbox.forget_states()
    peer.mailbox.arrived(raw_of(3))
    await Fetcher(world.db, world.clock, gateway_to(peer), inbox.accept, _no_sleep).fetch_new()
    stored = world.db.do(lambda session: list(session.scalars(select(InboundMail.message_id).order_by(InboundMail.id))))
    assert stored == [f"<{number}@invima.example>" for number in (1, 2, 3)]
    world.db.close()


async def _no_sleep(seconds: float) -> None:
    raise AssertionError(f"nothing was refused, and it sleeps {seconds}")
