from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from connector import (
    APP_ID,
    APP_PASSWORD,
    TENANT,
    ConnectorPeer,
    dropped,
    failed,
    forbidden,
    precondition_failed,
    throttled,
)


@pytest.fixture
async def peer() -> AsyncIterator[ConnectorPeer]:
    async with ConnectorPeer() as peer:
        yield peer


@pytest.fixture
async def bot(peer: ConnectorPeer) -> AsyncIterator[aiohttp.ClientSession]:
    form = {"grant_type": "client_credentials", "client_id": APP_ID, "client_secret": APP_PASSWORD}
    async with aiohttp.ClientSession() as session:
        async with session.post(peer.token_url, data=form) as answer:
            token = (await answer.json())["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        yield session


async def chat(peer: ConnectorPeer, bot: aiohttp.ClientSession) -> str:
    wanted = {"members": [{"id": peer.sala.config.people[0].aad_id}], "tenantId": TENANT, "isGroup": False}
    async with bot.post(f"{peer.service_url}v3/conversations", json=wanted) as answer:
        return f"{peer.service_url}v3/conversations/{(await answer.json())['id']}/activities"


HELLO = {"type": "message", "text": "Respetada doctora"}


async def test_throttling_says_when_to_come_back_and_then_lets_pass(
    peer: ConnectorPeer, bot: aiohttp.ClientSession
) -> None:
    url = await chat(peer, bot)
    peer.script.add(throttled(7), "POST", "/activities$")
    async with bot.post(url, json=HELLO) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    async with bot.post(url, json=HELLO) as answer:
        assert answer.status == 201


@pytest.mark.parametrize(
    ("make", "status", "code"),
    [
        (precondition_failed(), 412, "PreconditionFailed"),
        (forbidden("BotDisabledByAdmin"), 403, "BotDisabledByAdmin"),
        (failed(502), 502, "ServiceError"),
    ],
)
async def test_each_refusal_has_teams_own_form(
    peer: ConnectorPeer, bot: aiohttp.ClientSession, make: object, status: int, code: str
) -> None:
    url = await chat(peer, bot)
    peer.script.add(make, "POST", times=2)  # type: ignore[arg-type]
    for _ in range(2):
        async with bot.post(url, json=HELLO) as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)
    assert peer.script.queue == []


@pytest.mark.parametrize(("after", "posted"), [(True, 1), (False, 0)])
async def test_a_connection_dropped_after_acceptance_has_posted(
    peer: ConnectorPeer, bot: aiohttp.ClientSession, *, after: bool, posted: int
) -> None:
    url = await chat(peer, bot)
    peer.script.add(dropped(after=after), "POST")
    with pytest.raises(aiohttp.ClientError):
        await bot.post(url, json=HELLO)
    assert len(peer.sala.messages("lt-astilleros")) == posted
