"""R4, R5, R7, R9, R24: what a meeting's document shows, and what it does not."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from core_world import Core, at, day

from methodology import agendas
from methodology.contents import Published
from methodology.meeting_content import meeting_content
from methodology.operation import Doing
from methodology.people import Actor
from storage.ledger import Alert, CaseAction, HighLevelCase
from storage.life import Agreement, Meeting, Prioritisation
from storage.matrix import Action, Initiative, Obstacle, Solution

TODAY = "2026-11-10"
NOBODY = Actor(0, "", "f", frozenset())


@pytest.fixture
def world(core: Core) -> Core:
    core.person("Ana María Restrepo", "VM")
    initiative = core.initiative()
    obstacle = core.add(Obstacle(initiative_id=initiative.id, theme="Registro", kind="Brecha", text="Represamiento"))
    solution = core.add(Solution(obstacle=obstacle, text="Ruta priorizada"))
    core.action("BIO-01", "2027-05-01", priority="Baja", solution=solution)
    core.action("BIO-02", "2027-06-01", solution=solution)
    core.action("BIO-03", "2027-04-01", solution=solution, text="Mesa con Ana María Restrepo")
    return core


def meeting(core: Core, kind: str, **more: Any) -> Meeting:
    where = None if kind == "seguimiento" else core.first_initiative().id
    values = {"state": "preparada", "on": day("2026-11-12"), "begins": "09:00"} | more
    row = core.add(Meeting(kind=kind, initiative_id=where, prepared_by="GG", prepared_at=at(TODAY), **values))
    agendas.refresh(Doing(core.session, NOBODY, at(TODAY), core.method), row)
    return row


def content(core: Core, row: Meeting, today: str = TODAY, **settings: Any) -> dict[str, Any]:
    return json.loads(json.dumps(meeting_content(core.session, row, day(today), Published(**settings))))


def test_the_launch_runs_minute_by_minute_with_five_points_in_order(world: Core) -> None:
    said = content(world, meeting(world, "lanzamiento"))
    assert [i["position"] for i in said["items"]] == [1, 2, 3, 4, 5]
    assert [f"{i['begins']}-{i['ends']}" for i in said["items"]] == [
        "09:00-09:05", "09:05-09:15", "09:15-09:35", "09:35-09:55", "09:55-10:00",
    ]  # fmt: skip
    assert "Viceministra de Desarrollo Empresarial" in said["items"][0]["speaker"]
    assert said["subtitle"] == "jueves 12 de noviembre de 2026, de 9:00 a 10:00"


def test_the_launch_shows_no_date_of_any_action_nor_their_order(world: Core) -> None:
    launch = content(world, meeting(world, "lanzamiento"))["launch"]
    assert [a["code"] for a in launch["obstacles"][0]["solutions"][0]["actions"]] == ["BIO-02", "BIO-03", "BIO-01"]
    said = json.dumps(launch["obstacles"], ensure_ascii=False)
    assert not any(word in said for word in ("2027", "due", "starts", "light", "percent"))


def test_what_left_the_matrix_is_not_presented(world: Core) -> None:
    world.action("BIO-08", state="salida")
    world.action("BIO-09", state="propuesta")
    said = json.dumps(content(world, meeting(world, "lanzamiento"))["launch"]["obstacles"])
    assert "BIO-08" not in said
    assert "BIO-09" not in said


def test_the_schedule_says_who_how_and_by_when_the_dates_are_defined(world: Core) -> None:
    world.first_initiative().overrides = {"sin_fecha_aviso_meses": 3}
    schedule = content(world, meeting(world, "lanzamiento"))["launch"]["schedule"]
    assert schedule["title"] == "Definición conjunta de fechas"
    assert schedule["who"] == "El líder técnico con cada entidad responsable: Invima."
    assert "Concertación" in schedule["how"]
    assert "3 meses" in schedule["by"]
    assert "12 de febrero de 2027" in schedule["by"]


def test_both_sectors_validate_and_proposals_carry_their_origin(world: Core) -> None:
    number = world.first_initiative().id
    world.add(
        Prioritisation(
            initiative_id=number, sector="público", by="MinSalud", remarks="De acuerdo", on=day(TODAY), recorded_by="LT"
        )
    )
    idea = Obstacle(initiative_id=number, theme="", kind="Barrera", text="Faltan insumos", state="propuesta")
    idea.origin = "privado"
    world.add(Solution(obstacle=idea, text="Compra conjunta", state="propuesta"))
    launch = content(world, meeting(world, "lanzamiento"))["launch"]
    assert [(s["sector"], s["said"], s["remarks"]) for s in launch["sectors"]] == [
        ("público", "Validada el 10 de noviembre de 2026 por MinSalud", "De acuerdo"),
        ("privado", "Pendiente de validar", ""),
    ]
    assert launch["proposals"] == [
        {"what": "Barrera", "text": "Faltan insumos", "solution": "Compra conjunta", "origin": "privado"}
    ]


def test_the_microsite_or_a_warning_and_never_an_invented_link(world: Core) -> None:
    row = meeting(world, "lanzamiento")
    assert "no está configurada" in content(world, row)["warnings"][0]
    said = content(world, row, microsite="https://micrositio.example")
    assert (said["warnings"], said["publisher"]["microsite"]) == ([], "https://micrositio.example")


def test_the_pack_has_figures_alerts_and_what_was_not_reported(world: Core) -> None:
    world.add(Meeting(kind="seguimiento", state="realizada", held_on=day("2026-11-03"), prepared_by="GG",
                      prepared_at=at("2026-11-01")))  # fmt: skip
    action = world.session.query(Action).filter_by(code="BIO-01").one()
    for number, raised in enumerate(("2026-11-03", "2026-11-04")):
        world.add(Alert(key=f"k{number}", kind="VENCIDA_1_MES", initiative_id=action.initiative_id,
                        action_id=action.id, episode=str(number), raised_on=day(raised)))  # fmt: skip
    said = content(world, meeting(world, "seguimiento"))
    (row,) = said["pack"]["initiatives"]
    assert (row["figures"]["compliance_text"], row["alerts"], row["new_alerts"]) == ("0\u00a0%", 2, 1)
    assert (row["month"], row["unreported"]) == ("octubre de 2026", 3)
    assert {light["word"]: light["count"] for light in row["lights"]} == {"Al día": 3}
    assert said["pack"]["since"] == "2026-11-03"


def test_the_pack_names_what_needs_attention_once(world: Core) -> None:
    action = world.session.query(Action).filter_by(code="BIO-01").one()
    case = world.add(HighLevelCase(initiative_id=action.initiative_id, opened_on=day("2026-11-05")))
    world.add(CaseAction(case_id=case.id, action_id=action.id, due_version=1, joined_on=case.opened_on))
    said = content(world, meeting(world, "seguimiento"))
    (row,) = said["pack"]["initiatives"]
    assert "Solución de alto nivel abierta desde el 5 de noviembre de 2026: BIO-01." in row["attention"]
    assert [i["content"] for i in said["items"]] == [[]]


def test_candidates_for_a_new_initiative_are_on_the_pack(world: Core) -> None:
    world.add(Initiative(slug="nueva", name="Nueva", position=9, state="candidata", overrides={}, phase_two=True))
    assert content(world, meeting(world, "seguimiento"))["pack"]["candidates"] == ["Nueva (Fase II): Candidata."]


def test_a_meeting_that_was_held_keeps_its_agenda_and_shows_the_matrix_of_its_day(world: Core) -> None:
    internal = meeting(world, "seguimiento")
    internal.state, internal.held_on = "realizada", day("2026-11-12")
    said = content(world, internal, "2027-01-15")
    assert said["pack"] is None
    assert any("Cumplimiento" in line for line in said["items"][0]["content"])
    logros = meeting(world, "logros", state="realizada", held_on=day("2026-11-12"))
    world.action("BIO-07", incorporated_on=date(2026, 12, 1))
    assert content(world, logros, "2027-01-15")["figures"]["actions"] == 3
    assert content(world, logros, "2027-01-15")["cut_off"] == "2026-11-12"


def test_agreements_have_their_owner_and_day(world: Core) -> None:
    row = meeting(world, "logros", next_undefined=True)
    world.add(Agreement(meeting_id=row.id, kind="compromiso", text="Remitir el concepto", owner="Planeación",
                        due=day("2026-12-01"), state="pendiente"))  # fmt: skip
    said = content(world, row)
    assert [(a["text"], a["owner"], a["due"]) for a in said["agreements"]] == [
        ("Remitir el concepto", "Planeación", "2026-12-01")
    ]
    assert said["next"] == "Por definir"


def test_texts_of_the_matrix_name_no_person(world: Core) -> None:
    for kind in ("lanzamiento", "logros", "seguimiento"):
        said = content(world, meeting(world, kind))
        for item in said["items"]:
            del item["speaker"]
        assert "Restrepo" not in json.dumps(said, ensure_ascii=False)
