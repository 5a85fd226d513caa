from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from core_world import Core, day

from methodology.actions import find
from methodology.contents import matrix_content
from methodology.followups import owed
from methodology.operations import OPERATIONS
from methodology.rules.months import Month
from methodology.rules.states import ActionState
from storage.history import Deed
from storage.ledger import Alert, Notice, Silence
from storage.matrix import Achievement, Action, ActionVersion, FollowUp

REASON = "Acuerdo de la mesa técnica del sector"
TEXT = "El proyecto salió a comentarios del público"
DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"


def _versions(core: Core) -> list[tuple[int, str, dict[str, Any], dict[str, Any]]]:
    return [(one.version, one.reason, one.before, one.after) for one in core.all(ActionVersion)]


def _silent(core: Core, action: Action) -> Silence:
    values = {"entity_id": action.entity_id, "initiative_id": action.initiative_id}
    return core.add(Silence(first_on=day("2026-11-11"), last_on=day("2026-11-20"), outreaches=2, **values))


# --- accion.fecha -----------------------------------------------------------------------------------------------------


def test_the_first_date_needs_no_reason(core: Core) -> None:
    core.action("BIO-01", due=None)
    said = core.does("2026-11-12", "LT", "accion.fecha", accion="bio-01", fecha="1/03/2027")
    assert said == "BIO-01: fecha de vencimiento definida para el 1 de marzo de 2027."
    assert find(core.session, "BIO-01").original_due == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("12/12/2026", " El 12 de diciembre de 2026 no es día hábil: sábado. El siguiente es el lunes 14 de diciembre"),
        (
            "8/12/2026",
            "no es día hábil: festivo (La Inmaculada Concepción). El siguiente es el miércoles 9 de diciembre",
        ),
    ],
)
def test_a_date_that_is_no_habil_day_stands_and_is_told(core: Core, given: str, told: str) -> None:
    core.action("BIO-01", due=None)
    assert told in core.does("2026-11-12", "LT", "accion.fecha", accion="BIO-01", fecha=given)
    assert "hábil" not in core.does(
        "2026-11-12", "LT", "accion.fecha", accion="BIO-01", fecha="9/12/2026", motivo=REASON
    )


def test_another_date_needs_a_reason_and_makes_a_version(core: Core) -> None:
    core.action("BIO-01", due="2026-12-01")
    refused = core.refused("2026-11-12", "LT", "accion.fecha", accion="BIO-01", fecha="2027-01-15")
    assert "motivo" in refused
    core.does("2026-11-12", "LT", "accion.fecha", accion="BIO-01", fecha="2027-01-15", motivo=REASON)
    before, after = {"due": "2026-12-01", "due_version": 1}, {"due": "2027-01-15", "due_version": 2}
    assert _versions(core) == [(2, REASON, before, after)]


@pytest.mark.parametrize("post", ["PL", "GG"])
def test_an_overdue_date_is_moved_by_planning_or_management(core: Core, post: str) -> None:
    core.action("BIO-01", due="2026-10-09")
    core.does("2026-11-20", post, "accion.fecha", accion="BIO-01", fecha="2026-12-18", motivo=REASON)
    assert find(core.session, "BIO-01").due == date(2026, 12, 18)


def test_management_moves_a_date_that_is_not_overdue(core: Core) -> None:
    core.action("BIO-01", due="2026-12-09")
    core.does("2026-11-20", "GG", "accion.fecha", accion="BIO-01", fecha="2026-12-18", motivo=REASON)
    assert find(core.session, "BIO-01").due == date(2026, 12, 18)


def test_nothing_of_what_is_over_is_edited(core: Core) -> None:
    core.action("BIO-01")
    core.first_initiative().state = "cerrada"
    given = {"accion": "BIO-01", "texto": "Otro texto", "motivo": REASON}
    assert "sus acciones no cambian" in core.refused("2026-11-20", "PL", "accion.editar", **given)


def test_an_overdue_date_is_not_moved_by_the_leader(core: Core) -> None:
    core.action("BIO-01", due="2026-11-19")
    given = {"accion": "BIO-01", "fecha": "2026-12-18", "motivo": REASON}
    assert "Planeación o a la Gerencia General" in core.refused("2026-11-20", "LT", "accion.fecha", **given)
    core.does("2026-11-19", "LT", "accion.fecha", **given)


def test_a_past_date_is_refused_by_the_name_the_form_knows(core: Core) -> None:
    core.action("BIO-01", due=None)
    assert "anterior a hoy" in core.refused("2026-11-20", "PL", "accion.fecha", accion="BIO-01", fecha="2026-11-19")


