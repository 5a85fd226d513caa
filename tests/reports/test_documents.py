from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from matrix_rows import LEADER, Matrix, at, ledger
from sqlalchemy.orm import Session

from methodology.publishing import approve, draft, matrix_content
from methodology.rules.periods import Period
from reports.documents import render
from reports.html import page

LOGRO = "Guía de priorización de trámites adoptada <b>& publicada</b>"
SEP_OCT = Period(2026, 5)


@pytest.fixture
def session() -> Iterator[Session]:
    with ledger() as opened:
        yield opened


@pytest.fixture
def matrix(session: Session) -> Matrix:
    matrix = Matrix(session)
    action = matrix.action("BIO-01", supporting="Ministerio de Salud", due="2026-10-09", original_due=date(2026, 8, 1))
    matrix.action("BIO-02", due=None, text='=HYPERLINK("https://mal.example")')
    matrix.action("BIO-03", state="salida")
    matrix.follow_up(action, "2026-10", 45.5, "Borrador en revisión jurídica", "2026-10-30")
    matrix.achievement(action, LOGRO, on="2026-10-30")
    return matrix


@pytest.fixture
def logros(session: Session, matrix: Matrix) -> dict[str, Any]:
    return draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-11-03")).content


@pytest.fixture
def current(session: Session, matrix: Matrix) -> dict[str, Any]:
    return matrix_content(session, matrix.initiative, date(2026, 11, 3))


@pytest.mark.parametrize("kind", ["logros", "current"])
def test_the_same_content_gives_the_same_bytes(kind: str, request: pytest.FixtureRequest) -> None:
    content = request.getfixturevalue(kind)
    reordered = dict(reversed(list(content.items())))
    assert render(content["kind"], content) == render(content["kind"], reordered)


def test_an_old_report_renders_the_same_after_the_matrix_changed(session: Session, matrix: Matrix) -> None:
    report = draft(session, "logros", matrix.initiative.id, SEP_OCT, at("2026-11-03"))
    approve(session, report.id, "Planeación", at("2026-11-03"))
    before = render("logros", report.content)
    matrix.action("BIO-99")
    matrix.initiative.name = "Otro nombre"
    session.flush()
    session.expire_all()
    assert render("logros", report.content) == before


def test_a_content_of_another_kind_is_refused(logros: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="matriz"):
        render("matriz", logros)


def test_text_is_never_markup(logros: dict[str, Any]) -> None:
    html = page(logros)
    assert "<b>&" not in html
    assert "adoptada &lt;b&gt;&amp; publicada" in html


def test_the_semaforo_has_its_word_and_what_is_missing_is_said(current: dict[str, Any]) -> None:
    html = page(current)
    for words in ("Sin fecha", "Sin reporte", "Salida", "Vencida", "Fecha original: 1/8/2026; reprogramada una vez"):
        assert words in html
    assert LEADER not in html


def test_alerts_appear_only_on_the_internal_page(current: dict[str, Any]) -> None:
    current["obstacles"][0]["solutions"][0]["actions"][0]["alerts"] = 2
    assert "2 alertas abiertas" in page(current)
    current["obstacles"][0]["solutions"][0]["actions"][0]["alerts"] = None
    assert "alertas abiertas" not in page(current)


def test_a_report_without_logros_says_so_in_every_format(session: Session) -> None:
    content = draft(session, "logros", Matrix(session).initiative.id, SEP_OCT, at("2026-11-03")).content
    documents = render("logros", content)
    assert "no se registraron logros relevantes" in documents.html.decode()
    assert "Sin acciones" in documents.html.decode()
    assert documents.pdf.startswith(b"%PDF-1.7")


def test_a_microsite_is_linked_only_when_there_is_one(logros: dict[str, Any]) -> None:
    assert "Por definir" in page(logros)
    logros["publisher"]["microsite"] = "https://micrositio.example"
    assert 'href="https://micrositio.example"' in page(logros)
    assert render("logros", logros).pdf.startswith(b"%PDF")


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="poppler-utils is not installed")
def test_the_pdf_opens_and_contains_the_logro(logros: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(render("logros", logros).pdf)
    said = subprocess.run(["pdftotext", "-layout", "r.pdf", "-"], cwd=tmp_path, capture_output=True, check=True)  # noqa: S607
    text = " ".join(said.stdout.decode().split())
    assert "Guía de priorización de trámites adoptada" in text
    assert "Septiembre–octubre de 2026" in text
    subprocess.run(["pdftoppm", "-r", "20", "-png", "r.pdf", "p"], cwd=tmp_path, check=True)  # noqa: S607
    assert list(tmp_path.glob("p*.png"))


@pytest.mark.skipif(not shutil.which("pdffonts"), reason="poppler-utils is not installed")
def test_the_pdf_is_tagged_and_carries_only_the_fonts_of_typst(current: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(render("matriz", current).pdf)
    fonts = subprocess.run(["pdffonts", "r.pdf"], cwd=tmp_path, capture_output=True, check=True).stdout.decode()  # noqa: S607
    assert all("Libertinus" in line or "DejaVuSansMono" in line for line in fonts.splitlines()[2:])
    info = subprocess.run(["pdfinfo", "r.pdf"], cwd=tmp_path, capture_output=True, check=True).stdout.decode()  # noqa: S607
    assert "Tagged:          yes" in info
    assert "CreationDate" not in info


def test_excel_has_numbers_as_numbers_dates_as_dates_and_no_formula(current: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(BytesIO(render("matriz", current).xlsx))
    sheet = book["Matriz"]
    header = {cell.value: cell.column - 1 for cell in sheet[1]}
    rows = {row[header["Código"]].value: row for row in sheet.iter_rows(min_row=2)}
    assert rows["BIO-01"][header["Avance"]].value == 0.455
    assert "%" in rows["BIO-01"][header["Avance"]].number_format
    assert rows["BIO-01"][header["Vencimiento"]].value == datetime(2026, 10, 9)  # noqa: DTZ001 - Excel knows no zones
    assert rows["BIO-02"][header["Vencimiento"]].value == "Sin fecha"
    assert rows["BIO-02"][header["Avance"]].value == "Sin reporte"
    assert rows["BIO-02"][header["Acción"]].data_type == "s"
    assert sheet.freeze_panes == "A2"
    assert book.sheetnames[0] == "Léame"
    assert "ilustrativos" in str(book["Léame"]["B3"].value)
    assert book["Cifras"]["B2"].value == 0


def test_excel_of_the_logros(logros: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(BytesIO(render("logros", logros).xlsx))
    assert [cell.value for cell in book["Logros"][2]][:3] == ["Alta", "BIO-01", LOGRO]
    assert book["Logros"]["G2"].value == datetime(2026, 10, 30)  # noqa: DTZ001 - Excel knows no zones
