"""R11: a leader decides what they saw: what the entity corrected meanwhile is shown first; nothing of it is hidden."""

from __future__ import annotations

import pytest

from bot import presses
from bot.drawing.month import table_button
from cards.parts import Element
from cards.table import percent_of, text_of
from methodology import answers
from methodology.people import Actor, actor_of
from methodology.rules.months import Month
from methodology.rules.states import Post
from storage.ledger import Proposal
from storage.matrix import Action, FollowUp, Initiative
from tests.bot.stage import words
from tests.peers.core_world import at, day
from tests.peers.desk_world import DeskWorld

ON = "2026-11-26"
FIRST = "Salió a comentarios el proyecto de resolución"
SECOND = "Corregimos: ya está en firma del ministro"
OWN = "Lo confirmó la oficina jurídica por teléfono"


@pytest.fixture
def leader(world: DeskWorld) -> Actor:
    own = world.initiative("biologicos")
    for code in ("BIO-01", "BIO-02", "BIO-03"):
        world.action(code, due="2027-06-30", initiative=own)
    return actor_of(world.session, world.person("Ana Gil", Post.LEADER, own), day(ON))


def reports(world: DeskWorld, percent: float, text: str, **more: object) -> None:
    action = world.session.query(Action).filter_by(code="BIO-01").one()
    given = {"percent": percent, "text": text, "passage": "", "now": at(ON, 8)} | more
    answers.propose(world.session, action, "2026-11", **given)  # type: ignore[arg-type]


def states(world: DeskWorld) -> list[tuple[float | None, str]]:
    return [(row.percent, row.state) for row in world.all(Proposal)]


@pytest.mark.parametrize("title", ["Guardar y seguir", "Sin cambios", "No corresponde"])
def test_a_correction_that_came_meanwhile_is_shown_and_not_decided(world: DeskWorld, leader: Actor, title: str) -> None:
    reports(world, 60, FIRST)
    card = world.says(leader, ON, "/ronda").card
    reports(world, 90, SECOND)
    again = world.presses(leader, ON, card, title, percent="60", text=OWN).card
    assert "**Aún no se registró.** Invima envió o corrigió su reporte mientras esta tarjeta estaba abierta." in words(
        again
    )
    assert SECOND in words(again)
    assert OWN in str(again)
    assert states(world) == [(60, "reemplazada"), (90, "pendiente")]
    assert world.all(FollowUp) == []


def test_seen_it_is_decided(world: DeskWorld, leader: Actor) -> None:
    reports(world, 60, FIRST)
    card = world.says(leader, ON, "/ronda").card
    reports(world, 90, SECOND)
    again = world.presses(leader, ON, card, "Guardar y seguir", percent="60", text=FIRST).card
    assert _input(again, "percent")["value"] == 90  # the former report was not typed by anybody
    world.presses(leader, ON, again, "Guardar y seguir", percent="90", text=SECOND)
    assert states(world)[-1] == (90, "confirmada")


def test_a_first_report_that_came_meanwhile_is_shown(world: DeskWorld, leader: Actor) -> None:
    card = world.says(leader, ON, "/ronda").card
    reports(world, 90, SECOND)
    assert SECOND in words(world.presses(leader, ON, card, "Guardar y seguir", percent="60", text=OWN).card)
    assert world.all(FollowUp) == []


def test_a_row_of_the_table_too(world: DeskWorld, leader: Actor) -> None:
    reports(world, 60, FIRST)
    initiative = world.session.query(Initiative).one()
    token = table_button(world.desk(ON), initiative, Month(2026, 11))
    card = presses.press(world.turn(leader, ON), token).card
    reports(world, 90, SECOND)
    typed = {percent_of("BIO-01"): "60", text_of("BIO-01"): OWN, percent_of("BIO-02"): "50", text_of("BIO-02"): OWN}
    again = world.presses(leader, ON, card, "Guardar las filas escritas", **typed).card
    assert f"mientras esta tarjeta estaba abierta: «{SECOND}»" in words(again)
    assert OWN in str(again)
    assert [row.action.code for row in world.all(FollowUp)] == ["BIO-02"]
    world.presses(leader, ON, again, "Guardar las filas escritas", **typed)
    assert [row.action.code for row in world.all(FollowUp)] == ["BIO-02", "BIO-01"]


def test_compliance_and_evidence_stand_on_the_card_whatever_was_typed(world: DeskWorld, leader: Actor) -> None:
    reports(world, 100, FIRST, met_on=day("2026-11-20"), evidence="https://entidad.gov.co/resolucion-77")
    card = world.says(leader, ON, "/ronda").card
    again = world.presses(leader, ON, card, "Guardar y seguir", percent="100", text="corto").card
    for one in (card, again):
        assert "**Fecha de cumplimiento:** 20 de noviembre de 2026" in words(one)
        assert "**Evidencia:** https://entidad.gov.co/resolucion-77" in words(one)
        assert _input(one, "evidence")["value"] == "https://entidad.gov.co/resolucion-77"
        assert _input(one, "met_on")["value"] == "2026-11-20"


def test_what_was_set_aside_leaves_no_evidence_behind(world: DeskWorld, leader: Actor) -> None:
    reports(world, 100, FIRST, met_on=day("2026-11-20"), evidence="Resolución 77")
    card = world.says(leader, ON, "/ronda").card
    given = {"percent": "100", "text": FIRST, "met_on": "2026-11-20", "evidence": "Resolución 77"}
    assert "Resolución 77" not in str(world.presses(leader, ON, card, "No corresponde", **given).card)


def _input(card: Element | None, name: str) -> Element:
    return next(one for one in _all(card) if one.get("id") == name)


def _all(element: object) -> list[Element]:
    if isinstance(element, list):
        return [one for part in element for one in _all(part)]
    if not isinstance(element, dict):
        return []
    return [element, *(one for part in element.values() for one in _all(part))]
