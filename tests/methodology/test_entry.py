"""R7, R26, R27 and R29: how obstacles, solutions and actions come into a matrix."""

from __future__ import annotations

from typing import Any

import pytest
from core_world import INVIMA, Core, at, day

from methodology.actions import find
from methodology.contents import matrix_content
from methodology.entry import entered_in, entry_meetings, next_code
from methodology.operations import OPERATIONS
from methodology.rules.states import IdeaState
from methodology.standing import standing
from methodology.telling import told
from storage.history import Change
from storage.ledger import Outreach, Silence
from storage.life import Meeting, Validation
from storage.matrix import Action, ActionVersion, Initiative, Obstacle, Solution

TEXT = "Habilitar la ventanilla única de licencias"
STATEMENT = "Los gremios y las entidades lo señalaron en la mesa sectorial"
IDEA = {
    "origen": "privado",
    "obstaculo": "Trámites dispersos",
    "tipo": "Barrera",
    "eslabon": "Licencias",
    "solucion": "Ventanilla única",
    "quien": "Cámara de la Industria Naval",
}
NECK = {
    "obstaculo": "Demora en licencias",
    "eslabon": "Licencias",
    "solucion": "Plan de choque",
    "votos": "12 de 15",
}
YES = {"acepta": "sí", "quien": "Directora de Registros", "evidencia": "Oficio 2026-118"}
NO = YES | {"acepta": "no", "evidencia": "Oficio 2026-119: no es de su competencia"}


def _initiative(core: Core, state: str = "en_ejecucion", **more: Any) -> Initiative:
    core.entity(INVIMA)
    return core.initiative("astilleros", launch="2026-01-15", state=state, **more)


def _meeting(core: Core, on: str, kind: str = "logros", initiative: Initiative | None = None, **more: Any) -> Meeting:
    where = initiative or core.first_initiative()
    held = {"state": "realizada", "held_on": day(on)} | more
    made = {"prepared_by": "Planeación", "prepared_at": at(on), "guests": []}
    return core.add(Meeting(initiative_id=where.id, kind=kind, on=day(on), **held, **made))


def _proposed(core: Core, on: str = "2026-11-04", **more: Any) -> Action:
    given = {"iniciativa": "astilleros", "texto": TEXT, "entidad": "Invima", "prioridad": "Alta"} | more
    said = core.does(on, "LT", "accion.proponer", **given)
    return find(core.session, said.split(" ")[0])


def _validated(core: Core, on: str = "2026-11-04", **more: Any) -> Action:
    action = _proposed(core, on, **more)
    core.does(on, "LT", "accion.solicitar_validacion", accion=action.code)
    core.does(on, "LT", "accion.validada", accion=action.code, fecha=on, **YES)
    return action


def test_a_request_for_validation_goes_once_a_day(core: Core) -> None:
    _initiative(core)
    action = _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion=action.code)
    again = core.refused("2026-11-04", "LT", "accion.solicitar_validacion", 16, accion=action.code)
    assert again == "La validación de AST-01 ya se solicitó hoy a Invima: va una solicitud por día."
    core.does("2026-11-10", "LT", "accion.solicitar_validacion", accion=action.code)
    assert core.told("R26") == [("AST-01", "2026-11-04", "2026-11-04"), ("AST-01", "2026-11-10", "2026-11-10")]


def test_nothing_is_brought_to_a_meeting_that_was_over_before_it_was_proposed(core: Core) -> None:
    _initiative(core)
    old = _meeting(core, "2026-10-01")
    action = _validated(core, "2026-11-04")
    given = {"accion": action.code, "reunion": old.id}
    assert "no se llevó a ella" in core.refused("2026-11-11", "LT", "accion.incorporar", **given)
    near = _meeting(core, "2026-10-29")
    core.does("2026-11-11", "LT", "accion.incorporar", accion=action.code, reunion=near.id)
    assert action.state == "vigente"


def test_what_is_only_proposed_may_go_to_another_entity_which_is_then_asked(core: Core) -> None:
    _initiative(core)
    core.entity("Dirección General Marítima (Dimar)")
    action = _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion=action.code)
    given = {"accion": action.code, "entidad": "Dimar", "motivo": "Es de su competencia"}
    core.does("2026-11-04", "LT", "accion.reasignar", 16, **given)
    assert (action.state, [one.state for one in core.notices("R26")]) == ("por_validar", ["withdrawn"])
    core.does("2026-11-05", "LT", "accion.solicitar_validacion", accion=action.code)
    assert core.notices("R26")[-1].entity_id == action.entity_id


