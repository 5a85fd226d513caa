"""R48: the pages as a reader meets them: axe finds nothing, and nothing has to be scrolled sideways at 390 px."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from matrix_rows import Matrix, at, ledger
from playwright.sync_api import Page

from methodology.publishing import approve, draft, matrix_content, site_content
from methodology.rules.periods import Period
from reports.html import page as matrix_page
from reports.site import build

pytestmark = pytest.mark.browser

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}}
DUE = {
    "al día": "2027-02-01",
    "por vencer": "2026-11-30",
    "vencida": "2026-11-10",
    "un mes": "2026-10-10",
    "dos": "2026-08-01",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with ledger() as session:
        matrix = Matrix(session)
        for number, due in enumerate([*DUE.values(), None]):
            action = matrix.action(
                f"BIO-0{number}", due=due, supporting="Ministerio de Salud y Protección Social", source="Ley 2069"
            )
            matrix.follow_up(action, "2026-10", 45.5, "Borrador en revisión jurídica", "2026-10-30")
            matrix.achievement(action, f"Guía {number} adoptada y publicada en el sitio de la entidad", on="2026-10-30")
        matrix.action("BIO-10", state="salida")
        matrix.action("BIO-11", state="cumplida", met_on=date(2026, 9, 1))
        report = draft(session, "logros", matrix.initiative.id, Period(2026, 5), at("2026-11-03"))
        approve(session, report.id, "Planeación", at("2026-11-03"))
        content = json.loads(json.dumps(site_content(session, date(2026, 11, 20))))
        inside = matrix_page(matrix_content(session, matrix.initiative, date(2026, 11, 20)))
    built = build(tmp_path_factory.mktemp("web") / "sitio", content)
    (built / "interna.html").write_text(inside)
    return built


PAGES = (
    "index.html",
    "iniciativas/matriz-biologicos.html",
    "reportes/logros-biologicos-2026-B5-v1.html",
    "datos/index.html",
    "interna.html",
)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_axe_violation_and_fits(site: Path, page: Page, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((site / name).as_uri())
    results = Axe().run(page, options=WCAG)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
