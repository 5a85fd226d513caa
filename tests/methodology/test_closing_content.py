"""R37: what the closing report promises, and how it is published."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from matrix_rows import LEADER, Matrix, at, ledger
from sqlalchemy.orm import Session

from methodology.contents import CLOSING, Published
from methodology.drafts import approve_and_send
from methodology.people import Actor
from methodology.publishing import approve, closing_content, draft, name_of, site_content
from methodology.refusals import NotNow
from methodology.rules.periods import Period
from storage.history import Change
from storage.ledger import CaseAction, HighLevelCase, Report
from storage.life import Meeting
from storage.matrix import Action, ActionVersion, Obstacle, Solution

MARCH = date(2027, 3, 1)  # launched on 29-aug-2025: the 18 months were over on 28-feb-2027
CLOSING_DAY = at("2027-03-01")


@pytest.fixture
def session():
    with ledger() as opened:
        yield opened


@pytest.fixture
def matrix(session: Session) -> Matrix:
    found = Matrix(session)
    found.initiative.state = "en_cierre"
    return found


def closing(matrix: Matrix, today: date = MARCH, **more: Any) -> dict[str, Any]:
    return closing_content(matrix.session, matrix.initiative, today, **more)


def exit_of(matrix: Matrix, code: str, reason: str, **more: Any) -> Action:
    action = matrix.action(code, state="salida", exited_on=date(2026, 11, 5), **more)
    version = ActionVersion(
        action_id=action.id, version=2, at=at("2026-11-05"), author=LEADER, reason=reason,
        before={"state": "vigente"}, after={"state": "salida"},
    )  # fmt: skip
    matrix.session.add(version)
    matrix.session.flush()
    return action


def test_it_says_why_by_the_whole_matrix_or_by_the_term(matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    assert closing(matrix)["closing"]["why"] == (
        "Se cumplieron los 18 meses en ejecución de la matriz, el 28 de febrero de 2027."
    )
    assert "confirmaron" in closing(matrix, date(2027, 2, 27))["closing"]["why"]
    assert "18 meses" in closing(matrix, date(2027, 2, 28))["closing"]["why"]
    action.state, action.met_on = "cumplida", date(2026, 12, 1)
    assert closing(matrix)["closing"]["why"] == "Se cumplió el 100 % de las acciones de la matriz."


def test_the_day_of_the_confirmation_is_the_one_people_confirmed(matrix: Matrix) -> None:
    change = Change(
        at=at("2027-02-26"), author=LEADER, reason="", table="initiative", row_id=matrix.initiative.id,
        before={"state": "en_ejecucion"}, after={"state": "en_cierre"},
    )  # fmt: skip
    matrix.session.add(change)
    content = closing(matrix)
    assert content["closing"]["confirmed_on"] == "2027-02-26"
    assert [e["what"] for e in content["timeline"]] == ["Lanzamiento", "Confirmación del cierre"]


def test_all_logros_of_its_life_come_by_priority_and_a_withdrawn_one_does_not(matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    matrix.achievement(action, "c", on="2025-12-01", priority="Baja")
    matrix.achievement(action, "b", on="2026-10-01")
    matrix.achievement(action, "a", on="2026-01-01")
    matrix.achievement(action, "retirado", on="2026-01-01").withdrawn_at = at("2026-02-01")
    assert [a["text"] for a in closing(matrix)["achievements"]] == ["a", "b", "c"]
    assert closing(matrix)["empty"] == ""


def test_a_life_without_logros_or_desafios_says_so(matrix: Matrix) -> None:
    matrix.action("BIO-01", state="cumplida", met_on=date(2026, 9, 1))
    content = closing(matrix)
    assert "no se registraron logros" in content["empty"]
    assert "No quedan acciones sin cumplir" in content["unchallenged"]


def test_what_is_open_is_closed_unmet_and_still_counts(matrix: Matrix) -> None:
    matrix.action("BIO-01", state="cumplida", met_on=date(2026, 9, 1))
    matrix.action("BIO-02", priority="Media")
    matrix.action("BIO-03", due=None)
    matrix.action("BIO-04", state="propuesta")
    content = closing(matrix)
    assert [a["code"] for a in content["challenges"]["actions"]] == ["BIO-03", "BIO-02"]
    assert {light["word"]: light["count"] for light in content["lights"]} == {"Cumplida": 1, "Cerrada sin cumplir": 2}
    assert content["figures"]["compliance_text"] == "33,3\u00a0%"
    assert content["initiative"]["state"] == "Cerrada"


def test_it_is_the_same_before_and_after_the_actions_are_closed(matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    before = closing(matrix)
    action.state = "cerrada_sin_cumplir"
    matrix.initiative.state = "cerrada"
    matrix.session.flush()
    assert closing(matrix) == before


def test_an_exit_tells_its_reason_and_whether_a_meeting_was_told(matrix: Matrix) -> None:
    meeting = Meeting(
        kind="logros", state="realizada", initiative_id=matrix.initiative.id, held_on=date(2026, 12, 3),
        prepared_by=LEADER, prepared_at=at("2026-12-01"),
    )  # fmt: skip
    matrix.session.add(meeting)
    matrix.session.flush()
    exit_of(matrix, "BIO-01", f"Cambio de competencias, según {LEADER}", exit_told_in=meeting.id)
    exit_of(matrix, "BIO-02", "Sin presupuesto asignado")
    told, untold = closing(matrix)["challenges"]["exits"]
    assert (told["told_on"], told["reason"]) == ("2026-12-03", "Cambio de competencias, según [nombre reservado]")
    assert (untold["told_on"], untold["reason"], untold["on"]) == (None, "Sin presupuesto asignado", "2026-11-05")


def test_an_obstacle_is_unresolved_while_none_of_its_actions_is_met(matrix: Matrix) -> None:
    matrix.action("BIO-01", obstacle="Resuelto", state="cumplida", met_on=date(2026, 9, 1))
    matrix.action("BIO-02", obstacle="Resuelto")
    matrix.action("BIO-03", obstacle="Pendiente")
    session = matrix.session
    for state in ("por_validar", "propuesta", "rechazada"):
        obstacle = Obstacle(
            initiative_id=matrix.initiative.id, theme="", kind="Barrera", text=f"Idea {state}", state=state
        )
        session.add_all([obstacle, Solution(obstacle=obstacle, text="Una vía", state=state)])
    session.flush()
    found = closing(matrix)["challenges"]["obstacles"]
    assert [(o["text"], o["validated"], o["actions"]) for o in found] == [
        ("Pendiente", True, ["BIO-03"]),
        ("Idea por_validar", False, []),
    ]


def test_the_timeline_holds_meetings_cases_and_publications_and_no_internal_meeting(matrix: Matrix) -> None:
    session, number = matrix.session, matrix.initiative.id
    action = matrix.action("BIO-01", due="2026-07-01")
    prepared = {"prepared_by": LEADER, "prepared_at": at("2026-01-01"), "state": "realizada"}
    session.add_all(
        [
            Meeting(kind="logros", initiative_id=number, held_on=date(2026, 3, 4), **prepared),
            Meeting(kind="seguimiento", initiative_id=None, held_on=date(2026, 4, 4), **prepared),
            Meeting(kind="logros", initiative_id=number, held_on=date(2027, 3, 2), **prepared),
        ]
    )
    case = HighLevelCase(initiative_id=number, opened_on=date(2026, 9, 2), exhausted_on=date(2026, 11, 9))
    session.add(case)
    session.flush()
    session.add(CaseAction(case_id=case.id, action_id=action.id, due_version=1, joined_on=case.opened_on))
    report = draft(session, "logros", number, Period(2026, 5), at("2026-11-03"))
    approve(session, report.id, "Planeación", at("2026-11-04"))
    assert [(e["on"], e["what"], e["detail"]) for e in closing(matrix)["timeline"]] == [
        ("2025-08-29", "Lanzamiento", ""),
        ("2026-03-04", "Reunión de logros", ""),
        ("2026-09-02", "Solución de alto nivel", "Acciones: BIO-01"),
        ("2026-11-04", "Reporte de logros", "septiembre–octubre de 2026, versión 1"),
        ("2026-11-09", "Solución de alto nivel surtida", ""),
    ]


def test_a_report_of_another_day_says_the_same_but_for_its_dates(matrix: Matrix) -> None:
    matrix.achievement(matrix.action("BIO-01", due="2027-03-02"), "Guía", on="2026-10-01")
    shifting = ("cut_off", "version", "period")
    one, other = closing(matrix), closing(matrix, date(2027, 3, 9), version=2)
    assert {k: v for k, v in one.items() if k not in shifting} == {k: v for k, v in other.items() if k not in shifting}
    assert (one["period"]["label"], other["version"]) == ("del 29 de agosto de 2025 al 1 de marzo de 2027", 2)


def test_it_tells_its_thresholds_its_microsite_and_what_is_missing(matrix: Matrix) -> None:
    matrix.initiative.overrides = {"cierre.meses": 12}
    own = {t["key"]: (t["value"], t["own"]) for t in closing(matrix)["thresholds"]}
    assert own["cierre.meses"] == ("12 meses", True)
    assert "no está configurada" in closing(matrix)["warnings"][0]
    assert not closing(matrix, settings=Published(microsite="https://micrositio.example"))["warnings"]


def test_no_person_is_named(matrix: Matrix) -> None:
    action = matrix.action("BIO-01", text=f"Mesa con {LEADER}", obstacle=f"Falta {LEADER}", answer=f"Sumar a {LEADER}")
    matrix.achievement(action, f"Acuerdo de {LEADER}", on="2026-10-01")
    matrix.follow_up(action, "2026-10", 40, f"Según {LEADER}", "2026-10-30")
    exit_of(matrix, "BIO-02", LEADER.upper())
    assert LEADER.lower() not in json.dumps(closing(matrix), ensure_ascii=False).lower()


def published(matrix: Matrix) -> Report:
    report = draft(matrix.session, CLOSING, matrix.initiative.id, None, CLOSING_DAY)
    return approve(matrix.session, report.id, LEADER, CLOSING_DAY)


def test_it_is_published_once_and_its_logros_are_told(matrix: Matrix) -> None:
    achievement = matrix.achievement(matrix.action("BIO-01"), "Guía expedida", on="2027-01-10")
    report = published(matrix)
    matrix.session.refresh(achievement)
    assert (report.period, report.version, achievement.report_id) == ("cierre", 1, report.id)
    assert name_of(report) == (
        "informe de cierre de Biológicos, del 29 de agosto de 2025 al 1 de marzo de 2027, versión 1"
    )
    matrix.initiative.state = "cerrada"
    assert draft(matrix.session, CLOSING, matrix.initiative.id, None, at("2027-03-05")) is report
    assert [r["content"]["kind"] for r in site_content(matrix.session, MARCH)["reports"]] == ["cierre"]


def test_a_logro_told_before_names_its_report(matrix: Matrix) -> None:
    matrix.achievement(matrix.action("BIO-01"), "Guía expedida", on="2026-10-10")
    report = draft(matrix.session, "logros", matrix.initiative.id, Period(2026, 5), at("2026-11-03"))
    approve(matrix.session, report.id, "Planeación", at("2026-11-03"))
    matrix.session.expire_all()
    assert published(matrix).content["achievements"][0]["reported"] == "septiembre–octubre de 2026"


def test_it_is_approved_only_in_closing_and_only_with_the_closing(matrix: Matrix) -> None:
    report = draft(matrix.session, CLOSING, matrix.initiative.id, None, CLOSING_DAY)
    planning = Actor(1, "PL", "f", frozenset({("PL", None)}))
    with pytest.raises(NotNow, match="al cerrar la iniciativa"):
        approve_and_send(matrix.session, report.id, actor=planning, now=CLOSING_DAY, published=Published())
    matrix.initiative.state = "en_ejecucion"
    with pytest.raises(NotNow, match="no está en cierre"):
        approve(matrix.session, report.id, "PL", CLOSING_DAY)


def test_a_closing_report_has_no_period_and_every_other_has_one(matrix: Matrix) -> None:
    with pytest.raises(ValueError, match="cierre"):
        draft(matrix.session, CLOSING, matrix.initiative.id, Period(2026, 5), CLOSING_DAY)
    with pytest.raises(ValueError, match="logros"):
        draft(matrix.session, "logros", matrix.initiative.id, None, CLOSING_DAY)
