from __future__ import annotations

from typing import Any

import pytest
from core_world import Core, at, day

from methodology import agendas
from methodology.contents import MATRIX
from methodology.telling import why_not_any_more
from storage.history import Change
from storage.ledger import Alert, CaseAction, HighLevelCase, Report
from storage.life import AgendaItem, Agreement, Measure, Meeting
from storage.matrix import Achievement, Action, Initiative

DIMAR = "Dirección General Marítima (Dimar)"


@pytest.fixture
def astilleros(core: Core) -> Initiative:
    """In execution since 15-jul-2026, with one action far from due."""
    initiative = core.initiative("astilleros", "2026-07-15")
    core.action("AST-01", due="2028-03-01", initiative=initiative)
    return initiative


def last(core: Core) -> Meeting:
    return core.all(Meeting)[-1]


def points(core: Core) -> list[AgendaItem]:
    return agendas.items_of(core.session, last(core))


def internal(core: Core, on: str, **more: str) -> list[AgendaItem]:
    core.does(on, "GG", "reunion.preparar", clase="seguimiento", **more)
    return points(core)


def logros(core: Core, on: str, **more: str) -> list[AgendaItem]:
    core.does(on, "LT", "reunion.preparar", clase="logros", iniciativa="astilleros", **more)
    return points(core)


def held(core: Core, on: str, which: str = "logros astilleros", **more: str) -> str:
    return core.does(on, "GG", "reunion.realizada", reunion=which, **more)


def exited(core: Core, code: str, on: str = "2026-08-10", **more: Any) -> Action:
    return core.action(code, state="salida", exited_on=day(on), **more)


def validated(core: Core, code: str, on: str = "2026-08-10") -> Action:
    return core.action(code, due="2028-03-01", state="por_validar", validated_on=day(on))


# --- the internal meeting (R24) ---------------------------------------------------------------------------------------


def test_what_needs_attention_has_its_point_and_the_others_share_a_line(core: Core, astilleros: Initiative) -> None:
    core.initiative("biologicos", "2026-07-15")
    core.initiative("cannabis", "2026-07-15")
    core.action("BIO-01", due="2028-01-31", initiative=core.all(Initiative)[1])
    core.add(Alert(key="a", kind="VENCIDA_1_MES", initiative_id=astilleros.id, action=core.all(Action)[0],
                   episode="v1", raised_on=day("2026-07-20"), state="abierta"))  # fmt: skip
    items = internal(core, "2026-07-31")
    assert [(p.kind, p.title) for p in items] == [
        ("iniciativa", "Astilleros"),
        ("sin_novedad", "Sin novedad: Biologicos, Cannabis"),
    ]
    assert items[0].content == [
        "Cumplimiento: 0\u00a0% (0 de 1 acciones).",
        "Semáforo: Al día: 1.",
        "Alertas abiertas: 1 (AST-01); nuevas: 1.",
    ]


def test_an_alert_is_new_until_the_internal_meeting_after_it(core: Core, astilleros: Initiative) -> None:
    core.add(Alert(key="a", kind="VENCIDA_1_MES", initiative_id=astilleros.id, action=core.all(Action)[0],
                   episode="v1", raised_on=day("2026-07-20"), state="elevada_1"))  # fmt: skip
    internal(core, "2026-07-29", fecha="2026-07-29")
    held(core, "2026-07-29", "seguimiento")
    assert "Alertas abiertas: 1 (AST-01); ninguna nueva." in internal(core, "2026-07-30")[0].content


def test_actions_without_report_of_the_last_month_that_closed(core: Core, astilleros: Initiative) -> None:
    assert "Sin reporte de julio de 2026: AST-01." in internal(core, "2026-08-31")[0].content
    core.does("2026-08-31", "GG", "reunion.cancelar", reunion="seguimiento", motivo="Otra agenda")
    assert "Sin reporte de agosto de 2026: AST-01." in internal(core, "2026-09-01")[0].content


def test_the_month_before_the_launch_owes_nothing(core: Core) -> None:
    core.initiative("astilleros", "2026-08-03")
    core.action("AST-01", due="2028-03-01")
    assert [p.kind for p in internal(core, "2026-08-31")] == ["sin_novedad"]


