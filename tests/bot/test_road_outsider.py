"""Somebody of another allowed organisation writes: refused with reserve, listed for Planning, linked, and known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from connector import Answer, Script, failed

from methodology.tray import waiting
from storage.matrix import Person
from tests.bot.stage import Stage, words

THEIRS, FOREIGN = "11111111-0000-4000-8000-0000000000aa", "22222222-0000-4000-8000-0000000000aa"
AAD = "bbbbbbbb-0000-4000-8000-000000000001"
NAME = "Rosa [aquí](https://malo.example) Mejía"
MAIL = "rosa.mejia@entidad.example"
REFUSAL = "Este asistente atiende a las personas vinculadas al instrumento. Escriba a Planeación."


class Outsider:
    """Writes from her own organisation; her chat is drawn where the Sala shows the Vice Minister's."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        entry = stage.service._edge.entry
        ours = stage.service.settings.tenant_id
        entry._config = replace(entry._config, allowed_tenants=frozenset({ours, THEIRS}))
        self.script = stage.sala.connector.faults = Script()
        self.clock, self.number = 0.0, 0
        stage.service._turns._first._now = lambda: self.clock

    def answers(self, **changes: Any) -> None:
        """What the connector says of her, the next time it is asked."""
        member = {"id": "29:rosa", "aadObjectId": AAD, "name": NAME, "email": MAIL, "tenantId": THEIRS, **changes}

        def answer() -> Answer:
            return web.json_response(member)

        self.script.add(answer, "GET", "/members/")

    async def sends(self, tenant: str = THEIRS, **activity: Any) -> int:
        world, self.number = self.stage.sala.world, self.number + 1
        base = {
            "type": "message",
            "id": f"rosa-{self.number}",
            "channelId": "msteams",
            "serviceUrl": self.stage.sala.config.service_url,
            "from": {"id": "29:rosa", "name": NAME, "aadObjectId": AAD},
            "recipient": {"id": "28:bot"},
            "conversation": {"id": world.personal(world.person("vm")).id, "conversationType": "personal"},
            "channelData": {"tenant": {"id": tenant}},
        }
        headers = {"Authorization": f"Bearer {self.stage.sala.tokens.sign()}"}
        url = self.stage.sala.config.bot_url
        async with aiohttp.ClientSession(headers=headers) as http, http.post(url, json={**base, **activity}) as answer:
            return answer.status

    async def says(self, text: str = "/estado") -> str:
        assert await self.sends(text=text) == 200
        return words(self.stage.sala.messages("vm")[-1]).strip()

    @property
    def listed(self) -> list[dict[str, Any]]:
        return [item.detail for item in self.stage.read(waiting) if item.kind == "persona_externa"]


@pytest.fixture
def outsider(stage: Stage) -> Outsider:
    return Outsider(stage)


async def test_a_person_of_another_organisation_is_linked_by_planning_and_then_known(outsider: Outsider) -> None:
    stage = outsider.stage
    mail = stage.read(_waits_for_an_account)
    assert await outsider.sends(type="installationUpdate", action="add") == 200
    assert (outsider.script.seen, outsider.listed) == ([], [])
    outsider.answers()
    assert await outsider.says() == REFUSAL
    assert await outsider.says() == REFUSAL
    assert [one["mail"] for one in outsider.listed] == [MAIL]

    await stage.sala.say("pl", "/bandeja")
    tray = stage.card("pl", having="Una persona de otra organización escribió")
    assert NAME.replace("](", "]\u200b(") in words(tray)
    await stage.press("pl", tray, "Abrir")
    opened = stage.card("pl", having="Volver a la bandeja")
    assert f"Nombre: {NAME} Correo: {MAIL}" in " ".join(words(opened).split())
    assert "Marcar resuelto" not in words(opened)
    await stage.press("pl", opened, "Vincular")
    form = stage.card("pl", having="Vincular con una persona del directorio")
    assert NAME in words(form)
    assert [one["value"] for one in _choices(form)] == [mail]
    await stage.press("pl", form, "Continuar", persona=mail)
    await stage.press("pl", stage.card("pl", having="Confirmar"), "Confirmar")
    await stage.service.settled()

    assert outsider.listed == []
    assert "Estado de las iniciativas" in await outsider.says()


def _waits_for_an_account(session: Any) -> str:
    person = session.query(Person).filter(Person.name.startswith("Lucía")).one()
    person.aad_id = None
    return str(person.mail)


def _choices(element: Any) -> list[dict[str, str]]:
    if isinstance(element, list):
        return [one for part in element for one in _choices(part)]
    if not isinstance(element, dict):
        return []
    return list(element.get("choices", ())) + [one for part in element.values() for one in _choices(part)]


async def test_whom_the_connector_does_not_vouch_for_is_refused_and_not_listed(outsider: Outsider) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"userRole": "guest"},
        {"userPrincipalName": "rosa_otra.example#EXT#@entidad.example"},
        {"tenantId": FOREIGN},
        {"tenantId": None},
        {"aadObjectId": "another"},
    )
    for changes in wrong:
        outsider.answers(**changes)
        outsider.clock += 3600
        assert await outsider.says() == REFUSAL
    outsider.script.add(failed(500), "GET", "/members/")
    outsider.clock += 3600
    assert await outsider.says() == REFUSAL
    assert outsider.listed == []
    assert await outsider.sends(tenant=FOREIGN, text="/estado") == 403
    assert len([one for one in outsider.script.seen if one[0] == "GET"]) == len(wrong) + 1
