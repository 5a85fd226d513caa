"""What the entry refuses, and that nobody's bot is run for it."""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Never

import pytest
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity
from teams_wire import REAL_NOW, TENANT, Caller, Peer, Start

from bot.teams import TeamsConfig
from methodology.clock import SettableClock

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def bot(start: Start) -> Caller:
    """A bot that only counts its turns."""

    async def logic(context: TurnContext) -> None:
        caller.turns.append(context.activity)

    caller = await start(logic)
    return caller


async def raw(caller: Caller, body: Any, **headers: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {caller.peer.token()}", **JSON, **headers}
    async with caller.client.post("/api/messages", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def refused(caller: Caller, activity: Any, **kwargs: Any) -> tuple[int, str]:
    status, body = await caller.post(activity, **kwargs)
    assert caller.turns == [], "it was refused and served"
    return status, body["error"]


async def test_a_good_message_is_served_with_the_sdks_own_activity(bot: Caller, peer: Peer) -> None:
    assert await bot.post(peer.message()) == (200, None)
    (activity,) = bot.turns
    assert isinstance(activity, Activity)
    assert (activity.text, activity.from_property.aad_object_id) == ("hola", "person-1")


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "options"])
async def test_only_post_is_served(bot: Caller, method: str) -> None:
    async with getattr(bot.client, method)("/api/messages") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_only_json_is_read(bot: Caller, kind: str) -> None:
    assert (await raw(bot, b"{}", **{"Content-Type": kind}))[0] == 415


async def test_an_oversized_body_is_413(bot: Caller, config: TeamsConfig) -> None:
    assert (await raw(bot, b" " * (config.max_body + 1)))[0] == 413


async def test_a_body_of_unsaid_size_is_read_up_to_the_limit(bot: Caller, config: TeamsConfig) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(config.max_body // 1024 + 10):
            yield b" " * 1024

    assert (await raw(bot, endless()))[0] == 413


async def test_a_body_that_unpacks_to_too_much_is_413(bot: Caller, config: TeamsConfig) -> None:
    packed = gzip.compress(b" " * (config.max_body + 1))
    assert len(packed) < 2000
    assert (await raw(bot, packed, **{"Content-Encoding": "gzip"}))[0] == 413


async def test_a_body_at_the_limit_is_read(bot: Caller, config: TeamsConfig) -> None:
    assert (await raw(bot, b" " * config.max_body))[0] == 400


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b'"hola"', b"1", b"null", b"true"])
async def test_what_is_not_a_json_object_is_400(bot: Caller, body: Any) -> None:
    assert (await raw(bot, body))[0] == 400


async def test_nothing_is_believed_without_a_token(bot: Caller, peer: Peer) -> None:
    async with bot.client.post("/api/messages", json=peer.message()) as answer:
        assert (answer.status, await answer.json()) == (401, {"error": "Falta el token."})
    assert bot.turns == []


async def test_a_token_without_exp_is_401(bot: Caller, peer: Peer) -> None:
    assert (await refused(bot, peer.message(), token=peer.token(without="exp")))[0] == 401


async def test_the_token_is_judged_before_the_activity(bot: Caller, peer: Peer) -> None:
    assert (await refused(bot, {}, token="x.y.z"))[0] == 401


@pytest.mark.parametrize("field", ["channelId", "serviceUrl"])
@pytest.mark.parametrize("value", [None, "", 7, {}])
async def test_without_channel_or_service_address_it_is_403(bot: Caller, peer: Peer, field: str, value: Any) -> None:
    assert await refused(bot, peer.message(**{field: value})) == (403, f"Falta {field}.")


async def test_another_channel_is_403(bot: Caller, peer: Peer) -> None:
    peer.endorsements = ["msteams", "emulator"]
    assert await refused(bot, peer.message(channelId="emulator")) == (403, "El canal no es Microsoft Teams.")


def tenants(conversation: str | None, channel: str | None) -> dict[str, Any]:
    return {
        "conversation": {"id": "a:chat", **({"tenantId": conversation} if conversation else {})},
        "channelData": {"tenant": {"id": channel}} if channel else {},
    }


@pytest.mark.parametrize(
    ("conversation", "channel", "reason"),
    [
        ("foreign", "foreign", "no está autorizada"),
        ("foreign", None, "no está autorizada"),
        (None, "foreign", "no está autorizada"),
        (TENANT, "foreign", "dos organizaciones"),
        ("foreign", TENANT, "dos organizaciones"),
        (None, None, "Falta la organización"),
    ],
)
async def test_a_foreign_or_doubtful_tenant_is_403(
    bot: Caller, peer: Peer, conversation: Any, channel: Any, reason: str
) -> None:
    status, sentence = await refused(bot, peer.message(**tenants(conversation, channel)))
    assert (status, reason in sentence) == (403, True), sentence


@pytest.mark.parametrize(("conversation", "channel"), [(TENANT, None), (None, TENANT), (TENANT.upper(), TENANT)])
async def test_the_own_tenant_may_be_named_in_either_place(
    bot: Caller, peer: Peer, conversation: Any, channel: Any
) -> None:
    assert (await bot.post(peer.message(**tenants(conversation, channel))))[0] == 200


@pytest.mark.parametrize(
    "kind", ["message", "invoke", "messageUpdate", "messageDelete", "messageReaction", "unheardOf"]
)
@pytest.mark.parametrize("sender", [{"id": "29:x"}, {"id": "29:x", "aadObjectId": ""}, None])
async def test_what_a_person_does_needs_their_identity(bot: Caller, peer: Peer, kind: str, sender: Any) -> None:
    status, _ = await refused(bot, peer.message(type=kind, **{"from": sender}))
    assert status == 403