def test_obstacle_and_solution_are_reworded_with_their_reason(core: Core) -> None:
    _initiative(core)
    core.does("2026-11-04", "LT", "propuesta.registrar", iniciativa="astilleros", **IDEA)
    why = {"motivo": "Se precisó en la mesa técnica"}
    core.does(
        "2026-11-05", "LT", "solucion.editar", solucion="1", texto="Ventanilla única marítima", tipo="Brecha", **why
    )
    assert (core.all(Solution)[0].text, core.all(Obstacle)[0].kind) == ("Ventanilla única marítima", "Brecha")
    assert "Indique qué cambia" in core.refused(
        "2026-11-05", "LT", "solucion.editar", solucion="1", tipo="Brecha", **why
    )
    assert {row.table for row in core.all(Change) if row.reason == why["motivo"]} == {"solution", "obstacle"}


# --- R7: proposals ----------------------------------------------------------------------------------------------------


def test_a_proposal_keeps_its_origin_and_is_in_no_figure_and_no_published_matrix(core: Core) -> None:
    initiative = _initiative(core)
    core.action("AST-01", due="2027-01-31")
    before = matrix_content(core.session, initiative, day("2026-11-05"), public=True)
    said = core.does("2026-11-04", "LT", "propuesta.registrar", iniciativa="astilleros", **IDEA)
    assert said == "Propuesta registrada como solución 1 (origen privado); no cuenta en ninguna cifra."
    _proposed(core, solucion="Ventanilla única")
    obstacle = core.all(Obstacle)[0]
    assert (obstacle.state, obstacle.origin, obstacle.brought_by) == (
        "propuesta",
        "privado",
        "Cámara de la Industria Naval",
    )
    assert obstacle.brought_on == day("2026-11-04")
    after = matrix_content(core.session, initiative, day("2026-11-05"), public=True)
    assert (after["obstacles"], after["figures"]) == (before["obstacles"], before["figures"])
    assert standing(core.session, initiative, day("2026-11-05")).figures.counted == 1


def test_a_proposal_says_its_kind_and_sector_and_is_registered_once(core: Core) -> None:
    _initiative(core)
    given = {"iniciativa": "astilleros"} | IDEA
    assert "público, privado" in core.refused(
        "2026-11-04", "LT", "propuesta.registrar", **(given | {"origen": "mixto"})
    )
    assert "Cuello de botella" in core.refused("2026-11-04", "LT", "propuesta.registrar", **(given | {"tipo": "Otro"}))
    core.does("2026-11-04", "GG", "propuesta.registrar", **given)
    again = given | {"obstaculo": "  trámites DISPERSOS "}
    assert "ya está registrado" in core.refused("2026-11-05", "PL", "propuesta.registrar", **again)


def test_nothing_enters_under_a_proposal_until_it_is_accepted(core: Core) -> None:
    _initiative(core)
    core.does("2026-11-04", "LT", "propuesta.registrar", iniciativa="astilleros", **IDEA)
    action = _validated(core, solucion="1")
    _meeting(core, "2026-11-10")
    given = {"accion": action.code, "reunion": "logros astilleros"}
    assert "aún no es parte de la matriz" in core.refused("2026-11-11", "LT", "accion.incorporar", **given)
    core.does("2026-11-11", "GG", "propuesta.aceptar", solucion="1")
    assert [(row.state) for row in (*core.all(Obstacle), *core.all(Solution))] == ["vigente", "vigente"]
    core.does("2026-11-11", "LT", "accion.incorporar", **given)
    assert "se requiere propuesta" in core.refused("2026-11-12", "GG", "propuesta.descartar", solucion="1")


def test_a_discarded_proposal_takes_its_actions_along_and_may_come_up_again(core: Core) -> None:
    _initiative(core)
    core.does("2026-11-04", "LT", "propuesta.registrar", iniciativa="astilleros", **IDEA)
    action = _proposed(core, solucion="1")
    said = core.does("2026-11-05", "PL", "propuesta.descartar", solucion="1", motivo="Ya la atiende otra norma")
    assert said == "La solución 1 quedó descartada. Se anulan con ella: AST-01."
    assert (action.state, core.all(Solution)[0].state) == ("anulada", "rechazada")
    core.does("2027-02-04", "LT", "propuesta.registrar", iniciativa="astilleros", **IDEA)
    assert (core.all(Solution)[0].state, len(core.all(Obstacle))) == ("propuesta", 1)


