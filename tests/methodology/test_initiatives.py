from __future__ import annotations

from datetime import date, timedelta

import pytest
from core_world import Core, day

from methodology.initiatives import OPERATIONS, candidates
from methodology.notices import explain
from methodology.rules.months import add_months
from methodology.rules.states import InitiativeState
from storage.history import Change, Deed
from storage.ledger import Alert
from storage.life import Validation
from storage.matrix import Initiative

CP, MINCIT = "Colombia Productiva", "MinCIT"
ON = "2026-11-18"
GIVEN = {
    "iniciativa.solicitar_validacion": {},
    "iniciativa.validada": {"acepta": "sí", "quien": "VM", "fecha": ON, "evidencia": "Oficio 12"},
    "iniciativa.construir": {},
    "iniciativa.descartar": {"motivo": "Ya la atiende otro programa"},
    "iniciativa.pausar": {"motivo": "Cambio de estructura del sector"},
    "iniciativa.reanudar": {},
    "iniciativa.ritmo": {"clave": "nivel1.retencion_habiles", "valor": "3"},
    "iniciativa.canal": {"canal": "19:canal@thread.tacv2"},
    "iniciativa.confirmar_cierre": {},
    "iniciativa.no_cerrar": {"motivo": "Quedan acciones por incorporar"},
    "cierre.informe": {},
    "iniciativa.cerrar": {},
}
GOING = ("en_construccion", "en_ejecucion", "pausada", "en_cierre")
ALLOWED = {
    "iniciativa.solicitar_validacion": ("candidata",),
    "iniciativa.validada": ("en_validacion_mincit",),
    "iniciativa.construir": ("candidata",),
    "iniciativa.descartar": ("candidata",),
    "iniciativa.pausar": ("en_ejecucion",),
    "iniciativa.reanudar": ("pausada",),
    "iniciativa.ritmo": GOING,
    "iniciativa.canal": GOING,
    "iniciativa.confirmar_cierre": ("en_ejecucion",),
    "iniciativa.no_cerrar": ("en_cierre",),
    "cierre.informe": ("en_cierre",),
    "iniciativa.cerrar": ("en_cierre",),
}
TO = {
    "iniciativa.solicitar_validacion": "en_validacion_mincit",
    "iniciativa.validada": "en_construccion",
    "iniciativa.construir": "en_construccion",
    "iniciativa.descartar": "descartada",
    "iniciativa.pausar": "pausada",
    "iniciativa.reanudar": "en_ejecucion",
    "iniciativa.confirmar_cierre": "en_cierre",
    "iniciativa.no_cerrar": "en_ejecucion",
    "iniciativa.cerrar": "cerrada",
}


def _propose(core: Core, name: str = "Café especial", origin: str = CP, **more: str) -> Initiative:
    core.does(ON, "GG", "iniciativa.proponer", nombre=name, origen=origin, motivo="Cadena con potencial", **more)
    return core.all(Initiative)[-1]


# --- R38–R40 ----------------------------------------------------------------------------------------------------------


def test_a_candidate_is_registered_with_its_slug_and_comes_last(core: Core) -> None:
    core.initiative("biologicos")
    made = _propose(core, fase_ii="sí")
    assert (made.slug, made.position, made.state, made.phase_two) == ("cafe_especial", 2, "candidata", True)
    assert (made.origin, made.grounds, made.launch) == (CP, "Cadena con potencial", None)


def test_the_same_candidate_is_not_registered_twice(core: Core) -> None:
    _propose(core)
    given = {"nombre": "CAFÉ  especial", "origen": CP, "motivo": "Otra vez"}
    assert "Ya existe" in core.refused(ON, "PL", "iniciativa.proponer", **given)
    assert "letras" in core.refused(ON, "PL", "iniciativa.proponer", **(given | {"nombre": "¿?"}))


def test_what_mincit_asks_for_comes_with_its_communication(core: Core) -> None:
    given = {"nombre": "Hidrógeno", "origen": MINCIT, "motivo": "Prioridad sectorial"}
    assert "comunicación" in core.refused(ON, "GG", "iniciativa.proponer", **given)
    core.does(ON, "GG", "iniciativa.proponer", **given, comunicacion="Oficio 2026-114")
    assert core.all(Initiative)[-1].communication == "Oficio 2026-114"


