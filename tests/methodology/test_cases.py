"""R30–R33: the life of a Solución de alto nivel, and the exit of an action."""

from __future__ import annotations

from typing import Any

import pytest
from core_world import Core, at, day

from methodology.actions import annul, redate, set_met
from methodology.cases import exit_candidates
from methodology.notices import plan
from storage.history import Change, Deed
from storage.ledger import Alert, CaseAction, HighLevelCase, Silence
from storage.life import Measure
from storage.matrix import Action, ActionVersion, Holding

WHERE = {"caso": "biologicos"}
MEASURE = WHERE | {"descripcion": "Mesa técnica con la entidad", "responsable": "Ana Ruiz", "fecha": "2026-12-11"}
DONE = "Se realizó la mesa y hay cronograma"


@pytest.fixture
def case(core: Core) -> HighLevelCase:
    """Due 22-sep-2026: more than two months on 23-nov, not on the 22nd."""
    core.action("BIO-01", due="2026-09-22")
    core.action("BIO-09", due="2027-06-30")
    core.live("2026-11-22", "2026-11-23")
    return core.session.query(HighLevelCase).one()


def _measured(core: Core, on: str = "2026-11-24", **more: Any) -> Measure:
    core.does(on, "LT", "caso.medida", **MEASURE | more)
    return core.all(Measure)[-1]


def _executed(core: Core) -> None:
    core.does("2026-11-30", "LT", "medida.ejecutada", medida=_measured(core).id, resultado=DONE)


def _with_parts(core: Core) -> None:
    _executed(core)
    core.does("2026-12-01", "LT", "caso.gestion", texto="Acompañamiento técnico a la entidad", **WHERE)
    core.does("2026-12-01", "GG", "caso.gestion", texto="Reunión con la dirección de la entidad", **WHERE)


def _exhausted(core: Core, outcome: str = "persiste") -> None:
    _with_parts(core)
    core.does("2026-12-11", "LT", "caso.resultado", accion="BIO-01", resultado=outcome, **WHERE)
    core.does("2026-12-14", "GG", "caso.surtir", **WHERE)


def _action(core: Core, code: str = "BIO-01") -> Action:
    return next(action for action in core.all(Action) if action.code == code)


# --- opening (R30) and measures (R32) ---------------------------------------------------------------------------------


def test_the_case_opens_on_the_day_after_two_months_and_both_owners_are_told(core: Core) -> None:
    core.action("BIO-01", due="2026-09-22")
    core.live("2026-11-21", "2026-11-22")
    assert core.all(HighLevelCase) == []
    core.live("2026-11-23")
    assert core.told("R30") == [("biologicos", "2026-11-23", "2026-11-23")]
    assert [case.state for case in core.all(HighLevelCase)] == ["abierta"]


@pytest.mark.parametrize(("also_open", "state"), [(True, "planned"), (False, "withdrawn")])
def test_the_opening_is_told_while_another_action_is_open_in_the_case(
    core: Core, *, also_open: bool, state: str
) -> None:
    opener = core.action("BIO-01", due="2026-09-21")
    if also_open:
        core.action("BIO-02", due="2026-09-22")
    core.sweep("2026-11-23", 18)
    annul(core.session, opener, reason="Duplicada con BIO-02", author="GG", now=at("2026-11-23", 19))
    assert [notice.state for notice in core.notices("R30")] == [state]


def test_a_measure_defines_and_its_execution_executes(core: Core, case: HighLevelCase) -> None:
    measure = _measured(core)
    assert (case.state, measure.state, measure.deadline) == ("medidas_definidas", "pendiente", day("2026-12-11"))
    core.does("2026-11-30", "GG", "medida.ejecutada", medida=measure.id, resultado=DONE)
    assert (case.state, measure.state, measure.result) == ("medidas_ejecutadas", "ejecutada", DONE)


def test_one_more_measure_goes_back_to_defined_until_it_is_done_or_dropped(core: Core, case: HighLevelCase) -> None:
    _executed(core)
    further = _measured(core, "2026-12-01", descripcion="Convocar al despacho de la entidad")
    assert case.state == "medidas_definidas"
    core.does("2026-12-02", "LT", "medida.descartada", medida=further.id, motivo="Ya no es necesaria")
    assert case.state == "medidas_ejecutadas"


