from __future__ import annotations

from datetime import date

import pytest
from core_world import INVIMA, Core, at

from methodology.actions import reopen
from methodology.backlog import held_back, record_backlog, release
from methodology.notices import plan, withdraw
from methodology.refusals import NotAllowed, NotNow
from methodology.telling import why_not_any_more
from storage.ledger import Alert, CaseAction, HighLevelCase, Outreach
from storage.matrix import Action, FollowUp, Setting

DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"


def _reported(core: Core, action: Action, month: str = "2026-11") -> None:
    core.add(
        FollowUp(
            action_id=action.id, month=month, percent=50, text="x", timeliness="a_tiempo", source="x", author="x",
            at=at("2026-11-26"),
        )
    )  # fmt: skip


# --- each rule, on both databases ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "due", "told", "post"),
    [
        ("R19", "2026-12-01", ("BIO-01", "2026-11-13", "2026-11-13"), "LT"),
        ("R15", "2026-10-15", ("BIO-01", "2026-11-15", "2026-11-17"), "LT"),
        ("R15", "2026-10-31", ("BIO-01", "2026-11-30", "2026-11-30"), "LT"),
        ("R30", "2026-10-31", ("biologicos", "2027-01-01", "2027-01-04"), "LT"),
        ("R30", "2026-09-22", ("biologicos", "2026-11-23", "2026-11-23"), "LT"),
    ],
)
def test_a_due_date_is_recorded_on_its_day_and_delivered_on_the_next_habil(
    both: Core, rule: str, due: str, told: tuple[str, str, str], post: str
) -> None:
    both.action(due=due)
    recorded = date.fromisoformat(told[1])
    both.sweep(str(date.fromordinal(recorded.toordinal() - 1)))
    assert both.notices(rule) == []
    both.sweep(told[1])
    assert both.told(rule) == [told]
    notice = both.notices(rule)[0]
    assert (notice.post, notice.due) == (post, date.fromisoformat(due))


def test_the_window_of_november_is_opened_nudged_and_listed(both: Core) -> None:
    both.action(due="2027-06-30")
    for day in ("2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01"):
        both.sweep(day)
    told = [(n.rule, str(n.recorded_on), n.post) for n in both.notices("R10", "R10.preaviso", "R11", "R11.faltantes")]
    assert told == [
        ("R10", "2026-11-26", "LT"),
        ("R11", "2026-11-27", "LT"),
        ("R11", "2026-11-30", "LT"),
        ("R11.faltantes", "2026-12-01", "PL"),
    ]
    assert both.notices("R10")[0].due == date(2026, 11, 30)


def test_only_those_who_still_owe_something_are_nudged(both: Core) -> None:
    _reported(both, both.action("BIO-01", due="2027-06-30"))
    both.action("AST-01", due="2027-06-30", initiative=both.initiative("astilleros"))
    both.sweep("2026-11-26")
    both.sweep("2026-11-27")
    nudged = [n.initiative.slug for n in both.notices("R11") if n.initiative]
    assert nudged == ["astilleros"]
    assert len(both.notices("R10")) == 2


def test_a_short_window_is_announced_two_habiles_before(both: Core) -> None:
    both.action(due="2027-06-30")
    both.sweep("2026-06-24")
    assert both.told("R10.preaviso") == [("2026-06", "2026-06-24", "2026-06-24")]


def test_an_initiative_launched_after_the_window_owes_it_nothing(both: Core) -> None:
    both.action(due="2027-06-30", initiative=both.initiative(launch="2026-12-01"))
    both.sweep("2026-12-01")
    assert both.notices() == []


def test_an_initiative_without_open_actions_is_not_asked(both: Core) -> None:
    both.action(due="2027-06-30", state="cumplida")
    both.sweep("2026-11-26")
    assert both.notices("R10", "R10.preaviso", "R11") == []