def test_one_of_mincit_goes_straight_to_construction(core: Core) -> None:
    made = _propose(core, origin=MINCIT, comunicacion="Oficio 2026-114")
    assert "no requiere validación" in core.refused(ON, "GG", "iniciativa.solicitar_validacion", iniciativa=made.slug)
    assert "Oficio 2026-114" in core.does(ON, "PL", "iniciativa.construir", iniciativa=made.slug)
    assert made.state == "en_construccion"
    made.state, made.communication = "candidata", ""
    assert "comunicación" in core.refused(ON, "PL", "iniciativa.construir", iniciativa=made.slug)


def test_the_communication_of_mincit_may_come_with_the_construction(core: Core) -> None:
    made = core.initiative("hidrogeno", launch=None, state="candidata", origin=MINCIT)
    said = core.does(ON, "PL", "iniciativa.construir", iniciativa=made.slug, comunicacion="Oficio 2026-115")
    assert (made.state, made.communication, "Oficio 2026-115" in said) == ("en_construccion", "Oficio 2026-115", True)


def test_a_discarded_candidate_may_be_proposed_again(core: Core) -> None:
    made = _propose(core)
    core.does(ON, "GG", "iniciativa.descartar", iniciativa=made.slug, motivo="Ya la atiende otro programa")
    again = _propose(core, name="Café  Especial", fase_ii="sí")
    assert (again.id, again.state, again.phase_two, len(core.all(Initiative))) == (made.id, "candidata", True, 1)


def test_one_of_the_operator_is_not_built_before_mincit_validated_it(core: Core) -> None:
    made = _propose(core)
    assert "requiere la validación" in core.refused(ON, "GG", "iniciativa.construir", iniciativa=made.slug)
    core.does(ON, "GG", "iniciativa.solicitar_validacion", iniciativa=made.slug)
    assert made.state == "en_validacion_mincit"
    core.live(ON)
    (letter,) = core.notices("R39")
    assert (letter.post, letter.channel, letter.state, letter.subject) == ("VM", "mail", "sent", "Café especial")
    assert "solicitó validar la iniciativa candidata Café especial" in explain(letter)


def test_the_letter_does_not_go_once_mincit_has_answered(core: Core) -> None:
    made = _propose(core)
    core.does(ON, "GG", "iniciativa.solicitar_validacion", iniciativa=made.slug, hour=19)
    core.does(ON, "GG", "iniciativa.validada", iniciativa=made.slug, hour=20, **GIVEN["iniciativa.validada"])
    core.live("2026-11-19")
    assert [notice.state for notice in core.notices("R39")] == ["withdrawn"]


@pytest.mark.parametrize(("answer", "state"), [("sí", "en_construccion"), ("no", "descartada")])
def test_mincits_answer_is_kept_with_who_when_and_where(core: Core, answer: str, state: str) -> None:
    made = _propose(core)
    core.does(ON, "GG", "iniciativa.solicitar_validacion", iniciativa=made.slug)
    given = GIVEN["iniciativa.validada"] | {"acepta": answer}
    assert "posterior" in core.refused(
        ON, "GG", "iniciativa.validada", iniciativa=made.slug, **(given | {"fecha": "2026-11-19"})
    )
    core.does(ON, "GG", "iniciativa.validada", iniciativa=made.slug, **given)
    (kept,) = core.all(Validation)
    assert (made.state, kept.subject, kept.accepted) == (state, made.slug, answer == "sí")
    assert (kept.by, kept.on, kept.evidence) == ("VM", day(ON), "Oficio 12")


def test_candidates_are_listed_phase_two_first_then_as_registered(core: Core) -> None:
    core.initiative("biologicos")
    _propose(core, "Uno")
    second = _propose(core, "Dos", fase_ii="sí")
    _propose(core, "Tres", fase_ii="sí")
    gone = _propose(core, "Cuatro", fase_ii="sí")
    core.does(ON, "GG", "iniciativa.solicitar_validacion", iniciativa=second.slug)
    core.does(ON, "GG", "iniciativa.descartar", iniciativa=gone.slug, motivo="Ya la atiende otro programa")
    assert [row.name for row in candidates(core.session)] == ["Dos", "Tres", "Uno"]


# --- every transition -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(InitiativeState))
@pytest.mark.parametrize("does", list(GIVEN))
def test_an_operation_is_done_from_its_states_alone(core: Core, does: str, state: str) -> None:
    origin = MINCIT if does == "iniciativa.construir" else CP
    made = core.initiative("cafe", launch="2025-01-15", state=state, origin=origin, communication="Oficio 1")
    made.paused_on = day("2026-11-02") if state == "pausada" else None
    core.action("CAF-01", state="cumplida", met_on=day("2026-10-30"), initiative=made)
    if does == "iniciativa.cerrar" and state == "en_cierre":
        core.does(ON, "PL", "cierre.informe", iniciativa="cafe")
    line = core.play(ON, "PL", does, iniciativa="cafe", **GIVEN[does])
    if state in ALLOWED[does]:
        assert "done" in line
        assert made.state == TO.get(does, state)
    else:
        assert "está en estado" in line["refused"]
        assert made.state == state


