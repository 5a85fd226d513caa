from __future__ import annotations

from datetime import date

import pytest
from core_world import Core, at, day
from sqlalchemy import event

from methodology.actions import set_met
from methodology.method import Method
from methodology.rules.thresholds import Thresholds
from methodology.suggestions import latest_base, step_reached, suggest_by_compliance
from methodology.sweep import record_due
from storage.ledger import Notice
from storage.life import Meeting
from storage.matrix import Action, Initiative, Setting

LIMITS = Thresholds()


@pytest.fixture
def initiative(core: Core) -> Initiative:
    """Launched on 15-jul-2026, with eight actions due far away; swept once."""
    initiative = core.initiative("astilleros", "2026-07-15")
    for number in range(1, 9):
        core.action(f"AST-{number:02d}", due="2028-03-01", initiative=initiative)
    core.sweep("2026-08-03")
    return initiative


def meet(core: Core, *numbers: int, on: str = "2026-08-04") -> None:
    for number in numbers:
        action = core.session.query(Action).filter_by(code=f"AST-{number:02d}").one()
        set_met(core.session, action, day(on), reason="Cumplida", author="LT", now=at(on, 10))


def suggested(core: Core) -> list[tuple[str, str, str]]:
    return [(n.subject, n.period, str(n.recorded_on)) for n in core.notices("R25")]


# --- cumplimiento -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("met", "counted", "step"),
    [(0, 0, None), (0, 4, None), (499, 1000, None), (4999, 10_000, None), (1, 2, 50), (749, 1000, 50), (3, 4, 75),
     (999, 1000, 75), (4, 4, 100)],
)  # fmt: skip
def test_the_steps_are_exact(met: int, counted: int, step: int | None) -> None:
    assert step_reached(met, counted, LIMITS) == step


def test_another_first_step_and_another_stride() -> None:
    limits = Thresholds(meeting_first_percent=40, meeting_step_percent=30)
    assert [step_reached(n, 10, limits) for n in (3, 4, 6, 7, 9, 10)] == [None, 40, 40, 70, 70, 100]


def test_half_of_the_actions_met_suggests_a_meeting_once(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3)
    core.sweep("2026-08-04", 11)
    assert suggested(core) == []
    meet(core, 4)
    core.sweep("2026-08-04", 12)
    assert suggested(core) == [("cumplimiento", "50", "2026-08-04")]
    assert core.notices("R25")[0].inputs["reason"] == "el cumplimiento llegó a 50\u00a0% (4 de 8 acciones)"
    meet(core, 5)
    core.sweep("2026-08-05")
    core.sweep("2026-08-06")
    assert len(suggested(core)) == 1


def test_each_further_25_points_suggest_again(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3, 4)
    core.sweep("2026-08-04", 11)
    meet(core, 5, 6, on="2026-08-05")
    core.sweep("2026-08-05")
    meet(core, 7, 8, on="2026-08-06")
    core.sweep("2026-08-06")
    assert [period for _, period, _ in suggested(core)] == ["50", "75", "100"]


def test_a_jump_tells_the_highest_step_and_a_fall_tells_no_lower_one(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3, 4, 5, 6)
    core.sweep("2026-08-04", 11)
    core.action("AST-09", due="2028-03-01", initiative=initiative)
    core.action("AST-10", due="2028-03-01", initiative=initiative)
    meet(core, 7, on="2026-08-05")
    core.sweep("2026-08-05")
    assert [period for _, period, _ in suggested(core)] == ["75"]


def test_an_initiatives_own_threshold_applies(core: Core, initiative: Initiative) -> None:
    initiative.overrides = {"reunion_logros.cumplimiento_pct": 25}
    meet(core, 1, 2)
    assert suggest_by_compliance(core.session, initiative, date(2026, 8, 4), core.method)
    assert not suggest_by_compliance(core.session, initiative, date(2026, 8, 5), core.method)
    assert suggested(core) == [("cumplimiento", "25", "2026-08-04")]


def test_a_global_threshold_of_the_settings_applies_to_what_is_met(core: Core, initiative: Initiative) -> None:
    core.method = Method(thresholds=Thresholds(meeting_first_percent=60))
    meet(core, 1, 2, 3, 4)
    core.sweep("2026-08-04", 11)
    assert suggested(core) == []
    meet(core, 5)
    core.sweep("2026-08-04", 12)
    assert [period for _, period, _ in suggested(core)] == ["60"]


def test_a_fresh_start_finds_what_nobody_marked(core: Core) -> None:
    core.initiative("astilleros", "2026-07-15")
    core.action("AST-01", state="cumplida", met_on=day("2026-07-20"))
    core.action("AST-02", due="2028-03-01")
    core.sweep("2026-08-03")
    assert suggested(core) == [("cumplimiento", "50", "2026-08-03")]


