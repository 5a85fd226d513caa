from __future__ import annotations

from datetime import date, timedelta

import pytest
from core_world import Core, at, day

from methodology.actions import reopen
from methodology.closing import grounds_to_close
from methodology.completion import propose_if_all_met, term
from methodology.notices import explain
from methodology.publishing import intact, site_content
from methodology.rules.deadlines import closing_day, closing_notices
from methodology.rules.figures import ActionFigures, figures_of
from methodology.rules.thresholds import Thresholds
from methodology.standing import standing
from storage.ledger import Alert, HighLevelCase, Report, Silence
from storage.life import Measure, Meeting
from storage.matrix import Action, ActionVersion, Initiative

ON = "2026-11-18"
DAY = timedelta(days=1)


@pytest.fixture
def cafe(core: Core) -> Initiative:
    return core.initiative("cafe", launch="2026-01-15")


def _met(core: Core, code: str, on: str = ON, hour: int = 10) -> str:
    return core.does(on, "LT", "accion.cumplida", accion=code, fecha=on, evidencia="Resolución 120", hour=hour)


def _confirm(core: Core, on: str = ON) -> str:
    return core.does(on, "GG", "iniciativa.confirmar_cierre", iniciativa="cafe")


def _closed(core: Core, on: str = ON) -> str:
    core.does(on, "PL", "cierre.informe", iniciativa="cafe")
    return core.does(on, "PL", "iniciativa.cerrar", iniciativa="cafe")


# --- R35 --------------------------------------------------------------------------------------------------------------


