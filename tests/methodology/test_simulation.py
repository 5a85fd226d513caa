from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from core_world import Core, at
from databases import in_memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from methodology.matrix_files import ActionRow, Dataset, EntityRow, InitiativeRow, read_folder
from methodology.method import Method
from methodology.rules.calendar import WorkCalendar
from methodology.rules.states import Post
from methodology.script import Step
from methodology.simulation import simulate

EXAMPLES = Path(__file__).parents[2] / "examples"
RULES = ("R10", "R14", "R15", "R19", "R30", "R36")
CALENDAR = WorkCalendar()
DAY = timedelta(days=1)
Line = tuple[str, str | None, str, str | None, str]


def _replay(data: Dataset, first: date, last: date) -> list[dict[str, Any]]:
    with in_memory() as database, database.begin() as session:
        return list(simulate(session, data, Method(), first, last))


def _lines(rows: Iterable[dict[str, Any]]) -> set[Line]:
    return {
        (row["rule"], row["initiative"], row["subject"], row["due"], row["recorded_on"])
        for row in rows
        if row["rule"] in RULES
    }


# --- the oracle: the method read again, slowly, row by row -----------------------------------------------------------


def _m(day: date, n: int) -> date:
    """m(d, n), found by walking back from the month's 31st."""
    months = day.month - 1 + n
    year, month = day.year + months // 12, months % 12 + 1
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError


def _habil_before(day: date) -> date:
    day -= DAY
    while not CALENDAR.is_habil(day):
        day -= DAY
    return day


def _cycle(year: int, month: int) -> tuple[date, date, date, date]:
    """(opens, closes, request, deadline) of a month's window."""
    closes = _m(date(year, month, 1), 1) - DAY
    opens = closes - 4 * DAY
    request = opens
    for _ in range(10):
        request = _habil_before(request)
    return opens, closes, request, _habil_before(opens)


def _oracle(data: Dataset, first: date, last: date) -> set[Line]:
    launches = {row.slug: row.launch for row in data.initiatives if row.launch}
    internal = {row.name for row in data.entities if row.internal}
    still = [row for row in data.actions if row.state == "vigente" and row.initiative in launches]
    expected = {*_of_dates(still, launches), *_of_launches(launches)}
    for year in range(min(launches.values()).year, last.year + 2):
        for month in range(1, 13):
            opens, closes, request, deadline = _cycle(year, month)
            for slug in {row.initiative for row in still}:
                if closes >= launches[slug]:
                    on = max(opens, launches[slug])
                    expected.add(("R10", slug, f"{year}-{month:02d}", str(closes), str(on)))
            for row in still:
                if row.entity not in internal and request >= launches[row.initiative]:
                    expected.add(("R14", None, row.entity, str(deadline), str(request)))
    return {line for line in expected if str(first) <= line[4] <= str(last)}


def _of_dates(still: Sequence[ActionRow], launches: dict[str, date]) -> Iterator[Line]:
    opening: dict[str, tuple[date, date]] = {}
    for row in still:
        if row.due is None:
            continue
        launch = launches[row.initiative]
        soon = row.due - 15 * DAY
        soon = soon if CALENDAR.is_habil(soon) else _habil_before(soon)
        told = max(soon, launch)
        if CALENDAR.on_or_after(told) <= row.due:
            yield "R19", row.initiative, row.code, str(row.due), str(told)
        if _m(row.due, 1) >= launch:
            yield "R15", row.initiative, row.code, str(row.due), str(_m(row.due, 1))
        high = (_m(row.due, 2) + DAY, row.due)
        if high[0] >= launch:
            opening[row.initiative] = min(high, opening.get(row.initiative, high))
    for slug, (on, due) in opening.items():
        yield "R30", slug, slug, str(due), str(on)


def _of_launches(launches: dict[str, date]) -> Iterator[Line]:
    for slug, launch in launches.items():
        closing = _m(launch, 18)
        for subject, before in (("aviso-60", 60), ("aviso-30", 30), ("18-meses", 0)):
            yield "R36", slug, subject, str(closing), str(closing - before * DAY)


# --- the promises ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return read_folder(EXAMPLES, date(2026, 12, 31))


