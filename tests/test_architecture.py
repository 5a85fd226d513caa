"""ARCHITECTURE.md is checked like code: what it names exists, its table is whole, its roads are short."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
NAMED = re.compile(r"`([\w/]+\.py):([\w.]+)`")
IN_CODE = re.compile(r"`([^`\s]+)`")
MOST_FILES = 6
ROADS = 4


def section(title: str, level: str = "##") -> str:
    """What stands under a heading, up to the next one of its level or above."""
    start = TEXT.index(f"\n{level} {title}")
    end = re.search(rf"\n#{{2,{len(level)}}} ", TEXT[start + 1 :])
    return TEXT[start : start + 1 + end.start()] if end else TEXT[start:]


@lru_cache(maxsize=256)
def names_in(file: Path) -> frozenset[str]:
    """Every function, class, method and constant of a file, methods as Class.method."""
    found: set[str] = set()

    def walk(body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(prefix + node.name)
            elif isinstance(node, ast.ClassDef):
                found.add(prefix + node.name)
                walk(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.Assign):
                found.update(prefix + target.id for target in node.targets if isinstance(target, ast.Name))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                found.add(prefix + node.target.id)

    walk(ast.parse(file.read_text("utf-8")).body, "")
    return frozenset(found)


@pytest.mark.parametrize("named", sorted({f"{file}:{name}" for file, name in NAMED.findall(TEXT)}))
def test_what_is_named_exists(named: str) -> None:
    file, _, name = named.partition(":")
    assert (ROOT / file).is_file(), f"{file} is gone"
    assert name in names_in(ROOT / file), f"{file} has no {name}"


def test_every_room_stands_in_the_table_and_every_row_is_a_folder() -> None:
    rows = re.findall(r"^\| `([\w/]+)/` \|", section("Rooms"), re.MULTILINE)
    assert all((ROOT / room).is_dir() for room in rows)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = set(settings["tool"]["importlinter"]["root_packages"])
    on_disk = {path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"}
    assert on_disk <= packages, "a package without import contracts"
    assert {room for room in rows if "/" not in room} == packages


def roads() -> list[str]:
    return re.findall(r"^### (Road \d: .+)$", TEXT, re.MULTILINE)


def test_there_are_four_roads() -> None:
    assert len(roads()) == ROADS


@pytest.mark.parametrize("road", roads())
def test_a_road_is_short_and_has_its_durable_row(road: str) -> None:
    steps = re.findall(r"^\d+\. .*", section(road, "###"), re.MULTILINE)
    files = {file for step in steps for file, _name in NAMED.findall(step)}
    assert all(NAMED.search(step) for step in steps)
    assert 0 < len(files) <= MOST_FILES, sorted(files)
    assert any("**[row]**" in step for step in steps)


def test_the_recipes_name_files_that_exist() -> None:
    words = IN_CODE.findall(section("Recipes"))
    paths = [word for word in words if re.fullmatch(r"[\w./]+(?:/|\.(?:py|md|toml))", word)]
    assert len(paths) > 20
    assert [path for path in paths if not (ROOT / path).exists()] == []