def test_one_mail_an_entity_and_cycle_with_a_reminder_to_the_silent(both: Core) -> None:
    both.action("BIO-01", due="2027-06-30")
    both.action("AST-01", due="2027-06-30", initiative=both.initiative("astilleros"))
    both.action("BIO-02", due="2027-06-30", entity=DIAN)
    both.entity("Colombia Productiva", internal=True)
    both.action("BIO-03", due="2027-06-30", entity="Colombia Productiva")
    both.sweep("2026-11-10")
    assert both.notices("R14") == []
    both.sweep("2026-11-11")
    assert both.told("R14") == [(name, "2026-11-11", "2026-11-11") for name in (INVIMA, DIAN)]
    notice = both.notices("R14")[0]
    assert (notice.due, notice.initiative_id, notice.channel) == (date(2026, 11, 25), None, "mail")
    values = {"month": "2026-11", "kind": "solicitud", "on": date(2026, 11, 11), "token": "t"}
    both.add(Outreach(entity_id=both.entity(DIAN).id, answered_on=date(2026, 11, 18), **values))
    both.sweep("2026-11-20")
    assert both.told("R14.reiteracion") == [(INVIMA, "2026-11-20", "2026-11-20")]


def test_closing_is_announced_and_proposed(both: Core) -> None:
    both.initiative("biologicos", launch="2025-08-29")
    for day in ("2026-12-30", "2027-01-29", "2027-02-28", "2027-03-01"):
        both.sweep(day)
    assert [(s, r, d) for s, r, d in both.told("R36")] == [
        ("aviso-60", "2026-12-30", "2026-12-30"),
        ("aviso-30", "2027-01-29", "2027-01-29"),
        ("18-meses", "2027-02-28", "2027-03-01"),
    ]
    assert {str(n.due) for n in both.notices("R36")} == {"2027-02-28"}
    assert {n.post for n in both.notices("R36")} == {"PL"}


def test_a_pace_of_its_own_moves_the_closing(both: Core) -> None:
    both.initiative("corta", launch="2026-02-10", overrides={"cierre.meses": 9})
    both.sweep("2026-11-10")
    assert [subject for subject, _, _ in both.told("R36")] == ["aviso-60", "aviso-30", "18-meses"]


def test_later_actions_join_the_open_case_without_a_new_one(both: Core) -> None:
    both.action("BIO-02", due="2026-08-25")
    both.action("BIO-01", due="2026-08-20")
    both.action("BIO-03", due="2026-09-22")
    both.sweep("2026-11-23")
    assert len(both.all(HighLevelCase)) == 1
    assert both.told("R30") == [("biologicos", "2026-10-21", "2026-10-21")]
    joined = [subject for subject, _, _ in both.told("R30.ingreso")]
    assert joined == ["BIO-02", "BIO-03"]
    assert both.notices("R30")[0].due == date(2026, 8, 20)


def test_no_second_case_for_the_same_due_version(both: Core) -> None:
    both.action(due="2026-08-20")
    both.sweep("2026-10-21")
    both.all(HighLevelCase)[0].state = "surtida"
    both.session.query(Setting).filter_by(key="barrido.hasta").delete()
    both.sweep("2026-10-22")
    assert len(both.all(HighLevelCase)) == len(both.all(CaseAction)) == 1


@pytest.mark.parametrize("state", ["cumplida", "salida", "anulada", "por_validar", "propuesta", "cerrada_sin_cumplir"])
def test_only_open_actions_raise_anything(both: Core, state: str) -> None:
    both.action(due="2026-08-20", state=state)
    both.sweep("2026-11-27")
    assert [notice for notice in both.notices() if notice.rule not in ("R25", "R35")] == []


@pytest.mark.parametrize("state", ["pausada", "en_cierre", "cerrada", "en_construccion"])
def test_only_running_initiatives_are_swept(both: Core, state: str) -> None:
    both.action(due="2026-08-20", initiative=both.initiative(state=state, launch="2025-05-27"))
    both.sweep("2026-11-27")
    assert both.notices() == []


