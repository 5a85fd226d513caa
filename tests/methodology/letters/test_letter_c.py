"""Letter C of the method, R24–R34: follow-up, entry and exit. A promise a rule."""

from __future__ import annotations

from typing import Any

import pytest
from core_world import INVIMA, Core, day

from methodology.agendas import items_of
from methodology.cases import exit_candidates
from methodology.closing_content import closing_content
from methodology.entry import entry_meetings
from methodology.standing import standing
from storage.ledger import CaseAction, HighLevelCase, Report
from storage.life import AgendaItem, Agreement, Measure, Meeting, Validation
from storage.matrix import Action, Initiative, Obstacle, Solution

REASON = {"motivo": "La entidad no cuenta con competencia vigente"}
YES = {"acepta": "sí", "quien": "Directora de Registros", "evidencia": "Oficio 2026-118"}
NECK = {"obstaculo": "Demora en licencias", "eslabon": "Licencias", "solucion": "Plan de choque"}
LOGROS = {"reunion": "logros astilleros"}
CASE = {"caso": "astilleros"}


@pytest.fixture
def astilleros(core: Core) -> Initiative:
    """In execution since 15-jul-2026, with one action far from due."""
    core.entity(INVIMA)
    initiative = core.initiative("astilleros", "2026-07-15")
    core.action("AST-01", due="2028-03-01", initiative=initiative)
    return initiative


def prepared(core: Core, on: str, kind: str = "logros", **more: str) -> list[AgendaItem]:
    where = {} if kind == "seguimiento" else {"iniciativa": "astilleros"}
    core.does(on, "GG", "reunion.preparar", clase=kind, **where, **more)
    return items_of(core.session, core.all(Meeting)[-1])


def held(core: Core, on: str, reunion: str = "logros astilleros") -> str:
    return core.does(on, "GG", "reunion.realizada", reunion=reunion)


def by_code(core: Core, code: str) -> Action:
    return core.session.query(Action).filter_by(code=code).one()


def validated(core: Core, code: str, on: str = "2026-08-10", **more: Any) -> Action:
    return core.action(code, due="2028-03-01", state="por_validar", validated_on=day(on), **more)


def brought_in(core: Core, code: str, on: str, who: str = "LT", **more: str) -> str:
    """A reunión de logros of that day brings the action in."""
    prepared(core, on, fecha=on)
    said = core.does(on, who, "accion.incorporar", accion=code, **LOGROS, **more)
    held(core, on)
    return said


def surtida(core: Core) -> HighLevelCase:
    """AST-02, due 22-sep-2026, went through its case and persists."""
    core.action("AST-02", due="2026-09-22")
    core.live("2026-11-23")
    core.does("2026-11-24", "LT", "caso.medida", descripcion="Mesa técnica con la entidad", responsable="Ana Ruiz",
              fecha="2026-12-11", **CASE)  # fmt: skip
    core.does("2026-11-30", "LT", "medida.ejecutada", medida="1", resultado="Se realizó la mesa")
    for post in ("LT", "GG"):
        core.does("2026-12-01", post, "caso.gestion", texto="Acompañamiento a la entidad", **CASE)
    core.does("2026-12-11", "LT", "caso.resultado", accion="AST-02", resultado="persiste", **CASE)
    core.does("2026-12-14", "GG", "caso.surtir", **CASE)
    return core.all(HighLevelCase)[-1]


# --- R24, R25: meetings -----------------------------------------------------------------------------------------------


def test_r24_the_pack_of_the_internal_meeting_has_figures_alerts_and_what_was_not_reported(
    core: Core, astilleros: Initiative
) -> None:
    core.action("AST-02", due="2026-07-20")
    core.live("2026-08-20")
    [point] = [one for one in prepared(core, "2026-09-01", "seguimiento") if one.kind == "iniciativa"]
    assert point.content == [
        "Cumplimiento: 0\u00a0% (0 de 2 acciones).",
        "Semáforo: Al día: 1, Vencida ≥ 1 mes: 1.",
        "Alertas abiertas: 1 (AST-02); nuevas: 1.",
        "Sin reporte de agosto de 2026: AST-01, AST-02.",
    ]


