"""R41–R44: the Equipo de Alto Nivel of an initiative."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from core_world import Core, day

from methodology.high_level import active_members
from methodology.people import actor_of
from methodology.rules.states import Post
from methodology.rules.table import RULES
from methodology.tray import waiting
from storage.life import Member
from storage.matrix import Initiative, Person

ANA = {
    "iniciativa": "biologicos",
    "cargo": "Directora General",
    "entidad": "Invima",
    "titular": "Ana María Ruiz Gómez",
    "genero": "f",
    "correo": "Ana.Ruiz@invima.example",
}
LUIS = ANA | {"titular": "Luis Paz Mora", "genero": "m", "correo": "luis.paz@salud.example", "cargo": "Viceministro"}
MAIL = "ana.ruiz@invima.example"
REASON = {"motivo": "Cambio de titular de la entidad"}


def _propose(core: Core, on: str = "2026-11-03", **more: Any) -> Member:
    core.first_initiative()
    core.does(on, "LT", "ean.proponer", **ANA | more)
    return core.all(Member)[-1]


def _signed(core: Core, on: str = "2026-11-04", who: str = "VM", **more: Any) -> Member:
    member = _propose(core, **more)
    core.does(on, "LT", "ean.carta", integrante=member.id)
    core.does(on, who, "ean.firmar", integrante=member.id, carta="" if who == "VM" else "2-2026-0412")
    return member


def _active(core: Core, **more: Any) -> Member:
    member = _signed(core, **more)
    core.live("2026-11-05")
    return member


# --- R41: proposed by the leader --------------------------------------------------------------------------------------


def test_the_leader_proposes_post_entity_holder_dates_and_substitute(core: Core) -> None:
    member = _propose(
        core, suplente="Eva Sol", correo_suplente="eva@invima.example", hasta="2027-12-31", encargado="sí"
    )
    assert (member.post, member.entity, member.holder, member.gender) == (
        "Directora General", "Invima", "Ana María Ruiz Gómez", "f",
    )  # fmt: skip
    assert (member.mail, member.substitute, member.acting) == (MAIL, "Eva Sol", True)
    assert (member.since, member.until) == (day("2026-11-03"), day("2027-12-31"))
    assert (member.state, member.proposed_by) == ("propuesta", "Líder técnica")
    assert core.notices("R42") == []


@pytest.mark.parametrize("post", ["GG", "VM", "MIN", "EAN", "ENT"])
def test_only_the_leader_or_planning_proposes(core: Core, post: str) -> None:
    core.first_initiative()
    assert "corresponde" in core.refused("2026-11-03", post, "ean.proponer", **ANA)
    core.does("2026-11-03", "PL", "ean.proponer", **ANA)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"correo": "sin arroba"}, "no es un correo"),
        ({"suplente": "Eva Sol"}, "suplente"),
        ({"correo_suplente": "eva@invima.example"}, "suplente"),
        ({"suplente": "Eva", "correo_suplente": "eva"}, "no es un correo"),
        ({"desde": "2026-11-10", "hasta": "2026-11-09"}, "fecha final"),
        ({"genero": "x"}, "opción"),
        ({"titular": ""}, "titular"),
    ],
)
def test_a_proposal_is_whole(core: Core, wrong: dict[str, str], said: str) -> None:
    core.first_initiative()
    assert said in core.refused("2026-11-03", "LT", "ean.proponer", **ANA | wrong)


def test_nobody_is_proposed_twice_in_one_initiative(core: Core) -> None:
    _propose(core)
    core.initiative("astilleros")
    assert "ya figura" in core.refused("2026-11-03", "LT", "ean.proponer", **ANA)
    core.does("2026-11-03", "LT", "ean.proponer", **ANA | {"iniciativa": "astilleros"})


@pytest.mark.parametrize("state", ["cerrada", "descartada"])
def test_what_is_over_gets_no_team(core: Core, state: str) -> None:
    core.initiative(state=state)
    assert state in core.refused("2026-11-03", "LT", "ean.proponer", **ANA)


# --- R42: invited by the Viceministry ---------------------------------------------------------------------------------


def test_the_letter_is_drafted_formally_and_may_be_edited(core: Core) -> None:
    member = _propose(core, suplente="Eva Sol", correo_suplente="eva@invima.example")
    core.does("2026-11-03", "LT", "ean.carta", integrante=member.id)
    for words in (
        "Viceministerio",
        "doctora Ana María Ruiz Gómez",
        "Directora General",
        "Invima",
        "Biologicos",
        "capacidad de decisión",
        "convocatoria",
        "no tiene una periodicidad fija",
        "invitada",
        "Eva Sol",
    ):
        assert words in member.letter
    own = "Carta ajustada por el despacho. " * 5
    core.does("2026-11-03", "VM", "ean.carta", integrante="Ana María", texto=own)
    assert member.letter == own.strip()
    assert "100 caracteres" in core.refused("2026-11-03", "LT", "ean.carta", integrante=member.id, texto="Venga")


def test_a_man_is_invited_as_one_and_an_acting_holder_as_acting(core: Core) -> None:
    member = _propose(core, **LUIS, encargado="sí")
    core.does("2026-11-03", "LT", "ean.carta", integrante=member.id)
    assert "doctor Luis Paz Mora" in member.letter
    assert "Viceministro (E)" in member.letter
    assert "invitado" in member.letter


def test_active_only_after_the_signed_letter_was_sent(core: Core) -> None:
    member = _signed(core, on="2026-11-06")  # a Friday
    assert (member.state, member.signed_by) == ("carta_firmada", "Viceministra de Desarrollo Empresarial")
    assert active_members(core.session, member.initiative_id, day("2026-11-06")) == []
    assert core.told("R42") == [("Ana María Ruiz Gómez", "2026-11-06", "2026-11-06")]
    assert core.notices("R42")[0].inputs["members"] == [member.id]
    core.live("2026-11-07", "2026-11-08")
    assert member.state == "carta_firmada"
    core.live("2026-11-09")
    assert (member.state, member.invited_on) == ("activa", day("2026-11-09"))
    assert active_members(core.session, member.initiative_id, day("2026-11-09")) == [member]


def test_planning_signs_on_behalf_and_it_says_so(core: Core) -> None:
    signed = "Planeación, carta 2-2026-0412 (por el Viceministerio de Desarrollo Empresarial)"
    assert _signed(core, who="PL").signed_by == signed


def test_planning_signs_on_behalf_only_with_the_number_of_the_signed_letter(core: Core) -> None:
    member = _propose(core)
    core.does("2026-11-04", "LT", "ean.carta", integrante=member.id)
    asked = core.refused("2026-11-04", "PL", "ean.firmar", integrante=member.id)
    assert "Indique el número de la carta con que el Viceministerio la firmó." in asked
    assert (member.state, core.notices("R42")) == ("propuesta", [])


@pytest.mark.parametrize("post", ["LT", "GG", "MIN", "EAN"])
def test_nobody_else_signs(core: Core, post: str) -> None:
    member = _propose(core)
    core.does("2026-11-03", "LT", "ean.carta", integrante=member.id)
    assert "corresponde" in core.refused("2026-11-04", post, "ean.firmar", integrante=member.id)


def test_first_the_letter_then_the_signature_and_once(core: Core) -> None:
    member = _propose(core)
    assert "no se ha redactado" in core.refused("2026-11-04", "VM", "ean.firmar", integrante=member.id)
    core.does("2026-11-04", "LT", "ean.carta", integrante=member.id)
    core.does("2026-11-04", "VM", "ean.firmar", integrante=member.id)
    assert "carta firmada" in core.refused("2026-11-04", "VM", "ean.firmar", integrante=member.id)
    assert "carta firmada" in core.refused("2026-11-04", "LT", "ean.carta", integrante=member.id)


@pytest.mark.parametrize("state", ["candidata", "en_construccion", "pausada", "en_cierre"])
def test_the_invitation_goes_also_before_the_launch(core: Core, state: str) -> None:
    core.initiative(launch=None, state=state)
    assert _active(core).state == "activa"


def test_the_invitation_of_what_was_discarded_meanwhile_does_not_go(core: Core) -> None:
    member = _signed(core)
    member.initiative.state = "descartada"
    core.live("2026-11-05")
    assert (member.state, core.notices("R42")[0].state) == ("carta_firmada", "withdrawn")


def test_a_term_that_has_passed_is_not_signed_and_an_active_member_ends_with_it(core: Core) -> None:
    member = _propose(core, hasta="2026-11-03")
    assert "terminó" in core.refused("2026-11-04", "LT", "ean.carta", integrante=member.id)
    other = _active(core, **LUIS, hasta="2026-11-20")
    assert active_members(core.session, other.initiative_id, day("2026-11-20")) == [other]
    assert active_members(core.session, other.initiative_id, day("2026-11-21")) == []


def test_who_leaves_before_it_was_sent_gets_no_invitation(core: Core) -> None:
    member = _signed(core)
    assert "motivo" in core.refused("2026-11-04", "LT", "ean.retirar", integrante=member.id, motivo="No")
    core.does("2026-11-04", "LT", "ean.retirar", integrante=member.id, **REASON)
    core.live("2026-11-05")
    assert (member.state, core.notices("R42")[0].state) == ("retirada", "withdrawn")
    assert "retirada" in core.refused("2026-11-05", "LT", "ean.retirar", integrante=member.id, **REASON)


def test_a_new_holder_is_proposed_after_the_former_left(core: Core) -> None:
    former = _active(core)
    core.does("2026-11-10", "VM", "ean.retirar", integrante=former.id, **REASON)
    assert (former.state, former.until) == ("retirada", day("2026-11-10"))
    assert active_members(core.session, former.initiative_id, day("2026-11-10")) == []
    core.does("2026-11-11", "LT", "ean.proponer", **ANA)
    assert [row.state for row in core.all(Member)] == ["retirada", "propuesta"]


# --- R43: no recurring job addresses them -----------------------------------------------------------------------------


def test_no_rule_of_the_clock_is_for_the_team() -> None:
    by_people = {"R18", "R42"}
    assert {rule.id for rule in RULES.values() if Post.HIGH_LEVEL in (rule.post, *rule.copies)} == by_people


def test_in_a_whole_year_nothing_is_addressed_to_active_members(core: Core) -> None:
    _active(core)
    core.action("BIO-01", due="2026-11-30")
    core.action("BIO-02", due="2027-03-15")
    core.action("BIO-03", due=None)
    first = day("2026-11-06")
    for days in range(0, 366, 4):  # the sweep catches up on the days between
        core.live(str(first + timedelta(days=days)))
    rules = {notice.rule for notice in core.notices() if notice.recorded_on >= first}
    assert {"R10", "R14", "R15", "R17", "R18.propuesta", "R30"} <= rules
    assert [n.rule for n in core.notices() if n.post == Post.HIGH_LEVEL] == ["R42"]


# --- R44: what a member can do ----------------------------------------------------------------------------------------


def test_an_active_member_of_the_directory_has_the_post_in_that_initiative_alone(core: Core) -> None:
    person = core.add(Person(name="Ana María Ruiz Gómez", gender="f", mail=MAIL))
    core.initiative("biologicos")
    other = core.initiative("astilleros")
    assert actor_of(core.session, person, day("2026-11-05")).posts == frozenset()
    member = _active(core)
    actor = actor_of(core.session, person, day("2026-11-05"))
    assert actor.posts == actor.own == frozenset({("EAN", member.initiative_id)})
    assert actor.holds(["EAN"], other.id) is None
    core.does("2026-11-06", "LT", "ean.retirar", integrante=member.id, **REASON)
    assert actor_of(core.session, person, day("2026-11-06")).posts == frozenset()


def test_a_members_substitute_answers_too(core: Core) -> None:
    person = core.add(Person(name="Eva Sol", gender="f", mail="eva@invima.example"))
    member = _active(core, suplente="Eva Sol", correo_suplente="Eva@Invima.example")
    actor = actor_of(core.session, person, day("2026-11-05"))
    assert actor.posts == frozenset({("EAN", member.initiative_id)})
    assert actor.own == frozenset()


def test_a_member_takes_a_measure_and_proposes_a_meeting(core: Core) -> None:
    core.add(Person(name="Ana María Ruiz Gómez", gender="f", mail=MAIL))
    core.action("BIO-01", due="2026-08-20")
    _active(core)
    core.does("2026-11-06", MAIL, "caso.medida", caso="biologicos", descripcion="Oficio al despacho del Ministro",
              responsable="Ana Ruiz", fecha="2026-11-20")  # fmt: skip
    text = "Revisar la reglamentación con las tres entidades"
    core.does("2026-11-06", MAIL, "ean.reunion", iniciativa="biologicos", texto=text)
    item = waiting(core.session)[-1]
    assert (item.kind, item.detail["motivo"]) == ("reunion_propuesta", text)
    assert item.title == "Ana María Ruiz Gómez propone una reunión de Biologicos"
    assert core.notices("R24.convocatoria") == []


def test_a_meeting_is_proposed_for_something_and_only_by_members(core: Core) -> None:
    core.first_initiative()
    text = "Revisar la reglamentación"
    assert "iniciativa o la alerta" in core.refused("2026-11-06", "EAN", "ean.reunion", texto=text)
    assert "10 caracteres" in core.refused("2026-11-06", "EAN", "ean.reunion", iniciativa="biologicos", texto="Ya")
    assert "corresponde" in core.refused("2026-11-06", "VM", "ean.reunion", iniciativa="biologicos", texto=text)


def test_a_member_of_another_initiative_may_not(core: Core) -> None:
    core.initiative("biologicos")
    core.initiative("astilleros")
    core.add(Person(name="Ana María Ruiz Gómez", gender="f", mail=MAIL))
    _active(core)
    text = "Revisar la reglamentación"
    assert "corresponde" in core.refused("2026-11-06", MAIL, "ean.reunion", iniciativa="astilleros", texto=text)
    assert len(core.all(Initiative)) == 2
