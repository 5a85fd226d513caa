from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from core_world import Core, at

from methodology.actions import find, mark_met, move_due, reassign
from methodology.refusals import Incomplete, NotAllowed, NotFound, NotNow
from storage.ledger import Alert, Silence
from storage.matrix import Action, ActionVersion

REASON = "Acuerdo de la mesa técnica del sector"


def _move(core: Core, due: str, on: str = "2026-11-20", *, post: str = "PL", reason: str = REASON) -> Action:
    actor = core.actor(post, core.first_initiative() if post == "LT" else None)
    when = date.fromisoformat(due)
    return move_due(core.session, "bio-01", when, reason=reason, actor=actor, now=at(on), method=core.method)


def _met(core: Core, met_on: str, on: str = "2026-12-02", **more: Any) -> Action:
    values = {"evidence": "Resolución 123", "actor": core.actor("LT", core.first_initiative())} | more
    return mark_met(core.session, "BIO-01", date.fromisoformat(met_on), now=at(on), **values)


def test_the_first_date_needs_no_reason_and_becomes_the_original(core: Core) -> None:
    core.action("BIO-01", due=None)
    action = _move(core, "2027-03-01", post="LT", reason="")
    assert (action.due, action.original_due, action.due_moves) == (date(2027, 3, 1), date(2027, 3, 1), 0)
    assert action.overdue_month_on == date(2027, 4, 1)


def test_moving_a_date_keeps_the_original_and_counts_the_moves(core: Core) -> None:
    core.action("BIO-01", due="2026-12-01")
    _move(core, "2027-01-15", post="LT")
    action = _move(core, "2027-02-15", post="LT")
    assert (action.original_due, action.due_moves, action.due_version) == (date(2026, 12, 1), 2, 3)
    versions = [(v.version, v.before["due"], v.after["due"], v.reason) for v in core.all(ActionVersion)]
    assert versions == [(2, "2026-12-01", "2027-01-15", REASON), (3, "2027-01-15", "2027-02-15", REASON)]


def test_a_move_needs_a_reason(core: Core) -> None:
    core.action("BIO-01", due="2026-12-01")
    with pytest.raises(Incomplete, match="motivo"):
        _move(core, "2027-01-15", reason="porque sí")


@pytest.mark.parametrize("post", ["PL", "GG"])
def test_an_overdue_date_is_moved_by_planning_or_management(core: Core, post: str) -> None:
    core.action("BIO-01", due="2026-10-09")
    assert _move(core, "2026-12-18", post=post).due == date(2026, 12, 18)