def test_r24_its_agreements_are_recorded_and_followed(core: Core, astilleros: Initiative) -> None:
    prepared(core, "2026-07-20", "seguimiento", fecha="2026-07-20")
    core.does("2026-07-20", "GG", "reunion.acuerdo", reunion="seguimiento", clase="compromiso", texto="Enviar el acta.",
              responsable="Planeación", fecha="2026-07-24")  # fmt: skip
    held(core, "2026-07-20", "seguimiento")
    [back] = [one for one in prepared(core, "2026-07-25", "seguimiento") if one.kind == "acuerdos"]
    assert back.content == ["Enviar el acta. Responsable: Planeación; 24 de julio de 2026."]
    assert [row.state for row in core.all(Agreement)] == ["pendiente"]


def test_r25_a_meeting_is_suggested_at_half_of_the_actions_and_never_convened_by_itself(
    core: Core, astilleros: Initiative
) -> None:
    core.action("AST-02", due="2028-03-01")
    core.does("2026-08-04", "LT", "accion.cumplida", accion="AST-01", fecha="2026-08-04", evidencia="Acta 12")
    core.live("2026-08-04", "2026-08-06")
    assert [(n.subject, n.period) for n in core.notices("R25")] == [("cumplimiento", "50")]
    assert core.all(Meeting) == []


def test_r25_it_is_suggested_four_months_after_the_last_one(core: Core, astilleros: Initiative) -> None:
    core.sweep("2026-11-14")
    assert core.told("R25") == []
    core.sweep("2026-11-15")
    assert core.told("R25") == [("tiempo", "2026-11-15", "2026-11-17")]


# --- R26–R29: entry ---------------------------------------------------------------------------------------------------


def test_r26_a_new_action_waits_for_its_entity_and_counts_from_its_incorporation(
    core: Core, astilleros: Initiative
) -> None:
    action = core.action("AST-02", due="2028-03-01", state="propuesta")
    core.does("2026-08-03", "LT", "accion.solicitar_validacion", accion="AST-02")
    prepared(core, "2026-08-10", fecha="2026-08-10")
    assert "no la ha validado" in core.refused("2026-08-10", "LT", "accion.incorporar", accion="AST-02", **LOGROS)
    core.does("2026-08-10", "LT", "accion.validada", accion="AST-02", fecha="2026-08-10", **YES)
    assert standing(core.session, astilleros, day("2026-08-10")).figures.counted == 1
    core.does("2026-08-10", "LT", "accion.incorporar", hour=12, accion="AST-02", **LOGROS)
    assert (action.state, standing(core.session, astilleros, day("2026-08-10")).figures.counted) == ("vigente", 2)


def test_r26_the_answer_keeps_who_when_and_evidence(core: Core, astilleros: Initiative) -> None:
    core.action("AST-02", due="2028-03-01", state="propuesta")
    core.does("2026-08-03", "LT", "accion.solicitar_validacion", accion="AST-02")
    core.does("2026-08-10", "LT", "accion.validada", accion="AST-02", fecha="2026-08-07", **YES)
    [row] = core.all(Validation)
    assert (row.accepted, row.by, str(row.on), row.evidence) == (True, YES["quien"], "2026-08-07", YES["evidencia"])


def test_r27_a_third_meeting_that_brings_actions_in_is_refused_with_an_explanation(
    core: Core, astilleros: Initiative
) -> None:
    for code, on in (("AST-02", "2026-08-12"), ("AST-03", "2026-09-10")):
        validated(core, code)
        brought_in(core, code, on)
    validated(core, "AST-04")
    prepared(core, "2026-10-08", fecha="2026-10-08")
    said = core.refused("2026-10-08", "LT", "accion.incorporar", accion="AST-04", **LOGROS)
    assert "reunión de logros del 12 de agosto de 2026 y reunión de logros del 10 de septiembre de 2026" in said


def test_r27_the_gerencia_general_may_override_it_with_a_reason(core: Core, astilleros: Initiative) -> None:
    for code, on in (("AST-02", "2026-08-12"), ("AST-03", "2026-09-10")):
        validated(core, code)
        brought_in(core, code, on)
    action = validated(core, "AST-04")
    brought_in(core, "AST-04", "2026-10-08", "GG", excepcion="El sector pidió una acción urgente")
    assert (action.state, core.all(Meeting)[-1].exception) == (
        "vigente", "El sector pidió una acción urgente (Gerente General)",
    )  # fmt: skip


