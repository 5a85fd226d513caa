from __future__ import annotations

import aiohttp
import pytest
from sala_samples import FOLLOW_UP
from sala_stub import StubBot, with_card


async def test_the_state_names_all_that_can_be_visited(bot: StubBot) -> None:
    state = await bot.get("/sala/api/state")
    assert [p["key"] for p in state["people"]][:2] == ["lt-astilleros", "lt-biologicos"]
    assert state["channels"][0]["members"] == ["lt-astilleros", "vm", "gg", "pl"]
    assert state["clock"]["label"] == "martes 3 de noviembre de 2026"
    assert len(state["guide"]) == 5


async def test_a_message_counts_as_unread_until_it_is_seen(bot: StubBot) -> None:
    await bot.send(await bot.chat(), {"type": "message", "text": "Respetada doctora"})
    assert (await bot.get("/sala/api/state"))["people"][0]["unread"] == 1
    await bot.page("seen", {"what": "person:lt-astilleros"})
    assert (await bot.get("/sala/api/state"))["people"][0]["unread"] == 0


async def test_a_script_says_and_submits_through_the_same_door(bot: StubBot) -> None:
    number = await bot.send(await bot.chat(), with_card(FOLLOW_UP))
    assert (await bot.page("say", {"person": "lt-astilleros", "text": "Ayuda"}))[0] == 200
    body = {"person": "lt-astilleros", "activity_id": number, "verb": "registrar", "inputs": {"avance": "75"}}
    assert (await bot.page("submit", body))[0] == 200
    assert bot.activities[-1]["value"]["action"]["data"] == {"id": "a1b2c3", "avance": "75"}
    path = "/sala/api/conversations?person=lt-astilleros"
    assert [a["mine"] for a in (await bot.get(path))["activities"]] == [False, True]


async def test_the_clock_steps_and_refuses_a_second_hand(bot: StubBot) -> None:
    status, clock = await bot.page("clock", {"step": "dia"})
    assert (status, clock["today"]) == (200, "2026-11-04")
    bot.sala.clock.busy = True
    status, refused = await bot.page("clock", {"step": "dia"})
    assert (status, refused["error"]) == (400, "El reloj ya está avanzando. Espere a que termine.")


async def test_only_the_own_page_or_a_declared_script_may_change_something(bot: StubBot) -> None:
    body = {"person": "pl", "text": "/estado"}
    assert (await bot.page("say", body, Origin="https://ajeno.example"))[0] == 403
    assert (await bot.page("say", body, Origin="null"))[0] == 403
    assert (await bot.page("say", body, Accept="*/*"))[0] == 403
    assert (await bot.page("say", body, Origin=bot.base_url))[0] == 200


@pytest.mark.parametrize("path", ["/", "/sala/api/state", "/sala/connector/v3/conversations", "/sala/static/sala.js"])
async def test_a_name_rebound_to_this_machine_is_refused(bot: StubBot, path: str) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(bot.base_url + path, headers={"Host": "ajeno.example"}) as answer,
    ):
        assert answer.status == 421


async def test_the_page_forbids_what_is_not_its_own(bot: StubBot) -> None:
    async with aiohttp.ClientSession() as http, http.get(bot.base_url + "/") as page:
        policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    "body",
    [
        {"person": "nadie", "text": "Hola"},
        {"person": "pl", "text": "  "},
        {"text": "Hola"},
        {"person": "lt-biologicos", "text": "a", "channel": "escalamiento-astilleros"},
    ],
)
async def test_what_cannot_be_done_is_explained(bot: StubBot, body: dict[str, str]) -> None:
    status, refused = await bot.page("say", body)
    assert status == 400
    assert refused["error"].endswith((".", "»."))
