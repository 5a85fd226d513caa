"""Letter A of the method, R1–R9: scope and launch. A promise a rule; the details stand in the files of each part."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from core_world import Core, at, day

from methodology.agendas import items_of
from methodology.contents import Published, matrix_content
from methodology.importing import import_dataset
from methodology.matrix_files import read_folder
from methodology.operations import find, perform
from methodology.publishing import approve, draft, intact
from methodology.rules.periods import Period
from methodology.rules.states import Post
from methodology.script import doing_for, stand_in
from methodology.standing import standing
from storage.life import AgendaItem, Meeting, Prioritisation
from storage.matrix import Action, ActionVersion, Initiative, Obstacle, Solution

EXAMPLES = Path(__file__).parents[3] / "examples"
REASON = "Acuerdo de la mesa técnica del sector"
LAUNCH = {"clase": "lanzamiento", "iniciativa": "astilleros"}
HELD = {"reunion": "lanzamiento astilleros"}
IDEA = {
    "iniciativa": "astilleros",
    "origen": "privado",
    "obstaculo": "Trámites dispersos",
    "tipo": "Barrera",
    "eslabon": "Licencias",
    "solucion": "Ventanilla única",
    "quien": "Cámara de la Industria Naval",
}


@pytest.fixture
def astilleros(core: Core) -> Initiative:
    """In construction, with one action whose date is known and one without."""
    initiative = core.initiative("astilleros", None, state="en_construccion", alerts_from=None)
    core.action("AST-01", due="2026-12-01", initiative=initiative)
    core.action("AST-02", due=None, initiative=initiative)
    return initiative


def launch(core: Core, **more: str) -> list[AgendaItem]:
    """The points of a launch that is prepared for 20-ago-2026."""
    core.does("2026-08-03", "GG", "reunion.preparar", fecha="2026-08-20", **LAUNCH, **more)
    return items_of(core.session, core.all(Meeting)[-1])


def close(core: Core, **more: str) -> str:
    return core.does("2026-08-20", "GG", "reunion.realizada", **HELD, **more)


def rows(core: Core, initiative: Initiative) -> list[dict[str, Any]]:
    """The actions of the matrix in the order in which they are shown."""
    content = matrix_content(core.session, initiative, day("2026-11-03"))
    return [a for o in content["obstacles"] for s in o["solutions"] for a in s["actions"]]


# --- R1: five initiatives as data -------------------------------------------------------------------------------------


def test_r1_the_five_initiatives_are_data_in_their_order(core: Core) -> None:
    import_dataset(core.session, read_folder(EXAMPLES, day("2026-11-03")), now=at("2026-11-03"), method=core.method)
    assert [(row.position, row.slug) for row in sorted(core.all(Initiative), key=lambda row: row.position)] == [
        (1, "medicamentos_sintesis_quimica"),
        (2, "biologicos"),
        (3, "dispositivos_medicos"),
        (4, "cannabis_canamo"),
        (5, "astilleros"),
    ]


def test_r1_a_sixth_initiative_is_one_more_line_and_no_code(core: Core, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EXAMPLES, tmp_path / "matrices"))
    with (folder / "iniciativas.csv").open("a", encoding="utf-8") as file:
        file.write("cafe,Café especial,2026-03-02\n")
    header, first = (folder / "astilleros.csv").read_text("utf-8").splitlines()[:2]
    row = first.replace("AST-01,astilleros", "CAF-01,cafe")
    (folder / "cafe.csv").write_text(f"{header}\n{row}\n", "utf-8")
    import_dataset(core.session, read_folder(folder, day("2026-11-03")), now=at("2026-11-03"), method=core.method)
    assert [(row.position, row.name) for row in core.all(Initiative) if row.slug == "cafe"] == [(6, "Café especial")]


# --- R2: its own pace -------------------------------------------------------------------------------------------------


def test_r2_a_threshold_is_global_until_an_initiative_has_its_own(core: Core) -> None:
    own, other = core.initiative("biologicos"), core.initiative("cafe")
    core.does("2026-11-03", "PL", "iniciativa.ritmo", iniciativa="biologicos", clave="por_vencer.dias", valor="20")
    assert (core.method.of(own).due_soon_days, core.method.of(other).due_soon_days) == (20, 15)


def test_r2_a_report_says_which_threshold_applied(core: Core) -> None:
    initiative = core.initiative(overrides={"por_vencer.dias": 20})
    said = {row["key"]: row for row in matrix_content(core.session, initiative, day("2026-11-03"))["thresholds"]}
    assert (said["por_vencer.dias"]["value"], said["por_vencer.dias"]["own"]) == ("20 días", True)
    assert (said["cierre.meses"]["value"], said["cierre.meses"]["own"]) == ("18 meses", False)


# --- R3: versions -----------------------------------------------------------------------------------------------------


def test_r3_a_change_is_version_n_plus_one_with_author_time_reason_before_and_after(core: Core) -> None:
    core.action("BIO-01")
    given = {"accion": "BIO-01", "prioridad": "Baja", "motivo": REASON}
    core.does("2026-11-12", "LT", "accion.editar", **given)
    [kept] = core.all(ActionVersion)
    assert (kept.version, kept.author, kept.at, kept.reason) == (2, "Líder técnica", at("2026-11-12", 10), REASON)
    assert (kept.before, kept.after) == ({"priority": "Alta"}, {"priority": "Baja"})


def test_r3_an_old_report_says_the_same_for_ever(core: Core) -> None:
    action = core.action("BIO-01", due="2027-06-30")
    made = draft(core.session, "matriz", action.initiative_id, Period(2026, 6), at("2026-11-04"))
    report = approve(core.session, made.id, "Planeación", at("2026-11-04"))
    before = dict(report.content)
    core.does("2026-11-12", "LT", "accion.fecha", accion="BIO-01", fecha="2027-09-30", motivo=REASON)
    assert (report.content, intact(report)) == (before, True)


# --- R4, R5: the agenda of a launch -----------------------------------------------------------------------------------


def test_r4_the_launch_has_exactly_five_points_in_order_with_speaker_content_and_minutes(
    core: Core, astilleros: Initiative
) -> None:
    points = launch(core)
    assert [(one.position, one.post) for one in points] == [(1, "VM"), (2, "GG"), (3, "LT"), (4, "LT"), (5, "GG")]
    assert [one.kind for one in points] == ["saludo", "instrumento", "obstaculos", "discusion", "cierre"]
    assert all(one.speaker and one.content and one.minutes for one in points)


def test_r4_the_suggested_minutes_are_editable_and_no_sixth_point_enters(core: Core, astilleros: Initiative) -> None:
    first = launch(core)[0]
    core.does("2026-08-04", "LT", "reunion.agenda", punto=first.id, minutos="8")
    assert first.minutes == 8
    assert "cinco puntos" in core.refused("2026-08-04", "GG", "reunion.agregar_punto", titulo="Varios", **HELD)


def test_r5_without_a_microsite_there_is_a_warning_and_never_an_invented_link(
    core: Core, astilleros: Initiative
) -> None:
    said = " ".join(line for point in launch(core) for line in point.content)
    assert "Advertencia: La dirección del micrositio no está configurada" in said
    assert "http" not in said


def test_r5_the_agenda_carries_the_configured_microsite(core: Core, astilleros: Initiative) -> None:
    doing = doing_for(core.session, core.method, at("2026-08-03"))
    site = Published(microsite="https://micrositio.example")
    perform(replace(doing, actor=stand_in(Post.MANAGEMENT), published=site), find("reunion.preparar"), LAUNCH)
    said = [line for point in items_of(core.session, core.all(Meeting)[-1]) for line in point.content]
    assert "Micrositio del instrumento: https://micrositio.example" in said


# --- R6: the matrix ---------------------------------------------------------------------------------------------------


def test_r6_the_matrix_goes_from_obstacle_to_action_by_priority_then_date(core: Core) -> None:
    initiative = core.initiative()
    obstacle = core.add(Obstacle(initiative_id=initiative.id, theme="Licencias", kind="Barrera", text="Demora"))
    solution = core.add(Solution(obstacle=obstacle, text="Ruta priorizada"))
    for code, priority, due in (
        ("B-1", "Media", "2026-12-01"),
        ("A-2", "Alta", "2026-12-03"),
        ("A-1", "Alta", "2026-12-02"),
    ):
        core.action(code, due, priority=priority, solution=solution, supporting="Dimar")
    assert [(row["code"], row["priority"]) for row in rows(core, initiative)] == [
        ("A-1", "Alta"), ("A-2", "Alta"), ("B-1", "Media"),
    ]  # fmt: skip


# --- R7: the discussion -----------------------------------------------------------------------------------------------


def test_r7_a_proposal_keeps_its_origin_and_counts_in_no_figure(core: Core, astilleros: Initiative) -> None:
    core.does("2026-08-20", "LT", "propuesta.registrar", **IDEA)
    [obstacle] = core.all(Obstacle)
    assert (obstacle.state, obstacle.origin, obstacle.brought_by) == ("propuesta", "privado", IDEA["quien"])
    core.action("AST-03", state="propuesta", initiative=astilleros)
    assert standing(core.session, astilleros, day("2026-08-20")).figures.counted == 2


def test_r7_the_prioritisation_is_validated_by_both_sectors(core: Core, astilleros: Initiative) -> None:
    given = {"iniciativa": "astilleros", "quien": "Mesa sectorial", "observaciones": "Con salvedad"}
    said = core.does("2026-08-20", "LT", "priorizacion.validar", sector="privado", **given)
    assert said.endswith("Falta el sector público.")
    said = core.does("2026-08-21", "LT", "priorizacion.validar", sector="público", **given)
    assert said.endswith("La validaron los dos sectores.")
    kept = [(row.sector, str(row.on), row.by, row.remarks) for row in core.all(Prioritisation)]
    assert kept[0] == ("privado", "2026-08-20", "Mesa sectorial", "Con salvedad")


# --- R8: the next meeting ---------------------------------------------------------------------------------------------


def test_r8_a_launch_is_not_closed_without_its_next_date_or_por_definir(core: Core, astilleros: Initiative) -> None:
    launch(core)
    assert "por definir" in core.refused("2026-08-20", "GG", "reunion.realizada", **HELD)
    assert "viernes 20 de noviembre de 2026" in close(core, proxima_fecha="2026-11-20")


def test_r8_after_por_definir_the_leader_is_reminded_on_the_fifteenth_day(core: Core, astilleros: Initiative) -> None:
    launch(core)
    close(core, por_definir="sí")
    core.live("2026-09-03")
    assert core.told("R8") == []
    core.live("2026-09-04", "2026-09-07")
    assert core.told("R8") == [("lanzamiento", "2026-09-04", "2026-09-04")]


# --- R9: dates are built jointly, later -------------------------------------------------------------------------------


def test_r9_the_launch_shows_no_date_and_says_who_how_and_by_when_they_are_defined(
    core: Core, astilleros: Initiative
) -> None:
    said = " ".join(line for point in launch(core) for line in point.content)
    assert not re.search(r"\d{1,2}/\d{1,2}/\d{4}|\d{1,2} de \w+ de \d{4}|\d{4}-\d{2}-\d{2}", said)
    for word in ("Definición conjunta de fechas", "Quién:", "Cómo:", "Cuándo:"):
        assert word in said


def test_r9_an_undated_action_is_never_overdue_and_the_leader_is_reminded_after_two_months(core: Core) -> None:
    action = core.action("BIO-01", due=None)
    for on in ("2026-03-14", "2026-03-15", "2026-03-16", "2026-05-20"):
        core.live(on)
    assert core.told("R9") == [("BIO-01", "2026-03-15", "2026-03-16")]
    assert core.told("R15", "R19", "R30") == []
    assert [row["light"]["word"] for row in _loose(core, action)] == ["Sin fecha"]


def _loose(core: Core, action: Action) -> list[dict[str, Any]]:
    obstacle = core.add(Obstacle(initiative_id=action.initiative_id, theme="", kind="Barrera", text="Demora"))
    action.solution = core.add(Solution(obstacle=obstacle, text="Ruta"))
    core.session.flush()
    return rows(core, action.initiative)
