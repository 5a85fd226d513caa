from __future__ import annotations

from datetime import date

import pytest
from core_world import Core, at, day
from databases import in_memory

from methodology.calendar_changes import PACE, preview, settle
from methodology.method import LAID_OUT, Method, days_off, load_method
from methodology.rules.calendar import WorkCalendar
from methodology.rules.thresholds import Thresholds, UnknownThreshold
from methodology.rules.titles import told_as
from storage.history import Change, Deed
from storage.ledger import Delivery, Notice, TrayItem
from storage.matrix import Action, DayOff, DeliveryDay, Setting

WHY = "Jornada institucional de integración"


@pytest.fixture
def action(core: Core) -> Action:
    """Due on Saturday 31-oct-2026: its alert (R15) is recorded and goes on Monday 30-nov."""
    return core.action("BIO-01", due="2026-10-31")


def _off(core: Core, on: str, fecha: str) -> str:
    return core.does(on, "PL", "calendario.no_habil", fecha=fecha, motivo=WHY, confirmo="sí")


def _only(core: Core, rule: str) -> tuple[str, str, str]:
    (notice,) = core.notices(rule)
    return str(notice.recorded_on), str(notice.deliver_on), notice.state


# --- a planned notice moves, a sent one stays -------------------------------------------------------------------------


@pytest.fixture
def waiting(core: Core) -> Core:
    """An alert recorded on Sunday 15-nov-2026, planned for Tuesday the 17th (Monday is a holiday)."""
    core.action("BIO-01", due="2026-10-15")
    core.sweep("2026-11-15")
    assert core.told("R15") == [("BIO-01", "2026-11-15", "2026-11-17")]
    return core


def test_a_day_off_on_its_delivery_day_moves_a_planned_alert_to_the_next_habil_day(waiting: Core) -> None:
    _off(waiting, "2026-11-15", "2026-11-17")
    assert _only(waiting, "R15") == ("2026-11-15", "2026-11-18", "planned")
    assert waiting.notices("R15")[0].skipped["2026-11-17"] == WHY


def test_taking_the_day_off_away_brings_it_back(waiting: Core) -> None:
    _off(waiting, "2026-11-15", "2026-11-17")
    waiting.does("2026-11-15", "PL", "calendario.quitar", fecha="2026-11-17", confirmo="sí")
    assert _only(waiting, "R15") == ("2026-11-15", "2026-11-17", "planned")
    assert "2026-11-17" not in waiting.notices("R15")[0].skipped


@pytest.mark.parametrize("other", ["2026-11-13", "2026-11-18"])
def test_a_day_off_before_or_after_moves_nothing(waiting: Core, other: str) -> None:
    _off(waiting, "2026-11-13", other)
    assert _only(waiting, "R15") == ("2026-11-15", "2026-11-17", "planned")


def test_what_was_sent_keeps_its_date(waiting: Core) -> None:
    waiting.live("2026-11-17")
    _off(waiting, "2026-11-17", "2026-11-17")
    assert _only(waiting, "R15") == ("2026-11-15", "2026-11-17", "sent")


def test_nothing_leaves_on_the_day_off_and_everything_on_the_next_habil_day(waiting: Core) -> None:
    _off(waiting, "2026-11-15", "2026-11-17")
    waiting.live("2026-11-16", "2026-11-17")
    assert _only(waiting, "R15")[2] == "planned"
    waiting.live("2026-11-18")
    assert _only(waiting, "R15")[2] == "sent"


def test_even_unmoved_nothing_leaves_on_a_day_that_is_not_habil(waiting: Core) -> None:
    waiting.method.calendar.learn({day("2026-11-17"): "festivo nuevo"})
    waiting.live("2026-11-17")
    assert _only(waiting, "R15") == ("2026-11-15", "2026-11-17", "planned")
    waiting.live("2026-11-18")
    assert _only(waiting, "R15")[2] == "sent"


def test_the_hold_counts_the_new_day_off(waiting: Core) -> None:
    waiting.live("2026-11-17")
    _off(waiting, "2026-11-17", "2026-11-18")
    waiting.live("2026-11-18", "2026-11-19")
    assert waiting.told("R17") == []
    waiting.live("2026-11-20")
    assert waiting.told("R17") == [("BIO-01", "2026-11-20", "2026-11-20")]


