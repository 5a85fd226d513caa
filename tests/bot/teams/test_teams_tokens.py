from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from teams_wire import APP, METHOD_NOW, Answer, Peer, Time

from bot.teams import TeamsConfig
from bot.teams.tokens import TokenSource
from methodology.clock import SettableClock
from methodology.delivery import Misconfigured, Throttled


async def test_it_asks_with_client_credentials(tokens: TokenSource, peer: Peer) -> None:
    assert await tokens.get() == "t1"
    assert peer.token_requests == [
        {
            "grant_type": "client_credentials",
            "client_id": APP,
            "client_secret": "the password",
            "scope": "https://api.botframework.com/.default",
        }
    ]


async def test_a_token_is_asked_for_once_until_five_minutes_before_its_end(
    tokens: TokenSource, peer: Peer, time: Time
) -> None:
    assert [await tokens.get() for _ in range(3)] == ["t1"] * 3
    time.at += 3299
    assert await tokens.get() == "t1"
    time.at += 1
    assert await tokens.get() == "t2"


async def test_a_short_token_is_used_for_half_its_life(tokens: TokenSource, peer: Peer, time: Time) -> None:
    peer.token_answers.append(Answer(200, {"access_token": "short", "expires_in": 100}))
    assert await tokens.get() == "short"
    time.at += 49
    assert await tokens.get() == "short"
    time.at += 1
    assert await tokens.get() == "t2"


async def test_many_callers_ask_once(tokens: TokenSource, peer: Peer) -> None:
    assert set(await asyncio.gather(*(tokens.get() for _ in range(20)))) == {"t1"}
    assert len(peer.token_requests) == 1


async def test_a_dropped_token_is_asked_for_anew(tokens: TokenSource) -> None:
    await tokens.get()
    tokens.drop()
    assert await tokens.get() == "t2"


@pytest.mark.parametrize(
    ("status", "error", "setting"),
    [
        (401, "invalid_client", "MicrosoftAppPassword"),
        (400, "unauthorized_client", "MicrosoftAppId"),
        (400, "invalid_scope", "oauth_scope"),
        (400, "invalid_request", "MicrosoftAppTenantId"),
    ],
)
async def test_a_refused_credential_names_the_setting_to_check(
    tokens: TokenSource, peer: Peer, status: int, error: str, setting: str
) -> None:
    peer.token_answers.append(Answer(status, {"error": error}))
    with pytest.raises(Misconfigured, match=f"revise.*{setting}"):
        await tokens.get()


async def test_no_secret_is_told_in_the_error(tokens: TokenSource, peer: Peer) -> None:
    peer.token_answers.append(Answer(401, {"error": "invalid_client", "error_description": "the password"}))
    with pytest.raises(Misconfigured) as refused:
        await tokens.get()
    assert "the password" not in str(refused.value)


@pytest.mark.parametrize("answer", [Answer(500), Answer(503), Answer(429), Answer(drop=True)])
async def test_when_entra_is_away_it_is_for_later(tokens: TokenSource, peer: Peer, answer: Answer) -> None:
    peer.token_answers.append(answer)
    with pytest.raises(Throttled) as throttled:
        await tokens.get()
    assert throttled.value.retry_at == METHOD_NOW + timedelta(seconds=60)
    assert await tokens.get() == "t2"


async def test_an_unreachable_entra_is_for_later(
    config: TeamsConfig, session: aiohttp.ClientSession, clock: SettableClock
) -> None:
    nowhere = TokenSource(replace(config, oauth_url="http://127.0.0.1:1/token"), session, clock)
    with pytest.raises(Throttled):
        await nowhere.get()


async def test_an_answer_without_a_token_is_not_taken_for_one(tokens: TokenSource, peer: Peer) -> None:
    peer.token_answers.append(Answer(200, {"token_type": "Bearer"}))
    with pytest.raises(Misconfigured):
        await tokens.get()


async def test_a_failure_is_logged_once_until_it_works_again(
    tokens: TokenSource, peer: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot")
    peer.token_answers += [Answer(503, {}), Answer(503, {})]
    for _ in range(2):
        with pytest.raises(Throttled):
            await tokens.get()
    await tokens.get()
    assert caplog.messages == [
        "Teams: Microsoft Entra respondió 503. Se sigue intentando.",
        "Teams: Microsoft Entra volvió a entregar el token.",
    ]