def test_suggestions_cases_exits_and_closings_are_on_the_agenda(core: Core, astilleros: Initiative) -> None:
    core.add(HighLevelCase(initiative_id=astilleros.id, opened_on=day("2026-07-20"), state="abierta"))
    action = core.all(Action)[0]
    core.add(CaseAction(case_id=1, action_id=action.id, due_version=1, joined_on=day("2026-07-20")))
    gone = core.add(HighLevelCase(initiative_id=astilleros.id, opened_on=day("2026-07-16"), state="surtida"))
    stays = core.action("AST-02", due="2028-03-01")
    core.add(CaseAction(case_id=gone.id, action_id=stays.id, due_version=1, joined_on=day("2026-07-16"),
                        outcome="persiste"))  # fmt: skip
    core.sweep("2026-11-15")
    core.sweep("2027-12-01")
    said = internal(core, "2027-12-01")[0].content
    assert "Solución de alto nivel abierta desde el 20 de julio de 2026: AST-01." in said
    assert "Candidatas a salida (persiste el incumplimiento): AST-02." in said
    assert "La iniciativa cumple su plazo de ejecución el 15 de enero de 2028." in said
    assert any(line.startswith("Se sugiere una reunión de logros: pasaron 4 meses") for line in said)


def test_all_met_is_said(core: Core, astilleros: Initiative) -> None:
    core.all(Action)[0].state = "cumplida"
    assert "Todas las acciones incorporadas están cumplidas: procede proponer el cierre." in (
        internal(core, "2026-07-31")[0].content
    )


def test_candidates_come_with_fase_ii_first(core: Core, astilleros: Initiative) -> None:
    core.initiative("minera", None, state="candidata", alerts_from=None)
    core.initiative("textil", None, state="en_validacion_mincit", alerts_from=None, phase_two=True)
    [item] = [p for p in internal(core, "2026-07-31") if p.kind == "candidatas"]
    assert item.content == ["Textil (Fase II): En validación de MinCIT.", "Minera: Candidata."]


def test_overdue_commitments_come_back_until_they_are_met(core: Core, astilleros: Initiative) -> None:
    internal(core, "2026-07-20", fecha="2026-07-20")
    core.does("2026-07-20", "GG", "reunion.acuerdo", reunion="seguimiento", clase="compromiso", texto="Enviar el acta.",
              responsable="Planeación", fecha="2026-07-24")  # fmt: skip
    held(core, "2026-07-20", "seguimiento")
    assert [p.kind for p in internal(core, "2026-07-24")] == ["sin_novedad"]
    core.does("2026-07-25", "GG", "reunion.cancelar", reunion="seguimiento", motivo="Otra agenda")
    [late] = [p for p in internal(core, "2026-07-25") if p.kind == "acuerdos"]
    assert late.content == ["Enviar el acta. Responsable: Planeación; 24 de julio de 2026."]
    core.does("2026-07-27", "PL", "acuerdo.cumplido", acuerdo="1")
    assert core.all(Agreement)[0].state == "cumplido"
    assert "se requiere pendiente" in core.refused("2026-07-27", "PL", "acuerdo.cumplido", acuerdo="1")


def test_the_internal_meeting_is_the_managements_or_plannings_on_its_behalf(core: Core, astilleros: Initiative) -> None:
    assert "corresponde a" in core.refused("2026-07-31", "LT", "reunion.preparar", clase="seguimiento")
    given = {"clase": "seguimiento", "iniciativa": "astilleros"}
    assert "todas las iniciativas" in core.refused("2026-07-31", "GG", "reunion.preparar", **given)
    core.does("2026-07-31", "PL", "reunion.preparar", clase="seguimiento")
    assert "Ya hay una reunión" in core.refused("2026-07-31", "GG", "reunion.preparar", clase="seguimiento")
    given = {"reunion": "seguimiento", "fecha": "2026-08-05", "hora": "9:00", "invitados": "a@b.example"}
    assert "corresponde a" in core.refused("2026-07-31", "LT", "reunion.convocar", **given)


# --- what was not decided comes back ----------------------------------------------------------------------------------


