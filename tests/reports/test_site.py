from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from matrix_rows import LEADER, Matrix, at, ledger

from methodology.publishing import approve, draft, site_content
from methodology.rules.periods import Period
from reports.opendata import guarded
from reports.site import build, files

DATA_SETS = ("acciones", "cifras", "logros", "cierres", "desafios")


@pytest.fixture
def content() -> Iterator[dict[str, Any]]:
    with ledger() as session:
        matrix = Matrix(session)
        action = matrix.action("BIO-01", text=f"Mesa con {LEADER}")
        matrix.action("BIO-02", due=None, text="=1+1")
        matrix.follow_up(action, "2026-10", 45.5, "Borrador, en revisión", "2026-10-30")
        matrix.achievement(action, "Guía adoptada", on="2026-10-30")
        report = draft(session, "logros", matrix.initiative.id, Period(2026, 5), at("2026-11-03"))
        approve(session, report.id, LEADER, at("2026-11-03"))
        yield json.loads(json.dumps(site_content(session, date(2026, 11, 20))))


def test_the_site_has_an_index_the_matrices_the_reports_and_the_data(content: dict[str, Any], tmp_path: Path) -> None:
    build(tmp_path / "sitio", content)
    found = {str(p.relative_to(tmp_path / "sitio")) for p in (tmp_path / "sitio").rglob("*") if p.is_file()}
    stems = ("iniciativas/matriz-biologicos", "reportes/logros-biologicos-2026-B5-v1")
    documents = {f"{stem}.{extension}" for stem in stems for extension in ("html", "pdf", "xlsx")}
    tables = {f"datos/{name}.{extension}" for name in DATA_SETS for extension in ("csv", "json")}
    assert (
        found == {"index.html", "datos/index.html", "datos/diccionario.csv", "datos/licencia.txt"} | documents | tables
    )


def test_every_link_of_the_site_leads_somewhere(content: dict[str, Any], tmp_path: Path) -> None:
    site = build(tmp_path / "sitio", content)
    for file in site.rglob("*.html"):
        for href in re.findall(r'href="([^"#]+)"', file.read_text()):
            assert href.startswith("https://creativecommons.org/") or (file.parent / href).is_file(), (file, href)


def test_the_same_content_gives_the_same_site(content: dict[str, Any]) -> None:
    assert list(files(content)) == list(files(content))


def test_no_person_stands_in_any_public_file(content: dict[str, Any]) -> None:
    for name, body in files(content):
        if not name.endswith((".pdf", ".xlsx")):
            assert LEADER not in body.decode(), name
    assert LEADER not in json.dumps(content, ensure_ascii=False)


def test_the_new_site_replaces_the_old_one_whole(content: dict[str, Any], tmp_path: Path) -> None:
    site = build(tmp_path / "sitio", content)
    (site / "viejo.html").write_text("de otra publicación")
    build(tmp_path / "sitio", content)
    assert not (site / "viejo.html").exists()


def test_the_site_is_swapped_in_one_step_and_only_the_last_one_is_kept_for_its_readers(
    content: dict[str, Any], tmp_path: Path
) -> None:
    site, drawn = tmp_path / "sitio", []
    for _ in range(4):
        build(site, content)
        drawn.append(site.resolve())
    assert site.is_symlink()
    assert sorted(tmp_path.iterdir()) == sorted([site, *drawn[-2:]])
    assert (drawn[-2] / "index.html").is_file()


def test_a_site_that_was_a_plain_folder_is_replaced_too(content: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "sitio").mkdir()
    (tmp_path / "sitio" / "viejo.html").write_text("de antes")
    site = build(tmp_path / "sitio", content)
    assert (site / "index.html").is_file()
    assert not (site / "viejo.html").exists()


def test_a_site_that_cannot_be_drawn_leaves_the_old_one(content: dict[str, Any], tmp_path: Path) -> None:
    site = build(tmp_path / "sitio", content)
    content["reports"][0]["content"]["title"] = "Otro"
    with pytest.raises(ValueError, match="huella"):
        build(tmp_path / "sitio", content)
    assert (site / "index.html").exists()
    assert sorted(tmp_path.iterdir()) == sorted([site, site.resolve()])


def test_open_data_come_with_dictionary_licence_cut_off_and_version(content: dict[str, Any]) -> None:
    site = dict(files(content))
    actions = list(csv.DictReader(StringIO(site["datos/acciones.csv"].decode())))
    assert {row["codigo"]: row["avance_pct"] for row in actions} == {"BIO-01": "45.5", "BIO-02": ""}
    assert actions[1]["accion"] == "'=1+1"
    document = json.loads(site["datos/acciones.json"])
    assert document["fecha_corte"] == "2026-11-20"
    assert document["version"].startswith("1.1-2026-11-20-")
    assert "CC BY 4.0" in document["licencia"]
    assert document["aviso"].startswith("Datos ilustrativos")
    fields = {row["campo"] for row in csv.DictReader(StringIO(site["datos/diccionario.csv"].decode()))}
    assert set(actions[0]) <= fields
    assert document["registros"][1]["accion"] == "=1+1"


def test_an_empty_instrument_still_has_a_site(tmp_path: Path) -> None:
    with ledger() as session:
        site = build(tmp_path / "sitio", site_content(session, date(2026, 11, 20)))
    assert "Todavía no se ha publicado ningún reporte" in (site / "index.html").read_text()


@pytest.mark.parametrize(("cell", "safe"), [("=1+1", "'=1+1"), ("-3", "'-3"), (-3, -3), ("Guía", "Guía"), (None, None)])
def test_cells_are_guarded_against_formulas(cell: object, safe: object) -> None:
    assert guarded(cell) == safe
