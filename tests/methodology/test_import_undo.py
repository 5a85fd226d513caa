from __future__ import annotations

import csv
import shutil
from datetime import date
from pathlib import Path

import pytest
from core_world import Core, at, day
from sqlalchemy import select

from methodology.actions import move_due
from methodology.history import recording
from methodology.importing import START, UNDONE, Changes, import_dataset
from methodology.matrix_files import read_folder
from methodology.refusals import NotFound, NotNow
from methodology.undo import undo_last
from storage.history import Change, ImportRun
from storage.ledger import Alert, Notice
from storage.matrix import (
    Achievement,
    Action,
    ActionVersion,
    Entity,
    FollowUp,
    Holding,
    Initiative,
    Obstacle,
    Person,
    Setting,
)

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = "2026-11-03"
WHO = "Planeación"
WHY = "Concertado con la entidad"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLES, tmp_path / "matrices"))


def _load(core: Core, folder: Path, now: str = NOW) -> Changes:
    data = read_folder(folder, day(now))
    return import_dataset(
        core.session, data, now=at(now), method=core.method, start=date(2025, 1, 1), folder="matrices"
    )


def _undo(core: Core, now: str = "2026-11-04") -> list[str]:
    return undo_last(core.session, WHO, at(now), core.method)


def _refused(core: Core, now: str = "2026-11-05") -> str:
    with pytest.raises(NotNow) as refused:
        _undo(core, now)
    return str(refused.value)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _set(folder: Path, code: str, **values: str) -> None:
    rows = _rows(folder / "astilleros.csv")
    next(row for row in rows if row["id_accion"] == code).update(values)
    _write(folder / "astilleros.csv", rows)


def _add(folder: Path, code: str, **values: str) -> None:
    rows = _rows(folder / "astilleros.csv")
    more = {"obstaculo": f"Obstáculo de {code}", "accion": f"Expedir la guía {code}", "id_accion": code}
    _write(folder / "astilleros.csv", [*rows, rows[2] | more | values])


def _action(core: Core, code: str) -> Action | None:
    return core.session.scalar(select(Action).where(Action.code == code))


def _there(core: Core, code: str) -> Action:
    action = _action(core, code)
    assert action is not None
    return action


def test_an_import_that_changed_something_is_one_run_and_its_changes_name_it(core: Core, folder: Path) -> None:
    lines = _load(core, folder).lines
    (run,) = core.all(ImportRun)
    assert (run.folder, run.lines, run.undone_at) == ("matrices", lines, None)
    changed = {change.table for change in core.all(Change) if change.import_id == run.id}
    assert {"initiative", "entity", "person", "holding", "obstacle", "solution", "action", "follow_up"} <= changed
    _load(core, folder)
    assert len(core.all(ImportRun)) == 1


def test_there_is_nothing_to_undo_at_first(core: Core) -> None:
    with pytest.raises(NotFound, match="No hay una importación que deshacer"):
        _undo(core)


def test_a_first_import_undone_leaves_nothing_behind_and_may_be_repeated(core: Core, folder: Path) -> None:
    _load(core, folder)
    said = _undo(core)
    tables = (Action, Initiative, Entity, Person, Holding, Obstacle, FollowUp, Achievement)
    assert {table.__tablename__: len(core.all(table)) for table in tables} == dict.fromkeys(
        (table.__tablename__ for table in tables), 0
    )
    assert said[0] == "Se deshizo la importación del 3/11/2026 a las 8:00 a. m. (importación)."
    assert "Acción AST-04: se retiró." in said
    _load(core, folder, "2026-11-05")
    assert len(core.all(Action)) == 52
    with pytest.raises(NotFound):
        _undo(core), _undo(core)