def test_an_undated_action_is_never_overdue(both: Core) -> None:
    both.action(due=None)
    both.sweep("2027-11-10")
    assert both.notices("R15", "R19", "R30") == []
    assert both.all(Alert) == []


# --- twice, late, down ---------------------------------------------------------------------------------------------


def test_running_twice_writes_nothing(both: Core) -> None:
    for number, due in enumerate(("2026-08-20", "2026-10-27", "2026-12-12", "2027-06-30")):
        both.action(f"BIO-0{number}", due=due)
    both.sweep("2026-11-27")
    before = [n.key for n in both.notices()]
    both.sweep("2026-11-27", 9)
    both.session.query(Setting).filter_by(key="barrido.hasta").delete()
    both.sweep("2026-11-27", 10)
    assert [n.key for n in both.notices()] == before
    assert len(both.all(Alert)) == 2


def test_days_the_service_was_down_are_caught_up_with_their_own_dates(both: Core) -> None:
    both.action("BIO-01", due="2026-10-15")
    both.action("BIO-02", due="2026-10-20")
    both.action("BIO-03", due="2026-12-04")
    both.sweep("2026-11-10")
    both.sweep("2026-11-24")
    assert both.told("R15", "R19") == [
        ("BIO-01", "2026-11-15", "2026-11-17"),
        ("BIO-03", "2026-11-19", "2026-11-19"),
        ("BIO-02", "2026-11-20", "2026-11-20"),
    ]


def test_a_closed_window_is_not_opened_late(both: Core) -> None:
    both.action(due="2027-06-30")
    both.sweep("2026-11-25")
    both.sweep("2026-12-04")
    assert [n.rule for n in both.notices("R10", "R11", "R11.faltantes")] == ["R11.faltantes"]


def test_a_nudge_that_falls_on_the_late_openings_day_is_not_sent(core: Core) -> None:
    core.action(due="2027-06-30")
    core.sweep("2026-11-25")
    core.live("2026-11-30")
    states = {(n.rule, str(n.recorded_on)): n.state for n in core.notices("R10", "R11")}
    assert states == {
        ("R10", "2026-11-26"): "sent",
        ("R11", "2026-11-27"): "withdrawn",
        ("R11", "2026-11-30"): "withdrawn",
    }


def test_a_request_and_its_reminder_caught_up_together_are_one_mail(core: Core) -> None:
    core.action(due="2027-06-30")
    core.sweep("2026-11-10")
    core.live("2026-11-23")
    assert [(n.rule, n.state) for n in core.notices("R14", "R14.reiteracion")] == [
        ("R14", "sent"),
        ("R14.reiteracion", "withdrawn"),
    ]


# --- R19 for a date set late -----------------------------------------------------------------------------------------


def _dated(core: Core, due: str, set_on: str) -> None:
    core.action(due=due, due_set_on=date.fromisoformat(set_on))


def test_a_date_of_8_dic_set_on_7_dic_at_1730_gets_no_notice(core: Core) -> None:
    _dated(core, "2026-12-08", "2026-12-07")
    core.sweep("2026-12-07", 17, 30)
    core.sweep("2026-12-09")
    assert core.notices("R19") == []


def test_the_same_date_set_in_the_morning_is_told_at_once(core: Core) -> None:
    _dated(core, "2026-12-08", "2026-12-07")
    core.sweep("2026-12-07", 10)
    assert core.told("R19") == [("BIO-01", "2026-12-07", "2026-12-07")]


def test_a_date_set_inside_the_fifteen_days_is_told_once(core: Core) -> None:
    _dated(core, "2026-12-10", "2026-12-01")
    core.sweep("2026-12-01")
    core.sweep("2026-12-02")
    assert core.told("R19") == [("BIO-01", "2026-12-01", "2026-12-01")]


# --- go-live with an old backlog -------------------------------------------------------------------------------------


