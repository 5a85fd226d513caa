from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from core_world import Core, at

from methodology.actions import mark_met
from methodology.followups import (
    Registered,
    due_month,
    due_month_of,
    effective,
    of_month,
    owed,
    register,
    require_taken,
)
from methodology.people import actor_of
from methodology.refusals import Incomplete, NotAllowed, NotNow
from methodology.rules.followup import AchievementInput, FollowUpInput
from methodology.rules.months import Month
from storage.ledger import Proposal, Silence
from storage.matrix import Achievement, Action, ActionVersion, FollowUp

NOV = Month(2026, 11)
TEXT = "Se radicó el proyecto de resolución."


@pytest.fixture
def action(core: Core) -> Action:
    return core.action("BIO-01", due="2026-12-18")


def _answer(percent: float = 50.0, text: str = TEXT, **more: Any) -> FollowUpInput:
    return FollowUpInput(percent, text, **more)


def _met(on: str = "2026-11-26") -> FollowUpInput:
    return _answer(100.0, met_on=date.fromisoformat(on), evidence="Resolución 123")


def _register(
    core: Core, answer: FollowUpInput, on: str = "2026-11-26", *, post: str = "LT", **more: Any
) -> Registered:
    initiative = core.first_initiative()
    actor = more.pop("actor", None) or core.actor(post, initiative if post == "LT" else None)
    return register(core.session, "bio-01", answer, actor=actor, now=at(on), method=core.method, **more)


def test_the_leader_registers_and_the_action_shows_it(core: Core, action: Action) -> None:
    done = _register(core, _answer(45.5))
    assert (done.code, done.percent, str(done.month), done.timeliness) == ("BIO-01", 45.5, "2026-11", "a_tiempo")
    assert (action.percent, action.narrative) == (45.5, TEXT)
    assert owed(core.session, action.initiative_id, NOV) == []


def test_planning_registers_on_the_leaders_behalf_and_it_is_recorded(core: Core, action: Action) -> None:
    _register(core, _answer(), post="PL")
    row = effective(core.session, action.id, NOV)
    assert row is not None
    assert row.on_behalf_of == "LT"


@pytest.mark.parametrize("post", ["VM", "GG", "MIN"])
def test_nobody_else_registers(core: Core, action: Action, post: str) -> None:
    with pytest.raises(NotAllowed, match="corresponde a: líder técnico o Planeación"):
        _register(core, _answer(), post=post)
    assert core.all(FollowUp) == []


def test_a_leader_of_another_initiative_is_refused(core: Core, action: Action) -> None:
    other = core.actor("LT", core.initiative("astilleros"))
    with pytest.raises(NotAllowed):
        _register(core, _answer(), actor=other)


def test_the_substitute_registers_while_the_titular_is_away(core: Core, action: Action) -> None:
    substitute = core.person("Suplente")
    core.person("Titular", "LT", core.first_initiative(), substitute_id=substitute.id)
    assert not actor_of(core.session, substitute, date(2026, 11, 23)).posts
    titular = "titular@operador.example"
    core.does("2026-11-10", titular, "persona.ausencia", desde="2026-11-24", hasta="2026-11-30")
    inside = actor_of(core.session, substitute, date(2026, 11, 30))
    assert _register(core, _answer(), actor=inside).percent == 50.0
    assert not actor_of(core.session, substitute, date(2026, 12, 1)).posts


@pytest.mark.parametrize("state", ["salida", "cerrada_sin_cumplir", "anulada", "por_validar"])
def test_what_takes_no_follow_up_in_either_month_is_known_before_the_month_is(core: Core, state: str) -> None:
    row = core.action("BIO-02", state=state)
    leader = core.actor("LT", row.initiative)
    with pytest.raises(NotNow, match="no está vigente"):
        require_taken(core.session, row, _answer(), actor=leader, today=date(2026, 11, 10))


def test_what_a_month_may_still_take_of_a_met_action_is_not_refused_beforehand(core: Core) -> None:
    row = core.action("BIO-02", state="cumplida", met_on=date(2026, 11, 5), percent=100.0)
    leader, today = core.actor("LT", row.initiative), date(2026, 12, 10)
    for answer in (_answer(100.0), _answer(60.0), FollowUpInput(None, "Sigue igual que en el mes anterior")):
        require_taken(core.session, row, answer, actor=leader, today=today)


def test_the_months_count_leaves_out_what_is_no_longer_in_the_matrix(core: Core, action: Action) -> None:
    other = core.action("BIO-02")
    for code in ("BIO-01", "BIO-02"):
        register(core.session, code, _answer(), actor=core.actor("PL"), now=at("2026-11-26"), method=core.method)
    other.state = "salida"
    core.session.flush()
    assert [row.action.code for row in of_month(core.session, action.initiative, NOV)] == ["BIO-01"]


