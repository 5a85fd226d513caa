"""`make playground`: the relay's own promises. The Playground itself is played in `test_playground_month.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from sala_stub import PEOPLE, StubBot

from bot.demo import free_port
from bot.playground import settings_for
from demo.relay import MARK, Relay

MESSAGE = {
    "type": "message",
    "id": "1",
    "text": "/estado",
    "serviceUrl": "http://localhost:56150/_connector",
    "from": {"id": "usuario-pl"},
    "conversation": {"id": "chat-personal", "conversationType": "personal"},
}


@pytest.fixture
async def relay(bot: StubBot) -> AsyncIterator[str]:
    sala = bot.sala
    runner = web.AppRunner(Relay(sala.config, sala.tokens, sala.http, sala.config.people[0]).app())
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/api/messages"
    await runner.cleanup()


async def test_what_the_playground_sends_arrives_signed_and_complete(bot: StubBot, relay: str) -> None:
    async with aiohttp.ClientSession() as session, session.post(relay, json=MESSAGE, headers={MARK: "true"}) as answer:
        assert answer.status == 200
    arrived = bot.activities[-1]
    assert arrived["channelId"] == "msteams"
    assert arrived["from"]["aadObjectId"] == bot.sala.config.people[0].aad_id
    assert arrived["conversation"]["tenantId"] == bot.sala.config.tenant_id
    assert arrived["serviceUrl"] == MESSAGE["serviceUrl"]


@pytest.mark.parametrize(
    ("headers", "how"),
    [
        ({}, {"json": MESSAGE}),
        ({MARK: "true", "Content-Type": "text/plain"}, {"data": "{}"}),
        ({MARK: "true", "Host": "otro.example"}, {"json": MESSAGE}),
    ],
    ids=["sin la marca", "texto", "otro nombre"],
)
async def test_a_foreign_page_gets_nothing_signed(
    bot: StubBot, relay: str, headers: dict[str, str], how: dict[str, Any]
) -> None:
    async with aiohttp.ClientSession() as session, session.post(relay, headers=headers, **how) as answer:
        assert answer.status in {403, 421}
    assert bot.activities == []


def test_its_settings_hold_the_speaker_and_five_more() -> None:
    settings = settings_for(PEOPLE[1], PEOPLE)
    users = [settings["currentUser"], *settings["users"]]
    assert [user["aadObjectId"] for user in users] == [p.aad_id for p in (PEOPLE[1], PEOPLE[0], *PEOPLE[2:])]
    assert all(all(user.values()) for user in users)
