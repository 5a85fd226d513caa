"""The method's edge cases, one promise each and in its order; the dates are those the method works out."""

from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

import pytest
from core_world import INVIMA, Core, at, day

from bot.drawing.context import Desk, Studio
from bot.drawing.letters import request_letter
from bot.drawing.month import missing_card
from bot.links import Links
from bot.settings import Settings
from cards.parts import Reader, greeting
from methodology.backlog import held_back, record_backlog, release
from methodology.clock import SettableClock
from methodology.drafts import approve_and_send
from methodology.followups import owed, register
from methodology.importing import Changes, import_dataset
from methodology.matrix_files import BadFiles, read_folder
from methodology.people import actor_of, holders, is_acting
from methodology.publishing import Published, draft, intact
from methodology.rules.calendar import WorkCalendar
from methodology.rules.followup import FollowUpInput
from methodology.rules.months import Month, add_months
from methodology.rules.periods import Period
from methodology.rules.thresholds import Thresholds
from methodology.rules.window import window_of
from methodology.silence import reached_out
from methodology.standing import standing
from scheduler.delivery import _readers
from storage.ledger import Alert, CaseAction, HighLevelCase, Notice, Outreach, Report, Silence
from storage.matrix import Achievement, Action, Initiative, Setting

EXAMPLES = Path(__file__).parents[3] / "examples"
REASON = {"motivo": "Acuerdo de la mesa técnica del sector"}
TEXT = "Se radicó el proyecto de resolución."
DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"
ONE = {"accion": "BIO-01"}
NEW_HOLDER = {"nombre": "Luis Peña Mora", "genero": "m", "correo": "luis.pena@mincit.example"}


def met(core: Core, on: str, met_on: str = "") -> str:
    return core.does(on, "LT", "accion.cumplida", fecha=met_on or on, evidencia="Resolución 120", **ONE)


def moved(core: Core, on: str, due: str, who: str = "PL", hour: int = 10) -> str:
    return core.does(on, who, "accion.fecha", hour, fecha=due, **ONE, **REASON)


def alerts(core: Core) -> list[tuple[str, str, str]]:
    return [(one.episode, one.state, one.closed_because) for one in core.all(Alert) if one.action_id]


def desk(core: Core, on: str) -> Desk:
    clock, secret = SettableClock(at(on, 9)), b"x" * 32
    settings = Settings("a", "b", "t", frozenset(), secret, "soluciones@operador.example", "operador.example")
    return Desk(
        core.session, Studio(settings, Links(secret, settings.public_url, clock), core.method), "lote", clock.now()
    )


# --- dates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "a_month", "high_level"),
    [
        ("2026-01-31", "2026-02-28", "2026-04-01"),
        ("2028-01-31", "2028-02-29", "2028-04-01"),
        ("2028-02-29", "2028-03-29", "2028-04-30"),
        ("2026-10-31", "2026-11-30", "2027-01-01"),
        ("2026-09-22", "2026-10-22", "2026-11-23"),
    ],
)
def test_months_are_counted_in_one_step_and_clamped(core: Core, due: str, a_month: str, high_level: str) -> None:
    action = core.action("BIO-01", due=due)
    assert (str(action.overdue_month_on), str(action.high_level_on)) == (a_month, high_level)
    assert add_months(day(due), 1) == day(a_month)


def test_a_due_date_of_a_saturday_stays_and_only_deliveries_are_rolled(core: Core) -> None:
    """Due Sat 31-oct-2026: R15 on 30-nov, the VM on 2-dic, R30 on 1-ene-2027, delivered on the 4th."""
    core.action("BIO-01", due="2026-10-31")
    core.live("2026-11-30", "2026-12-02")
    assert core.told("R15") == [("BIO-01", "2026-11-30", "2026-11-30")]
    assert core.told("R17") == [("BIO-01", "2026-12-02", "2026-12-02")]
    core.live("2026-12-31", "2027-01-04")
    assert core.told("R30") == [("biologicos", "2027-01-01", "2027-01-04")]


def test_due_on_22_september_is_no_case_on_22_november_and_one_on_the_23rd(core: Core) -> None:
    core.action("BIO-01", due="2026-09-22")
    core.sweep("2026-11-22")
    assert core.told("R30") == []
    core.sweep("2026-11-23")
    assert core.told("R30") == [("biologicos", "2026-11-23", "2026-11-23")]


