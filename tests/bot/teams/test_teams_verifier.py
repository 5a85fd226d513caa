from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from teams_wire import APP, REAL_NOW, Answer, Peer, signing_key

from bot.teams import TeamsConfig
from bot.teams.verifier import Claims, Refused, TokenVerifier
from methodology.clock import SettableClock

NOW = REAL_NOW.timestamp()


@pytest.fixture
def verifier(config: TeamsConfig, session: aiohttp.ClientSession, wall: SettableClock) -> TokenVerifier:
    return TokenVerifier(config, session, wall)


async def verify(verifier: TokenVerifier, peer: Peer, token: str, channel: Any = "msteams") -> Claims:
    return await verifier.verify(f"Bearer {token}", peer.base, channel)


async def refusal(verifier: TokenVerifier, peer: Peer, token: str, **kwargs: Any) -> tuple[int, str]:
    with pytest.raises(Refused) as refused:
        await verify(verifier, peer, token, **kwargs)
    return refused.value.status, refused.value.reason


async def test_a_good_token_gives_its_claims(verifier: TokenVerifier, peer: Peer) -> None:
    assert (await verify(verifier, peer, peer.token()))["aud"] == APP


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc"])
async def test_no_token_is_401(verifier: TokenVerifier, peer: Peer, header: Any) -> None:
    with pytest.raises(Refused) as refused:
        await verifier.verify(header, peer.base, "msteams")
    assert refused.value.status == 401


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"aud": "another"}, "otra aplicación"),
        ({"iss": "https://evil.example"}, "otro emisor"),
        ({"exp": NOW - 301}, "venció"),
        ({"nbf": NOW + 301}, "aún no"),
        ({"exp": "mañana"}, "fechas"),
        ({"without": "exp"}, "exp"),
        ({"without": "aud"}, "aud"),
        ({"without": "iss"}, "iss"),
        ({"alg": "HS256"}, "RS256"),
    ],
)
async def test_a_token_that_is_not_for_us_now_is_401(
    verifier: TokenVerifier, peer: Peer, how: Any, reason: str
) -> None:
    status, sentence = await refusal(verifier, peer, peer.token(**how))
    assert (status, reason in sentence) == (401, True), sentence


async def test_clocks_may_differ_by_five_minutes(verifier: TokenVerifier, peer: Peer) -> None:
    await verify(verifier, peer, peer.token(exp=NOW - 299, nbf=NOW + 299))


async def test_a_token_without_nbf_is_good(verifier: TokenVerifier, peer: Peer) -> None:
    await verify(verifier, peer, peer.token(without="nbf"))


async def test_an_unsigned_token_is_401(verifier: TokenVerifier, peer: Peer) -> None:
    head, body, _ = peer.token().split(".")
    assert (await refusal(verifier, peer, f"{head}.{body}."))[0] == 401


async def test_a_forged_signature_is_401(verifier: TokenVerifier, peer: Peer) -> None:
    forged = peer.token("k2").split(".")
    honest = peer.token("k1").split(".")
    assert (await refusal(verifier, peer, f"{honest[0]}.{honest[1]}.{forged[2]}")) == (
        401,
        "La firma del token no es válida.",
    )


async def test_a_token_speaks_for_one_service_address(verifier: TokenVerifier, peer: Peer) -> None:
    assert (await refusal(verifier, peer, peer.token(serviceurl="https://smba.trafficmanager.net/x")))[0] == 403


async def test_a_token_without_service_address_speaks_for_any(verifier: TokenVerifier, peer: Peer) -> None:
    await verify(verifier, peer, peer.token(without="serviceurl"))


async def test_a_key_speaks_for_the_channels_it_endorses(verifier: TokenVerifier, peer: Peer) -> None:
    peer.endorsements = ["webchat"]
    assert (await refusal(verifier, peer, peer.token()))[0] == 403


async def test_a_key_without_endorsements_speaks_for_any(verifier: TokenVerifier, peer: Peer) -> None:
    peer.endorsements = None
    await verify(verifier, peer, peer.token())