# --- a new action -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "codes", "following"),
    [
        ("astilleros", (), "AST-01"),
        ("medicamentos_sintesis_quimica", (), "MSQ-01"),
        ("dispositivos_medicos", ("DIM-09", "DIM-10"), "DIM-11"),
        ("biologicos", ("BIO-99",), "BIO-100"),
    ],
)
def test_the_next_code_follows_the_initiatives_own(
    core: Core, slug: str, codes: tuple[str, ...], following: str
) -> None:
    initiative = core.initiative(slug)
    for code in codes:
        core.action(code, initiative=initiative)
    assert next_code(core.session, initiative) == following


def test_two_initiatives_with_the_same_initials_share_no_code(core: Core) -> None:
    core.action("AST-07", initiative=core.initiative("astilleros"))
    assert next_code(core.session, core.initiative("astronomia")) == "AST-08"


def test_a_new_action_is_proposed_with_what_is_known_of_it(core: Core) -> None:
    _initiative(core)
    action = _proposed(core, vence="30/06/2027", apoyo="Dimar", origen="público")
    assert (action.state, action.due, action.original_due, action.supporting, action.origin) == (
        "propuesta",
        day("2027-06-30"),
        day("2027-06-30"),
        "Dimar",
        "público",
    )


def test_a_new_action_is_refused_with_a_past_date_or_somebody_elses_solution(core: Core) -> None:
    _initiative(core)
    other = core.initiative("biologicos")
    obstacle = core.add(Obstacle(initiative_id=other.id, theme="", kind="Barrera", text="Otra", state="vigente"))
    core.add(Solution(obstacle=obstacle, text="Guía", state="vigente"))
    given = {"iniciativa": "astilleros", "texto": TEXT, "entidad": "Invima", "prioridad": "Alta"}
    past = core.refused("2026-11-04", "LT", "accion.proponer", vence="2026-11-03", **given)
    assert "no puede ser anterior a hoy" in past
    assert "no es de Astilleros" in core.refused("2026-11-04", "LT", "accion.proponer", solucion="1", **given)
    assert core.all(Action) == []


@pytest.mark.parametrize("state", ["pausada", "en_cierre", "cerrada", "candidata"])
def test_nothing_new_comes_into_an_initiative_that_rests_or_is_over(core: Core, state: str) -> None:
    _initiative(core, state)
    given = {"iniciativa": "astilleros", "texto": TEXT, "entidad": "Invima", "prioridad": "Alta"}
    assert "se requiere" in core.refused("2026-11-04", "LT", "accion.proponer", **given)
    assert "se requiere" in core.refused("2026-11-04", "LT", "cuello.agregar", iniciativa="astilleros", **NECK)


# --- R26: the entity validates ----------------------------------------------------------------------------------------


def test_the_entity_is_asked_by_mail_and_nobody_is_silent_about_it(core: Core) -> None:
    _initiative(core)
    action = _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion="AST-01", hour=18)
    assert (action.state, action.asked_on) == ("por_validar", day("2026-11-04"))
    core.live("2026-11-05", "2026-12-15")
    notice = core.notices("R26")[0]
    assert (notice.state, notice.channel, notice.post, notice.entity_id) == ("sent", "mail", "ENT", action.entity_id)
    outreach = core.all(Outreach)[0]
    assert (outreach.kind, outreach.asked, outreach.month) == ("validación", ["AST-01"], "")
    assert core.all(Silence) == []
    assert core.told("R16") == []


def test_one_letter_about_two_actions_is_one_outreach(core: Core) -> None:
    _initiative(core)
    for _ in range(2):
        core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion=_proposed(core).code)
    for notice in core.notices("R26"):
        told(core.session, notice, day("2026-11-05"), message_id="<sr.1@operador.example>", token="SR-1")
    assert [(row.asked, row.token) for row in core.all(Outreach)] == [(["AST-01", "AST-02"], "SR-1")]