@pytest.mark.parametrize("does", list(GIVEN))
@pytest.mark.parametrize("post", ["LT", "VM", "MIN"])
def test_only_planning_and_management_decide_about_an_initiative(core: Core, does: str, post: str) -> None:
    core.initiative("cafe", state=ALLOWED[does][0])
    assert "corresponde a" in core.refused(ON, post, does, iniciativa="cafe", **GIVEN[does])


@pytest.mark.parametrize("does", ["iniciativa.descartar", "iniciativa.pausar", "iniciativa.no_cerrar"])
def test_a_decision_says_why(core: Core, does: str) -> None:
    core.initiative("cafe", state=ALLOWED[does][0])
    assert "motivo" in core.refused(ON, "PL", does, iniciativa="cafe")
    assert "10 caracteres" in core.refused(ON, "PL", does, iniciativa="cafe", motivo="No")


def test_every_decision_is_kept_with_what_it_changed(core: Core) -> None:
    core.initiative("cafe")
    core.does(ON, "PL", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    change = core.all(Change)[-1]
    assert (change.table, change.before["state"], change.after["state"]) == ("initiative", "en_ejecucion", "pausada")
    assert (core.all(Deed)[-1].operation, change.reason) == ("iniciativa.pausar", "Cambio de estructura")


def test_the_operations_are_those_of_the_method() -> None:
    assert {one.id for one in OPERATIONS} == {
        name for name in (*GIVEN, "iniciativa.proponer") if "cierre" not in name and "cerrar" not in name
    }


# --- pause and resumption ---------------------------------------------------------------------------------------------


def _paused(core: Core, since: str = "2026-10-20", launch: str = "2026-01-15") -> Initiative:
    initiative = core.initiative("cafe", launch=launch)
    core.action("CAF-01", due="2026-09-30", initiative=initiative)
    core.action("CAF-02", due="2026-10-10", initiative=initiative)
    core.action("CAF-03", due="2027-06-30", initiative=initiative)
    core.sweep("2026-10-19")
    core.does(since, "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    return initiative


def _resume(core: Core, on: str, hour: int = 10) -> str:
    return core.does(on, "GG", "iniciativa.reanudar", iniciativa="cafe", hour=hour)


def _sent(core: Core, since: str) -> list[str]:
    """The messages that went out from a day on, by rule."""
    return [n.rule for n in core.notices() if n.state == "sent" and n.deliver_on >= day(since)]


def test_nothing_goes_while_it_is_paused(core: Core) -> None:
    _paused(core)
    core.live("2026-10-20", "2026-12-04")
    assert [notice.rule for notice in core.notices() if notice.state != "withdrawn"] == []
    assert core.all(Alert) == []


def test_what_fell_due_meanwhile_is_one_digest_with_its_own_dates(core: Core) -> None:
    initiative = _paused(core)
    core.live("2026-10-20", "2026-11-17")
    _resume(core, "2026-11-18")
    core.live("2026-11-18")
    assert (initiative.state, initiative.paused_on, initiative.paused_days) == ("en_ejecucion", None, 29)
    assert initiative.resumed_on == day("2026-11-18")
    assert [(a.action.code, str(a.raised_on)) for a in core.all(Alert) if a.action] == [
        ("CAF-01", "2026-10-30"),
        ("CAF-02", "2026-11-10"),
    ]
    (digest,) = core.notices("reanudacion")
    assert (digest.state, digest.post, str(digest.deliver_on)) == ("sent", "LT", "2026-11-18")
    assert "en pausa desde el 20 de octubre de 2026" in explain(digest)
    carried = [n for n in core.notices("R15") if n.withdrawn_reason.startswith("va en el resumen")]
    assert [(n.subject, n.state) for n in carried] == [("CAF-01", "sent"), ("CAF-02", "sent")]


def test_the_hold_of_the_alerts_begins_with_the_digest(core: Core) -> None:
    _paused(core)
    _resume(core, "2026-11-18", hour=18)
    core.live("2026-11-18")
    assert {alert.told_leader_on for alert in core.all(Alert)} == {day("2026-11-18")}
    core.live("2026-11-19")
    assert core.notices("R17") == []
    core.live("2026-11-20")
    assert [(n.subject, str(n.recorded_on)) for n in core.notices("R17")] == [
        ("CAF-01", "2026-11-20"),
        ("CAF-02", "2026-11-20"),
    ]


def test_held_over_a_weekend_the_digest_takes_what_falls_due_until_it_goes(core: Core) -> None:
    _paused(core)
    core.action("CAF-04", due="2026-10-21", initiative=core.first_initiative())
    _resume(core, "2026-11-20", hour=18)
    core.live("2026-11-21", "2026-11-23")
    carried = [n.subject for n in core.notices("R15") if n.withdrawn_reason.startswith("va en el resumen")]
    assert carried == ["CAF-01", "CAF-02", "CAF-04"]
    core.action("CAF-05", due="2026-10-24", initiative=core.first_initiative())
    core.live("2026-11-24")
    assert [n.withdrawn_reason for n in core.notices("R15") if n.subject == "CAF-05"] == [""]


def test_a_case_that_opened_in_the_pause_is_told_in_the_digest_alone(core: Core) -> None:
    _paused(core)
    _resume(core, "2026-12-02")
    core.live("2026-12-02")
    assert _sent(core, "2026-12-02").count("reanudacion") == 1
    assert [(n.state, n.withdrawn_reason[:8]) for n in core.notices("R30")] == [("sent", "va en el")]
    assert {"R30", "R15"} <= {n.rule for n in core.notices() if n.withdrawn_reason.startswith("va en")}


def test_an_alert_planned_before_the_pause_is_not_lost(core: Core) -> None:
    """Its notice was withdrawn by the pause: the digest carries it, else it would never rise."""
    initiative = core.initiative("cafe")
    core.action("CAF-01", due="2026-10-15", initiative=initiative)
    core.sweep("2026-11-15")
    core.does("2026-11-15", "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    core.live("2026-11-17")
    assert [n.state for n in core.notices("R15")] == ["withdrawn"]
    _resume(core, "2026-11-23")
    core.live("2026-11-23")
    assert core.alert().told_leader_on == day("2026-11-23")


def test_a_decision_card_withdrawn_by_the_pause_goes_afterwards(core: Core) -> None:
    initiative = core.initiative("cafe")
    core.action("CAF-01", due="2026-10-15", initiative=initiative)
    core.live("2026-11-15", "2026-11-18")
    core.sweep("2026-11-19")
    core.does("2026-11-19", "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura", hour=8)
    core.live("2026-11-19", "2026-11-24")
    assert [n.state for n in core.notices("R17")] == ["withdrawn"]
    _resume(core, "2026-11-25")
    core.live("2026-11-25")
    assert [(n.state, str(n.deliver_on)) for n in core.notices("R17")] == [("sent", "2026-11-25")]


def test_a_digest_never_told_is_not_lost_with_a_second_pause(core: Core) -> None:
    _paused(core)
    _resume(core, "2026-11-20", hour=18)
    core.does("2026-11-22", "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    core.live("2026-11-23")
    assert [n.state for n in core.notices("reanudacion")] == ["withdrawn"]
    _resume(core, "2026-11-24")
    core.live("2026-11-24")
    assert {alert.told_leader_on for alert in core.all(Alert)} == {day("2026-11-24")}
    assert core.first_initiative().paused_days == 31 + 2


def test_a_pause_that_ended_on_its_day_has_no_digest(core: Core) -> None:
    core.initiative("cafe")
    core.does(ON, "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    assert "menos de un día" in _resume(core, ON)
    core.live(ON)
    assert core.notices("reanudacion") == []


def test_with_nothing_due_the_leader_is_told_that_it_goes_on(core: Core) -> None:
    core.initiative("cafe")
    core.does("2026-11-02", "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    _resume(core, "2026-11-04")
    core.live("2026-11-04")
    assert _sent(core, "2026-11-04") == ["reanudacion"]


def test_resumed_inside_an_open_window_its_opening_goes_out(core: Core) -> None:
    """nov-2026: from Thursday 26."""
    _paused(core)
    core.live("2026-11-20", "2026-11-26")
    assert core.notices("R10") == []
    _resume(core, "2026-11-27")
    core.live("2026-11-27")
    assert [(n.state, n.withdrawn_reason) for n in core.notices("R10")] == [("sent", "")]


def test_resumed_after_the_window_nothing_of_it_goes_out(core: Core) -> None:
    _paused(core)
    core.live("2026-11-20", "2026-12-02")
    _resume(core, "2026-12-03")
    core.live("2026-12-03")
    assert [n.rule for n in core.notices("R10", "R11") if n.state == "sent"] == []


@pytest.mark.parametrize(("stops", "moved"), [("no", 0), ("si", 40)])
def test_the_eighteen_months_run_on_unless_the_pause_stops_them(core: Core, stops: str, moved: int) -> None:
    initiative = core.initiative("cafe", launch="2025-05-27")
    core.action("CAF-01", due="2027-06-30", initiative=initiative)
    initiative.overrides = {"cierre.pausa_detiene": stops}
    core.does("2026-08-03", "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    _resume(core, "2026-09-12")
    term = add_months(day("2025-05-27"), 18) + timedelta(days=moved)
    for before in (60, 30, 0):
        on = term - timedelta(days=before)
        core.live(str(on - timedelta(days=1)))
        told = len(core.notices("R36"))
        core.live(str(on))
        assert len(core.notices("R36")) == told + 1, before
    assert {notice.due for notice in core.notices("R36")} == {term}


# --- R2: a pace of its own --------------------------------------------------------------------------------------------


def _pace(core: Core, key: str, value: str = "", on: str = ON) -> str:
    return core.does(on, "PL", "iniciativa.ritmo", iniciativa="cafe", clave=key, valor=value)


def test_an_own_value_says_what_held_before_and_what_holds_now(core: Core) -> None:
    initiative = core.initiative("cafe")
    said = _pace(core, "nivel1.retencion_habiles", "3")
    assert "antes, 2 días hábiles; desde hoy, 3 días hábiles (valor propio)" in said
    assert initiative.overrides == {"nivel1.retencion_habiles": 3}
    assert "(valor general)" in _pace(core, "nivel1.retencion_habiles")
    assert initiative.overrides == {}
    assert core.all(Change)[-1].before["overrides"] == {"nivel1.retencion_habiles": 3}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("ventana.tipo", "lunar", "calendario o habil"),
        ("por_vencer.dias", "0", "número entero"),
        ("por_vencer.dias", "quince", "número entero"),
        ("por_vencer.dias", "", "no tiene un valor propio"),
        ("cierre.segundo_aviso_dias", "90", "menor que"),
        ("solicitud.habiles_antes", "5", "no es una opción"),
        ("color", "azul", "no es una opción"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused(core: Core, key: str, value: str, said: str) -> None:
    initiative = core.initiative("cafe")
    given = {"clave": key, "valor": value} if value else {"clave": key}
    assert said in core.refused(ON, "PL", "iniciativa.ritmo", iniciativa="cafe", **given)
    assert initiative.overrides == {}


def test_the_same_value_again_changes_nothing(core: Core) -> None:
    core.initiative("cafe")
    _pace(core, "ventana.tipo", "hábil")
    assert "ya tiene ese valor" in core.refused(
        ON, "PL", "iniciativa.ritmo", iniciativa="cafe", clave="ventana.tipo", valor="habil"
    )


def test_its_dates_are_reckoned_by_the_new_pace_from_the_next_sweep(core: Core) -> None:
    initiative = core.initiative("cafe")
    action = core.action("CAF-01", due="2026-12-18", initiative=initiative)
    core.live("2026-11-17")
    assert action.due_soon_on == date(2026, 12, 3)
    _pace(core, "por_vencer.dias", "30")
    assert action.due_soon_on == date(2026, 11, 18)
    core.live(ON)
    assert [notice.subject for notice in core.notices("R19")] == ["CAF-01"]


def test_a_closing_day_that_moved_withdraws_what_was_planned_for_the_former(core: Core) -> None:
    core.initiative("cafe", launch="2025-07-17")
    core.sweep(ON)
    assert [str(notice.due) for notice in core.notices("R36")] == ["2027-01-17"]
    _pace(core, "cierre.meses", "24")
    assert [notice.state for notice in core.notices("R36")] == ["withdrawn"]
    core.live("2026-11-19", "2026-11-20")
    assert len(core.notices("R36")) == 1


def test_the_channel_of_escalation_is_its_own_or_the_general_one(core: Core) -> None:
    initiative = core.initiative("cafe")
    core.does(ON, "PL", "iniciativa.canal", iniciativa="cafe", canal="19:canal@thread.tacv2")
    assert initiative.escalation_channel == "19:canal@thread.tacv2"
    assert "general" in core.does(ON, "PL", "iniciativa.canal", iniciativa="cafe")
    assert initiative.escalation_channel == ""