def test_a_message_that_waits_to_be_tried_again_is_not_tried_on_the_day_off(waiting: Core) -> None:
    notice = waiting.notices("R15")[0]
    row = Delivery(notice_id=notice.id, batch="b", bundle="alerts", reader="person:1", channel="teams", state="planned")
    row.retry_at = at("2026-11-17", 9)
    waiting.add(row)
    _off(waiting, "2026-11-15", "2026-11-17")
    assert row.retry_at == at("2026-11-18", 8)


# --- the early notice is counted back anew (R19) ----------------------------------------------------------------------


def test_a_day_off_on_the_early_notices_day_brings_it_forward(core: Core) -> None:
    action = core.action("AST-01", due="2026-12-01")
    assert action.due_soon_on == day("2026-11-13")  # 1-dic − 15 is the holiday Monday 16-nov
    _off(core, "2026-11-03", "2026-11-13")
    assert action.due_soon_on == day("2026-11-12")
    core.live("2026-11-11")
    assert core.told("R19") == []
    core.live("2026-11-12", "2026-11-14")
    assert core.told("R19") == [("AST-01", "2026-11-12", "2026-11-12")]


def test_and_taking_it_away_puts_it_back(core: Core) -> None:
    action = core.action("AST-01", due="2026-12-01")
    _off(core, "2026-11-03", "2026-11-13")
    core.does("2026-11-04", "PL", "calendario.quitar", fecha="2026-11-13", confirmo="sí")
    assert action.due_soon_on == day("2026-11-13")


def test_an_early_notice_that_was_told_is_not_told_again(core: Core) -> None:
    action = core.action("AST-01", due="2026-12-01")
    core.live("2026-11-13")
    _off(core, "2026-11-13", "2026-11-13")
    core.live("2026-11-14", "2026-11-20")
    assert action.due_soon_on == day("2026-11-13")
    assert core.told("R19") == [("AST-01", "2026-11-13", "2026-11-13")]


def test_one_brought_forward_to_a_day_already_swept_goes_at_once(core: Core) -> None:
    core.action("AST-01", due="2026-12-01")
    core.sweep("2026-11-12", 18)
    _off(core, "2026-11-12", "2026-11-13")
    core.live("2026-11-17")
    assert core.told("R19") == [("AST-01", "2026-11-12", "2026-11-12")]
    assert _only(core, "R19")[2] == "sent"


def test_each_initiative_counts_back_its_own_days(core: Core) -> None:
    quick = core.initiative("rapida", overrides={"por_vencer.dias": 5})
    action = core.action("RAP-01", due="2026-12-09", initiative=quick)
    assert action.due_soon_on == day("2026-12-04")
    _off(core, "2026-11-03", "2026-12-04")
    assert action.due_soon_on == day("2026-12-03")


def test_what_is_met_or_overdue_does_not_move(core: Core) -> None:
    met = core.action("AST-01", due="2026-12-01", state="cumplida")
    _off(core, "2026-11-03", "2026-11-13")
    assert met.due_soon_on == day("2026-11-13")


# --- the list is seen first -------------------------------------------------------------------------------------------


def test_without_confirmation_the_list_is_answered_and_nothing_changes(waiting: Core) -> None:
    core = waiting
    core.action("AST-01", due="2026-12-02")
    said = core.refused("2026-11-15", "PL", "calendario.no_habil", fecha="2026-11-17", motivo=WHY)
    assert "Alerta de acción vencida · BIO-01: del martes 17 de noviembre de 2026 al miércoles 18" in said
    assert "Acción por vencer · AST-01: del martes 17 de noviembre de 2026 al viernes 13 de noviembre de 2026" in said
    assert f"({WHY})" in said
    assert said.endswith("Para aplicarlo, confirme.")
    assert core.all(DayOff) == []
    assert _only(core, "R15") == ("2026-11-15", "2026-11-17", "planned")
    assert core.method.calendar.is_habil(day("2026-11-17"))


def test_a_no_is_not_a_confirmation(waiting: Core) -> None:
    said = waiting.refused("2026-11-15", "PL", "calendario.no_habil", fecha="2026-11-17", motivo=WHY, confirmo="no")
    assert "cambian" in said
    assert waiting.all(DayOff) == []


def test_where_nothing_moves_it_says_so(core: Core) -> None:
    said = core.refused("2026-11-03", "PL", "calendario.no_habil", fecha="2027-02-10", motivo=WHY)
    assert "no cambia la fecha de ningún aviso" in said


