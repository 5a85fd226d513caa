"""Undoing the last import: what it changed is as before, in new versions; what it made goes, or stays and is said.

Nothing is overwritten (R3): the undoing is kept as changes of its own, under the same import. Alerts and silences that
the import closed stay closed: a restored date is a new due_version, so that what holds for it rises again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from methodology import actions, alerts, history
from methodology.as_of import native
from methodology.clock import local
from methodology.import_changes import NAMES
from methodology.importing import IMPORTED, START, UNDONE
from methodology.method import Method
from methodology.refusals import NotFound, NotNow
from methodology.rules.spanish import short_date, time_of_day
from methodology.rules.states import ActionState
from storage.history import Change, ImportRun
from storage.ledger import Outreach
from storage.matrix import (
    Achievement,
    Action,
    ActionVersion,
    Entity,
    FollowUp,
    Holding,
    Initiative,
    Obstacle,
    Person,
    Setting,
    Solution,
)  # fmt: skip
from storage.types import Base

_MADE: tuple[type[Base], ...] = (Solution, Obstacle, Holding, Person, Entity, Initiative)
"""What an import may make beside actions and their follow-ups, in the order in which it can be taken away."""
_RESTORED = (Initiative, Entity, Person, Holding, Action)
_DERIVED = frozenset(
    {
        "version", "due", "due_version", "due_set_on", "due_soon_on", "overdue_month_on", "high_level_on", "undated_on",
        "entity_id",
    }
)  # fmt: skip
_DATED = frozenset({"due", "entity_id"})
_NOUNS: Mapping[type, str] = {
    Action: "Acción", Initiative: "Iniciativa", Entity: "Entidad", Person: "Persona", Holding: "Cargo",
    Obstacle: "Obstáculo", Solution: "Solución",
}  # fmt: skip
_FEW = 20


@dataclass
class _Undoing:
    """One import on its way back: the first value of every column it changed, the rows it made, what to say."""

    session: Session
    run: ImportRun
    author: str
    now: datetime
    method: Method
    before: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    made: dict[str, list[int]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        return local(self.now).date()


def last_run(session: Session) -> ImportRun | None:
    """The newest import that stands."""
    query = select(ImportRun).where(ImportRun.undone_at.is_(None)).order_by(ImportRun.id.desc())
    return session.scalar(query.limit(1))


def undo_last(session: Session, actor_name: str, now: datetime, method: Method) -> list[str]:
    """Undo the newest import that stands; what was undone, in sentences. The files may be imported again.

    Raises:
        NotFound: there is none.
        NotNow: people have changed what it brought; every such change is named.
    """
    run = last_run(session)
    if run is None:
        raise NotFound("No hay una importación que deshacer.")
    undoing = _Undoing(session, run, actor_name, now, method)
    _read(undoing)
    if theirs := list(_changed_since(undoing)):
        more = f" Y {len(theirs) - _FEW} cambios más." if len(theirs) > _FEW else ""
        told = " ".join(theirs[:_FEW])
        raise NotNow(f"No se deshizo la importación del {_when(run.at)}: después hubo cambios. {told}{more}")
    with history.recording(session, actor_name, UNDONE, now, import_id=run.id):
        _restore(undoing)
        _take_away(undoing)
    run.undone_at, run.undone_by = now, actor_name
    _take_away_start(session, run)
    alerts.sweep_again(session)
    session.flush()
    return [f"Se deshizo la importación del {_when(run.at)} ({run.author}).", *undoing.lines]


def _take_away_start(session: Session, run: ImportRun) -> None:
    """The day that the first import took by itself as `arranque.fecha` goes with it; a configured one stays."""
    session.flush()
    start = session.get(Setting, START)
    if start is not None and last_run(session) is None and start.value == local(run.at).date().isoformat():
        session.delete(start)


def _when(moment: datetime) -> str:
    return f"{short_date(local(moment).date())} a las {time_of_day(local(moment))}"


def _read(undoing: _Undoing) -> None:
    """From the import's own changes; a row that it made is not one that it changed."""
    query = select(Change).where(Change.import_id == undoing.run.id).order_by(Change.id)
    for change in undoing.session.scalars(query):
        key = (change.table, change.row_id)
        if not change.before:
            undoing.made.setdefault(change.table, []).append(change.row_id)
        elif change.row_id not in undoing.made.get(change.table, ()):
            undoing.before[key] = dict(change.before) | undoing.before.get(key, {})


