"""The defects reproduced in botbuilder 4.17.1, each as a promise that ours does not have it (B7 and B8 have their own
tests beside the sender's and the verifier's; here once more at the entry). B12 and B13 do not exist in the list."""

from __future__ import annotations

import asyncio
from typing import Any, Never

import pytest
import requests
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity, AdaptiveCardInvokeResponse, ConversationAccount, ConversationReference
from botbuilder.schema.teams import TaskModuleMessageResponse, TaskModuleResponse
from botframework.connector.aio import ConnectorClient
from teams_wire import CARD, REAL_NOW, TENANT, Answer, Caller, Peer, Start, Time

from methodology.clock import SettableClock

ADAPTIVE = "application/vnd.microsoft.card.adaptive"


class Bot(TeamsActivityHandler):
    async def on_message_activity(self, turn_context: TurnContext) -> None:
        await turn_context.send_activity(turn_context.activity.text)

    async def on_adaptive_card_invoke(self, turn_context: TurnContext, invoke_value: Any) -> AdaptiveCardInvokeResponse:
        return AdaptiveCardInvokeResponse(status_code=200, type=ADAPTIVE, value=CARD)

    async def on_teams_task_module_fetch(
        self, turn_context: TurnContext, task_module_request: Any
    ) -> TaskModuleResponse:
        return TaskModuleResponse(task=TaskModuleMessageResponse(value="hola"))


@pytest.fixture
async def bot(start: Start) -> Caller:
    return await start(Bot().on_turn)


async def test_b1_an_invoke_answers_its_body_once(bot: Caller, peer: Peer) -> None:
    assert await bot.post(peer.click()) == (200, {"statusCode": 200, "type": ADAPTIVE, "value": CARD})


async def test_b1_a_task_module_answers_its_body_once(bot: Caller, peer: Peer) -> None:
    fetch = peer.message(type="invoke", name="task/fetch", value={"data": {}})
    assert await bot.post(fetch) == (200, {"task": {"type": "message", "value": "hola"}})


@pytest.mark.parametrize("body", [{"statusCode": 200, "value": CARD}, ["a"], "texto", None])
async def test_b1_a_plain_body_is_answered_as_it_is(start: Start, peer: Peer, body: Any) -> None:
    async def logic(context: TurnContext) -> None:
        await context.send_activity(Activity(type="invokeResponse", value=InvokeResponse(status=200, body=body)))

    assert await (await start(logic)).post(peer.click()) == (200, body)


async def test_b1_the_sdks_own_refusal_of_an_invoke_keeps_its_status(bot: Caller, peer: Peer) -> None:
    assert (await bot.post(peer.message(type="invoke", name="unheard/of", value={})))[0] == 501


async def test_b2_many_turns_ask_for_one_token(bot: Caller, peer: Peer) -> None:
    for number in range(5):
        await bot.post(peer.message(number))
    assert len(peer.token_requests) == 1
    assert {seen.headers["Authorization"] for seen in peer.seen} == {"Bearer t1"}


async def test_b3_a_slow_directory_does_not_stall_the_others(bot: Caller, peer: Peer) -> None:
    peer.gate = asyncio.Event()
    waiting = asyncio.create_task(bot.post(peer.message(1)))
    await peer.waiting.wait()
    silent = peer.message(2, type="typing", conversation={"id": "other", "tenantId": TENANT})
    assert (await asyncio.wait_for(bot.post(silent), 5))[0] == 200
    assert not waiting.done()
    peer.gate.set()
    assert (await waiting)[0] == 200


async def test_b4_no_client_is_built_for_a_turn(bot: Caller, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: Any, **_kwargs: Any) -> Never:
        raise AssertionError("a turn built an SDK client or used requests")

    monkeypatch.setattr(ConnectorClient, "__init__", never)
    monkeypatch.setattr(requests.Session, "request", never)
    assert (await bot.post(peer.message()))[0] == 200
    assert len(peer.seen) == 1


async def test_b5_b6_replies_share_a_kept_connection(bot: Caller, peer: Peer) -> None:
    for number in range(5):
        await bot.post(peer.message(number))
    assert len({id(seen.line) for seen in peer.seen}) == 1


async def test_b7_a_reply_survives_a_throttled_connector(bot: Caller, peer: Peer, time: Time) -> None:
    peer.next.extend([Answer(429, headers={"Retry-After": "2"}), Answer(412), Answer(503)])
    assert (await bot.post(peer.message()))[0] == 200
    assert (len(peer.seen), time.slept[0]) == (4, 2.0)


async def test_b8_a_key_rotation_is_served_without_a_restart(bot: Caller, peer: Peer, wall: SettableClock) -> None:
    await bot.post(peer.message(1))
    peer.published = ["k2"]
    wall.set(REAL_NOW.replace(minute=1))
    assert (await bot.post(peer.message(2), token=peer.token("k2")))[0] == 200
    assert (await bot.post(peer.message(3), token=peer.token("k3")))[0] == 401