def test_a_point_that_was_not_decided_comes_back_in_the_next_meeting_of_its_kind(
    core: Core, astilleros: Initiative
) -> None:
    internal(core, "2026-07-20", fecha="2026-07-20")
    core.does("2026-07-20", "GG", "reunion.agregar_punto", reunion="seguimiento", titulo="Convenio", minutos="15")
    core.does("2026-07-20", "GG", "reunion.agregar_punto", reunion="seguimiento", titulo="Presupuesto", ponente="Ana")
    decided, open_one = points(core)[-2:]
    core.does("2026-07-20", "GG", "reunion.punto", punto=decided.id, decision="Se firma.")
    assert "Vuelven en la siguiente agenda: 2." in held(core, "2026-07-20", "seguimiento")
    assert (decided.state, open_one.state) == ("tratado", "aplazado")
    logros(core, "2026-07-21")
    assert "Presupuesto" not in [p.title for p in points(core)]
    [back] = [p for p in internal(core, "2026-07-22") if p.kind == "manual"]
    assert (back.title, back.speaker, back.returns_id) == ("Presupuesto", "Ana", open_one.id)
    assert back.content == ["Punto aplazado de la reunión del 20 de julio de 2026."]


def test_a_returned_initiative_is_not_without_news_and_stands_once(core: Core, astilleros: Initiative) -> None:
    astilleros.launch = day("2026-06-01")
    internal(core, "2026-07-20", fecha="2026-07-20")
    assert [p.kind for p in points(core)] == ["iniciativa"]
    held(core, "2026-07-20", "seguimiento")
    core.all(Action)[0].state = "anulada"
    again = internal(core, "2026-07-22")
    assert [(p.kind, p.subject, p.returns_id is not None) for p in again] == [("iniciativa", "astilleros", True)]
    assert again[0].content[-1] == "Punto aplazado de la reunión del 20 de julio de 2026."


def test_what_a_cancelled_meeting_left_comes_back_too(core: Core, astilleros: Initiative) -> None:
    internal(core, "2026-07-20")
    core.does("2026-07-20", "GG", "reunion.agregar_punto", reunion="seguimiento", titulo="Convenio")
    core.does("2026-07-21", "GG", "reunion.cancelar", reunion="seguimiento", motivo="Agenda")
    assert [p.title for p in internal(core, "2026-07-22")][-1] == "Convenio"


def test_an_agenda_brought_up_to_date_keeps_what_people_changed(core: Core, astilleros: Initiative) -> None:
    [first, _] = logros(core, "2026-07-20", fecha="2026-08-20")
    core.does("2026-07-20", "LT", "reunion.agenda", punto=first.id, titulo="Balance", minutos="20")
    exited(core, "AST-05")
    core.does("2026-08-12", "LT", "reunion.convocar", reunion="logros astilleros", hora="9:00", invitados="a@b.example")
    assert [(p.title, p.minutes) for p in points(core)] == [
        ("Balance", 20),
        ("Logros desde el 15 de julio de 2026", 15),
        ("Salida de AST-05", 5),
    ]


# --- deciding and closing ---------------------------------------------------------------------------------------------


def test_a_point_is_decided_on_the_day_and_corrected_until_the_close(core: Core, astilleros: Initiative) -> None:
    [point, _] = logros(core, "2026-07-20", fecha="2026-07-22")
    assert "todavía no" in core.refused("2026-07-21", "LT", "reunion.punto", punto=point.id, decision="Sí")
    core.does("2026-07-22", "LT", "reunion.punto", punto=point.id, decision="Sí")
    core.does("2026-07-22", "LT", "reunion.punto", punto=point.id, decision="No")
    held(core, "2026-07-22")
    assert point.decision == "No"
    assert "ya no cambia" in core.refused("2026-07-22", "LT", "reunion.punto", punto=point.id, decision="Sí")
    assert "requiere" in core.refused("2026-07-22", "LT", "reunion.agenda", punto=point.id, titulo="Otro")
    assert [c.after["decision"] for c in core.all(Change) if "decision" in c.after][-1] == "No"


