from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from core_world import Core, at, day
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from methodology.alerts import SWEPT
from methodology.history import recording
from methodology.importing import Changes, import_dataset
from methodology.matrix_files import BadFiles, Dataset, read_folder
from methodology.sheets import rows_of
from storage.history import ImportRun
from storage.ledger import Alert, Silence
from storage.life import Meeting
from storage.matrix import (
    Achievement,
    Action,
    ActionVersion,
    Entity,
    FollowUp,
    Holding,
    Initiative,
    Person,
    Setting,
)
from storage.types import Base

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = "2026-11-03"
Edit = Callable[[list[dict[str, str]]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES, tmp_path / "matrices"))


def _read(folder: Path) -> Dataset:
    return read_folder(folder, day(NOW))


def _load(core: Core, folder: Path, now: str = NOW) -> Changes:
    return import_dataset(core.session, _read(folder), now=at(now), method=core.method, start=date(2025, 1, 1))


def _edit(path: Path, edit: Edit) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    edit(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _set(folder: Path, code: str, **values: str) -> None:
    def edit(rows: list[dict[str, str]]) -> None:
        next(row for row in rows if row["id_accion"] == code).update(values)

    file = {"AST": "astilleros", "BIO": "biologicos", "CYC": "cannabis_canamo"}[code[:3]]
    _edit(folder / f"{file}.csv", edit)


def _problems(folder: Path) -> list[str]:
    with pytest.raises(BadFiles) as refused:
        _read(folder)
    return [str(problem) for problem in refused.value.problems]


def _everything(core: Core) -> dict[str, list[tuple[object, ...]]]:
    tables = [table for table in Base.metadata.sorted_tables if table.name not in ("setting", "delivery_day")]
    core.session.flush()
    return {table.name: [tuple(row) for row in core.session.execute(table.select())] for table in tables}


def test_the_sample_matrices_load(core: Core) -> None:
    _load(core, EXAMPLES)
    assert len(core.all(Initiative)) == 5
    assert len(core.all(Action)) == 52
    assert len(core.all(Holding)) == sum(1 for _ in rows_of(EXAMPLES / "personas.csv"))
    assert core.all(FollowUp)
    assert core.all(Achievement)


def test_the_same_files_twice_change_nothing(core: Core) -> None:
    _load(core, EXAMPLES)
    before = _everything(core)
    assert _load(core, EXAMPLES).lines == []
    assert _everything(core) == before


def test_a_changed_text_is_a_new_version_with_before_and_after(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", accion="Publicar la guía de control")
    assert _load(core, folder).lines == ["Acción AST-03: cambia el texto de la acción"]
    version = core.all(ActionVersion)[0]
    assert (version.version, version.author) == (2, "importación")
    assert version.after == {"text": "Publicar la guía de control"}
    assert version.before["text"].startswith("Publicar guía")


def test_what_people_registered_since_stays_theirs(core: Core, folder: Path) -> None:
    _load(core, folder)
    action = core.session.scalars(select(Action).where(Action.code == "AST-03")).one()
    action.percent, action.state = 100.0, "cumplida"
    _load(core, folder)
    assert (action.percent, action.state) == (100.0, "cumplida")


def test_every_error_is_told_at_once_by_file_row_and_column(folder: Path) -> None:
    _set(folder, "AST-03", prioridad="Urgente", fecha_vencimiento="31/02/2026")
    _set(folder, "AST-04", entidad_responsable="Ministerio de Magia", avance_cuantitativo_pct="120")
    _set(folder, "BIO-02", accion="", estado="Pendiente")
    told = _problems(folder)
    assert any(t.startswith("astilleros.csv, fila 4, columna «prioridad»: «Urgente» no es una prioridad") for t in told)
    assert any(t.startswith("astilleros.csv, fila 4, columna «fecha_vencimiento»: «31/02/2026»") for t in told)
    assert any("fila 5, columna «entidad_responsable»: «Ministerio de Magia» no está" in t for t in told)
    assert any("fila 5, columna «avance_cuantitativo_pct»: «120» no es un porcentaje" in t for t in told)
    assert any(t.startswith("biologicos.csv, fila 3, columna «accion»: está vacía") for t in told)
    assert len(told) == 5


def test_a_missing_file_and_a_missing_column_are_named(folder: Path) -> None:
    (folder / "biologicos.csv").unlink()
    text = (folder / "entidades.csv").read_text(encoding="utf-8").replace("interna", "propia", 1)
    (folder / "entidades.csv").write_text(text, encoding="utf-8")
    told = _problems(folder)
    assert any(t.startswith("biologicos.csv: falta el archivo en la carpeta: agréguelo, en CSV") for t in told)
    assert "entidades.csv, fila 1, columna «interna»: falta la columna" in told


def test_without_the_directory_of_entities_only_that_is_said_and_what_to_do(folder: Path) -> None:
    (folder / "entidades.csv").unlink()
    columns = "entidad, correo_enlace_ficticio, interna"
    sentence = f"falta el archivo en la carpeta: agréguelo, en CSV o Excel, con las columnas {columns}"
    assert _problems(folder) == [f"entidades.csv: {sentence}"]


def test_without_the_list_of_initiatives_only_that_is_said(folder: Path) -> None:
    (folder / "iniciativas.csv").unlink()
    told = _problems(folder)
    assert [t.partition(":")[0] for t in told] == ["iniciativas.csv"]


def test_a_code_of_another_initiative_is_refused_where_it_stands(folder: Path) -> None:
    _set(folder, "BIO-02", id_accion="AST-01")
    assert _problems(folder) in (
        ["biologicos.csv, fila 3, columna «id_accion»: «AST-01» ya está en astilleros"],
        ["astilleros.csv, fila 2, columna «id_accion»: «AST-01» ya está en biologicos"],
    )


def test_the_same_action_twice_is_one_and_the_last_row_counts(core: Core, folder: Path) -> None:
    _edit(folder / "astilleros.csv", lambda rows: rows.append(rows[2] | {"accion": "La última versión vale"}))
    _load(core, folder)
    action = core.session.scalars(select(Action).where(Action.code == "AST-03")).one()
    assert (action.text, action.version) == ("La última versión vale", 1)
    assert _load(core, folder).lines == []


def test_an_error_leaves_nothing_behind(core: Core, folder: Path) -> None:
    _load(core, folder)
    before = _everything(core)
    _set(folder, "AST-03", accion="Otro texto de la acción")
    _set(folder, "CYC-02", fecha_vencimiento="2027-01-15")  # overdue: 18-sep-2026
    with pytest.raises(BadFiles), core.session.begin_nested():
        _load(core, folder)
    core.session.expire_all()
    assert _everything(core) == before


def test_an_overdue_date_is_not_moved_by_an_import(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "CYC-02", fecha_vencimiento="2027-01-15")
    with pytest.raises(
        BadFiles, match=r"cannabis_canamo.csv, fila 3, columna «fecha_vencimiento»: CYC-02 está vencida"
    ):
        _load(core, folder)


def test_a_date_still_ahead_is_moved_and_gets_a_new_version(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", fecha_vencimiento="18/12/2026")
    _load(core, folder)
    action = core.session.scalars(select(Action).where(Action.code == "AST-03")).one()
    assert (action.due, action.due_version, action.due_moves) == (date(2026, 12, 18), 2, 1)
    assert action.original_due == date(2026, 12, 11)
    assert action.due_soon_on == date(2026, 12, 3)


def test_an_unknown_supporting_entity_is_a_warning_and_stays_as_text(core: Core, folder: Path) -> None:
    _set(folder, "AST-03", entidades_apoyo="Gremio de Constructores")
    changes = _load(core, folder)
    assert any("fila 4: la entidad de apoyo «Gremio de Constructores» no está" in w for w in changes.warnings)
    action = core.session.scalars(select(Action).where(Action.code == "AST-03")).one()
    assert action.supporting == "Gremio de Constructores"


def test_the_folder_loads_without_people_and_says_so(core: Core, folder: Path) -> None:
    (folder / "personas.csv").unlink()
    assert any("No hay personas.csv" in warning for warning in _load(core, folder).warnings)


def _excel_csv(path: Path) -> None:
    """As Excel in es-CO saves it: `;`, Windows-1252, decimal comma, dd/mm/aaaa."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    dates = [n for n, name in enumerate(rows[0]) if name.startswith("fecha")]
    for row in rows:
        for n in dates:
            if row[n][:2] == "20":
                row[n] = "/".join(reversed(row[n].split("-")))
        writer.writerow([cell + ",5" if cell == "50" else cell for cell in row])
    path.write_bytes(text.getvalue().encode("cp1252", errors="replace"))


def test_a_csv_as_excel_saves_it_in_colombia_is_accepted(core: Core, folder: Path) -> None:
    _excel_csv(folder / "biologicos.csv")
    _load(core, folder)
    action = core.session.scalars(select(Action).where(Action.code == "BIO-03")).one()
    assert (action.percent, action.due) == (50.5, date(2026, 9, 22))
    assert action.text.startswith("Suscribir memorando")
    assert action.narrative == "Texto en revisión de las partes"


def test_a_workbook_is_accepted(core: Core, folder: Path) -> None:
    with (folder / "biologicos.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    book = Workbook()
    for row in rows:
        book.active.append([date.fromisoformat(c) if c[:3] == "202" and len(c) == 10 else c or None for c in row])
    book.save(folder / "biologicos.xlsx")
    (folder / "biologicos.csv").unlink()
    _load(core, folder)
    action = core.session.scalars(select(Action).where(Action.code == "BIO-03")).one()
    assert action.due == date(2026, 9, 22)


def test_a_dry_run_says_what_would_change_and_changes_nothing(core: Core) -> None:
    before = _everything(core)
    nested = core.session.begin_nested()
    changes = _load(core, EXAMPLES)
    nested.rollback()
    assert "Acción nueva: AST-01" in changes.lines
    assert _everything(core) == before


def test_the_first_import_sets_the_start_and_later_ones_keep_it(core: Core) -> None:
    import_dataset(core.session, _read(EXAMPLES), now=at("2026-11-03"), method=core.method)
    import_dataset(core.session, _read(EXAMPLES), now=at("2026-12-03"), method=core.method)
    assert {row.alerts_from for row in core.all(Initiative)} == {date(2026, 11, 3)}


def test_the_operator_itself_is_marked_internal(core: Core) -> None:
    _load(core, EXAMPLES)
    internal = [row.name for row in core.all(Entity) if row.internal]
    assert internal == ["Colombia Productiva"]


def _action(core: Core, code: str) -> Action:
    return core.session.scalars(select(Action).where(Action.code == code)).one()


def _put(folder: Path, file: str, row: int, **values: str) -> None:
    _edit(folder / f"{file}.csv", lambda rows: [one.setdefault(key, "") for one in rows for key in values] and None)
    _edit(folder / f"{file}.csv", lambda rows: rows[row].update(values))


def test_a_launch_date_added_later_starts_the_initiative_is_listed_and_swept(core: Core, folder: Path) -> None:
    _put(folder, "iniciativas", 1, fecha_lanzamiento="")
    _load(core, folder)
    initiative = next(row for row in core.all(Initiative) if row.slug == "biologicos")
    assert (initiative.state, initiative.alerts_from) == ("en_construccion", None)
    core.add(Setting(key=SWEPT, value=NOW))
    _put(folder, "iniciativas", 1, fecha_lanzamiento="2026-10-15")
    assert _load(core, folder).lines == [
        "Iniciativa Biológicos: cambia la fecha de lanzamiento",
        "Iniciativa Biológicos: pasa a en ejecución",
    ]
    assert (initiative.state, initiative.alerts_from) == ("en_ejecucion", date(2026, 10, 15))
    assert core.session.get(Setting, SWEPT) is None
    assert _load(core, folder).lines == []


def test_an_initiative_that_people_paused_is_not_started_by_an_import(core: Core, folder: Path) -> None:
    _load(core, folder)
    initiative = next(row for row in core.all(Initiative) if row.slug == "biologicos")
    initiative.state = "pausada"
    assert _load(core, folder).lines == []
    assert initiative.state == "pausada"


def test_a_value_where_there_was_none_is_listed_too(core: Core, folder: Path) -> None:
    _put(folder, "personas", 0, suplente="", hasta="")
    _load(core, folder)
    _put(folder, "personas", 0, hasta="2027-06-30")
    _put(folder, "iniciativas", 1, canal_escalamiento="19:bio@thread.tacv2")
    lines = _load(core, folder).lines
    assert "Iniciativa Biológicos: cambia el canal de escalamiento" in lines
    assert [line for line in lines if line.endswith("cambia la fecha final")]
    assert _load(core, folder).lines == []


def test_what_is_new_is_listed_once(core: Core) -> None:
    lines = _load(core, EXAMPLES).lines
    assert len(lines) == len(set(lines))
    assert not any("cambia" in line or "pasa a" in line for line in lines)


def test_an_entity_changed_by_the_file_has_the_consequences_of_a_reassignment(core: Core, folder: Path) -> None:
    _load(core, folder)
    action = _action(core, "BIO-02")
    former, initiative_id = action.entity_id, action.initiative_id
    other = next(row for row in core.all(Entity) if row.id != former)
    mine = [row.code for row in core.all(Action) if (row.entity_id, row.initiative_id) == (former, initiative_id)]
    about = {"initiative_id": initiative_id, "first_on": day("2026-10-01"), "last_on": day("2026-10-20")}
    silences = [core.add(Silence(entity_id=one, outreaches=2, **about)) for one in (former, other.id)]
    alert = core.add(
        Alert(
            key="n", kind="NO_RESPUESTA", initiative_id=initiative_id, entity_id=former, episode="e",
            raised_on=day("2026-10-20"),
        )
    )  # fmt: skip
    for code in mine:
        _set(folder, code, entidad_responsable=other.name)
    assert f"Acción {action.code}: cambia la entidad responsable" in _load(core, folder).lines
    assert [row.ended_because for row in silences] == ["cambio de responsable", ""], "the other's own silence goes on"
    assert (alert.state, alert.closed_because) == ("cerrada", "sin_efecto")
    assert _load(core, folder).lines == []


def test_the_former_entity_stays_silent_while_something_open_is_left_to_it(core: Core, folder: Path) -> None:
    _load(core, folder)
    open_ones = [row for row in core.all(Action) if row.state == "vigente" and row.code[:3] in ("AST", "BIO", "CYC")]
    action = next(
        row for row in open_ones
        if sum((o.entity_id, o.initiative_id) == (row.entity_id, row.initiative_id) for o in open_ones) > 1
    )  # fmt: skip
    about = {"initiative_id": action.initiative_id, "first_on": day("2026-10-01"), "last_on": day("2026-10-20")}
    silence = core.add(Silence(entity_id=action.entity_id, outreaches=2, **about))
    other = next(row for row in core.all(Entity) if row.id != action.entity_id)
    _set(folder, action.code, entidad_responsable=other.name)
    _load(core, folder)
    assert silence.ended_on is None


def test_a_new_date_in_the_past_is_refused_for_an_action_that_exists(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", fecha_vencimiento="02/11/2026")
    with pytest.raises(BadFiles, match=r"astilleros.csv, fila 4, columna «fecha_vencimiento»: .* anterior a hoy"):
        _load(core, folder)


def test_a_date_for_an_undated_action_is_its_original_one(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "BIO-05", fecha_vencimiento="18/12/2026")
    _load(core, folder)
    action = _action(core, "BIO-05")
    assert (action.original_due, action.due_version, action.due_moves) == (date(2026, 12, 18), 2, 0)


def test_a_date_moved_by_the_file_closes_the_alert_of_the_former_one(core: Core, folder: Path) -> None:
    _load(core, folder)
    action = _action(core, "AST-03")
    alert = core.add(
        Alert(
            key="v", kind="VENCIDA_1_MES", initiative_id=action.initiative_id, action_id=action.id, episode="v1",
            raised_on=day(NOW),
        )
    )  # fmt: skip
    _set(folder, "AST-03", fecha_vencimiento="18/12/2026")
    _load(core, folder)
    assert (alert.state, alert.closed_because) == ("cerrada", "reprogramación")


def test_a_logro_below_one_hundred_is_kept(core: Core, folder: Path) -> None:
    values = {"estado": "En ejecución", "fecha_cumplimiento": "", "avance_cuantitativo_pct": "60"}
    more = {"avance_cualitativo": "Resolución expedida", "fecha_seguimiento": "2026-10-29", "logro_relevante": "Sí"}
    _set(folder, "AST-03", **values, **more)
    _load(core, folder)
    action = _action(core, "AST-03")
    assert [row.month for row in core.all(Achievement) if row.action_id == action.id] == ["2026-10"]


def test_a_year_out_of_reach_is_told_by_file_row_and_column(folder: Path) -> None:
    _set(folder, "AST-03", fecha_vencimiento="31/12/9999")
    (told,) = _problems(folder)
    assert told.startswith("astilleros.csv, fila 4, columna «fecha_vencimiento»: «31/12/9999» está fuera")


# --- several responsible entities, other spreadsheets, people ---------------------------------------------------------


def _names(folder: Path) -> list[str]:
    return [row["entidad"] for _, row in rows_of(folder / "entidades.csv")]


def test_the_first_entity_of_a_cell_is_responsible_and_the_others_are_joint(core: Core, folder: Path) -> None:
    first, second, third = _names(folder)[:3]
    _set(folder, "AST-03", entidad_responsable=f"{first}; {second};{third}; {first}")
    _load(core, folder)
    action = _action(core, "AST-03")
    assert (action.entity.name, action.joint) == (first, f"{second}; {third}")
    _set(folder, "AST-03", entidad_responsable=f"{first}; {third}")
    assert _load(core, folder).lines == ["Acción AST-03: cambia las entidades responsables conjuntas"]
    assert _load(core, folder).lines == []


def test_every_entity_of_a_cell_must_be_known(folder: Path) -> None:
    _set(folder, "AST-03", entidad_responsable=f"{_names(folder)[0]}; Ministerio de Magia; Gremio")
    assert _problems(folder) == [
        "astilleros.csv, fila 4, columna «entidad_responsable»: «Ministerio de Magia» no está en entidades.csv",
        "astilleros.csv, fila 4, columna «entidad_responsable»: «Gremio» no está en entidades.csv",
    ]


def _as_workbook(folder: Path, stem: str, number_format: str = "General", figure: object = 45) -> None:
    """The file as a workbook with real dates, and BIO-02's percentage as that number in that format."""
    with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    book = Workbook()
    sheet = book.active
    column = rows[0].index("avance_cuantitativo_pct")
    for row in rows:
        sheet.append([date.fromisoformat(c) if c[:3] == "202" and len(c) == 10 else c or None for c in row])
        if row[0] == "BIO-02":
            cell = sheet.cell(sheet.max_row, column + 1)
            cell.value, cell.number_format = figure, number_format
    book.save(folder / f"{stem}.xlsx")
    (folder / f"{stem}.csv").unlink()


@pytest.mark.parametrize(
    ("number_format", "figure", "read"),
    [
        ("0%", 0.45, 45.0),
        ("0.0%", 0.455, 45.5),
        ("0.00%", 0.553, 55.3),
        ("0%", 1, 100.0),
        ("General", 45, 45.0),
        ("0.0", 45.5, 45.5),
        ("General", 45.300000000000004, 45.3),
        ("@", "45,5", 45.5),
        ("@", "45 %", 45.0),
    ],
)
def test_a_figure_of_a_workbook_is_read_as_it_is_shown(
    core: Core, folder: Path, number_format: str, figure: object, read: float
) -> None:
    _as_workbook(folder, "biologicos", number_format, figure)
    _load(core, folder)
    action = _action(core, "BIO-02")
    assert (action.percent, action.due) == (read, date(2026, 12, 18))


def test_a_file_that_is_no_workbook_is_named(folder: Path) -> None:
    (folder / "biologicos.csv").rename(folder / "biologicos.xlsx")
    (told,) = _problems(folder)
    assert told.startswith("biologicos.xlsx, fila 1, columna «—»: el archivo no se puede leer")


def test_decimal_commas_a_mark_of_order_blank_lines_and_a_header_in_capitals_are_accepted(
    core: Core, folder: Path
) -> None:
    with (folder / "biologicos.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    figure = header.index("avance_cuantitativo_pct")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([""] * len(header))
    writer.writerow([f" {name.upper().replace('_', ' ').replace('ACCION', 'ACCIÓN')} " for name in header])
    for row in rows:
        writer.writerow([])
        writer.writerow([*row[:figure], "45,5" if row[0] == "BIO-02" else row[figure], *row[figure + 1 :]])
        writer.writerow([" "] * len(header))
    (folder / "biologicos.csv").write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    _load(core, folder)
    assert _action(core, "BIO-02").percent == 45.5


def test_a_code_that_comes_twice_is_warned_of_and_the_last_row_counts(core: Core, folder: Path) -> None:
    _edit(folder / "astilleros.csv", lambda rows: rows.append(rows[2] | {"accion": "La última versión vale"}))
    with (folder / "astilleros.csv").open(encoding="utf-8") as file:
        last = sum(1 for _ in csv.reader(file))
    warned = f"astilleros.csv, fila {last}: «AST-03» ya está en la fila 4; se toma la última fila."
    assert warned in _load(core, folder).warnings


def test_a_code_that_another_initiative_has_had_is_refused(core: Core, folder: Path) -> None:
    _load(core, folder)
    _edit(folder / "astilleros.csv", lambda rows: rows.pop(2) and None)
    _set(folder, "BIO-02", id_accion="AST-03")
    with pytest.raises(BadFiles, match=r"biologicos.csv, fila 3, columna «id_accion»: «AST-03» ya está en astilleros"):
        _load(core, folder)


def test_what_is_wrong_with_people_is_told_by_row_and_column(core: Core, folder: Path) -> None:
    _put(folder, "personas", 0, hasta="2024-12-31", suplente="nadie@operador.example")
    told = _problems(folder)
    assert told == ["personas.csv, fila 2, columna «hasta»: «2024-12-31» es anterior a «desde»"]
    _put(folder, "personas", 0, hasta="")
    with pytest.raises(BadFiles, match=r"fila 2, columna «suplente»: «nadie@operador.example» no es el correo"):
        _load(core, folder)


def test_an_identity_in_teams_is_one_persons(core: Core, folder: Path) -> None:
    first = next(row["aad_object_id"] for _, row in rows_of(folder / "personas.csv"))
    _put(folder, "personas", 1, aad_object_id=first)
    assert any(f"columna «aad_object_id»: «{first}» ya es de" in told for told in _problems(folder))


def test_who_is_acting_is_read_where_the_file_says_so(core: Core, folder: Path) -> None:
    _load(core, folder)
    holding = core.all(Holding)[0]
    holding.acting = True
    assert _load(core, folder).lines == []
    _put(folder, "personas", 0, encargo="no")
    assert [line for line in _load(core, folder).lines if line.endswith("cambia el encargo")]
    assert holding.acting is False


def test_a_candidate_comes_in_with_its_origin_and_without_a_matrix(core: Core, folder: Path) -> None:
    text = (folder / "iniciativas.csv").read_text(encoding="utf-8").splitlines()
    header = f"{text[0]},estado,origen"
    width = text[0].count(",")
    rows = [f"{line},," for line in text[1:]] + [f"vacunas,Vacunas{',' * (width - 1)},Candidata,mincit"]
    (folder / "iniciativas.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    _load(core, folder)
    found = next(row for row in core.all(Initiative) if row.slug == "vacunas")
    assert (found.state, found.origin, found.launch) == ("candidata", "MinCIT", None)
    assert _load(core, folder).lines == []


def test_a_state_that_no_initiative_comes_in_with_is_refused(folder: Path) -> None:
    text = (folder / "iniciativas.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{text[0]},estado", f"{text[1]},cerrada", *(f"{line}," for line in text[2:])]
    (folder / "iniciativas.csv").write_text("\n".join(rows), encoding="utf-8")
    (told,) = _problems(folder)
    assert told.startswith("iniciativas.csv, fila 2, columna «estado»: «cerrada» no es un estado con el que entra")


def test_what_follows_from_a_new_date_is_told_beforehand(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", fecha_vencimiento="18/12/2026")
    (told,) = _load(core, folder).dates
    assert told == (
        "AST-03: aviso de próximo vencimiento el 3/12/2026, alerta de vencida el 18/1/2027 y Solución de "
        "alto nivel el 19/2/2027."
    )
    _set(folder, "AST-03", accion="Otro texto de la acción")
    assert _load(core, folder).dates == []


def test_a_launch_that_is_moved_moves_the_reminders_of_undated_actions(core: Core, folder: Path) -> None:
    _load(core, folder)
    action = next(row for row in core.all(Action) if row.due is None and row.code.startswith("BIO"))
    former = action.undated_on
    _put(folder, "iniciativas", 1, fecha_lanzamiento="2026-10-15")
    _load(core, folder)
    assert former != action.undated_on == date(2026, 12, 15)


def test_an_unchanged_file_leaves_what_people_amended_since(core: Core, folder: Path) -> None:
    _load(core, folder)
    action = _action(core, "AST-03")
    core.does(
        "2026-11-04", "PL", "accion.fecha", accion="AST-03", fecha="2027-01-15", motivo="Concertado con la entidad"
    )
    core.does(
        "2026-11-04", "LT", "accion.editar", accion="AST-03", texto="Texto de la líder", motivo="Precisión del texto"
    )
    entity, holding, person = core.all(Entity)[0], core.all(Holding)[0], core.all(Person)[0]
    entity.mail, holding.until, person.name = "nuevo@entidad.example", date(2027, 6, 30), "Otra Persona"
    assert _load(core, folder, "2026-11-05").lines == []
    assert (action.due, action.text) == (date(2027, 1, 15), "Texto de la líder")
    assert (entity.mail, holding.until, person.name) == ("nuevo@entidad.example", date(2027, 6, 30), "Otra Persona")
    _set(folder, "AST-03", prioridad="Baja")
    assert _load(core, folder, "2026-11-05").lines == ["Acción AST-03: cambia la prioridad"]
    assert action.text == "Texto de la líder"


def test_a_file_that_changes_what_people_changed_wins_and_says_whose_it_replaces(core: Core, folder: Path) -> None:
    _load(core, folder)
    with recording(core.session, "Ana Restrepo", "Precisión", at("2026-11-04")):
        _action(core, "AST-03").text = "Texto de la líder"
    _set(folder, "AST-03", accion="Texto del archivo")
    assert _load(core, folder, "2026-11-05").lines == [
        "Acción AST-03: cambia el texto de la acción",
        "Acción AST-03: lo que Ana Restrepo cambió el 4/11/2026 (accion) lo reemplaza la importación",
    ]
    assert _action(core, "AST-03").text == "Texto del archivo"


def test_what_an_import_without_changes_said_is_kept_too(core: Core, folder: Path) -> None:
    _load(core, folder)
    _action(core, "AST-03").text = "Texto concertado"
    _set(folder, "AST-03", accion="Texto concertado")
    assert _load(core, folder).lines == []
    _action(core, "AST-03").text = "Texto de la líder"
    assert _load(core, folder).lines == []
    assert (_action(core, "AST-03").text, len(core.all(ImportRun))) == ("Texto de la líder", 1)


def test_an_import_never_takes_away_the_launch_that_was_held(core: Core, folder: Path) -> None:
    _put(folder, "iniciativas", 1, fecha_lanzamiento="")
    _load(core, folder)
    initiative = next(row for row in core.all(Initiative) if row.slug == "biologicos")
    held = day("2026-11-04")
    initiative.state, initiative.launch, initiative.alerts_from = "en_ejecucion", held, held
    core.add(
        Meeting(
            kind="lanzamiento", state="realizada", initiative_id=initiative.id, held_on=held, prepared_by="GG",
            prepared_at=at("2026-11-01"),
        )
    )  # fmt: skip
    again = _load(core, folder, "2026-11-05")
    assert (again.lines, [w for w in again.warnings if "lanzamiento" in w]) == ([], [])
    _put(folder, "iniciativas", 1, fecha_lanzamiento="2026-10-15")
    other = _load(core, folder, "2026-11-05")
    assert other.lines == []
    assert (
        "Iniciativa Biológicos: la fecha de lanzamiento del archivo (15 de octubre de 2026) no se toma; permanece la "
        "registrada en el sistema (4 de noviembre de 2026)."
    ) in other.warnings
    assert (initiative.launch, initiative.alerts_from) == (held, held)


def test_an_empty_launch_in_the_file_takes_none_away(core: Core, folder: Path) -> None:
    _load(core, folder)
    initiative = next(row for row in core.all(Initiative) if row.slug == "biologicos")
    before = (initiative.launch, initiative.alerts_from)
    _put(folder, "iniciativas", 1, fecha_lanzamiento="")
    assert _load(core, folder).lines == []
    assert (initiative.launch, initiative.alerts_from) == before != (None, None)


# --- nothing in a file is passed over in silence ----------------------------------------------------------------------


def _said(folder: Path) -> str:
    return "\n".join(_problems(folder))


def test_a_quote_that_is_not_closed_is_told_with_its_line(folder: Path) -> None:
    path = folder / "astilleros.csv"
    text = path.read_text(encoding="utf-8").replace("Publicar guía", '"Publicar guía', 1)
    path.write_text(text, encoding="utf-8")
    assert _said(folder).startswith("astilleros.csv, fila 4, columna «—»: en el renglón 4 hay una comilla que abre")


def test_what_stands_outside_the_columns_is_told(folder: Path) -> None:
    path = folder / "astilleros.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([*lines[:3], lines[3] + ",sobra", *lines[4:]]), encoding="utf-8")
    assert _said(folder).startswith("astilleros.csv, fila 4, columna «—»: «sobra» queda fuera de las columnas")


@pytest.mark.parametrize(
    ("values", "column", "why"),
    [
        ({"solucion": ""}, "solucion", "falta la solución del obstáculo"),
        ({"obstaculo": ""}, "obstaculo", "falta el obstáculo"),
        ({"tipo_obstaculo": "Muro"}, "tipo_obstaculo", "«Muro» no es un tipo de obstáculo; use Barrera"),
        ({"logro_relevante": "Sí", "fecha_seguimiento": ""}, "fecha_seguimiento", "el logro relevante la necesita"),
        ({"fecha_inicio": "2026-12-12"}, "fecha_inicio", "es posterior al vencimiento (11 de diciembre de 2026)"),
        ({"avance_cuantitativo_pct": "45,37"}, "avance_cuantitativo_pct", "con un decimal como máximo"),
    ],
)
def test_what_does_not_fit_together_is_told(folder: Path, values: dict[str, str], column: str, why: str) -> None:
    _set(folder, "AST-03", **values)
    (told,) = _problems(folder)
    assert told.startswith(f"astilleros.csv, fila 4, columna «{column}»: ")
    assert why in told


@pytest.mark.parametrize("column", ["fecha_seguimiento", "fecha_cumplimiento"])
def test_a_day_still_to_come_is_warned_of_and_a_replay_knows_it(folder: Path, column: str) -> None:
    _set(folder, "AST-03", **{column: "2026-11-04"})
    why = "4 de noviembre de 2026 todavía no ha pasado; revise la fecha."
    warned = f"astilleros.csv, fila 4, columna «{column}»: {why}"
    assert warned in _read(folder).warnings
    assert warned not in read_folder(folder, day(NOW), replayed=True).warnings


def test_the_kind_of_an_obstacle_is_read_whatever_its_case_and_accents(folder: Path) -> None:
    _set(folder, "AST-03", tipo_obstaculo="CUELLO  de botella")
    (action,) = (row for row in _read(folder).actions if row.code == "AST-03")
    assert action.obstacle_kind == "Cuello de botella"


def test_a_matrix_that_nobody_reads_is_warned_of_with_the_nearest_slug(folder: Path) -> None:
    shutil.copy(folder / "astilleros.csv", folder / "astillero.csv")
    (folder / "~$astilleros.xlsx").write_bytes(b"")
    warned = "astillero.csv no se lee: «astillero» no está en iniciativas.csv: ¿quiso decir «astilleros»?"
    assert [told for told in _read(folder).warnings if "no se lee" in told] == [warned]


def test_two_files_of_one_matrix_are_refused_and_an_old_workbook_is_named(folder: Path) -> None:
    shutil.copy(folder / "astilleros.csv", folder / "Astilleros.XLSX")
    (folder / "biologicos.csv").rename(folder / "biologicos.xls")
    told = _said(folder)
    assert "hay Astilleros.XLSX y astilleros.csv: deje solo el archivo vigente" in told
    assert "biologicos.xls: los libros .xls no se leen: guárdelo como .xlsx o CSV" in told


def test_the_case_of_a_files_name_does_not_count(folder: Path) -> None:
    (folder / "astilleros.csv").rename(folder / "Astilleros.CSV")
    assert any(row.code == "AST-03" for row in _read(folder).actions)


@pytest.mark.parametrize(("encoding", "before"), [("utf-16", ""), ("utf-8", "sep=;\r\n")])
def test_other_ways_in_which_excel_saves_a_csv_are_accepted(folder: Path, encoding: str, before: str) -> None:
    _excel_csv(folder / "biologicos.csv")
    text = (folder / "biologicos.csv").read_bytes().decode("cp1252")
    (folder / "biologicos.csv").write_bytes((before + text).encode(encoding))
    (action,) = (row for row in _read(folder).actions if row.code == "BIO-03")
    assert action.percent == 50.5


def test_a_folder_and_bytes_under_a_matrixs_name_are_told(folder: Path) -> None:
    (folder / "astilleros.csv").unlink()
    (folder / "astilleros.csv").mkdir()
    (folder / "biologicos.csv").write_bytes(b"PK\0\0")
    assert "astilleros.csv, fila 1, columna «—»: es una carpeta" in _said(folder)
    assert "biologicos.csv, fila 1, columna «—»: no es un CSV de texto" in _said(folder)


def _workbook(folder: Path, stem: str) -> Path:
    _as_workbook(folder, stem)
    return folder / f"{stem}.xlsx"


def test_a_formula_without_its_value_is_named_by_its_cell(folder: Path) -> None:
    path = _workbook(folder, "biologicos")
    book = load_workbook(path)
    book.active["L3"] = "=TODAY()"
    book.save(path)
    assert "biologicos.xlsx, fila 3, columna «—»: la fórmula de L3 no tiene valor calculado" in _said(folder)


def test_the_sheet_with_the_columns_is_read_wherever_it_stands(folder: Path) -> None:
    path = _workbook(folder, "biologicos")
    book = load_workbook(path)
    book.create_sheet("Portada", 0).append(["Matriz de la iniciativa"])
    book.save(path)
    assert any(row.code == "BIO-03" for row in _read(folder).actions)


@pytest.mark.parametrize("cut", [10, 200, 3000])
def test_a_damaged_workbook_is_told_and_what_to_do(folder: Path, cut: int) -> None:
    path = _workbook(folder, "biologicos")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) - cut] if cut < 200 else content[:cut] + b"\1" * 90 + content[cut + 90 :])
    assert "ábralo en Excel y guárdelo de nuevo como .xlsx" in _said(folder)


# --- entities, however they are written -------------------------------------------------------------------------------

INVIMA = "Instituto Nacional de Vigilancia de Medicamentos y Alimentos (Invima)"
DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"


@pytest.mark.parametrize("written", ["INVIMA", "invima ", INVIMA.upper(), INVIMA.replace(" de ", "\u00a0de  ")])
def test_an_entity_is_known_by_its_acronym_whatever_case_and_spaces(folder: Path, written: str) -> None:
    _set(folder, "AST-03", entidad_responsable=written, entidades_apoyo=f"dian; {written}")
    (action,) = (row for row in _read(folder).actions if row.code == "AST-03")
    assert (action.entity, action.supporting) == (INVIMA, f"{DIAN}; {INVIMA}")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("Invimma", f"«Invimma» no está en entidades.csv: ¿quiso decir «{INVIMA}»?"),
        ("DIAN / Invima", "«DIAN / Invima» nombra varias entidades: sepárelas con punto y coma"),
        (f"{DIAN}, Invima y ICA", f"«{DIAN}, Invima y ICA» nombra varias entidades: sepárelas con punto y coma"),
    ],
)
def test_an_unknown_entity_comes_with_what_to_write(folder: Path, written: str, why: str) -> None:
    _set(folder, "AST-03", entidad_responsable=written)
    assert _problems(folder) == [f"astilleros.csv, fila 4, columna «entidad_responsable»: {why}"]


@pytest.mark.parametrize(("post", "why"), [("ENT", "las entidades van en entidades.csv"), ("XX", "use LT, GG, PL, VM")])
def test_a_post_of_another_list_is_sent_there(folder: Path, post: str, why: str) -> None:
    _put(folder, "personas", 5, cargo=post)
    assert why in _said(folder)


# --- what a file says anew and is recorded elsewhere ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value", "operation"),
    [
        ("avance_cuantitativo_pct", "77", "«Registrar seguimiento»."),
        ("avance_cualitativo", "Otro avance", "«Registrar seguimiento»."),
        ("fecha_seguimiento", "2026-10-02", "«Registrar seguimiento»."),
        ("estado", "Anulada", "«Registrar el cumplimiento», «Reabrir una acción cumplida» o"),
        ("obstaculo", "Otro obstáculo", "«Corregir obstáculo o solución»."),
        ("solucion", "Otra solución", "«Corregir obstáculo o solución»."),
        ("eslabon_tema", "Otro tema", "«Corregir obstáculo o solución»."),
        ("tipo_obstaculo", "Barrera", "«Corregir obstáculo o solución»."),
        ("fecha_vencimiento", "", "«Cambiar la fecha»: la fecha no se retira por archivo."),
        ("fecha_inicio", "", "«Editar la acción»: la fecha no se retira por archivo."),
    ],
)
def test_what_is_not_taken_from_a_file_is_said_once_and_where_it_is_recorded(
    core: Core, folder: Path, column: str, value: str, operation: str
) -> None:
    _set(folder, "AST-03", tipo_obstaculo="Brecha", fecha_inicio="2026-01-15")
    before = _load(core, folder).warnings
    action = _action(core, "AST-03")
    dates, version = (action.starts, action.due), action.version
    _set(folder, "AST-03", **{column: value})
    again = _load(core, folder)
    (told,) = (warning for warning in again.warnings if warning not in before)
    said = f"astilleros.csv, fila 4, columna «{column}»: en AST-03 no se toma del archivo; se registra con {operation}"
    assert told.startswith(said)
    assert (again.lines, (action.starts, action.due), action.version) == ([], dates, version)
    assert _load(core, folder).warnings == before


