"""`examples/guion.yaml` is a whole life: nothing in it is refused, in the simulation and in the Sala."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.demo import START, free_port, running
from bot.script import perform_all, play_script, told
from methodology.actions import find
from methodology.matrix_files import read_folder
from methodology.method import Method
from methodology.operations import find as find_operation
from methodology.script import BadScript, parse_script, read_script
from methodology.simulation import simulate
from storage.db import Database
from storage.types import Base
from tests.bot.stage import Stage

EXAMPLES = Path("examples")
SCRIPT = EXAMPLES / "guion.yaml"
SHORT = """
- on: 2026-11-05
  role: LT
  does: accion.fecha
  with: {accion: BIO-05, fecha: 2027-02-12}
- on: 2026-11-05
  role: LT
  does: accion.anular
  with: {accion: BIO-05, motivo: No le corresponde anular}
"""


def journal(only: str = "") -> list[dict[str, Any]]:
    """What the script does to the examples, or to one of their initiatives and the new one alone."""
    last = date(2027, 3, 31)
    data = read_folder(EXAMPLES, last)
    kept = tuple(row for row in data.initiatives if only in row.slug)
    actions = tuple(row for row in data.actions if only in row.initiative)
    people = tuple(replace(row, substitute="") for row in data.people if not row.initiative or only in row.initiative)
    part = replace(data, initiatives=kept, actions=actions, people=people)
    db = Database("sqlite://")
    Base.metadata.create_all(db.engine)
    with db.begin() as session:
        lines = list(simulate(session, part, Method(), START, last, read_script(SCRIPT)))
    db.close()
    return lines


def test_every_step_of_the_whole_life_names_an_operation_and_its_fields() -> None:
    for step in read_script(SCRIPT):
        fields = {one.name: one for one in find_operation(step.does).fields}
        assert set(step.given) <= set(fields), step
        assert {name for name, one in fields.items() if one.required} <= set(step.given), step


@pytest.mark.slow
def test_no_step_of_the_whole_life_is_refused() -> None:
    lines = journal("biologicos")
    done = [line for line in lines if line["event"] == "operation"]
    assert [line for line in done if "refused" in line] == []
    assert len(done) == len(read_script(SCRIPT))
    stands = {line["initiative"]: line for line in lines if line["event"] == "state"}
    assert (stands["biologicos"]["state"], stands["autopartes"]["state"]) == ("cerrada", "en_ejecucion")
    assert stands["biologicos"]["actions"]["salida"] == 1


@pytest.mark.slow
def test_no_step_is_refused_among_all_the_examples() -> None:
    assert [line for line in journal() if "refused" in line] == []


async def test_the_sala_plays_a_script_and_says_what_was_refused(stage: Stage) -> None:
    lines = await perform_all(stage.demo, parse_script(SHORT), lambda _line: None)
    assert stage.read(find, "BIO-05").due == date(2027, 2, 12)
    assert "NO SE HIZO: Esta operación corresponde a: Gerencia General o Planeación" in told(lines[1])


async def test_a_script_that_cannot_be_read_starts_nothing(tmp_path: Path) -> None:
    file = tmp_path / "guion.yaml"
    file.write_text("- does: accion.fecha", encoding="utf-8")
    with pytest.raises(BadScript, match="falta «on»"):
        await play_script(file, folder=tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


@pytest.mark.slow
async def test_the_sala_plays_the_whole_life(tmp_path: Path) -> None:
    async with running(tmp_path / "demo", free_port()) as demo:
        lines = await perform_all(demo, read_script(SCRIPT), lambda _line: None)
    assert [told(line) for line in lines if "refused" in line] == []


STEP = "- {{on: {on}, role: {role}, does: {does}, with: {given}}}"
WHAT = {"on": "2026-11-05", "role": "LT", "does": "accion.fecha", "given": "{accion: BIO-05, fecha: 2027-02-12}"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "guion: un guion es una lista de pasos"),
        ("- on: [1\n- x", "guion, línea 2, columna 4: no es YAML válido: revise la sangría"),
        (
            STEP.format(**WHAT | {"on": "5/11"}),
            "guion, paso 1: «5/11» no dice el año: escriba la fecha como 2026-11-12.",
        ),
        (STEP.format(**WHAT | {"on": "[2026-11-05]"}), "guion, paso 1: «on» lleva un solo dato"),
        (
            STEP.format(**WHAT | {"on": '2026-11-05, at: "25:00"'}),
            "paso 1: «25:00» no es una hora: escríbala como 09:30",
        ),
        (STEP.format(**WHAT | {"role": "JEFE"}), "guion, paso 1: «JEFE» no es un cargo; use LT, GG"),
        (STEP.format(**WHAT | {"role": "{a: b}"}), "guion, paso 1: «role» lleva un solo dato"),
        (
            STEP.format(**WHAT | {"does": "accion.volar"}),
            "guion, paso 1: No hay una operación «accion.volar». Existen: ",
        ),
        (
            STEP.format(**WHAT | {"given": "{accion: A, dia: 1}"}),
            "paso 1: «dia» no es un dato de accion.fecha; use acc",
        ),
        (STEP.format(**WHAT | {"given": "{accion: ''}"}), "guion, paso 1: accion.fecha necesita «accion», «fecha»."),
        (STEP.format(**WHAT | {"given": "{accion: {a: b}}"}), "guion, paso 1: «accion» lleva texto"),
        (STEP.format(**WHAT | {"given": "[accion]"}), "guion, paso 1: «with» lleva los datos por su nombre"),
    ],
)
def test_a_step_that_cannot_be_played_is_refused_when_the_script_is_read(text: str, why: str) -> None:
    with pytest.raises(BadScript) as refused:
        parse_script(text)
    assert why in str(refused.value)


def test_every_step_that_cannot_be_played_is_named_at_once() -> None:
    text = "\n".join(STEP.format(**WHAT | {"role": role}) for role in ("JEFE", "LT", "JEFA"))
    with pytest.raises(BadScript, match=r"paso 1: «JEFE»(.|\n)*paso 3: «JEFA»"):
        parse_script(text)


def test_an_hour_may_be_written_without_its_zero() -> None:
    (step,) = parse_script(STEP.format(**WHAT | {"on": '2026-11-05, at: "9:30"'}))
    assert (step.at.hour, step.at.minute) == (9, 30)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "No existe el guion"),
        (b"", "lista de pasos"),
        ("- año".encode("cp1252"), "no está en UTF-8"),
        (b"a\0", "YAML"),
    ],
)
def test_a_file_that_is_no_script_is_refused_in_words(tmp_path: Path, content: bytes | None, why: str) -> None:
    if content is not None:
        (tmp_path / "guion.yaml").write_bytes(content)
    with pytest.raises(BadScript, match=why):
        read_script(tmp_path / "guion.yaml")
    with pytest.raises(BadScript, match="no se puede leer como guion"):
        read_script(tmp_path)