def test_the_cycle_of_the_month_is_on_the_list(core: Core) -> None:
    """Nov-2026: a day off on the 18th takes the request from the 11th to the 10th."""
    moves = preview(core.session, core.method, {day("2026-11-18"): WHY}, day("2026-11-03"))
    found = {(move.rule, move.subject, move.old, move.new) for move in moves}
    assert ("R14", "solicitud de noviembre de 2026", day("2026-11-11"), day("2026-11-10")) in found
    assert not [move for move in moves if move.rule == "R14.reiteracion" and "noviembre" in move.subject]


def test_a_preview_changes_nothing(waiting: Core) -> None:
    before = waiting.method.calendar.fingerprint
    assert preview(waiting.session, waiting.method, {day("2026-11-17"): WHY}, day("2026-11-15"))
    assert waiting.method.calendar.fingerprint == before
    assert not waiting.session.dirty


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fecha", "why"),
    [
        ("2026-11-02", "ya pasó"),
        ("2026-11-16", "ya es un día no hábil (festivo"),
        ("2026-11-14", "ya es un día no hábil (sábado"),
        ("2027-04-16", "ya es un día no hábil (Día Cívico"),
    ],
)
def test_what_is_past_or_already_free_is_refused(core: Core, fecha: str, why: str) -> None:
    said = core.refused("2026-11-03", "PL", "calendario.no_habil", fecha=fecha, motivo=WHY, confirmo="sí")
    assert why in said


def test_the_same_day_twice_is_refused(core: Core) -> None:
    _off(core, "2026-11-03", "2026-11-17")
    said = core.refused("2026-11-03", "PL", "calendario.no_habil", fecha="2026-11-17", motivo=WHY, confirmo="sí")
    assert f"ya es un día no hábil ({WHY})" in said


def test_only_a_day_of_the_table_can_be_taken_away_and_not_once_it_has_passed(core: Core) -> None:
    said = core.refused("2026-11-03", "PL", "calendario.quitar", fecha="2026-11-16", confirmo="sí")
    assert "no está en la tabla" in said
    _off(core, "2026-11-03", "2026-11-17")
    assert "ya pasó" in core.refused("2026-11-18", "PL", "calendario.quitar", fecha="2026-11-17", confirmo="sí")
    core.does("2026-11-17", "PL", "calendario.quitar", fecha="2026-11-17", confirmo="sí")


def test_taking_away_asks_for_confirmation_too(waiting: Core) -> None:
    _off(waiting, "2026-11-15", "2026-11-17")
    said = waiting.refused("2026-11-15", "PL", "calendario.quitar", fecha="2026-11-17")
    assert "vuelve a ser hábil el martes 17 de noviembre de 2026" in said
    assert len(waiting.all(DayOff)) == 1


@pytest.mark.parametrize("role", ["LT", "GG", "VM"])
def test_only_planning_changes_the_calendar(core: Core, role: str) -> None:
    given = {"fecha": "2026-11-17", "motivo": WHY, "confirmo": "sí"}
    assert "corresponde a" in core.refused("2026-11-03", role, "calendario.no_habil", **given)


def test_it_is_kept_who_did_it_and_what_changed(core: Core) -> None:
    _off(core, "2026-11-03", "2026-11-17")
    assert [(deed.operation, deed.post) for deed in core.all(Deed)] == [("calendario.no_habil", "PL")]
    assert [(row.table, row.after["why"]) for row in core.all(Change)] == [("day_off", WHY)]


# --- memory and rows --------------------------------------------------------------------------------------------------


def test_whoever_holds_the_calendar_knows_it_at_once(core: Core) -> None:
    held = core.method.calendar
    _off(core, "2026-11-03", "2026-11-17")
    assert held.why_not(day("2026-11-17")) == WHY
    assert load_method(core.session).calendar.fingerprint == held.fingerprint


def test_a_transaction_undone_is_forgotten() -> None:
    with in_memory() as database:
        method = Method()
        with pytest.raises(RuntimeError, match="se cayó"):
            database.do(_day_off_and_fall, method)
        assert method.calendar.is_habil(day("2026-11-17"))
        assert database.do(days_off) == {}


def _day_off_and_fall(session: object, method: Method) -> None:
    core = Core(session, method)  # type: ignore[arg-type]
    _off(core, "2026-11-03", "2026-11-17")
    _off(core, "2026-11-03", "2026-11-18")
    raise RuntimeError("se cayó")


# --- the package of holidays changed ----------------------------------------------------------------------------------


@pytest.fixture
def another_release(waiting: Core) -> Core:
    """A new release of the holidays knows that 17-nov-2026 is one; the service starts with it."""
    settle(waiting.session, waiting.method, at("2026-11-15"), day("2026-11-15"))
    waiting.method = Method(_Newer())
    settle(waiting.session, waiting.method, at("2026-11-15"), day("2026-11-15"))
    return waiting