def test_what_was_changed_is_as_before_in_a_new_version(core: Core, folder: Path) -> None:
    _load(core, folder)
    action = _there(core, "AST-03")
    before = (action.text, action.due, action.priority, action.due_moves, action.due_soon_on)
    _set(folder, "AST-03", accion="Otro texto de la acción", fecha_vencimiento="18/12/2026", prioridad="Alta")
    _load(core, folder)
    assert _undo(core)[1:] == [
        "Acción AST-03: vuelve a lo anterior (accion, fecha_vencimiento, prioridad).",
    ]
    assert (action.text, action.due, action.priority, action.due_moves, action.due_soon_on) == before
    assert (action.version, action.due_version, action.due_set_on) == (3, 3, day("2026-11-04"))
    first, second = core.all(ActionVersion)
    assert (second.author, second.reason) == (WHO, UNDONE)
    assert second.after["due"] == first.before["due"] == "2026-12-11"


def test_the_files_may_be_imported_again_after_the_undoing(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", fecha_vencimiento="18/12/2026")
    _load(core, folder)
    _undo(core)
    assert _load(core, folder, "2026-11-05").lines == ["Acción AST-03: cambia la fecha de vencimiento"]
    assert _there(core, "AST-03").due == day("2026-12-18")


def test_an_undoing_may_be_followed_by_that_of_the_import_before(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", accion="Otro texto de la acción")
    _load(core, folder)
    _undo(core)
    _undo(core, "2026-11-05")
    # two versions speak of it: it is annulled and stays
    assert [(row.code, row.state) for row in core.all(Action)] == [("AST-03", "anulada")]
    assert {row.undone_by for row in core.all(ImportRun)} == {WHO}


def test_an_entity_a_launch_and_a_person_are_restored(core: Core, folder: Path) -> None:
    _load(core, folder)
    entities = _rows(folder / "entidades.csv")
    former = entities[0]["correo_enlace_ficticio"]
    entities[0]["correo_enlace_ficticio"] = "otro@entidad.example"
    _write(folder / "entidades.csv", entities)
    initiatives = _rows(folder / "iniciativas.csv")
    initiatives[0]["fecha_lanzamiento"] = "2025-10-20"
    _write(folder / "iniciativas.csv", initiatives)
    _load(core, folder)
    said = " ".join(_undo(core))
    assert "vuelve a lo anterior (correo)." in said
    assert "vuelve a lo anterior (fecha_lanzamiento)." in said
    assert next(row for row in core.all(Entity) if row.name == entities[0]["entidad"]).mail == former
    assert {row.launch for row in core.all(Initiative)} & {day("2025-10-15"), day("2025-10-20")} == {day("2025-10-15")}


def test_an_action_that_a_notice_speaks_of_is_annulled_and_revives(core: Core, folder: Path) -> None:
    _load(core, folder)
    _add(folder, "AST-90", fecha_vencimiento="2026-11-18", fecha_vencimiento_original="2026-11-18")
    _load(core, folder)
    core.sweep("2026-11-03")
    assert "AST-90" in [notice.subject for notice in core.notices("R19")]
    assert "Acción AST-90: pasa a anulada, porque hay registros que la nombran." in _undo(core)
    action = _there(core, "AST-90")
    assert action.state == "anulada"
    assert {n.state for n in core.all(Notice) if n.action_id == action.id} == {"withdrawn"}
    assert _load(core, folder, "2026-11-05").lines == ["Acción de nuevo en la matriz: AST-90"]
    assert (action.state, action.due_version, action.due_set_on) == ("vigente", 2, day("2026-11-05"))
    assert _load(core, folder, "2026-11-05").lines == []


def test_an_action_that_people_annulled_does_not_revive(core: Core, folder: Path) -> None:
    _load(core, folder)
    _there(core, "AST-03").state = "anulada"
    _load(core, folder)
    assert _there(core, "AST-03").state == "anulada"


def test_a_change_of_people_that_made_no_version_is_named_too(core: Core, folder: Path) -> None:
    _load(core, folder)
    entity = core.all(Entity)[0]
    with recording(core.session, "Ana Restrepo", "Cambió el enlace", at("2026-11-04")):
        entity.mail = "otro@entidad.example"
    told = _refused(core)
    assert (
        f"Entidad {entity.name}: Ana Restrepo, 4/11/2026 a las 8:00 a. m., cambió correo («Cambió el enlace»)." in told
    )


def test_what_people_changed_since_is_named_and_nothing_is_undone(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", accion="Otro texto de la acción")
    _load(core, folder)
    planning = core.actor("PL")
    move_due(
        core.session, "AST-03", day("2027-01-15"), reason=WHY, actor=planning, now=at("2026-11-04"),
        method=core.method,
    )  # fmt: skip
    told = _refused(core)
    assert "No se deshizo la importación del 3/11/2026 a las 8:00 a. m.: después hubo cambios." in told
    assert f"Acción AST-03: {planning.name}, 4/11/2026 a las 8:00 a. m." in told
    assert WHY in told
    assert _there(core, "AST-03").text == "Otro texto de la acción"
    assert core.all(ImportRun)[-1].undone_at is None


def test_a_change_of_people_elsewhere_is_no_hindrance(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", accion="Otro texto de la acción")
    _load(core, folder)
    planning = core.actor("PL")
    move_due(
        core.session, "AST-08", day("2027-01-15"), reason=WHY, actor=planning, now=at("2026-11-04"),
        method=core.method,
    )  # fmt: skip
    _undo(core)
    assert _there(core, "AST-08").due == day("2027-01-15")


def test_what_the_clock_did_since_is_no_hindrance(core: Core, folder: Path) -> None:
    _load(core, folder)
    _set(folder, "AST-03", fecha_vencimiento="30/11/2026")
    _load(core, folder)
    core.live("2026-11-04", "2026-12-31")
    assert [a.state for a in core.all(Alert) if a.action_id == _there(core, "AST-03").id] == ["abierta"]
    _undo(core, "2026-12-31")
    core.sweep("2026-12-31")
    assert [a.closed_because for a in core.all(Alert) if a.action_id == _there(core, "AST-03").id] == ["reprogramación"]


def test_entities_that_are_still_named_stay_and_are_said(core: Core, folder: Path) -> None:
    _load(core, folder)
    entities = _rows(folder / "entidades.csv")
    _write(folder / "entidades.csv", [*entities, entities[0] | {"entidad": "Entidad nueva"}])
    _add(folder, "AST-90", entidad_responsable="Entidad nueva")
    _load(core, folder)
    core.action("AST-91", entity="Entidad nueva", initiative=_there(core, "AST-03").initiative)
    said = _undo(core)
    assert "Acción AST-90: se retiró." in said
    assert "Entidad Entidad nueva: permanece, porque hay registros que la nombran." in said


def test_after_an_undoing_what_the_import_before_said_counts_again(core: Core, folder: Path) -> None:
    _load(core, folder)
    _there(core, "AST-03").text = "Texto de la líder"
    former = next(row["accion"] for row in _rows(folder / "astilleros.csv") if row["id_accion"] == "AST-03")
    _set(folder, "AST-03", accion="Texto del archivo")
    _load(core, folder)
    _undo(core)
    _set(folder, "AST-03", accion=former)
    assert _load(core, folder, "2026-11-05").lines == []
    assert _there(core, "AST-03").text == "Texto de la líder"


def _import(core: Core, on: str, start: date | None = None) -> None:
    import_dataset(core.session, read_folder(EXAMPLES, day(on)), now=at(on), method=core.method, start=start)


def test_the_start_that_an_undone_first_import_took_goes_with_it(core: Core) -> None:
    _import(core, "2026-09-01")
    _undo(core)
    _import(core, "2026-11-20")
    assert {row.alerts_from for row in core.all(Initiative)} == {date(2026, 11, 20)}


def test_a_start_that_is_configured_or_of_an_import_that_stands_stays(core: Core, folder: Path) -> None:
    _import(core, NOW, date(2026, 10, 1))
    _undo(core)
    assert core.session.get_one(Setting, START).value == "2026-10-01"
    _load(core, folder)
    _set(folder, "AST-03", accion="Otro texto de la acción")
    _load(core, folder)
    _undo(core)
    assert core.session.get(Setting, START) is not None
