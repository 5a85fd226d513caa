"""R18: the second moment is proposed once the first was delivered and nothing came of it. A person decides it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select

from methodology.alerts import lapsed
from methodology.alerts import subject as named
from methodology.notices import plan
from methodology.rules.calendar import WorkCalendar
from methodology.rules.states import AlertState, InitiativeState
from methodology.silence import unread_answer, unread_mail
from methodology.sweeping.statements import Pace, Sweep
from storage.ledger import Alert, Notice
from storage.matrix import Action, Initiative

RULE = "R18.propuesta"
_DAY = timedelta(days=1)
_PROPOSED = exists().where(Notice.alert_id == Alert.id, Notice.rule == RULE)


def unattended(today: date) -> ColumnElement[bool]:
    """Of an Alert (and its Action, outer): delivered to the Viceministry, and neither acknowledgement nor progress.

    An acknowledgement or an assignment whose date has passed counts as none; progress is a higher percentage than on
    the day of the delivery, or something the silent entity wrote.
    """
    return and_(
        Alert.state == AlertState.RAISED_1,
        or_(Alert.acknowledged_by == "", Alert.acknowledged_until < today),
        or_(Alert.managed_until.is_(None), Alert.managed_until < today),
        func.coalesce(Action.percent, 0.0) <= func.coalesce(Alert.raised_percent, 0.0),
        or_(Alert.entity_id.is_(None), not_(unread_answer(Alert.entity_id))),
    )


def second_moment(sweep: Sweep, pace: Pace) -> None:
    """One proposal an alert, to its leader and management, ten hábil days after the decision card was delivered."""
    habiles = pace.thresholds.second_moment_habiles
    calendar = sweep.method.calendar
    query = (
        select(Alert)
        .join(Initiative, and_(Initiative.id == Alert.initiative_id, Initiative.state == InitiativeState.RUNNING))
        .outerjoin(Action, Action.id == Alert.action_id)
        .where(pace.which, Alert.raised_told_on <= cut_off(calendar, sweep.today, habiles), unattended(sweep.today))
        .where(~_PROPOSED, or_(Alert.entity_id.is_(None), ~unread_mail()))
        .order_by(Alert.id)
    )
    for alert in sweep.session.scalars(query).all():
        if alert.raised_told_on is not None:
            _propose(sweep, alert, calendar.add(alert.raised_told_on, habiles), habiles)


def cut_off(calendar: WorkCalendar, today: date, habiles: int) -> date:
    """The last day that is at least that many hábil days ago: `add(day, habiles) ≤ today` holds up to it."""
    counted = calendar.add(calendar.on_or_before(today), -habiles)
    return calendar.add(counted, 1) - _DAY


def _propose(sweep: Sweep, alert: Alert, over_on: date, habiles: int) -> None:
    """Recorded on the day on which it began to hold: the hábiles were over, and what had been promised too."""
    promised = (alert.acknowledged_until, alert.managed_until)
    recorded_on = max([over_on, *(day + _DAY for day in promised if day is not None)])
    over = "; ".join(lapsed(alert, sweep.today))
    plan(
        sweep.session,
        RULE,
        subject=named(alert),
        period=alert.key,
        recorded_on=recorded_on,
        due=alert.action.due if alert.action else None,
        initiative_id=alert.initiative_id,
        action_id=alert.action_id,
        entity_id=alert.entity_id,
        alert_id=alert.id,
        inputs={"raised_told_on": str(alert.raised_told_on), "second_moment_habiles": habiles}
        | ({"lapsed": over} if over else {}),
    )