def test_an_action_due_on_9_october_and_moved_to_18_december_counts_anew(core: Core) -> None:
    """Moved on 20-nov-2026: R19 on 3-dic, R15 on 18-ene-2027, R30 on 19-feb-2027."""
    core.action("BIO-01", due="2026-10-09")
    core.live("2026-11-19")
    moved(core, "2026-11-20", "2026-12-18")
    for on in ("2026-12-02", "2026-12-03", "2027-01-17", "2027-01-18", "2027-02-18", "2027-02-19"):
        core.live(on)
    told = [(n.rule, str(n.recorded_on)) for n in core.notices("R19", "R15", "R30") if n.period != "v1"]
    assert told == [("R19", "2026-12-03"), ("R15", "2027-01-18"), ("R30", "2027-02-19")]


def test_due_on_1_december_is_told_on_13_november_because_the_16th_is_a_holiday(core: Core) -> None:
    core.action("BIO-01", due="2026-12-01")
    core.live("2026-11-12")
    assert core.told("R19") == []
    core.live("2026-11-13", "2026-11-17")
    assert core.told("R19") == [("BIO-01", "2026-11-13", "2026-11-13")]


@pytest.mark.parametrize(
    ("hour", "due", "told"),
    [(17, "2026-12-08", []), (10, "2026-12-09", ["2026-12-07"]), (17, "2026-12-09", ["2026-12-07"])],
)
def test_a_date_set_inside_the_fifteen_days_is_told_at_the_first_slot_unless_that_is_after_due(
    core: Core, hour: int, due: str, told: list[str]
) -> None:
    """8-dic is a holiday: set on 7-dic at 17:30 for the 8th, the first slot is the 9th, so nobody is told."""
    core.action("BIO-01", due=None)
    core.sweep("2026-12-07", 7)
    moved(core, "2026-12-07", due, "LT", hour)
    core.sweep("2026-12-07", hour, 30)
    core.live("2026-12-08", "2026-12-10")
    assert [str(n.recorded_on) for n in core.notices("R19")] == told


def test_the_window_of_february_2028_is_the_25th_to_the_29th() -> None:
    window = window_of(Month(2028, 2), WorkCalendar(), Thresholds())
    assert (str(window.first), str(window.last)) == ("2028-02-25", "2028-02-29")