def test_what_people_recorded_already_is_not_warned_of(core: Core, folder: Path) -> None:
    before = _load(core, folder).warnings
    _action(core, "AST-03").percent = 77.0
    _set(folder, "AST-03", avance_cuantitativo_pct="77")
    assert _load(core, folder).warnings == before


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("cumplida", "AST-03 está cumplida y su fecha ya no cambia: para moverla, reábrala antes"),
        ("anulada", "AST-03 está en estado «anulada» y su fecha ya no cambia"),
    ],
)
def test_the_date_of_what_is_not_open_does_not_change(core: Core, folder: Path, state: str, why: str) -> None:
    _load(core, folder)
    _action(core, "AST-03").state = state
    _set(folder, "AST-03", fecha_vencimiento="2026-12-18")
    with pytest.raises(BadFiles, match=why):
        _load(core, folder, "2027-01-20")


def test_a_candidate_of_mincit_comes_with_its_communication(core: Core, folder: Path) -> None:
    text = (folder / "iniciativas.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{text[0]},estado,origen,comunicacion", *(f"{row},,," for row in text[1:])]
    (folder / "iniciativas.csv").write_text(
        "\n".join([*rows, "cafe,Café,,candidata,MinCIT,Oficio 12"]), encoding="utf-8"
    )
    _load(core, folder)
    core.does("2026-11-04", "PL", "iniciativa.construir", iniciativa="cafe")
    assert core.all(Initiative)[-1].state == "en_construccion"
