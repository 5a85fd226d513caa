from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from databases import sqlite_file
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.orm import Session

from methodology.notices import insert_once
from storage.conversations import Overtaken, load, save
from storage.db import Database, DatabaseInUse
from storage.ledger import Notice, Tick
from storage.matrix import Entity, Setting

NOON = datetime(2026, 11, 3, 17, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    sqlite_file(tmp_path / "ledger.db")
    return tmp_path / "ledger.db"


@pytest.fixture
def db(file: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{file}")
    yield opened
    opened.close()


def _pragma(database: Database, name: str) -> object:
    return database.do(lambda session: session.execute(text(f"PRAGMA {name}")).scalar_one())


def _put(session: Session, key: str = "a", value: str = "1") -> None:
    session.add(Setting(key=key, value=value))


@pytest.mark.parametrize(
    ("name", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 5000), ("foreign_keys", 1)]
)
def test_the_writer_has_the_pragmas_that_were_chosen(db: Database, name: str, value: object) -> None:
    assert _pragma(db, name) == value


def test_there_is_one_writer_a_file(db: Database, file: Path) -> None:
    with pytest.raises(DatabaseInUse, match="Otro proceso está usando"):
        Database(f"sqlite:///{file}")


def test_the_file_is_free_again_when_its_writer_closes(file: Path) -> None:
    Database(f"sqlite:///{file}").close()
    Database(f"sqlite:///{file}").close()


def test_a_reader_reads_beside_the_writer_and_cannot_write(db: Database, file: Path) -> None:
    reader = Database(f"sqlite:///{file}", read_only=True)
    db.do(_put)
    assert reader.do(lambda session: session.get_one(Setting, "a").value) == "1"
    with pytest.raises(OperationalError, match="readonly"):
        reader.do(_put, "b")
    reader.close()


def test_a_write_begins_by_taking_the_lock(db: Database, file: Path) -> None:
    """BEGIN IMMEDIATE: a transaction that reads first and writes later cannot be overtaken."""
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other, db.begin() as session:
        session.scalars(select(Setting)).all()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")


async def test_run_is_one_transaction_off_the_loop(database: Database) -> None:
    def write(session: Session) -> str:
        _put(session)
        return threading.current_thread().name

    assert (await database.run(write)).startswith("db")
    assert database.do(lambda session: session.get_one(Setting, "a").value) == "1"


async def test_what_raises_is_rolled_back(database: Database) -> None:
    def fail(session: Session) -> None:
        _put(session)
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database.run(fail)
    assert database.do(lambda session: session.get(Setting, "a")) is None


async def test_many_turns_at_once_lose_no_write(database: Database) -> None:
    def one(session: Session, number: int) -> None:
        _put(session, str(number))

    before = database.do(_settings)
    await asyncio.gather(*(database.run(one, number) for number in range(40)))
    assert database.do(_settings) - before == 40


def _settings(session: Session) -> int:
    return len(session.scalars(select(Setting)).all())


async def test_a_turn_is_done_at_once_where_the_connection_is_free(database: Database) -> None:
    def write(session: Session) -> str:
        _put(session)
        return threading.current_thread().name

    here = threading.current_thread().name
    assert (await database.at_once(write) == here) is database.sqlite
    assert database.do(lambda session: session.get_one(Setting, "a").value) == "1"


async def test_a_turn_waits_off_the_loop_while_another_writes(db: Database) -> None:
    halfway, finish = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        _put(session)
        halfway.set()
        finish.wait(10)

    writing = asyncio.create_task(db.run(slow))
    await asyncio.to_thread(halfway.wait, 10)
    turn = asyncio.create_task(db.at_once(lambda session: session.get_one(Setting, "a").value))
    await asyncio.sleep(0)
    assert not turn.done()
    finish.set()
    assert await turn == "1"
    await writing


async def test_threads_take_turns_on_the_one_connection(db: Database) -> None:
    """A command that reads in the loop's thread does not fall into the writer's transaction."""
    halfway, finish = threading.Event(), threading.Event()

    def slow(session: Session) -> None:
        _put(session)
        session.flush()
        halfway.set()
        finish.wait(10)

    writing = asyncio.create_task(db.run(slow))
    await asyncio.to_thread(halfway.wait, 10)
    reading = asyncio.create_task(asyncio.to_thread(db.do, lambda session: session.get(Setting, "a")))
    finish.set()
    await writing
    assert (await reading) is not None


def test_each_commit_is_a_crash_point_and_a_rollback_is_none(tmp_path: Path) -> None:
    points: list[str] = []
    database = Database(sqlite_file(tmp_path / "x.db"), after_commit=lambda: points.append("commit"))
    database.do(_put)
    with pytest.raises(IntegrityError):
        database.do(_put)
    assert points == ["commit"]
    database.close()


def test_the_engine_says_its_version(database: Database) -> None:
    assert database.version().startswith("SQLite" if database.sqlite else "PostgreSQL")


def test_foreign_keys_are_enforced(database: Database) -> None:
    def orphan(session: Session) -> None:
        values = {"rule": "R15", "subject": "x", "period": "v1", "post": "LT", "channel": "teams"}
        days = {"recorded_on": date(2026, 11, 3), "deliver_on": date(2026, 11, 3)}
        session.add(Notice(key="k", initiative_id=999, **values, **days))

    with pytest.raises(IntegrityError):
        database.do(orphan)


def test_moments_come_back_aware_and_naive_ones_are_refused(database: Database) -> None:
    database.do(lambda session: session.add(Tick(job="latido", slot="s", at=NOON)))
    assert database.do(lambda session: session.scalars(select(Tick)).one().at) == NOON
    with pytest.raises(StatementError, match="must be aware"):
        database.do(lambda session: session.add(Tick(job="l", slot="n", at=NOON.replace(tzinfo=None))))


def test_insert_once_says_who_was_first(database: Database) -> None:
    values = {"job": "latido", "slot": "2026-11-03T08:00", "at": NOON}
    tries = [database.do(insert_once, Tick, values, "job", "slot") for _ in range(3)]
    assert tries == [True, False, False]


# --- conversations: compare and set ----------------------------------------------------------------------------------


def test_a_conversation_is_written_back_with_its_etag(database: Database) -> None:
    assert database.do(load, "c").etag == 0
    first = database.do(save, "c", {"step": 1}, 0)
    second = database.do(save, "c", {"step": 2}, first)
    stored = database.do(load, "c")
    assert (stored.state, stored.etag) == ({"step": 2}, second)


def test_whoever_writes_with_an_old_etag_is_overtaken(database: Database) -> None:
    first = database.do(save, "c", {"step": 1}, 0)
    database.do(save, "c", {"step": 2}, first)
    for etag in (0, first):
        with pytest.raises(Overtaken):
            database.do(save, "c", {"step": 9}, etag)
    assert database.do(load, "c").state == {"step": 2}


def test_two_turns_of_one_conversation_cannot_both_win(database: Database) -> None:
    database.do(save, "c", {"step": 1}, 0)
    stored = database.do(load, "c")
    wins = []
    for step in (2, 3):
        try:
            wins.append(database.do(save, "c", {"step": step}, stored.etag))
        except Overtaken:
            wins.append(0)
    assert wins == [2, 0]


def test_the_short_name_of_an_entity_is_its_acronym() -> None:
    assert Entity(name="Instituto Nacional de Vigilancia (Invima)", mail="").short == "Invima"
    assert Entity(name="Vecol S.A.", mail="").short == "Vecol S.A."


def test_the_file_and_what_stands_beside_it_are_its_own_users_alone(tmp_path: Path) -> None:
    """Contacts and raw mails are in it; also one that a former version left open to others."""
    file = tmp_path / "s.db"
    file.touch(0o644)
    for _life in range(2):
        database = Database(f"sqlite:///{file}")
        database.do(lambda session: session.execute(text("create table if not exists t (a int)")))
        modes = {one.name: oct(one.stat().st_mode & 0o777) for one in tmp_path.iterdir()}
        assert set(modes) >= {"s.db", "s.db-wal", "s.db-shm"}
        assert set(modes.values()) == {"0o600"}
        database.close()