def test_what_is_only_proposed_changes_its_date_without_a_move(core: Core) -> None:
    action = core.action("BIO-09", due="2026-10-01", state="por_validar")
    core.does("2026-11-20", "LT", "accion.fecha", accion="BIO-09", fecha="2027-02-01")
    assert (action.due, action.original_due, action.due_moves, action.due_version) == (
        date(2027, 2, 1),
        date(2027, 2, 1),
        0,
        1,
    )
    action.validated_on = day("2026-11-21")
    assert "no está vigente" in core.refused("2026-11-22", "LT", "accion.fecha", accion="BIO-09", fecha="2027-03-01")


# --- accion.reasignar -------------------------------------------------------------------------------------------------


def test_another_entity_keeps_the_overdue_clock_and_restarts_the_silence(core: Core) -> None:
    core.entity(DIAN)
    action = core.action("BIO-01", due="2026-10-31")
    silence = _silent(core, action)
    said = core.does("2026-11-20", "LT", "accion.reasignar", accion="BIO-01", entidad="DIAN", motivo=REASON)
    assert said == "BIO-01 pasó de Invima a DIAN."
    assert (action.due_version, silence.ended_because) == (1, "cambio de responsable")
    core.live("2026-11-30")
    assert core.told("R15") == [("BIO-01", "2026-11-30", "2026-11-30")]
    assert core.all(ActionVersion)[0].after == {"entity_id": action.entity_id}


def test_a_new_entity_needs_a_reason_and_is_not_the_gerencia_generals_to_choose(core: Core) -> None:
    core.entity(DIAN)
    core.action("BIO-01")
    given = {"accion": "BIO-01", "entidad": "DIAN"}
    assert "motivo" in core.refused("2026-11-20", "LT", "accion.reasignar", **given)
    assert "10 caracteres" in core.refused("2026-11-20", "LT", "accion.reasignar", motivo="sí", **given)
    assert "líder técnico" in core.refused("2026-11-20", "GG", "accion.reasignar", motivo=REASON, **given)


# --- accion.cumplida, accion.reabrir ----------------------------------------------------------------------------------


def test_compliance_is_recorded_any_day_with_date_and_evidence(core: Core) -> None:
    action = core.action("BIO-01")
    given = {"accion": "BIO-01", "evidencia": "Resolución 123"}
    assert "posterior a hoy" in core.refused("2026-11-05", "LT", "accion.cumplida", fecha="2026-11-06", **given)
    core.does("2026-11-05", "LT", "accion.cumplida", fecha="2026-11-05", **given)
    assert (action.state, action.met_on, action.percent) == ("cumplida", date(2026, 11, 5), 100.0)
    assert "se requiere vigente" in core.refused("2026-11-06", "LT", "accion.cumplida", fecha="2026-11-05", **given)


def test_a_reopened_action_needs_a_reason_gets_its_figure_back_and_its_alert_rises_again(core: Core) -> None:
    action = core.action("BIO-01", due="2026-10-09", percent=75.0)
    core.live("2026-11-09")
    core.does("2026-11-10", "LT", "accion.cumplida", accion="BIO-01", fecha="2026-11-10", evidencia="Decreto 1")
    assert "motivo" in core.refused("2026-11-12", "LT", "accion.reabrir", accion="BIO-01")
    core.does("2026-11-12", "LT", "accion.reabrir", accion="BIO-01", motivo="El decreto se derogó")
    assert (action.state, action.met_on, action.percent, action.due_version) == ("vigente", None, 75.0, 2)
    core.live("2026-11-12", "2026-11-13")
    alerts = [(one.episode, one.state, str(one.raised_on)) for one in core.all(Alert)]
    assert alerts == [("v1", "cerrada", "2026-11-09"), ("v2", "abierta", "2026-11-12")]


def test_only_what_is_met_is_reopened_and_nothing_of_a_closed_initiative(core: Core) -> None:
    action = core.action("BIO-01")
    given = {"accion": "BIO-01", "motivo": REASON}
    assert "se requiere cumplida" in core.refused("2026-11-12", "LT", "accion.reabrir", **given)
    core.does("2026-11-12", "LT", "accion.cumplida", accion="BIO-01", fecha="2026-11-10", evidencia="Decreto 1")
    action.initiative.state = "cerrada"
    assert "está cerrada" in core.refused("2026-11-13", "LT", "accion.reabrir", **given)


# --- accion.editar ----------------------------------------------------------------------------------------------------


def test_a_change_of_words_and_priority_is_version_n_plus_one_with_who_when_why(core: Core) -> None:
    core.action("BIO-01", text="Expedir la guía", priority="Alta")
    given = {"texto": "Expedir y divulgar la guía", "prioridad": "baja", "motivo": REASON}
    assert core.does("2026-11-12", "LT", "accion.editar", accion="BIO-01", **given).endswith("versión 2.")
    version = core.all(ActionVersion)[0]
    assert (version.author, version.at.date(), version.reason) == ("Líder técnica", date(2026, 11, 12), REASON)
    assert version.before == {"text": "Expedir la guía", "priority": "Alta"}
    assert version.after == {"text": "Expedir y divulgar la guía", "priority": "Baja"}
    assert [deed.operation for deed in core.all(Deed)] == ["accion.editar"]


