"""R14, R16: approaches and answers that did not come by mail."""

from __future__ import annotations

import pytest
from core_world import Core, day

from methodology.outreaches import record_outreach
from methodology.silence import reached_out, silent_initiatives
from storage.ledger import Outreach, Proposal, Silence

INVIMA = "Invima"


@pytest.fixture
def asked(core: Core) -> Core:
    """Invima was asked on 11-nov about one action of one initiative."""
    entity = core.entity()
    core.action("BIO-01", due="2026-12-18")
    record_outreach(core.session, entity.id, "2026-11", "solicitud", day("2026-11-11"), token="T", asked=["BIO-01"])
    reached_out(core.session, entity.id, ["BIO-01"], day("2026-11-11"))
    return core


def _outreaches(core: Core) -> list[Outreach]:
    return core.all(Outreach)


def test_a_call_counts_as_an_approach_and_brings_the_alert_on_its_day(asked: Core) -> None:
    asked.does("2026-11-20", "LT", "entidad.acercamiento", entidad=INVIMA, medio="llamada")
    asked.live("2026-11-25")
    assert asked.told("R16") == []
    asked.live("2026-11-26")
    assert [subject for subject, _, _ in asked.told("R16")] == [INVIMA]


def test_two_calls_of_one_day_count_once(asked: Core) -> None:
    given = {"entidad": INVIMA, "medio": "llamada", "fecha": "20/11/2026"}
    asked.does("2026-11-20", "LT", "entidad.acercamiento", **given)
    assert "ya está registrado" in asked.refused("2026-11-21", "LT", "entidad.acercamiento", nota="Otra", **given)
    asked.does("2026-11-21", "LT", "entidad.acercamiento", **(given | {"medio": "visita"}))
    assert [row.outreaches for row in asked.all(Silence)] == [3]


def test_the_same_call_counts_in_each_leaders_own_initiatives(asked: Core) -> None:
    other = asked.initiative("astilleros")
    asked.action("AST-01", due="2026-12-18", initiative=other)
    asked.person("Ana Gil", "LT", other)
    for who in ("ana.gil@operador.example", "PL"):
        asked.does("2026-11-20", who, "entidad.acercamiento", entidad=INVIMA, medio="llamada")
    assert [row.asked for row in _outreaches(asked)] == [["BIO-01"], ["AST-01"], ["BIO-01"]]


def test_an_approach_is_told_within_sixty_days(asked: Core) -> None:
    given = {"entidad": INVIMA, "medio": "llamada"}
    early = asked.refused("2026-11-24", "LT", "entidad.acercamiento", fecha="24/09/2026", **given)
    assert "no más de 60 días atrás" in early
    asked.does("2026-11-24", "LT", "entidad.acercamiento", fecha="25/09/2026", **given)


def test_an_official_letter_told_by_phone_is_the_outreachs_answer(asked: Core) -> None:
    said = asked.does("2026-11-24", "LT", "entidad.oficio", entidad=INVIMA, numero="2026-4512", fecha="20/11/2026")
    assert said == "Se registró la respuesta de Invima (oficio 2026-4512 del 20 de noviembre de 2026)."
    assert (_outreaches(asked)[0].answered_on, silent_initiatives(asked.session, asked.entity().id)) == (
        day("2026-11-24"),
        [],
    )
    assert "2026-4512" in _outreaches(asked)[0].answer


def test_an_answer_by_phone_ends_the_silence_and_a_late_one_closes_the_alert(asked: Core) -> None:
    asked.does("2026-11-20", "LT", "entidad.acercamiento", entidad=INVIMA, medio="llamada")
    asked.live("2026-11-26")
    asked.does("2026-11-27", "LT", "entidad.respondio", entidad=INVIMA, medio="llamada", texto="Avanza el concepto")
    assert (asked.alert().state, asked.alert().closed_because) == ("cerrada", "respondida_tarde")


def test_what_was_said_by_phone_needs_words(asked: Core) -> None:
    refused = asked.refused("2026-11-20", "LT", "entidad.respondio", entidad=INVIMA, medio="llamada", texto="sí")
    assert "al menos 10 caracteres" in refused