def test_an_internal_entity_gets_no_mail(core: Core) -> None:
    _initiative(core)
    core.entity("Colombia Productiva", internal=True)
    action = _proposed(core, entidad="Colombia Productiva")
    said = core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion=action.code)
    assert "la valida su líder técnico" in said
    assert core.notices("R26") == []
    core.does("2026-11-04", "LT", "accion.validada", accion=action.code, fecha="2026-11-04", **YES)
    assert action.validated_on == day("2026-11-04")


def test_the_answer_is_kept_with_who_when_and_evidence_and_the_letter_does_not_go_any_more(core: Core) -> None:
    _initiative(core)
    action = _validated(core)
    assert (action.state, action.validated_on, action.incorporated_on) == ("por_validar", day("2026-11-04"), None)
    row = core.all(Validation)[0]
    assert (row.subject, row.accepted, row.by, row.evidence) == (
        "AST-01",
        True,
        "Directora de Registros",
        "Oficio 2026-118",
    )
    assert core.notices("R26")[0].state == "withdrawn"
    given = {"accion": "AST-01", "fecha": "2026-11-05"}
    assert "ya fue validada" in core.refused("2026-11-05", "LT", "accion.validada", **given, **YES)
    assert "ya fue validada" in core.refused("2026-11-05", "LT", "accion.solicitar_validacion", accion="AST-01")


def test_a_mail_that_went_is_marked_answered(core: Core) -> None:
    _initiative(core)
    _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion="AST-01")
    core.live("2026-11-05")
    core.does("2026-11-09", "LT", "accion.validada", accion="AST-01", fecha="2026-11-08", **YES)
    assert core.all(Outreach)[0].answered_on == day("2026-11-08")


def test_an_answer_has_evidence_and_is_not_of_tomorrow(core: Core) -> None:
    _initiative(core)
    _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion="AST-01")
    given = {"accion": "AST-01", "fecha": "2026-11-05"}
    assert "posterior a hoy" in core.refused("2026-11-04", "LT", "accion.validada", **given, **YES)
    without = {"acepta": "sí", "quien": "Directora"}
    assert "evidencia" in core.refused("2026-11-05", "LT", "accion.validada", **given, **without)
    assert core.all(Validation) == []


def test_an_answer_is_not_older_than_the_first_request(core: Core) -> None:
    _initiative(core)
    action = _proposed(core)
    for asked in ("2026-11-04", "2026-11-10"):
        core.does(asked, "LT", "accion.solicitar_validacion", accion="AST-01")
    early = core.refused("2026-11-11", "LT", "accion.validada", accion="AST-01", fecha="2026-11-03", **YES)
    assert "La solicitud fue el 4 de noviembre de 2026" in early
    core.does("2026-11-11", "LT", "accion.validada", accion="AST-01", fecha="2026-11-04", **YES)
    assert action.validated_on == day("2026-11-04")


def test_what_is_over_takes_no_answer(core: Core) -> None:
    initiative = _initiative(core)
    _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion="AST-01")
    initiative.state = "cerrada"
    given = {"accion": "AST-01", "fecha": "2026-11-05"} | YES
    assert "sus acciones no cambian" in core.refused("2026-11-05", "LT", "accion.validada", **given)


def test_what_the_entity_does_not_validate_is_annulled(core: Core) -> None:
    _initiative(core)
    action = _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion="AST-01")
    core.does("2026-11-04", "LT", "accion.validada", accion="AST-01", fecha="2026-11-04", **NO)
    assert action.state == "anulada"
    assert "Oficio 2026-119" in core.all(ActionVersion)[-1].reason


def test_a_pause_before_it_goes_withdraws_the_letter(core: Core) -> None:
    initiative = _initiative(core)
    _proposed(core)
    core.does("2026-11-06", "LT", "accion.solicitar_validacion", accion="AST-01", hour=18)
    initiative.state = "pausada"
    core.live("2026-11-09")
    assert core.notices("R26")[0].withdrawn_reason == "la iniciativa está pausada"


def test_a_matrix_in_construction_takes_a_validated_action_at_once(core: Core) -> None:
    _initiative(core, "en_construccion")
    action = _proposed(core)
    core.does("2026-11-04", "LT", "accion.solicitar_validacion", accion="AST-01")
    core.live("2026-11-05")
    assert core.notices("R26")[0].state == "sent"
    core.does("2026-11-06", "LT", "accion.validada", accion="AST-01", fecha="2026-11-06", **YES)
    assert (action.state, action.incorporated_on, action.incorporated_in) == ("vigente", day("2026-11-06"), None)


