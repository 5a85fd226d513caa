"""Deciding from a mail: the link shows, its form acts, once, and by nobody else's hand (R17, R44, R45)."""

from __future__ import annotations

import re
from datetime import date

import aiohttp
import pytest
from sqlalchemy.orm import Session

from methodology.alerts import open_alerts, subject
from storage.ledger import Alert, CardAction
from storage.life import Member
from storage.matrix import Initiative
from tests.bot.stage import Stage, words

RAISED = date(2026, 11, 11)
VICE_MINISTER = "despacho.viceministerio@mincit.example"
CHANNEL = "escalamiento"


def _alert(stage: Stage) -> Alert:
    return stage.read(lambda session: next(one for one in open_alerts(session) if subject(one) == "AST-04"))


def _links(stage: Stage, address: str, label: str) -> list[str]:
    """Every link of a letter with that label, newest letter last."""
    found = []
    for mail in stage.sala.mails(address):
        html = mail.message.get_body(("html",)).get_content()
        found += re.findall(rf'<a href="([^"]+)"[^>]*>{re.escape(label)}</a>', html)
    return [one.replace("&amp;", "&") for one in found]


@pytest.fixture
async def http() -> aiohttp.ClientSession:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def link(stage: Stage) -> str:
    """The Vice Minister has no Teams: the decision itself comes by mail."""
    await stage.sala.open("vm")
    await stage.sala.block("vm", blocked=True)
    await stage.on(RAISED)
    await stage.service.metronome.beat()
    return _links(stage, VICE_MINISTER, "AST-04: Acusar recibo")[-1]


async def test_opening_the_link_shows_and_writes_nothing(stage: Stage, http: aiohttp.ClientSession, link: str) -> None:
    for _ in range(3):  # a scanner opens it as often as it likes
        page = await http.get(link)
        said = await page.text()
    assert page.status == 200
    assert "Decide: Beatriz Londoño Ortega (por correo)" in said
    assert 'for="fecha"' in said
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]
    assert _alert(stage).acknowledged_by == ""


async def test_the_form_acts_once_and_the_channels_card_shows_it(
    stage: Stage, http: aiohttp.ClientSession, link: str
) -> None:
    said = await (await http.post(link, data={"fecha": "2026-11-20"})).text()
    assert "Acuse de recibo de Beatriz Londoño Ortega (por correo)" in said
    assert _alert(stage).acknowledged_until == date(2026, 11, 20)
    await stage.service.settled()
    assert "Acusó recibo" in words(stage.card("gg", CHANNEL, having="AST-04"))
    again = await (await http.post(link, data={"fecha": "2026-11-27"})).text()
    assert "Ya se registró desde este enlace" in again
    assert _alert(stage).acknowledged_until == date(2026, 11, 20)


async def test_what_is_wrong_is_said_beside_its_field_and_kept(
    stage: Stage, http: aiohttp.ClientSession, link: str
) -> None:
    assign = _links(stage, VICE_MINISTER, "AST-04: Asignar gestión")[-1]
    said = await (await http.post(assign, data={"persona": "Dirección de Regulación", "texto": "Llamar"})).text()
    assert 'aria-describedby="fecha-mal"' in said
    assert 'value="Dirección de Regulación"' in said
    assert _alert(stage).managed_by == ""
    assert link != assign


@pytest.mark.parametrize("change", [("?t=", "?t=x"), ("/decidir/", "/decidir/otro-enlace-")])
async def test_an_altered_link_is_refused(
    stage: Stage, http: aiohttp.ClientSession, link: str, change: tuple[str, str]
) -> None:
    page = await http.post(link.replace(*change), data={"fecha": "2026-11-20"})
    assert page.status == 403
    assert _alert(stage).acknowledged_by == ""


async def test_what_is_given_by_the_link_cannot_be_typed_over(
    stage: Stage, http: aiohttp.ClientSession, link: str
) -> None:
    other = stage.read(lambda session: next(one.id for one in open_alerts(session) if subject(one) != "AST-04"))
    await http.post(link, data={"alerta": str(other), "fecha": "2026-11-20"})
    assert _alert(stage).acknowledged_by.startswith("Beatriz Londoño Ortega")


