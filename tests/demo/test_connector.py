from __future__ import annotations

import asyncio

import aiohttp
import pytest
from sala_samples import DONE, FOLLOW_UP
from sala_stub import CARD, CHANNEL, PEOPLE, TENANT, StubBot, with_card


async def test_the_bot_needs_the_token_that_its_credentials_give(bot: StubBot) -> None:
    status, refused = await bot.call("POST", "", {}, token="invento")
    assert (status, refused["error"]["code"]) == (401, "Unauthorized")
    form = {"grant_type": "client_credentials", "client_id": "app-de-demostracion", "client_secret": "otra"}
    async with aiohttp.ClientSession() as http, http.post(f"{bot.base_url}/sala/oauth/token", data=form) as answer:
        assert (answer.status, (await answer.json())["error"]) == (401, "invalid_client")


async def test_what_people_write_comes_signed_as_the_connector_signs(bot: StubBot) -> None:
    await bot.sala.say("lt-astilleros", "Mis acciones")
    service_url = f"{bot.base_url}/sala/connector/"
    assert {claims["serviceurl"] for claims in bot.claims} == {service_url}
    assert len({claims["jti"] for claims in bot.claims}) == len(bot.claims)
    assert [a["type"] for a in bot.activities] == ["installationUpdate", "conversationUpdate", "message"]
    said = bot.activities[-1]
    assert said["text"] == "Mis acciones"
    assert said["from"]["aadObjectId"] == PEOPLE[0].aad_id
    assert said["channelData"]["tenant"]["id"] == said["conversation"]["tenantId"] == TENANT
    assert said["serviceUrl"] == service_url
    assert said["timestamp"] == "2026-11-03T13:00:00.000Z"
    assert len({a["id"] for a in bot.activities}) == 3


async def test_a_personal_chat_is_made_written_edited_and_emptied(bot: StubBot) -> None:
    where = await bot.chat()
    number = await bot.send(where, {"type": "message", "text": "Respetada doctora"})
    assert (await bot.call("PUT", f"/{where}/activities/{number}", {"type": "message", "text": "Corregido"}))[0] == 200
    assert [(m["text"], m["edited"]) for m in bot.sala.messages("lt-astilleros")] == [("Corregido", True)]
    assert (await bot.call("DELETE", f"/{where}/activities/{number}"))[0] == 200
    assert bot.sala.messages("lt-astilleros") == []
    status, refused = await bot.call("PUT", f"/{where}/activities/{number}", {"type": "message"})
    assert (status, refused["error"]["code"]) == (404, "ActivityNotFoundInConversation")


async def test_a_channel_post_opens_a_thread_that_members_answer_with_a_mention(bot: StubBot) -> None:
    wanted = {"isGroup": True, "channelData": {"channel": {"id": CHANNEL}}, "activity": with_card(FOLLOW_UP)}
    status, made = await bot.call("POST", "", wanted)
    assert (status, made["id"]) == (201, f"{CHANNEL};messageid={made['activityId']}")
    await bot.sala.say("vm", "Enterada", "escalamiento-astilleros", made["activityId"])
    said = bot.activities[-1]
    assert said["conversation"]["id"] == made["id"]
    assert (said["conversation"]["conversationType"], said["text"]) == ("channel", "<at>Soluciones</at> Enterada")
    assert said["entities"][0]["mentioned"]["id"] == "28:app-de-demostracion"
    assert said["channelData"]["channel"]["id"] == CHANNEL
    status, _ = await bot.call("POST", f"/{made['id']}/activities", {"type": "message", "text": "Gracias"})
    assert {m["root"] for m in bot.sala.messages("gg", CHANNEL)} == {made["activityId"]}


async def test_a_targeted_message_is_seen_by_its_recipient_only(bot: StubBot) -> None:
    whisper = {"type": "message", "text": "Solo para usted", "recipient": {"id": PEOPLE[3].aad_id}}
    status, _ = await bot.call("POST", f"/{CHANNEL}/activities?isTargetedActivity=true", whisper)
    assert status == 201
    assert [len(bot.sala.messages(key, CHANNEL)) for key in ("vm", "gg")] == [1, 0]


async def test_a_targeted_message_is_for_a_member_of_a_shared_conversation(bot: StubBot) -> None:
    outsider = {"type": "message", "text": "Solo para usted", "recipient": {"id": PEOPLE[1].aad_id}}
    nobody = {"type": "message", "text": "Solo para usted"}
    member = {**nobody, "recipient": {"id": PEOPLE[0].aad_id}}
    for where, whisper in ((CHANNEL, outsider), (CHANNEL, nobody), (await bot.chat(), member)):
        status, refused = await bot.call("POST", f"/{where}/activities?isTargetedActivity=true", whisper)
        assert (status, refused["error"]["code"]) == (400, "BadArgument")


async def test_a_targeted_message_is_edited_as_such_and_keeps_its_recipient(bot: StubBot) -> None:
    whisper = {"type": "message", "text": "Solo para usted", "recipient": {"id": PEOPLE[3].aad_id}}
    _, made = await bot.call("POST", f"/{CHANNEL}/activities?isTargetedActivity=true", whisper)
    path, edit = f"/{CHANNEL}/activities/{made['id']}", {"type": "message", "text": "Corregido"}
    assert (await bot.call("PUT", path, edit))[0] == 404
    assert (await bot.call("PUT", f"{path}?isTargetedActivity=true", {**edit, "recipient": whisper["recipient"]}))[
        0
    ] == 400
    assert (await bot.call("PUT", f"{path}?isTargetedActivity=true", edit))[0] == 200
    assert [m["text"] for m in bot.sala.messages("vm", CHANNEL)] == ["Corregido"]
    assert bot.sala.messages("gg", CHANNEL) == []