def test_an_edit_changes_something_says_why_and_knows_the_priorities(core: Core) -> None:
    core.action("BIO-01", text="Expedir la guía")
    nothing = core.refused("2026-11-12", "LT", "accion.editar", accion="BIO-01", motivo=REASON)
    assert "Indique qué cambia" in nothing
    given = {"accion": "BIO-01", "texto": "Expedir la guía"}
    assert "no hay cambios" in core.refused("2026-11-12", "LT", "accion.editar", motivo=REASON, **given)
    assert "motivo" in core.refused("2026-11-12", "LT", "accion.editar", accion="BIO-01", apoyo="ICA")
    wrong = core.refused("2026-11-12", "LT", "accion.editar", accion="BIO-01", prioridad="Urgente", motivo=REASON)
    assert "Alta, Media, Baja" in wrong
    assert core.all(ActionVersion) == []


def test_what_the_entity_validated_is_not_reworded_before_it_enters(core: Core) -> None:
    core.action("BIO-09", state="por_validar", validated_on=day("2026-11-10"))
    refused = core.refused("2026-11-12", "LT", "accion.editar", accion="BIO-09", texto="Otro texto", motivo=REASON)
    assert "ya fue validada" in refused


# --- accion.seguimiento -----------------------------------------------------------------------------------------------


def test_a_follow_up_with_its_logro_is_registered_from_a_call(core: Core) -> None:
    silence = _silent(core, core.action("BIO-01"))
    said = core.does(
        "2026-11-27", "LT", "accion.seguimiento",
        accion="BIO-01", avance="80,5", texto=TEXT, fuente="llamada con Invima",
        logro="Proyecto de guía publicado para comentarios", prioridad_logro="Alta", tipo_logro="circular o guía",
    )  # fmt: skip
    assert said == "Seguimiento registrado: BIO-01, noviembre de 2026, 80,5\u00a0%, a tiempo."
    follow_up = core.all(FollowUp)[0]
    assert (follow_up.month, follow_up.source) == ("2026-11", "llamada con Invima")
    assert (core.all(Achievement)[0].kind, silence.ended_because) == ("circular o guía", "respuesta")


def test_a_hundred_asks_for_date_and_evidence_by_the_forms_own_names(core: Core) -> None:
    action = core.action("BIO-01")
    given = {"accion": "BIO-01", "avance": "100", "texto": TEXT}
    refused = core.refused("2026-11-27", "LT", "accion.seguimiento", **given)
    assert "fecha de cumplimiento" in refused
    assert "evidencia" in refused
    core.does("2026-11-27", "LT", "accion.seguimiento", fecha_cumplimiento="2026-11-20", evidencia="Decreto 1", **given)
    assert (action.state, action.met_on) == ("cumplida", date(2026, 11, 20))


def test_a_logro_needs_its_priority_and_its_kind(core: Core) -> None:
    core.action("BIO-01")
    given = {"accion": "BIO-01", "avance": "40", "texto": TEXT, "logro": "Proyecto de guía publicado"}
    refused = core.refused("2026-11-27", "LT", "accion.seguimiento", **given)
    assert "prioridad del logro" in refused
    assert "tipo de resultado" in refused


def test_the_same_text_and_a_fall_are_asked_about(core: Core) -> None:
    core.action("BIO-01")
    core.does("2026-10-28", "LT", "accion.seguimiento", accion="BIO-01", avance="40", texto=TEXT)
    given = {"accion": "BIO-01", "avance": "30", "texto": TEXT}
    refused = core.refused("2026-11-27", "LT", "accion.seguimiento", **given)
    assert "idéntico" in refused
    assert "indique el motivo" in refused
    more = {"confirma_igual": "sí", "motivo": "El borrador se devolvió"}
    assert "30\u00a0%" in core.does("2026-11-27", "LT", "accion.seguimiento", **given, **more)


@pytest.mark.parametrize(
    ("month", "sentence"),
    [("noviembre", "AAAA-MM"), ("2026-12", "todavía no comienza"), ("2025-12", "se lanzó el 15/1/2026")],
)
def test_a_month_that_nothing_can_be_said_of_is_refused(core: Core, month: str, sentence: str) -> None:
    core.action("BIO-01")
    given = {"accion": "BIO-01", "avance": "40", "texto": TEXT, "mes": month}
    assert sentence in core.refused("2026-11-27", "LT", "accion.seguimiento", **given)


