"""What the files of the imports said last: an import touches only what its files say anew (R3).

The rest stays as people left it. Every import keeps what its files say otherwise than those before; one that was
undone does not count any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from methodology.clock import local
from methodology.history import CLOCK, plain_value, row_number
from methodology.rules.spanish import short_date
from methodology.rules.states import InitiativeState, MeetingKind, MeetingState
from storage.history import Change, ImportRun
from storage.life import Meeting
from storage.matrix import Initiative

_BEYOND = (InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING, InitiativeState.CLOSED)


@dataclass(frozen=True)
class Anew:
    """`values` are what the files say otherwise than the last import's; `former` is what those said, as JSON."""

    values: Mapping[str, Any]
    former: Mapping[str, Any]

    def without(self, names: Iterable[str]) -> Anew:
        """The same but for these columns."""
        apart = set(names)
        return Anew({key: value for key, value in self.values.items() if key not in apart}, self.former)

    def replaced(self, row: Any, called: str, names: Mapping[str, str]) -> Iterable[str]:  # noqa: ANN401 - any mapped row
        """What people changed since the last import and these values replace: who and when, as sentences."""
        by: dict[str, list[str]] = {}
        for key, value in self.values.items():
            stored = plain_value(getattr(row, key))
            if key in self.former and stored not in (self.former[key], plain_value(value)):
                by.setdefault(_changed_by(row, key), []).append(names[key])
        for who, columns in by.items():
            yield f"{called}: lo que {who} ({', '.join(sorted(columns))}) lo reemplaza la importación"


class Brought:
    """What the standing imports brought, by row and column; `new` is what the one at hand adds."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: dict[str, dict[str, Any]] = {}
        self.new: dict[str, dict[str, Any]] = {}
        standing = select(ImportRun.brought).where(ImportRun.undone_at.is_(None)).order_by(ImportRun.id)
        for brought in session.scalars(standing):
            _put(self._last, brought)

    def anew(self, row: str, values: Mapping[str, Any]) -> Anew:
        """Which of the values the files had not said of this row."""
        former = self._last.get(row, {})
        plain = {key: plain_value(value) for key, value in values.items()}
        fresh = {key: value for key, value in plain.items() if key not in former or former[key] != value}
        if fresh:
            self.new[row] = fresh
        return Anew({key: values[key] for key in fresh}, former)

    def keep(self, run: ImportRun, *, changed: bool) -> None:
        """With this import; one that changed nothing is none, and the import before it keeps what it said."""
        last = None if changed else self._before(run)
        if last is not None:
            self._session.delete(run)
        if last is not None and self.new:
            known = {row: dict(values) for row, values in (last.brought or {}).items()}
            _put(known, self.new)
            last.brought = known
        elif last is None:
            run.brought = self.new

    def _before(self, run: ImportRun) -> ImportRun | None:
        query = select(ImportRun).where(ImportRun.undone_at.is_(None), ImportRun.id != run.id)
        return self._session.scalar(query.order_by(ImportRun.id.desc()).limit(1))


def launched_by_hand(session: Session, initiative: Initiative) -> bool:
    """Whether its launch was held as a meeting (R4), or it went beyond construction otherwise than by an import."""
    held = select(Meeting.id).where(
        Meeting.initiative_id == initiative.id,
        Meeting.kind == MeetingKind.LAUNCH,
        Meeting.state == MeetingState.HELD,
    )
    if session.scalar(held.limit(1)) is not None:
        return True
    theirs = select(Change).where(Change.table == Initiative.__tablename__, Change.row_id == initiative.id)
    theirs = theirs.where(Change.import_id.is_(None))
    return any(change.before and change.after.get("state") in _BEYOND for change in session.scalars(theirs))


def _put(known: dict[str, dict[str, Any]], more: Mapping[str, Mapping[str, Any]] | None) -> None:
    for row, values in (more or {}).items():
        known.setdefault(row, {}).update(values)


def _changed_by(row: Any, key: str) -> str:  # noqa: ANN401 - any mapped row
    session = object_session(row)
    query = select(Change).where(Change.table == row.__tablename__, Change.row_id == row_number(row))
    query = query.where(Change.import_id.is_(None), Change.author != CLOCK).order_by(Change.id.desc())
    for change in session.scalars(query) if session else ():
        if change.before and key in change.after:
            return f"{change.author} cambió el {short_date(local(change.at).date())}"
    return "cambió después de la última importación"