async def test_a_slash_command_in_a_channel_is_between_its_sender_and_the_bot(bot: StubBot) -> None:
    await bot.page("say", {"person": "vm", "text": "/estado", "channel": CHANNEL, "targeted": True})
    said = bot.activities[-1]
    assert (said["recipient"]["isTargeted"], said["text"]) == (True, "/estado")
    assert [m["targeted"] for m in bot.sala.messages("vm", CHANNEL)] == [True]
    assert bot.sala.messages("gg", CHANNEL) == []
    await bot.page("say", {"person": "vm", "text": "/estado", "targeted": True})
    assert "isTargeted" not in bot.activities[-1]["recipient"], "a personal chat is private anyway"


async def test_an_invoke_brings_data_and_inputs_and_its_answer_replaces_the_card_for_one(bot: StubBot) -> None:
    bot.answer = (200, {"statusCode": 200, "type": CARD, "value": DONE})
    _, made = await bot.call(
        "POST", "", {"channelData": {"channel": {"id": CHANNEL}}, "activity": with_card(FOLLOW_UP)}
    )
    outcome = await bot.sala.act("vm", made["activityId"], "registrar", {"avance": "75"})
    invoke = bot.activities[-1]
    assert outcome.kind == "card"
    assert (invoke["name"], invoke["replyToId"]) == ("adaptiveCard/action", made["activityId"])
    assert invoke["value"]["action"] == {
        "type": "Action.Execute",
        "verb": "registrar",
        "data": {"id": "a1b2c3", "avance": "75"},
    }
    assert bot.sala.messages("vm", CHANNEL)[0]["cards"] == [DONE]
    assert bot.sala.messages("gg", CHANNEL)[0]["cards"] == [FOLLOW_UP]
    await bot.call("PUT", f"/{made['id']}/activities/{made['activityId']}", with_card(DONE))
    assert bot.sala.messages("gg", CHANNEL)[0]["cards"] == [DONE]


async def test_a_submit_without_verb_is_a_message_with_value(bot: StubBot) -> None:
    number = await bot.send(await bot.chat(), with_card(FOLLOW_UP))
    await bot.sala.act("lt-astilleros", number, title="Sin cambios")
    said = bot.activities[-1]
    assert (said["type"], said["value"], said["replyToId"]) == ("message", {"id": "d4e5f6"}, number)
    assert "text" not in said


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (
            (200, {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Listo"}),
            "message",
            "Listo",
        ),
        (
            (
                200,
                {
                    "statusCode": 400,
                    "type": "application/vnd.microsoft.error",
                    "value": {"code": "x", "message": "venció"},
                },
            ),
            "error",
            "El asistente no pudo atender la solicitud: venció",
        ),
        ((500, None), "error", "El asistente no pudo atender la solicitud (respuesta 500)."),
    ],
)
async def test_what_the_bot_answers_to_a_click_is_told_politely(
    bot: StubBot, answer: tuple[int, object], kind: str, text: str
) -> None:
    bot.answer = answer
    number = await bot.send(await bot.chat(), with_card(FOLLOW_UP))
    outcome = await bot.sala.act("lt-astilleros", number, "registrar")
    assert (outcome.kind, outcome.text) == (kind, text)


async def test_whoever_blocks_the_bot_cannot_be_written_to(bot: StubBot) -> None:
    where = await bot.chat()
    await bot.sala.block("lt-astilleros", blocked=True)
    status, refused = await bot.call("POST", f"/{where}/activities", {"type": "message", "text": "…"})
    assert (status, refused["error"]["code"]) == (403, "ConversationBlockedByUser")


async def test_text_and_card_in_one_activity_are_split_and_bring_no_number(bot: StubBot) -> None:
    both = {**with_card(FOLLOW_UP), "text": "Respetada doctora"}
    assert await bot.call("POST", f"/{await bot.chat()}/activities", both) == (201, {})
    assert [bool(m["cards"]) for m in bot.sala.messages("lt-astilleros")] == [False, True]


async def test_a_message_over_the_limit_is_refused(bot: StubBot) -> None:
    status, refused = await bot.call(
        "POST", f"/{await bot.chat()}/activities", {"type": "message", "text": "ñ" * 60_000}
    )
    assert (status, refused["error"]["code"]) == (413, "MessageSizeTooBig")


async def test_members_are_told_by_either_number(bot: StubBot) -> None:
    _, members = await bot.call("GET", f"/{CHANNEL}/members")
    assert len(members) == 4
    for number in (members[0]["id"], members[0]["aadObjectId"]):
        assert (await bot.call("GET", f"/{CHANNEL}/members/{number}"))[1]["email"] == PEOPLE[0].mail
    assert (await bot.call("GET", f"/{CHANNEL}/members/{PEOPLE[1].aad_id}"))[0] == 404


async def test_a_page_hears_of_what_happens(bot: StubBot) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{bot.base_url}/sala/api/events") as stream:
        await stream.content.readline()
        await bot.send(await bot.chat(), {"type": "message", "text": "Novedad"})
        async with asyncio.timeout(5):
            lines = [await stream.content.readline() for _ in range(2)]
    assert b'"kind": "post"' in b"".join(lines)
