"""`soluciones simulate`: day by day through the real sweep; nobody does anything but what a script says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.actions import find
from methodology.clock import SettableClock, local
from methodology.followups import effective
from methodology.history import recording, unattended
from methodology.importing import IMPORTED, REASON, bring_follow_up, import_dataset
from methodology.matrix_files import ActionRow, Dataset
from methodology.method import Method
from methodology.notices import explain, withdraw
from methodology.rules.calendar import BOGOTA
from methodology.rules.months import Month
from methodology.rules.states import NoticeState
from methodology.script import Step, doing_for, play_step, steps_of
from methodology.standing import standing
from methodology.sweep import record_due
from methodology.telling import told, why_not_any_more
from storage.ledger import Notice
from storage.matrix import Action, Entity, Initiative, Setting

_MORNING = time(8, 0)
_DAY = timedelta(days=1)


def simulate(
    session: Session, data: Dataset, method: Method, first: date, last: date, steps: Sequence[Step] = ()
) -> Iterator[dict[str, Any]]:
    """One plain object per notice recorded from `first` to `last` and not withdrawn; sends nothing.

    The replay begins at the earliest launch (or step); every initiative's own rules begin at its own. With `steps` the
    lines come in the order of what happens, what people do between them (a refused step whatever its day), also what
    was withdrawn, and at the end how every initiative stands.
    """
    journal = replay(session, data, method, last, steps)
    if steps:
        yield from journal.between(first, last)
        yield from (_stands(session, initiative, last, method) for initiative in session.scalars(_IN_ORDER))
        return
    for day in _days(last + _DAY, method.calendar.on_or_after(last)):
        live(session, method, _morning(day))  # what was recorded on a day that is not hábil is told, or withdrawn
    query = select(Notice).where(Notice.recorded_on.between(first, last), Notice.state != NoticeState.WITHDRAWN)
    for notice in session.scalars(query.order_by(Notice.recorded_on, Notice.id)):
        yield as_line(notice)


def replay(session: Session, data: Dataset, method: Method, last: date, steps: Sequence[Step] = ()) -> _Journal:
    """Live from the earliest launch (or step) to `last`; a follow-up of the files comes on its day."""
    journal = _Journal(session)
    launches = [row.launch for row in data.initiatives if row.launch] + [step.day for step in steps]
    if not launches:
        return journal
    start = min(launches)
    ahead = [row for row in data.actions if row.followed_on and row.followed_on > start]
    known = tuple(replace(row, followed_on=None) if row in ahead else row for row in data.actions)
    import_dataset(session, replace(data, actions=known), now=_morning(start), method=method, start=date.min)
    kept = [row for table in (Initiative, Action, Entity, Setting) for row in session.scalars(select(table)).all()]
    for day in _days(start, last):
        _bring(session, [row for row in ahead if row.followed_on == day], _morning(day), method)
        live(session, method, _morning(day))
        for step in steps_of(steps, day):
            journal.note_notices()
            journal.lines.append(play_step(session, step, doing_for(session, method, step.at)))
            live(session, method, step.at)
        if steps:
            journal.note_notices()
    kept.clear()  # until here the session's weak identity map had them at hand every day
    return journal


def _bring(session: Session, rows: Sequence[ActionRow], now: datetime, method: Method) -> None:
    """What the files say of a day, unless a script has said it already."""
    for row in rows:
        action = find(session, row.code)
        if effective(session, action.id, Month.of(local(now).date())) is None:
            with recording(session, IMPORTED, REASON, now):
                bring_follow_up(session, action, row, now, method)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


_IN_ORDER = select(Initiative).order_by(Initiative.position)


@dataclass
class _Journal:
    """What happened, line by line, in its order."""

    session: Session
    lines: list[dict[str, Any]] = field(default_factory=list)
    seen: int = 0

    def note_notices(self) -> None:
        for notice in self.session.scalars(select(Notice).where(Notice.id > self.seen).order_by(Notice.id)):
            self.seen = notice.id
            self.lines.append({"event": "notice", "id": notice.id, "on": notice.recorded_on.isoformat()})

    def between(self, first: date, last: date) -> Iterator[dict[str, Any]]:
        """The lines of those days, and every refusal; a notice as it ended, told or withdrawn."""
        for line in self.lines:
            if "refused" not in line and not first.isoformat() <= line["on"] <= last.isoformat():
                continue
            if line["event"] != "notice":
                yield line
                continue
            notice = self.session.get_one(Notice, line["id"])
            ended = {"state": notice.state, "withdrawn": notice.withdrawn_reason}
            yield {"event": "notice", "on": line["on"], **as_line(notice), **ended}


def _stands(session: Session, initiative: Initiative, today: date, method: Method) -> dict[str, Any]:
    """How an initiative stands at the end of the script."""
    actions = session.scalars(select(Action).where(Action.initiative_id == initiative.id))
    compliance = standing(session, initiative, today, method).figures.compliance
    states = dict(Counter(action.state for action in actions))
    return {
        "event": "state",
        "on": today.isoformat(),
        "initiative": initiative.slug,
        "state": initiative.state,
        "compliance": compliance,
        "actions": states,
    }


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
        "why": f"{notice.rule.partition('.')[0]}: {explain(notice)}",
    }


def live(session: Session, method: Method, now: datetime) -> None:
    """One moment: what is due is recorded; in hábil hours what waits is told, and what follows from it happens."""
    day = local(now).date()
    session.info |= unattended(SettableClock(now))
    record_due(session, method, now)
    if method.calendar.next_slot(now) > now:
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
