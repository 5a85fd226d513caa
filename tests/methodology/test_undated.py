"""R9: dates are built jointly, later; what has none is listed as «Sin fecha» and softly reminded of."""

from __future__ import annotations

import pytest
from core_world import Core, day

from methodology.actions import place_again, redate
from methodology.method import Method
from methodology.rules.figures import Semaforo
from methodology.rules.thresholds import Thresholds
from methodology.standing import standing
from methodology.telling import why_not_any_more


def test_the_reminder_comes_two_months_after_the_launch_and_not_the_day_before(core: Core) -> None:
    core.initiative(launch="2026-01-15")
    core.action("BIO-01", due=None)
    core.live("2026-03-13", "2026-03-14")
    assert core.told("R9") == []
    core.live("2026-03-15", "2026-03-17")
    assert core.told("R9") == [("BIO-01", "2026-03-15", "2026-03-16")]


def test_it_is_said_once_however_long_it_lasts_and_however_often_it_is_looked_at(core: Core) -> None:
    core.initiative(launch="2026-01-15")
    core.action("BIO-01", due=None)
    core.live("2026-03-16", "2026-05-20")
    core.sweep("2026-05-20")
    assert len(core.notices("R9")) == 1
    assert core.told("R15", "R19", "R30") == []


def test_days_out_of_service_are_caught_up(core: Core) -> None:
    core.initiative(launch="2026-01-15")
    core.action("BIO-01", due=None)
    core.sweep("2026-03-10")
    core.sweep("2026-03-20")
    assert core.told("R9") == [("BIO-01", "2026-03-15", "2026-03-16")]


def test_an_action_that_came_in_later_counts_from_its_incorporation(core: Core) -> None:
    core.initiative(launch="2026-01-15")
    core.action("BIO-09", due=None, incorporated_on=day("2026-12-31"))
    core.live("2027-02-27")
    assert core.told("R9") == []
    core.live("2027-02-28", "2027-03-01")
    assert core.told("R9") == [("BIO-09", "2027-02-28", "2027-03-01")]


def test_the_sentence_says_the_initiatives_own_threshold(core: Core) -> None:
    slow = core.initiative("slow", launch="2026-01-15", overrides={"sin_fecha_aviso_meses": 3})
    core.action("SLO-01", due=None, initiative=slow)
    core.live("2026-03-14", "2026-03-16")
    assert core.told("R9") == []
    core.live("2026-04-14", "2026-04-15")
    notice = core.notices("R9")[0]
    assert (notice.subject, notice.inputs["undated_months"]) == ("SLO-01", 3)


@pytest.mark.parametrize("state", ["propuesta", "por_validar", "cumplida", "anulada"])
def test_only_an_open_action_is_reminded_of(core: Core, state: str) -> None:
    core.initiative(launch="2026-01-15")
    core.action("BIO-01", due=None, state=state)
    core.live("2026-03-14", "2026-03-17")
    assert core.told("R9") == []


@pytest.mark.parametrize("state", ["pausada", "en_construccion", "en_cierre"])
def test_only_a_running_initiative_is_reminded(core: Core, state: str) -> None:
    core.initiative(launch="2026-01-15", state=state)
    core.action("BIO-01", due=None)
    core.live("2026-03-14", "2026-03-17")
    assert core.told("R9") == []


def test_what_was_undated_long_before_the_start_is_reminded_of_once_at_the_start(core: Core) -> None:
    core.initiative(launch="2025-01-15", alerts_from=day("2026-11-01"))
    core.action("BIO-01", due=None)
    core.live("2026-11-01", "2027-03-04")
    assert core.told("R9") == [("BIO-01", "2026-11-01", "2026-11-03")]


def test_nothing_is_reminded_before_there_is_a_launch_and_the_launch_places_the_day(core: Core) -> None:
    initiative = core.initiative(launch=None, state="en_construccion")
    action = core.action("BIO-01", due=None, incorporated_on=day("2025-12-01"))
    assert action.undated_on is None
    initiative.launch = initiative.alerts_from = day("2026-01-15")
    place_again(core.session, initiative, core.method)
    assert action.undated_on == day("2026-03-15")


def test_a_date_set_before_it_is_told_withdraws_the_reminder(core: Core) -> None:
    core.initiative(launch="2026-01-15")
    core.action("BIO-01", due=None)
    core.sweep("2026-03-15")
    core.does("2026-03-15", "LT", "accion.fecha", accion="BIO-01", fecha="2026-12-01")
    core.live("2026-03-16")
    notice = core.notices("R9")[0]
    assert (notice.state, notice.withdrawn_reason) == ("withdrawn", "BIO-01 ya tiene fecha")


def test_an_action_that_is_over_before_it_is_told_withdraws_the_reminder(core: Core) -> None:
    core.initiative(launch="2026-01-15")
    core.action("BIO-01", due=None)
    core.sweep("2026-03-15")
    core.does("2026-03-15", "LT", "accion.cumplida", accion="BIO-01", fecha="2026-03-14", evidencia="Decreto 1")
    assert why_not_any_more(core.session, core.notices("R9")[0], day("2026-03-16")) == "BIO-01 ya no está vigente"


def test_an_action_that_lost_its_date_is_reminded_of_two_months_later(core: Core) -> None:
    core.initiative(launch="2026-01-15")
    action = core.action("BIO-01", due="2027-06-01")
    redate(core.session, action, None, day("2026-11-10"), core.method)
    core.live("2026-11-10", "2026-11-12")
    assert core.told("R9") == []
    core.live("2027-01-09", "2027-01-12")
    assert core.told("R9") == [("BIO-01", "2027-01-10", "2027-01-12")]


def test_an_undated_action_is_listed_as_sin_fecha_and_never_as_overdue(core: Core) -> None:
    initiative = core.initiative(launch="2026-01-15")
    core.action("BIO-01", due=None)
    core.action("BIO-02", due="2026-05-01")
    lights = standing(core.session, initiative, day("2027-06-30")).lights
    assert lights == {Semaforo.UNDATED: 1, Semaforo.HIGH_LEVEL: 1}


def test_another_global_threshold_moves_the_day(core: Core) -> None:
    core.method = Method(thresholds=Thresholds(undated_months=1))
    core.initiative(launch="2026-01-15")
    assert core.action("BIO-01", due=None).undated_on == day("2026-02-15")