def test_r28_the_updated_matrix_is_published_within_five_habiles_of_the_meeting(
    core: Core, astilleros: Initiative
) -> None:
    core.does("2026-11-03", "PL", "matriz.publicar", iniciativa="astilleros")
    validated(core, "AST-02", "2026-11-03")
    brought_in(core, "AST-02", "2026-11-05")
    assert [(n.post, str(n.due)) for n in core.notices("R28")] == [("PL", "2026-11-12")]
    said = core.does("2026-11-06", "PL", "matriz.publicar", iniciativa="astilleros")
    assert "AST-02 (acción nueva)" in said
    assert [(row.kind, row.version) for row in core.all(Report)] == [("matriz", 1), ("matriz", 2)]


def test_r28_a_later_validation_counts_from_itself_and_without_new_actions_nothing_is_published(
    core: Core, astilleros: Initiative
) -> None:
    prepared(core, "2026-11-05", fecha="2026-11-05")
    held(core, "2026-11-05")
    assert core.told("R28") == []
    validated(core, "AST-02", "2026-11-10")
    core.does("2026-11-11", "LT", "accion.incorporar", accion="AST-02", reunion="1")
    assert [str(n.due) for n in core.notices("R28")] == ["2026-11-18"]


def test_r29_a_bottleneck_is_added_then_approached_then_validated_in_that_order(
    core: Core, astilleros: Initiative
) -> None:
    core.does("2026-11-04", "LT", "cuello.agregar", iniciativa="astilleros", votos="12 de 15", **NECK)
    given = {"solucion": "1", "fecha": "2026-11-06"} | YES
    assert "antes del acercamiento" in core.refused("2026-11-06", "LT", "cuello.validar", **given)
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    assert [row.state for row in core.all(Solution)] == ["por_validar"]
    core.does("2026-11-06", "LT", "cuello.validar", hour=12, **given)
    assert [row.state for row in (*core.all(Obstacle), *core.all(Solution))] == ["vigente", "vigente"]


def test_r29_the_majority_is_evidenced(core: Core, astilleros: Initiative) -> None:
    given = NECK | {"iniciativa": "astilleros"}
    assert "Indique los votos" in core.refused("2026-11-04", "LT", "cuello.agregar", **given)
    assert "no es la mayoría" in core.refused("2026-11-04", "LT", "cuello.agregar", votos="7 de 14", **given)
    core.does("2026-11-04", "LT", "cuello.agregar", votos="8 de 15", **given)
    assert core.all(Obstacle)[0].evidence == "8 de 15 votos a favor"


