"""Sending through Exchange: the contract, and how far it got when it failed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from ews import TOKEN, EwsPeer, Fault
from ews_client import BASIC, MAILBOX, NTLM, SENDER, Peer, gateway_to
from exchangelib import Account, Configuration, Credentials, FaultTolerance
from gateway_contract import MAIL, NOW, LookUpContract

from bot.sending import MailSender
from mail.ews import MENDED_AFTER, RETRY_AFTER, EwsGateway, Password, is_exchange_online, scope_of
from methodology.clock import SettableClock
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Permanent, Throttled
from scheduler.ports import Outgoing


class TestEwsGateway(LookUpContract):
    @asynccontextmanager
    async def playground(self) -> AsyncIterator[tuple[EwsGateway, Peer]]:
        with Peer() as peer:
            gateway = gateway_to(peer)
            yield gateway, peer
            gateway.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer() as made:
        yield made


class FakeTokens:
    """As `mail/entra.py` gives them: the current one, and a count of how often one was thrown away."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.forgotten = 0

    async def get(self) -> str:
        return self.token

    def forget(self) -> None:
        self.forgotten += 1


# --- doors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("login", "scheme"), [(NTLM, "ntlm"), (BASIC, "basic")])
async def test_a_password_opens_by_ntlm_or_by_basic(login: Password, scheme: str) -> None:
    with Peer(schemes=(scheme,)) as peer:
        await gateway_to(peer, login).send(MAIL)
        assert {one.user.split("\\")[-1] for one in peer.seen} == {"servicio"}
        assert len(peer.messages) == 1


@pytest.mark.parametrize("login", [replace(NTLM, password="otra"), replace(BASIC, password="otra")])
async def test_a_wrong_password_is_for_a_person_and_is_not_tried_again_soon(peer: Peer, login: Password) -> None:
    with pytest.raises(Misconfigured) as refused:
        await gateway_to(peer, login).send(MAIL)
    assert refused.value.retry_at == NOW + MENDED_AFTER
    assert peer.seen == []


async def test_an_application_impersonates_the_mailbox(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the peer is on loopback, without TLS
    await gateway_to(peer, FakeTokens(TOKEN)).send(MAIL)
    assert {one.user for one in peer.seen} == {"application"}
    impersonated = {one.request.findtext(".//{*}ExchangeImpersonation/{*}ConnectingSID/*") for one in peer.seen}
    assert impersonated == {MAILBOX}


async def test_a_new_token_serves_the_open_connections_too(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    tokens = FakeTokens(TOKEN)
    gateway = gateway_to(peer, tokens)
    await gateway.fetch("")
    peer.tokens = {"el-siguiente"}
    with pytest.raises(Misconfigured):
        await gateway.fetch("")
    assert tokens.forgotten == 1
    tokens.token = "el-siguiente"
    await gateway.send(MAIL)
    assert len(peer.messages) == 1


def test_a_password_travels_only_over_tls() -> None:
    with pytest.raises(ValueError, match="https://"):
        EwsGateway("http://correo.example/EWS", MAILBOX, BASIC, sender=SENDER, clock=SettableClock(NOW))


def test_no_secret_is_shown() -> None:
    assert BASIC.password not in repr(BASIC)


# --- how far it got ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("FindItem", drops=True), Throttled),
        (Fault("FindItem", status=503), Throttled),
        (Fault("CreateItem", drops=True, after=True), Throttled),
        (Fault("CreateItem", code="ErrorInternalServerError"), Throttled),
        (Fault("CreateItem", code="ErrorMessageSizeExceeded"), Permanent),
        (Fault("CreateItem", status=413), Permanent),
        (Fault("CreateItem", code="ErrorQuotaExceeded"), Misconfigured),
        (Fault("GetFolder", code="ErrorAccessDenied"), Misconfigured),
        (Fault("GetFolder", soap="ErrorImpersonateUserDenied"), Misconfigured),
        (Fault("GetFolder", status=403), Misconfigured),
        (Fault("GetFolder", status=404), Misconfigured),
        (Fault("GetFolder", status=302, headers=(("Location", "https://otra.example/owa"),)), Misconfigured),
        (Fault("SendItem", code="ErrorServerBusy"), Throttled),
        (Fault("SendItem", status=503), Throttled),
        (Fault("SendItem", status=429), Throttled),
        (Fault("SendItem", code="ErrorSendAsDenied"), Misconfigured),
        (Fault("SendItem", status=401), Misconfigured),
        (Fault("SendItem", code="ErrorInternalServerError"), Ambiguous),
        (Fault("SendItem", drops=True), Ambiguous),
        (Fault("SendItem", drops=True, after=True), Ambiguous),
        (Fault("SendItem", status=500, garbage=b"<html>Server Error in '/EWS' Application</html>"), Ambiguous),
        (Fault("SendItem", status=502), Ambiguous),
        (Fault("SendItem", garbage=b"esto no es XML", after=True), Ambiguous),
    ],
)
async def test_how_far_it_got_decides_what_it_is(peer: Peer, fault: Fault, error: type[DeliveryError]) -> None:
    peer.faults.append(fault)
    with pytest.raises(DeliveryError) as failed:
        await gateway_to(peer).send(MAIL)
    assert type(failed.value) is error
    assert peer.operations().count("SendItem") <= 1
    assert len(peer.messages) == (1 if fault.operation == "SendItem" and fault.after else 0)


