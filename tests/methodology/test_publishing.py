from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from matrix_rows import LEADER, Matrix, at, ledger
from sqlalchemy.orm import Session

from methodology.drafts import record_drafts
from methodology.method import Method
from methodology.publishing import (
    Published,
    achievements_content,
    approve,
    draft,
    intact,
    matrix_content,
    published,
    site_content,
)
from methodology.refusals import NotFound, NotNow
from methodology.rules.periods import Period
from methodology.standing import standing
from storage.history import Change
from storage.ledger import Alert, Notice, Report
from storage.matrix import Action, ActionVersion

SEP_OCT = Period(2026, 5)
NOV_3 = date(2026, 11, 3)
DRAFTING = at("2026-11-03")


@pytest.fixture
def session() -> Iterator[Session]:
    with ledger() as opened:
        yield opened


@pytest.fixture
def matrix(session: Session) -> Matrix:
    return Matrix(session)


def _texts(content: dict[str, Any]) -> list[str]:
    return [a["text"] for a in content["achievements"]]


def _publish(session: Session, matrix: Matrix, period: Period, day: str) -> Report:
    return approve(session, draft(session, "logros", matrix.initiative.id, period, at(day)).id, "Planeación", at(day))


def test_logros_come_by_priority_and_then_by_date(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    for text, priority, on in [("c", "Baja", "2026-09-01"), ("b", "Alta", "2026-10-02"), ("a", "Alta", "2026-10-01")]:
        matrix.achievement(action, text, priority=priority, on=on)
    assert _texts(achievements_content(session, matrix.initiative, SEP_OCT, NOV_3)) == ["a", "b", "c"]


def test_the_period_ends_at_midnight_in_bogota_not_in_utc(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    matrix.achievement(action, "31-oct 22:00 local", on="2026-11-01", hour=3)
    matrix.achievement(action, "1-nov 0:00 local", on="2026-11-01", hour=5)
    matrix.achievement(action, "31-ago 23:00 local", on="2026-09-01", hour=4)
    assert _texts(achievements_content(session, matrix.initiative, SEP_OCT, NOV_3)) == ["31-oct 22:00 local"]


def test_a_period_without_logros_says_so(session: Session, matrix: Matrix) -> None:
    content = achievements_content(session, matrix.initiative, SEP_OCT, NOV_3)
    assert content["empty"] == "En septiembre–octubre de 2026 no se registraron logros relevantes por reportar."


def test_a_withdrawn_logro_is_not_told(session: Session, matrix: Matrix) -> None:
    matrix.achievement(matrix.action("BIO-01"), "retirado", on="2026-10-01").withdrawn_at = at("2026-10-02")
    session.flush()
    assert not _texts(achievements_content(session, matrix.initiative, SEP_OCT, NOV_3))


def test_a_logro_withdrawn_after_the_cut_off_still_counts_as_of_it(session: Session, matrix: Matrix) -> None:
    matrix.achievement(matrix.action("BIO-01"), "vigente al corte", on="2026-10-01").withdrawn_at = at("2026-11-02")
    session.flush()
    assert _texts(achievements_content(session, matrix.initiative, SEP_OCT, NOV_3)) == ["vigente al corte"]


def test_a_logro_is_never_told_twice(session: Session, matrix: Matrix) -> None:
    achievement = matrix.achievement(matrix.action("BIO-01"), "Guía expedida", on="2026-10-01")
    first = _publish(session, matrix, SEP_OCT, "2026-11-03")
    session.refresh(achievement)
    assert achievement.report_id == first.id
    assert draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-11-04")) is first
    assert not _texts(draft(session, "logros", matrix.initiative.id, Period(2026, 6), at("2027-01-04")).content)


def test_what_changes_in_a_told_logro_comes_as_an_erratum_once(session: Session, matrix: Matrix) -> None:
    achievement = matrix.achievement(matrix.action("BIO-01"), "Guía expedida", on="2026-10-01")
    first = _publish(session, matrix, SEP_OCT, "2026-11-03")
    achievement.text = "Guía adoptada"
    session.flush()
    second = _publish(session, matrix, Period(2026, 6), "2027-01-04")
    assert [(e["before"], e["now"]) for e in second.content["errata"]] == [("Guía expedida", "Guía adoptada")]
    assert _texts(first.content) == ["Guía expedida"]
    assert not _publish(session, matrix, Period(2027, 1), "2027-03-01").content["errata"]


def test_drafting_again_returns_the_same_row_until_something_changes(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    first = draft(session, "logros", matrix.initiative.id, SEP_OCT, DRAFTING)
    assert draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-11-05")) is first
    matrix.achievement(action, "registrado antes del corte", on="2026-10-30")
    second = draft(session, "logros", matrix.initiative.id, SEP_OCT, DRAFTING)
    session.refresh(first)
    assert (first.version, first.state, second.version, second.state) == (1, "reemplazado", 2, "borrador")


def test_a_stale_draft_is_not_approved(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    report = draft(session, "logros", matrix.initiative.id, SEP_OCT, DRAFTING)
    matrix.achievement(action, "registrado antes del corte", on="2026-10-30")
    with pytest.raises(NotNow, match="genere de nuevo el borrador y revíselo"):
        approve(session, report.id, "Planeación", DRAFTING)


def test_what_is_registered_after_the_cut_off_does_not_make_a_draft_stale(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    matrix.follow_up(action, "2026-10", 40, "Borrador en revisión jurídica", "2026-10-30")
    report = draft(session, "logros", matrix.initiative.id, SEP_OCT, DRAFTING)
    matrix.follow_up(action, "2026-11", 90, "Guía en firma", "2026-11-04")
    matrix.achievement(action, "del periodo siguiente", on="2026-11-04")
    assert approve(session, report.id, "Planeación", at("2026-11-05")).state == "publicado"


def test_what_is_published_is_not_approved_again(session: Session, matrix: Matrix) -> None:
    report = _publish(session, matrix, SEP_OCT, "2026-11-03")
    assert (report.state, report.approved_by, report.approved_at) == ("publicado", "Planeación", DRAFTING)
    with pytest.raises(NotNow, match="Ya se publicó el 3 de noviembre de 2026"):
        approve(session, report.id, "Planeación", at("2026-11-04"))


def test_a_replaced_draft_is_refused(session: Session, matrix: Matrix) -> None:
    first = draft(session, "logros", matrix.initiative.id, SEP_OCT, DRAFTING)
    matrix.achievement(matrix.action("BIO-01"), "otro", on="2026-10-30")
    draft(session, "logros", matrix.initiative.id, SEP_OCT, DRAFTING)
    session.refresh(first)
    with pytest.raises(NotNow, match="reemplazado"):
        approve(session, first.id, "Planeación", DRAFTING)


def test_a_running_period_may_be_previewed_and_not_published(session: Session, matrix: Matrix) -> None:
    report = draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-10-15"))
    assert report.cut_off == date(2026, 10, 15)
    with pytest.raises(NotNow, match="termina el 31 de octubre"):
        approve(session, report.id, "Planeación", at("2026-10-31"))
    with pytest.raises(NotNow, match="corte al 15 de octubre"):
        approve(session, report.id, "Planeación", DRAFTING)
    assert draft(session, "logros", matrix.initiative.id, SEP_OCT, DRAFTING).cut_off == SEP_OCT.last
    with pytest.raises(NotNow, match="comienza el 1 de noviembre"):
        draft(session, "logros", matrix.initiative.id, Period(2026, 6), at("2026-10-15"))


def test_an_unknown_report_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        draft(session, "logros", 99, SEP_OCT, DRAFTING)
    with pytest.raises(NotFound):
        approve(session, 99, "Planeación", DRAFTING)


def test_figures_are_those_of_the_cut_off_by_registration(session: Session, matrix: Matrix) -> None:
    met = matrix.action("BIO-01", state="cumplida", met_on=date(2026, 10, 30), due="2026-10-31", percent=100.0)
    matrix.follow_up(met, "2026-10", 60, "Guía en firma del director", "2026-10-28")
    session.add(
        ActionVersion(
            action_id=met.id, version=2, at=at("2026-11-02"), author=LEADER, reason="Cumplida",
            before={"state": "vigente", "met_on": None, "percent": 60.0}, after={"state": "cumplida"},
        )
    )  # fmt: skip
    then = achievements_content(session, matrix.initiative, SEP_OCT, NOV_3)["figures"]
    now = matrix_content(session, matrix.initiative, NOV_3)["figures"]
    assert (then["compliance"], then["progress"]) == (0.0, 60.0)
    assert (now["compliance"], now["progress"]) == (100.0, 100.0)


def test_oportunidad_is_measured_against_the_original_date(session: Session, matrix: Matrix) -> None:
    met = matrix.action("BIO-01", due="2026-12-15", state="cumplida", met_on=date(2026, 10, 20))
    met.original_due = date(2026, 10, 15)
    session.flush()
    assert matrix_content(session, matrix.initiative, NOV_3)["figures"]["timely"] == 0.0
    assert standing(session, matrix.initiative, NOV_3).figures.timely == 0.0


@pytest.mark.parametrize(
    ("met", "total", "said"), [(2, 3, "66,6\u00a0%"), (199, 200, "99,5\u00a0%"), (3, 3, "100\u00a0%")]
)
def test_compliance_is_never_100_before_it_is_true(
    session: Session, matrix: Matrix, met: int, total: int, said: str
) -> None:
    for n in range(total):
        state = {"state": "cumplida", "met_on": date(2026, 9, 1)} if n < met else {}
        matrix.action(f"BIO-{n:03}", **state)
    assert matrix_content(session, matrix.initiative, NOV_3)["figures"]["compliance_text"] == said


def test_nothing_to_divide_is_said_in_words(session: Session, matrix: Matrix) -> None:
    empty = matrix_content(session, matrix.initiative, NOV_3)["figures"]
    assert (empty["compliance"], empty["compliance_text"], empty["progress_text"]) == (
        None,
        "Sin acciones",
        "Sin acciones",
    )
    matrix.action("BIO-01")
    silent = matrix_content(session, matrix.initiative, NOV_3)["figures"]
    assert (silent["compliance_text"], silent["progress_text"], silent["unreported"]) == ("0\u00a0%", "Sin reporte", 1)


def test_the_matrix_stands_in_the_order_of_priority_and_date(session: Session, matrix: Matrix) -> None:
    matrix.action("B-1", priority="Media", obstacle="Segundo", due="2026-12-01")
    matrix.action("A-3", obstacle="Primero", due=None)
    matrix.action("A-2", obstacle="Primero", due="2026-11-30")
    matrix.action("A-1", obstacle="Primero", answer="Otra", due="2026-11-29")
    matrix.action("X-1", state="propuesta")
    obstacles = matrix_content(session, matrix.initiative, NOV_3)["obstacles"]
    codes = [[a["code"] for s in o["solutions"] for a in s["actions"]] for o in obstacles]
    assert codes == [["A-1", "A-2", "A-3"], ["B-1"]]


def test_the_matrix_tells_date_moves_light_and_last_follow_up(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01", due="2026-10-01", original_due=date(2026, 9, 1), due_moves=1)
    matrix.follow_up(action, "2026-10", 45.5, "Borrador en revisión", "2026-10-30")
    matrix.achievement(action, "logro", on="2026-10-30")
    row = matrix_content(session, matrix.initiative, NOV_3)["obstacles"][0]["solutions"][0]["actions"][0]
    assert (row["due"], row["original_due"], row["moves"]) == ("2026-10-01", "2026-09-01", 1)
    assert (row["light"]["word"], row["percent"], row["month"], row["achievements"]) == (
        "Vencida ≥ 1 mes",
        45.5,
        "2026-10",
        1,
    )


def test_open_alerts_are_internal(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    session.add(
        Alert(
            key="k", kind="VENCIDA_1_MES", initiative_id=matrix.initiative.id, action_id=action.id, episode="1",
            raised_on=NOV_3, state="elevada_1",
        )
    )  # fmt: skip
    session.flush()
    inside = matrix_content(session, matrix.initiative, NOV_3)["obstacles"][0]["solutions"][0]["actions"][0]
    outside = matrix_content(session, matrix.initiative, NOV_3, public=True)["obstacles"][0]["solutions"][0]["actions"][
        0
    ]
    assert (inside["alerts"], outside["alerts"]) == (1, None)


def test_a_report_says_which_thresholds_applied(session: Session, matrix: Matrix) -> None:
    matrix.initiative.overrides = {"por_vencer.dias": 20, "logros.periodicidad": "quincenal"}
    rows = {t["key"]: t for t in matrix_content(session, matrix.initiative, NOV_3)["thresholds"]}
    assert (rows["por_vencer.dias"]["value"], rows["por_vencer.dias"]["own"]) == ("20 días", True)
    assert (rows["cierre.meses"]["value"], rows["cierre.meses"]["own"]) == ("18 meses", False)
    assert rows["logros.periodicidad"]["value"] == "quincenal"


def test_no_person_is_named(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01", text=f"Mesa convocada por {LEADER}", narrative=LEADER.upper())
    matrix.achievement(action, f"Acuerdo logrado por {LEADER}", on="2026-10-01")
    matrix.follow_up(action, "2026-10", 40, f"Según {LEADER}, en revisión", "2026-10-30")
    _publish(session, matrix, SEP_OCT, "2026-11-03")
    everything = json.dumps(site_content(session, NOV_3), ensure_ascii=False)
    assert LEADER.lower() not in everything.lower()
    assert "Acuerdo logrado por [nombre reservado]" in everything


def test_a_missing_microsite_is_a_warning_and_no_link(session: Session, matrix: Matrix) -> None:
    content = achievements_content(session, matrix.initiative, SEP_OCT, NOV_3)
    assert content["publisher"]["microsite"] is None
    assert "no está configurada" in content["warnings"][0]
    configured = Published(microsite="https://micrositio.example")
    assert not achievements_content(session, matrix.initiative, SEP_OCT, NOV_3, configured)["warnings"]
    with pytest.raises(ValueError, match="https://"):
        Published(microsite="javascript:alert(1)")


def test_sample_data_says_that_it_is_illustrative(session: Session, matrix: Matrix) -> None:
    matrix.action("BIO-01", nature="ilustrativa")
    assert matrix_content(session, matrix.initiative, NOV_3)["notice"].startswith("Datos ilustrativos")


def test_an_updated_matrix_is_published_as_a_version(session: Session, matrix: Matrix) -> None:
    action = matrix.action("BIO-01")
    report = draft(session, "matriz", matrix.initiative.id, Period(2026, 6), DRAFTING)
    approve(session, report.id, "Planeación", at("2026-11-04"))
    assert draft(session, "matriz", matrix.initiative.id, Period(2026, 6), at("2026-11-05")) is report
    session.get_one(Action, action.id).text = "Expedir la guía y su formulario"
    session.flush()
    assert draft(session, "matriz", matrix.initiative.id, Period(2026, 6), at("2026-11-05")).version == 2


def test_a_tampered_snapshot_is_not_put_on_the_site(session: Session, matrix: Matrix) -> None:
    report = _publish(session, matrix, SEP_OCT, "2026-11-03")
    assert intact(report)
    assert published(session) == [report]
    report.content = {**report.content, "title": "Otro"}
    session.flush()
    with pytest.raises(NotNow, match="huella"):
        site_content(session, NOV_3)


# --- before anything was registered here ------------------------------------------------------------------------------


def _registered(session: Session, matrix: Matrix, day: str) -> None:
    row = {"table": "initiative", "row_id": matrix.initiative.id, "before": {}, "after": {"slug": matrix.slug}}
    session.add(Change(at=at(day), author="importación", reason="", **row))
    session.flush()


def test_a_period_before_the_initiative_was_registered_is_refused_with_the_first_that_can_be(
    session: Session, matrix: Matrix
) -> None:
    matrix.action("BIO-01")
    _registered(session, matrix, "2026-11-03")
    with pytest.raises(NotNow, match="se registra aquí desde el 3 de noviembre de 2026") as refused:
        draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-11-04"))
    assert str(refused.value).endswith("es el de noviembre–diciembre de 2026.")
    assert session.query(Report).count() == 0
    assert draft(session, "logros", matrix.initiative.id, Period(2026, 6), at("2027-01-04")).content["figures"][
        "counted"
    ]


def test_logros_that_an_import_brought_are_told_without_figures_of_a_day_nobody_knows(
    session: Session, matrix: Matrix
) -> None:
    matrix.achievement(matrix.action("BIO-01"), "Guía expedida", on="2026-10-01")
    _registered(session, matrix, "2026-11-03")
    content = draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-11-04")).content
    assert _texts(content) == ["Guía expedida"]
    assert content["figures"]["compliance_text"] == "Sin registro a esa fecha"
    assert any("sin cifras a su fecha de corte" in one for one in content["warnings"])
    report = _publish(session, matrix, SEP_OCT, "2026-11-04")
    assert draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-11-05")) is report


def test_planning_is_not_asked_to_approve_a_report_of_which_nothing_is_known(session: Session, matrix: Matrix) -> None:
    matrix.action("BIO-01")
    matrix.initiative.alerts_from = NOV_3
    _registered(session, matrix, "2026-11-03")
    assert record_drafts(session, Method(), Published(), at("2026-11-03")) == 0
    assert session.query(Report).count() == session.query(Notice).count() == 0