@pytest.mark.parametrize(
    "how",
    [
        {"kid": "never published"},
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"without": "exp"},
        {"alg": "HS256"},
    ],
)
async def test_b9_a_bad_token_is_401(bot: Caller, peer: Peer, how: Any) -> None:
    status, body = await bot.post(peer.message(), token=peer.token(**how))
    assert (status, peer.seen, bot.errors) == (401, [], [])
    assert body["error"]


@pytest.mark.parametrize("token", ["x", "x.y.z", "é", "e30.e30.e30"])
async def test_b9_what_is_no_token_at_all_is_401(bot: Caller, peer: Peer, token: str) -> None:
    assert (await bot.post(peer.message(), token=token))[0] == 401


async def test_b10_looking_up_a_member_does_not_stall_the_others(bot: Caller, peer: Peer) -> None:
    peer.gate = asyncio.Event()
    looking = asyncio.create_task(bot.edge.sender.member(peer.base, "a:chat", "29:x"))
    await peer.waiting.wait()
    assert (await asyncio.wait_for(bot.post(peer.message(type="typing")), 5))[0] == 200
    assert not looking.done()
    peer.next.append(Answer(200, {"id": "29:x", "aadObjectId": "person-1"}))
    peer.gate.set()
    assert (await looking)["aadObjectId"] == "person-1"
    assert peer.seen[-1].method == "GET"


class Overlap:
    """A bot that notes how many of its turns run at once."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self.order: list[str] = []

    async def __call__(self, context: TurnContext) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        self.order.append(f"+{context.activity.id}")
        for _ in range(50):
            await asyncio.sleep(0)
        self.order.append(f"-{context.activity.id}")
        self.now -= 1


async def test_b11_a_conversations_activities_run_one_after_another(start: Start, peer: Peer) -> None:
    logic = Overlap()
    caller = await start(logic)
    await asyncio.gather(*(caller.post(peer.message(number)) for number in range(5)))
    assert logic.most == 1
    assert [entry[1:] for entry in logic.order[::2]] == [entry[1:] for entry in logic.order[1::2]]


async def test_b11_different_conversations_do_not_wait_for_each_other(start: Start, peer: Peer) -> None:
    both = asyncio.Barrier(2)

    async def logic(_context: TurnContext) -> None:
        await both.wait()

    caller = await start(logic)
    chats = [{"id": f"chat {number}", "tenantId": TENANT} for number in range(2)]
    turns = [caller.post(peer.message(number, conversation=chat)) for number, chat in enumerate(chats)]
    assert await asyncio.wait_for(asyncio.gather(*turns), 5) == [(200, None)] * 2


EXECUTE = {"type": "Action.Execute", "verb": "act", "data": {}}


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [],
        {},
        {"action": None},
        {"action": "text"},
        {"action": {}},
        {"action": {**EXECUTE, "type": "Action.Submit"}},
        {"action": {**EXECUTE, "verb": None}},
        {"action": {**EXECUTE, "verb": ["act"]}},
        {"action": {**EXECUTE, "data": None}},
        {"action": {**EXECUTE, "data": "text"}},
    ],
)
async def test_b14_a_misshapen_click_is_400_before_the_sdk_reads_it(bot: Caller, peer: Peer, value: Any) -> None:
    status, body = await bot.post(peer.click(value=value))
    assert (status, body) == (400, {"error": "La acción de la tarjeta no tiene la forma esperada."})


async def test_b14_a_cancelled_turn_is_cancelled_and_may_come_again(start: Start, peer: Peer) -> None:
    running, ended = asyncio.Event(), asyncio.Event()

    async def logic(_context: TurnContext) -> None:
        running.set()
        try:
            await asyncio.sleep(0 if ended.is_set() else 3600)
        except asyncio.CancelledError:
            ended.set()
            raise

    caller = await start(logic)
    leaving = asyncio.create_task(caller.post(peer.message()))
    await running.wait()
    leaving.cancel()
    await asyncio.wait([leaving])
    await asyncio.wait_for(ended.wait(), 5)
    assert caller.errors == [], "a cancellation is nobody's error"
    assert (await caller.post(peer.message()))[0] == 200


async def test_b15_a_reply_goes_to_the_conversation_and_replies_to_nothing(bot: Caller, peer: Peer) -> None:
    await bot.post(peer.message())
    assert peer.seen[0].path == "/v3/conversations/a%3Achat/activities"
    assert "replyToId" not in peer.seen[0].body


async def test_b15_a_proactive_message_carries_no_made_up_reply(bot: Caller, peer: Peer) -> None:
    async def later(context: TurnContext) -> None:
        await context.send_activity("recordatorio")

    chat = ConversationAccount(id="a:chat")
    reference = ConversationReference(channel_id="msteams", service_url=peer.base, conversation=chat)
    await bot.edge.adapter.continue_conversation(reference, later)
    assert "replyToId" not in peer.seen[0].body