def test_number_and_text_are_both_required(core: Core, action: Action) -> None:
    with pytest.raises(Incomplete) as refused:
        _register(core, FollowUpInput(None, "corto"))
    assert set(refused.value.fields) == {"percent", "text"}
    assert effective(core.session, action.id, NOV) is None


@pytest.mark.parametrize(
    ("on", "label"), [("2026-11-20", "anticipada"), ("2026-11-30", "a_tiempo"), ("2026-12-02", "extemporanea")]
)
def test_it_is_always_accepted_and_always_labelled(core: Core, action: Action, on: str, label: str) -> None:
    done = _register(core, _answer(), on)
    assert (str(done.month), done.timeliness) == ("2026-11", label)


def test_before_the_20th_with_nothing_missing_the_month_is_asked(core: Core, action: Action) -> None:
    _register(core, _answer(), "2026-11-30")
    with pytest.raises(Incomplete, match="2026-11 o 2026-12"):
        _register(core, _answer(60.0, "Otro avance del trámite"), "2026-12-10")
    done = _register(core, _answer(60.0, "Otro avance del trámite"), "2026-12-10", month=Month(2026, 12))
    assert (str(done.month), done.timeliness) == ("2026-12", "anticipada")


def test_a_month_before_the_launch_is_never_missing(core: Core) -> None:
    initiative = core.initiative("nueva", launch="2026-11-02")
    core.action("NUE-01", initiative=initiative)
    assert due_month(core.session, initiative, date(2026, 11, 10), core.method) is None


def test_a_correction_supersedes_and_the_former_stays(core: Core, action: Action) -> None:
    _register(core, _answer(40.0))
    done = _register(core, _answer(45.0, "Corrección del avance reportado"), "2026-11-27")
    rows = core.all(FollowUp)
    assert done.correction
    assert [(r.percent, r.superseded_at is None) for r in rows] == [(40.0, False), (45.0, True)]


def test_a_fall_asks_for_the_reason_even_against_a_far_month(core: Core, action: Action) -> None:
    _register(core, _answer(60.0), "2026-08-28")
    with pytest.raises(Incomplete, match="menor que el del seguimiento anterior"):
        _register(core, _answer(50.0, "Se devolvió el expediente completo"))


def test_an_older_months_report_does_not_overwrite_the_newest_figure(core: Core, action: Action) -> None:
    _register(core, _answer(60.0))
    _register(core, _answer(30.0, "Lo que había en octubre"), month=Month(2026, 10))
    assert action.percent == 60.0


def test_100_makes_the_action_met_with_its_date_and_evidence(core: Core, action: Action) -> None:
    _register(core, _met("2026-11-24"))
    assert (action.state, action.met_on) == ("cumplida", date(2026, 11, 24))
    assert "Resolución 123" in core.all(ActionVersion)[-1].reason


def test_a_met_action_takes_its_compliance_with_its_logro_and_the_months_before_it(core: Core, action: Action) -> None:
    met = date(2026, 11, 10)
    mark_met(core.session, "BIO-01", met, evidence="Circular 12", actor=core.actor("PL"), now=at("2026-11-10"))
    _register(core, _answer(60.0, "Faltaba la firma de la circular"), "2026-11-11", month=Month(2026, 10))
    _register(core, _answer(100.0, "Se expidió la circular", achievement=_logro()), "2026-11-27")
    assert [row.text for row in core.all(Achievement)] == ["Se expidió la circular conjunta"]
    assert (action.state, action.percent, action.met_on) == ("cumplida", 100.0, met)
    with pytest.raises(Incomplete, match="motivo para reabrirla"):
        _register(core, _answer(90.0, "Se revisa el avance de nuevo"), "2026-12-28")


def test_correcting_100_downwards_reopens_with_a_reason_and_a_new_due_version(core: Core, action: Action) -> None:
    _register(core, _met())
    with pytest.raises(Incomplete, match="motivo para reabrirla"):
        _register(core, _answer(80.0, "Faltaba la publicación en el diario"))
    _register(core, _answer(80.0, "Faltaba la publicación en el diario", reason="No estaba publicada"))
    assert (action.state, action.met_on, action.percent, action.due_version) == ("vigente", None, 80.0, 2)


def test_correcting_the_date_of_compliance_changes_it(core: Core, action: Action) -> None:
    _register(core, _met("2026-11-26"))
    _register(core, _met("2026-11-20"), "2026-11-27")
    assert (action.state, action.met_on) == ("cumplida", date(2026, 11, 20))


