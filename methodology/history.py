"""R3, R50: who changed what, when and why, before and after; any past day can be shown as it was.

Rows that change through the ORM while `recording` is on leave a `Change` each. Actions of the matrix are versioned by
`methodology/actions.py` (ActionVersion) wherever they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import event, insert, inspect
from sqlalchemy.orm import InstanceState, Session

from storage.history import Change
from storage.ledger import Alert, CaseAction, HighLevelCase
from storage.life import Absence, AgendaItem, Agreement, Measure, Meeting, Member, Prioritisation, Validation
from storage.matrix import DayOff, Entity, Holding, Initiative, Obstacle, Person, Solution

KEPT = (
    Initiative, Entity, Person, Holding, Absence, Obstacle, Solution, Prioritisation, Validation, Alert, HighLevelCase,
    CaseAction, Measure, Member, Meeting, AgendaItem, Agreement, DayOff,
)  # fmt: skip


@contextmanager
def recording(session: Session, author: str, reason: str, now: datetime) -> Iterator[None]:
    """Keep every change that is flushed inside the block, under this author and reason."""

    def keep(flushed: Session, _context: object) -> None:
        rows = [row for one in (*flushed.new, *flushed.dirty, *flushed.deleted) if (row := _picture(flushed, one))]
        if rows:
            stamp = {"at": now, "author": author, "reason": reason}
            flushed.connection().execute(insert(Change), [stamp | row for row in rows])

    event.listen(session, "after_flush", keep)
    try:
        yield
        session.flush()
    finally:
        event.remove(session, "after_flush", keep)


def _picture(session: Session, row: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any mapped row
    if not isinstance(row, KEPT):
        return None
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    state: InstanceState[Any] = inspect(row)
    for column in state.mapper.column_attrs:
        history = state.attrs[column.key].history
        if row in session.new:
            after[column.key] = plain_value(getattr(row, column.key))
        elif row in session.deleted:
            before[column.key] = plain_value(getattr(row, column.key))
        elif history.has_changes():
            before[column.key] = plain_value(history.deleted[0]) if history.deleted else None
            after[column.key] = plain_value(getattr(row, column.key))
    if before == after:
        return None
    return {"table": row.__tablename__, "row_id": row_number(row), "before": before, "after": after}


def row_number(row: Any) -> int:  # noqa: ANN401 - any mapped row
    """The row's own number; a day off goes by its ordinal."""
    return row.day.toordinal() if isinstance(row, DayOff) else int(row.id)


def plain_value(value: Any) -> Any:  # noqa: ANN401 - a column's value
    """The value as JSON keeps it."""
    return value.isoformat() if isinstance(value, date | datetime) else value