def _changed_since(undoing: _Undoing) -> Iterable[str]:
    """What people did since to the rows this import touched; the clock's part undoes itself."""
    tables = {table.__tablename__: table for table in (*_RESTORED, Obstacle, Solution)}
    touched = set(undoing.before) | {(table, number) for table, numbers in undoing.made.items() for number in numbers}
    last = select(Change.id).where(Change.import_id == undoing.run.id).order_by(Change.id.desc()).limit(1)
    query = select(Change).where(
        Change.id > last.scalar_subquery(),
        Change.import_id.is_(None),
        Change.author != history.CLOCK,
        Change.table.in_(tables),
    )
    told = set()
    for change in undoing.session.scalars(query.order_by(Change.id)):
        if (change.table, change.row_id) in touched:
            told.add((change.table, change.row_id, change.at))
            yield _theirs(undoing, tables[change.table], change)
    yield from _versions_since(undoing, {(row_id, at) for table, row_id, at in told if table == "action"})


def _theirs(undoing: _Undoing, table: type[Base], change: Change) -> str:
    row = undoing.session.get(table, change.row_id)
    what = (
        f"cambió {_columns(change.after)}"
        if change.before and change.after
        else "la retiró"
        if change.before
        else "la creó"
    )
    return f"{_NOUNS[table]} {_called(row)}: {change.author}, {_when(change.at)}, {what} («{change.reason}»)."


def _versions_since(undoing: _Undoing, told: set[tuple[int, datetime]]) -> Iterable[str]:
    """Versions of the import's actions that no kept change tells of."""
    numbers = {number for table, number in undoing.before if table == "action"}
    numbers |= set(undoing.made.get("action", ()))
    query = select(ActionVersion, Action).join(Action, Action.id == ActionVersion.action_id)
    query = query.where(
        ActionVersion.at >= undoing.run.at, ActionVersion.author != IMPORTED, ActionVersion.reason != UNDONE
    )
    for version, action in undoing.session.execute(query.order_by(ActionVersion.id)).tuples():
        if action.id in numbers and (action.id, version.at) not in told:
            yield f"Acción {action.code}: {version.author}, {_when(version.at)} («{version.reason}»)."


def _restore(undoing: _Undoing) -> None:
    tables = {table.__tablename__: table for table in _RESTORED}
    for (name, number), before in undoing.before.items():
        table = tables.get(name)
        row = undoing.session.get(table, number) if table else None
        if table is None or row is None:
            continue
        values = native(table, before)
        if isinstance(row, Action) and values.keys() <= _DERIVED - _DATED:
            continue
        if isinstance(row, Action):
            _restore_action(undoing, row, values)
        else:
            for key, value in values.items():
                setattr(row, key, value)
        undoing.session.flush()
        undoing.lines.append(f"{_NOUNS[table]} {_called(row)}: vuelve a lo anterior ({_columns(values)}).")
        if isinstance(row, Initiative) and "launch" in values:
            actions.place_again(undoing.session, row, undoing.method)


def _restore_action(undoing: _Undoing, action: Action, values: Mapping[str, Any]) -> None:
    """A new version; a former date or entity has the consequences it would have by hand."""
    session, former_id = undoing.session, action.entity_id
    was = {name: getattr(action, name) for name in values if name not in _DERIVED or name in _DATED}
    for name in values.keys() - _DERIVED:
        setattr(action, name, values[name])
    if "due" in values:
        action.due_version += 1
        action.due_set_on = undoing.today
        actions.place_due(action, values["due"], undoing.method)
    if "due" in values or "state" in values:
        actions.withdraw_about(session, action.id, "la importación se deshizo", "R9", "R19")
        alerts.close_for_action(session, action.id, "reprogramación")
    if "entity_id" in values:
        action.entity_id, action.entity = values["entity_id"], session.get_one(Entity, values["entity_id"])
        if action.state == ActionState.OPEN:
            actions.handed_over(session, action, former_id, undoing.today)
    _version(undoing, action, was)