@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (Fault("SendItem", soap="ErrorServerBusy", back_off=297_000), timedelta(seconds=297)),
        (Fault("SendItem", soap="ErrorServerBusy"), RETRY_AFTER),
        (Fault("SendItem", status=503, headers=(("Retry-After", "120"),)), timedelta(seconds=120)),
        (Fault("SendItem", status=503), RETRY_AFTER),
    ],
)
async def test_the_server_says_how_long_to_keep_away(peer: Peer, fault: Fault, wait: timedelta) -> None:
    peer.faults.append(fault)
    with pytest.raises(Throttled) as refused:
        await gateway_to(peer).send(MAIL)
    assert refused.value.retry_at == NOW + wait


async def test_silence_after_the_bytes_went_out_is_ambiguous(peer: Peer) -> None:
    gateway = gateway_to(peer, timeout=0.3)
    assert await gateway.find_sent(MAIL.message_id) is None  # the folders are known: the next wait is SendItem's
    peer.faults.append(Fault("SendItem", hangs=True))
    with pytest.raises(Ambiguous):
        await gateway.send(MAIL)


async def test_nobody_listening_is_throttled() -> None:
    with EwsPeer() as gone:
        pass
    with pytest.raises(Throttled) as refused:
        await gateway_to(gone).send(MAIL)
    assert refused.value.retry_at == NOW + RETRY_AFTER


async def test_with_two_connections_a_lost_answer_is_still_ambiguous(peer: Peer) -> None:
    """The library then calls it a busy server, which would be sent again."""
    gateway = gateway_to(peer)
    await asyncio.gather(gateway.fetch(""), gateway.find_sent("<x@y.example>"))
    pool = gateway._account("").protocol
    if pool.session_pool_size < 2:
        pool.increase_poolsize()
    peer.lose_answer_once()
    with pytest.raises(Ambiguous):
        await gateway.send(MAIL)
    assert peer.operations().count("SendItem") == 1


async def test_nobody_elses_policy_is_inherited(peer: Peer) -> None:
    """The library caches connections by endpoint and user: the first one's policy would repeat what we send."""
    credentials = Credentials(NTLM.username, NTLM.password)
    patient = Configuration(credentials, service_endpoint=peer.url, auth_type="NTLM", retry_policy=FaultTolerance(60))
    theirs = Account(MAILBOX, config=patient)
    gateway, other = gateway_to(peer), gateway_to(peer)
    ours = gateway._account("").protocol
    assert theirs.protocol.retry_policy is patient.retry_policy
    assert ours.retry_policy.fail_fast
    assert ours is not other._account("").protocol
    peer.lose_answer_once()
    with pytest.raises(Ambiguous):
        await gateway.send(MAIL)
    assert len(peer.messages) == 1


async def test_lost_connections_do_not_use_the_pool_up(peer: Peer) -> None:
    """A session that is not given back would leave the next one waiting for ever."""
    gateway = gateway_to(peer)
    await asyncio.gather(gateway.fetch(""), gateway.find_sent("<x@y.example>"))
    for fault in [Fault("FindItem", drops=True), Fault("FindItem", status=503), Fault("FindItem", status=401)] * 3:
        peer.faults.append(fault)
        with pytest.raises(Throttled):
            await gateway.send(MAIL)
    async with asyncio.timeout(30):
        await asyncio.gather(gateway.send(MAIL), gateway.fetch(""))
    assert len(peer.messages) == 1


async def test_the_sender_is_given_the_receipt_of_what_was_sent_after_all(peer: Peer) -> None:
    peer.lose_answer_once()
    receipt = await MailSender(gateway_to(peer))(Outgoing(MAIL, {}))
    assert receipt.id == MAIL.message_id
    assert len(peer.messages) == 1


