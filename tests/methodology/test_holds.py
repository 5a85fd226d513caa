"""R14, R16: an absence and a promised date move the reiteration and the alert, and never end a silence."""

from __future__ import annotations

import pytest
from core_world import INVIMA, Core, at, day

from methodology import tray
from methodology.holds import AWAY, Promised, away, promised
from methodology.notices import explain
from storage.ledger import Alert, Outreach, Silence, TrayItem
from storage.matrix import Action

DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"


@pytest.fixture
def action(core: Core) -> Action:
    """Invima is asked on 11 November; its reiteration would go on the 20th, its alert on the 26th."""
    row = core.action("BIO-01", due="2027-10-31")
    core.live("2026-11-11")
    return row


def _away(core: Core, until: str, today: str = "2026-11-12") -> str:
    outreach = core.all(Outreach)[-1]
    held = away(core.session, outreach.entity, day(until), core.method, at(today, 9), day(today))
    return str(held) if held else ""


def _promised(core: Core, until: str, today: str) -> tuple[str, str]:
    found = promised(core.session, core.entity(INVIMA), day(until), core.method, day(today))
    return str(found.outcome), str(found.until or "")


def _reminded(core: Core) -> list[tuple[str, str]]:
    return [(str(row.recorded_on), str(row.due)) for row in core.notices("R14.reiteracion")]


def test_without_a_wait_nothing_moves(core: Core, action: Action) -> None:
    core.live("2026-11-12", "2026-11-27")
    assert _reminded(core) == [("2026-11-20", "2026-11-25")]
    assert [str(row.raised_on) for row in core.all(Alert)] == ["2026-11-26"]


def test_an_absence_moves_reiteration_and_alert_to_the_habil_day_after_the_return(core: Core, action: Action) -> None:
    assert _away(core, "2026-11-24") == "2026-11-24"
    core.live("2026-11-13", "2026-11-24")
    assert _reminded(core) == []
    core.live("2026-11-25")
    assert _reminded(core) == [("2026-11-25", "2026-11-30")]
    told = core.notices("R14.reiteracion")[0]
    assert told.state == "sent"
    assert "Se esperó hasta el 24 de noviembre de 2026: el contacto informó su ausencia." in explain(told)
    core.live("2026-11-26", "2026-11-30")
    assert core.all(Alert) == []  # the days that the reiteration gives
    core.live("2026-12-01")
    assert [str(row.raised_on) for row in core.all(Alert)] == ["2026-12-01"]


def test_an_absence_up_to_the_alerts_day_holds_the_alert_too_and_says_so(core: Core, action: Action) -> None:
    core.live("2026-11-12", "2026-11-20")
    _away(core, "2026-11-26", "2026-11-20")  # it answers the reiteration
    core.live("2026-11-23", "2026-11-26")
    assert core.all(Alert) == []
    core.live("2026-11-27")
    assert [str(row.raised_on) for row in core.all(Alert)] == ["2026-11-27"]
    assert "Se esperó hasta el 26 de noviembre" in explain(core.notices("R16")[0])
    assert core.all(Silence)[0].ended_on is None


def test_a_return_after_the_deadline_still_gets_its_reiteration_with_days_to_answer(core: Core, action: Action) -> None:
    assert _away(core, "2026-11-26") == "2026-11-26"
    core.live("2026-11-13", "2026-12-02")
    assert _reminded(core) == [("2026-11-27", "2026-12-02")]
    assert [row.kind for row in core.all(Outreach)] == ["solicitud", "reiteración"]


def test_it_waits_fifteen_days_from_the_request_and_a_person_is_asked_about_the_rest(
    core: Core, action: Action
) -> None:
    assert _away(core, "2027-01-12") == "2026-11-26"
    (item,) = core.all(TrayItem)
    assert (item.kind, item.title) == (
        AWAY,
        "Invima: el contacto estará ausente hasta el 12 de enero de 2027; ¿hay otro contacto?",
    )
    assert _away(core, "2027-01-12", "2026-11-20") == "2026-11-26"
    assert len(core.all(TrayItem)) == 1


def test_an_absence_that_answers_every_request_makes_no_wait_longer(core: Core, action: Action) -> None:
    held = [_away(core, "2030-01-15", on) for on in ("2026-11-11", "2026-11-26")]
    core.live("2026-11-12", "2026-11-27")  # the reiteration, which waited, goes
    held.append(_away(core, "2030-01-15", "2026-11-27"))
    core.live("2026-11-28", "2026-12-11")  # the request for December goes
    held.append(_away(core, "2030-01-15", "2026-12-11"))
    assert held == ["2026-11-26", "2026-11-26", "", ""]
    assert [str(row.raised_on) for row in core.all(Alert)] == ["2026-12-03"]


def test_an_absence_announced_when_nothing_more_waits_is_asked_of_a_person(core: Core, action: Action) -> None:
    assert _away(core, "2027-01-12", "2026-12-01") == ""
    assert [row.detail["motivo"] for row in core.all(TrayItem)] == ["Ya se esperó lo previsto: el conteo sigue"]


def test_the_longest_wait_is_configured(core: Core) -> None:
    core.initiative("biologicos", overrides={"no_respuesta.ausencia_dias": 5})
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-11-11")
    assert _away(core, "2026-11-30") == "2026-11-16"


def test_a_return_that_has_passed_moves_nothing(core: Core, action: Action) -> None:
    assert _away(core, "2026-11-11", "2026-11-13") == ""
    core.live("2026-11-13", "2026-11-20")
    assert _reminded(core) == [("2026-11-20", "2026-11-25")]


