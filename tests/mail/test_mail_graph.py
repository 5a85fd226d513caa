from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from gateway_contract import MAIL, NOW, LookUpContract
from graph import Fault, GraphPeer
from graph_client import Sleeper, file, gateway_to
from mailbox_contract import raw_of

from bot.sending import MailSender
from mail.gateway import LOOKS, message_id_for
from mail.graph import GraphGateway
from mail.graph_wire import AT_ONCE, SENDINGS
from methodology.delivery import Ambiguous, Misconfigured, Permanent, Throttled
from scheduler.ports import Outgoing

DRAFT, SEND = "^POST .*/messages$", "^POST .*/send$"


class Sending(GraphPeer):
    def refuse_once(self) -> None:
        self.faults.append(Fault(SEND, 400, "ErrorInvalidRecipients"))

    def throttle_once(self) -> None:
        self.faults.append(Fault(SEND, 429, "ApplicationThrottled", {"Retry-After": "17"}))

    def lose_answer_once(self) -> None:
        self.faults.append(Fault(SEND, after=True))


class TestGraphGateway(LookUpContract):
    @asynccontextmanager
    async def playground(self) -> AsyncIterator[tuple[GraphGateway, Sending]]:
        async with Sending(NOW) as peer:
            gateway = gateway_to(peer)
            yield gateway, peer
            await gateway.close()


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


# --- sending: how far it got decides what it is


@pytest.mark.parametrize(
    ("fault", "error", "minutes"),
    [
        (Fault(DRAFT, 429, headers={"Retry-After": "120"}), Throttled, 2),
        (Fault(DRAFT, 503), Throttled, 1),
        (Fault(DRAFT, 504, after=True), Throttled, 1),
        (Fault(DRAFT), Throttled, 1),
        (Fault(DRAFT, after=True), Throttled, 1),
        (Fault(DRAFT, 401, "InvalidAuthenticationToken"), Misconfigured, 60),
        (Fault(DRAFT, 403, "ErrorAccessDenied"), Misconfigured, 60),
        (Fault(DRAFT, 404, "ErrorInvalidUser"), Misconfigured, 60),
        (Fault(SEND, 429, headers={"Retry-After": "120"}), Throttled, 2),
        (Fault(SEND, 503), Throttled, 1),
        (Fault(SEND, 403, "ErrorSendAsDenied"), Misconfigured, 60),
        (Fault(SEND, 404, "ErrorItemNotFound"), Throttled, 1),
        (Fault(SEND, 409, "ErrorIrresolvableConflict"), Throttled, 1),
        (Fault(SEND, 302, headers={"Location": "https://127.0.0.1:9/v1.0"}), Misconfigured, 60),
        (Fault("sentitems"), Throttled, 1),
        (Fault("openid-configuration", 503), Throttled, 1),
        (Fault("/token$"), Throttled, 1),
    ],
)
async def test_what_was_surely_not_sent_is_tried_again_and_leaves_no_draft(
    peer: GraphPeer, gateway: GraphGateway, fault: Fault, error: type[Throttled], minutes: int
) -> None:
    peer.faults.append(fault)
    with pytest.raises(Throttled) as refused:
        await gateway.send(MAIL)
    assert isinstance(refused.value, Misconfigured) == (error is Misconfigured)
    assert refused.value.retry_at == NOW + timedelta(minutes=minutes)
    assert peer.messages == []
    if not fault.match.startswith("openid") and fault.match != "/token$":  # MSAL waits a little before it asks again
        await gateway.send(MAIL)
        assert [one["Message-ID"] for one in peer.messages] == [MAIL.message_id]
    assert peer.drafts == []


@pytest.mark.parametrize("fault", [Fault(SEND, after=True), Fault(SEND, 504, after=True), Fault(SEND, 500, after=True)])
async def test_a_sending_without_an_answer_is_ambiguous_and_found(
    peer: GraphPeer, gateway: GraphGateway, fault: Fault
) -> None:
    peer.faults.append(fault)
    with pytest.raises(Ambiguous):
        await gateway.send(MAIL)
    found = await gateway.find_sent(MAIL.message_id)
    assert found is not None
    assert (found.id, found.place) == (MAIL.message_id, "enlace@invima.example")


async def test_a_lost_answer_is_resolved_before_anybody_is_asked(peer: GraphPeer, gateway: GraphGateway) -> None:
    peer.faults.append(Fault(SEND, after=True))
    receipt = await MailSender(gateway)(Outgoing(MAIL, {}))
    assert receipt.id == MAIL.message_id
    assert len(peer.messages) == 1


async def test_a_silence_after_sending_is_ambiguous(peer: GraphPeer) -> None:
    gateway = gateway_to(peer, timeout=0.3)
    peer.faults.append(Fault(SEND, after=True, hangs=True))
    with pytest.raises(Ambiguous):
        await gateway.send(MAIL)
    assert len(peer.messages) == 1
    await gateway.close()


async def test_a_draft_that_stays_where_it_is_was_not_sent(
    peer: GraphPeer, gateway: GraphGateway, sleeper: Sleeper
) -> None:
    """The connection died before Exchange had read the request: the draft is withdrawn, and nothing is in doubt."""
    peer.faults.append(Fault(SEND))
    with pytest.raises(Throttled):
        await gateway.send(MAIL)
    assert (peer.messages, peer.drafts) == ([], [])
    assert sum(sleeper.slept) == sum(LOOKS)
    await gateway.send(MAIL)
    assert len(peer.messages) == 1


