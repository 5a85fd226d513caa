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
    assert "NO SE HIZO: Esta operación corresponde a: Gerente General o Planeación" in told(lines[1])


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