def test_a_letter_of_tomorrow_is_refused(asked: Core) -> None:
    refused = asked.refused("2026-11-24", "LT", "entidad.oficio", entidad=INVIMA, numero="1", fecha="25/11/2026")
    assert "posterior a hoy" in refused


def test_only_the_initiatives_of_whoever_records_it_are_answered(asked: Core) -> None:
    other = asked.initiative("astilleros")
    asked.action("AST-01", due="2026-12-18", initiative=other)
    reached_out(asked.session, asked.entity().id, ["AST-01"], day("2026-11-11"))
    asked.person("Ana Gil", "LT", other)
    asked.does("2026-11-24", "ana.gil@operador.example", "entidad.oficio", entidad=INVIMA, numero="7")
    assert silent_initiatives(asked.session, asked.entity().id) == [asked.first_initiative().id]


def test_another_initiatives_leader_records_nothing(asked: Core) -> None:
    asked.person("Ana Gil", "LT", asked.initiative("astilleros"))
    refused = asked.refused("2026-11-24", "ana.gil@operador.example", "entidad.oficio", entidad=INVIMA, numero="7")
    assert "corresponden a otro líder técnico" in refused


def test_the_vice_ministry_records_no_answer(asked: Core) -> None:
    assert "corresponde a" in asked.refused("2026-11-24", "VM", "entidad.oficio", entidad=INVIMA, numero="7")


def test_a_new_address_ends_the_invalid_contact(asked: Core) -> None:
    asked.does("2026-11-24", "PL", "entidad.contacto", entidad=INVIMA, correo="Enlace@Invima.example")
    assert asked.entity().mail == "enlace@invima.example"
    for wrong in ("enlace", "enlace..invima@invima.example", "enlace@invima..example"):
        assert "no es un correo" in asked.refused("2026-11-24", "PL", "entidad.contacto", entidad=INVIMA, correo=wrong)


def test_a_leader_corrects_the_address_of_its_own_entities_alone(asked: Core) -> None:
    asked.person("Ana Gil", "LT", asked.initiative("astilleros"))
    given = {"entidad": INVIMA, "correo": "nuevo@invima.example"}
    refused = asked.refused("2026-11-24", "ana.gil@operador.example", "entidad.contacto", **given)
    assert "corresponden a otro líder técnico" in refused
    asked.does("2026-11-24", "LT", "entidad.contacto", **given)


def test_a_promised_date_delays_twice_at_most(asked: Core) -> None:
    asked.does("2026-11-20", "LT", "entidad.plazo", entidad=INVIMA, fecha="27/11/2026")
    asked.does("2026-11-26", "LT", "entidad.plazo", entidad=INVIMA, fecha="2/12/2026")
    assert "ya se aplazó dos veces" in asked.refused(
        "2026-11-27", "LT", "entidad.plazo", entidad=INVIMA, fecha="3/12/2026"
    )


def test_a_promise_beyond_the_bound_says_so_and_one_that_changes_nothing_is_refused(asked: Core) -> None:
    said = asked.does("2026-11-20", "LT", "entidad.plazo", entidad=INVIMA, fecha="15/12/2026")
    assert "como máximo hasta el 27 de noviembre de 2026, y no hasta el 15 de diciembre de 2026, porque" in said
    refused = asked.refused("2026-11-20", "LT", "entidad.plazo", entidad=INVIMA, fecha="25/11/2026")
    assert "ya se espera hasta el 27 de noviembre de 2026" in refused


def test_an_entitys_report_is_a_proposal_and_never_the_matrix(asked: Core) -> None:
    asked.does("2026-11-20", "ENT", "entidad.respuesta", accion="BIO-01", avance="80 %", texto="Salió a comentarios")
    proposal = asked.all(Proposal)[0]
    assert (proposal.percent, proposal.state, proposal.month) == (80.0, "pendiente", "2026-11")
    assert [row.ended_because for row in asked.all(Silence)] == ["respuesta"]