async def test_a_draft_that_leaves_at_the_last_moment_is_ambiguous(peer: GraphPeer, gateway: GraphGateway) -> None:
    peer.faults += [Fault(SEND), Fault("^DELETE ", 404, "ErrorItemNotFound")]
    with pytest.raises(Ambiguous):
        await gateway.send(MAIL)


async def test_when_nobody_can_tell_whether_the_draft_is_there_it_stays_ambiguous(
    peer: GraphPeer, gateway: GraphGateway
) -> None:
    peer.faults += [Fault(SEND), Fault("GET .*/mailFolders/drafts", 503, skips=1)]
    with pytest.raises(Ambiguous):
        await gateway.send(MAIL)
    assert await gateway.find_sent(MAIL.message_id) is None
    await gateway.send(MAIL)
    assert (len(peer.messages), peer.drafts) == (1, [])


async def test_looking_does_not_fail_when_graph_does(peer: GraphPeer, gateway: GraphGateway) -> None:
    await gateway.send(MAIL)
    peer.faults += [Fault("sentitems", 503), Fault("sentitems")]
    found = await gateway.find_sent(MAIL.message_id)
    assert found is not None
    peer.faults += [Fault("sentitems", 503) for _ in LOOKS]
    assert await gateway.find_sent(MAIL.message_id) is None


async def test_an_own_choice_of_exchange_is_corrected(peer: GraphPeer, gateway: GraphGateway) -> None:
    peer.renames = True
    assert (await gateway.send(MAIL)).id == MAIL.message_id
    assert peer.messages[0]["Message-ID"] == MAIL.message_id


async def test_every_request_asks_for_ids_that_last(peer: GraphPeer, gateway: GraphGateway) -> None:
    await peer.deliver(raw_of(1))
    await gateway.send(MAIL)
    await gateway.fetch("")
    assert len(peer.prefers) > 5
    assert [one for one in peer.prefers if not one.startswith('IdType="ImmutableId"')] == []


# --- attachments


@pytest.mark.parametrize(
    ("sizes", "posted", "pieces"),
    [
        ((0.1, 1.5), 0, 0),
        ((0.1, 2.5), 1, 0),
        ((1.5, 1.5), 1, 0),
        ((3.5, 0.1), 0, 2),
        ((12, 9, 2.5), 1, 7),
        ((1.97,), 0, 0),
        ((2.3,), 1, 0),
        ((2.99,), 1, 0),
        ((3,), 0, 1),
    ],
)
async def test_attachments_of_any_size_arrive_whole(
    peer: GraphPeer, gateway: GraphGateway, sizes: tuple[float, ...], posted: int, pieces: int
) -> None:
    files = tuple(file(size, f"Año {number}.pdf") for number, size in enumerate(sizes))
    await gateway.send(replace(MAIL, attachments=files))
    arrived = {one.get_filename(): one.get_content() for one in peer.messages[0].iter_attachments()}
    assert arrived == {one.name: one.content for one in files}
    assert peer.asked("^POST .*/attachments$") == posted
    assert peer.asked("^PUT ") == pieces


@pytest.mark.parametrize(
    "fault",
    [
        Fault("^PUT ", 404, "ErrorItemNotFound"),
        Fault("^PUT ", 401),
        Fault("^PUT "),
        Fault("createUploadSession", 503),
        Fault("/attachments$"),
    ],
)
async def test_a_lost_upload_sends_nothing_and_begins_anew(
    peer: GraphPeer, gateway: GraphGateway, fault: Fault
) -> None:
    mail = replace(MAIL, attachments=(file(4), file(2.5, "b.pdf")))
    peer.faults.append(fault)
    with pytest.raises(Throttled) as refused:
        await gateway.send(mail)
    assert not isinstance(refused.value, Misconfigured)
    assert (peer.messages, peer.drafts) == ([], [])
    await gateway.send(mail)
    assert len(list(peer.messages[0].iter_attachments())) == 2


async def test_what_is_too_large_for_exchange_is_for_a_person(peer: GraphPeer, gateway: GraphGateway) -> None:
    peer.faults.append(Fault("createUploadSession", 413, "ErrorMessageSizeExceeded"))
    with pytest.raises(Permanent, match="ErrorMessageSizeExceeded"):
        await gateway.send(replace(MAIL, attachments=(file(4),)))
    assert (peer.messages, peer.drafts) == ([], [])


# --- limits


async def test_no_more_than_so_many_a_minute(peer: GraphPeer, gateway: GraphGateway, sleeper: Sleeper) -> None:
    for number in range(SENDINGS):
        await gateway.send(replace(MAIL, attachments=(), message_id=message_id_for(str(number), "operador.example")))
    sleeper.clock.set(NOW + timedelta(seconds=20))
    assert sleeper.slept == []
    await gateway.send(replace(MAIL, attachments=()))
    assert sleeper.slept == [40.0]


async def test_no_more_than_so_many_at_once(peer: GraphPeer, gateway: GraphGateway) -> None:
    await gateway.find_sent("<nada@operador.example>")
    peer.gate.clear()
    looks = [asyncio.create_task(gateway.find_sent(f"<{number}@operador.example>")) for number in range(10)]
    await peer.reached(AT_ONCE)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(peer.reached(AT_ONCE + 1), 0.3)
    peer.gate.set()
    await asyncio.gather(*looks)
    assert peer.most_running == AT_ONCE