# --- R26, R27: incorporation ------------------------------------------------------------------------------------------


def test_an_action_counts_from_its_incorporation_in_the_meeting(core: Core) -> None:
    initiative = _initiative(core)
    action = _validated(core)
    meeting = _meeting(core, "2026-11-10")
    said = core.does("2026-11-12", "LT", "accion.incorporar", accion="AST-01", reunion="logros astilleros")
    assert said == "AST-01 quedó incorporada en la reunión de logros del 10 de noviembre de 2026."
    assert (action.state, action.incorporated_on, action.incorporated_in) == (
        "vigente",
        day("2026-11-12"),
        meeting.id,
    )
    assert action.undated_on == day("2027-01-12")
    assert entered_in(core.session, meeting.id) == [action]
    assert standing(core.session, initiative, day("2026-11-12")).figures.counted == 1
    old = matrix_content(core.session, initiative, day("2026-11-11"))
    assert old["obstacles"] == []
    states = [(v.before.get("state"), v.after.get("state")) for v in core.all(ActionVersion)]
    assert states == [("propuesta", "por_validar"), (None, None), ("por_validar", "vigente")]


def test_an_action_is_not_brought_in_before_its_entity_validated_it(core: Core) -> None:
    _initiative(core)
    _proposed(core)
    _meeting(core, "2026-11-10")
    given = {"accion": "AST-01", "reunion": "logros astilleros"}
    assert "se requiere por validar" in core.refused("2026-11-12", "LT", "accion.incorporar", **given)
    core.does("2026-11-12", "LT", "accion.solicitar_validacion", accion="AST-01")
    assert "no la ha validado" in core.refused("2026-11-12", "LT", "accion.incorporar", **given)


def test_a_proposed_date_that_passed_meanwhile_raises_its_alerts_from_the_incorporation_on(core: Core) -> None:
    _initiative(core)
    _validated(core, vence="2026-11-10")
    _meeting(core, "2027-01-20")
    core.live("2026-11-05", "2027-01-20")
    core.does("2027-01-21", "LT", "accion.incorporar", accion="AST-01", reunion="logros astilleros")
    core.live("2027-01-21", "2027-01-22")
    assert core.told("R15") == [("AST-01", "2027-01-21", "2027-01-21")]


def test_the_meeting_is_named_is_of_the_initiative_and_took_place(core: Core) -> None:
    _initiative(core)
    _validated(core)
    other = core.initiative("biologicos")
    numbers = {
        "Indique la reunión": "",
        "de Astilleros": str(_meeting(core, "2026-11-05", initiative=other).id),
        "o el lanzamiento": str(_meeting(core, "2026-11-05", "seguimiento").id),
        "se canceló": str(_meeting(core, "2026-11-05", state="cancelada", held_on=None).id),
        "no se ha realizado": str(_meeting(core, "2026-11-13", state="convocada", held_on=None).id),
    }
    for sentence, number in numbers.items():
        assert sentence in core.refused("2026-11-12", "LT", "accion.incorporar", accion="AST-01", reunion=number)


def test_a_meeting_of_today_brings_actions_in_before_it_is_closed(core: Core) -> None:
    _initiative(core)
    action = _validated(core)
    meeting = _meeting(core, "2026-11-12", state="convocada", held_on=None)
    core.does("2026-11-12", "LT", "accion.incorporar", accion="AST-01", reunion=str(meeting.id))
    assert action.state == "vigente"


def _three(core: Core) -> list[Meeting]:
    """Two reuniones de logros that brought actions in, and a third."""
    meetings = [_meeting(core, on) for on in ("2026-11-10", "2027-03-10", "2027-07-14")]
    for meeting in meetings[:2]:
        for _ in range(2):
            action = _validated(core, str(meeting.on))
            core.does(str(meeting.on), "LT", "accion.incorporar", accion=action.code, reunion=str(meeting.id))
    return meetings


