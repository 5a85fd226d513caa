"""R20–R22: a logro after it was flagged: corrected, withdrawn, told once, never lost."""

from __future__ import annotations

import pytest
from core_world import Core, at, day

from methodology.publishing import approve, draft
from methodology.rules.periods import Period
from storage.ledger import Report
from storage.matrix import Achievement

FOLLOW_UP = {"accion": "BIO-01", "avance": "40", "texto": "Se expidió la circular y se publicó"}
LOGRO = {"logro": "Circular expedida para el sector", "prioridad_logro": "Alta", "tipo_logro": "circular o guía"}
WHY = {"motivo": "El título quedó mal citado"}


@pytest.fixture
def flagged(core: Core) -> Achievement:
    core.action("BIO-01", due="2027-06-30")
    core.does("2026-10-28", "LT", "accion.seguimiento", **FOLLOW_UP, **LOGRO)
    return core.all(Achievement)[0]


def _published(core: Core, period: Period, on: str) -> Report:
    report = draft(core.session, "logros", core.first_initiative().id, period, at(on))
    return approve(core.session, report.id, "Planeación", at(on))


def _told(report: Report) -> list[str]:
    return [row["text"] for row in report.content["achievements"]]


def test_a_logro_is_corrected_before_it_is_told(core: Core, flagged: Achievement) -> None:
    core.does("2026-10-30", "LT", "logro.corregir", logro="BIO-01", texto="Circular 12 de 2026 expedida", **WHY)
    assert _told(_published(core, Period(2026, 5), "2026-11-03")) == ["Circular 12 de 2026 expedida"]
    assert flagged.report_id is not None


def test_corrected_after_it_was_told_the_report_stays_and_the_next_has_an_erratum(
    core: Core, flagged: Achievement
) -> None:
    first = _published(core, Period(2026, 5), "2026-11-03")
    said = core.does(
        "2026-11-05", "PL", "logro.corregir", logro=flagged.id, texto="Circular 12 de 2026 expedida", **WHY
    )
    assert said.endswith("el siguiente lleva la fe de erratas.")
    second = _published(core, Period(2026, 6), "2027-01-04")
    assert (_told(first), _told(second)) == (["Circular expedida para el sector"], [])
    assert [(row["before"], row["now"]) for row in second.content["errata"]] == [
        ("Circular expedida para el sector", "Circular 12 de 2026 expedida")
    ]


def test_a_corrected_follow_up_of_a_told_month_corrects_the_logro_and_tells_no_second(
    core: Core, flagged: Achievement
) -> None:
    _published(core, Period(2026, 5), "2026-11-03")
    again = FOLLOW_UP | LOGRO | {"mes": "2026-10", "logro": "Circular 12 de 2026 expedida"}
    core.does("2026-11-05", "LT", "accion.seguimiento", **again)
    second = _published(core, Period(2026, 6), "2027-01-04")
    assert (_told(second), len(second.content["errata"])) == ([], 1)
    assert flagged.text == "Circular 12 de 2026 expedida"


def test_withdrawn_it_is_in_no_report_and_once_told_in_the_errata(core: Core, flagged: Achievement) -> None:
    _published(core, Period(2026, 5), "2026-11-03")
    core.does("2026-11-05", "LT", "logro.retirar", logro=flagged.id, **WHY)
    assert [row["now"] for row in _published(core, Period(2026, 6), "2027-01-04").content["errata"]] == [None]
    assert "ya fue retirado" in core.refused("2027-01-05", "LT", "logro.retirar", logro=flagged.id, **WHY)


def test_a_logro_of_a_period_without_report_goes_into_the_next(core: Core) -> None:
    core.action("BIO-01", due="2027-06-30")
    _published(core, Period(2026, 5), "2026-11-03")
    core.does("2026-11-27", "LT", "accion.seguimiento", **FOLLOW_UP, **LOGRO)
    assert _told(_published(core, Period(2027, 1), "2027-03-01")) == ["Circular expedida para el sector"]


def test_what_was_flagged_before_the_service_began_is_not_news(core: Core) -> None:
    initiative = core.initiative(launch="2025-01-15", alerts_from=day("2026-11-03"))
    action = core.action("BIO-01", due="2027-06-30", initiative=initiative)
    core.add(
        Achievement(
            action_id=action.id, month="2026-03", text="De antes", priority="Alta", kind="otro", at=at("2026-03-30")
        )
    )
    assert _told(_published(core, Period(2026, 6), "2027-01-04")) == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Indique qué cambia"),
        ({"texto": "corto"}, "Redacte el logro en"),
        ({"prioridad": "Alta"}, "Indique qué cambia"),
    ],
)
def test_a_correction_says_something_that_can_be_published(
    core: Core, flagged: Achievement, given: dict[str, str], sentence: str
) -> None:
    assert sentence in core.refused("2026-10-30", "LT", "logro.corregir", logro=flagged.id, **WHY, **given)