async def test_whoever_holds_no_post_any_more_decides_nothing(
    stage: Stage, http: aiohttp.ClientSession, link: str
) -> None:
    given = {"cargo": "VM", "nombre": "Juan Gómez Ruiz", "genero": "m", "correo": "juan@mincit.example"}
    await _planning(stage, "persona.cargo", **given, desde="2026-11-11")
    said = await (await http.post(link, data={"fecha": "2026-11-20"})).text()
    assert "hoy no ocupa un cargo" in said
    assert _alert(stage).acknowledged_by == ""


async def test_an_expired_link_says_so(stage: Stage, http: aiohttp.ClientSession, link: str) -> None:
    await stage.on(date(2027, 1, 20))
    page = await http.get(link)
    assert page.status == 403
    assert "venció" in await page.text()


async def test_a_member_of_the_team_acknowledges_and_proposes_a_meeting_from_the_letter(
    stage: Stage, http: aiohttp.ClientSession
) -> None:
    await stage.on(RAISED)
    number = stage.service.db.do(_member)
    text = {"alerta": str(_alert(stage).id), "integrantes": "Rosa Díaz", "motivo": "Requiere decisión intersectorial"}
    await _planning(stage, "alerta.segundo_momento", who="GG", **text)
    await stage.service.metronome.beat()
    acknowledge = _links(stage, "rosa.diaz@mintransporte.example", "AST-04: Acusar recibo")[-1]
    said = await (await http.post(acknowledge, data={})).text()
    assert "Acuse de recibo de Rosa Díaz" in said
    meeting = _links(stage, "rosa.diaz@mintransporte.example", "Proponer una reunión")[-1]
    said = await (await http.post(meeting, data={"texto": "Acordar el texto con la Dimar"})).text()
    assert "queda en la bandeja de Planeación" in said
    assert stage.read(lambda session: session.get(Member, number).state) == "activa"
    assert stage.read(_used) == 2


async def test_a_member_whose_term_ended_decides_nothing(stage: Stage, http: aiohttp.ClientSession) -> None:
    await stage.on(RAISED)
    number = stage.service.db.do(_member)
    text = {"alerta": str(_alert(stage).id), "integrantes": "Rosa Díaz", "motivo": "Requiere decisión intersectorial"}
    await _planning(stage, "alerta.segundo_momento", who="GG", **text)
    await stage.service.metronome.beat()
    acknowledge = _links(stage, "rosa.diaz@mintransporte.example", "AST-04: Acusar recibo")[-1]

    def leaves(session: Session) -> None:
        session.get_one(Member, number).until = date(2026, 11, 10)

    stage.service.db.do(leaves)
    said = await (await http.post(acknowledge, data={})).text()
    assert "ya no integra el Equipo de Alto Nivel" in said
    assert stage.read(_used) == 0


def _member(session: Session) -> int:
    where = session.query(Initiative).filter_by(slug="astilleros").one()
    member = Member(
        initiative_id=where.id, post="Viceministra", entity="Ministerio de Transporte", holder="Rosa Díaz", gender="f",
        mail="rosa.diaz@mintransporte.example", since=date(2026, 1, 1), state="activa", proposed_by="LT",
        substitute="", substitute_mail="", acting=False,
    )  # fmt: skip
    session.add(member)
    session.flush()
    return member.id


def _used(session: Session) -> int:
    return session.query(CardAction).filter(CardAction.verb == "web.op", CardAction.used_at.is_not(None)).count()


async def _planning(stage: Stage, operation: str, who: str = "PL", **given: str) -> None:
    """Somebody does one operation through its door."""
    from methodology.script import Step, doing_for, play_step  # noqa: PLC0415 - the scripts' own player

    def do(session: Session) -> dict[str, object]:
        step = Step(stage.service.clock.now(), who, operation, given)
        return play_step(session, step, doing_for(session, stage.service.method, step.at))

    done = stage.service.db.do(do)
    assert "done" in done, done