async def test_when_the_server_goes_on_failing_it_is_looked_up_again_before_anything_is_sent(peer: Peer) -> None:
    sender = MailSender(gateway_to(peer))
    peer.faults.append(Fault("SendItem", drops=True, after=True, then=Fault("FindItem", status=503)))
    with pytest.raises(Throttled):
        await sender(Outgoing(MAIL, {}))
    assert (await sender(Outgoing(MAIL, {}))).id == MAIL.message_id
    assert len(peer.messages) == 1


# --- what is in the mailbox afterwards --------------------------------------------------------------------------------


async def test_the_copy_lies_in_sent_items_and_no_draft_is_left(peer: Peer) -> None:
    await gateway_to(peer).send(MAIL)
    (copy,) = peer.mailbox.in_folder("sentitems")
    assert copy.read
    assert list(copy.properties.values()) == [MAIL.message_id]
    assert peer.mailbox.in_folder("drafts") == []


async def test_the_draft_of_a_refused_attempt_gives_way_to_the_new_text(peer: Peer) -> None:
    gateway = gateway_to(peer)
    peer.throttle_once()
    with pytest.raises(Throttled):
        await gateway.send(MAIL)
    await gateway.send(replace(MAIL, text="Al día de hoy"))
    (sent,) = peer.messages
    assert "Al día de hoy" in sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert peer.mailbox.in_folder("drafts") == []


async def test_what_is_refused_for_good_leaves_no_draft(peer: Peer) -> None:
    peer.refuse_once()
    with pytest.raises(Permanent):
        await gateway_to(peer).send(MAIL)
    assert peer.mailbox.in_folder("drafts") == []


async def test_what_is_on_its_way_out_counts_as_sent(peer: Peer) -> None:
    """A large mail may wait in the outbox for a while."""
    gateway = gateway_to(peer)
    peer.throttle_once()
    with pytest.raises(Throttled):
        await gateway.send(MAIL)
    (draft,) = peer.mailbox.in_folder("drafts")
    draft.folder, draft.submitted = "outbox", True
    assert await gateway.find_sent(MAIL.message_id) is not None
    await gateway.send(MAIL)
    assert peer.operations().count("SendItem") == 1


async def test_a_look_up_that_fails_says_so_and_sends_nothing(peer: Peer) -> None:
    """«Not found» would mean that it may be sent again."""
    peer.faults.append(Fault("FindItem", status=503))
    with pytest.raises(Throttled):
        await gateway_to(peer).find_sent(MAIL.message_id)


async def test_what_it_made_can_be_taken_away_and_nothing_else(peer: Peer) -> None:
    """As a trial of the mailbox does: it writes to itself, reads that, and leaves nothing behind."""
    gateway = gateway_to(peer)
    await gateway.send(MAIL)
    trial = replace(MAIL, to=(MAILBOX,), message_id="<sr.ffffffffffffffffffffffff@operador.example>")
    await gateway.send(trial)
    assert len((await gateway.fetch("")).messages) == 1
    assert await gateway.remove([trial.message_id, "<nunca@operador.example>"]) == 2
    assert peer.mailbox.in_folder("inbox") == []
    assert [one.message["Message-ID"] for one in peer.mailbox.in_folder("sentitems")] == [MAIL.message_id]


async def test_no_mail_is_written_into_the_log(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    peer.locked = True
    with pytest.raises(Misconfigured):
        await gateway_to(peer).send(MAIL)
    assert "<?xml" not in caplog.text


# --- which server it is -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "online"),
    [
        ("https://outlook.office365.com/EWS/Exchange.asmx", True),
        ("https://OUTLOOK.office.com/EWS/Exchange.asmx", True),
        ("outlook.office365.com", True),
        ("https://partner.outlook.cn/EWS/Exchange.asmx", True),
        ("https://correo.mincit.gov.co/EWS/Exchange.asmx", False),
        ("https://outlook.office365.com.example/EWS/Exchange.asmx", False),
        ("https://correo.example/outlook.office365.com", False),
        ("", False),
    ],
)
def test_microsofts_own_servers_are_told_apart(endpoint: str, online: bool) -> None:
    assert is_exchange_online(endpoint) is online


def test_a_token_is_asked_for_that_server() -> None:
    assert scope_of("https://correo.example.gov.co/EWS/Exchange.asmx") == "https://correo.example.gov.co/.default"