async def test_a_known_token_is_not_known_for_ever(verifier: TokenVerifier, peer: Peer, wall: SettableClock) -> None:
    token = peer.token()
    await verify(verifier, peer, token)
    wall.set(REAL_NOW + timedelta(hours=1, minutes=6))
    assert (await refusal(verifier, peer, token)) == (401, "El token venció.")


async def test_a_known_token_is_still_bound_to_its_address_and_channel(verifier: TokenVerifier, peer: Peer) -> None:
    token = peer.token()
    await verify(verifier, peer, token)
    with pytest.raises(Refused):
        await verifier.verify(f"Bearer {token}", "http://127.0.0.1:1", "msteams")
    assert (await refusal(verifier, peer, token, channel="webchat"))[0] == 403


async def test_what_is_remembered_is_bounded(
    verifier: TokenVerifier, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.teams.verifier.REMEMBERED", 3)
    for number in range(10):
        await verify(verifier, peer, peer.token(n=number))
    assert len(verifier._remembered) == 3


async def test_b8_a_rotated_key_is_learnt_at_its_first_use(
    verifier: TokenVerifier, peer: Peer, wall: SettableClock
) -> None:
    await verify(verifier, peer, peer.token("k1"))
    peer.published = ["k2"]
    wall.set(REAL_NOW + timedelta(minutes=1))
    await verify(verifier, peer, peer.token("k2"))
    assert peer.key_fetches == 2


async def test_b8_what_a_withdrawn_key_signed_is_no_longer_good(
    verifier: TokenVerifier, peer: Peer, wall: SettableClock
) -> None:
    old = peer.token("k1")
    await verify(verifier, peer, old)
    peer.published = ["k2"]
    wall.set(REAL_NOW + timedelta(minutes=1))
    await verify(verifier, peer, peer.token("k2"))
    assert (await refusal(verifier, peer, old))[0] == 401


async def test_b8_an_unknown_key_is_401_not_500(verifier: TokenVerifier, peer: Peer) -> None:
    signing_key("made up")
    assert await refusal(verifier, peer, peer.token("made up")) == (
        401,
        "El token está firmado con una clave desconocida.",
    )


async def test_b8_many_callers_fetch_the_keys_once(verifier: TokenVerifier, peer: Peer) -> None:
    await asyncio.gather(*(verify(verifier, peer, peer.token(n=number)) for number in range(20)))
    assert peer.key_fetches == 1


async def test_b8_made_up_keys_cost_one_refresh_a_minute(
    verifier: TokenVerifier, peer: Peer, wall: SettableClock
) -> None:
    await verify(verifier, peer, peer.token())
    for second in range(0, 180, 10):
        wall.set(REAL_NOW + timedelta(seconds=second))
        assert (await refusal(verifier, peer, peer.token("k2", n=second)))[0] == 401
    assert peer.key_fetches == 3


async def test_b8_keys_are_fetched_anew_every_day(verifier: TokenVerifier, peer: Peer, wall: SettableClock) -> None:
    await verify(verifier, peer, peer.token())
    wall.set(REAL_NOW + timedelta(hours=25))
    await verify(verifier, peer, peer.token(exp=NOW + 30 * 3600))
    assert peer.key_fetches == 2


async def test_b8_when_the_issuer_is_away_known_keys_go_on_serving(
    verifier: TokenVerifier, peer: Peer, wall: SettableClock
) -> None:
    await verify(verifier, peer, peer.token())
    peer.keys_answers.append(Answer(500))
    wall.set(REAL_NOW + timedelta(hours=25))
    await verify(verifier, peer, peer.token(exp=NOW + 30 * 3600))


async def test_b8_when_there_are_no_keys_yet_the_caller_is_asked_to_come_back(
    verifier: TokenVerifier, peer: Peer, wall: SettableClock
) -> None:
    peer.keys_answers.append(Answer(503))
    assert (await refusal(verifier, peer, peer.token()))[0] == 503
    wall.set(REAL_NOW + timedelta(minutes=1))
    await verify(verifier, peer, peer.token())
