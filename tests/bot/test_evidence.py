"""A file sent in the chat is evidence of the action on the screen, or of the one that is named (R12)."""

from __future__ import annotations

import aiohttp
from aiohttp import web

from storage.matrix import EvidenceFile
from tests.bot.stage import Stage, words
from tests.bot.test_road_leader import LEADER, begin, recorded, shown

ACT = b"%PDF-1.7 acta firmada"


def kept(stage: Stage) -> list[tuple[str, str, int]]:
    def rows(session):
        return [(row.action.code, row.name, row.size) for row in session.query(EvidenceFile)]

    return stage.read(rows)


async def test_a_file_is_the_evidence_of_the_action_on_the_screen_and_is_saved_with_it(stage: Stage) -> None:
    await begin(stage)
    await stage.sala.send_file(LEADER, "acta.pdf", ACT)
    card = stage.card(LEADER, having="Se recibió acta.pdf (archivo 1)")
    values = {"percent": 100, "text": "La guía se publicó y está en uso.", "met_on": "2026-11-20"}
    await stage.press(LEADER, card, "Guardar y seguir", **values, evidence="acta.pdf (archivo 1)")
    assert recorded(stage, "AST-03").evidence == "acta.pdf (archivo 1)"
    assert kept(stage) == [("AST-03", "acta.pdf", len(ACT))]


async def test_a_line_takes_the_file_of_its_message_along(stage: Stage) -> None:
    await begin(stage)
    line = "AST-05 100% se certificaron los 60 soldadores, cumplida el 23/11/2026"
    await stage.sala.send_file(LEADER, "acta.pdf", ACT, line)
    assert recorded(stage, "AST-05").evidence == "acta.pdf (archivo 1)"


async def test_the_same_file_twice_is_one_and_the_action_shows_it(stage: Stage) -> None:
    await begin(stage)
    for _ in range(2):
        await stage.sala.send_file(LEADER, "acta.pdf", ACT, "AST-05")
    assert kept(stage) == [("AST-05", "acta.pdf", len(ACT))]
    await stage.sala.say(LEADER, "/accion AST-05")
    await stage.press(LEADER, stage.card(LEADER, having="Evidencias"), "Abrir")
    link = next(one["url"] for one in _links(stage.cards(LEADER)[-1]) if "/evidencias/" in one["url"])
    async with aiohttp.ClientSession() as http:
        answer = await http.get(link)
        assert (await answer.read(), answer.headers["Content-Type"]) == (ACT, "application/octet-stream")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert (await http.get(link.replace("?t=", "?t=x"))).status == 403


async def test_a_file_that_belongs_to_no_action_is_asked_for_again_and_not_fetched(stage: Stage) -> None:
    fetched: list[str] = []

    async def note(request: web.Request) -> None:
        fetched.append(request.path)

    stage.sala.teams.onedrive.faults = note
    await stage.sala.send_file(LEADER, "acta.pdf", ACT)
    assert "envíelo con el código de la acción" in words(stage.cards(LEADER)[-1])
    await stage.sala.send_file("vm", "acta.pdf", ACT, "AST-05")
    assert "como evidencia de quien lidera" in words(stage.cards("vm")[-1])
    assert (fetched, kept(stage)) == ([], [])


async def test_a_file_that_cannot_be_had_is_said_and_nothing_else_is_lost(stage: Stage) -> None:
    card = await begin(stage)

    async def gone(_request: web.Request) -> web.Response:
        return web.Response(status=410)

    stage.sala.teams.onedrive.faults = gone
    await stage.sala.send_file(LEADER, "acta.pdf", ACT)
    assert "no se pudo guardar: Teams respondió 410" in words(stage.cards(LEADER)[-1])
    assert "AST-03" in shown(stage, card)


def _links(element: object) -> list[dict[str, str]]:
    if isinstance(element, list):
        return [found for part in element for found in _links(part)]
    if isinstance(element, dict):
        own = [element] if element.get("type") == "Action.OpenUrl" else []
        return own + [found for value in element.values() for found in _links(value)]
    return []
