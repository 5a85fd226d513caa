"""`soluciones simulate`: a world in which nobody answers and nothing changes, day by day, through the real sweep."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.importing import import_dataset
from methodology.matrix_files import Dataset
from methodology.method import Method
from methodology.notices import explain, withdraw
from methodology.rules.calendar import BOGOTA
from methodology.rules.states import NoticeState
from methodology.sweep import record_due
from methodology.telling import told, why_not_any_more
from storage.ledger import Notice
from storage.matrix import Action, Entity, Initiative, Setting

_MORNING = time(8, 0)


def simulate(session: Session, data: Dataset, method: Method, first: date, last: date) -> Iterator[dict[str, Any]]:
    """One plain object per notice recorded from `first` to `last`; sends nothing.

    The replay begins at the earliest launch; every initiative's own rules begin at its own.
    """
    launches = [row.launch for row in data.initiatives if row.launch]
    if not launches:
        return
    start = min(launches)
    import_dataset(session, data, now=_morning(start), method=method, start=date.min)
    kept = [row for table in (Initiative, Action, Entity, Setting) for row in session.scalars(select(table)).all()]
    day = start
    while day <= last:
        _live(session, method, day)
        day += timedelta(days=1)
    kept.clear()  # until here the session's weak identity map had them at hand every day
    query = select(Notice).where(Notice.recorded_on.between(first, last)).order_by(Notice.recorded_on, Notice.id)
    for notice in session.scalars(query):
        yield as_line(notice)


def as_line(notice: Notice) -> dict[str, Any]:
    """A notice as the contract of `simulate --json` prints it."""
    return {
        "rule": notice.rule,
        "initiative": notice.initiative.slug if notice.initiative else None,
        "subject": notice.subject,
        "due": notice.due.isoformat() if notice.due else None,
        "recorded_on": notice.recorded_on.isoformat(),
        "deliver_on": notice.deliver_on.isoformat(),
        "post": notice.post,
        "channel": notice.channel,
        "why": explain(notice),
    }


def _live(session: Session, method: Method, day: date) -> None:
    """One day: what becomes due is recorded; on hábil days what waits is told, and what follows from it happens."""
    record_due(session, method, _morning(day))
    if not method.calendar.is_habil(day):
        return
    waiting = select(Notice).where(Notice.state == NoticeState.PLANNED, Notice.deliver_on <= day).order_by(Notice.id)
    outgoing = []
    for notice in session.scalars(waiting).all():
        if reason := why_not_any_more(session, notice, day):
            withdraw(session, notice, reason)
        else:
            outgoing.append(notice)
    for notice in outgoing:
        notice.state = NoticeState.SENT
    for notice in outgoing:
        told(session, notice, day)
    session.flush()


def _morning(day: date) -> datetime:
    return datetime.combine(day, _MORNING, BOGOTA)