def test_a_meeting_is_held_once_and_not_before_its_day(core: Core, astilleros: Initiative) -> None:
    logros(core, "2026-07-20", fecha="2026-07-22")
    early = core.refused("2026-07-21", "LT", "reunion.realizada", reunion="logros astilleros")
    assert "si se realizó antes" in early
    held(core, "2026-07-23")
    assert last(core).held_on == day("2026-07-22")
    again = core.refused("2026-07-23", "LT", "reunion.realizada", reunion=last(core).id)
    assert "se requiere preparada o convocada" in again


def test_a_meeting_was_held_31_days_ago_at_most(core: Core, astilleros: Initiative) -> None:
    logros(core, "2026-08-20")
    given = {"reunion": "logros astilleros"}
    late = core.refused("2026-08-31", "LT", "reunion.realizada", **given, fecha="2026-07-30")
    assert late == "La fecha en que se realizó no puede ser anterior al 31 de julio de 2026."
    held(core, "2026-08-31", fecha="2026-07-31")


def test_a_meeting_that_brought_actions_in_is_not_cancelled(core: Core, astilleros: Initiative) -> None:
    brought(core)
    given = {"reunion": "logros astilleros", "motivo": "Sin quórum"}
    assert "se incorporaron acciones (AST-07)" in core.refused("2026-11-05", "GG", "reunion.cancelar", **given)
    assert last(core).state == "preparada"


def test_a_closed_initiative_holds_no_meeting(core: Core, astilleros: Initiative) -> None:
    logros(core, "2026-07-20", fecha="2026-07-22")
    astilleros.state = "cerrada"
    assert "está cerrada" in core.refused("2026-07-22", "LT", "reunion.realizada", reunion="logros astilleros")


def test_a_reunion_de_logros_counts_as_the_last_meeting(core: Core, astilleros: Initiative) -> None:
    logros(core, "2026-07-20", fecha="2026-07-22")
    held(core, "2026-07-22", por_definir="sí")
    assert astilleros.met_last_on == day("2026-07-22")
    core.sweep("2026-08-05")
    assert core.notices("R8") == []
    core.sweep("2026-08-06")
    assert [n.subject for n in core.notices("R8")] == ["logros"]


def test_the_speaker_of_a_held_meeting_stays_who_spoke(core: Core, astilleros: Initiative) -> None:
    core.person("Ana Ruiz", "LT", astilleros, until=day("2026-08-01"))
    logros(core, "2026-07-20", fecha="2026-07-22")
    held(core, "2026-07-22")
    assert agendas.speaker_of(core.session, points(core)[0], day("2026-12-01")) == "Ana Ruiz, líder técnica"


# --- agreements -------------------------------------------------------------------------------------------------------


def agreed(core: Core, kind: str, **more: str) -> str:
    given = {"reunion": "seguimiento", "clase": kind, "texto": "Citar a la entidad responsable", "responsable": "LT"}
    return core.does("2026-07-20", "GG", "reunion.acuerdo", **(given | more))


def not_agreed(core: Core, kind: str, **more: str) -> str:
    given = {"reunion": "seguimiento", "clase": kind, "texto": "Citar a la entidad responsable", "responsable": "LT"}
    return core.refused("2026-07-20", "GG", "reunion.acuerdo", **(given | more))


@pytest.fixture
def meeting(core: Core, astilleros: Initiative) -> Meeting:
    internal(core, "2026-07-20", fecha="2026-07-20")
    return last(core)


def test_a_measure_goes_to_the_open_case(core: Core, astilleros: Initiative, meeting: Meeting) -> None:
    given = {"iniciativa": "astilleros", "fecha": "2026-08-20"}
    assert "no tiene una Solución de alto nivel" in not_agreed(core, "medida", **given)
    assert core.all(Agreement) == []
    core.add(HighLevelCase(initiative_id=astilleros.id, opened_on=day("2026-07-16"), state="abierta"))
    assert "Indique la fecha límite." in not_agreed(core, "medida", iniciativa="astilleros")
    assert "no puede ser anterior" in not_agreed(core, "medida", **(given | {"fecha": "2026-07-01"}))
    agreed(core, "medida", **given)
    [measure], [agreement] = core.all(Measure), core.all(Agreement)
    assert (measure.responsible, measure.deadline) == ("LT", day("2026-08-20"))
    assert (agreement.became, agreement.state) == ("medida 1", "convertido")


