from __future__ import annotations

import asyncio
import email.utils
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import aiohttp
import pytest
from teams_wire import APP, CARD, METHOD_NOW, REAL_NOW, Answer, Peer, Time

from bot.teams import ConnectorSender, TeamsConfig
from bot.teams import sender as module
from bot.teams.tokens import TokenSource
from methodology.clock import SettableClock
from methodology.delivery import Ambiguous, Misconfigured, Permanent, Receipt, Throttled, Unreachable

CHAT = "19:abc/def@thread.tacv2;messageid=1"
HELLO = {"text": "hola"}
Send = Callable[..., Awaitable[Receipt]]


@pytest.fixture
def send(sender: ConnectorSender, peer: Peer) -> Send:
    async def send(activity: Any = None) -> Receipt:
        return await sender.send(peer.base, CHAT, activity or HELLO)

    return send


@pytest.fixture
def calls(sender: ConnectorSender, peer: Peer) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Every call that may be repeated, by name."""
    return {
        "update": lambda: sender.update(peer.base, CHAT, "1", HELLO),
        "delete": lambda: sender.delete(peer.base, CHAT, "1"),
        "create_personal": lambda: sender.create_personal(peer.base, "tenant", "person"),
        "member": lambda: sender.member(peer.base, CHAT, "29:x"),
    }


async def test_a_message_goes_to_its_conversation_with_the_bots_token(send: Send, peer: Peer) -> None:
    assert await send() == Receipt("sent-1", CHAT, peer.base)
    seen = peer.seen[0]
    assert seen.method == "POST"
    assert seen.path == "/v3/conversations/19%3Aabc%2Fdef%40thread.tacv2%3Bmessageid%3D1/activities"
    assert seen.body == {"type": "message", "text": "hola"}
    assert seen.headers["Authorization"] == "Bearer t1"


async def test_a_slash_at_the_service_addresss_end_changes_nothing(sender: ConnectorSender, peer: Peer) -> None:
    await sender.send(f"{peer.base}/", CHAT, HELLO)
    assert peer.seen[0].path.startswith("/v3/conversations/")


async def test_a_private_answer_in_a_channel_is_targeted(sender: ConnectorSender, peer: Peer) -> None:
    await sender.send(peer.base, CHAT, HELLO, targeted=True)
    await sender.update(peer.base, CHAT, "16:9", HELLO, targeted=True)
    posted, edited = (unquote(seen.path) for seen in peer.seen)
    assert posted.endswith("/activities?isTargetedActivity=true")
    assert edited.endswith("/activities/16:9?isTargetedActivity=true")


async def test_an_edit_puts_over_the_activity(sender: ConnectorSender, peer: Peer) -> None:
    assert await sender.update(peer.base, CHAT, "16:9", {"attachments": [CARD]}) == Receipt("16:9", CHAT, peer.base)
    assert peer.seen[0].method == "PUT"
    assert unquote(peer.seen[0].path) == f"/v3/conversations/{CHAT}/activities/16:9"


async def test_a_deletion_deletes_the_activity(sender: ConnectorSender, peer: Peer) -> None:
    await sender.delete(peer.base, CHAT, "16:9")
    assert (peer.seen[0].method, peer.seen[0].body) == ("DELETE", None)


async def test_a_personal_chat_is_opened_by_directory_identity(sender: ConnectorSender, peer: Peer) -> None:
    peer.next.append(Answer(201, {"id": "a:new"}))
    assert await sender.create_personal(peer.base, "tenant", "person") == "a:new"
    assert peer.seen[0].path == "/v3/conversations"
    assert peer.seen[0].body == {
        "isGroup": False,
        "bot": {"id": f"28:{APP}"},
        "members": [{"id": "person"}],
        "tenantId": "tenant",
        "channelData": {"tenant": {"id": "tenant"}},
    }


async def test_a_channel_post_starts_a_thread_and_keeps_its_id(sender: ConnectorSender, peer: Peer) -> None:
    peer.next.append(Answer(201, {"id": "19:c@thread.tacv2;messageid=77", "activityId": "77"}))
    receipt = await sender.post_channel(peer.base, "tenant", "19:c@thread.tacv2", HELLO)
    assert receipt == Receipt("77", "19:c@thread.tacv2;messageid=77", peer.base)
    assert peer.seen[0].body["channelData"] == {"channel": {"id": "19:c@thread.tacv2"}, "tenant": {"id": "tenant"}}
    assert peer.seen[0].body["activity"] == {"type": "message", "text": "hola"}


async def test_a_member_is_looked_up(sender: ConnectorSender, peer: Peer) -> None:
    peer.next.append(Answer(200, {"id": "29:x", "aadObjectId": "person"}))
    assert (await sender.member(peer.base, CHAT, "29:x"))["aadObjectId"] == "person"
    assert unquote(peer.seen[0].path) == f"/v3/conversations/{CHAT}/members/29:x"


# --- B7: what is repeated, what is not, and what nobody knows


@pytest.mark.parametrize("status", [412, 503, 429])
async def test_b7_what_was_surely_not_accepted_is_tried_again(send: Send, peer: Peer, time: Time, status: int) -> None:
    peer.next.extend([Answer(status), Answer(status)])
    assert (await send()).id == "sent-3"
    assert time.slept == [0.5, 1.0]


@pytest.mark.parametrize("status", [412, 503, 429])
async def test_b7_after_four_attempts_it_is_for_later(send: Send, peer: Peer, status: int) -> None:
    peer.next.extend([Answer(status)] * 9)
    with pytest.raises(Throttled) as throttled:
        await send()
    assert len(peer.seen) == 4
    assert throttled.value.retry_at == METHOD_NOW + timedelta(seconds=60)


async def test_b7_a_short_retry_after_is_waited_for(send: Send, peer: Peer, time: Time) -> None:
    peer.next.append(Answer(429, headers={"Retry-After": "3"}))
    assert (await send()).id == "sent-2"
    assert time.slept == [3.0]


async def test_b7_a_long_retry_after_is_for_later(send: Send, peer: Peer, time: Time) -> None:
    peer.next.append(Answer(429, headers={"Retry-After": "120"}))
    with pytest.raises(Throttled) as throttled:
        await send()
    assert throttled.value.retry_at == METHOD_NOW + timedelta(seconds=120)
    assert time.slept == []


async def test_b7_a_retry_after_may_be_a_date(send: Send, peer: Peer) -> None:
    date = email.utils.format_datetime(REAL_NOW + timedelta(seconds=90), usegmt=True)
    peer.next.append(Answer(429, headers={"Retry-After": date}))
    with pytest.raises(Throttled) as throttled:
        await send()
    assert throttled.value.retry_at == METHOD_NOW + timedelta(seconds=90)


@pytest.mark.parametrize("answer", [Answer(502), Answer(504), Answer(drop=True)])
async def test_b7_a_message_that_may_have_arrived_is_ambiguous_and_not_repeated(
    send: Send, peer: Peer, answer: Answer
) -> None:
    peer.next.append(answer)
    with pytest.raises(Ambiguous):
        await send()
    assert len(peer.seen) == 1


async def test_b7_a_message_nobody_confirms_in_time_is_ambiguous(
    send: Send, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT", aiohttp.ClientTimeout(sock_read=0.05))
    await send()
    peer.gate = asyncio.Event()
    with pytest.raises(Ambiguous):
        await send()
    peer.gate.set()


async def test_b7_a_channel_post_that_may_have_arrived_is_ambiguous(sender: ConnectorSender, peer: Peer) -> None:
    peer.next.append(Answer(504))
    with pytest.raises(Ambiguous):
        await sender.post_channel(peer.base, "tenant", "19:c", HELLO)


@pytest.mark.parametrize("name", ["update", "delete", "create_personal", "member"])
@pytest.mark.parametrize("answer", [Answer(502), Answer(504), Answer(drop=True), Answer(503)])
async def test_b7_what_twice_is_once_is_repeated(calls: Any, peer: Peer, name: str, answer: Answer) -> None:
    peer.next.append(answer)
    await calls[name]()
    assert len(peer.seen) >= 2


@pytest.mark.parametrize("name", ["update", "delete", "create_personal", "member"])
async def test_b7_an_edit_that_never_succeeds_is_for_later(calls: Any, peer: Peer, name: str) -> None:
    peer.next.extend([Answer(504)] * 9)
    with pytest.raises(Throttled):
        await calls[name]()
    assert len(peer.seen) == 4


@pytest.mark.parametrize("status", [400, 403, 404, 413, 500, 501, 302])
async def test_b7_a_refusal_is_never_repeated(send: Send, peer: Peer, status: int) -> None:
    peer.next.append(Answer(status, {"error": {"code": "Whatever", "message": "porque sí"}}))
    with pytest.raises(Permanent) as refused:
        await send()
    assert not isinstance(refused.value, Unreachable)
    assert len(peer.seen) == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (403, "BotNotInConversationRoster"),
        (403, "ConversationBlockedByUser"),
        (403, "MessageWritesBlocked"),
        (403, "BotDisabledByAdmin"),
        (404, "ConversationNotFound"),
    ],
)
async def test_b7_a_person_who_cannot_be_written_to_is_unreachable(
    send: Send, peer: Peer, status: int, code: str
) -> None:
    peer.next.append(Answer(status, {"error": {"code": code, "message": "…"}}))
    with pytest.raises(Unreachable, match=code):
        await send()
    assert len(peer.seen) == 1


async def test_b7_a_refused_token_is_dropped(send: Send, peer: Peer) -> None:
    peer.next.append(Answer(401))
    with pytest.raises(Misconfigured, match="MicrosoftAppPassword"):
        await send()
    await send()
    assert peer.seen[1].headers["Authorization"] == "Bearer t2"


async def test_b7_without_a_connection_nothing_was_sent_and_it_is_for_later(sender: ConnectorSender) -> None:
    with pytest.raises(Throttled) as throttled:
        await sender.send("http://127.0.0.1:1", CHAT, HELLO)
    assert throttled.value.retry_at == METHOD_NOW + timedelta(seconds=60)


# --- what is never sent


@pytest.mark.parametrize("url", ["https://evil.example/", "http://127.0.0.1.evil.example/", "http://[::1]:1/"])
async def test_the_token_never_travels_to_an_unknown_address(sender: ConnectorSender, peer: Peer, url: str) -> None:
    with pytest.raises(Permanent, match="no está autorizada"):
        await sender.send(url, CHAT, HELLO)
    assert peer.token_requests == []


async def test_a_redirect_is_not_followed_with_the_token(send: Send, peer: Peer) -> None:
    peer.next.append(Answer(307, headers={"Location": f"{peer.base}/elsewhere"}))
    with pytest.raises(Permanent):
        await send()
    assert len(peer.seen) == 1


async def test_text_and_card_never_share_an_activity(sender: ConnectorSender, peer: Peer) -> None:
    both = {"text": "hola", "attachments": [CARD]}
    for attempt in (
        sender.send(peer.base, CHAT, both),
        sender.update(peer.base, CHAT, "1", both),
        sender.post_channel(peer.base, "tenant", "19:c", both),
    ):
        with pytest.raises(ValueError, match="separadas"):
            await attempt
    assert peer.seen == []


@pytest.mark.parametrize(("letter", "fitting"), [("a", 51_000), ("ñ", 51_000), ("😀", 25_500)])
async def test_a_message_is_measured_as_utf16(send: Send, peer: Peer, letter: str, fitting: int) -> None:
    await send({"text": letter * fitting})
    with pytest.raises(Permanent, match="100 KB"):
        await send({"text": letter * (fitting + 300)})
    assert len(peer.seen) == 1


async def test_a_message_over_the_hours_allowance_is_for_later(
    config: TeamsConfig,
    session: aiohttp.ClientSession,
    tokens: TokenSource,
    clock: SettableClock,
    time: Time,
    peer: Peer,
) -> None:
    limiter = module.RateLimiter(time.now, time.sleep, per_conversation=[(1, 3600.0)])
    sender = module.ConnectorSender(config, session, tokens, limiter, clock, sleep=time.sleep)
    await sender.send(peer.base, CHAT, HELLO)
    with pytest.raises(Throttled) as throttled:
        await sender.send(peer.base, CHAT, HELLO)
    assert throttled.value.retry_at == METHOD_NOW + timedelta(seconds=3600)


async def test_no_conversation_is_sent_more_than_teams_allows(send: Send, peer: Peer, time: Time) -> None:
    for _ in range(9):
        await send()
    assert time.at - 1000 == pytest.approx(2)


async def test_a_mute_directory_mutes_the_sender(
    config: TeamsConfig, session: aiohttp.ClientSession, clock: SettableClock, time: Time, peer: Peer
) -> None:
    config = replace(config, oauth_url="http://127.0.0.1:1/token")
    tokens = module.TokenSource(config, session, clock)
    sender = module.ConnectorSender(config, session, tokens, module.RateLimiter(), clock, sleep=time.sleep)
    with pytest.raises(Throttled):
        await sender.send(peer.base, CHAT, HELLO)
    assert peer.seen == []