def _backlog(core: Core) -> None:
    core.initiative(alerts_from=date(2026, 11, 3))
    core.add(Setting(key="arranque.fecha", value="2026-11-03"))
    core.action("BIO-01", due="2026-06-10")
    core.action("BIO-02", due="2026-10-09")


def test_what_was_overdue_before_the_start_reaches_planning_alone(core: Core) -> None:
    _backlog(core)
    for day in ("2026-11-03", "2026-11-04", "2026-11-09"):
        core.sweep(day)
        record_backlog(core.session, date.fromisoformat(day))
    told = [(n.rule, n.subject, n.post) for n in core.notices("arranque", "R15", "R30", "R17")]
    assert told == [("arranque", "arranque", "PL"), ("R15", "BIO-02", "LT")]
    assert [action.code for action in held_back(core.session)] == ["BIO-01"]


def test_planning_releases_one_alert_and_it_goes_its_way(core: Core) -> None:
    _backlog(core)
    core.sweep("2026-11-04")
    with pytest.raises(NotAllowed):
        release(core.session, "BIO-01", actor=core.actor("LT"), now=at("2026-11-04"))
    release(core.session, "BIO-01", actor=core.actor("PL"), now=at("2026-11-04"))
    core.live("2026-11-04", "2026-11-06")
    assert core.alert().state == "elevada_1"
    assert core.told("R15")[0] == ("BIO-01", "2026-11-04", "2026-11-04")
    with pytest.raises(NotNow, match="no está retenida"):
        release(core.session, "BIO-01", actor=core.actor("PL"), now=at("2026-11-06"))


def test_what_planning_released_joins_a_high_level_case_on_that_day(core: Core) -> None:
    _backlog(core)
    core.sweep("2026-11-04")
    assert core.all(HighLevelCase) == []
    release(core.session, "BIO-01", actor=core.actor("PL"), now=at("2026-11-04"))
    core.sweep("2026-11-04")
    assert core.told("R30") == [("biologicos", "2026-11-04", "2026-11-04")]


# --- the weekend examples of the method, end to end ------------------------------------------------------------------


def test_due_saturday_31_october_2026(core: Core) -> None:
    core.action(due="2026-10-31")
    core.live("2026-11-01", "2027-01-05")
    lived = [n for n in core.notices("R15", "R17", "R30") if n.subject != "Invima"]
    assert [(n.rule, str(n.recorded_on), str(n.deliver_on)) for n in lived] == [
        ("R15", "2026-11-30", "2026-11-30"),
        ("R17", "2026-12-02", "2026-12-02"),
        ("R30", "2027-01-01", "2027-01-04"),
    ]


def test_due_22_september_is_high_level_on_23_november(core: Core) -> None:
    core.action(due="2026-09-22")
    core.live("2026-10-01", "2026-11-22")
    assert core.notices("R30") == []
    core.live("2026-11-23")
    assert core.told("R30") == [("biologicos", "2026-11-23", "2026-11-23")]


def test_reopening_lets_alerts_rise_again(core: Core) -> None:
    action = core.action(due="2026-10-15")
    core.sweep("2026-11-15")
    action.due_version = 2
    core.alert().state = "cerrada"
    core.session.query(Setting).filter_by(key="barrido.hasta").delete()
    core.sweep("2026-11-16")
    assert [a.episode for a in core.all(Alert)] == ["v1", "v2"]


def test_what_a_reopened_action_was_late_for_is_recorded_on_the_day_of_the_reopening(both: Core) -> None:
    action = both.action(due="2026-08-20", state="cumplida", met_on=date(2026, 9, 1))
    both.sweep("2026-11-23")
    assert both.notices("R15", "R30") == []
    now = at("2026-11-24")
    reopen(both.session, action, reason="Fallo de nulidad", author="x", now=now, method=both.method)
    both.sweep("2026-11-25")
    assert [(rule.rule, str(rule.recorded_on)) for rule in both.notices("R15", "R30")] == [
        ("R15", "2026-11-24"),
        ("R30", "2026-11-24"),
    ]


