"""Letter D of the method, R35–R40: closing and opening. A promise a rule."""

from __future__ import annotations

import pytest
from core_world import Core, day

from methodology.initiatives import candidates
from methodology.publishing import intact
from methodology.rules.figures import ActionFigures, figures_of
from methodology.standing import standing
from storage.ledger import Alert, HighLevelCase, Report
from storage.life import Validation
from storage.matrix import Action, Initiative

ON = "2026-11-18"
CAFE = {"iniciativa": "cafe"}
IDEA = {"nombre": "Hidrógeno", "motivo": "Cadena con potencial"}


@pytest.fixture
def cafe(core: Core) -> Initiative:
    """In execution since 15-ene-2026: its 18 months are over on 15-jul-2027."""
    return core.initiative("cafe", launch="2026-01-15")


def met(core: Core, code: str, on: str = ON) -> None:
    core.does(on, "LT", "accion.cumplida", accion=code, fecha=on, evidencia="Resolución 120")


def closed(core: Core, on: str) -> None:
    core.does(on, "GG", "iniciativa.confirmar_cierre", **CAFE)
    core.does(on, "PL", "cierre.informe", **CAFE)
    core.does(on, "PL", "iniciativa.cerrar", **CAFE)


def proposed(core: Core, **more: str) -> Initiative:
    core.does(ON, "GG", "iniciativa.proponer", **(IDEA | more))
    return core.all(Initiative)[-1]


# --- R35–R37: closing -------------------------------------------------------------------------------------------------


def test_r35_everything_met_proposes_to_close_and_only_people_confirm(core: Core, cafe: Initiative) -> None:
    for code in ("CAF-01", "CAF-02"):
        core.action(code, due="2027-06-30")
    met(core, "CAF-01")
    assert core.told("R35") == []
    met(core, "CAF-02")
    core.live(ON, "2026-11-20")
    assert (core.told("R35"), cafe.state) == ([("cafe", ON, ON)], "en_ejecucion")
    core.does("2026-12-10", "GG", "iniciativa.confirmar_cierre", **CAFE)
    assert cafe.state == "en_cierre"


def test_r35_exits_leave_the_denominator_and_are_stated(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-06-30")
    core.action("CAF-02", state="salida")
    met(core, "CAF-01")
    figures = standing(core.session, cafe, day(ON)).figures
    assert (figures.compliance, figures.counted, figures.exits) == (100.0, 1, 1)
    assert len(core.told("R35")) == 1


def test_r35_a_shown_figure_reaches_no_hundred_before_it_is_true() -> None:
    rows = [ActionFigures("cumplida", 100.0, None, None)] * 9_999
    assert figures_of([*rows, ActionFigures("vigente", 99.9, None, None)]).compliance == 99.9
    assert figures_of(rows).compliance == 100.0


def test_r36_eighteen_months_after_the_launch_the_same_is_proposed_with_two_notices_before(
    core: Core, cafe: Initiative
) -> None:
    for on in ("2027-05-15", "2027-05-16", "2027-06-14", "2027-06-15", "2027-07-14", "2027-07-15", "2027-07-20"):
        core.sweep(on)
    assert [(n.subject, str(n.recorded_on)) for n in core.notices("R36")] == [
        ("aviso-60", "2027-05-16"),
        ("aviso-30", "2027-06-15"),
        ("18-meses", "2027-07-15"),
    ]


def test_r36_until_people_confirm_it_stays_in_execution_and_then_no_new_cycle_opens(
    core: Core, cafe: Initiative
) -> None:
    core.action("CAF-01", due="2028-06-30")
    core.live("2027-07-27", "2027-07-28")
    assert (cafe.state, core.notices("R10")[-1].period) == ("en_ejecucion", "2027-07")
    core.does("2027-08-02", "PL", "iniciativa.confirmar_cierre", **CAFE)
    for on in ("2027-08-11", "2027-08-27", "2027-08-30", "2027-09-27"):
        core.live(on)
    assert [n.rule for n in core.notices("R10", "R11", "R14") if n.recorded_on > day("2027-08-02")] == []


def test_r37_the_closing_report_is_published_and_mailed_and_open_actions_end_unmet(
    core: Core, cafe: Initiative
) -> None:
    core.action("CAF-01", due="2028-06-30")
    closed(core, "2027-07-15")
    core.live("2027-07-15")
    [mail], [report] = core.notices("R37"), [row for row in core.all(Report) if row.state == "publicado"]
    assert (report.kind, intact(report), mail.state, mail.channel) == ("cierre", True, "sent", "mail")
    assert [row.state for row in core.all(Action)] == ["cerrada_sin_cumplir"]


def test_r37_all_prompts_alerts_and_cases_stop(core: Core, cafe: Initiative) -> None:
    core.action("CAF-01", due="2027-04-10")
    for on in ("2027-05-10", "2027-05-12", "2027-06-11", "2027-07-14"):
        core.live(on)
    closed(core, "2027-07-15")
    last = max(notice.id for notice in core.notices())
    for on in ("2027-07-16", "2027-07-27", "2027-08-11", "2027-08-27", "2027-09-30"):
        core.live(on)
    assert [n.rule for n in core.notices() if n.id > last] == []
    assert {row.state for row in core.all(Alert)} == {"cerrada"}
    assert [str(case.closed_on) for case in core.all(HighLevelCase)] == ["2027-07-15"]


# --- R38–R40: opening -------------------------------------------------------------------------------------------------


def test_r38_candidates_for_new_initiatives_are_listed_fase_ii_first(core: Core) -> None:
    for name, more in (("Uno", {}), ("Dos", {"fase_ii": "sí"}), ("Tres", {})):
        proposed(core, nombre=name, origen="Colombia Productiva", **more)
    assert [row.name for row in candidates(core.session)] == ["Dos", "Uno", "Tres"]


def test_r39_one_of_colombia_productiva_is_validated_by_mincit_before_it_is_built(core: Core) -> None:
    made = proposed(core, origen="Colombia Productiva")
    assert "requiere la validación" in core.refused(ON, "GG", "iniciativa.construir", iniciativa=made.slug)
    core.does(ON, "GG", "iniciativa.solicitar_validacion", iniciativa=made.slug)
    given = {"acepta": "sí", "quien": "VM", "fecha": ON, "evidencia": "Oficio 12"}
    core.does(ON, "GG", "iniciativa.validada", iniciativa=made.slug, **given)
    assert (made.state, [row.evidence for row in core.all(Validation)]) == ("en_construccion", ["Oficio 12"])


def test_r40_one_of_mincit_goes_straight_to_construction_with_its_communication(core: Core) -> None:
    assert "comunicación" in core.refused(ON, "GG", "iniciativa.proponer", origen="MinCIT", **IDEA)
    made = proposed(core, origen="MinCIT", comunicacion="Oficio 2026-114")
    assert "no requiere validación" in core.refused(ON, "GG", "iniciativa.solicitar_validacion", iniciativa=made.slug)
    core.does(ON, "GG", "iniciativa.construir", iniciativa=made.slug)
    assert (made.state, made.communication) == ("en_construccion", "Oficio 2026-114")