@pytest.mark.parametrize("state", ["pausada", "en_cierre"])
def test_what_is_told_of_a_paused_or_closing_initiative_is_taken(core: Core, action: Action, state: str) -> None:
    action.initiative.state = state
    _register(core, _answer())
    assert action.percent == 50.0


def test_a_closed_initiative_takes_no_follow_up(core: Core, action: Action) -> None:
    action.initiative.state = "cerrada"
    with pytest.raises(NotNow, match="no está en ejecución"):
        _register(core, _answer())


def _logro(text: str = "Se expidió la circular conjunta") -> AchievementInput:
    return AchievementInput(text, "Alta", "circular o guía")


def test_a_logro_is_recorded_below_100_and_a_correction_replaces_it(core: Core, action: Action) -> None:
    _register(core, _answer(40.0, achievement=_logro()))
    _register(core, _answer(45.0, "Corrección del avance", achievement=_logro("Se expidió la circular 12 de 2026")))
    rows = [(row.text, row.withdrawn_at is None) for row in core.all(Achievement)]
    assert rows == [("Se expidió la circular conjunta", False), ("Se expidió la circular 12 de 2026", True)]


def test_a_logro_without_priority_or_kind_is_refused(core: Core, action: Action) -> None:
    with pytest.raises(Incomplete) as refused:
        _register(core, _answer(achievement=AchievementInput("Un resultado concreto", "", "")))
    assert set(refused.value.fields) == {"achievement_priority", "achievement_kind"}


def test_the_entitys_proposal_is_settled_and_named_as_source(core: Core, action: Action) -> None:
    proposal = core.add(
        Proposal(action_id=action.id, month="2026-11", percent=50.0, text="x", passage="x", at=at("2026-11-20"))
    )
    _register(core, _answer(50.0))
    row = effective(core.session, action.id, NOV)
    assert row is not None
    assert (proposal.state, row.source) == ("confirmada", "respuesta de la entidad")


def test_an_answer_by_phone_ends_the_entitys_silence(core: Core, action: Action) -> None:
    on = date(2026, 11, 11)
    values = {"entity_id": action.entity_id, "initiative_id": action.initiative_id, "first_on": on, "last_on": on}
    silence = core.add(Silence(**values, outreaches=2))
    _register(core, _answer(), "2026-11-20", source="llamada telefónica")
    assert silence.ended_on == date(2026, 11, 20)


def test_several_leaders_the_first_registration_closes_the_month_for_all(core: Core, action: Action) -> None:
    _register(core, _answer())
    second = _register(core, _answer(55.0, "Precisión de la otra líder"), "2026-11-27")
    assert second.correction
    assert owed(core.session, action.initiative_id, NOV) == []


def test_before_the_20th_each_action_goes_to_its_own_missing_month(core: Core, action: Action) -> None:
    other = core.action("BIO-02", due="2026-12-18")
    _register(core, _answer(), "2026-11-30")
    today = date(2026, 12, 10)
    found = [due_month_of(core.session, one, today, core.method) for one in (action, other)]
    assert found == [None, NOV]


def test_a_correction_without_logro_keeps_the_earlier_one(core: Core, action: Action) -> None:
    _register(core, _answer(40.0, achievement=_logro()))
    _register(core, _answer(45.0, "Corrección del avance reportado"))
    assert [row.withdrawn_at for row in core.all(Achievement)] == [None]


def test_a_first_report_below_the_matrixs_figure_asks_for_the_reason(core: Core) -> None:
    core.action("BIO-01", due="2026-12-18", percent=60.0)
    with pytest.raises(Incomplete, match="indique el motivo"):
        _register(core, _answer(50.0))


def test_a_met_action_is_reopened_in_the_current_month_with_a_reason(core: Core, action: Action) -> None:
    planning = core.actor("PL")
    mark_met(core.session, "BIO-01", date(2026, 10, 5), evidence="Acta", actor=planning, now=at("2026-10-06"))
    lower = _answer(80.0, "Se anuló el acto administrativo")
    with pytest.raises(Incomplete, match="motivo para reabrirla"):
        _register(core, lower)
    with pytest.raises(NotNow, match="no está vigente"):
        _register(core, lower, month=Month(2026, 10))
    _register(core, _answer(80.0, "Se anuló el acto administrativo", reason="Fallo de nulidad"))
    assert (action.state, action.met_on, action.due_version) == ("vigente", None, 2)
    assert action.due_set_on == date(2026, 11, 26)