@pytest.fixture(scope="module")
def lived(sample: Dataset) -> list[dict[str, Any]]:
    return _replay(sample, date(2025, 5, 1), date(2027, 6, 30))


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-05-01", "2027-06-30"),
        ("2026-11-01", "2026-12-31"),
        ("2026-11-13", "2026-11-13"),
        ("2026-02-01", "2026-02-28"),
        ("2025-12-20", "2026-01-10"),
    ],
)
def test_the_simulation_agrees_with_the_method_read_row_by_row(
    sample: Dataset, lived: list[dict[str, Any]], first: str, last: str
) -> None:
    lines = _lines(row for row in lived if first <= row["recorded_on"] <= last)
    assert lines == _oracle(sample, date.fromisoformat(first), date.fromisoformat(last))


def test_a_range_is_a_slice_of_the_whole(sample: Dataset, lived: list[dict[str, Any]]) -> None:
    first, last = "2026-11-01", "2026-12-31"
    part = _replay(sample, date.fromisoformat(first), date.fromisoformat(last))
    assert part == [row for row in lived if first <= row["recorded_on"] <= last]


def test_every_notice_is_delivered_on_the_first_habil_from_its_day(lived: list[dict[str, Any]]) -> None:
    for row in lived:
        recorded = date.fromisoformat(row["recorded_on"])
        assert row["deliver_on"] == str(CALENDAR.on_or_after(recorded)), row


def test_no_notice_comes_twice_and_none_before_its_launch(sample: Dataset, lived: list[dict[str, Any]]) -> None:
    launches = {row.slug: str(row.launch) for row in sample.initiatives}
    seen = [json.dumps(row, sort_keys=True) for row in lived]
    assert len(set(seen)) == len(seen)
    assert [r for r in lived if r["initiative"] and r["recorded_on"] < launches[r["initiative"]]] == []


def test_every_notice_names_a_post_never_a_person_and_says_why(lived: list[dict[str, Any]]) -> None:
    assert {row["post"] for row in lived} <= {str(post) for post in Post}
    assert all(row["why"].startswith(row["rule"].split(".")[0] + ": ") and "{" not in row["why"] for row in lived)


def test_the_moved_delivery_is_explained_with_the_days_passed_over(lived: list[dict[str, Any]]) -> None:
    moved = next(r for r in lived if r["rule"] == "R30" and r["recorded_on"] != r["deliver_on"])
    assert "Se entrega el" in moved["why"]


def test_the_folder_needs_no_people(tmp_path: Path, lived: list[dict[str, Any]]) -> None:
    folder = Path(shutil.copytree(EXAMPLES, tmp_path / "matrices"))
    (folder / "personas.csv").unlink()
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    data = read_folder(folder, last)
    assert any("personas.csv" in warning for warning in data.warnings)
    assert _replay(data, first, last) == [r for r in lived if str(first) <= r["recorded_on"] <= str(last)]


def test_without_a_launch_there_is_nothing_to_tell() -> None:
    data = Dataset((InitiativeRow("nueva", "Nueva", None),), (), (), (), ())
    assert _replay(data, date(2026, 1, 1), date(2026, 12, 31)) == []


def _cli(*words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "soluciones"), "simulate", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=EXAMPLES.parent)