def test_proposals_and_exits_do_not_count(core: Core, initiative: Initiative) -> None:
    for number, state in ((1, "salida"), (2, "salida"), (3, "propuesta"), (4, "por_validar"), (5, "anulada")):
        core.session.query(Action).filter_by(code=f"AST-{number:02d}").one().state = state
    meet(core, 6)
    core.sweep("2026-08-04", 11)
    assert suggested(core) == []
    meet(core, 7)
    core.sweep("2026-08-04", 12)
    assert core.notices("R25")[0].inputs["reason"].endswith("(2 de 3 acciones)")


@pytest.mark.parametrize("state", ["pausada", "en_cierre", "cerrada"])
def test_nothing_is_suggested_outside_of_execution(core: Core, initiative: Initiative, state: str) -> None:
    initiative.state = state
    meet(core, *range(1, 9))
    core.live("2026-08-04", "2026-08-05")
    assert suggested(core) == []


def test_a_meeting_being_prepared_needs_no_suggestion_and_its_cancelling_brings_it(
    core: Core, initiative: Initiative
) -> None:
    core.does("2026-08-04", "LT", "reunion.preparar", 9, clase="logros", iniciativa="astilleros")
    meet(core, 1, 2, 3, 4)
    core.sweep("2026-08-04", 11)
    assert suggested(core) == []
    core.does("2026-08-05", "LT", "reunion.cancelar", reunion="logros astilleros", motivo="Sin quórum")
    core.sweep("2026-08-05", 11)
    assert suggested(core) == [("cumplimiento", "50", "2026-08-05")]


def test_what_waits_is_withdrawn_once_a_meeting_is_prepared(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3, 4, on="2026-08-08")
    core.sweep("2026-08-08")  # a Saturday
    core.does("2026-08-09", "LT", "reunion.preparar", clase="logros", iniciativa="astilleros")
    core.live("2026-08-10")
    assert [n.withdrawn_reason for n in core.notices("R25")] == ["ya se prepara una reunión de logros"]


def test_nothing_convenes_by_itself(core: Core, initiative: Initiative) -> None:
    meet(core, *range(1, 9))
    core.live("2026-08-04", "2026-08-20")
    assert core.all(Meeting) == []
    assert core.notices("R24.convocatoria") == []


def test_the_marks_are_taken_away_and_an_ordinary_look_is_one_query(core: Core, initiative: Initiative) -> None:
    meet(core, 1)
    core.sweep("2026-08-04", 11)
    assert [row.key for row in core.all(Setting) if row.key.startswith("cumplimiento.")] == []
    seen: list[str] = []
    engine = core.session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    record_due(core.session, core.method, at("2026-08-04", 12))
    assert sum("FROM action" in one and "sum(" in one.lower() for one in seen) == 0


# --- an elevated alert ------------------------------------------------------------------------------------------------


def test_an_elevated_alert_suggests_one_meeting_until_one_is_held(core: Core) -> None:
    initiative = core.initiative("astilleros", "2026-09-15")
    core.action("AST-01", due="2026-10-05")
    core.action("AST-02", due="2026-10-06")
    core.action("AST-03", due="2026-10-23")
    core.live("2026-11-05", "2026-11-11")
    assert suggested(core) == [("alerta elevada", "2026-09-15", "2026-11-09")]
    assert core.notices("R25")[0].inputs["reason"] == "se elevó la alerta de AST-01"
    core.does("2026-11-12", "LT", "reunion.preparar", clase="logros", iniciativa="astilleros", fecha="2026-11-13")
    core.does("2026-11-13", "LT", "reunion.realizada", reunion="logros astilleros")
    core.live("2026-11-16", "2026-11-27")
    assert initiative.met_last_on == day("2026-11-13")
    assert suggested(core)[1:] == [("alerta elevada", "2026-11-13", "2026-11-25")]


# --- four months ---------------------------------------------------------------------------------------------------


def test_four_months_after_the_launch_to_the_day(core: Core) -> None:
    core.initiative("astilleros", "2026-07-15")
    core.sweep("2026-11-13")
    core.sweep("2026-11-14")
    assert suggested(core) == []
    core.sweep("2026-11-15")
    assert suggested(core) == [("tiempo", "2026-07-15", "2026-11-15")]
    assert core.told("R25") == [("tiempo", "2026-11-15", "2026-11-17")]
    core.sweep("2026-11-16")
    assert len(suggested(core)) == 1


def test_a_held_meeting_begins_the_four_months_anew(core: Core) -> None:
    initiative = core.initiative("astilleros", "2026-07-15")
    core.sweep("2026-08-03")
    initiative.met_last_on = day("2026-10-31")
    core.live("2027-02-26", "2027-02-27")
    assert suggested(core) == []
    core.sweep("2027-02-28")
    core.sweep("2027-03-01")
    assert suggested(core) == [("tiempo", "2026-10-31", "2027-02-28")]


