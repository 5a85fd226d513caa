"""Letter B of the method, R10–R23: reporting. A promise a rule; the details stand in the files of each part."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from core_world import Core, at, day

from methodology.drafts import approve_and_send, record_drafts
from methodology.followups import effective, owed, register
from methodology.people import Actor
from methodology.publishing import Published, draft, intact
from methodology.refusals import Incomplete, NotAllowed
from methodology.rules.calendar import WorkCalendar
from methodology.rules.followup import AchievementInput, FollowUpInput
from methodology.rules.months import Month
from methodology.rules.periods import Period
from methodology.rules.thresholds import Thresholds
from methodology.rules.window import Window, timeliness, window_of
from methodology.silence import answered, reached_out, unreachable
from methodology.standing import standing
from storage.ledger import Alert, Report
from storage.life import Member
from storage.matrix import Achievement, Action, FollowUp

NOV = Month(2026, 11)
TEXT = "Se radicó el proyecto de resolución."
PLANNING = Actor(99, "Carolina Suárez", "f", frozenset({("PL", None)}))


def window(month: str, **own: Any) -> Window:
    return window_of(Month.parse(month), WorkCalendar(), Thresholds(**own))


def follow_up(core: Core, on: str = "2026-11-26", post: str = "LT", code: str = "BIO-01", **given: Any) -> FollowUp:
    """What the leader registers; the row that counts for November."""
    where = core.first_initiative() if post == "LT" else None
    values = {"percent": 50.0, "text": TEXT} | given
    register(core.session, code, FollowUpInput(**values), actor=core.actor(post, where), now=at(on), method=core.method)
    row = effective(core.session, core.all(Action)[0].id, NOV)
    assert row is not None
    return row


def lacks(core: Core, **given: Any) -> set[str]:
    with pytest.raises(Incomplete) as refused:
        follow_up(core, **given)
    return set(refused.value.fields)


def asked(core: Core, *days: str, code: str = "BIO-01") -> None:
    for on in days:
        reached_out(core.session, core.entity().id, [code], day(on))


# --- R10, R11: the window ---------------------------------------------------------------------------------------------


def test_r10_the_window_is_the_months_last_five_calendar_days(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-11-25")
    assert core.told("R10") == []
    core.live("2026-11-26", "2026-11-27")
    assert core.told("R10") == [("2026-11", "2026-11-26", "2026-11-26")]


def test_r10_a_window_of_fewer_than_three_habiles_is_announced_two_habiles_before(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-06-23", "2026-06-24")
    assert [len(window(month).habiles) for month in ("2026-05", "2026-06")] == [3, 2]
    assert core.told("R10.preaviso") == [("2026-06", "2026-06-24", "2026-06-24")]


@pytest.mark.parametrize(
    ("on", "label"), [("2026-11-20", "anticipada"), ("2026-11-26", "a_tiempo"), ("2026-12-01", "extemporanea")]
)
def test_r10_a_report_is_always_accepted_and_always_labelled(core: Core, on: str, label: str) -> None:
    core.action("BIO-01", due="2027-10-31")
    assert follow_up(core, on).timeliness == timeliness(day(on), window("2026-11")) == label


def test_r10_a_report_before_the_20th_belongs_to_the_previous_month_if_that_is_missing(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    assert follow_up(core, "2026-12-19").month == "2026-11"
    with pytest.raises(Incomplete, match="2026-11 o 2026-12"):
        follow_up(core, "2026-12-19", text="Otro avance del trámite")


def test_r11_prompts_go_on_the_first_the_middle_and_the_last_habil_and_the_list_after_it(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.action("BIO-02", due="2027-10-31")
    core.live("2026-11-26", "2026-12-02")
    told = [(n.rule, str(n.recorded_on), n.post) for n in core.notices("R10", "R11", "R11.faltantes")]
    assert told == [
        ("R10", "2026-11-26", "LT"),
        ("R11", "2026-11-27", "LT"),
        ("R11", "2026-11-30", "LT"),
        ("R11.faltantes", "2026-12-01", "PL"),
    ]


def test_r11_who_owes_nothing_any_more_is_not_nudged(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-11-26")
    follow_up(core)
    core.live("2026-11-27", "2026-12-02")
    assert [n.rule for n in core.notices("R11", "R11.faltantes") if n.state == "sent"] == []


def test_r11_only_the_leader_or_planning_on_their_behalf_registers(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    for post in ("GG", "VM", "MIN", "ENT"):
        with pytest.raises(NotAllowed):
            follow_up(core, post=post)
    assert follow_up(core, post="PL").on_behalf_of == "LT"


# --- R12, R13: the follow-up ------------------------------------------------------------------------------------------


def test_r12_number_and_text_are_both_required(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    assert lacks(core, percent=None, text="corto") == {"percent", "text"}
    assert lacks(core, percent=100.1) == lacks(core, percent=-1.0) == {"percent"}
    assert lacks(core, text="x" * 1001) == lacks(core, text="x" * 14) == {"text"}


def test_r12_a_hundred_asks_for_the_date_and_evidence_and_a_fall_for_its_reason(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31", percent=60.0)
    assert lacks(core, percent=100.0) == {"met_on", "evidence"}
    assert lacks(core, percent=59.9) == {"reason"}


def test_r12_a_text_identical_to_last_months_is_questioned(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    follow_up(core)
    given = {"percent": 50.0, "text": TEXT}
    assert lacks(core, on="2026-12-28", **given) == {"confirmed_same"}


def test_r13_one_follow_up_counts_and_the_correction_keeps_the_history(core: Core) -> None:
    action = core.action("BIO-01", due="2027-10-31")
    follow_up(core)
    follow_up(core, percent=55.5, text="Se corrige el avance reportado")
    assert effective(core.session, action.id, NOV).percent == action.percent == 55.5  # type: ignore[union-attr]
    assert [row.percent for row in core.all(FollowUp)] == [50.0, 55.5]


def test_r13_a_missing_month_is_sin_reporte_and_never_zero(core: Core) -> None:
    action = core.action("BIO-01", due="2027-10-31")
    assert [row.code for row in owed(core.session, action.initiative_id, NOV)] == ["BIO-01"]
    assert (action.percent, standing(core.session, action.initiative, day("2026-12-02")).figures.progress) == (
        None,
        None,
    )


# --- R14: the entity is asked -----------------------------------------------------------------------------------------


def test_r14_request_reminder_and_deadline_of_november_2026(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    for on in ("2026-11-10", "2026-11-11", "2026-11-19", "2026-11-20", "2026-11-25"):
        core.live(on)
    assert [(n.rule, str(n.recorded_on), str(n.due)) for n in core.notices("R14", "R14.reiteracion")] == [
        ("R14", "2026-11-11", "2026-11-25"),
        ("R14.reiteracion", "2026-11-20", "2026-11-25"),
    ]


def test_r14_an_internal_entity_is_asked_through_its_leader_and_is_never_silent(core: Core) -> None:
    core.entity("Colombia Productiva", internal=True)
    core.action("BIO-01", due="2027-10-31", entity="Colombia Productiva")
    for on in ("2026-11-11", "2026-11-20", "2026-11-26", "2026-12-28"):
        core.live(on)
    assert core.told("R14", "R14.reiteracion", "R16") == []
    assert [n.post for n in core.notices("R10")] == ["LT", "LT"]


def test_r14_a_follow_up_stores_its_source(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    given = {"accion": "BIO-01", "avance": "40", "texto": TEXT, "fuente": "llamada"}
    core.does("2026-11-26", "LT", "accion.seguimiento", **given)
    assert [row.source for row in core.all(FollowUp)] == ["llamada"]


# --- R15, R16: the alerts ---------------------------------------------------------------------------------------------


def test_r15_an_action_overdue_by_a_month_raises_one_alert_on_that_very_date(core: Core) -> None:
    core.action("BIO-01", due="2026-10-14")
    core.live("2026-11-13")
    assert core.told("R15") == []
    core.live("2026-11-14", "2026-11-17")
    assert core.told("R15") == [("BIO-01", "2026-11-14", "2026-11-17")]
    assert (core.alert().kind, core.alert().raised_on) == ("VENCIDA_1_MES", day("2026-11-14"))


def test_r15_it_is_the_same_after_days_out_of_service(core: Core) -> None:
    core.action("BIO-01", due="2026-10-14")
    core.sweep("2026-11-10")
    core.sweep("2026-11-25")
    assert core.told("R15") == [("BIO-01", "2026-11-14", "2026-11-17")]


def test_r16_two_outreaches_and_ten_habiles_of_silence_raise_one_alert(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    for on in ("2026-11-11", "2026-11-20", "2026-11-25"):
        core.live(on)
    assert core.told("R16") == []
    core.live("2026-11-26", "2026-11-27")
    assert core.told("R16") == [("Invima", "2026-11-26", "2026-11-26")]
    assert len(core.all(Alert)) == 1


def test_r16_one_outreach_alone_is_no_silence(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    asked(core, "2026-11-03")
    core.sweep("2026-12-31")
    assert core.told("R16") == []


def test_r16_a_second_outreach_after_the_ten_habiles_raises_it_on_its_own_day(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    asked(core, "2026-11-03", "2026-11-27")
    core.sweep("2026-11-30")
    assert core.told("R16") == [("Invima", "2026-11-27", "2026-11-27")]


def test_r16_an_answer_ends_the_episode_and_a_late_one_closes_the_alert(core: Core) -> None:
    action = core.action("BIO-01", due="2027-10-31")
    asked(core, "2026-11-11", "2026-11-20")
    core.sweep("2026-11-26")
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-11-27"))
    assert (core.alert().state, core.alert().closed_because) == ("cerrada", "respondida_tarde")


def test_r16_a_promised_date_delays_it_twice_at_most_and_five_habiles_each(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    asked(core, "2026-11-11", "2026-11-20")
    given = {"entidad": "Invima", "fecha": "2026-12-31"}
    core.does("2026-11-25", "LT", "entidad.plazo", **given)
    core.does("2026-12-02", "LT", "entidad.plazo", **given)
    assert "dos veces" in core.refused("2026-12-10", "LT", "entidad.plazo", **given)
    core.sweep("2026-12-11")
    assert core.told("R16") == [("Invima", "2026-12-11", "2026-12-11")]


def test_r16_a_bounce_stops_the_clock(core: Core) -> None:
    action = core.action("BIO-01", due="2027-10-31")
    asked(core, "2026-11-11", "2026-11-20")
    unreachable(core.session, action.entity_id, day("2026-11-21"))
    core.sweep("2026-12-31")
    assert core.told("R16") == []


# --- R17, R18: first and second moment --------------------------------------------------------------------------------


def test_r17_the_leader_holds_an_alert_two_habiles_after_its_delivery_then_it_rises(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    core.live("2026-11-15", "2026-11-18")
    assert (core.alert().told_leader_on, core.alert().state) == (day("2026-11-17"), "abierta")
    core.live("2026-11-19")
    assert core.told("R17") == [("BIO-01", "2026-11-19", "2026-11-19")]
    assert (core.alert().state, core.notices("R17")[0].post) == ("elevada_1", "VM")


def test_r17_one_pointer_a_day_and_initiative_however_many_alerts(core: Core) -> None:
    for number in (1, 2, 3):
        core.action(f"BIO-0{number}", due="2026-10-15")
    core.live("2026-11-15", "2026-11-20")
    assert len(core.notices("R17")) == 3
    assert core.told("R17.aviso") == [("biologicos", "2026-11-19", "2026-11-19")]


def test_r17_the_minister_is_reached_only_by_a_persons_decision(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    for on in ("2026-11-15", "2026-11-17", "2026-11-19", "2026-12-31"):
        core.live(on)
    assert (core.told("R17.ministro"), core.all(Alert)[0].state) == ([], "elevada_1")
    given = {"alerta": "BIO-01", "motivo": "Se requiere la decisión del despacho"}
    assert "corresponde" in core.refused("2027-01-04", "LT", "alerta.ministro", **given)
    core.does("2027-01-04", "GG", "alerta.ministro", **given)
    assert [n.post for n in core.notices("R17.ministro")] == ["MIN"]


def test_r18_the_second_moment_is_proposed_after_ten_habiles_and_only_people_decide_it(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    for on in ("2026-11-15", "2026-11-17", "2026-11-19", "2026-12-02"):
        core.live(on)
    assert core.told("R18.propuesta") == []
    core.live("2026-12-03", "2026-12-04")
    assert core.told("R18.propuesta") == [("BIO-01", "2026-12-03", "2026-12-03")]
    assert (core.all(Alert)[0].state, core.told("R18")) == ("elevada_1", [])


def test_r18_it_names_members_of_that_initiatives_team_and_a_reason(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    core.live("2026-11-15", "2026-11-19")
    given = {"alerta": "BIO-01", "integrantes": "Ana Ruiz", "motivo": "No hubo gestión de la entidad"}
    assert "integrantes" in core.refused("2026-11-20", "LT", "alerta.segundo_momento", **given)
    core.add(Member(initiative_id=1, post="Directora", entity="Invima", holder="Ana Ruiz", gender="f", state="activa",
                    mail="ana@invima.example", since=day("2026-01-01"), proposed_by="LT"))  # fmt: skip
    core.does("2026-11-20", "LT", "alerta.segundo_momento", **given)
    assert (core.alert().state, core.notices("R18")[0].post) == ("elevada_2", "EAN")


# --- R19: por vencer --------------------------------------------------------------------------------------------------


def test_r19_the_leader_is_told_once_on_the_last_habil_on_or_before_fifteen_days_ahead(core: Core) -> None:
    core.action("BIO-01", due="2026-12-01")
    core.live("2026-11-12")
    assert core.told("R19") == []
    for on in ("2026-11-13", "2026-11-17", "2026-12-01", "2026-12-02"):
        core.live(on)
    assert core.told("R19") == [("BIO-01", "2026-11-13", "2026-11-13")]


# --- R20–R23: logros --------------------------------------------------------------------------------------------------


def test_r20_a_logro_has_text_priority_and_kind_and_may_exist_below_a_hundred(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    assert lacks(core, achievement=AchievementInput("Guía", "", "")) == {
        "achievement_text", "achievement_priority", "achievement_kind",
    }  # fmt: skip
    follow_up(core, achievement=AchievementInput("Guía adoptada y publicada", "Alta", "circular o guía"))
    assert [(row.text, row.priority, row.kind) for row in core.all(Achievement)] == [
        ("Guía adoptada y publicada", "Alta", "circular o guía")
    ]


def logro(core: Core, text: str, on: str, priority: str = "Alta") -> Achievement:
    number = core.all(Action)[0].id
    return core.add(Achievement(action_id=number, month=on[:7], text=text, priority=priority, kind="otro", at=at(on)))


def sep_oct(core: Core, on: str = "2026-11-03") -> Report:
    return draft(core.session, "logros", core.first_initiative().id, Period(2026, 5), at(on))


def approved(core: Core, report: Report, on: str = "2026-11-03") -> Report:
    return approve_and_send(core.session, report.id, actor=PLANNING, now=at(on), published=Published())


def test_r21_the_report_has_the_logros_of_the_period_not_told_before_by_priority(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    for text, priority, on in (("b", "Baja", "2026-09-01"), ("a", "Alta", "2026-10-31"), ("no", "Alta", "2026-11-01")):
        logro(core, text, on, priority)
    assert [one["text"] for one in sep_oct(core).content["achievements"]] == ["a", "b"]
    approved(core, sep_oct(core))
    later = draft(core.session, "logros", 1, Period(2026, 6), at("2027-01-04"))
    assert [one["text"] for one in later.content["achievements"]] == ["no"]


def test_r21_a_period_without_logros_says_so(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    assert sep_oct(core).content["empty"].startswith("En septiembre–octubre de 2026 no se registraron logros")


def test_r22_the_draft_is_due_on_the_first_habil_after_the_period(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    assert record_drafts(core.session, core.method, Published(), at("2026-11-02")) == 0
    assert record_drafts(core.session, core.method, Published(), at("2026-11-03")) == 1
    assert [(n.period, str(n.recorded_on), n.post) for n in core.notices("R22")] == [("2026-B5", "2026-11-03", "PL")]


def test_r22_twice_a_month_where_the_client_switches_to_it() -> None:
    half = Period.of(date(2026, 11, 3), "quincenal").previous()
    assert (half.first, half.cut_off, half.draft_on(WorkCalendar())) == (
        date(2026, 10, 16), date(2026, 10, 31), date(2026, 11, 3),
    )  # fmt: skip


def test_r22_what_planning_approved_is_an_immutable_snapshot(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    told = logro(core, "Guía expedida", "2026-10-01")
    report = approved(core, sep_oct(core))
    told.text = "Guía adoptada"
    core.session.flush()
    assert (report.state, report.version, report.cut_off) == ("publicado", 1, day("2026-10-31"))
    assert ([one["text"] for one in report.content["achievements"]], intact(report)) == (["Guía expedida"], True)


def test_r23_the_same_snapshot_goes_to_the_viceministry_once(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    report = approved(core, sep_oct(core))
    core.live("2026-11-03", "2026-11-04")
    [mail] = core.notices("R23")
    assert (mail.post, mail.channel, mail.state, mail.inputs["report"]) == ("VM", "mail", "sent", report.id)
