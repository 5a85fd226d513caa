"""What time brings to meetings: no next date (R8) or outcome (R24), one is suggested (R25), the matrix is due (R28)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from methodology.matrix_updates import is_published
from methodology.meeting_outcomes import UNRECORDED
from methodology.notices import plan
from methodology.rules.months import add_months
from methodology.rules.states import InitiativeState, MeetingKind, MeetingState
from methodology.rules.table import RULES
from methodology.suggestions import (
    BY_TIME,
    RULE,
    compliances,
    latest_base,
    moved_compliance,
    one_ahead,
    suggest_by_compliance,
    suggest_steps,
    time_reason,
)
from methodology.sweeping.statements import Pace, Sweep, between, per_initiative
from storage.ledger import Notice
from storage.life import Meeting
from storage.matrix import Initiative

MATRIX_DUE = "plazo"
_LONGEST = timedelta(days=366)
"""No threshold of days is longer: what ended before needs no look on an ordinary day."""
_LATER = aliased(Meeting)


def _last() -> ColumnElement[date]:
    """The day of the last meeting with the actors: a reunión de logros, else the launch."""
    return func.coalesce(Initiative.met_last_on, Initiative.launch)


def _told_of_time() -> ColumnElement[bool]:
    """Looked up by the notice's key, which is indexed."""
    head, tail = literal(f"{RULE}|") + Initiative.slug + f"|{BY_TIME}|", f"|{RULES[RULE].post}"
    return exists().where(Notice.key == head + cast(_last(), Text) + tail)


def compliance_reached(sweep: Sweep) -> None:
    """R25: the initiatives where an action was met since the last look; at a fresh start, all of them."""
    session, moved = sweep.session, moved_compliance(sweep.session)
    if sweep.since is not None:
        for initiative in session.scalars(_initiatives(moved)) if moved else ():
            suggest_by_compliance(session, initiative, sweep.today, sweep.method)
        return
    rows = session.execute(compliances().having(compliances().selected_columns.met > 0)).all()
    found = {row.id: row for row in session.scalars(_initiatives([row[0] for row in rows]))}
    reached = [(found[initiative_id], met, counted) for initiative_id, met, counted in rows]
    suggest_steps(session, reached, sweep.today, sweep.method)


def _initiatives(ids: Iterable[int]) -> Select[Initiative]:
    return select(Initiative).where(Initiative.id.in_(list(ids))).order_by(Initiative.position)


def long_ago(sweep: Sweep, pace: Pace) -> None:
    """R25: 4 months since the last reunión de logros, or the launch; on that day, or when the service began."""
    months = pace.thresholds.meeting_months
    query = select(_last(), Initiative.alerts_from).where(
        pace.which,
        Initiative.state == InitiativeState.RUNNING,
        Initiative.alerts_from <= sweep.today,
        _last() <= latest_base(sweep.today, months),
        ~one_ahead(),
        ~_told_of_time(),
    )
    if sweep.since is not None:
        fresh = or_(_last() > latest_base(sweep.since, months), Initiative.alerts_from > sweep.since)
        query = query.where(fresh)
    for since, alerts_from in sweep.session.execute(query.distinct()).all():
        if alerts_from is not None:
            _suggest_all(sweep, pace, since, alerts_from, months)


def _suggest_all(sweep: Sweep, pace: Pace, since: date, alerts_from: date, months: int) -> None:
    """One statement for all that met last on the same day."""
    day = max(add_months(since, months), alerts_from)
    which = select(Initiative.id).where(
        pace.which,
        Initiative.state == InitiativeState.RUNNING,
        _last() == since,
        Initiative.alerts_from == alerts_from,
        ~one_ahead(),
    )
    inputs = {"reason": time_reason(since, months), "since": since.isoformat()}
    per_initiative(sweep, RULE, which, BY_TIME, since.isoformat(), day, day, inputs)


def no_next_meeting(sweep: Sweep) -> None:
    """R8: 15 days after a meeting that closed «por definir», unless its date was set or another one is prepared."""
    later = exists().where(
        _LATER.initiative_id == Meeting.initiative_id, _LATER.id > Meeting.id, _LATER.state != MeetingState.CANCELLED
    )
    query = select(Meeting).where(
        Meeting.state == MeetingState.HELD,
        Meeting.next_undefined,
        Meeting.initiative_id.is_not(None),
        Meeting.held_on < sweep.today,
        ~later,
    )
    if sweep.since is not None:
        query = query.where(Meeting.held_on > sweep.since - _LONGEST)
    for meeting in sweep.session.scalars(query.order_by(Meeting.id)).all():
        if meeting.initiative is None or meeting.held_on is None:
            continue
        days = sweep.method.of(meeting.initiative).next_meeting_days
        day = meeting.held_on + timedelta(days=days)
        if sweep.covers(day):
            plan(
                sweep.session,
                "R8",
                subject=meeting.kind,
                period=str(meeting.id),
                recorded_on=day,
                due=None,
                initiative_id=meeting.initiative_id,
                inputs={"meeting": meeting.id, "held_on": meeting.held_on.isoformat(), "next_meeting_days": days},
            )


def unrecorded(sweep: Sweep) -> None:
    """R24: a convened meeting whose day passed without an outcome: to planning on the next hábil day, once a date."""
    query = select(Meeting).where(Meeting.state == MeetingState.CONVENED, Meeting.on < sweep.today)
    for meeting in sweep.session.scalars(query.order_by(Meeting.id)).all():
        if meeting.on is None or not sweep.covers(day := sweep.method.calendar.add(meeting.on, 1)):
            continue
        plan(
            sweep.session,
            UNRECORDED,
            subject=meeting.kind,
            period=f"{meeting.id}:{meeting.on.isoformat()}",
            recorded_on=day,
            due=meeting.on,
            initiative_id=meeting.initiative_id,
            inputs={"meeting": meeting.id},
        )


def matrix_due(sweep: Sweep) -> None:
    """R28: on the last day for publishing the matrix, once more to planning if it was not published."""
    query = select(Meeting).where(Meeting.kind == MeetingKind.ACHIEVEMENTS, between(Meeting.publish_by, sweep))
    for meeting in sweep.session.scalars(query.order_by(Meeting.id)).all():
        if meeting.publish_by is None or meeting.held_on is None or is_published(sweep.session, meeting):
            continue
        plan(
            sweep.session,
            "R28",
            subject=MATRIX_DUE,
            period=f"{meeting.id}:{meeting.publish_by.isoformat()}",
            recorded_on=meeting.publish_by,
            due=meeting.publish_by,
            initiative_id=meeting.initiative_id,
            inputs={"meeting": meeting.id, "held_on": meeting.held_on.isoformat()},
        )