def test_the_last_compliance_proposes_to_close_that_day(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-06-30", initiative=cafe)
    core.action("CAF-02", due="2027-06-30", initiative=cafe)
    _met(core, "CAF-01", "2026-11-17")
    assert core.notices("R35") == []
    _met(core, "CAF-02")
    assert core.told("R35") == [("cafe", ON, ON)]
    (notice,) = core.notices("R35")
    assert (notice.post, cafe.state) == ("PL", "en_ejecucion")
    assert "Las 2 acciones incorporadas" in explain(notice)


def test_it_is_proposed_once_for_the_same_situation(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-06-30", initiative=cafe)
    _met(core, "CAF-01")
    assert not propose_if_all_met(core.session, cafe, day("2026-11-20"))
    core.sweep("2026-11-20")
    core.does("2026-11-20", "GG", "iniciativa.confirmar_cierre", iniciativa="cafe")
    core.does("2026-11-20", "GG", "iniciativa.no_cerrar", iniciativa="cafe", motivo="Se incorporarán acciones")
    core.live("2026-11-20", "2026-11-24")
    assert len(core.notices("R35")) == 1


def test_reopened_and_met_again_it_is_proposed_again(core: Core, cafe: Initiative) -> None:
    action = core.action("CAF-01", due="2027-06-30", initiative=cafe)
    _met(core, "CAF-01", hour=18)
    given = {"reason": "El acto fue revocado", "author": "PL", "now": at(ON, 19), "method": core.method}
    reopen(core.session, action, **given)
    core.live("2026-11-19")
    assert [notice.state for notice in core.notices("R35")] == ["withdrawn"]
    _met(core, "CAF-01", "2026-11-20")
    assert [notice.state for notice in core.notices("R35")] == ["withdrawn", "planned"]


def test_a_further_action_met_is_another_situation(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-06-30", initiative=cafe)
    _met(core, "CAF-01")
    core.action("CAF-02", due="2027-06-30", initiative=cafe)
    _met(core, "CAF-02", "2026-11-20")
    assert len(core.notices("R35")) == 2


def test_exits_leave_the_denominator(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-06-30", initiative=cafe)
    core.action("CAF-02", state="salida", initiative=cafe)
    core.action("CAF-03", state="anulada", initiative=cafe)
    core.action("CAF-04", state="por_validar", initiative=cafe)
    _met(core, "CAF-01")
    assert len(core.notices("R35")) == 1


@pytest.mark.parametrize("states", [[], ["salida"], ["salida", "anulada"], ["propuesta"], ["cumplida", "vigente"]])
def test_without_everything_met_and_at_least_one_nothing_is_proposed(
    core: Core, cafe: Initiative, states: list[str]
) -> None:
    for number, state in enumerate(states):
        core.action(f"CAF-0{number}", due="2027-06-30", state=state, initiative=cafe)
    assert not propose_if_all_met(core.session, cafe, day(ON))
    core.sweep(ON)
    assert core.notices("R35") == []


@pytest.mark.parametrize("state", ["en_construccion", "pausada", "en_cierre", "cerrada"])
def test_only_an_initiative_in_execution_is_proposed(core: Core, cafe: Initiative, state: str) -> None:
    core.action("CAF-01", state="cumplida", initiative=cafe)
    cafe.state = state
    core.sweep(ON)
    assert not propose_if_all_met(core.session, cafe, day(ON))
    assert core.notices("R35") == []


def test_what_an_import_made_true_is_found_by_the_whole_sweep(both: Core) -> None:
    both.action("BIO-01", state="cumplida")
    both.action("AST-01", due="2027-06-30", initiative=both.initiative("astilleros"))
    both.action("CAF-01", state="salida", initiative=both.initiative("cafe"))
    both.sweep(ON)
    both.sweep("2026-11-19")
    assert both.told("R35") == [("biologicos", ON, ON)]


@pytest.mark.parametrize("total", [3, 7, 999, 1001, 2000])
def test_a_shown_figure_is_never_a_hundred_before_it_is_true(total: int) -> None:
    rows = [ActionFigures("cumplida", 100.0, None, None)] * (total - 1)
    assert (figures_of([*rows, ActionFigures("vigente", 99.9, None, None)]).compliance or 0) < 100
    assert figures_of([*rows, ActionFigures("salida", 10.0, None, None)]).compliance == 100


def test_a_matrix_of_exits_only_shows_no_hundred(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", state="salida", initiative=cafe)
    assert standing(core.session, cafe, day(ON)).figures.compliance is None


# --- R36 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("launch", ["2025-05-27", "2025-08-29", "2025-08-31"])
def test_the_term_is_announced_sixty_and_thirty_days_before_and_on_its_day(core: Core, launch: str) -> None:
    core.initiative("cafe", launch=launch)
    for number, (subject, on) in enumerate(closing_notices(day(launch), Thresholds())):
        core.sweep(str(on - DAY))
        assert len(core.notices("R36")) == number
        core.sweep(str(on))
        core.sweep(str(on + DAY))
        assert [notice.subject for notice in core.notices("R36")][number:] == [subject]


def test_its_notices_and_its_term_are_configurable() -> None:
    own = Thresholds(closing_months=12, closing_first_notice_days=45, closing_second_notice_days=10)
    assert closing_notices(date(2026, 1, 31), own) == [
        ("aviso-45", date(2026, 12, 17)),
        ("aviso-10", date(2027, 1, 21)),
        ("18-meses", date(2027, 1, 31)),
    ]


def test_pauses_count_only_when_they_stop_the_term() -> None:
    launch = date(2025, 8, 29)
    assert closing_day(launch, Thresholds(), 10) == date(2027, 2, 28)
    assert closing_day(launch, Thresholds(pause_stops="si"), 10) == date(2027, 3, 10)


def test_the_term_may_count_from_the_first_action(both: Core) -> None:
    cafe = both.initiative("cafe", launch="2026-01-15", overrides={"cierre.inicio": "primera_accion"})
    both.action("CAF-01", due="2027-06-30", starts=day("2025-06-10"), initiative=cafe)
    both.action("CAF-02", due="2027-06-30", starts=day("2025-05-20"), initiative=cafe)
    both.action("CAF-03", due="2027-06-30", starts=day("2024-05-20"), state="anulada", initiative=cafe)
    both.action("CAF-04", due="2027-06-30", initiative=cafe)
    assert term(both.session, cafe, both.method, day(ON)) == date(2026, 11, 20)
    both.sweep("2026-11-19")
    told = [notice.subject for notice in both.notices("R36")]
    assert "18-meses" not in told
    both.sweep("2026-11-20")
    assert [notice.subject for notice in both.notices("R36")][len(told) :] == ["18-meses"]
    assert "20 de mayo de 2025" in explain(both.notices("R36")[-1])


def test_without_dated_actions_the_first_one_is_the_launch(core: Core) -> None:
    cafe = core.initiative("cafe", launch="2025-05-27", overrides={"cierre.inicio": "primera_accion"})
    core.action("CAF-01", initiative=cafe)
    assert term(core.session, cafe, core.method, day(ON)) == date(2026, 11, 27)


def test_while_paused_the_running_pause_counts_too(core: Core) -> None:
    cafe = core.initiative("cafe", launch="2025-05-27", overrides={"cierre.pausa_detiene": "si"}, paused_days=5)
    cafe.state, cafe.paused_on = "pausada", day("2026-11-08")
    assert term(core.session, cafe, core.method, day(ON)) == date(2026, 12, 12)


# --- people confirm ---------------------------------------------------------------------------------------------------


def test_before_its_time_the_closing_is_refused_with_the_figures(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-06-30", state="cumplida", initiative=cafe)
    core.action("CAF-02", due="2027-06-30", initiative=cafe)
    said = core.refused(ON, "GG", "iniciativa.confirmar_cierre", iniciativa="cafe")
    assert "1 de 2 acciones cumplidas (50\u00a0%)" in said
    assert "los 18 meses en ejecución se cumplen el 15 de julio de 2027" in said


def test_the_term_allows_it_on_its_day_and_not_the_day_before(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2028-06-30", initiative=cafe)
    assert grounds_to_close(core.session, cafe, core.method, day("2027-07-14")) is None
    assert "15 de julio de 2027" in _confirm(core, "2027-07-15")
    assert cafe.state == "en_cierre"


def test_until_people_confirm_it_stays_in_execution(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2028-06-30", initiative=cafe)
    core.live("2027-07-14", "2027-07-31")
    assert cafe.state == "en_ejecucion"
    assert core.notices("R10")[-1].state == "sent"


def test_in_closing_no_monthly_cycle_opens(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2028-06-30", initiative=cafe)
    _confirm(core, "2027-07-15")
    core.live("2027-07-15", "2027-08-31")
    assert [n for n in core.notices("R10", "R11", "R14") if n.recorded_on >= day("2027-07-15")] == []


def test_not_closed_after_all_it_goes_on_and_what_was_held_is_told(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-06-18", initiative=cafe)
    core.sweep("2027-07-18")
    _confirm(core, "2027-07-18")
    core.live("2027-07-19", "2027-07-21")
    assert [notice.state for notice in core.notices("R15")] == ["withdrawn"]
    core.does("2027-07-22", "PL", "iniciativa.no_cerrar", iniciativa="cafe", motivo="Se incorporarán acciones")
    core.live("2027-07-22")
    assert cafe.state == "en_ejecucion"
    assert [notice.state for notice in core.notices("R15")] == ["sent"]
    assert {notice.state for notice in core.notices("R36")} <= {"withdrawn", "sent"}


# --- R37 --------------------------------------------------------------------------------------------------------------


def _in_full_swing(core: Core, cafe: Initiative) -> None:
    """Past its term with an alert at the Viceministry, a case with a measure, a silence and a proposal."""
    core.action("CAF-01", due="2027-04-10", initiative=cafe)
    core.action("CAF-02", state="cumplida", met_on=day("2027-02-01"), due="2027-03-01", initiative=cafe)
    core.action("CAF-03", state="por_validar", due="2027-12-01", initiative=cafe)
    core.action("CAF-04", state="propuesta", due=None, initiative=cafe)
    core.action("CAF-05", due="2027-06-20", initiative=cafe)
    core.live("2027-05-10", "2027-05-14")
    core.sweep("2027-07-15")
    case = core.all(HighLevelCase)[0]
    core.add(
        Measure(
            case_id=case.id, description="Citar a la entidad", responsible="GG", deadline=day("2027-08-01"),
            state="pendiente", by="GG", at=at("2027-07-15"),
        )
    )  # fmt: skip


def test_the_report_is_reviewed_before_it_is_published(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", state="cumplida", met_on=day("2026-10-01"), initiative=cafe)
    _confirm(core)
    assert "borrador" in core.refused(ON, "PL", "iniciativa.cerrar", iniciativa="cafe")
    assert "versión 1" in core.does(ON, "PL", "cierre.informe", iniciativa="cafe")
    assert "versión 1" in core.does(ON, "PL", "cierre.informe", iniciativa="cafe")
    assert "corresponde a" in core.refused(ON, "GG", "iniciativa.cerrar", iniciativa="cafe")


def test_what_was_reviewed_days_ago_is_published_as_of_today_if_it_says_the_same(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2028-06-30", initiative=cafe)
    _confirm(core, "2027-07-15")
    core.does("2027-07-15", "PL", "cierre.informe", iniciativa="cafe")
    core.does("2027-07-22", "PL", "iniciativa.cerrar", iniciativa="cafe")
    published = [report for report in core.all(Report) if report.state == "publicado"]
    assert [(report.kind, report.cut_off) for report in published] == [("cierre", day("2027-07-22"))]
    assert intact(published[0])


def test_what_changed_since_the_review_is_reviewed_again(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2028-06-30", initiative=cafe)
    _confirm(core, "2027-07-15")
    core.does("2027-07-15", "PL", "cierre.informe", iniciativa="cafe")
    _met(core, "CAF-01", "2027-07-16")
    assert "cambió la información" in core.refused("2027-07-16", "PL", "iniciativa.cerrar", iniciativa="cafe")
    assert cafe.state == "en_cierre"
    _closed(core, "2027-07-16")
    assert cafe.state == "cerrada"


def test_closing_ends_everything_of_the_initiative(core: Core, cafe: Initiative) -> None:
    _in_full_swing(core, cafe)
    _confirm(core, "2027-07-15")
    said = _closed(core, "2027-07-15")
    assert "2 acciones cerradas sin cumplir" in said
    assert (cafe.state, cafe.closed_on) == ("cerrada", day("2027-07-15"))
    assert {action.code: action.state for action in core.all(Action)} == {
        "CAF-01": "cerrada_sin_cumplir",
        "CAF-02": "cumplida",
        "CAF-03": "anulada",
        "CAF-04": "anulada",
        "CAF-05": "cerrada_sin_cumplir",
    }
    assert {(alert.state, alert.closed_because) for alert in core.all(Alert)} == {("cerrada", "cierre")}
    assert [(row.ended_on, row.ended_because) for row in core.all(Silence)] == [(day("2027-07-15"), "cierre")]
    versions = [row for row in core.all(ActionVersion) if row.reason == "Cierre de la iniciativa"]
    assert len(versions) == 4


def test_a_meeting_ahead_is_cancelled_and_its_guests_are_told(core: Core, cafe: Initiative) -> None:
    _in_full_swing(core, cafe)
    core.does("2027-07-13", "LT", "reunion.preparar", clase="logros", iniciativa="cafe")
    given = {"reunion": "logros cafe", "fecha": "2027-07-30", "hora": "9:00", "invitados": "ana@ejemplo.example"}
    core.does("2027-07-13", "GG", "reunion.convocar", **given)
    core.live("2027-07-14")
    _confirm(core, "2027-07-15")
    _closed(core, "2027-07-15")
    (meeting,), (cancelling,) = core.all(Meeting), core.notices("R24.cancelacion")
    core.live("2027-07-16")
    assert (meeting.state, cancelling.state, cancelling.inputs["guests"]) == (
        "cancelada",
        "sent",
        given["invitados"].split(),
    )


def test_a_cancelling_that_waits_outlives_the_closing(core: Core, cafe: Initiative) -> None:
    _in_full_swing(core, cafe)
    core.does("2027-07-13", "LT", "reunion.preparar", clase="logros", iniciativa="cafe")
    given = {"reunion": "logros cafe", "fecha": "2027-07-30", "hora": "9:00", "invitados": "ana@ejemplo.example"}
    core.does("2027-07-13", "GG", "reunion.convocar", **given)
    core.live("2027-07-14")
    core.does("2027-07-15", "LT", "reunion.cancelar", hour=9, reunion="logros cafe", motivo="Sin quórum")
    _confirm(core, "2027-07-15")
    _closed(core, "2027-07-15")
    core.live("2027-07-16")
    assert [notice.state for notice in core.notices("R24.cancelacion")] == ["sent"]


def test_a_case_that_was_not_surtida_ends_as_it_was(core: Core, cafe: Initiative) -> None:
    _in_full_swing(core, cafe)
    (case,) = core.all(HighLevelCase)
    state = case.state
    _confirm(core, "2027-07-15")
    _closed(core, "2027-07-15")
    assert (case.state, case.exhausted_on, case.closed_on) == (state, None, day("2027-07-15"))
    assert [(row.state, row.result) for row in core.all(Measure)] == [("descartada", "Cierre de la iniciativa.")]


def test_after_the_end_nobody_is_told_anything_but_the_report(core: Core, cafe: Initiative) -> None:
    _in_full_swing(core, cafe)
    _confirm(core, "2027-07-15")
    _closed(core, "2027-07-15")
    last = max(notice.id for notice in core.notices())
    core.live("2027-07-15", "2027-09-30")
    assert [notice.rule for notice in core.notices() if notice.id > last] == []
    (mailed,) = core.notices("R37")
    assert (mailed.state, mailed.post, mailed.channel) == ("sent", "VM", "mail")
    assert core.session.get_one(Report, mailed.inputs["report"]).kind == "cierre"
    assert {n.rule for n in core.notices() if n.state == "sent" and n.deliver_on >= day("2027-07-15")} == {"R37"}


def test_the_closing_report_stands_on_the_site(core: Core, cafe: Initiative) -> None:
    _in_full_swing(core, cafe)
    _confirm(core, "2027-07-15")
    _closed(core, "2027-07-15")
    site = site_content(core.session, day("2027-07-16"))
    assert [report["content"]["kind"] for report in site["reports"]] == ["cierre"]
