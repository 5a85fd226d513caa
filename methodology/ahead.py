"""What would be told from now on if nobody answered: days are lived in a copy in memory, which is then thrown away.

The copy is read inside the caller's transaction and needs nothing of it afterwards, so the days may be lived elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Table, func, select, text
from sqlalchemy.orm import Session

import storage.tables  # noqa: F401 - they register themselves
from methodology.clock import local
from methodology.method import Method
from methodology.refusals import NotNow
from methodology.rules.calendar import BOGOTA
from methodology.rules.states import ActionState, NoticeState
from methodology.simulation import live
from storage.db import Database
from storage.ledger import Notice
from storage.matrix import Action, Entity, Initiative, Setting
from storage.types import Base

Copy = Mapping[Table, list[dict[str, Any]]]
LARGEST = 5_000
_LEFT_OUT = ("card_action", "conversation", "teams_place", "job", "tick", "deed", "change", "action_version")
_EMPTIED: Mapping[tuple[str, str], Any] = {
    ("inbound_mail", "raw"): b"",
    ("inbound_mail", "text"): "",
    ("report", "content"): {},
    ("import_run", "brought"): None,
    ("notice", "deed_id"): None,
}
"""What no rule reads, and would be most of the copy."""
_MORNING, _EVENING = time(8, 0), time(16, 30)


@dataclass(frozen=True)
class Ahead:
    """One notice that would be told `on` that day, about an action, an entity or an initiative."""

    on: date
    rule: str
    subject: str
    post: str


def copy_of(session: Session) -> Copy:
    """Everything that the rules read, as plain rows.

    Raises:
        NotNow: more actions than a copy in memory is meant for.
    """
    actions = session.scalar(select(func.count()).select_from(Action)) or 0
    if actions > LARGEST:
        raise NotNow(f"La simulación admite hasta {LARGEST} acciones y hay {actions}: use soluciones simulate.")
    session.flush()
    return {table: _rows(session, table) for table in Base.metadata.sorted_tables if table.name not in _LEFT_OUT}


def _rows(session: Session, table: Table) -> list[dict[str, Any]]:
    columns = [one for one in table.columns if (table.name, one.name) not in _EMPTIED]
    rows = session.execute(select(*columns).order_by(*table.primary_key)).mappings()
    empty = {name: value for (of, name), value in _EMPTIED.items() if of == table.name}
    return [{**row, **empty} for row in rows]


def look_ahead(copy: Copy, method: Method, now: datetime, last: date, slug: str = "") -> list[Ahead]:
    """What would be told from `now` to the day `last`, in order; of one initiative, if its slug is given."""
    db = Database("sqlite://")
    try:
        Base.metadata.create_all(db.engine)
        with db.begin() as session:
            _fill(session, copy)
            return _lived(session, method, now, last, slug)
    finally:
        db.close()


def _fill(session: Session, copy: Copy) -> None:
    session.execute(text("PRAGMA defer_foreign_keys=ON"))
    for table, rows in copy.items():
        if rows:
            session.execute(table.insert(), rows)


def _lived(session: Session, method: Method, now: datetime, last: date, slug: str) -> list[Ahead]:
    was_told = set(session.scalars(select(Notice.id).where(Notice.state == NoticeState.SENT)))
    at_hand = [row for table in (Initiative, Action, Entity, Setting) for row in session.scalars(select(table)).all()]
    for moment in _moments(now, last):
        live(session, method, moment)
    at_hand.clear()  # until here the session's weak identity map had them every day
    soonest = local(method.calendar.next_slot(now)).date()
    told = session.scalars(select(Notice).where(Notice.state == NoticeState.SENT).order_by(Notice.id))
    found = [_line(notice, soonest) for notice in told if notice.id not in was_told and _about(session, notice, slug)]
    return sorted(found, key=lambda one: one.on)


def _moments(now: datetime, last: date) -> Iterator[datetime]:
    yield now
    day = local(now).date() + timedelta(days=1)
    while day <= last:
        yield datetime.combine(day, _MORNING, BOGOTA)
        day += timedelta(days=1)
    if (evening := datetime.combine(last, _EVENING, BOGOTA)) > now:
        yield evening  # what follows that same day from what was told in the morning


def _line(notice: Notice, soonest: date) -> Ahead:
    return Ahead(max(notice.deliver_on, soonest), notice.rule, _subject(notice), notice.post)


def _subject(notice: Notice) -> str:
    if notice.action is not None:
        return notice.action.code
    if notice.entity is not None:
        return notice.entity.short
    return notice.initiative.name if notice.initiative else notice.subject


def _about(session: Session, notice: Notice, slug: str) -> bool:
    """Whether it concerns the initiative; a request covers all those in which its entity has open actions."""
    if not slug:
        return True
    if notice.initiative is not None or notice.entity_id is None:
        return notice.initiative is not None and notice.initiative.slug == slug
    theirs = (Action.entity_id == notice.entity_id, Action.state == ActionState.OPEN)
    query = select(Action.id).join(Initiative, Initiative.id == Action.initiative_id)
    return session.scalar(query.where(*theirs, Initiative.slug == slug).limit(1)) is not None
