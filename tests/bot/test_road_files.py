"""Files in the chat, over the wire: offered, accepted into OneDrive, declined, or by signed link when that fails."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.bot.stage import Stage, words

REPORT = "/reporte logros dispositivos jul-ago 2026"


async def settled(stage: Stage) -> None:
    while stage.service.background:
        await asyncio.gather(*stage.service.background)


async def offered(stage: Stage, text: str, title: str, person: str = "pl") -> dict[str, Any]:
    """The consent card that a button of the last card brings."""
    await stage.sala.say(person, text)
    outcome = await stage.press(person, stage.cards(person)[-1], title)
    assert (outcome.kind, "se ofrece" in outcome.text) == ("message", True)
    await settled(stage)
    return stage.cards(person)[-1]


async def answered(stage: Stage, card: dict[str, Any], title: str, person: str = "pl") -> str:
    outcome = await stage.press(person, card, title)
    assert outcome.kind == "ok"
    await settled(stage)
    return words(stage.cards(person)[-1])


def stored(stage: Stage) -> list[tuple[str, bytes]]:
    files = stage.sala.teams.onedrive.files.values()
    return [(one.name, one.data[:4]) for one in files if one.data]


async def test_an_accepted_matrix_is_in_onedrive_and_its_card_opens_it(stage: Stage) -> None:
    card = await offered(stage, "/matriz astilleros", "Enviar el archivo Excel", "lt-astilleros")
    assert "matriz-astilleros.xlsx" in words(card)
    assert "Archivo en su OneDrive" in await answered(stage, card, "Aceptar", "lt-astilleros")
    assert stored(stage) == [("matriz-astilleros.xlsx", b"PK\x03\x04")]


async def test_the_matrix_of_a_past_day_is_that_days_file(stage: Stage) -> None:
    from datetime import date  # noqa: PLC0415

    await stage.on(date(2026, 11, 4))
    card = await offered(stage, "/matriz astilleros 3/11/2026", "Enviar el archivo PDF")
    assert "matriz-astilleros-2026-11-03.pdf" in words(card)


async def test_a_published_report_goes_as_pdf_and_a_second_press_sends_nothing_more(stage: Stage) -> None:
    await stage.sala.say("pl", REPORT)
    await stage.press("pl", stage.card("pl", having="julio–agosto"), "Aprobar y publicar")
    await stage.press("pl", stage.card("pl", having="Lo publicado ya no cambia"), "Confirmar")
    await settled(stage)
    card = await offered(stage, REPORT, "Enviar el archivo PDF")
    await answered(stage, card, "Aceptar")
    ((name, begins),) = stored(stage)
    assert (name.endswith(".pdf"), begins) == (True, b"%PDF")
    await stage.press("pl", card, "Aceptar")
    await settled(stage)
    assert "Ya se registró" in words(stage.sala.messages("pl")[-1])
    assert len(stored(stage)) == 1


async def test_a_declined_file_is_not_sent_and_that_is_said(stage: Stage) -> None:
    card = await offered(stage, "/matriz astilleros", "Enviar el archivo PDF")
    assert "No se envió el archivo" in await answered(stage, card, "Rechazar")
    assert stored(stage) == []


async def test_a_file_that_onedrive_refuses_comes_by_signed_link(stage: Stage) -> None:
    async def full(_request: web.Request) -> web.Response:
        return web.Response(status=507)

    stage.sala.teams.onedrive.faults = full
    card = await offered(stage, "/matriz astilleros", "Enviar el archivo Excel")
    assert "No fue posible dejar el archivo en su OneDrive: OneDrive respondió 507" in await answered(
        stage, card, "Aceptar"
    )
    (action,) = stage.cards("pl")[-1]["cards"][0]["actions"]
    async with aiohttp.ClientSession() as http, http.get(action["url"]) as answer:
        assert (answer.status, (await answer.read())[:2]) == (200, b"PK")


@pytest.mark.parametrize("who", ["lt-astilleros", "vm"])
async def test_nobody_else_can_accept_what_was_offered_to_one(stage: Stage, who: str) -> None:
    card = await offered(stage, "/matriz astilleros", "Enviar el archivo Excel")
    post = stage.sala.world.post_of(card["id"])
    assert post
    context = post[1].activity["attachments"][0]["content"]["acceptContext"]
    assert set(context) == {"a"}
    person = stage.sala.world.person(who)
    assert person
    ticket = stage.sala.teams.onedrive.ticket("robado.xlsx")
    value = {"type": "fileUpload", "action": "accept", "context": context, "uploadInfo": ticket}
    where = stage.sala.world.personal(person)
    await stage.sala.teams._send(person, where, {"type": "invoke", "name": "fileConsent/invoke", "value": value})
    await settled(stage)
    assert "no corresponde a un mensaje vigente" in words(stage.sala.messages(who)[-1])
    assert stored(stage) == []