def test_when_every_measure_was_dropped_none_is_defined(core: Core, case: HighLevelCase) -> None:
    core.does("2026-12-02", "LT", "medida.descartada", medida=_measured(core).id, motivo="Ya no es necesaria")
    assert case.state == "abierta"


def test_a_measure_says_what_who_and_until_when(core: Core, case: HighLevelCase) -> None:
    assert "en al menos 10" in core.refused("2026-11-24", "LT", "caso.medida", **MEASURE | {"descripcion": "Mesa"})
    assert "anterior a hoy" in core.refused("2026-11-24", "LT", "caso.medida", **MEASURE | {"fecha": "2026-11-23"})
    assert "responsable" in core.refused("2026-11-24", "LT", "caso.medida", **MEASURE | {"responsable": " "})
    core.does("2026-11-24", "GG", "caso.medida", **MEASURE | {"fecha": "2026-11-24"})
    assert case.state == "medidas_definidas"


@pytest.mark.parametrize("post", ["PL", "VM", "MIN", "ENT"])
def test_measures_are_for_their_owners_and_the_high_level_team(core: Core, case: HighLevelCase, post: str) -> None:
    assert "corresponde" in core.refused("2026-11-24", post, "caso.medida", **MEASURE)
    core.does("2026-11-24", "EAN", "caso.medida", **MEASURE)
    assert case.state == "medidas_definidas"


def test_a_measure_is_executed_or_dropped_once_and_says_how(core: Core, case: HighLevelCase) -> None:
    assert case.state == "abierta"
    number = _measured(core).id
    assert "resultado" in core.refused("2026-11-30", "LT", "medida.ejecutada", medida=number, resultado="Sí")
    assert "motivo" in core.refused("2026-11-30", "LT", "medida.descartada", medida=number, motivo="No")
    core.does("2026-11-30", "LT", "medida.ejecutada", medida=number, resultado=DONE)
    assert "pendiente" in core.refused(
        "2026-12-01", "LT", "medida.descartada", medida=number, motivo="Otra vía distinta"
    )
    assert "pendiente" in core.refused("2026-12-01", "LT", "medida.ejecutada", medida=number, resultado=DONE)


# --- both owners (R31) ------------------------------------------------------------------------------------------------


def test_each_owner_records_their_own_part(core: Core, case: HighLevelCase) -> None:
    _with_parts(core)
    assert (case.leader_part, case.leader_by) == ("Acompañamiento técnico a la entidad", "Líder técnica")
    assert (case.management_part, case.management_by) == ("Reunión con la dirección de la entidad", "Gerente General")


def test_nobody_else_records_a_part_and_a_part_says_something(core: Core, case: HighLevelCase) -> None:
    text = "Acompañamiento técnico a la entidad"
    for post in ("PL", "VM", "EAN"):
        assert "corresponde" in core.refused("2026-12-01", post, "caso.gestion", texto=text, **WHERE)
    assert "gestión" in core.refused("2026-12-01", "LT", "caso.gestion", texto="Listo", **WHERE)
    assert case.leader_part == ""


def test_whoever_holds_both_posts_records_both_parts(core: Core, case: HighLevelCase) -> None:
    person = core.person("Rosa Paz", "LT", case.initiative)
    core.session.flush()
    core.add(_holding("GG", person.id))
    core.does("2026-12-01", person.mail, "caso.gestion", texto="Como líder: mesa técnica", **WHERE)
    core.does("2026-12-01", person.mail, "caso.gestion", texto="Como gerente: oficio", **WHERE)
    assert (case.leader_part, case.management_part) == ("Como líder: mesa técnica", "Como gerente: oficio")


def _holding(post: str, person_id: int) -> Holding:
    return Holding(post=post, initiative_id=None, person_id=person_id, since=day("2025-01-15"))


# --- outcome and surtida ----------------------------------------------------------------------------------------------


