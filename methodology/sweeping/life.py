"""What time alone brings to initiatives and alerts: R36 (closing), R17 (what was held long enough)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, Date, and_, bindparam, or_, select, true

from methodology.alerts import subject as named
from methodology.completion import beginning, propose_if_all_met, without_pending
from methodology.notices import plan
from methodology.rules.deadlines import CLOSING_REACHED, STOPS, closing_day, closing_notices
from methodology.rules.months import add_months
from methodology.rules.states import AlertState, InitiativeState
from methodology.rules.thresholds import Thresholds
from methodology.suggestions import suggest_by_alert
from methodology.sweeping.statements import Pace, Sweep
from storage.ledger import Alert
from storage.matrix import Initiative

_CLAMPED = timedelta(days=4)
"""How far a month's end may move a day counted back in months: enough that no launch is passed over."""


def closing(sweep: Sweep, pace: Pace) -> None:
    """R36: the notices 60 and 30 days before m(launch, 18) and on it; people decide.

    A term that was over before the initiative began here is proposed on the day it began.
    """
    limits, began = pace.thresholds, beginning(pace.thresholds)
    query = (
        select(Initiative.id, began, Initiative.paused_days, Initiative.alerts_from)
        .where(pace.which, Initiative.state == InitiativeState.RUNNING, Initiative.alerts_from.is_not(None))
        .where(began.is_not(None), or_(_nears(sweep, began, limits), _stopped(limits)))
    )
    for initiative_id, first, paused, alerts_from in sweep.session.execute(query.order_by(Initiative.position)).all():
        if first is None or alerts_from is None:
            continue
        due = closing_day(first, limits, paused)
        for subject, day in closing_notices(first, limits, paused):
            on = max(day, alerts_from) if subject == CLOSING_REACHED else day
            if sweep.covers(on) and on >= alerts_from:
                plan(
                    sweep.session,
                    "R36",
                    subject=subject,
                    period=due.isoformat(),
                    recorded_on=on,
                    due=due,
                    initiative_id=initiative_id,
                    inputs={"launch": first.isoformat(), "closing_months": limits.closing_months},
                )


def _nears(sweep: Sweep, began: ColumnElement[date | None], limits: Thresholds) -> ColumnElement[bool]:
    """The few that began about 18 months ago: the others have nothing to be told, whatever the day."""
    ahead = timedelta(days=max(limits.closing_first_notice_days, limits.closing_second_notice_days))
    upto = began <= add_months(sweep.today + ahead, -limits.closing_months) + _CLAMPED
    if sweep.since is None:
        return upto
    return and_(upto, began > add_months(sweep.since, -limits.closing_months))


def _stopped(limits: Thresholds) -> ColumnElement[bool]:
    """Those whose pauses moved the day: it is reckoned one by one."""
    return Initiative.paused_days > 0 if limits.pause_stops == STOPS else ~true()


def all_met(sweep: Sweep) -> None:
    """R35, looked at afresh: the operations that make it true propose at once, this finds what an import made true."""
    if sweep.since is not None:
        return
    for initiative in sweep.session.scalars(select(Initiative).where(without_pending())).all():
        propose_if_all_met(sweep.session, initiative, sweep.today)


_HELD = (
    select(Alert)
    .join(Initiative, and_(Initiative.id == Alert.initiative_id, Initiative.state == InitiativeState.RUNNING))
    .where(Alert.state == AlertState.OPEN, Alert.told_leader_on < bindparam("today", type_=Date))
    .order_by(Alert.id)
)


def raise_held(sweep: Sweep) -> None:
    """R17, first moment: the hold after delivery to the leader is over and the alert is still open."""
    for alert in sweep.session.scalars(_HELD, {"today": sweep.today}).all():
        hold = sweep.method.of(alert.initiative).hold_habiles
        rises = sweep.method.calendar.add(alert.told_leader_on, hold) if alert.told_leader_on else None
        if alert.told_leader_on is None or rises is None or rises > sweep.today:
            continue
        alert.state = AlertState.RAISED_1
        plan(
            sweep.session,
            "R17",
            subject=named(alert),
            period=alert.key,
            recorded_on=rises,
            due=alert.action.due if alert.action else None,
            initiative_id=alert.initiative_id,
            action_id=alert.action_id,
            entity_id=alert.entity_id,
            alert_id=alert.id,
            inputs={"told_on": alert.told_leader_on.isoformat(), "hold_habiles": hold},
        )
        suggest_by_alert(sweep.session, alert, rises)
