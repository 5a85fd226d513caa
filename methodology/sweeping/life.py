"""What time alone brings to initiatives and alerts: R36 (closing), R17 (what was held long enough)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Date, and_, bindparam, select

from methodology.alerts import subject as named
from methodology.notices import plan
from methodology.rules.deadlines import CLOSING_NOTICES, closing_day, closing_notices
from methodology.rules.months import add_months
from methodology.rules.states import AlertState, InitiativeState
from methodology.sweeping.statements import Pace, Sweep
from storage.ledger import Alert
from storage.matrix import Initiative

_CLAMPED = timedelta(days=4)
"""How far a month's end may move a day counted back in months: enough that no launch is passed over."""
_FIRST_CLOSING_NOTICE = timedelta(days=max(before for _, before in CLOSING_NOTICES))


def closing(sweep: Sweep, pace: Pace) -> None:
    """R36: the notices 60 and 30 days before m(launch, 18) and on it; the proposal's people decide."""
    months = pace.thresholds.closing_months
    query = (
        select(Initiative.id, Initiative.launch, Initiative.alerts_from)
        .where(pace.which, Initiative.state == InitiativeState.RUNNING, Initiative.alerts_from.is_not(None))
        .where(Initiative.launch <= add_months(sweep.today + _FIRST_CLOSING_NOTICE, -months) + _CLAMPED)
    )
    if sweep.since is not None:
        query = query.where(Initiative.launch > add_months(sweep.since, -months))
    for initiative_id, launch, alerts_from in sweep.session.execute(query.order_by(Initiative.position)).all():
        if launch is None or alerts_from is None:
            continue
        due = closing_day(launch, pace.thresholds)
        for subject, day in closing_notices(launch, pace.thresholds):
            if sweep.covers(day) and day >= alerts_from:
                plan(
                    sweep.session,
                    "R36",
                    subject=subject,
                    period=due.isoformat(),
                    recorded_on=day,
                    due=due,
                    initiative_id=initiative_id,
                    inputs={"launch": launch.isoformat(), "closing_months": months},
                )


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