def test_a_withdrawn_copy_does_not_untell_the_notice(core: Core) -> None:
    core.action(due="2026-10-15")
    core.live("2026-11-15", "2026-11-17")
    notice = core.notices("R15")[0]
    withdraw(core.session, notice, "ya no")
    assert (notice.state, notice.withdrawn_reason) == ("sent", "")


def test_an_approved_report_reaches_the_viceministry_although_the_initiative_has_closed(core: Core) -> None:
    initiative, day = core.initiative(state="cerrada"), date(2026, 11, 23)
    told = {"subject": "logros", "period": "x", "recorded_on": day, "due": day, "inputs": {}}
    plan(core.session, "R23", initiative_id=initiative.id, **told)
    assert why_not_any_more(core.session, core.notices("R23")[0], day) is None


def test_reopened_or_launched_late_nothing_overdue_is_forgotten(core: Core) -> None:
    """A reopened action is no backlog any more; a matrix launched with overdue actions has a digest of its own."""
    _backlog(core)
    action = core.action("BIO-03", due="2026-08-01", state="cumplida", met_on=date(2026, 8, 1))
    core.sweep("2026-11-04")
    core.does("2026-11-20", "LT", "accion.reabrir", accion="BIO-03", motivo="El acto no está en firme")
    core.live("2026-11-20", "2026-11-23")
    assert [one for one in core.told("R15") if one[0] == "BIO-03"] == [("BIO-03", "2026-11-20", "2026-11-20")]
    later = core.initiative("astilleros", "2027-02-01")
    core.action("AST-01", due="2026-12-15", initiative=later)
    for day in ("2026-11-24", "2027-02-01"):
        record_backlog(core.session, date.fromisoformat(day))
    assert [str(one.recorded_on) for one in core.notices("arranque")] == ["2026-11-03", "2027-02-01"]
    assert [one.code for one in held_back(core.session)] == ["BIO-01", "AST-01"]
    assert action.due_version == 2


def test_a_term_over_before_the_start_is_proposed_at_the_start(core: Core) -> None:
    core.initiative(launch="2025-01-15", alerts_from=date(2026, 11, 3))
    core.action("BIO-01", due="2028-01-31")
    for day in ("2026-11-02", "2026-11-03", "2026-11-04", "2026-12-20"):
        core.sweep(day)
    assert core.told("R36") == [("18-meses", "2026-11-03", "2026-11-03")]


def test_an_initiative_launched_inside_the_window_is_asked_on_that_day(core: Core) -> None:
    core.initiative(launch="2026-11-27")
    core.action("BIO-01", due="2028-01-31")
    for day in ("2026-11-26", "2026-11-27", "2026-11-30"):
        core.sweep(day)
    assert core.told("R10") == [("2026-11", "2026-11-27", "2026-11-27")]


def test_the_list_of_what_is_missing_is_told_however_long_the_outage(core: Core) -> None:
    core.action("BIO-01", due="2028-01-31")
    core.sweep("2026-11-27")
    core.sweep("2026-12-21")
    assert core.told("R11.faltantes") == [("2026-11", "2026-12-01", "2026-12-01")]


@pytest.mark.parametrize("what", ["cumplida", "fecha"])
def test_a_case_is_not_told_about_what_was_met_or_moved_meanwhile(core: Core, what: str) -> None:
    core.action("BIO-01", due="2026-10-31")
    core.live("2026-12-30", "2027-01-01")
    if what == "cumplida":
        core.does("2027-01-01", "LT", "accion.cumplida", accion="BIO-01", fecha="2027-01-01", evidencia="Acta 3")
    else:
        core.does("2027-01-01", "GG", "accion.fecha", accion="BIO-01", fecha="2027-03-01", motivo="Nuevo cronograma")
    core.live("2027-01-04")
    assert [one.state for one in core.notices("R30")] == ["withdrawn"]