class _Newer(WorkCalendar):
    """A calendar with one more national holiday."""

    @property
    def fingerprint(self) -> str:
        return f"newer {super().fingerprint}"

    def _look_up(self, one: date) -> str | None:
        return "festivo (nuevo)" if one == date(2026, 11, 17) else super()._look_up(one)


def test_holidays_that_changed_move_nothing_by_themselves_but_are_listed_for_planning(another_release: Core) -> None:
    assert _only(another_release, "R15") == ("2026-11-15", "2026-11-17", "planned")
    (item,) = another_release.all(TrayItem)
    assert item.kind == "calendario_cambio"
    assert "Alerta de acción vencida · BIO-01: del martes 17" in item.detail["cambios"]


def test_it_is_listed_once_however_often_the_service_starts(another_release: Core) -> None:
    settle(another_release.session, another_release.method, at("2026-11-15"), day("2026-11-15"))
    assert len(another_release.all(TrayItem)) == 1


def test_planning_applies_it_and_the_tray_is_settled(another_release: Core) -> None:
    core = another_release
    assert "confirme" in core.refused("2026-11-15", "PL", "calendario.aplicar")
    core.does("2026-11-15", "PL", "calendario.aplicar", confirmo="sí")
    assert _only(core, "R15") == ("2026-11-15", "2026-11-18", "planned")
    assert [item.resolution for item in core.all(TrayItem)] == ["Calendario aplicado (Planeación)"]


def test_a_release_that_moves_nothing_is_not_worth_a_line(core: Core) -> None:
    settle(core.session, core.method, at("2026-11-15"), day("2026-11-15"))
    core.session.get_one(Setting, LAID_OUT).value = "otra"
    settle(core.session, core.method, at("2026-11-15"), day("2026-11-15"))
    assert core.all(TrayItem) == []


# --- general thresholds changed between two starts --------------------------------------------------------------------


def test_dates_follow_thresholds_that_changed_in_the_settings(core: Core, action: Action) -> None:
    settle(core.session, core.method, at("2026-10-01"), day("2026-10-01"))
    slower = Method(core.method.calendar, Thresholds(overdue_months=2, high_level_months=3, due_soon_days=20))
    settle(core.session, slower, at("2026-10-01"), day("2026-10-01"))
    assert action.overdue_month_on == day("2026-12-31")
    assert action.high_level_on == day("2027-02-01")
    assert action.due_soon_on == day("2026-10-09")  # 11-oct is a Sunday
    assert "overdue_months=2" in core.session.get_one(Setting, PACE).value


def test_general_values_that_contradict_an_initiatives_own_stop_the_start_by_name(core: Core) -> None:
    core.initiative("rapida", overrides={"vencida.meses": 2})
    strict = Method(core.method.calendar, Thresholds(high_level_months=1))
    with pytest.raises(UnknownThreshold, match=r"iniciativa rapida: vencida.meses .2. es mayor que alto_nivel.meses"):
        settle(core.session, strict, at("2026-10-01"), day("2026-10-01"))


def test_the_notices_of_the_ledger_are_never_recorded_anew(waiting: Core) -> None:
    _off(waiting, "2026-11-15", "2026-11-17")
    assert len(waiting.all(Notice)) == len({notice.key for notice in waiting.all(Notice)})


def test_a_long_holiday_is_laid_out_as_if_anew(core: Core) -> None:
    """24-dic to 8-ene: whatever waits for its end goes on the first hábil day after it, on every row."""
    for number in (24, 28, 29, 30, 31):
        _off(core, "2026-11-03", f"2026-12-{number}")
    core.does("2026-11-03", "PL", "calendario.quitar", fecha="2026-12-29", confirmo="sí")
    laid_out = {row.day: row.deliver_on for row in core.all(DeliveryDay)}
    calendar = load_method(core.session).calendar
    days = [date(2026, 12, number) for number in range(15, 32)]
    assert [laid_out[one] for one in days] == [calendar.on_or_after(one) for one in days]
    assert laid_out[date(2026, 12, 24)] == date(2026, 12, 29)


def test_a_notice_is_told_by_its_title_and_never_by_a_part_of_a_rule() -> None:
    assert told_as("R14.reiteracion") == "Reiteración de la solicitud"
    assert told_as("bandeja") == "Novedades de la bandeja"
    assert told_as("Ventana") == "Ventana"
