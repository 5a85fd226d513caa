"""R3: any past day can be shown as it was: today's row, with every change registered since taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Date, inspect, select
from sqlalchemy.orm import Session

from methodology.clock import local, start_of
from methodology.history import row_number
from methodology.refusals import NotFound
from methodology.rules.spanish import long_date
from storage.history import Change
from storage.ledger import Alert, CaseAction, HighLevelCase
from storage.matrix import Action, ActionVersion, Initiative
from storage.types import Base, Moment

_BORN: Mapping[type, str] = {Alert: "raised_on", HighLevelCase: "opened_on", CaseAction: "joined_on"}
"""What the sweep writes in one statement leaves no Change at its birth: its own day says when it was registered."""


@dataclass(frozen=True)
class _Past:
    """One thing to take back. No `before` at all: the row was made; no `after`: it was removed."""

    at: datetime
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def as_of(session: Session, row: Any, day: date) -> dict[str, Any]:  # noqa: ANN401 - any mapped row
    """The row's columns at the end of `day` in Bogotá, by registration; empty when it was not there yet.

    An action's own versions count too: whatever door changed it, they were written.
    """
    table = type(row)
    values: dict[str, Any] = {column.key: getattr(row, column.key) for column in inspect(table).column_attrs}
    for past in _pasts(session, table, day, [row_number(row)]).get(row_number(row), []):
        if not past.before:
            return {}
        values |= native(table, past.before)
    return {} if _unborn(table, values, day) else values


def rows_as_of(session: Session, table: type[Base], day: date) -> list[dict[str, Any]]:
    """Every row of a table as it was at the end of `day`, also those removed since; in the order of their numbers."""
    session.flush()
    keys = [column.key for column in inspect(table).column_attrs]
    there = {row_number(row): {key: getattr(row, key) for key in keys} for row in session.scalars(select(table))}
    past = _pasts(session, table, day)
    found = []
    for number in sorted(there.keys() | past.keys()):
        values = _taken_back(table, there.get(number), past.get(number, []))
        if values and not _unborn(table, values, day):
            found.append(values)
    return found


def require_known(session: Session, initiative: Initiative, day: date, today: date) -> None:
    """Refuse a day that has not come, or of which nothing can be known because the initiative was registered later.

    Raises:
        NotFound: with the first day that can be shown.
    """
    if day > today:
        raise NotFound(f"El {long_date(day)} no ha llegado: se muestra un día pasado o el de hoy.")
    since = known_since(session, initiative)
    if since is not None and day < since:
        raise NotFound(
            f"No hay información de {initiative.name} anterior al {long_date(since)}, cuando se registró aquí."
        )


def known_since(session: Session, initiative: Initiative) -> date | None:
    """The day on which the initiative was registered here, if that left its trace."""
    born = select(Change).where(Change.table == Initiative.__tablename__, Change.row_id == initiative.id)
    first = session.scalars(born.order_by(Change.id).limit(1)).first()
    return day_of(first.at) if first is not None and not first.before else None


def day_of(moment: datetime) -> date:
    """The day on which something was registered, in Bogotá."""
    return local(moment).date()


def _taken_back(table: type, values: dict[str, Any] | None, pasts: Iterable[_Past]) -> dict[str, Any] | None:
    """SQLite gives the number of a removed row to a later one, so what comes before a birth may be another's life."""
    for past in pasts:
        if not past.before:
            values = None
        elif not past.after:
            values = native(table, past.before)
        elif values is not None:
            values |= native(table, past.before)
    return values


def _unborn(table: type, values: Mapping[str, Any], day: date) -> bool:
    born = _BORN.get(table)
    return born is not None and values[born] > day


def _pasts(
    session: Session, table: type[Base], day: date, numbers: Sequence[int] | None = None
) -> dict[int, list[_Past]]:
    """What was registered after `day`, newest first, by row. Of one moment a row's changes come before its versions."""
    end = start_of(day + timedelta(days=1))
    changes = select(Change.row_id, Change.at, Change.before, Change.after)
    changes = changes.where(Change.table == table.__tablename__, Change.at >= end)
    versions = select(
        ActionVersion.action_id, ActionVersion.at, ActionVersion.before, ActionVersion.after, ActionVersion.version
    ).where(ActionVersion.at >= end)
    if numbers is not None:
        changes = changes.where(Change.row_id.in_(numbers))
        versions = versions.where(ActionVersion.action_id.in_(numbers))
    found = [(n, _Past(at, b, a)) for n, at, b, a in session.execute(changes.order_by(Change.id.desc()))]
    if table is Action:
        newest = versions.order_by(ActionVersion.version.desc())
        found += [(n, _Past(at, b, a)) for n, at, b, a, _ in session.execute(newest) if b]
    found.sort(key=lambda one: one[1].at, reverse=True)
    found.sort(key=lambda one: one[0])
    return {number: [past for _, past in group] for number, group in groupby(found, key=lambda one: one[0])}


def native(table: type, plain: Mapping[str, Any]) -> dict[str, Any]:
    """Kept values as the columns hold them; a column that is no longer there is left out."""
    columns: Any = inspect(table).columns
    return {key: _value(columns[key].type, value) for key, value in plain.items() if key in columns}


def _value(kind: Any, value: Any) -> Any:  # noqa: ANN401 - a column's type and value
    if isinstance(value, str) and isinstance(kind, Moment):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(value, str) and isinstance(kind, Date) else value