def test_an_overdue_date_is_not_moved_by_the_leader(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    with pytest.raises(NotAllowed, match="Planeación o a la Gerencia General"):
        _move(core, "2026-12-18", post="LT")


def test_a_date_of_today_is_not_overdue_yet(core: Core) -> None:
    core.action("BIO-01", due="2026-11-20")
    assert _move(core, "2026-12-18", post="LT").due_moves == 1


def test_no_date_is_set_in_the_past_nor_to_what_it_was(core: Core) -> None:
    core.action("BIO-01", due="2026-12-01")
    with pytest.raises(Incomplete, match="anterior a hoy"):
        _move(core, "2026-11-19")
    with pytest.raises(NotNow, match="ya tiene esa fecha"):
        _move(core, "2026-12-01")


def test_the_alert_of_the_former_date_closes_as_reprogramacion(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    core.live("2026-11-09")
    _move(core, "2026-12-18", on="2026-11-10")
    assert (core.alert().state, core.alert().closed_because) == ("cerrada", "reprogramación")


def test_a_notice_not_yet_told_of_a_closed_alert_is_withdrawn_with_the_reason(core: Core) -> None:
    core.action("BIO-01", due="2026-10-14")
    core.sweep("2026-11-14")
    _move(core, "2026-12-18", on="2026-11-14")
    notice = core.notices("R15")[0]
    assert (notice.state, notice.withdrawn_reason) == ("withdrawn", "alerta cerrada: reprogramación")


def test_the_worked_example_of_a_moved_date(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    core.live("2026-11-01", "2026-11-20")
    _move(core, "2026-12-18")
    core.live("2026-11-21", "2027-02-19")
    new = [
        (n.rule, str(n.recorded_on)) for n in core.notices("R19", "R15", "R30") if n.recorded_on > date(2026, 11, 20)
    ]
    assert new == [("R19", "2026-12-03"), ("R15", "2027-01-18"), ("R30", "2027-02-19")]


def test_met_after_a_month_closes_the_alert_as_cumplimiento(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    core.sweep("2026-11-09")
    _met(core, "2026-11-30")
    assert core.alert().closed_because == "cumplimiento"


def test_met_on_time_but_registered_late_closes_it_as_sin_efecto(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    core.sweep("2026-11-09")
    _met(core, "2026-10-08")
    assert core.alert().closed_because == "sin_efecto"


def test_compliance_is_never_in_the_future_and_has_evidence(core: Core) -> None:
    core.action("BIO-01")
    with pytest.raises(Incomplete, match="posterior a hoy"):
        _met(core, "2026-12-03")
    with pytest.raises(Incomplete, match="evidencia"):
        _met(core, "2026-12-01", evidence=" ")
    assert find(core.session, "BIO-01").state == "vigente"


def test_what_is_met_cannot_be_changed_again(core: Core) -> None:
    core.action("BIO-01")
    _met(core, "2026-12-01")
    with pytest.raises(NotNow, match="estado: cumplida"):
        _move(core, "2027-01-15")


def _reassign(core: Core, to: str) -> Action:
    return reassign(core.session, "BIO-01", to, reason=REASON, actor=core.actor("PL"), now=at("2026-11-20"))


def _silent(core: Core, action: Action) -> Silence:
    on = date(2026, 11, 11)
    values = {"entity_id": action.entity_id, "initiative_id": action.initiative_id, "first_on": on, "last_on": on}
    return core.add(Silence(**values, outreaches=2))


def test_reassigning_keeps_the_overdue_clock_and_versions_the_change(core: Core) -> None:
    core.entity("Dirección de Impuestos y Aduanas Nacionales (DIAN)")
    core.action("BIO-01", due="2026-10-31")
    action = _reassign(core, "dian")
    assert (action.entity.short, action.due_version) == ("DIAN", 1)
    core.sweep("2026-11-30")
    assert core.told("R15") == [("BIO-01", "2026-11-30", "2026-11-30")]


def test_the_entity_that_supported_an_action_answers_for_it_and_supports_it_no_longer(core: Core) -> None:
    core.entity("Dirección de Impuestos y Aduanas Nacionales (DIAN)")
    core.action("BIO-01").supporting = "DIAN; Instituto Nacional de Metrología"
    said = core.does("2026-11-20", "PL", "accion.reasignar", accion="BIO-01", entidad="DIAN", motivo=REASON)
    assert said == "BIO-01 pasó de Invima a DIAN. DIAN deja de figurar como apoyo."
    assert find(core.session, "BIO-01").supporting == "Instituto Nacional de Metrología"


def test_the_silence_of_an_entity_that_answers_for_nothing_there_any_more_ends(core: Core) -> None:
    core.entity("Dirección de Impuestos y Aduanas Nacionales (DIAN)")
    silence = _silent(core, core.action("BIO-01", due="2027-10-31"))
    _reassign(core, "DIAN")
    core.sweep("2026-11-27")
    assert silence.ended_because == "cambio de responsable"
    assert core.all(Alert) == []


def test_the_silence_goes_on_while_the_entity_has_another_action_there(core: Core) -> None:
    core.entity("Dirección de Impuestos y Aduanas Nacionales (DIAN)")
    silence = _silent(core, core.action("BIO-01", due="2027-10-31"))
    core.action("BIO-02", due="2027-10-31")
    _reassign(core, "DIAN")
    assert silence.ended_on is None


def test_names_that_mean_nothing_or_several_are_refused_with_the_options(core: Core) -> None:
    core.action("BIO-01")
    core.entity("Ministerio de Salud (MinSalud)")
    core.entity("Ministerio de Justicia (MinJusticia)")
    with pytest.raises(NotFound, match="MinJusticia, MinSalud"):
        _reassign(core, "ministerio")
    with pytest.raises(NotFound, match="No hay una acción con el código «XYZ-9»"):
        find(core.session, "xyz-9")
