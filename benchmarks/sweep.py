"""The daily sweep over 1,000,000 actions in 10,000 initiatives, on SQLite and on PostgreSQL.

`record_due` against the bare `INSERT … SELECT` statements it amounts to: they are noted down from one sweep and given
straight to the driver, on the same rows, in the same run. Rounds alternate and are rolled back; medians; only the ratio
counts. «first» is a service that starts over an old backlog, «daily» an ordinary day after it. What Python allocates in
a first sweep is measured over a tenth of the actions and over all of them: it must not grow with them.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any

from sqlalchemy import event, func, insert, select, text

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "peers"))
from postgres import database_url

import storage.tables  # noqa: F401 - its tables belong to the metadata
from methodology.method import Method, fill_calendar
from methodology.rules.calendar import BOGOTA
from methodology.rules.deadlines import Deadlines, deadlines_of
from methodology.sweep import record_due
from storage.db import Database
from storage.ledger import Alert, CaseAction, HighLevelCase, Notice
from storage.matrix import Action, Entity, Initiative
from storage.types import Base

ACTIONS, INITIATIVES, ENTITIES = 1_000_000, 10_000, 300
CHUNK = 50_000
ROUNDS = {"first": 3, "daily": 9}
GOAL = 1.5
MOST_GROWTH = 1.5
START, NEXT = date(2026, 11, 18), date(2026, 11, 19)
METHOD = Method()
Statements = list[tuple[str, Any]]


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(8), BOGOTA)


def _fill(session: Any, actions: int = ACTIONS, initiatives: int = INITIATIVES) -> None:  # noqa: ANN401 - a session
    fill_calendar(session, METHOD)
    chance = random.Random(2026)  # noqa: S311 - a repeatable matrix, not a secret
    launch = date(2026, 1, 15)
    session.execute(
        insert(Initiative),
        [
            {"id": n, "slug": f"i{n:05d}", "name": f"Iniciativa {n}", "position": n, "launch": launch,
             "state": "en_ejecucion", "overrides": {}, "alerts_from": launch}
            for n in range(1, initiatives + 1)
        ],
    )  # fmt: skip
    session.execute(
        insert(Entity), [{"id": n, "name": f"Entidad {n}", "mail": f"e{n}@x.example"} for n in range(1, ENTITIES + 1)]
    )
    for first in range(0, actions, CHUNK):
        session.execute(
            insert(Action), [_row(n, initiatives, chance) for n in range(first, min(first + CHUNK, actions))]
        )


def _row(number: int, initiatives: int, chance: random.Random) -> dict[str, Any]:
    due = START + timedelta(days=chance.randint(-150, 90))
    days = _deadlines(due)
    return {
        "code": f"A-{number:07d}",
        "initiative_id": number % initiatives + 1,
        "entity_id": chance.randint(1, ENTITIES),
        "text": f"Acción {number}",
        "priority": "Media",
        "due": due,
        "original_due": due,
        "due_soon_on": days.due_soon_on,
        "overdue_month_on": days.overdue_month_on,
        "high_level_on": days.high_level_on,
        "state": "vigente" if chance.random() < 0.8 else "cumplida",
    }


@lru_cache
def _deadlines(due: date) -> Deadlines:
    return deadlines_of(due, METHOD.calendar, METHOD.thresholds)


@contextmanager
def _noted(database: Database) -> Iterator[Statements]:
    """The INSERT … SELECT statements that go to the driver meanwhile."""
    seen: Statements = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:  # noqa: ANN401
        if statement.startswith("INSERT") and "SELECT" in statement:
            seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


def _rolled_back(database: Database, work: Callable[[Any], None]) -> float:
    """Seconds that `work(session)` takes; what it wrote is undone."""
    with database.begin() as session:
        session.connection()
        began = perf_counter()
        work(session)
        took = perf_counter() - began
        session.rollback()
    return took


def _sweep(day: date) -> Callable[[Any], None]:
    return lambda session: record_due(session, METHOD, _moment(day))


def _bare(statements: Statements) -> Callable[[Any], None]:
    def work(session: Any) -> None:  # noqa: ANN401 - a session
        cursor = session.connection().connection.cursor()
        for statement, parameters in statements:
            cursor.execute(statement, parameters)
        cursor.close()

    return work


def _written(session: Any) -> int:  # noqa: ANN401 - a session
    return sum(
        session.scalar(select(func.count()).select_from(table)) for table in (Notice, Alert, HighLevelCase, CaseAction)
    )


def _compare(database: Database, label: str, day: date) -> float:
    with _noted(database) as statements:
        _rolled_back(database, _sweep(day))
    ours, bare = [], []
    for _ in range(ROUNDS[label.split()[1]]):
        ours.append(_rolled_back(database, _sweep(day)))
        bare.append(_rolled_back(database, _bare(statements)))
    ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
    ms = statistics.median(ours) * 1000, statistics.median(bare) * 1000
    print(f"{label:20} record_due {ms[0]:8.1f} ms   bare SQL {ms[1]:8.1f} ms ({len(statements)})   ratio {ratio:.2f}")
    return ratio


def _play(name: str, url: str) -> dict[str, float]:
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.do(_fill)
    _analyse(database)
    ratios = {f"{name} first": _compare(database, f"{name} first", START)}
    database.do(record_due, METHOD, _moment(START))
    _analyse(database)
    ratios[f"{name} daily"] = _compare(database, f"{name} daily", NEXT)
    database.do(record_due, METHOD, _moment(NEXT))
    before = database.do(_written)
    database.do(record_due, METHOD, _moment(NEXT))
    assert database.do(_written) == before, "a second sweep of the same day wrote something"
    print(f"{name}: {before} rows in all; the second sweep of the day wrote none")
    database.close()
    return ratios


def _allocated(url: str, actions: int) -> float:
    """The most MB that Python holds at once in a first sweep."""
    database = Database(url)
    Base.metadata.create_all(database.engine)
    database.do(_fill, actions, INITIATIVES)
    _analyse(database)
    database.do(lambda session: fill_calendar(session, METHOD))
    tracemalloc.start()
    _rolled_back(database, _sweep(START))
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    database.close()
    return peak


def _growth(folder: str) -> float:
    tenth, whole = (_allocated(f"sqlite:///{folder}/{actions}.db", actions) for actions in (ACTIONS // 10, ACTIONS))
    print(f"most that a first sweep allocates: {tenth:.1f} MB over a tenth of the actions, {whole:.1f} MB over all")
    return whole / tenth


def _analyse(database: Database) -> None:
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.sqlite else "VACUUM ANALYZE"))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        growth = _growth(folder)
        ratios = _play("SQLite", f"sqlite:///{folder}/bench.db")
    ratios |= _play("PostgreSQL", database_url("bench_sweep"))
    worst = max(ratios.values())
    cases = {case: round(ratio, 2) for case, ratio in ratios.items()}
    outcome = {"name": "sweep", "baseline": "bare SQL", "ratio": round(worst, 2), "goal": GOAL}
    ok = worst <= GOAL and growth <= MOST_GROWTH
    print(json.dumps(outcome | {"ok": ok, "cases": cases, "memory": round(growth, 2)}))


if __name__ == "__main__":
    main()
