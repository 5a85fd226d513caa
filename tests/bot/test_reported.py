"""R11: a leader decides what they saw: what the entity corrected meanwhile is shown first; nothing of it is hidden."""

from __future__ import annotations

import pytest

from bot import presses
from bot.drawing.month import delegated_to, table_button
from cards.parts import Element
from cards.table import confirm_of, percent_of, text_of
from methodology import answers
from methodology.followups import register
from methodology.form_page import LOWER
from methodology.notices import plan
from methodology.people import Actor, actor_of
from methodology.rounds import DELEGATED
from methodology.rules.followup import FollowUpInput
from methodology.rules.months import Month
from methodology.rules.states import Post
from storage.ledger import InboundMail, Proposal
from storage.matrix import Action, FollowUp, Holding, Initiative
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
    assert (
        "**BIO-01 aún no se registró.** Invima envió o corrigió su reporte mientras esta tarjeta estaba abierta."
        in words(again)
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
    again = world.presses(leader, ON, card, "Guardar lo cambiado", **typed).card
    assert f"mientras esta tarjeta estaba abierta: «{SECOND}»" in words(again)
    assert OWN in str(again)
    assert [row.action.code for row in world.all(FollowUp)] == ["BIO-02"]
    world.presses(leader, ON, again, "Guardar lo cambiado", **typed)
    assert [row.action.code for row in world.all(FollowUp)] == ["BIO-02", "BIO-01"]


def _row_prefilled(world: DeskWorld, leader: Actor) -> tuple[Element | None, dict[str, str]]:
    """The table with what the entity reported of BIO-01, and what a client sends of it untouched."""
    reports(world, 60, FIRST)
    token = table_button(world.desk(ON), world.session.query(Initiative).one(), Month(2026, 11))
    card = presses.press(world.turn(leader, ON), token).card
    values = {name: str(_input(card, name)["value"]) for name in (percent_of("BIO-01"), text_of("BIO-01"))}
    assert values == {percent_of("BIO-01"): "60", text_of("BIO-01"): FIRST}
    assert _input(card, confirm_of("BIO-01"))["value"] == "false"
    return card, values


def test_a_row_that_nobody_looked_at_is_not_recorded(world: DeskWorld, leader: Actor) -> None:
    card, untouched = _row_prefilled(world, leader)
    typed = untouched | {confirm_of("BIO-01"): "false", percent_of("BIO-02"): "50", text_of("BIO-02"): OWN}
    said = words(world.presses(leader, ON, card, "Guardar lo cambiado", **typed).card)
    assert [row.action.code for row in world.all(FollowUp)] == ["BIO-02"]
    assert "**Registrado.** BIO-02. 1 registrada. 2 quedaron como estaban." in said
    assert states(world) == [(60, "pendiente")]


def test_a_row_that_was_marked_is_recorded_as_reported(world: DeskWorld, leader: Actor) -> None:
    card, untouched = _row_prefilled(world, leader)
    world.presses(leader, ON, card, "Guardar lo cambiado", **untouched, **{confirm_of("BIO-01"): "true"})
    assert [(row.action.code, row.percent, row.text) for row in world.all(FollowUp)] == [("BIO-01", 60, FIRST)]
    assert states(world) == [(60, "confirmada")]


def test_a_row_that_was_changed_needs_no_mark(world: DeskWorld, leader: Actor) -> None:
    card, untouched = _row_prefilled(world, leader)
    world.presses(leader, ON, card, "Guardar lo cambiado", **untouched | {percent_of("BIO-01"): "55"})
    assert [(row.action.code, row.percent) for row in world.all(FollowUp)] == [("BIO-01", 55)]


def test_a_mark_that_was_refused_stays(world: DeskWorld, leader: Actor) -> None:
    card, untouched = _row_prefilled(world, leader)
    marked = {percent_of("BIO-01"): "160", confirm_of("BIO-01"): "true"}
    again = world.presses(leader, ON, card, "Guardar lo cambiado", **untouched | marked).card
    assert _input(again, confirm_of("BIO-01"))["value"] == "true"


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


def test_the_reason_of_a_lower_figure_stands_in_its_own_field(world: DeskWorld, leader: Actor) -> None:
    """What the entity's page asked is not asked again, nor published with the text."""
    reports(world, 60, f"{FIRST}\n{LOWER}se contó de nuevo la muestra")
    card = world.says(leader, ON, "/ronda").card
    assert _input(card, "reason")["value"] == "se contó de nuevo la muestra"
    assert _input(card, "text")["value"] == FIRST


def test_what_comes_after_the_leaders_report_is_named_until_it_is_decided(world: DeskWorld, leader: Actor) -> None:
    for code in ("BIO-01", "BIO-02", "BIO-03"):
        register(world.session, code, FollowUpInput(60, OWN), actor=leader, now=at(ON, 8), method=world.method)
    mail = InboundMail(message_id="<m@x>", envelope_from="a@b.example", raw=b"", received_at=at("2026-11-11", 8))
    reports(world, 90, SECOND, mail_id=world.add(mail).id, now=at(ON, 9))
    told = "Invima reportó 90 % el 11 de noviembre de 2026. El reporte de noviembre de 2026 se registró sin tenerlo"
    for on, order in ((ON, "/ronda"), (ON, "/accion BIO-01"), (ON, "/pendientes"), ("2026-12-02", "/pendientes")):
        card = world.says(leader, on, order).card
        assert told in words(card).replace("\u00a0", " "), (on, order)
        opened = world.presses(leader, on, card, "Revisar").card
        assert "Reportado por la entidad el 11" in words(opened), (on, order)
        assert SECOND in words(opened)
    assert "No hay acciones pendientes" not in words(world.says(leader, ON, "/pendientes").card)
    world.presses(leader, ON, opened, "No corresponde")
    assert "Por decidir" not in words(world.says(leader, ON, "/pendientes").card)


def test_a_delegation_to_whoever_holds_the_post_by_now_is_not_told(world: DeskWorld, leader: Actor) -> None:
    own = world.session.query(Initiative).one()
    other = world.person("Luis Gil", Post.LEADER, own)
    inputs = {"period": "2026-11", "by": "Ana Gil", "reader": other.id, "until": "2026-11-30"}
    plan(
        world.session,
        DELEGATED,
        subject="2026-11",
        period="2026-11:x",
        recorded_on=day(ON),
        due=None,
        initiative_id=own.id,
        inputs=inputs,
    )
    assert delegated_to(world.desk(ON), own, Month(2026, 11)).startswith("Luis Gil")
    world.session.query(Holding).filter_by(person_id=leader.person_id).delete()
    assert delegated_to(world.desk(ON), own, Month(2026, 11)) == ""


def test_a_half_draft_is_not_mixed_with_what_the_entity_reported_after_it(world: DeskWorld, leader: Actor) -> None:
    card = world.says(leader, ON, "/ronda").card
    world.presses(leader, ON, card, "Guardar y seguir", percent="60")
    reports(world, 90, SECOND)
    anew = world.says(leader, ON, "/ronda").card
    assert ("'value': 90" in str(anew), "'value': 60" in str(anew)) == (True, False)
    assert "Describa el avance" not in words(anew)
    again = world.presses(leader, ON, anew, "Guardar y seguir", percent="95").card
    assert "'value': 95" in str(again)


def test_a_whole_draft_stands_beside_what_the_entity_reported_after_it(world: DeskWorld, leader: Actor) -> None:
    card = world.says(leader, ON, "/ronda").card
    world.presses(leader, ON, card, "Guardar y seguir", percent="100", text=OWN)
    reports(world, 90, SECOND)
    anew = str(world.says(leader, ON, "/ronda").card)
    assert ("'value': 100" in anew, OWN in anew) == (True, True)