def test_a_third_meeting_is_refused_and_the_two_are_named(core: Core) -> None:
    initiative = _initiative(core)
    meetings = _three(core)
    assert entry_meetings(core.session, initiative.id) == meetings[:2]
    action = _validated(core, "2027-07-14")
    given = {"accion": action.code, "reunion": str(meetings[2].id)}
    refused = core.refused("2027-07-14", "LT", "accion.incorporar", **given)
    assert "(reunión de logros del 10 de noviembre de 2026 y reunión de logros del 10 de marzo de 2027)" in refused
    assert "La Gerencia General puede" in refused
    assert action.state == "por_validar"


def test_the_gerencia_general_allows_a_third_with_a_reason_and_nobody_else(core: Core) -> None:
    _initiative(core)
    third = _three(core)[2]
    action, later = _validated(core, "2027-07-14"), _validated(core, "2027-07-14")
    given = {"accion": action.code, "reunion": str(third.id)}
    why = "El sector pidió dos acciones urgentes"
    assert "la motiva la Gerencia General" in core.refused(
        "2027-07-14", "LT", "accion.incorporar", excepcion=why, **given
    )
    assert "10 caracteres" in core.refused("2027-07-14", "GG", "accion.incorporar", excepcion="sí", **given)
    core.does("2027-07-14", "GG", "accion.incorporar", excepcion=why, **given)
    assert (action.state, third.exception) == ("vigente", f"{why} (Gerente General)")
    core.does("2027-07-14", "LT", "accion.incorporar", accion=later.code, reunion=str(third.id))


def test_an_annulled_action_does_not_give_its_meeting_back(core: Core) -> None:
    initiative = _initiative(core)
    _three(core)
    for action in core.all(Action):
        core.does("2027-06-01", "GG", "accion.anular", accion=action.code, motivo="La norma la reemplazó otra")
    assert len(entry_meetings(core.session, initiative.id)) == 2


def test_the_launch_uses_none_of_the_two(core: Core) -> None:
    initiative = _initiative(core)
    _validated(core)
    launch = _meeting(core, "2026-11-04", "lanzamiento")
    core.does("2026-11-04", "LT", "accion.incorporar", accion="AST-01", reunion=str(launch.id))
    assert (len(entered_in(core.session, launch.id)), entry_meetings(core.session, initiative.id)) == (1, [])


def test_an_initiatives_own_maximum_applies(core: Core) -> None:
    _initiative(core, overrides={"altas.max_reuniones": 1})
    first, second = _meeting(core, "2026-11-10"), _meeting(core, "2027-03-10")
    core.does("2026-11-10", "LT", "accion.incorporar", accion=_validated(core).code, reunion=str(first.id))
    action = _validated(core, "2027-03-10")
    refused = core.refused("2027-03-10", "LT", "accion.incorporar", accion=action.code, reunion=str(second.id))
    assert "el máximo es 1" in refused


# --- R29: a bottleneck of the majority --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "sentence"),
    [
        ({}, "Indique los votos"),
        ({"votos": "7 de 14"}, "no es la mayoría"),
        ({"votos": "16 de 15"}, "12 de 15"),
        ({"votos": "casi todos"}, "12 de 15"),
        ({"votos": "5 de 15", "sustento": STATEMENT}, "no es la mayoría"),
        ({"sustento": "Todos lo dijeron"}, "al menos 30 caracteres"),
    ],
)
def test_the_majority_is_evidenced(core: Core, evidence: dict[str, str], sentence: str) -> None:
    _initiative(core)
    given = {name: value for name, value in NECK.items() if name != "votos"} | {"iniciativa": "astilleros"}
    assert sentence in core.refused("2026-11-04", "LT", "cuello.agregar", **given, **evidence)
    assert core.all(Obstacle) == []


@pytest.mark.parametrize(
    ("evidence", "kept"),
    [
        ({"votos": "8 de 15"}, "8 de 15 votos a favor"),
        ({"votos": "8/15", "sustento": STATEMENT}, f"8 de 15 votos a favor; {STATEMENT}"),
        ({"sustento": STATEMENT}, STATEMENT),
    ],
)
def test_votes_or_a_reasoned_statement_are_the_evidence(core: Core, evidence: dict[str, str], kept: str) -> None:
    _initiative(core)
    given = {name: value for name, value in NECK.items() if name != "votos"} | {"iniciativa": "astilleros"}
    core.does("2026-11-04", "LT", "cuello.agregar", **given, **evidence)
    obstacle, solution = core.all(Obstacle)[0], core.all(Solution)[0]
    assert (obstacle.kind, obstacle.state, solution.state) == ("Cuello de botella", "por_validar", "por_validar")
    assert obstacle.evidence == kept


