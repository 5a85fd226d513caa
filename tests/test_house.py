"""The rules of the house, kept by a program. An exception is written down here with its reason, or it is a mistake."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.settings import TABLE, BadSettings, load
from dialogs.command_page import FILE as COMMANDS_FILE
from dialogs.command_page import command_page
from dialogs.commands import BY_NAME, COMMANDS, Command, InitiativeName, parse
from dialogs.lines import FollowUpLines
from methodology.operation_page import FILE as OPERATIONS_FILE
from methodology.operation_page import operation_page
from methodology.rules.page import FILE, rules_page
from methodology.rules.thresholds import KEYS

ROOT = Path(__file__).parents[1]
ROOMS = ("bot", "cards", "demo", "dialogs", "mail", "methodology", "reports", "scheduler", "storage")
FILES = sorted(
    path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "versions" not in path.parts
)  # migrations are as Alembic writes them
MOST_LINES = 500

CLOCKS = {
    "methodology/clock.py": "the one clock",
    "demo/clock.py": "the Sala may not import the product's clock; until the bot's door answers there is no other",
}
BROAD_EXCEPTS = {
    "bot/acceptance.py:Acceptance.steps": "whatever falls in a step is told, and what the test made is deleted",
    "bot/acceptance.py:Acceptance._cleaned": "what could not be deleted is named, for a person to do it",
    "bot/core.py:Core.guarded": "nobody awaits a background job: its failure goes to the tray",
    "bot/teams/entry.py:Entry._serve": "whatever a turn throws is answered with 500, logged and reported",
    "bot/teams/entry.py:Entry._report": "the report of a failed turn must not fail the answer",
    "mail/read/workbook.py:grids": "the library falls in any way on a broken workbook: its mail is read, and says so",
    "mail/inbox.py:Inbox._process": "one bad message must not stop the others: it is parked in the tray",
    "mail/fetching.py:Fetcher.try_once": "a mailbox that cannot be read is told of, and tried again",
    "mail/fetching.py:Fetcher.serve": "where telling fails too (the database): logged, and tried again",
    "mail/listener.py:_Handler.handle_DATA": "the relay is told 451 and keeps the message",
    "scheduler/metronome.py:Metronome._more": "work beside the sweep stops nothing; a person is told",
    "scheduler/delivery.py:Deliverer.deliver": "an unforeseen error at the wire leaves the message in doubt, not lost",
    "scheduler/jobs.py:EmbeddedJobs._round": "a database that fails for a while does not end the queue",
    "scheduler/jobs.py:EmbeddedJobs._run": "one bad job stops no other: it is parked in the tray and tried again",
}
ONLY_IN = {
    "botbuilder": ("bot/",),
    "botframework": ("bot/",),
    "msrest": ("bot/",),
    "apscheduler": ("scheduler/",),
    "exchangelib": ("mail/ews.py",),
    "imap_tools": ("mail/imap.py",),
    "aiosmtplib": ("mail/", "demo/"),
    "httpx": ("mail/graph_wire.py", "mail/entra.py"),
    "msal": ("mail/entra.py",),
    "holidays": ("methodology/rules/calendar.py",),
}
BARE_IGNORE = re.compile(r"# type: ignore(?!\[[\w-]+(?:,\s*[\w-]+)*\])")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def dotted(node: ast.expr) -> str:
    """`datetime.datetime.now` of a call's function, as far as it is plain names."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def calls(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node.lineno


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_one_clock() -> None:
    reads = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today)$")
    found = {name_of(path) for path in FILES for call, _line in calls(path) if reads.search(call)}
    assert found == set(CLOCKS)


def test_nobody_blocks_the_loop_with_a_sleep() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    assert [name_of(path) for path in [*FILES, *tests] if "time.sleep" in set(imports(path))] == []
    found = [
        f"{name_of(path)}:{line}" for path in FILES for call, line in calls(path) if call in ("time.sleep", "sleep")
    ]
    assert found == []


def broad(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind) in ("Exception", "BaseException") for kind in kinds)


def broad_excepts(node: ast.AST, place: str, sep: str = ":") -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from broad_excepts(child, f"{place}{sep}{child.name}", ".")
        else:
            if isinstance(child, ast.ExceptHandler) and broad(child):
                yield place
            yield from broad_excepts(child, place, sep)


def test_a_broad_except_stands_only_at_a_loops_edge() -> None:
    found = {place for path in FILES for place in broad_excepts(tree(path), name_of(path))}
    assert found - set(BROAD_EXCEPTS) == set(), "not in the list, with its reason"
    assert set(BROAD_EXCEPTS) - found == set(), "gone from the code: take it off the list"


def test_a_type_ignore_says_which_error() -> None:
    found = [
        f"{name_of(path)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if BARE_IGNORE.search(line)
    ]
    assert found == []


