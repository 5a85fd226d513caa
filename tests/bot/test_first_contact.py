"""Who is who, over the wire: a person without an identity in the directory writes for the first time."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web
from connector import Answer, Script, dropped, failed, forbidden, throttled
from sqlalchemy import select, update

from methodology.tray import waiting
from storage.matrix import Person
from tests.bot.stage import Stage, words

LEADER = "lt-astilleros"
REFUSAL = "Este asistente atiende a las personas vinculadas al instrumento. Escriba a Planeación."


class Contact:
    """A leader whose identity nobody has recorded, and the connector that knows it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.person = next(one for one in stage.sala.config.people if one.key == LEADER)
        self.script = stage.sala.connector.faults = Script()
        self.clock = 0.0
        self.first = stage.service._turns._first
        self.first._now = lambda: self.clock
        self.knows(None)

    def knows(self, aad_id: str | None) -> None:
        change = update(Person).where(Person.mail == self.person.mail).values(aad_id=aad_id)
        self.stage.read(lambda session: session.execute(change))

    @property
    def known(self) -> str | None:
        query = select(Person.aad_id).where(Person.mail == self.person.mail)
        return self.stage.read(lambda session: session.scalar(query))

    @property
    def looked_up(self) -> list[str]:
        return [path for method, path in self.script.seen if method == "GET" and "/members/" in path]

    def answers(self, **changes: Any) -> None:
        """What the connector says of the member, the next time it is asked."""
        account = {
            "id": "29:1",
            "aadObjectId": self.person.aad_id,
            "email": self.person.mail,
            "userPrincipalName": self.person.mail,
            "tenantId": self.stage.service.settings.tenant_id,
            "userRole": "user",
        }

        def answer() -> Answer:
            return web.json_response({**account, **changes})

        self.script.add(answer, "GET", "/members/")

    async def says(self, text: str = "/estado", channel: str | None = None) -> str:
        outcome = await self.stage.sala.say(LEADER, text, channel)
        assert outcome.kind == "ok"
        return words(self.stage.sala.messages(LEADER, channel)[-1]).strip()


@pytest.fixture
def contact(stage: Stage) -> Contact:
    return Contact(stage)


async def test_a_first_message_is_answered_and_planning_sees_who_was_recognised(contact: Contact) -> None:
    assert "Estado de las iniciativas" in await contact.says()
    assert contact.known == contact.person.aad_id
    await contact.says("/pendientes")
    assert len(contact.looked_up) == 1
    await contact.stage.sala.say("pl", "/bandeja")
    assert "se le reconoció por su correo" in words(contact.stage.cards("pl")[-1])


async def test_the_principal_name_counts_when_the_mail_is_another(contact: Contact) -> None:
    contact.answers(email="otra.direccion@operador.example")
    assert "Estado de las iniciativas" in await contact.says()


async def test_a_first_press_is_served_too(contact: Contact) -> None:
    contact.knows(contact.person.aad_id)
    await contact.says("/pendientes")
    contact.knows(None)
    card = contact.stage.cards(LEADER)[-1]
    outcome = await contact.stage.press(LEADER, card, "Continuar mi seguimiento")
    assert (outcome.kind, contact.known) == ("card", contact.person.aad_id)


async def test_whoever_installs_the_bot_is_recognised_and_greeted(contact: Contact) -> None:
    await contact.stage.sala.block(LEADER, blocked=True)
    await contact.stage.sala.block(LEADER, blocked=False)
    assert contact.known == contact.person.aad_id
    assert "Con /ayuda se ven las opciones" in words(contact.stage.sala.messages(LEADER)[-1])


async def test_in_a_channel_the_teams_roster_is_asked(contact: Contact) -> None:
    await contact.says("/estado", "escalamiento")
    assert contact.known == contact.person.aad_id
    assert "19:equipo@thread.tacv2" in contact.looked_up[0]


async def test_guests_other_organisations_and_other_people_are_refused_and_learn_nothing(contact: Contact) -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"userRole": "guest"},
        {"userPrincipalName": "ana_otra.example#EXT#@operador.example"},
        {"tenantId": "11111111-0000-4000-8000-000000000000"},
        {"tenantId": None},
        {"aadObjectId": "22222222-0000-4000-8000-000000000000"},
        {"email": "nadie@operador.example", "userPrincipalName": None},
    )
    for changes in wrong:
        contact.answers(**changes)
        contact.clock += 3600
        assert await contact.says() == REFUSAL
    assert contact.known is None
    assert len(contact.looked_up) == len(wrong)
    assert not any(item.kind == "primer_contacto" for item in contact.stage.read(waiting))


async def test_an_identity_on_record_is_not_replaced_by_another(contact: Contact) -> None:
    contact.knows("the-recorded-one")
    assert await contact.says() == REFUSAL
    assert contact.known == "the-recorded-one"


async def test_an_identity_is_looked_up_once_an_hour_whatever_came_of_it(contact: Contact) -> None:
    contact.script.add(forbidden(), "GET", "/members/")
    assert [await contact.says() for _ in range(3)] == [REFUSAL] * 3
    assert len(contact.looked_up) == 1
    contact.clock += 3600
    assert "Estado de las iniciativas" in await contact.says()
    assert len(contact.looked_up) == 2


async def test_a_connector_in_trouble_refuses_politely_and_breaks_nothing(contact: Contact) -> None:
    troubles = (throttled(30), throttled(1), failed(500), dropped(after=False))
    for make in troubles:
        contact.script.queue.clear()
        contact.script.add(make, "GET", "/members/", times=9)
        contact.clock += 3600
        assert await contact.says() == REFUSAL
    assert not any(item.kind == "turno_fallido" for item in contact.stage.read(waiting))
