from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from gateway_contract import NOW
from graph import CLIENT_ID, MAILBOX, SECRET, TENANT, Fault, GraphPeer
from graph_client import Sleeper, gateway_to
from mail_world import World
from mailbox_contract import MailboxContract, everything, plain, raw_of
from sqlalchemy import delete

from mail import graph
from mail.entra import EntraTokens
from mail.fetching import Fetcher
from mail.graph import GraphGateway
from mail.graph_wire import GraphWire
from mail.inbox import Inbox
from mail.read import message_id
from mail.stand_in import UNREADABLE
from methodology.clock import SettableClock
from methodology.delivery import Misconfigured, Throttled
from storage.ledger import InboundMail, MailboxMark


class Receiving(GraphPeer):
    def refuse_once(self) -> None:
        self.faults.append(Fault("^GET .*/delta$", 429, "ApplicationThrottled", {"Retry-After": "17"}))


class TestGraphMailbox(MailboxContract):
    @asynccontextmanager
    async def reading(self) -> AsyncIterator[tuple[GraphGateway, Receiving]]:
        self.made: list[GraphGateway] = []
        async with Receiving(NOW) as peer:
            self.peer = peer
            yield self.again(), peer
            for gateway in self.made:
                await gateway.close()

    def again(self) -> GraphGateway:
        self.made.append(gateway_to(self.peer))
        return self.made[-1]


@pytest.fixture
async def peer() -> AsyncIterator[GraphPeer]:
    async with GraphPeer(NOW) as made:
        yield made


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
async def gateway(peer: GraphPeer, sleeper: Sleeper) -> AsyncIterator[GraphGateway]:
    made = gateway_to(peer, sleeper)
    yield made
    await made.close()


async def test_what_is_marked_or_moved_in_after_a_lost_mark_is_not_left_out(
    peer: GraphPeer, gateway: GraphGateway
) -> None:
    """A message rescued from the junk keeps the day it was received; what was read long ago stays read."""
    old = NOW - timedelta(days=30)
    await peer.deliver(raw_of(1), old)
    await peer.deliver(raw_of(2), NOW)
    _, mark = await everything(gateway)
    await peer.forget_marks()
    await peer.deliver(raw_of(3), old, modified=NOW + timedelta(hours=1))
    await peer.deliver(raw_of(4), NOW + timedelta(hours=2))
    messages, mark = await everything(gateway, mark)
    assert [plain(one) for one in messages] == [plain(raw_of(number)) for number in (3, 2, 4)]
    assert (await everything(gateway, mark))[0] == []


async def test_after_a_lost_mark_the_next_listings_leave_nothing_out(peer: GraphPeer, gateway: GraphGateway) -> None:
    await peer.deliver(raw_of(2), NOW)
    _, mark = await everything(gateway)
    await peer.forget_marks()
    _, mark = await everything(gateway, mark)
    await peer.deliver(raw_of(1), NOW - timedelta(days=30))
    assert [plain(one) for one in (await everything(gateway, mark))[0]] == [plain(raw_of(1))]


async def test_a_listing_that_is_lost_midway_begins_anew(
    peer: GraphPeer, gateway: GraphGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "LISTED", 3)
    for number in range(12):
        await peer.deliver(raw_of(number))
    peer.faults.append(Fault("GET .*delta$", 410, "SyncStateNotFound", skips=2))
    messages, _ = await everything(gateway)
    assert [plain(one) for one in messages] == [plain(raw_of(number)) for number in range(12)]


async def test_listings_that_are_lost_again_and_again_are_left_for_later(
    peer: GraphPeer, gateway: GraphGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "LISTED", 3)
    for number in range(12):
        await peer.deliver(raw_of(number))
    peer.faults += [Fault("GET .*delta$", 410, "SyncStateNotFound", skips=skips) for skips in (1, 2)]
    with pytest.raises(Throttled):
        await gateway.fetch("")
    assert len((await everything(gateway))[0]) == 12


