"""R3, R24, R28, R37, R48: the closing report, the meetings and the matrix of a past day, as readers get them."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO, StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from matrix_rows import LEADER, Matrix, at, ledger
from sqlalchemy.orm import Session

from methodology import agendas
from methodology.contents import CLOSING
from methodology.meeting_content import meeting_content
from methodology.method import Method
from methodology.operation import Doing
from methodology.people import Actor
from methodology.publishing import approve, draft, matrix_content, site_content
from methodology.rules.periods import Period
from reports.documents import render
from reports.formats import file_stem
from reports.html import page
from reports.pdf import pdf
from reports.site import files
from storage.life import Agreement, Meeting
from storage.matrix import ActionVersion

MARCH_1 = at("2027-03-01")


@pytest.fixture
def session() -> Iterator[Session]:
    with ledger() as opened:
        yield opened


@pytest.fixture
def matrix(session: Session) -> Matrix:
    found = Matrix(session)
    found.initiative.state = "en_cierre"
    met = found.action("BIO-01", state="cumplida", met_on=date(2026, 9, 1), obstacle="Otro obstáculo", answer="Otra")
    found.action("BIO-02", due="2026-12-07", text='=HYPERLINK("https://mal.example")')
    gone = found.action("BIO-03", state="salida", exited_on=date(2026, 11, 5))
    reason = ActionVersion(
        action_id=gone.id, version=2, at=at("2026-11-05"), author=LEADER, reason=f"Cambio normativo, según {LEADER}",
        before={"state": "vigente"}, after={"state": "salida"},
    )  # fmt: skip
    session.add(reason)
    found.achievement(met, "Guía adoptada <b>& publicada</b>", on="2026-10-30")
    found.achievement(met, f"Mesa técnica con {LEADER}", on="2027-01-30", priority="Media")
    report = draft(session, "logros", found.initiative.id, Period(2026, 5), at("2026-11-03"))
    approve(session, report.id, LEADER, at("2026-11-03"))
    session.expire_all()
    return found


@pytest.fixture
def closing(session: Session, matrix: Matrix) -> dict[str, Any]:
    report = draft(session, CLOSING, matrix.initiative.id, None, MARCH_1)
    approve(session, report.id, LEADER, MARCH_1)
    return report.content


def meeting(matrix: Matrix, kind: str) -> dict[str, Any]:
    session = matrix.session
    matrix.initiative.state = "en_ejecucion"
    row = Meeting(
        kind=kind, initiative_id=None if kind == "seguimiento" else matrix.initiative.id, state="preparada",
        on=date(2026, 11, 12), begins="09:00", prepared_by="GG", prepared_at=at("2026-11-10"), next_undefined=True,
    )  # fmt: skip
    session.add(row)
    session.flush()
    agendas.refresh(Doing(session, Actor(0, "", "f", frozenset()), at("2026-11-10"), Method()), row)
    session.add(
        Agreement(
            meeting_id=row.id, kind="compromiso", text="Remitir <el> concepto", owner="Planeación", state="pendiente"
        )
    )
    session.flush()
    return json.loads(json.dumps(meeting_content(session, row, date(2026, 11, 10))))


def accessible(html: str) -> None:
    """One h1, headings without gaps, a caption and scoped headers in every table, the language said."""
    assert '<html lang="es-CO">' in html
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following - level <= 1 for level, following in pairwise(levels))
    assert html.count("<table") == html.count("<caption>")
    assert "<th>" not in html
    labels = re.findall(r'aria-labelledby="([^"]+)"', html)
    assert len(set(labels)) == len(labels)
    assert all(f'id="{label}"' in html for label in labels)


def test_the_closing_report_is_an_accessible_page_with_logros_and_desafios(closing: dict[str, Any]) -> None:
    html = page(closing)
    accessible(html)
    for words in (
        "Se cumplieron los 18 meses",
        "Guía adoptada &lt;b&gt;&amp; publicada",
        "Reporte de septiembre–octubre de 2026",
        "Acciones cerradas sin cumplir",
        "Cambio normativo",
        "Se informa en este documento",
        "Obstáculos sin resolver",
        "Línea de tiempo",
        "Criterios que se aplicaron",
    ):
        assert words in html
    assert LEADER not in html


def test_a_closed_report_renders_the_same_after_the_data_changed(
    session: Session, matrix: Matrix, closing: dict[str, Any]
) -> None:
    before = render(CLOSING, closing)
    matrix.initiative.name, matrix.initiative.state = "Otro nombre", "cerrada"
    matrix.action("BIO-99")
    session.flush()
    again = draft(session, CLOSING, matrix.initiative.id, None, at("2027-04-01"))
    assert again.content == closing
    assert render(CLOSING, again.content) == before
    assert file_stem(closing) == "cierre-biologicos-v1"


def test_the_closing_workbook_opens_with_a_sheet_for_each_part(closing: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(BytesIO(render(CLOSING, closing).xlsx))
    parts = ["Logros", "Sin cumplir", "Salidas", "Obstáculos sin resolver", "Línea de tiempo"]
    assert book.sheetnames[:6] == ["Léame", *parts]
    assert (book["Sin cumplir"]["C2"].data_type, book["Sin cumplir"]["F2"].value) == ("s", "Sin reporte")
    assert book["Salidas"]["D2"].value == datetime(2026, 11, 5)  # noqa: DTZ001 - Excel knows no zones
    assert book["Salidas"]["F2"].value == "Se informa en este documento"
    said = [cell.value for row in book["Léame"].iter_rows() for cell in row]
    assert any("18 meses" in str(value) for value in said)


def test_a_life_without_logros_or_desafios_renders_in_every_format(session: Session) -> None:
    empty = Matrix(session)
    empty.initiative.state = "en_cierre"
    content = draft(session, CLOSING, empty.initiative.id, None, MARCH_1).content
    documents = render(CLOSING, content)
    assert "no se registraron logros" in documents.html.decode()
    assert documents.pdf.startswith(b"%PDF")


@pytest.mark.skipif(not shutil.which("pdfinfo"), reason="poppler-utils is not installed")
@pytest.mark.parametrize("kind", ["cierre", "lanzamiento", "seguimiento", "logros"])
def test_the_pdf_is_tagged_and_holds_the_text(
    kind: str, matrix: Matrix, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    content = request.getfixturevalue("closing") if kind == "cierre" else meeting(matrix, kind)
    (tmp_path / "r.pdf").write_bytes(pdf(content))
    info = subprocess.run(["pdfinfo", "r.pdf"], cwd=tmp_path, capture_output=True, check=True).stdout.decode()  # noqa: S607
    assert "Tagged:          yes" in info
    said = subprocess.run(["pdftotext", "-layout", "r.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)  # noqa: S607
    text = " ".join(said.stdout.decode().split())
    assert content["title"] in text
    assert LEADER not in text


def test_the_site_lists_the_closed_initiative_and_publishes_its_data(
    session: Session, matrix: Matrix, closing: dict[str, Any]
) -> None:
    matrix.initiative.state = "cerrada"
    site = dict(files(json.loads(json.dumps(site_content(session, date(2027, 3, 2))))))
    index = site["index.html"].decode()
    accessible(index)
    assert "Iniciativas cerradas" in index
    assert "reportes/cierre-biologicos-v1.html" in site
    assert site["reportes/cierre-biologicos-v1.pdf"].startswith(b"%PDF")
    (row,) = csv.DictReader(StringIO(site["datos/cierres.csv"].decode()))
    assert (row["cumplidas"], row["sin_cumplir"], row["salidas"], row["logros"]) == ("1", "1", "1", "2")
    challenges = list(csv.DictReader(StringIO(site["datos/desafios.csv"].decode())))
    assert [c["clase"] for c in challenges] == ["Acción cerrada sin cumplir", "Salida", "Obstáculo sin resolver"]
    assert challenges[0]["desafio"].startswith("'=")
    told = list(csv.DictReader(StringIO(site["datos/logros.csv"].decode())))
    assert sorted((t["periodo"], t["prioridad"]) for t in told) == [("2026-B5", "Alta"), ("cierre", "Media")]
    assert all(LEADER not in body.decode() for name, body in site.items() if not name.endswith((".pdf", ".xlsx")))


@pytest.mark.parametrize("kind", ["lanzamiento", "seguimiento", "logros"])
def test_a_meetings_page_is_accessible_and_says_that_it_is_not_published(kind: str, matrix: Matrix) -> None:
    html = page(meeting(matrix, kind))
    accessible(html)
    assert "Minuto a minuto" in html
    assert "Documento de trabajo: no se publica" in html
    assert "Remitir &lt;el&gt; concepto" in html
    assert "no está configurada" in html
    assert 'rel="license"' not in html


def test_the_launchs_page_has_the_schedule_and_no_date_of_an_action(matrix: Matrix) -> None:
    html = page(meeting(matrix, "lanzamiento"))
    assert "Definición conjunta de fechas" in html
    assert "7/12/2026" not in html
    assert "Sector privado" in html


def test_an_updated_matrix_shows_what_changed_in_every_format(session: Session, matrix: Matrix) -> None:
    matrix.action("BIO-09", incorporated_on=date(2026, 11, 9))
    content = matrix_content(session, matrix.initiative, date(2026, 11, 10), public=True, period=Period(2026, 6))
    html = page(content)
    accessible(html)
    assert "Cambios desde el lanzamiento, el 29 de agosto de 2025" in html
    assert "Acción nueva" in html
    documents = render("matriz", content)
    assert openpyxl.load_workbook(BytesIO(documents.xlsx))["Cambios"]["B2"].value == "Salida de la matriz"


def test_a_past_matrix_says_so_in_every_format(session: Session, matrix: Matrix) -> None:
    content = matrix_content(session, matrix.initiative, date(2026, 10, 3), as_of=True)
    assert "tal como estaba el 3 de octubre de 2026" in page(content)
    assert file_stem(content) == "matriz-biologicos-2026-10-03"
    book = openpyxl.load_workbook(BytesIO(render("matriz", content).xlsx))
    assert "Tal como estaba el" in [row[0].value for row in book["Léame"].iter_rows()]


def test_a_matrix_frozen_before_changes_were_told_still_renders(session: Session, matrix: Matrix) -> None:
    content = matrix_content(session, matrix.initiative, date(2026, 11, 10), public=True, period=Period(2026, 6))
    old = {key: value for key, value in content.items() if key not in ("changes", "as_of")}
    assert render("matriz", old).pdf.startswith(b"%PDF")
