"""`make playground`: the relay's own promises, and, where it is installed, Microsoft's Agents Playground for real."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from playwright.sync_api import Page, expect
from sala_stub import PEOPLE, StubBot
from sala_threads import LoopInThread

from bot.demo import free_port
from bot.playground import FOLDER, cli_of, playing, settings_for
from demo.relay import MARK, Relay

ROOT = Path(__file__).parents[2]
INSTALLED = cli_of(ROOT / FOLDER)
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


@pytest.mark.browser
@pytest.mark.skipif(not INSTALLED.exists(), reason="Agents Playground is not installed: `make playground` fetches it")
def test_a_leader_works_in_microsofts_playground(page: Page, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(ROOT / FOLDER / "node_modules")
    thread = LoopInThread()
    context = playing(tmp_path, speaker="lt-astilleros", port=free_port(), ui_port=free_port())
    _demo, url = thread(context.__aenter__())
    try:
        page.goto(url)
        box = page.get_by_role("textbox").first
        expect(page.get_by_text("Con /ayuda se ven las opciones").first).to_be_visible(timeout=20_000)
        box.click()
        page.keyboard.type("/ronda astilleros")
        page.keyboard.press("Enter")
        expect(page.get_by_text("Publicar guía de control").first).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Saltar").last.click()
        expect(page.get_by_text(re.compile("Publicar proyecto de actualización")).first).to_be_visible(timeout=20_000)
    finally:
        thread(context.__aexit__(None, None, None))
        thread.stop()