def test_november_2026_is_asked_on_the_11th_reminded_on_the_20th_and_closed_on_the_25th(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    for on in ("2026-11-10", "2026-11-11", "2026-11-20", "2026-11-26"):
        core.live(on)
    assert [(n.rule, str(n.deliver_on), str(n.due)) for n in core.notices("R14", "R14.reiteracion")] == [
        ("R14", "2026-11-11", "2026-11-25"),
        ("R14.reiteracion", "2026-11-20", "2026-11-25"),
    ]


def test_ten_habiles_after_11_november_is_26_november(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    for on in ("2026-11-11", "2026-11-20"):
        reached_out(core.session, core.entity().id, ["BIO-01"], day(on))
    core.sweep("2026-11-25")
    assert core.told("R16") == []
    core.sweep("2026-11-26")
    assert core.told("R16") == [("Invima", "2026-11-26", "2026-11-26")]


def test_recorded_on_sunday_15_november_told_on_the_17th_it_rises_on_the_19th(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    core.live("2026-11-15", "2026-11-19")
    assert core.told("R15", "R17") == [("BIO-01", "2026-11-15", "2026-11-17"), ("BIO-01", "2026-11-19", "2026-11-19")]
    assert (core.alert().told_leader_on, core.alert().raised_told_on) == (day("2026-11-17"), day("2026-11-19"))


def test_september_and_october_2026_are_drafted_on_3_november() -> None:
    assert Period(2026, 5).draft_on(WorkCalendar()) == date(2026, 11, 3)


def test_the_holidays_have_13_july_2026_and_the_third_friday_of_april_is_no_habil() -> None:
    assert not WorkCalendar().is_habil(date(2026, 7, 13))
    closed = [number for number in (10, 17, 24) if not WorkCalendar().is_habil(date(2026, 4, number))]
    assert closed == [17]


def test_at_ten_at_night_in_bogota_it_is_still_today(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    core.sweep("2026-11-14", 23)
    assert core.told("R15") == []
    core.sweep("2026-11-15", 0)
    assert core.told("R15") == [("BIO-01", "2026-11-15", "2026-11-17")]


# --- what people change -----------------------------------------------------------------------------------------------


def test_a_date_moved_after_the_alert_closes_it_and_makes_a_new_key(core: Core) -> None:
    action = core.action("BIO-01", due="2026-10-09")
    core.live("2026-11-09")
    moved(core, "2026-11-20", "2026-12-18")
    core.live("2027-01-18")
    assert alerts(core) == [("v1", "cerrada", "reprogramación"), ("v2", "abierta", "")]
    assert (action.original_due, action.due_moves) == (day("2026-10-09"), 1)


def test_moving_an_overdue_date_needs_a_reason_and_planning_or_management(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    given = {"fecha": "2026-12-18"} | ONE
    assert "motivo" in core.refused("2026-11-20", "GG", "accion.fecha", **given)
    assert "Planeación o a la Gerencia General" in core.refused("2026-11-20", "LT", "accion.fecha", **given, **REASON)
    assert "18 de diciembre de 2026" in moved(core, "2026-11-20", "2026-12-18", "GG")


def test_met_on_time_but_registered_late_closes_the_alert_without_effect(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    core.live("2026-11-09", "2026-11-12")
    met(core, "2026-11-13", "2026-10-09")
    assert alerts(core) == [("v1", "cerrada", "sin_efecto")]


def test_reopened_after_a_hundred_needs_a_reason_and_its_alerts_rise_again(core: Core) -> None:
    core.action("BIO-01", due="2026-10-09")
    core.live("2026-11-09")
    met(core, "2026-11-10")
    assert "motivo" in core.refused("2026-11-12", "LT", "accion.reabrir", **ONE)
    core.does("2026-11-12", "LT", "accion.reabrir", motivo="El decreto se derogó", **ONE)
    core.live("2026-11-12", "2026-11-13")
    assert alerts(core) == [("v1", "cerrada", "cumplimiento"), ("v2", "abierta", "")]


def test_with_another_responsible_the_overdue_clock_goes_on_and_the_silence_begins_anew(core: Core) -> None:
    core.entity(DIAN)
    action = core.action("BIO-01", due="2026-10-31")
    reached_out(core.session, action.entity_id, ["BIO-01"], day("2026-11-11"))
    core.does("2026-11-13", "LT", "accion.reasignar", entidad="DIAN", **ONE, **REASON)
    assert (str(action.overdue_month_on), action.due_version, action.entity.name) == ("2026-11-30", 1, DIAN)
    assert [(row.entity_id != action.entity_id, str(row.ended_on)) for row in core.all(Silence)] == [
        (True, "2026-11-13")
    ]


def test_an_entity_that_answers_by_phone_is_recorded_by_the_leader_and_it_counts(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-11-11")
    core.live("2026-11-20")
    core.does(
        "2026-11-23", "LT", "entidad.respondio", entidad="Invima", medio="llamada", texto="Va en consulta pública"
    )
    for on in ("2026-11-25", "2026-11-26", "2026-12-04"):
        core.live(on)
    assert core.told("R16") == []
    assert [str(row.answered_on) for row in core.all(Outreach) if row.answered_on][:1] == ["2026-11-23"]


def test_of_several_leaders_the_first_registration_closes_the_month_for_all(core: Core) -> None:
    action = core.action("BIO-01", due="2027-10-31")
    first, _second = (core.person(name, "LT", action.initiative) for name in ("Ana Gil", "Eva Soto"))
    core.live("2026-11-26")
    actor = actor_of(core.session, first, day("2026-11-26"))
    register(
        core.session, "BIO-01", FollowUpInput(50.0, TEXT), actor=actor, now=at("2026-11-26", 9), method=core.method
    )
    core.live("2026-11-27", "2026-12-01")
    assert owed(core.session, action.initiative_id, Month(2026, 11)) == []
    assert {n.withdrawn_reason for n in core.notices("R11")} <= {"ya no falta ningún seguimiento"}


def test_a_leader_who_is_away_is_shown_as_ausente_and_the_substitute_answers(core: Core) -> None:
    action = core.action("BIO-01", due="2027-10-31")
    core.person("Ana Gil", "LT", action.initiative)
    core.person("Eva Soto")
    span = {"desde": "2026-11-24", "hasta": "2026-12-04", "suplente": "Eva Soto"}
    core.does("2026-11-10", "ana.gil@operador.example", "persona.ausencia", **span)
    assert [one.name for one in holders(core.session, "LT", action.initiative_id, day("2026-12-01"))] == ["Eva Soto"]
    core.sweep("2026-12-01")
    card, _summary = missing_card(desk(core, "2026-12-01"), core.notices("R11.faltantes"))
    assert "Ana Gil (ausente, responde Eva Soto)" in str(card)


def test_a_paused_initiative_is_silent_its_clocks_run_and_one_digest_comes_on_resumption(core: Core) -> None:
    initiative = core.initiative()
    core.action("BIO-01", due="2026-10-10")
    core.sweep("2026-10-19")
    core.does("2026-10-20", "GG", "iniciativa.pausar", iniciativa="biologicos", motivo="Cambio de estructura")
    for on in ("2026-10-21", "2026-10-27", "2026-11-10", "2026-11-11", "2026-11-17"):
        core.live(on)
    assert [n.rule for n in core.notices() if n.state == "sent"] == []
    core.does("2026-11-18", "GG", "iniciativa.reanudar", 7, iniciativa="biologicos")
    core.live("2026-11-18")
    assert (initiative.state, [n.rule for n in core.notices("reanudacion", "R15")]) == (
        "en_ejecucion", ["R15", "reanudacion"],
    )  # fmt: skip
    assert (core.alert().raised_on, core.alert().told_leader_on) == (day("2026-11-10"), day("2026-11-18"))


def test_one_entity_in_four_initiatives_gets_one_mail(core: Core) -> None:
    for number, slug in enumerate(("uno", "dos", "tres", "cuatro"), 1):
        core.action(f"A-{number:02d}", due="2027-10-31", initiative=core.initiative(slug))
    core.sweep("2026-11-11")
    [told] = core.notices("R14")
    letter = request_letter(desk(core, "2026-11-11"), told)
    assert letter.to == ("enlace@entidad.example",)
    assert all(f"A-0{number}" in letter.text for number in (1, 2, 3, 4))


def test_of_joint_responsibles_the_first_is_responsible_and_the_others_are_copied(core: Core) -> None:
    core.entity(DIAN).mail = "enlace@dian.example"
    core.action("BIO-01", due="2027-10-31", joint=DIAN)
    core.sweep("2026-11-11")
    [told] = core.notices("R14")
    letter = request_letter(desk(core, "2026-11-11"), told)
    assert (letter.to, letter.cc, told.entity_id) == (
        ("enlace@entidad.example",), ("enlace@dian.example",), core.entity(INVIMA).id,
    )  # fmt: skip


def test_a_changed_vice_minister_is_written_to_by_who_holds_the_post_that_day_with_gender_and_acting(
    core: Core,
) -> None:
    core.person("Vera Mora", "VM")
    initiative = core.initiative()
    core.does("2026-11-10", "PL", "persona.cargo", cargo="VM", desde="2026-11-17", encargo="sí", **NEW_HOLDER)
    told = core.add(
        Notice(
            key="k", rule="R23", subject="logros", initiative_id=initiative.id, post="VM", inputs={}, period="1",
            recorded_on=day("2026-11-13"), deliver_on=day("2026-11-13"), channel="mail",
        )
    )  # fmt: skip
    [person] = holders(core.session, "VM", initiative.id, day("2026-11-17"))
    assert list(_readers(core.session, told, day("2026-11-17"))) == [(f"person:{person.id}", "mail")]
    acting = is_acting(core.session, person.id, "VM", None, day("2026-11-17"))
    assert greeting(Reader(person.name, person.gender, "VM", acting=acting)) == "Respetado Viceministro (E):"


# --- logros -----------------------------------------------------------------------------------------------------------


def logro(core: Core, text: str, on: str) -> Achievement:
    number = core.all(Action)[0].id
    return core.add(Achievement(action_id=number, month="2026-10", text=text, priority="Alta", kind="otro", at=at(on)))


def published(core: Core, period: Period, on: str) -> Report:
    row = draft(core.session, "logros", core.first_initiative().id, period, at(on))
    return approve_and_send(core.session, row.id, actor=core.actor("PL"), now=at(on), published=Published())


def test_a_logro_edited_after_publication_comes_as_an_erratum_and_the_snapshot_stays(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    told = logro(core, "Guía expedida", "2026-10-01")
    first = published(core, Period(2026, 5), "2026-11-03")
    told.text = "Guía adoptada"
    core.session.flush()
    second = published(core, Period(2026, 6), "2027-01-04")
    assert ([a["text"] for a in first.content["achievements"]], intact(first)) == (["Guía expedida"], True)
    assert [(e["before"], e["now"]) for e in second.content["errata"]] == [("Guía expedida", "Guía adoptada")]


def test_a_logro_flagged_after_the_period_comes_in_the_next_one_and_never_twice(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    logro(core, "Guía expedida", "2026-11-01")
    found = [
        [a["text"] for a in published(core, period, on).content["achievements"]]
        for period, on in (
            (Period(2026, 5), "2026-11-03"),
            (Period(2026, 6), "2027-01-04"),
            (Period(2027, 1), "2027-03-01"),
        )
    ]
    assert found == [[], ["Guía expedida"], []]


# --- exits and figures ------------------------------------------------------------------------------------------------


def test_an_action_that_exits_while_its_alert_is_elevated_closes_it(core: Core) -> None:
    action = core.action("BIO-01", due="2026-09-22")
    core.live("2026-11-23", "2026-11-25")
    assert alerts(core) == [("v1", "elevada_1", "")]
    [case], [row] = core.all(HighLevelCase), core.all(CaseAction)
    case.state, row.outcome = "surtida", "persiste"
    core.does("2026-12-15", "GG", "accion.salida", **ONE, **REASON)
    assert (action.state, alerts(core)) == ("salida", [("v1", "cerrada", "salida")])


def test_a_matrix_of_exits_only_is_not_a_hundred(core: Core) -> None:
    initiative = core.initiative()
    core.action("BIO-01", state="salida")
    core.live("2026-11-18")
    figures = standing(core.session, initiative, day("2026-11-18")).figures
    assert (figures.compliance, figures.exits, core.told("R35")) == (None, 1, [])


# --- imports ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES, tmp_path / "matrices"))


def load(core: Core, folder: Path) -> Changes:
    return import_dataset(
        core.session, read_folder(folder, day("2026-11-03")), now=at("2026-11-03"), method=core.method
    )


def edit(folder: Path, code: str, *, again: bool = False, **values: str) -> None:
    """Change the row of an action of astilleros.csv, or with `again` add it once more so."""
    file = folder / "astilleros.csv"
    with file.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    number = next(n for n, row in enumerate(rows) if row["id_accion"] == code)
    rows[number if not again else len(rows) :] = [rows[number] | values, *([] if again else rows[number + 1 :])]
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def found(core: Core, code: str) -> list[Action]:
    return [row for row in core.all(Action) if row.code == code]


def test_the_same_action_twice_in_an_import_is_one_by_its_code(core: Core, folder: Path) -> None:
    edit(folder, "AST-03", again=True, accion="Publicar la guía de control")
    load(core, folder)
    assert [row.text for row in found(core, "AST-03")] == ["Publicar la guía de control"]


def test_an_unknown_supporting_entity_is_a_warning_and_kept_as_text(core: Core, folder: Path) -> None:
    edit(folder, "AST-03", entidades_apoyo="Gremio de Constructores")
    assert any("Gremio de Constructores" in warning for warning in load(core, folder).warnings)
    assert [row.supporting for row in found(core, "AST-03")] == ["Gremio de Constructores"]


def test_an_unknown_responsible_entity_is_an_error(core: Core, folder: Path) -> None:
    edit(folder, "AST-03", entidad_responsable="Ministerio de Magia")
    with pytest.raises(BadFiles, match="Ministerio de Magia"):
        load(core, folder)
    assert found(core, "AST-03") == []


def test_an_overdue_date_is_not_moved_by_an_import_without_approval(core: Core, folder: Path) -> None:
    load(core, folder)
    late = next(row for row in core.all(Action) if row.code.startswith("AST") and row.state == "vigente" and row.due
                and row.due < day("2026-11-03"))  # fmt: skip
    edit(folder, late.code, fecha_vencimiento="2027-01-15")
    with pytest.raises(BadFiles, match=f"{late.code} está vencida"):
        load(core, folder)
    assert late.due_moves == 0


# --- go-live ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def begun(core: Core) -> Initiative:
    """In execution since January; the service goes live on 3-nov-2026 with an alert date behind it."""
    core.add(Setting(key="arranque.fecha", value="2026-11-03"))
    initiative = core.initiative(alerts_from=day("2026-11-03"))
    core.action("BIO-01", due="2026-06-10")
    return initiative


def test_an_old_backlog_is_one_digest_to_planning_and_nothing_reaches_the_vm_by_itself(
    core: Core, begun: Initiative
) -> None:
    for number in range(3, 11):
        core.live(f"2026-11-{number:02d}")
        record_backlog(core.session, day(f"2026-11-{number:02d}"))
    assert [(n.rule, n.post) for n in core.notices("arranque", "R15", "R17", "R30")] == [("arranque", "PL")]
    assert [row.code for row in held_back(core.session)] == ["BIO-01"]


def test_planning_releases_the_backlog_alert_by_alert(core: Core, begun: Initiative) -> None:
    core.action("BIO-02", due="2026-07-10")
    core.live("2026-11-04")
    release(core.session, "BIO-01", actor=core.actor("PL"), now=at("2026-11-04"))
    core.live("2026-11-04", "2026-11-06")
    assert core.told("R15") == [("BIO-01", "2026-11-04", "2026-11-04")]
    assert core.told("R17") == [("BIO-01", "2026-11-06", "2026-11-06")]
    assert [row.code for row in held_back(core.session)] == ["BIO-02"]
