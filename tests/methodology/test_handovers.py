"""R14: the contact is checked every quarter, and handed over with what is pending when it changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from core_world import Core, at, day

from methodology import tray
from methodology.holds import AWAY
from methodology.replies import INVALID_CONTACT, TO_CLASSIFY
from methodology.silence import answered, unreachable
from storage.ledger import Outreach, Silence, TrayItem
from storage.matrix import Action

DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"
NEW = "ana.ruiz@invima.example"


@pytest.fixture
def asked(core: Core) -> Core:
    """Invima was asked on 11 November about one action of each of two initiatives."""
    core.action("BIO-01", due="2027-10-31")
    core.action("AST-01", due="2027-10-31", initiative=core.initiative("astilleros"))
    core.live("2026-11-11")
    return core


def _change(core: Core, on: str, mail: str = NEW) -> str:
    return core.does(on, "PL", "entidad.contacto", entidad="Invima", correo=mail)


def _outreaches(core: Core) -> list[tuple[str, str, list[str]]]:
    return [(row.month, row.kind, sorted(row.asked)) for row in core.all(Outreach)]


def _states(core: Core, rule: str) -> list[tuple[str, str]]:
    return [(str(row.recorded_on), row.state) for row in core.notices(rule)]


def test_the_contact_is_checked_on_the_first_habil_day_of_each_quarter(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-12-28", "2027-04-05")
    assert [str(row.recorded_on) for row in core.notices("R14.contacto")] == ["2027-01-04", "2027-04-01"]
    checked = [row for row in core.all(Outreach) if row.kind == "verificación de contacto"]
    assert [(row.month, row.asked) for row in checked] == [("", []), ("", [])]


def test_it_is_no_approach_of_the_silence(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-12-28", "2027-01-05")
    assert core.all(Silence) == []


def test_whoever_has_nothing_open_is_left_alone_and_the_operator_too(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31", state="cumplida")
    core.entity(DIAN, internal=True)
    core.action("BIO-02", due="2027-10-31", entity=DIAN)
    core.live("2027-01-02", "2027-01-05")
    assert core.notices("R14.contacto") == []


def test_an_address_that_bounced_is_not_written_to(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.sweep("2026-12-31")
    tray.put(core.session, INVALID_CONTACT, str(core.entity().id), "Contacto inválido", {}, at("2026-12-31"))
    core.live("2027-01-04")
    told = core.notices("R14.contacto")[0]
    assert (told.state, told.withdrawn_reason) == ("withdrawn", "el contacto está por corregir")


def test_days_without_service_bring_it_late_and_once(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-12-30")
    core.live("2027-01-12", "2027-01-13")
    assert _states(core, "R14.contacto") == [("2027-01-04", "sent")]


def test_how_often_is_configured(core: Core) -> None:

    core.method = replace(
        core.method, thresholds=core.method.thresholds.override({"contacto.verificacion_meses": 6}, "")
    )
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-12-30", "2027-07-02")
    assert [str(row.recorded_on) for row in core.notices("R14.contacto")] == ["2027-01-04", "2027-07-01"]


def test_a_new_contact_gets_what_is_pending_and_the_former_one_a_word(asked: Core) -> None:
    assert "se le escribe con lo que tenga pendiente" in _change(asked, "2026-11-17")
    asked.live("2026-11-17")
    assert (_states(asked, "R14.entrega"), _states(asked, "R14.relevo")) == (
        [("2026-11-17", "sent")],
        [("2026-11-17", "sent")],
    )
    told = asked.notices("R14.entrega")[0]
    assert (told.due, told.inputs["codes"]) == (day("2026-11-25"), ["AST-01", "BIO-01"])
    assert _outreaches(asked)[-1] == ("2026-11", "entrega a nuevo contacto", ["AST-01", "BIO-01"])


def test_the_silence_counts_anew_from_what_the_new_contact_got(asked: Core) -> None:
    _change(asked, "2026-11-17")
    asked.live("2026-11-17", "2026-11-30")
    assert [(row.ended_because, str(row.first_on)) for row in asked.all(Silence)] == [
        ("cambio de contacto", "2026-11-11"),
        ("cambio de contacto", "2026-11-11"),
        ("", "2026-11-17"),
        ("", "2026-11-17"),
    ]
    assert [row.state for row in asked.notices("R14.reiteracion")] == ["sent"]
    assert asked.told("R16") == []
    asked.live("2026-12-01")  # ten hábil days after the 17th
    assert [recorded for _, recorded, _ in asked.told("R16")] == ["2026-12-01"] * 2


def test_only_what_is_still_unanswered_is_handed_over(asked: Core) -> None:
    asked.all(Outreach)[0].answered_on = day("2026-11-13")
    answered(asked.session, asked.entity().id, [asked.first_initiative().id], day("2026-11-13"))
    _change(asked, "2026-11-17")
    assert asked.notices("R14.entrega")[0].inputs["codes"] == ["AST-01"]


def test_with_nothing_pending_it_is_a_word_that_is_no_approach(asked: Core) -> None:
    asked.all(Outreach)[0].answered_on = day("2026-11-13")
    answered(asked.session, asked.entity().id, [row.initiative_id for row in asked.all(Action)], day("2026-11-13"))
    _change(asked, "2026-11-17")
    asked.live("2026-11-17")
    assert "codes" not in asked.notices("R14.entrega")[0].inputs
    assert _outreaches(asked)[-1] == ("", "verificación de contacto", [])
    assert [row.ended_because for row in asked.all(Silence)] == ["respuesta", "respuesta"]


def test_after_a_bounce_the_former_address_is_left_alone(asked: Core) -> None:
    asked.all(Outreach)[0].kind = "rebotado"
    unreachable(asked.session, asked.entity().id, day("2026-11-12"))
    tray.put(asked.session, INVALID_CONTACT, str(asked.entity().id), "Contacto inválido", {}, at("2026-11-12"))
    _change(asked, "2026-11-17")
    asked.live("2026-11-17")
    assert asked.notices("R14.relevo") == []
    assert asked.notices("R14.entrega")[0].inputs["codes"] == ["AST-01", "BIO-01"]
    assert [row.resolution for row in asked.all(TrayItem)] == [f"Nuevo contacto: {NEW} (Planeación)"]


def test_the_same_address_again_tells_nobody(asked: Core) -> None:
    _change(asked, "2026-11-17", "enlace@entidad.example")
    assert asked.notices("R14.entrega", "R14.relevo") == []
    assert {row.ended_on for row in asked.all(Silence)} == {None}


def test_a_second_change_before_it_went_leaves_the_last_one(asked: Core) -> None:
    _change(asked, "2026-11-17", "otro@invima.example")
    _change(asked, "2026-11-17")
    asked.live("2026-11-18")
    assert [(row.inputs["mail"], row.state) for row in asked.notices("R14.entrega")] == [
        ("otro@invima.example", "withdrawn"),
        (NEW, "sent"),
    ]


def test_the_reiteration_does_not_go_on_the_day_of_the_handover(asked: Core) -> None:
    _change(asked, "2026-11-19")
    asked.live("2026-11-20")
    assert [row.withdrawn_reason for row in asked.notices("R14.reiteracion")] == [
        "la entrega al nuevo contacto va ese mismo día"
    ]


def test_a_silence_that_raised_its_alert_goes_on(asked: Core) -> None:
    asked.live("2026-11-12", "2026-11-26")
    assert len(asked.told("R16")) == 2
    _change(asked, "2026-11-27")
    assert {row.ended_on for row in asked.all(Silence)} == {None}


def test_what_waited_for_this_change_is_settled_and_what_says_more_is_not(asked: Core) -> None:
    entity = str(asked.entity().id)
    detail = {"new_contact": NEW, "understood": [], "wants_until": ""}
    tray.put(asked.session, AWAY, entity, "Ausente", {}, at("2026-11-12"))
    tray.put(asked.session, TO_CLASSIFY, "1", "Nuevo contacto", detail, at("2026-11-12"))
    tray.put(asked.session, TO_CLASSIFY, "2", "Y algo más", detail | {"understood": ["BIO-01"]}, at("2026-11-12"))
    tray.put(asked.session, AWAY, "99", "De otra", {}, at("2026-11-12"))
    _change(asked, "2026-11-17")
    assert [row.title for row in tray.waiting(asked.session)] == ["Y algo más", "De otra"]


def test_an_old_cycle_is_not_handed_over(asked: Core) -> None:
    asked.all(Outreach)[0].month = "2026-08"
    _change(asked, "2026-11-17")
    assert "codes" not in asked.notices("R14.entrega")[0].inputs