def _version(undoing: _Undoing, action: Action, before: Mapping[str, Any]) -> None:
    action.version += 1
    after = {name: history.plain_value(getattr(action, name)) for name in before}
    undoing.session.add(
        ActionVersion(
            action_id=action.id, version=action.version, at=undoing.now, author=undoing.author, reason=UNDONE,
            before={name: history.plain_value(value) for name, value in before.items()}, after=after,
        )
    )  # fmt: skip


def _take_away(undoing: _Undoing) -> None:
    _take_away_actions(undoing)
    for table in _MADE:
        numbers = undoing.made.get(table.__tablename__, [])
        held = _depended_on(undoing.session, table, numbers)
        for row in _rows(undoing.session, table, numbers):
            name = _called(row)
            if row.id in held:
                if table not in (Obstacle, Solution):
                    undoing.lines.append(f"{_NOUNS[table]} {name}: permanece, porque hay registros que la nombran.")
                continue
            undoing.session.delete(row)
            undoing.lines.append(f"{_NOUNS[table]} {name}: se retiró.")
        undoing.session.flush()


def _take_away_actions(undoing: _Undoing) -> None:
    """An action that nothing speaks of goes with the follow-up it came with; any other is annulled, and stays."""
    session, numbers = undoing.session, undoing.made.get("action", [])
    tables: tuple[type[Base], ...] = (FollowUp, Achievement)
    brought = {table: undoing.made.get(table.__tablename__, []) for table in tables}
    held = _depended_on(session, Action, numbers, apart=brought) | _asked_about(session, numbers)
    for row in _rows(session, Action, numbers):
        if row.id in held and row.state != ActionState.ANNULLED:
            actions.annul(session, row, reason=UNDONE, author=undoing.author, now=undoing.now)
            undoing.lines.append(f"Acción {row.code}: pasa a anulada, porque hay registros que la nombran.")
    gone = [number for number in numbers if number not in held]
    for table, made in brought.items():
        for row in _rows(session, table, made):
            if row.action_id in gone:
                session.delete(row)
        session.flush()
    for row in _rows(session, Action, gone):
        undoing.lines.append(f"Acción {row.code}: se retiró.")
        session.delete(row)
    session.flush()


def _rows(session: Session, table: type[Base], numbers: Sequence[int]) -> list[Any]:
    key = table.__table__.c.id
    return list(session.scalars(select(table).where(key.in_(numbers)).order_by(key))) if numbers else []


def _depended_on(
    session: Session,
    table: type[Base],
    numbers: Sequence[int],
    apart: Mapping[type[Base], Sequence[int]] | None = None,
) -> set[int]:
    """Which of these rows any other table refers to; rows in `apart` do not count, but a published logro does."""
    session.flush()
    found: set[int] = set()
    ignored = {one.__tablename__: rows for one, rows in (apart or {}).items()}
    for other in Base.metadata.tables.values() if numbers else ():
        for column in other.columns:
            if any(key.column.table is table.__table__ for key in column.foreign_keys):
                query = select(column).where(column.in_(numbers)).distinct()
                if rows := ignored.get(other.name):
                    query = query.where(_counts(other, rows))
                found |= set(session.scalars(query))
    return found


def _counts(other: Table, brought: Sequence[int]) -> Any:  # noqa: ANN401 - a SQL expression
    theirs = other.c.id.not_in(brought)
    return theirs | other.c.report_id.is_not(None) if "report_id" in other.c else theirs


def _asked_about(session: Session, numbers: Sequence[int]) -> set[int]:
    """The actions that a mail to an entity already named: outreaches keep codes."""
    codes = {code for asked in session.scalars(select(Outreach.asked)) for code in asked}
    return {row.id for row in _rows(session, Action, numbers) if row.code in codes}


def _columns(names: Iterable[str]) -> str:
    return ", ".join(sorted(NAMES[name] for name in names if name in NAMES)) or "otros datos"


def _called(row: Any) -> str:  # noqa: ANN401 - any mapped row
    if isinstance(row, Holding):
        return f"{row.post} de {row.person.name}"
    for name in ("code", "name", "text"):
        if value := getattr(row, name, None):
            return str(value)
    return "retirada"