def test_it_is_not_surtida_while_anything_is_missing_and_all_of_it_is_named(core: Core, case: HighLevelCase) -> None:
    said = core.refused("2026-11-24", "LT", "caso.surtir", **WHERE)
    for part in ("al menos una medida", "líder técnico y Gerencia General", "el resultado de: BIO-01"):
        assert part in said
    number = _measured(core).id
    core.does("2026-11-25", "GG", "caso.gestion", texto="Reunión con la dirección", **WHERE)
    said = core.refused("2026-11-25", "GG", "caso.surtir", **WHERE)
    assert f"medidas pendientes: {number}" in said
    assert "la gestión de: líder técnico" in said
    assert case.state == "medidas_definidas"


def test_it_goes_from_open_to_surtida_in_order(core: Core, case: HighLevelCase) -> None:
    assert "abierta" in core.refused(
        "2026-11-24", "LT", "caso.resultado", accion="BIO-01", resultado="persiste", **WHERE
    )
    _exhausted(core)
    assert (case.state, case.exhausted_on) == ("surtida", day("2026-12-14"))
    for does, more in (
        ("caso.surtir", {}),
        ("caso.gestion", {"texto": "Otra gestión más"}),
        ("caso.medida", {k: v for k, v in MEASURE.items() if k != "caso"}),
        ("caso.resultado", {"accion": "BIO-01", "resultado": "cumplida"}),
    ):
        assert "surtida" in core.refused("2026-12-15", "LT", does, **WHERE, **more)


def test_only_its_owners_exhaust_it(core: Core, case: HighLevelCase) -> None:
    _with_parts(core)
    core.does("2026-12-11", "LT", "caso.resultado", accion="BIO-01", resultado="persiste", **WHERE)
    for post in ("PL", "VM", "EAN"):
        assert "corresponde" in core.refused("2026-12-14", post, "caso.surtir", **WHERE)
    assert case.state == "medidas_ejecutadas"


def test_an_outcome_is_what_the_matrix_says(core: Core, case: HighLevelCase) -> None:
    assert case.state == "abierta"
    _with_parts(core)
    refused = core.refused("2026-12-11", "LT", "caso.resultado", accion="BIO-01", resultado="cumplida", **WHERE)
    assert "no está cumplida" in refused
    assert "no está en la" in core.refused(
        "2026-12-11", "LT", "caso.resultado", accion="BIO-09", resultado="persiste", **WHERE
    )


def test_an_action_that_is_met_gets_its_outcome_by_itself(core: Core, case: HighLevelCase) -> None:
    _with_parts(core)
    core.does("2026-12-10", "LT", "caso.resultado", accion="BIO-01", resultado="persiste", **WHERE)
    _meet(core, "BIO-01")
    core.does("2026-12-14", "LT", "caso.surtir", **WHERE)
    assert [row.outcome for row in core.all(CaseAction)] == ["cumplida"]
    assert case.state == "surtida"
    assert exit_candidates(core.session, case.initiative_id) == []


def _meet(core: Core, code: str) -> None:
    set_met(core.session, _action(core, code), day("2026-12-11"), reason="Cumplida", author="LT", now=at("2026-12-11"))


def test_an_action_with_another_date_needs_no_outcome_there(core: Core, case: HighLevelCase) -> None:
    _with_parts(core)
    _move(core, "BIO-01", "2027-01-15")
    assert "otra fecha" in core.refused(
        "2026-12-11", "LT", "caso.resultado", accion="BIO-01", resultado="persiste", **WHERE
    )
    core.does("2026-12-14", "LT", "caso.surtir", **WHERE)
    assert case.state == "surtida"


def _move(core: Core, code: str, due: str) -> None:
    redate(core.session, _action(core, code), day(due), day("2026-12-10"), core.method)


def test_a_later_action_joins_the_open_case_and_needs_its_outcome_too(core: Core, case: HighLevelCase) -> None:
    core.action("BIO-02", due="2026-10-01")
    core.live("2026-11-24", "2026-12-02")
    assert core.told("R30.ingreso") == [("BIO-02", "2026-12-02", "2026-12-02")]
    assert len(core.all(HighLevelCase)) == 1
    _with_parts(core)
    core.does("2026-12-11", "LT", "caso.resultado", accion="BIO-01", resultado="persiste", **WHERE)
    assert "el resultado de: BIO-02" in core.refused("2026-12-14", "LT", "caso.surtir", **WHERE)
    assert case.state == "medidas_ejecutadas"