def test_no_file_is_too_long() -> None:
    long = {name_of(path): size for path in FILES if (size := path.read_text("utf-8").count("\n")) > MOST_LINES}
    assert long == {}


@pytest.mark.parametrize("package", list(ONLY_IN))
def test_a_library_stays_in_its_room(package: str) -> None:
    users = {name_of(path) for path in FILES if any(name.split(".")[0] == package for name in imports(path))}
    assert [user for user in sorted(users) if not user.startswith(ONLY_IN[package])] == []


def test_every_module_begins_with_annotations_from_the_future() -> None:
    found = []
    for path in FILES:
        body = tree(path).body
        if body and isinstance(body[0], ast.Expr):
            body = body[1:]  # the docstring
        first = body[0] if body else None
        future = isinstance(first, ast.ImportFrom) and first.module == "__future__"
        if first is not None and not future:
            found.append(name_of(path))
    assert found == []


# --- what people read says what the code does -------------------------------------------------------------------------


def test_the_page_of_rules_is_fresh() -> None:
    assert FILE.read_text("utf-8") == rules_page(), "python -m methodology.rules.page"


def test_the_page_of_operations_is_fresh() -> None:
    assert OPERATIONS_FILE.read_text("utf-8") == operation_page(), "python -m methodology.operation_page"


def test_the_page_of_commands_is_fresh() -> None:
    assert COMMANDS_FILE.read_text("utf-8") == command_page(), "python -m dialogs.command_page"


@pytest.mark.parametrize("key", [*TABLE, *KEYS])
def test_every_setting_is_explained(key: str) -> None:
    assert re.search(rf"^\| `{re.escape(key)}` \|", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    example = (ROOT / "soluciones.example.toml").read_text("utf-8")
    assert re.search(rf"^(# )?{re.escape(key)} = ", example, re.MULTILINE)


CHOSEN = ("MicrosoftAppId", "MicrosoftAppPassword", "MicrosoftAppTenantId", "SECRET_KEY")


def test_the_example_of_settings_starts_nothing_until_what_is_ones_own_is_written() -> None:
    with pytest.raises(BadSettings) as caught:
        load({"SOLUCIONES_CONFIG": str(ROOT / "soluciones.example.toml")})
    assert [problem.split(":")[0] for problem in caught.value.problems] == list(CHOSEN)


def test_every_optional_line_of_the_example_may_be_taken_in(tmp_path: Path) -> None:
    text = (ROOT / "soluciones.example.toml").read_text("utf-8")
    opened = re.sub(r"^# ([\w.]+ = )", r"\1", text, flags=re.MULTILINE)
    chosen = re.sub(rf"^({'|'.join(CHOSEN)}) = .*$", rf'\1 = "{"k" * 40}"', opened, flags=re.MULTILINE)
    assert set(TABLE) <= set(flat(tomllib.loads(chosen)))
    file = tmp_path / "soluciones.toml"
    file.write_text(chosen, encoding="utf-8")
    load({"SOLUCIONES_CONFIG": str(file)})


def flat(table: dict[str, object], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield from flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]


@pytest.mark.parametrize("name", list(BY_NAME))
def test_every_command_is_in_the_guide(name: str) -> None:
    assert f"`/{name}" in (ROOT / "docs" / "guia.md").read_text("utf-8")


def test_a_sentence_sends_nobody_to_a_command_that_is_not_there() -> None:
    sent = {name for path in FILES for name in re.findall(r"\b(?:con|o|en) /([a-z-]+)", path.read_text("utf-8"))}
    assert sent <= set(BY_NAME)


NAMES = [
    InitiativeName("medicamentos_sintesis_quimica", "Medicamentos de síntesis química", "MSQ"),
    InitiativeName("biologicos", "Biológicos", "BIO"),
    InitiativeName("dispositivos_medicos", "Dispositivos médicos", "DME"),
    InitiativeName("cannabis_canamo", "Cannabis y cáñamo", "CYC"),
    InitiativeName("astilleros", "Astilleros", "AST"),
]


def examples() -> list[str]:
    """The lines of the guide's blocks: each is something to type."""
    blocks = re.findall(r"```text\n(.*?)```", (ROOT / "docs" / "guia.md").read_text("utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line]


def test_the_guide_has_an_example_of_every_command() -> None:
    assert {spec.name for spec in COMMANDS} == {line[1:].split()[0] for line in examples() if line.startswith("/")}


@pytest.mark.parametrize("line", examples())
def test_what_the_guide_says_to_type_is_understood(line: str) -> None:
    meant = parse(line, NAMES, date(2026, 11, 26), ["Instituto Nacional de Vigilancia (Invima)"])
    assert isinstance(meant, Command | FollowUpLines)
    assert not (meant.problem if isinstance(meant, Command) else meant.errors)