def test_r29_its_actions_use_none_of_the_two_meetings(core: Core, astilleros: Initiative) -> None:
    core.does("2026-08-03", "LT", "cuello.agregar", iniciativa="astilleros", votos="8 de 15", **NECK)
    core.does("2026-08-03", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    core.does("2026-08-04", "LT", "cuello.validar", solucion="1", fecha="2026-08-04", **YES)
    action = validated(core, "AST-02", solution=core.all(Solution)[0])
    core.does("2026-08-12", "LT", "accion.incorporar", accion="AST-02")
    assert (action.state, entry_meetings(core.session, astilleros.id)) == ("vigente", [])


# --- R30–R34: Solución de alto nivel and exit -------------------------------------------------------------------------


def test_r30_more_than_two_months_strictly_opens_one_case_an_initiative(core: Core, astilleros: Initiative) -> None:
    core.action("AST-02", due="2026-09-22")
    core.live("2026-11-22")
    assert core.all(HighLevelCase) == []
    core.live("2026-11-23", "2026-11-25")
    assert core.told("R30") == [("astilleros", "2026-11-23", "2026-11-23")]
    assert [case.state for case in core.all(HighLevelCase)] == ["abierta"]


def test_r30_later_ones_join_the_open_case_with_a_notice(core: Core, astilleros: Initiative) -> None:
    core.action("AST-02", due="2026-09-22")
    core.action("AST-03", due="2026-10-01")
    for on in ("2026-11-23", "2026-12-01", "2026-12-02"):
        core.live(on)
    assert core.told("R30.ingreso") == [("AST-03", "2026-12-02", "2026-12-02")]
    assert [(row.case_id, row.action.code) for row in core.all(CaseAction)] == [(1, "AST-02"), (1, "AST-03")]


def test_r30_there_is_no_second_case_for_the_same_date(core: Core, astilleros: Initiative) -> None:
    surtida(core)
    core.live("2026-12-15", "2026-12-16")
    core.live("2027-01-20")
    assert [case.state for case in core.all(HighLevelCase)] == ["surtida"]


def test_r31_both_owners_are_told_and_it_is_not_surtida_before_both_recorded_their_part(
    core: Core, astilleros: Initiative
) -> None:
    core.action("AST-02", due="2026-09-22")
    core.live("2026-11-23")
    [told] = core.notices("R30")
    core.does("2026-11-24", "LT", "caso.gestion", texto="Acompañamiento a la entidad", **CASE)
    said = core.refused("2026-11-24", "LT", "caso.surtir", **CASE)
    assert (told.post, told.state) == ("LT", "sent")
    assert "la gestión de: Gerencia General" in said


def test_r32_a_case_needs_at_least_one_measure_with_responsible_deadline_and_state(
    core: Core, astilleros: Initiative
) -> None:
    core.action("AST-02", due="2026-09-22")
    core.live("2026-11-23")
    assert "al menos una medida" in core.refused("2026-11-24", "LT", "caso.surtir", **CASE)
    given = CASE | {"descripcion": "Mesa técnica con la entidad", "responsable": "Ana Ruiz", "fecha": "2026-12-11"}
    core.does("2026-11-24", "LT", "caso.medida", **given)
    [row] = core.all(Measure)
    assert (row.responsible, str(row.deadline), row.state) == ("Ana Ruiz", "2026-12-11", "pendiente")


def test_r33_only_management_gives_exit_after_a_surtida_case_and_it_is_terminal(
    core: Core, astilleros: Initiative
) -> None:
    given = {"accion": "AST-02"} | REASON
    surtida(core)
    assert "corresponde" in core.refused("2026-12-15", "LT", "accion.salida", **given)
    core.does("2026-12-15", "GG", "accion.salida", hour=12, **given)
    action = by_code(core, "AST-02")
    assert (action.state, str(action.exited_on)) == ("salida", "2026-12-15")
    assert "salida" in core.refused("2026-12-16", "LT", "accion.reabrir", **given)


def test_r33_without_a_surtida_case_there_is_no_exit_and_the_clock_gives_none(
    core: Core, astilleros: Initiative
) -> None:
    given = {"accion": "AST-01"} | REASON
    assert "no procede salida" in core.refused("2026-11-20", "GG", "accion.salida", **given)
    case = surtida(core)
    for on in ("2026-12-15", "2027-01-15", "2027-02-15"):
        core.live(on)
    assert by_code(core, "AST-02").state == "vigente"
    assert exit_candidates(core.session, case.initiative_id) == [by_code(core, "AST-02")]


def test_r34_an_exit_is_told_at_the_next_reunion_de_logros_and_stays_until_it_was(
    core: Core, astilleros: Initiative
) -> None:
    gone = core.action("AST-05", state="salida", exited_on=day("2026-08-10"))
    assert [one.subject for one in prepared(core, "2026-08-12", fecha="2026-08-12") if one.kind == "salida"] == [
        "AST-05"
    ]
    held(core, "2026-08-12")
    [again] = [one for one in prepared(core, "2026-09-01", fecha="2026-09-01") if one.kind == "salida"]
    core.does("2026-09-01", "GG", "reunion.punto", punto=again.id, decision="Informada.")
    held(core, "2026-09-01")
    assert gone.exit_told_in == core.all(Meeting)[-1].id
    assert [one.kind for one in prepared(core, "2026-10-01") if one.kind == "salida"] == []


def test_r34_an_exit_that_no_meeting_was_told_of_is_in_the_closing_report(core: Core, astilleros: Initiative) -> None:
    core.action("AST-05", state="salida", exited_on=day("2026-08-10"))
    astilleros.state = "en_cierre"
    content = closing_content(core.session, astilleros, day("2027-01-15"))
    [told] = content["challenges"]["exits"]
    assert (told["code"], told["on"], told["told_on"]) == ("AST-05", "2026-08-10", None)