async def test_a_redirect_is_not_followed(peer: GraphPeer, gateway: GraphGateway) -> None:
    async with GraphPeer(NOW) as foreign:
        peer.faults.append(Fault("GET .*delta$", 302, headers={"Location": f"{foreign.base_url}/users"}))
        with pytest.raises(Misconfigured):
            await gateway.fetch("")
        assert foreign.seen == []


async def test_a_very_full_mailbox_is_read_part_by_part(
    peer: GraphPeer, gateway: GraphGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "LISTED", 3)
    monkeypatch.setattr(graph, "LISTINGS", 2)
    for number in range(20):
        await peer.deliver(raw_of(number))
    page = await gateway.fetch("")
    assert page.more
    assert len(page.messages) == 6
    rest, mark = await everything(gateway, page.mark)
    assert {plain(one) for one in (*page.messages, *rest)} == {plain(raw_of(number)) for number in range(20)}
    assert (await everything(gateway, mark))[0] == []


async def test_a_page_is_bounded_in_messages_and_in_bytes(
    peer: GraphPeer, gateway: GraphGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(15):
        await peer.deliver(raw_of(number))
    assert len((await gateway.fetch("")).messages) == graph.PAGE
    monkeypatch.setattr(graph, "PAGE_BYTES", 2 * len(raw_of(0)))
    page = await gateway.fetch("")
    assert len(page.messages) == 3
    assert len((await everything(gateway, page.mark))[0]) == 12


async def test_a_message_removed_while_it_waits_is_passed_over(peer: GraphPeer, gateway: GraphGateway) -> None:
    for number in range(12):
        await peer.deliver(raw_of(number))
    page = await gateway.fetch("")
    await peer.remove("<10@invima.example>")
    messages, _ = await everything(gateway, page.mark)
    assert [plain(one) for one in messages] == [plain(raw_of(11))]


async def test_what_was_removed_is_not_even_asked_for(peer: GraphPeer, gateway: GraphGateway) -> None:
    await peer.deliver(raw_of(1))
    _, mark = await everything(gateway)
    asked = peer.asked("value$")
    await peer.remove("<1@invima.example>")
    assert (await everything(gateway, mark))[0] == []
    assert peer.asked("value$") == asked


async def test_a_message_that_somebody_marks_comes_again_and_is_known_by_its_id(
    peer: GraphPeer, gateway: GraphGateway
) -> None:
    item = await peer.deliver(raw_of(1))
    _, mark = await everything(gateway)
    peer.touch(item, NOW + timedelta(minutes=1))
    messages, mark = await everything(gateway, mark)
    assert [plain(one) for one in messages] == [plain(raw_of(1))]
    assert (await everything(gateway, mark))[0] == []


async def test_the_token_is_never_taken_to_another_server(peer: GraphPeer, gateway: GraphGateway) -> None:
    async with GraphPeer(NOW) as foreign:
        await peer.deliver(raw_of(1))
        _, mark = await everything(gateway)
        moved = mark.replace(peer.base_url, foreign.base_url)
        assert moved != mark
        assert len((await everything(gateway, moved))[0]) == 1
        peer.link_base = foreign.base_url
        with pytest.raises(Misconfigured, match="no se sigue"):
            await gateway.fetch("")
        assert foreign.seen == []


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.microsoft.com.malo.example/v1.0/users",
        "https://graph.microsoft.com@malo.example/v1.0/users",
        "https://yo@graph.microsoft.com/v1.0/users",
        "http://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:8443/v1.0/users",
        "https://graph.microsoft.com/beta/users",
        "//graph.microsoft.com/v1.0/users",
        "https://[",
        "None",
    ],
)
def test_a_link_is_the_services_own_or_it_is_not_followed(wire: GraphWire, link: str) -> None:
    assert not wire.owns(link)
    assert wire.owns("https://graph.microsoft.com/v1.0/users('x')/messages/delta?$deltatoken=1")