def test_days_out_of_service_are_caught_up_on_their_own_day(core: Core) -> None:
    core.initiative("astilleros", "2026-07-15")
    core.sweep("2026-08-03")
    core.sweep("2026-12-01")
    assert suggested(core) == [("tiempo", "2026-07-15", "2026-11-15")]


def test_what_was_over_before_the_service_began_counts_from_then(core: Core) -> None:
    core.initiative("astilleros", "2025-01-15", alerts_from=day("2026-09-01"))
    core.sweep("2026-09-01")
    core.sweep("2026-09-02")
    assert suggested(core) == [("tiempo", "2025-01-15", "2026-09-01")]


def test_an_initiatives_own_months_apply(core: Core) -> None:
    core.initiative("astilleros", "2026-07-15", overrides={"reunion_logros.meses": 2})
    core.initiative("otra", "2026-07-15")
    core.sweep("2026-08-03")
    core.sweep("2026-09-20")
    assert [n.initiative.slug for n in core.notices("R25") if n.initiative] == ["astilleros"]


def test_a_fresh_look_at_everything_tells_nobody_twice(core: Core) -> None:
    core.initiative("astilleros", "2026-07-15")
    core.sweep("2026-11-15")
    core.session.query(Setting).filter_by(key="barrido.hasta").delete()
    core.sweep("2026-11-20")
    assert len(suggested(core)) == 1


@pytest.mark.parametrize(
    ("today", "base"),
    [("2027-02-28", "2026-10-31"), ("2027-02-27", "2026-10-27"), ("2027-03-01", "2026-11-01"),
     ("2027-03-31", "2026-11-30"), ("2027-04-30", "2026-12-31"), ("2026-11-15", "2026-07-15")],
)  # fmt: skip
def test_several_days_fall_on_one_months_end(today: str, base: str) -> None:
    assert latest_base(day(today), 4) == day(base)


def test_the_reason_stands_in_the_sentence(core: Core) -> None:
    core.initiative("astilleros", "2026-07-15")
    core.sweep("2026-11-15")
    notice = core.session.query(Notice).filter_by(rule="R25").one()
    assert notice.inputs["reason"].startswith("pasaron 4 meses o más desde el 15 de julio de 2026")


def test_a_step_reached_by_an_annulment_is_suggested(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3)
    core.sweep("2026-08-04", 11)
    for code in ("AST-07", "AST-08"):
        core.does("2026-08-05", "GG", "accion.anular", accion=code, motivo="Duplicada con otra")
    core.sweep("2026-08-06")
    assert [one[1] for one in suggested(core)] == ["50"]


def test_the_step_that_a_meeting_was_held_for_is_no_news_after_it(core: Core, initiative: Initiative) -> None:
    core.does("2026-08-03", "LT", "reunion.preparar", clase="logros", iniciativa="astilleros", fecha="2026-08-05")
    meet(core, 1, 2, 3, 4)
    core.sweep("2026-08-04", 11)
    core.does("2026-08-05", "LT", "reunion.realizada", reunion="logros astilleros")
    meet(core, 5, on="2026-08-06")
    core.live("2026-08-06", "2026-08-07")
    assert [one.state for one in core.notices("R25")] == ["withdrawn"]
    meet(core, 6, on="2026-08-08")
    core.sweep("2026-08-08")
    assert [one[1] for one in suggested(core)] == ["50", "75"]


def _sent(core: Core) -> list[str]:
    return [f"{notice.subject} {notice.period}" for notice in core.notices("R25") if notice.state == "sent"]


def test_while_a_suggestion_is_open_and_younger_than_30_days_none_follows(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3, 4)
    core.live("2026-08-04")
    meet(core, 5, 6, on="2026-08-10")
    core.live("2026-08-10")
    assert _sent(core) == ["cumplimiento 50"]
    (later,) = [notice for notice in core.notices("R25") if notice.state == "withdrawn"]
    assert later.withdrawn_reason == "ya se sugirió una reunión de logros el 4 de agosto de 2026"


def test_after_30_days_it_is_suggested_again(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3, 4)
    core.live("2026-08-04")
    meet(core, 5, 6, on="2026-09-03")
    core.live("2026-09-03")
    assert _sent(core) == ["cumplimiento 50", "cumplimiento 75"]


def test_after_a_meeting_a_new_suggestion_does_not_wait(core: Core, initiative: Initiative) -> None:
    meet(core, 1, 2, 3, 4)
    core.live("2026-08-04")
    initiative.met_last_on = date(2026, 8, 6)
    meet(core, 5, 6, on="2026-08-10")
    core.live("2026-08-10")
    assert _sent(core) == ["cumplimiento 50", "cumplimiento 75"]