def test_a_date_moves_the_action(core: Core, meeting: Meeting) -> None:
    assert "Indique la acción." in not_agreed(core, "fecha", fecha="2028-05-01")
    given = {"reunion": "seguimiento", "clase": "fecha", "texto": "Nueva fecha concertada", "responsable": "LT"}
    given |= {"accion": "AST-01", "fecha": "2028-05-01"}
    assert "corresponde a" in core.refused("2026-07-20", "LT", "reunion.acuerdo", **given)
    past = core.refused("2026-07-20", "PL", "reunion.acuerdo", **(given | {"fecha": "2026-07-01"}))
    assert "no puede ser anterior a hoy" in past
    core.does("2026-07-20", "PL", "reunion.acuerdo", **given)
    action = core.all(Action)[0]
    assert (action.due, action.due_version) == (day("2028-05-01"), 2)
    assert core.all(Agreement)[0].became == "fecha de AST-01, 1 de mayo de 2028"


def test_an_action_is_proposed_and_counts_in_nothing(core: Core, meeting: Meeting) -> None:
    core.entity(DIMAR)
    assert "Indique la entidad responsable." in not_agreed(core, "acción", iniciativa="astilleros")
    agreed(core, "acción", iniciativa="astilleros", entidad="Dimar")
    proposed = core.all(Action)[-1]
    assert (proposed.code, proposed.state, proposed.priority) == ("AST-02", "propuesta", "Media")
    assert core.all(Agreement)[0].became == "acción propuesta AST-02"


def test_an_agreement_names_an_action_of_its_meetings_initiative(core: Core, astilleros: Initiative) -> None:
    other = core.initiative("biologicos", "2026-07-15")
    core.action("BIO-01", due="2028-01-31", initiative=other)
    logros(core, "2026-07-20")
    given = {"reunion": "logros astilleros", "clase": "fecha", "texto": "Nueva fecha concertada", "responsable": "LT",
             "accion": "BIO-01", "fecha": "2028-05-01"}  # fmt: skip
    assert "no es de la iniciativa" in core.refused("2026-07-20", "GG", "reunion.acuerdo", **given)


def test_an_agreement_of_another_initiative_is_refused(core: Core, astilleros: Initiative) -> None:
    core.initiative("biologicos", "2026-07-15")
    logros(core, "2026-07-20")
    given = {"reunion": "logros astilleros", "iniciativa": "biologicos"}
    assert "es de otra iniciativa" in not_agreed(core, "compromiso", **given)
    agreed(core, "compromiso", **(given | {"iniciativa": "astilleros"}))


def test_planning_defines_no_measure_by_an_agreement(core: Core, astilleros: Initiative, meeting: Meeting) -> None:
    core.add(HighLevelCase(initiative_id=astilleros.id, opened_on=day("2026-07-16"), state="abierta"))
    given = {"reunion": "seguimiento", "clase": "medida", "texto": "Citar a la entidad responsable"}
    given |= {"responsable": "LT", "iniciativa": "astilleros", "fecha": "2026-08-20"}
    assert "líder técnico o Gerencia General" in core.refused("2026-07-20", "PL", "reunion.acuerdo", **given)
    core.does("2026-07-20", "GG", "reunion.acuerdo", **given)


# --- reunión de logros (R25–R28, R34) ---------------------------------------------------------------------------------


def test_progress_and_logros_since_the_last_one(core: Core, astilleros: Initiative) -> None:
    astilleros.met_last_on = day("2026-08-01")
    core.action("AST-02", state="cumplida", met_on=day("2026-07-20"))
    core.action("AST-03", state="cumplida", met_on=day("2026-08-05"))
    for number, (on, priority) in enumerate((("2026-07-30", "Alta"), ("2026-08-05", "Baja"), ("2026-08-06", "Alta"))):
        core.add(
            Achievement(action_id=1, month="2026-08", text=f"L{number}", priority=priority, kind="otro", at=at(on))
        )
    progress, told = logros(core, "2026-08-10")
    assert progress.title == "Avance de la matriz desde el 1 de agosto de 2026"
    assert progress.content[0] == "Cumplimiento: 66,6\u00a0% (2 de 3 acciones)."
    assert [line for line in progress.content if line.startswith("Cumplida")] == [
        "Cumplida: AST-03, Expedir la guía AST-03 (Invima)."
    ]
    assert told.content == ["[Alta] AST-01: L2", "[Baja] AST-01: L1"]