def test_what_waited_is_not_reiterated_while_the_mailbox_cannot_be_read(core: Core, action: Action) -> None:
    _away(core, "2026-11-24")
    tray.put(core.session, tray.UNREAD_MAILBOX, "buzon", "El buzón no se puede leer", {}, at("2026-11-24"))
    core.live("2026-11-13", "2026-12-03")
    assert (_reminded(core), core.all(Alert)) == ([], [])


def test_an_answer_in_the_meantime_leaves_nothing_to_reiterate(core: Core, action: Action) -> None:
    _away(core, "2026-11-24")
    core.does(
        "2026-11-18", "LT", "entidad.respondio", entidad="Invima", medio="llamada", texto="Va en consulta pública"
    )
    core.live("2026-11-18", "2026-12-09")
    assert _reminded(core) == []
    assert core.all(Alert) == []


def test_days_without_service_bring_the_moved_reiteration_late_and_once(core: Core, action: Action) -> None:
    _away(core, "2026-11-24")
    core.live("2026-12-01")
    core.live("2026-12-02")
    assert _reminded(core) == [("2026-11-25", "2026-12-04")]
    assert [row.state for row in core.notices("R14.reiteracion")] == ["sent"]


def test_the_next_request_takes_the_place_of_a_reiteration_that_was_still_owed(core: Core, action: Action) -> None:
    _away(core, "2026-11-24")
    core.live("2026-12-14")  # the request for December goes on the 11th
    assert [row.period for row in core.notices("R14.reiteracion")] == []
    assert [row.period for row in core.notices("R14")] == ["2026-11", "2026-12"]


def test_a_promise_moves_both_and_twice_at_most(core: Core, action: Action) -> None:
    assert _promised(core, "2026-11-20", "2026-11-17") == (Promised.HELD, "2026-11-20")
    core.live("2026-11-17", "2026-11-20")
    assert _reminded(core) == []
    core.live("2026-11-23")
    assert _reminded(core) == [("2026-11-23", "2026-11-26")]
    assert "la entidad prometió responder" in explain(core.notices("R14.reiteracion")[0])
    assert _promised(core, "2026-11-27", "2026-11-24") == (Promised.HELD, "2026-11-27")
    assert _promised(core, "2026-12-15", "2026-11-25") == (Promised.TOO_OFTEN, "")
    core.live("2026-11-24", "2026-11-29")
    assert core.all(Alert) == []
    core.live("2026-11-30")
    assert [str(row.raised_on) for row in core.all(Alert)] == ["2026-11-30"]
    assert _promised(core, "2026-12-15", "2026-11-30") == (Promised.ALERTED, "")


def test_the_same_promise_again_is_no_second_delay(core: Core, action: Action) -> None:
    for _ in range(3):
        assert _promised(core, "2026-12-20", "2026-11-17") == (Promised.HELD, "2026-11-24")
    assert core.all(Silence)[0].delays == 1


def test_a_far_promise_repeated_on_another_day_is_no_second_delay(core: Core, action: Action) -> None:
    for on in ("2026-11-18", "2026-11-19", "2026-11-25"):
        assert _promised(core, "2026-12-15", on) == (Promised.HELD, "2026-11-25")
    assert _promised(core, "2026-12-10", "2026-11-20") == (Promised.HELD, "2026-11-25")
    assert (core.all(Silence)[0].delays, core.all(Silence)[0].promised_for) == (1, day("2026-12-15"))
    assert _promised(core, "2026-12-16", "2026-11-25") == (Promised.HELD, "2026-12-02")
    assert core.all(Silence)[0].delays == 2


def test_where_nobody_is_silent_a_promise_changes_nothing(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    assert _promised(core, "2026-11-20", "2026-11-17") == (Promised.NOT_SILENT, "")
    assert _promised(core, "2026-11-16", "2026-11-17") == (Promised.PAST, "")


def test_what_waits_in_one_initiative_alone_leaves_the_reiteration_of_all(core: Core, action: Action) -> None:
    core.action("AST-01", due="2027-10-31", initiative=core.initiative("astilleros"))
    core.live("2026-11-12")
    core.all(Silence)[0].away_until = day("2026-11-24")
    silences = core.all(Silence)
    if len(silences) == 1:  # the request named what was open on its day
        core.does(
            "2026-11-12", "LT", "entidad.acercamiento", entidad="Invima", medio="llamada", iniciativa="astilleros"
        )
    core.live("2026-11-13", "2026-11-20")
    assert _reminded(core) == [("2026-11-20", "2026-11-25")]


def test_another_entitys_absence_is_its_own(core: Core, action: Action) -> None:
    core.action("BIO-02", due="2027-10-31", entity=DIAN)
    core.live("2026-11-12")
    _away(core, "2026-11-24")  # the last request is DIAN's
    core.live("2026-11-13", "2026-11-20")
    assert [row.subject for row in core.notices("R14.reiteracion")] == [INVIMA]


def test_it_is_the_same_on_each_database(both: Core) -> None:
    both.action("BIO-01", due="2027-10-31")
    both.live("2026-11-11")
    assert _away(both, "2026-11-24") == "2026-11-24"
    both.live("2026-11-20")
    assert _reminded(both) == []
    both.live("2026-11-25")
    assert _reminded(both) == [("2026-11-25", "2026-11-30")]
    both.live("2026-12-30")
    both.live("2027-01-04")
    assert [row.state for row in both.notices("R14.contacto")] == ["sent"]
