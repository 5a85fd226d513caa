"""R3, R50: who changed what, when and why, before and after; any past day can be shown as it was (`as_of`).

Whatever changes through the ORM leaves a `Change`, signed by whoever acts: a `recording` block names them, the inner
one speaks for an outer one. What nobody signs in a session that has been given a clock (`unattended`) is the clock's.
Sessions with neither keep nothing. Actions of the matrix have their numbered versions too (`methodology/actions.py`).

What a deed changes names it; of one that may be undone, the messages and documents that it moves are kept too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.attributes import set_committed_value

from methodology.clock import Clock
from storage.history import Change, Deed
from storage.ledger import Alert, CaseAction, Delivery, HighLevelCase, Notice, Report, Silence, TrayItem
from storage.life import Absence, AgendaItem, Agreement, Measure, Meeting, Member, Prioritisation, Validation
from storage.matrix import (
    Achievement,
    Action,
    DayOff,
    Entity,
    FollowUp,
    Holding,
    Initiative,
    Obstacle,
    Person,
    Solution,
)  # fmt: skip
from storage.types import Base

KEPT: tuple[type[Base], ...] = (
    Initiative, Entity, Person, Holding, Absence, Obstacle, Solution, Action, FollowUp, Achievement, Prioritisation,
    Validation, Alert, Silence, HighLevelCase, CaseAction, Measure, Member, Meeting, AgendaItem, Agreement, DayOff,
)  # fmt: skip
KEPT_TO_UNDO: tuple[type[Base], ...] = (Notice, Delivery, Report, TrayItem)
CLOCK = "reloj"
BY_CLOCK = "Efecto del paso de los días o de una entrega"
_SIGNED = "history.signed"
_CLOCK = "history.clock"


@dataclass(frozen=True)
class _Signature:
    author: str
    reason: str
    at: datetime
    import_id: int | None = None
    deed: Deed | None = None


@contextmanager
def recording(
    session: Session, author: str, reason: str, now: datetime, *, import_id: int | None = None, deed: Deed | None = None
) -> Iterator[None]:
    """Keep every change that is flushed inside the block, under this author and reason (and import, and deed)."""
    signed: list[_Signature] = session.info.setdefault(_SIGNED, [])
    if signed:
        session.flush()
    signed.append(_Signature(author, reason, now, import_id, deed))
    try:
        yield
        session.flush()
    finally:
        signed.pop()


def unattended(clock: Clock) -> dict[str, Any]:
    """What a session's `info` must hold for whatever nobody signs to be kept as the clock's."""
    return {_CLOCK: clock}


def deed_to_undo(session: Session) -> Deed | None:
    """The deed under way, if it may be undone: what follows from it waits as long."""
    signature = _signature(session)
    deed = signature.deed if signature else None
    return deed if deed is not None and deed.undo_until is not None else None


def _signature(session: Session) -> _Signature | None:
    if signed := session.info.get(_SIGNED):
        last: _Signature = signed[-1]
        return last
    clock: Clock | None = session.info.get(_CLOCK)
    return _Signature(CLOCK, BY_CLOCK, clock.now()) if clock else None


@event.listens_for(Session, "before_flush")
def _recall(session: Session, _context: object, _instances: object) -> None:
    """A value that was replaced without having been read is read now: it is the «before»."""
    kept = _kept(session)
    for row in session.dirty:
        if isinstance(row, kept):
            _recall_replaced(session, row)
    for row in session.deleted:
        if isinstance(row, kept):
            _all_columns(row)


def _kept(session: Session) -> tuple[type[Base], ...]:
    if _signature(session) is None:
        return ()
    return (*KEPT, *KEPT_TO_UNDO) if deed_to_undo(session) else KEPT


def _recall_replaced(session: Session, row: Any) -> None:  # noqa: ANN401 - any mapped row
    state: InstanceState[Any] = inspect(row)
    histories = {key: state.attrs[key].history for key in _set_columns(state)}
    unread = [key for key, history in histories.items() if history.added and not history.deleted]
    if not unread or not state.has_identity:
        return
    columns = [getattr(type(row), key) for key in unread]
    table = state.mapper.local_table
    known = [column == value for column, value in zip(table.primary_key, state.identity or (), strict=True)]
    stored = session.connection().execute(select(*columns).where(*known)).one()
    for key, value in zip(unread, stored, strict=True):
        wanted = getattr(row, key)
        set_committed_value(row, key, value)
        setattr(row, key, wanted)


@event.listens_for(Session, "after_flush")
def _keep(session: Session, _context: object) -> None:
    signature = _signature(session)
    if signature is None:
        return
    touched = (*session.new, *session.dirty, *session.deleted)
    if rows := [row for one in touched if (row := _picture(session, one))]:
        stamp = {
            "at": signature.at,
            "author": signature.author,
            "reason": signature.reason,
            "import_id": signature.import_id,
            "deed_id": signature.deed.id if signature.deed else None,
        }
        session.connection().execute(insert(Change), [stamp | row for row in rows])


def _picture(session: Session, row: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any mapped row
    if not isinstance(row, _kept(session)):
        return None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    if row in session.new:
        after = _all_columns(row)
    elif row in session.deleted:
        before = _all_columns(row)
    else:
        before, after = _differences(row)
    if before == after:
        return None
    return {"table": row.__tablename__, "row_id": row_number(row), "before": before, "after": after}


def _all_columns(row: Any) -> dict[str, Any]:  # noqa: ANN401 - any mapped row
    return {column.key: plain_value(getattr(row, column.key)) for column in inspect(row).mapper.column_attrs}


def _differences(row: Any) -> tuple[dict[str, Any], dict[str, Any]]:  # noqa: ANN401 - any mapped row
    """The changed columns before and after; what was set to the value it had is no change."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    state: InstanceState[Any] = inspect(row)
    for key in _set_columns(state):
        history = state.attrs[key].history
        if not history.has_changes():
            continue
        was = plain_value(history.deleted[0]) if history.deleted else None
        if was != (now_is := plain_value(getattr(row, key))):
            before[key], after[key] = was, now_is
    return before, after


def _set_columns(state: InstanceState[Any]) -> list[str]:
    """The columns that were set since the row was read or flushed, in the table's order."""
    untouched = state.unmodified
    return [column.key for column in state.mapper.column_attrs if column.key not in untouched]


def row_number(row: Any) -> int:  # noqa: ANN401 - any mapped row
    """The row's own number; a day off goes by its ordinal."""
    return row.day.toordinal() if isinstance(row, DayOff) else int(row.id)


def plain_value(value: Any) -> Any:  # noqa: ANN401 - a column's value
    """The value as JSON keeps it; moments in UTC."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
