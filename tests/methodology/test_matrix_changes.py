"""R3, R28: the matrix as it stood on a past day, and what changed since it was last published."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from core_world import INVIMA, Core, at, day

from methodology import actions
from methodology.history import recording
from methodology.publishing import approve, draft, matrix_content
from methodology.rules.periods import Period
from methodology.seen import WITHHELD, names_withheld
from storage.ledger import Alert, Report
from storage.life import Member, Validation
from storage.matrix import Action, ActionVersion, Obstacle, Solution

SALUD = "Ministerio de Salud y Protección Social (MinSalud)"
NOV_DEC = Period(2026, 6)


@pytest.fixture
def world(core: Core) -> Core:
    initiative = core.initiative()
    obstacle = core.add(Obstacle(initiative_id=initiative.id, theme="Registro", kind="Brecha", text="Represamiento"))
    core.add(Solution(obstacle=obstacle, text="Ruta priorizada"))
    for number in range(1, 5):
        core.action(f"BIO-0{number}", "2027-03-31", solution=core.all(Solution)[0])
    return core


def changed(core: Core, code: str, on: str, **values: Any) -> None:
    """A change of that day, with its version."""
    action = core.session.query(Action).filter_by(code=code).one()
    before = actions.picture(action)
    for name, value in values.items():
        setattr(action, name, value)
    actions.keep(core.session, action, before, "LT", "Acuerdo de la mesa", at(on))
    core.session.flush()


def matrix(core: Core, on: str, **more: Any) -> dict[str, Any]:
    return matrix_content(core.session, core.first_initiative(), day(on), **more)


def rows(core: Core, on: str) -> list[tuple[str, str, str, str]]:
    changes = matrix(core, on, period=NOV_DEC)["changes"]
    return [(r["code"], r["what"], r["before"], r["now"]) for r in changes["rows"]]


def publish(core: Core, on: str, period: Period = NOV_DEC) -> Report:
    report = draft(core.session, "matriz", core.first_initiative().id, period, at(on))
    return approve(core.session, report.id, "Planeación", at(on))


def actions_of(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {a["code"]: a for o in content["obstacles"] for s in o["solutions"] for a in s["actions"]}


def test_the_first_publication_is_compared_with_the_launch(world: Core) -> None:
    changed(world, "BIO-01", "2026-11-05", text="Expedir la guía y su formulario")
    assert rows(world, "2026-11-10") == [
        ("BIO-01", "Nueva redacción", "Expedir la guía BIO-01", "Expedir la guía y su formulario")
    ]
    since = matrix(world, "2026-11-10", period=NOV_DEC)["changes"]["since"]
    assert since == "el lanzamiento, el 15 de enero de 2026"


def test_a_matrix_registered_after_its_launch_is_compared_with_its_registration(core: Core) -> None:
    with recording(core.session, "PL", "Carga inicial", at("2026-11-02")):
        core.action("BIO-01")
    with recording(core.session, "LT", "Ajuste", at("2026-11-09")):
        changed(core, "BIO-01", "2026-11-09", priority="Baja")
    assert rows(core, "2026-11-10") == [("BIO-01", "Cambio de prioridad", "Alta", "Baja")]
    since = matrix(core, "2026-11-10", period=NOV_DEC)["changes"]["since"]
    assert since == "su registro, el 2 de noviembre de 2026"


def test_every_kind_of_change_is_told_since_the_last_publication(world: Core) -> None:
    changed(world, "BIO-01", "2026-11-02", text="Ya publicada")
    publish(world, "2026-11-03")
    changed(world, "BIO-01", "2026-11-10", due=date(2027, 4, 30))
    changed(world, "BIO-02", "2026-11-10", entity_id=world.entity(SALUD).id)
    changed(world, "BIO-03", "2026-11-10", state="salida")
    changed(world, "BIO-04", "2026-11-10", state="anulada")
    world.action("BIO-05", None, incorporated_on=date(2026, 11, 10))
    assert rows(world, "2026-11-11") == [
        ("BIO-01", "Cambio de fecha de vencimiento", "31/3/2027", "30/4/2027"),
        ("BIO-02", "Cambio de entidad responsable", INVIMA, SALUD),
        ("BIO-03", "Salida de la matriz", "", ""),
        ("BIO-04", "Retirada de la matriz", "", ""),
        ("BIO-05", "Acción nueva", "", "Sin fecha"),
    ]


def test_a_name_withheld_is_no_change_of_words(world: Core) -> None:
    world.person("Ana María Restrepo")
    changed(world, "BIO-01", "2026-11-02", text="Mesa con Ana María Restrepo")
    publish(world, "2026-11-03")
    assert rows(world, "2026-11-04") == []


def test_versions_go_on_from_period_to_period(world: Core) -> None:
    assert publish(world, "2026-11-03").version == 1
    changed(world, "BIO-01", "2027-01-10", priority="Baja")
    second = publish(world, "2027-01-11", Period(2027, 1))
    assert (second.version, second.content["changes"]["since"]) == (
        2,
        "la versión 1, con corte al 3 de noviembre de 2026",
    )


def test_what_is_published_is_not_drafted_again_while_nothing_changes(world: Core) -> None:
    report = publish(world, "2026-11-03")
    assert draft(world.session, "matriz", world.first_initiative().id, NOV_DEC, at("2026-11-09")) is report


def test_the_matrix_of_today_tells_no_changes(world: Core) -> None:
    assert matrix(world, "2026-11-10")["changes"] is None


def test_a_past_day_shows_what_was_registered_by_its_end(world: Core) -> None:
    changed(world, "BIO-01", "2026-11-05", text="Otra redacción", due=date(2027, 4, 30), due_moves=1)
    then = actions_of(matrix(world, "2026-11-04", as_of=True))["BIO-01"]
    assert (then["text"], then["due"], then["moves"]) == ("Expedir la guía BIO-01", "2027-03-31", 0)
    of_the_day = actions_of(matrix(world, "2026-11-05", as_of=True))["BIO-01"]
    assert (of_the_day["text"], of_the_day["due"], of_the_day["moves"]) == ("Otra redacción", "2027-04-30", 1)


def test_what_entered_later_was_not_there(world: Core) -> None:
    world.action("BIO-08", incorporated_on=date(2026, 11, 6))
    with recording(world.session, "PL", "Importación", at("2026-11-06")):
        world.action("BIO-09")
    assert {"BIO-08", "BIO-09"}.isdisjoint(actions_of(matrix(world, "2026-11-05", as_of=True)))
    assert {"BIO-08", "BIO-09"} <= set(actions_of(matrix(world, "2026-11-06", as_of=True)))


def test_obstacles_solutions_and_the_state_of_the_initiative_are_those_of_the_day(world: Core) -> None:
    with recording(world.session, "LT", "Ajuste", at("2026-11-05")):
        world.all(Obstacle)[0].text = "Otro obstáculo"
        world.all(Solution)[0].text = "Otra solución"
        world.first_initiative().state = "pausada"
        world.session.flush()
    before, after = matrix(world, "2026-11-04", as_of=True), matrix(world, "2026-11-05", as_of=True)
    told = [
        (m["obstacles"][0]["text"], m["obstacles"][0]["solutions"][0]["text"], m["initiative"]["state"])
        for m in (before, after)
    ]
    assert told == [
        ("Represamiento", "Ruta priorizada", "En ejecución"),
        ("Otro obstáculo", "Otra solución", "Pausada"),
    ]
    assert actions_of(before)["BIO-01"]["light"]["word"] == "Al día"
    assert actions_of(after)["BIO-01"]["light"]["word"] == "Pausada"


def test_alerts_of_a_past_day_are_those_open_then(world: Core) -> None:
    action = world.session.query(Action).filter_by(code="BIO-01").one()
    alert = Alert(
        key="k", kind="VENCIDA_1_MES", initiative_id=action.initiative_id, action_id=action.id, episode="1",
        raised_on=day("2026-11-04"), state="abierta",
    )  # fmt: skip
    world.add(alert)
    with recording(world.session, "LT", "Cumplida", at("2026-11-06")):
        alert.state = "cerrada"
        world.session.flush()
    days = ("2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06")
    assert [actions_of(matrix(world, on, as_of=True))["BIO-01"]["alerts"] for on in days] == [0, 1, 1, 0]


def test_a_past_matrix_says_which_day_it_is_of(world: Core) -> None:
    assert matrix(world, "2026-11-04", as_of=True)["as_of"] == "2026-11-04"
    assert matrix(world, "2026-11-04")["as_of"] is None
    assert not world.session.query(ActionVersion).count()


def test_names_of_those_outside_the_directory_are_withheld_and_institutions_are_not(world: Core) -> None:
    initiative_id = world.first_initiative().id
    world.add(
        Member(
            initiative_id=initiative_id, post="Ministra", entity="Ministerio de Salud", holder="Clara Ríos Peña",
            gender="f", mail="c@salud.example", substitute="Dr. Iván de la Torre", since=date(2026, 1, 1),
            state="activo", proposed_by="GG",
        )
    )  # fmt: skip
    said = "Marta Gómez, Cámara de la Industria Naval"
    world.add(Obstacle(initiative_id=initiative_id, theme="", kind="brecha", text="Cupos", brought_by=said))
    world.add(
        Validation(
            subject="BIO-01", initiative_id=initiative_id, accepted=True, by="Pedro Niño (Invima)",
            on=date(2026, 10, 1), evidence="Acta", recorded_by="LT",
        )
    )  # fmt: skip
    withheld = names_withheld(world.session)
    text = "Clara Ríos Peña, Iván de la Torre, Marta Gómez y Pedro Niño"
    assert withheld(text) == f"{WITHHELD}, {WITHHELD}, {WITHHELD} y {WITHHELD}"
    spared = f"La Cámara de la Industria Naval, el Ministerio de Salud y el {INVIMA}"
    assert withheld(spared) == spared
