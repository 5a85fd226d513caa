"""Road 1 dies at every commit, send and acknowledgement, and goes on from the file: nothing lost, nothing repeated."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from core_world import Core
from crash_play import DAYS, Account, Fate, Killed, Provider, account, furnish, live, open_office
from databases import sqlite_file
from office import Letter

from methodology.rules.table import RULES
from storage.db import Database

HERE = Path(__file__).parent
MEMORY = Path("/dev/shm")
SHARDS = 8


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where a file may be written a thousand times: in memory, where there is such a place."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("crash") / "ledger.db"
    database = Database(sqlite_file(path))
    database.do(lambda session: furnish(Core(session)))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("VACUUM")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


def _run(url: str, fate: Fate, provider: Provider, reached: list[str]) -> None:
    office = open_office(url, fate, provider)
    try:
        asyncio.run(live(office, reached))
    finally:
        office.db.close()


def _play(furnished: Path, path: Path, kill_at: int) -> tuple[Fate, Account, list[Letter]]:
    """Live until the crash point, die, come back from the file, and live to the end."""
    shutil.copyfile(furnished, path)
    url, provider, reached, fate = f"sqlite:///{path}", Provider(), list[str](), Fate(at=kill_at)
    try:
        _run(url, fate, provider, reached)
    except Killed:
        _run(url, Fate(), provider, reached)
    database = Database(url, read_only=True)
    told = database.do(account)
    database.close()
    return fate, told, provider.received


@pytest.fixture(scope="module")
def undisturbed(furnished: Path) -> tuple[Fate, Account, list[Letter]]:
    return _play(furnished, furnished.with_name("undisturbed.db"), 0)


def _check(found: Account, received: Iterable[Letter], reference: Account) -> None:
    doubted = {batch for _, batch, _, state, _, _ in found.deliveries if state == "uncertain"}
    again = {batch for _, batch, _, _, attempts, _ in found.deliveries if attempts > 1}
    got = Counter((key, letter.reader) for letter in received for key in letter.keys)

    assert doubted <= set(found.tray), "a message in doubt that planning does not see"
    assert all(state in ("sent", "uncertain", "withdrawn") for state in found.notices.values()), found.notices
    for key, batch, reader, state, _attempts, error in found.deliveries:
        assert state in ("sent", "uncertain", "withdrawn"), (key, state)
        assert state != "sent" or got[key, reader], f"{key} is said to be sent and never arrived"
        if got[key, reader] > 1:
            assert batch in again, f"{key} arrived twice and the ledger does not know"
            assert RULES[key.partition("|")[0]].repeatable, f"{key} is no prompt and was repeated ({error})"
        assert got[key, reader] <= 2, key
    told = {key for key, state in found.notices.items() if state != "withdrawn"}
    lost = {key for key, state in reference.notices.items() if state != "withdrawn"} - told
    if not doubted:
        assert lost == set()
    assert {key.split("|")[0] for key in lost} <= {"R17", "R17.aviso", "R25"}, "only what follows from a doubt may wait"


def test_undisturbed_everything_arrives_exactly_once(undisturbed: tuple[Fate, Account, list[Letter]]) -> None:
    fate, told, received = undisturbed
    rules = {key.partition("|")[0] for key, state in told.notices.items() if state == "sent"}
    assert rules == {"R14", "R10", "R11", "R11.faltantes", "R15", "R17", "R17.aviso", "R19", "R25"}
    assert max(Counter((k, letter.reader) for letter in received for k in letter.keys).values()) == 1
    names = {"recovered", "swept", "planned", "sending committed", "sent, not recorded", "sent and recorded", "commit"}
    assert names <= set(fate.names)
    _check(told, received, told)


@pytest.mark.parametrize("shard", [n if n % 4 == 0 else pytest.param(n, marks=pytest.mark.slow) for n in range(SHARDS)])
def test_killed_at_every_point_nothing_is_lost_and_nothing_repeated(
    furnished: Path, folder: Path, undisturbed: tuple[Fate, Account, list[Letter]], shard: int
) -> None:
    points = len(undisturbed[0].names)
    assert points > 100
    for kill_at in range(1 + shard, points + 1, SHARDS):
        fate, told, received = _play(furnished, folder / f"{kill_at}.db", kill_at)
        try:
            assert fate.dead
            _check(told, received, undisturbed[1])
        except AssertionError as failed:
            failed.add_note(f"killed at {kill_at}: {fate.names[-1]}")
            raise


def test_dying_between_acceptance_and_record_repeats_prompts_only(
    furnished: Path, folder: Path, undisturbed: tuple[Fate, Account, list[Letter]]
) -> None:
    """The one gap no bot can close: the provider took it and the ledger did not hear."""
    outcomes = set()
    for number, name in enumerate(undisturbed[0].names, start=1):
        if name == "sent, not recorded":
            _, told, received = _play(furnished, folder / f"{number}.db", number)
            twice = [k for k, n in Counter(k for letter in received for k in letter.keys).items() if n > 1]
            outcomes |= {key.partition("|")[0] for key in twice}
            assert twice or "uncertain" in told.notices.values(), "either again, or in doubt"
    assert "R10" in outcomes
    assert all(RULES[rule].repeatable for rule in outcomes)


# --- and a real one ---------------------------------------------------------------------------------------------------


def _program(path: Path, received: Path, stall: int) -> subprocess.Popen[str]:
    paths = [str(HERE), str(HERE.parent / "peers"), str(HERE.parents[1])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, str(HERE / "crash_play.py"), str(path), str(received), str(stall)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("stall", [2, 4])
def test_a_real_kill_9_in_the_middle_of_a_send(
    furnished: Path, tmp_path: Path, undisturbed: tuple[Fate, Account, list[Letter]], stall: int
) -> None:
    path, received = tmp_path / "real.db", tmp_path / "received.jsonl"
    shutil.copyfile(furnished, path)
    with _program(path, received, stall) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "stalled\n"
        os.kill(first.pid, signal.SIGKILL)
    with _program(path, received, 0) as second:
        second.communicate(timeout=120)
        assert second.returncode == 0
    lines = [json.loads(line) for line in received.read_text().splitlines()]
    letters = [Letter(b, r, bundle, tuple(k), tuple(s)) for b, r, bundle, k, s in lines]
    database = Database(f"sqlite:///{path}", read_only=True)
    told = database.do(account)
    database.close()
    assert DAYS[-1] in received.with_name("received.jsonl.days").read_text()
    _check(told, letters, undisturbed[1])