def test_a_named_month_is_followed_up_late(core: Core) -> None:
    core.action("BIO-01")
    given = {"accion": "BIO-01", "avance": "40", "texto": TEXT, "mes": "2026-09"}
    assert core.does("2026-11-27", "PL", "accion.seguimiento", **given).endswith(
        "septiembre de 2026, 40\u00a0%, extemporánea."
    )


# --- accion.anular ----------------------------------------------------------------------------------------------------


def test_an_annulled_action_takes_its_alert_its_notices_and_the_silence_with_it(core: Core) -> None:
    action = core.action("BIO-01", due="2026-10-09")
    silence = _silent(core, action)
    core.sweep("2026-11-09")
    core.does("2026-11-09", "GG", "accion.anular", accion="BIO-01", motivo="La norma la reemplazó otra")
    assert (action.state, core.alert().closed_because) == ("anulada", "sin_efecto")
    assert {one.state for one in core.session.query(Notice).filter(Notice.action_id == action.id)} == {"withdrawn"}
    assert silence.ended_because == "acción anulada"
    core.live("2026-11-10", "2026-12-15")
    assert core.told("R30") == []


def test_the_silence_goes_on_while_another_action_is_left_to_the_entity(core: Core) -> None:
    silence = _silent(core, core.action("BIO-01"))
    core.action("BIO-02")
    core.does("2026-11-09", "PL", "accion.anular", accion="BIO-01", motivo="La norma la reemplazó otra")
    assert silence.ended_on is None


def test_annulling_is_not_the_leaders_and_needs_a_reason(core: Core) -> None:
    core.action("BIO-01")
    assert "Gerencia General o Planeación" in core.refused(
        "2026-11-09", "LT", "accion.anular", accion="BIO-01", motivo=REASON
    )
    assert "motivo" in core.refused("2026-11-09", "GG", "accion.anular", accion="BIO-01")
    assert "10 caracteres" in core.refused("2026-11-09", "GG", "accion.anular", accion="BIO-01", motivo="sobra")


NEEDED = {
    "accion.fecha": {"fecha": "2027-01-15", "motivo": REASON},
    "accion.reasignar": {"entidad": "DIAN", "motivo": REASON},
    "accion.cumplida": {"fecha": "2026-11-01", "evidencia": "Decreto 1"},
    "accion.reabrir": {"motivo": REASON},
    "accion.editar": {"texto": "Otro texto", "motivo": REASON},
    "accion.seguimiento": {"avance": "40", "texto": TEXT},
    "accion.anular": {"motivo": REASON},
    "accion.solicitar_validacion": {},
    "accion.validada": {"acepta": "sí", "quien": "Directora", "fecha": "2026-11-01", "evidencia": "Oficio 1"},
    "accion.incorporar": {},
}


@pytest.mark.parametrize("does", NEEDED)
def test_every_operation_is_refused_in_every_other_state(core: Core, does: str) -> None:
    core.entity(DIAN)
    action = core.action("BIO-01", due="2027-10-31")
    for state in ActionState:
        action.state = state
        if state not in OPERATIONS[does].states:
            assert "se requiere" in core.refused("2026-11-12", "PL", does, accion="BIO-01", **NEEDED[does])
    assert core.all(ActionVersion) == []


def test_a_reopened_action_is_not_published_at_100(core: Core) -> None:
    action = core.action("BIO-01", due="2027-01-31")
    given = {"accion": "BIO-01", "avance": "40", "texto": "Se radicó el proyecto de circular"}
    core.does("2026-10-28", "LT", "accion.seguimiento", **given)
    met = {
        "avance": "100",
        "texto": "Se expidió la circular 12",
        "fecha_cumplimiento": "2026-11-26",
        "evidencia": "Acta",
    }
    core.does("2026-11-27", "LT", "accion.seguimiento", **(given | met))
    core.does("2026-12-02", "LT", "accion.reabrir", accion="BIO-01", motivo="La circular fue revocada")
    shown = matrix_content(core.session, action.initiative, day("2026-12-02"))["obstacles"][0]["solutions"][0][
        "actions"
    ]
    assert (action.percent, action.narrative) == (40.0, "Se radicó el proyecto de circular")
    assert [(row["percent"], row["light"]["word"]) for row in shown] == [(40.0, "Al día")]
    assert owed(core.session, action.initiative_id, Month(2026, 11)) == [action]


def test_the_beginning_and_the_solution_of_an_action_are_edited(core: Core) -> None:
    action = core.action("BIO-01", due="2027-01-31")
    why = {"accion": "BIO-01", "motivo": "Ajuste del cronograma"}
    core.does("2026-11-05", "LT", "accion.editar", inicio="2026-11-10", **why)
    assert (action.starts, action.version) == (day("2026-11-10"), 2)
    assert "posterior al vencimiento" in core.refused("2026-11-05", "LT", "accion.editar", inicio="2027-02-01", **why)