def test_the_command_prints_one_json_object_a_line(lived: list[dict[str, Any]]) -> None:
    done = _cli("--data", "examples", "--from", "2026-11-01", "--to", "2026-12-31", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert rows == [r for r in lived if "2026-11-01" <= r["recorded_on"] <= "2026-12-31"]
    assert set(rows[0]) == {
        "rule", "initiative", "subject", "due", "recorded_on", "deliver_on", "post", "channel", "why",
    }  # fmt: skip


def test_the_command_says_what_is_wrong_with_its_words(tmp_path: Path) -> None:
    wrong_day = _cli("--data", "examples", "--from", "31/31/2026", "--to", "2026-12-31")
    no_folder = _cli("--data", str(tmp_path / "nada"), "--from", "2026-11-01", "--to", "2026-12-31")
    assert (wrong_day.returncode, no_folder.returncode) == (2, 2)
    assert "«31/31/2026» no es una fecha" in wrong_day.stderr
    assert "No existe la carpeta" in no_folder.stderr


def test_a_folder_with_errors_is_refused_with_all_of_them(tmp_path: Path) -> None:
    with (tmp_path / "iniciativas.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["slug", "nombre", "fecha_lanzamiento"], ["a", "A", "31/02/2026"]])
    done = _cli("--data", str(tmp_path), "--from", "2026-11-01", "--to", "2026-12-31", "--json")
    assert done.returncode == 2
    assert "iniciativas.csv, fila 2, columna «fecha_lanzamiento»" in done.stderr
    assert "falta el archivo" in done.stderr
    assert done.stdout == ""


def test_what_was_withdrawn_is_not_told(lived: list[dict[str, Any]]) -> None:
    of_the_launch = [row for row in lived if row["initiative"] == "biologicos" and row["recorded_on"] == "2025-08-29"]
    assert "R10" in {row["rule"] for row in of_the_launch}
    assert "R11" not in {row["rule"] for row in of_the_launch}, "the window's opening goes that very day"


def test_a_follow_up_of_the_files_comes_on_its_day(lived: list[dict[str, Any]]) -> None:
    october = [
        (row["rule"], row["recorded_on"]) for row in lived if row["subject"] == "2026-10" and row["post"] == "LT"
    ]
    assert set(october) == {("R10", "2026-10-27"), ("R11", "2026-10-28")}, "all was reported on the 29th"


def test_a_refused_step_is_told_whatever_its_day(sample: Dataset) -> None:
    given = {"accion": "BIO-05", "motivo": "No le corresponde anular"}
    steps = [Step(at("2026-11-05"), "LT", "accion.anular", given)]
    with in_memory() as database, database.begin() as session:
        lines = list(simulate(session, sample, Method(), date(2026, 11, 9), date(2026, 11, 9), steps))
    assert [line["on"] for line in lines if "refused" in line] == ["2026-11-05"]


# --- any matrix, any launch, any year --------------------------------------------------------------------------------


def _row(code: str, initiative: str, entity: str, due: date | None, state: str) -> ActionRow:
    return ActionRow(
        code=code, initiative=initiative, theme="", obstacle_kind="", obstacle="", solution="", text=code,
        entity=entity, supporting="", priority="Alta", starts=None, due=due, original_due=due, state=state,
        percent=None, narrative="", followed_on=None, met_on=None, is_achievement=False, achievement_priority="",
        nature="", source="", file=f"{initiative}.csv", row=2,
    )  # fmt: skip


@st.composite
def _datasets(draw: st.DrawFn) -> tuple[Dataset, date]:
    start = draw(st.dates(date(2024, 1, 1), date(2035, 6, 30)))
    count = draw(st.integers(1, 3))
    launches = [start, *(draw(st.none() | st.dates(start, start + 120 * DAY)) for _ in range(count - 1))]
    initiatives = tuple(InitiativeRow(f"i{n}", f"I{n}", launch) for n, launch in enumerate(launches))
    entities = tuple(EntityRow(f"Entidad {n}", f"e{n}@x.example", n == 2) for n in range(3))
    dues = st.none() | st.dates(start - 100 * DAY, start + 200 * DAY)
    states = st.sampled_from(["vigente", "vigente", "vigente", "cumplida", "salida", "por_validar"])
    actions = tuple(
        _row(
            f"A-{n:02d}",
            f"i{draw(st.integers(0, count - 1))}",
            f"Entidad {draw(st.integers(0, 2))}",
            draw(dues),
            draw(states),
        )
        for n in range(draw(st.integers(0, 6)))
    )
    return Dataset(initiatives, entities, (), actions, ()), start


@settings(suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(_datasets(), st.integers(-20, 150), st.integers(0, 90))
def test_any_small_matrix_agrees_with_the_method(made: tuple[Dataset, date], offset: int, length: int) -> None:
    data, start = made
    first = start + offset * DAY
    last = first + length * DAY
    assert _lines(_replay(data, first, last)) == _oracle(data, first, last)


@settings(derandomize=True)
@given(st.dates(date(2024, 1, 1), date(2034, 1, 1)))
def test_the_eighteen_months_of_any_launch_are_counted_right(launch: date) -> None:
    expected = [(line[2], line[4]) for line in _of_launches({"i0": launch})]
    with in_memory() as database, database.begin() as session:
        core = Core(session)
        core.initiative("i0", launch=str(launch))
        for number, (_, on) in enumerate(expected):
            core.sweep(str(date.fromisoformat(on) - DAY))
            assert len(core.told("R36")) == number
            core.sweep(on)
            assert [(subject, recorded) for subject, recorded, _ in core.told("R36")] == expected[: number + 1]