def test_without_any_it_says_so(core: Core, astilleros: Initiative) -> None:
    progress, told = logros(core, "2026-08-10")
    assert progress.content[-1] == "En el periodo no se cumplieron acciones."
    assert told.content == ["En el periodo no se registraron logros."]


def test_an_exit_is_told_once_it_was_treated_and_else_stays(core: Core, astilleros: Initiative) -> None:
    one, two = exited(core, "AST-05"), exited(core, "AST-06")
    items = {p.subject: p for p in logros(core, "2026-08-12", fecha="2026-08-14") if p.kind == "salida"}
    assert items["AST-05"].content[0] == "Se dio salida a AST-05 el 10 de agosto de 2026: Expedir la guía AST-05"
    core.does("2026-08-14", "GG", "reunion.punto", punto=items["AST-05"].id, decision="Informada.")
    held(core, "2026-08-14")
    assert (one.exit_told_in, two.exit_told_in) == (last(core).id, None)
    again = [p for p in logros(core, "2026-09-01") if p.kind == "salida"]
    assert [(p.subject, p.returns_id) for p in again] == [("AST-06", items["AST-06"].id)]


def test_new_validated_actions_say_how_many_meetings_are_used(core: Core, astilleros: Initiative) -> None:
    validated(core, "AST-07")
    core.action("AST-08", state="por_validar")
    [item] = [p for p in logros(core, "2026-08-12", fecha="2026-08-14") if p.kind == "alta"]
    assert item.content == [
        "AST-07: Expedir la guía AST-07",
        "La validó Instituto Nacional de Vigilancia de Medicamentos y Alimentos (Invima) el 10 de agosto de 2026.",
        "Reuniones usadas para incorporar acciones: 0 de 2.",
    ]
    core.does("2026-08-14", "LT", "accion.incorporar", accion="AST-07", reunion="logros astilleros")
    held(core, "2026-08-14")
    validated(core, "AST-09", "2026-08-20")
    [item] = [p for p in logros(core, "2026-09-01") if p.kind == "alta"]
    assert item.content[-1] == "Reuniones usadas para incorporar acciones: 1 de 2."


def test_a_reunion_de_logros_needs_an_initiative_in_execution(core: Core, astilleros: Initiative) -> None:
    astilleros.state = "pausada"
    given = {"clase": "logros", "iniciativa": "astilleros"}
    assert "pausada" in core.refused("2026-08-12", "LT", "reunion.preparar", **given)
    astilleros.state = "en_ejecucion"
    assert "anterior a hoy" in core.refused("2026-08-12", "LT", "reunion.preparar", **given, fecha="2026-08-11")


# --- the updated matrix (R28) -----------------------------------------------------------------------------------------


def brought(core: Core, code: str = "AST-07", *, validated_on: str = "2026-11-03") -> None:
    """A reunión de logros on Thursday 5-nov-2026 that brings one action in."""
    validated(core, code, validated_on)
    logros(core, "2026-11-04", fecha="2026-11-05")
    core.does("2026-11-05", "LT", "accion.incorporar", accion=code, reunion="logros astilleros")


def test_the_matrix_is_published_within_5_habiles_of_the_meeting(core: Core, astilleros: Initiative) -> None:
    brought(core)
    assert "La matriz se publica a más tardar el 12 de noviembre de 2026." in held(core, "2026-11-05")
    assert [(n.subject, n.due, n.post) for n in core.notices("R28")] == [("matriz", day("2026-11-12"), "PL")]
    assert core.notices("R28")[0].inputs["held_on"] == "2026-11-05"


def test_over_holidays_the_days_are_habiles(core: Core, astilleros: Initiative) -> None:
    brought(core)
    last(core).on = day("2026-11-12")
    core.does("2026-11-12", "GG", "reunion.realizada", reunion="logros astilleros")
    assert last(core).publish_by == day("2026-11-20")  # Monday the 16th is a holiday