def _neck(core: Core, **more: str) -> Solution:
    core.does("2026-11-04", "LT", "cuello.agregar", iniciativa="astilleros", **(NECK | more))
    return core.all(Solution)[-1]


def test_it_is_added_then_the_entity_approached_then_validated_in_that_order(core: Core) -> None:
    _initiative(core)
    solution = _neck(core)
    early = core.refused("2026-11-05", "LT", "cuello.validar", solucion="1", fecha="2026-11-05", **YES)
    assert "antes del acercamiento" in early
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    assert (solution.approached_on, solution.entity_id) == (day("2026-11-06"), core.entity(INVIMA).id)
    core.live("2026-11-06", "2026-12-15")
    assert core.notices("R29")[0].state == "sent"
    assert (core.all(Outreach)[0].asked, core.all(Silence)) == (["solución 1"], [])
    before = core.refused("2026-12-16", "LT", "cuello.validar", solucion="1", fecha="2026-11-05", **YES)
    assert "El acercamiento fue el 6 de noviembre de 2026" in before
    core.does("2026-12-16", "LT", "cuello.validar", solucion="1", fecha="2026-12-15", **YES)
    assert (solution.state, solution.obstacle.state) == ("vigente", "vigente")
    row = core.all(Validation)[0]
    assert (row.subject, row.accepted, row.on) == ("solución 1", True, day("2026-12-15"))
    assert "se requiere por validar" in core.refused(
        "2026-12-17", "LT", "cuello.acercamiento", solucion="1", entidad="Invima"
    )


def test_a_rejected_bottleneck_takes_its_actions_along(core: Core) -> None:
    _initiative(core)
    solution = _neck(core)
    action = _proposed(core, solucion="1")
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    said = core.does("2026-11-06", "LT", "cuello.validar", solucion="1", fecha="2026-11-06", **NO)
    assert said.endswith("Se anulan con ella: AST-01.")
    assert (solution.state, solution.obstacle.state, action.state) == ("rechazada", "rechazada", "anulada")
    assert core.notices("R29")[0].withdrawn_reason == "la entidad ya respondió"


def test_another_entity_may_be_approached_instead(core: Core) -> None:
    _initiative(core)
    core.entity("Dirección General Marítima (Dimar)")
    solution = _neck(core)
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Dimar")
    assert [one.state for one in core.notices("R29")] == ["withdrawn", "planned"]
    assert core.notices("R29")[1].entity_id == solution.entity_id


def test_an_internal_entity_is_approached_without_mail(core: Core) -> None:
    _initiative(core)
    core.entity("Colombia Productiva", internal=True)
    _neck(core)
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Colombia Productiva")
    assert core.notices("R29") == []


def test_its_actions_enter_without_a_meeting_and_use_none_of_the_two(core: Core) -> None:
    initiative = _initiative(core)
    _neck(core)
    action = _validated(core, solucion="1")
    given = {"accion": action.code}
    assert "aún no es parte de la matriz" in core.refused("2026-11-06", "LT", "accion.incorporar", **given)
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    core.does("2026-11-06", "LT", "cuello.validar", solucion="1", fecha="2026-11-06", **YES)
    core.does("2026-11-06", "LT", "accion.incorporar", **given)
    assert (action.state, action.incorporated_in) == ("vigente", None)
    assert entry_meetings(core.session, initiative.id) == []


def test_a_proposal_of_the_launch_may_become_a_bottleneck_of_the_majority(core: Core) -> None:
    _initiative(core)
    core.does(
        "2026-11-04", "LT", "propuesta.registrar",
        iniciativa="astilleros", **(IDEA | {"tipo": "Cuello de botella", "obstaculo": NECK["obstaculo"]}),
    )  # fmt: skip
    _neck(core)
    assert [(one.state, one.origin) for one in core.all(Obstacle)] == [("por_validar", "privado")]