@pytest.fixture
def wire() -> GraphWire:
    clock = SettableClock(NOW)
    tokens = EntraTokens(TENANT, CLIENT_ID, SECRET, scope="x", clock=clock)
    return GraphWire(MAILBOX, tokens, base_url=graph.GLOBAL_SERVICE, clock=clock, ca_file="", timeout=1.0)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("delta$", 400, "BadRequest"), Misconfigured),
        (Fault("delta$", 403, "ErrorAccessDenied"), Misconfigured),
        (Fault("delta$", 404, "MailboxNotEnabledForRESTAPI"), Misconfigured),
        (Fault("delta$"), Throttled),
        (Fault("delta$", 502), Throttled),
        (Fault("value$", 503), Throttled),
        (Fault("value$"), Throttled),
    ],
)
async def test_what_cannot_be_read_now_is_read_later(
    peer: GraphPeer, gateway: GraphGateway, fault: Fault, error: type[Throttled]
) -> None:
    await peer.deliver(raw_of(1))
    peer.faults.append(fault)
    with pytest.raises(Throttled) as refused:
        await gateway.fetch("")
    assert isinstance(refused.value, Misconfigured) == (error is Misconfigured)
    assert len((await gateway.fetch("")).messages) == 1


async def test_what_exchange_cannot_write_as_mime_comes_with_what_it_tells_of_it(
    peer: GraphPeer, gateway: GraphGateway
) -> None:
    for number in (1, 2):
        await peer.deliver(raw_of(number))
    peer.faults.append(Fault("value$", 400, "ErrorMimeContentConversionFailed"))
    messages, _ = await everything(gateway)
    assert [message_id(one) for one in messages] == ["<1@invima.example>", "<2@invima.example>"]
    assert plain(messages[1]) == plain(raw_of(2))
    assert "From: enlace@invima.example" in messages[0].decode()
    assert UNREADABLE[:40] in messages[0].decode()


async def test_a_message_over_which_the_service_always_fails_holds_up_no_other(
    peer: GraphPeer, gateway: GraphGateway
) -> None:
    for number in (1, 2):
        await peer.deliver(raw_of(number))
    for _ in range(graph.TRIES):
        peer.faults.append(Fault("value$", 500, "ErrorInternalServerError"))
        with pytest.raises(Throttled):
            await gateway.fetch("")
    peer.faults += [Fault("value$", 500), Fault("GET /v1.0/users/[^/]*/messages/(?!.*value$)", 500)]
    with pytest.raises(Throttled):  # it is the service's own trouble: of this message nothing is told either
        await gateway.fetch("")
    peer.faults.append(Fault("value$", 500))
    messages, _ = await everything(gateway)
    assert [message_id(one) for one in messages] == ["<1@invima.example>", "<2@invima.example>"]
    assert UNREADABLE[:40] in messages[0].decode()
    assert plain(messages[1]) == plain(raw_of(2))


async def test_a_message_of_which_nothing_is_told_holds_up_no_other(peer: GraphPeer, gateway: GraphGateway) -> None:
    for number in (1, 2):
        await peer.deliver(raw_of(number))
    peer.faults += [
        Fault("value$", 400, "ErrorCorruptData"),
        Fault("GET /v1.0/users/[^/]*/messages/(?!.*value$)", 400, "ErrorCorruptData"),
    ]
    messages, _ = await everything(gateway)
    assert message_id(messages[0]).endswith("@buzon.invalid>")
    assert plain(messages[1]) == plain(raw_of(2))


async def test_the_inbox_comes_into_the_ledger_once_also_when_the_mark_was_not_kept(
    peer: GraphPeer, gateway: GraphGateway, sleeper: Sleeper, world: World
) -> None:
    inbox = Inbox(world.db, world.clock)
    fetcher = Fetcher(world.db, world.clock, gateway, inbox.accept, sleeper)
    for number in range(12):
        await peer.deliver(raw_of(number))
    assert await fetcher.try_once()
    world.db.do(lambda session: session.execute(delete(MailboxMark)))
    await peer.deliver(raw_of(12))
    assert await fetcher.try_once()
    await inbox.settled()
    stored = sorted(world.all(InboundMail), key=lambda row: row.id)
    assert [row.message_id for row in stored] == [f"<{number}@invima.example>" for number in range(13)]


async def test_waiting_is_only_time(gateway: GraphGateway, sleeper: Sleeper) -> None:
    await gateway.wait(60.0)
    assert sleeper.slept == [60.0]
    assert gateway.name == MAILBOX