@pytest.mark.parametrize("kind", ["conversationUpdate", "installationUpdate", "event", "typing", "endOfConversation"])
async def test_what_the_channel_itself_says_needs_none(bot: Caller, peer: Peer, kind: str) -> None:
    assert (await bot.post(peer.message(type=kind, **{"from": {"id": "29:x"}})))[0] == 200


async def test_a_service_address_outside_the_list_is_403(bot: Caller, peer: Peer) -> None:
    elsewhere = "https://evil.example/"
    status, reason = await refused(bot, peer.message(serviceUrl=elsewhere), token=peer.token(serviceurl=elsewhere))
    assert (status, reason) == (403, "La dirección de servicio no está autorizada.")


@pytest.mark.parametrize("change", [{"type": ""}, {"type": None}, {"conversation": {"tenantId": TENANT}}, {"text": []}])
async def test_what_is_not_an_activity_is_400(bot: Caller, peer: Peer, change: Any) -> None:
    status, _ = await refused(bot, peer.message(**change))
    assert status in {400, 403}  # without a kind it is not known to come from the channel either


async def test_a_replayed_activity_is_403(bot: Caller, peer: Peer) -> None:
    await bot.post(peer.message())
    assert await bot.post(peer.message()) == (403, {"error": "La actividad ya se recibió."})
    assert len(bot.turns) == 1


async def test_a_replayed_activity_with_another_token_is_403(bot: Caller, peer: Peer) -> None:
    await bot.post(peer.message())
    assert (await bot.post(peer.message(text="otra"), token=peer.token(n=2)))[0] == 403
    assert len(bot.turns) == 1


async def test_a_replayed_request_without_an_activity_id_is_403(bot: Caller, peer: Peer) -> None:
    activity, token = peer.message(id=None), peer.token()
    assert (await bot.post(activity, token=token))[0] == 200
    assert (await bot.post(activity, token=token))[0] == 403


async def test_one_token_carries_several_activities(bot: Caller, peer: Peer) -> None:
    token = peer.token()
    assert [(await bot.post(peer.message(number), token=token))[0] for number in range(3)] == [200] * 3


async def test_a_replay_is_refused_for_as_long_as_its_token_is_accepted(
    bot: Caller, peer: Peer, wall: SettableClock
) -> None:
    token = peer.token(exp=REAL_NOW.timestamp() + 7200)
    await bot.post(peer.message(), token=token)
    wall.set(REAL_NOW + timedelta(seconds=7200 + 299))
    assert (await bot.post(peer.message(), token=token))[0] == 403
    wall.set(REAL_NOW + timedelta(seconds=7200 + 301))
    assert (await bot.post(peer.message(), token=token))[0] == 401


async def test_the_methods_clock_does_not_judge_tokens(bot: Caller, peer: Peer, clock: SettableClock) -> None:
    clock.set(REAL_NOW + timedelta(days=400))
    assert (await bot.post(peer.message()))[0] == 200


async def test_an_invoke_delivered_twice_acts_once_and_the_second_is_refused(start: Start, peer: Peer) -> None:
    running, go, acted = asyncio.Event(), asyncio.Event(), []

    async def logic(context: TurnContext) -> None:
        acted.append(context.activity.id)
        running.set()
        await go.wait()
        await context.send_activity(Activity(type="invokeResponse", value=invoke_response({"statusCode": 200})))

    caller = await start(logic)
    first = asyncio.create_task(caller.post(peer.click()))
    await running.wait()
    assert (await caller.post(peer.click()))[0] == 403
    go.set()
    assert await first == (200, {"statusCode": 200})
    assert (await caller.post(peer.click()))[0] == 403
    assert len(acted) == 1


def invoke_response(body: Any) -> InvokeResponse:
    return InvokeResponse(status=200, body=body)


async def test_a_failed_turn_is_500_is_reported_and_may_come_again(
    start: Start, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    fails = [True]

    async def logic(_context: TurnContext) -> None:
        if fails.pop() if fails else False:
            raise RuntimeError("se rompió")

    caller = await start(logic)
    assert await caller.post(peer.message()) == (500, {"error": "El turno falló."})
    ((activity, error),) = caller.errors
    assert (activity.id, str(error)) == ("activity-1", "se rompió")
    assert "se rompió" in caplog.text
    assert (await caller.post(peer.message()))[0] == 200


async def test_a_failing_report_changes_nothing(start: Start, peer: Peer) -> None:
    async def logic(_context: TurnContext) -> Never:
        raise RuntimeError

    async def report(_activity: Any, _error: Any) -> Never:
        raise ValueError("tampoco")

    caller = await start(logic)
    caller.edge.entry._on_error = report
    assert (await caller.post(peer.message()))[0] == 500


async def test_a_refusal_is_one_line_without_the_token(
    bot: Caller, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bot.teams")
    await bot.post(peer.message(channelId="skype"))
    (line,) = [record.getMessage() for record in caplog.records if record.name.startswith("bot.teams")]
    assert line == "Teams: 403 La clave del token no respalda este canal."


async def test_no_conversation_leaves_a_trace_when_it_is_quiet(bot: Caller, peer: Peer) -> None:
    for number in range(5):
        await bot.post(peer.message(number, conversation={"id": f"c{number}", "tenantId": TENANT}))
    assert len(bot.edge.entry._queues) == 0