def test_every_solution_of_a_bottleneck_is_approached_and_validated(core: Core) -> None:
    """Nothing that waited under it as a proposal is accepted around R29."""
    _initiative(core)
    proposal = IDEA | {"tipo": "Cuello de botella", "obstaculo": NECK["obstaculo"]}
    core.does("2026-11-04", "LT", "propuesta.registrar", iniciativa="astilleros", **proposal)
    _neck(core)
    assert [one.state for one in core.all(Solution)] == ["por_validar", "por_validar"]
    assert "se requiere propuesta" in core.refused("2026-11-05", "LT", "propuesta.aceptar", solucion="1")
    assert "antes del acercamiento" in core.refused(
        "2026-11-05", "LT", "cuello.validar", solucion="1", fecha="2026-11-05", **YES
    )


def test_one_rejected_solution_leaves_its_bottleneck_to_the_others(core: Core) -> None:
    _initiative(core)
    proposal = IDEA | {"tipo": "Cuello de botella", "obstaculo": NECK["obstaculo"]}
    core.does("2026-11-04", "LT", "propuesta.registrar", iniciativa="astilleros", **proposal)
    _neck(core)
    for number, answer in (("1", NO), ("2", YES)):
        core.does("2026-11-05", "LT", "cuello.acercamiento", solucion=number, entidad="Invima")
        core.does("2026-11-05", "LT", "cuello.validar", solucion=number, fecha="2026-11-05", **answer)
        assert core.all(Obstacle)[0].state == ("por_validar" if number == "1" else "vigente")
    assert [one.state for one in core.all(Solution)] == ["rechazada", "vigente"]


def _rejected(core: Core) -> None:
    _initiative(core)
    _neck(core)
    core.does("2026-11-05", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    core.does("2026-11-05", "LT", "cuello.validar", solucion="1", fecha="2026-11-05", **NO)


def test_a_rejected_bottleneck_added_again_is_approached_again(core: Core) -> None:
    _rejected(core)
    _neck(core)
    early = core.refused("2026-11-06", "LT", "cuello.validar", solucion="1", fecha="2026-11-06", **YES)
    assert "antes del acercamiento" in early


def test_a_rejected_bottleneck_proposed_again_needs_a_meeting(core: Core) -> None:
    _rejected(core)
    given = {name: NECK[name] for name in ("obstaculo", "eslabon", "solucion")}
    proposal = IDEA | given | {"tipo": "Cuello de botella"}
    core.does("2026-11-06", "LT", "propuesta.registrar", iniciativa="astilleros", **proposal)
    core.does("2026-11-06", "LT", "propuesta.aceptar", solucion="1")
    action = _validated(core, "2026-11-06", solucion="1")
    assert core.all(Obstacle)[0].evidence == ""
    assert "Indique la reunión" in core.refused("2026-11-06", "LT", "accion.incorporar", accion=action.code)


def test_back_to_the_first_entity_on_the_same_day_its_letter_goes(core: Core) -> None:
    _initiative(core)
    core.entity("Dirección General Marítima (Dimar)")
    _neck(core)
    for entity in ("Invima", "Dimar", "Invima"):
        core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad=entity)
    assert [one.state for one in core.notices("R29")] == ["withdrawn", "withdrawn", "planned"]


def test_every_change_of_a_solution_is_kept_with_before_and_after(core: Core) -> None:
    _initiative(core)
    _neck(core)
    core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    changes = [one for one in core.all(Change) if one.table == "solution" and one.before]
    assert [(one.author, one.after["approached_on"]) for one in changes] == [("Líder técnica", "2026-11-06")]


NEEDED = {
    "propuesta.aceptar": {},
    "propuesta.descartar": {},
    "cuello.acercamiento": {"entidad": "Invima"},
    "cuello.validar": {"fecha": "2026-11-06"} | YES,
}


@pytest.mark.parametrize("does", NEEDED)
def test_every_operation_on_a_solution_is_refused_in_every_other_state(core: Core, does: str) -> None:
    _initiative(core)
    solution = _neck(core)
    for state in IdeaState:
        solution.state = state
        if state not in OPERATIONS[does].states:
            assert "se requiere" in core.refused("2026-11-06", "PL", does, solucion="1", **NEEDED[does])


def test_the_vice_minister_brings_nothing_in(core: Core) -> None:
    _initiative(core)
    refused = core.refused("2026-11-04", "VM", "cuello.agregar", iniciativa="astilleros", **NECK)
    assert refused.startswith("Esta operación corresponde a")