def test_a_later_validation_counts_from_itself(core: Core, astilleros: Initiative) -> None:
    brought(core)
    held(core, "2026-11-05")
    validated(core, "AST-08", "2026-11-10")
    core.does("2026-11-11", "LT", "accion.incorporar", accion="AST-08", reunion="logros astilleros")
    assert [(n.due, n.recorded_on) for n in core.notices("R28")] == [
        (day("2026-11-12"), day("2026-11-05")),
        (day("2026-11-18"), day("2026-11-11")),
    ]
    first = core.notices("R28")[0]
    assert "el plazo es otro" in (why_not_any_more(core.session, first, day("2026-11-11")) or "")


def test_a_meeting_that_brought_nothing_in_owes_nothing(core: Core, astilleros: Initiative) -> None:
    validated(core, "AST-07")
    logros(core, "2026-11-04", fecha="2026-11-05")
    assert "matriz" not in held(core, "2026-11-05")
    core.sweep("2026-11-20")
    assert core.notices("R28") == []


def test_planning_is_told_once_more_on_the_last_day(core: Core, astilleros: Initiative) -> None:
    brought(core)
    held(core, "2026-11-05")
    core.live("2026-11-06", "2026-11-11")
    assert len(core.notices("R28")) == 1
    core.live("2026-11-12", "2026-11-20")
    assert [(n.subject, str(n.recorded_on), n.state) for n in core.notices("R28")] == [
        ("matriz", "2026-11-05", "sent"),
        ("plazo", "2026-11-12", "sent"),
    ]


def test_publishing_makes_the_next_version_says_what_changed_and_ends_the_reminders(
    core: Core, astilleros: Initiative
) -> None:
    core.does("2026-11-03", "PL", "matriz.publicar", iniciativa="astilleros")
    brought(core)
    held(core, "2026-11-05")
    told = core.does("2026-11-06", "PL", "matriz.publicar", iniciativa="astilleros")
    assert told.startswith("Se publicó la actualización de la matriz de Astilleros")
    assert "versión 2" in told
    assert "AST-07 (acción nueva)" in told
    assert [(r.kind, r.version, r.state) for r in core.all(Report)] == [
        (MATRIX, 1, "publicado"),
        (MATRIX, 2, "publicado"),
    ]
    core.live("2026-11-06", "2026-11-13")
    assert [(n.state, n.withdrawn_reason) for n in core.notices("R28")] == [("withdrawn", "la matriz ya se publicó")]
    assert core.notices("R23") == []


def test_the_matrix_is_plannings_to_publish_and_only_when_it_changed(core: Core, astilleros: Initiative) -> None:
    assert "corresponde a" in core.refused("2026-11-03", "LT", "matriz.publicar", iniciativa="astilleros")
    core.does("2026-11-03", "PL", "matriz.publicar", iniciativa="astilleros")
    again = core.refused("2026-11-03", "PL", "matriz.publicar", iniciativa="astilleros")
    assert again == "La matriz de Astilleros no ha cambiado desde su última publicación."


# --- the agenda as the days pass --------------------------------------------------------------------------------------


def test_an_exit_confirmed_after_the_agenda_was_drafted_is_on_it_the_next_morning(
    core: Core, astilleros: Initiative
) -> None:
    logros(core, "2026-08-10", fecha="2026-08-20")
    exited(core, "AST-05", "2026-08-12")
    core.sweep("2026-08-13")
    assert [p.subject for p in points(core) if p.kind == "salida"] == ["AST-05"]


def test_an_agenda_is_brought_up_to_date_on_request(core: Core, astilleros: Initiative) -> None:
    logros(core, "2026-08-10", fecha="2026-08-20")
    exited(core, "AST-05", "2026-08-10")
    said = core.does("2026-08-10", "LT", "reunion.actualizar", reunion="logros astilleros")
    assert "Puntos nuevos: 3. Salida de AST-05." in said


def test_a_launch_keeps_the_agenda_that_people_looked_at(core: Core) -> None:
    core.initiative("astilleros", None, state="en_construccion")
    core.does("2026-08-10", "LT", "reunion.preparar", clase="lanzamiento", iniciativa="astilleros", fecha="2026-08-20")
    before = [list(p.content) for p in points(core)]
    core.sweep("2026-08-13")
    assert [list(p.content) for p in points(core)] == before
