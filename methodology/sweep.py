"""The sweep: what became due since the last one, written as notices, alerts and cases; a set-based statement a rule.

It may run twice, late or on two machines: every row has a unique key (R46). Dates are computed in Python
(`methodology.rules`), compared in SQL. `since` None looks at everything, for the start and after dates were moved.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from methodology.agendas import refresh_ahead
from methodology.alerts import SWEPT
from methodology.clock import local
from methodology.method import Method
from methodology.rules.months import Month
from methodology.silence import record_silences
from methodology.sweeping.dates import due_soon, falling_due, high_level, overdue_month, undated
from methodology.sweeping.life import all_met, closing, raise_held
from methodology.sweeping.meetings import compliance_reached, long_ago, matrix_due, no_next_meeting, unrecorded
from methodology.sweeping.second_moment import second_moment
from methodology.sweeping.statements import Sweep, paces
from methodology.sweeping.windows import contact_checks, moved_reminders, reporting, requests
from methodology.waiting import open_deeds
from storage.matrix import Initiative, Setting

_FEWEST_HABILES = 17
"""Of any month: a request so many hábil days before a window may go out in an earlier month."""


def record_due(session: Session, method: Method, now: datetime) -> None:
    """Record everything that holds today and is not recorded yet, then remember the day.

    While a deed may still be undone nothing is concluded from it: the next beat comes in minutes.
    """
    if open_deeds(session, now):
        return
    today = local(now).date()
    row = session.get(Setting, SWEPT)
    since = date.fromisoformat(row.value) if row and not _begins(session, row, today) else None
    sweep = Sweep(session, method, today, since, local(method.calendar.next_slot(now)).date())
    if since is None or since < today:
        _record_dates(sweep, now)
        if row:
            row.value = today.isoformat()
        else:
            session.add(Setting(key=SWEPT, value=today.isoformat()))
    record_silences(session, method, today)
    raise_held(sweep)
    compliance_reached(sweep)
    session.flush()


def _months(sweep: Sweep, this_month: Month) -> list[Month]:
    """The last month, this one and the next; after a long outage also those that passed meanwhile."""
    month = min(this_month.plus(-1), Month.of(sweep.since)) if sweep.since else this_month.plus(-1)
    months = [month]
    while months[-1] <= this_month:
        months.append(months[-1].plus(1))
    return months


def _begins(session: Session, swept: Setting, today: date) -> bool:
    """Whether an initiative begins today, or began since the last sweep: what held before holds for it from now on."""
    began = exists().where(Initiative.alerts_from > date.fromisoformat(swept.value), Initiative.alerts_from <= today)
    return bool(session.scalar(select(began)))


def _record_dates(sweep: Sweep, now: datetime) -> None:
    soon, a_month, high, dateless = falling_due(sweep)
    if soon:
        due_soon(sweep)
    if a_month:
        overdue_month(sweep)
    if high:
        high_level(sweep)
    if dateless:
        undated(sweep)
    all_met(sweep)
    no_next_meeting(sweep)
    unrecorded(sweep)
    matrix_due(sweep)
    refresh_ahead(sweep.session, sweep.method, now)
    this_month = Month.of(sweep.today)
    for pace in paces(sweep):
        for month in _months(sweep, this_month):
            reporting(sweep, pace, sweep.method.window(month, pace.thresholds))
        closing(sweep, pace)
        long_ago(sweep, pace)
        second_moment(sweep, pace)
    ahead = 2 + sweep.method.thresholds.request_habiles_before // _FEWEST_HABILES
    for number in range(ahead):
        requests(sweep, sweep.method.window(this_month.plus(number)))
    contact_checks(sweep)
    for number in range(-1, ahead):
        moved_reminders(sweep, sweep.method.window(this_month.plus(number)))