def test_no_second_case_for_the_same_date_but_one_for_a_new_date(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    core.live("2026-12-15", "2027-01-20")
    assert core.all(HighLevelCase) == [case]
    _move(core, "BIO-01", "2026-12-18")
    core.live("2027-02-15", "2027-02-18")
    assert core.all(HighLevelCase) == [case]
    core.live("2027-02-19")
    assert [row.state for row in core.all(HighLevelCase)] == ["surtida", "abierta"]


def test_every_step_is_kept_with_its_author_and_what_changed(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    assert [deed.operation for deed in core.all(Deed)] == [
        "caso.medida", "medida.ejecutada", "caso.gestion", "caso.gestion", "caso.resultado", "caso.surtir",
    ]  # fmt: skip
    states = [row.after["state"] for row in core.all(Change) if row.table == "high_level_case" and "state" in row.after]
    assert states == ["medidas_definidas", "medidas_ejecutadas", "surtida"]
    assert case.id == 1


# --- exit (R33) -------------------------------------------------------------------------------------------------------

REASON = {"motivo": "La entidad no cuenta con competencia vigente"}


def test_the_clock_gives_exit_to_nothing(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    core.live("2026-12-15", "2027-03-01")
    assert _action(core).state == "vigente"
    assert exit_candidates(core.session, case.initiative_id) == [_action(core)]


def test_management_gives_exit_and_the_leader_and_planning_are_told(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    assert "BIO-01" in core.does("2026-12-19", "GG", "accion.salida", accion="BIO-01", **REASON)
    action = _action(core)
    assert (action.state, action.exited_on, action.exit_told_in) == ("salida", day("2026-12-19"), None)
    version = core.all(ActionVersion)[-1]
    assert (version.before["state"], version.after["state"], version.reason) == ("vigente", "salida", REASON["motivo"])
    assert core.told("R33") == [("BIO-01", "2026-12-19", "2026-12-21")]
    assert core.notices("R33")[0].inputs == {"by": "Gerente General", "reason": REASON["motivo"]}
    assert exit_candidates(core.session, case.initiative_id) == []


def test_it_is_terminal(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    core.does("2026-12-18", "GG", "accion.salida", accion="BIO-01", **REASON)
    assert "salida" in core.refused("2026-12-21", "GG", "accion.salida", accion="BIO-01", **REASON)
    core.live("2026-12-21", "2027-02-01")
    assert (_action(core).state, case.state) == ("salida", "surtida")


@pytest.mark.parametrize("post", ["LT", "PL", "VM", "EAN"])
def test_only_management_gives_exit(core: Core, case: HighLevelCase, post: str) -> None:
    _exhausted(core)
    assert "corresponde a: Gerencia General" in core.refused(
        "2026-12-18", post, "accion.salida", accion="BIO-01", **REASON
    )
    assert "motivo" in core.refused("2026-12-18", "GG", "accion.salida", accion="BIO-01", motivo="No")
    assert case.state == "surtida"


def test_no_exit_before_the_case_is_surtida_nor_without_a_case(core: Core, case: HighLevelCase) -> None:
    assert "abierta" in core.refused("2026-11-24", "GG", "accion.salida", accion="BIO-01", **REASON)
    assert "no ha pasado" in core.refused("2026-11-24", "GG", "accion.salida", accion="BIO-09", **REASON)
    assert case.state == "abierta"


def test_no_exit_for_a_date_that_the_case_does_not_speak_of(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    _move(core, "BIO-01", "2027-01-15")
    assert "fecha actual" in core.refused("2026-12-18", "GG", "accion.salida", accion="BIO-01", **REASON)
    assert case.state == "surtida"


def test_no_exit_for_what_was_met(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    _meet(core, "BIO-01")
    assert "cumplida" in core.refused("2026-12-18", "GG", "accion.salida", accion="BIO-01", **REASON)
    assert case.state == "surtida"


def test_its_alerts_close_its_notices_go_and_nobody_is_silent_about_it(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    alert = next(one for one in core.all(Alert) if one.action_id)
    alert.state = "elevada_1"
    _action(core, "BIO-09").state = "cumplida"
    _plan_a_reminder(core)
    core.does("2026-12-18", "GG", "accion.salida", accion="BIO-01", **REASON)
    assert (alert.state, alert.closed_because) == ("cerrada", "salida")
    ended = {row.entity_id: row.ended_because for row in core.all(Silence)}
    assert ended == {_action(core).entity_id: "salida de la acción"}
    states = {notice.rule: notice.state for notice in core.notices("R19", "R33")}
    assert states == {"R19": "withdrawn", "R33": "planned"}
    assert case.state == "surtida"


def _plan_a_reminder(core: Core) -> None:
    action, today = _action(core), day("2026-12-18")
    about = {"initiative_id": action.initiative_id, "action_id": action.id}
    plan(core.session, "R19", subject=action.code, period="v1", recorded_on=today, due=action.due, inputs={}, **about)


def test_the_last_unmet_action_leaving_proposes_the_closing(core: Core, case: HighLevelCase) -> None:
    _exhausted(core)
    _action(core, "BIO-09").state = "cumplida"
    core.does("2026-12-18", "GG", "accion.salida", accion="BIO-01", **REASON)
    assert [notice.inputs["met"] for notice in core.notices("R35")] == [1]
    assert case.state == "surtida"


def test_a_matrix_of_exits_only_is_not_complete(core: Core) -> None:
    core.action("BIO-01", due="2026-09-22")
    core.live("2026-11-23")
    _exhausted(core)
    core.does("2026-12-18", "GG", "accion.salida", accion="BIO-01", **REASON)
    core.live("2026-12-21", "2026-12-23")
    assert core.notices("R35") == []


def test_a_closed_initiative_takes_no_further_step(core: Core, case: HighLevelCase) -> None:
    case.initiative.state = "cerrada"
    assert "cerrada" in core.refused("2026-11-24", "LT", "caso.medida", **MEASURE)
    assert "cerrada" in core.refused("2026-11-24", "LT", "caso.surtir", **WHERE)


# --- a case that has nothing left to bring about ----------------------------------------------------------------------


def _annul(core: Core, code: str, on: str = "2026-11-24") -> None:
    annul(core.session, _action(core, code), reason="Duplicada con otra", author="GG", now=at(on))


@pytest.mark.parametrize("leaves", [_annul, _meet, lambda core, code: _move(core, code, "2027-01-15")])
def test_without_open_actions_and_measures_it_ends_and_the_next_overdue_action_opens_another(
    core: Core, case: HighLevelCase, leaves: Any
) -> None:
    core.action("BIO-02", due="2026-10-01")
    leaves(core, "BIO-01")
    assert (case.state, case.closed_on is not None, case.live) == ("abierta", True, False)
    assert "terminó el" in core.refused("2026-12-01", "LT", "caso.medida", **(MEASURE | {"caso": case.id}))
    core.live("2026-12-02")
    assert [(one.live, one.opened_on) for one in core.all(HighLevelCase)] == [
        (False, day("2026-11-23")),
        (True, day("2026-12-02")),
    ]


def test_it_goes_on_while_another_action_of_it_is_open(core: Core) -> None:
    core.action("BIO-01", due="2026-09-22")
    core.action("BIO-02", due="2026-09-22")
    core.live("2026-11-23")
    _annul(core, "BIO-01")
    assert core.all(HighLevelCase)[0].live


def test_with_measures_its_owners_finish_it(core: Core, case: HighLevelCase) -> None:
    _with_parts(core)
    _annul(core, "BIO-01", "2026-12-02")
    core.does("2026-12-14", "GG", "caso.surtir", **WHERE)
    assert (case.state, case.closed_on) == ("surtida", None)


def test_the_last_measure_dropped_ends_what_nobody_needs(core: Core, case: HighLevelCase) -> None:
    measure = _measured(core)
    _annul(core, "BIO-01")
    said = core.does("2026-11-25", "LT", "medida.descartada", medida=measure.id, motivo="Ya no es necesaria")
    assert said.endswith("El caso termina: no le quedan acciones abiertas ni medidas.")
    assert case.closed_on == day("2026-11-25")
