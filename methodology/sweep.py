"""The sweep: what became due since the last one, written as notices, alerts and cases; a set-based statement a rule.

It may run twice, late or on two machines: every row has a unique key (R46). Dates are computed in Python
(`methodology.rules`), compared in SQL. `since` None looks at everything, for the start and after dates were moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Date,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from methodology.alerts import SWEPT
from methodology.alerts import subject as named
from methodology.clock import local
from methodology.method import Method
from methodology.notices import plan
from methodology.rules.deadlines import CLOSING_NOTICES, closing_day, closing_notices
from methodology.rules.months import Month, add_months
from methodology.rules.states import ActionState, AlertKind, AlertState, CaseState, InitiativeState, NoticeState
from methodology.rules.table import RULES
from methodology.rules.thresholds import Thresholds
from methodology.rules.window import Window
from methodology.silence import record_silences, silent_in, unread_answer
from storage.ledger import Alert, CaseAction, HighLevelCase, Notice, Outreach, Silence
from storage.matrix import Action, DeliveryDay, Entity, FollowUp, Initiative, Setting

_MISSING_LOOK_BACK = timedelta(days=14)
_CLAMPED = timedelta(days=4)
"""How far a month's end may move a day counted back in months: enough that no launch is passed over."""
_FIRST_CLOSING_NOTICE = timedelta(days=max(before for _, before in CLOSING_NOTICES))
_NOTICE: Table = Notice.__table__  # type: ignore[assignment]


@dataclass(frozen=True)
class Sweep:
    """One sweep: `today` in Bogotá, the last day already swept (or None), and the first day a message could go."""

    session: Session
    method: Method
    today: date
    since: date | None
    slot: date

    def covers(self, day: date) -> bool:
        """Whether `day` came after the last sweep and is not in the future."""
        return day <= self.today and (self.since is None or day > self.since)


def record_due(session: Session, method: Method, now: datetime) -> None:
    """Record everything that holds today and is not recorded yet, then remember the day."""
    today = local(now).date()
    row = session.get(Setting, SWEPT)
    since = date.fromisoformat(row.value) if row else None
    sweep = Sweep(session, method, today, since, local(method.calendar.next_slot(now)).date())
    if since is None or since < today:
        _record_dates(sweep)
        if row:
            row.value = today.isoformat()
        else:
            session.add(Setting(key=SWEPT, value=today.isoformat()))
    record_silences(session, method, today)
    _raise_held(sweep)
    session.flush()


def _record_dates(sweep: Sweep) -> None:
    due_soon, overdue_month, high_level = _falling_due(sweep)
    if due_soon:
        _due_soon(sweep)
    if overdue_month:
        _overdue_month(sweep)
    if high_level:
        _high_level(sweep)
    for pace in _paces(sweep):
        for month in (Month.of(sweep.today).plus(-1), Month.of(sweep.today)):
            _reporting(sweep, pace, sweep.method.window(month, pace.thresholds))
        _closing(sweep, pace)
    for month in (Month.of(sweep.today), Month.of(sweep.today).plus(1)):
        _requests(sweep, sweep.method.window(month))


# --- R19, R15, R30: dates of actions -------------------------------------------------------------------------------


def _running() -> ColumnElement[bool]:
    return and_(Initiative.id == Action.initiative_id, Initiative.state == InitiativeState.RUNNING)


def _between(column: Any, sweep: Sweep) -> ColumnElement[bool]:  # noqa: ANN401 - a mapped column or an expression
    upto: ColumnElement[bool] = column <= sweep.today
    return upto if sweep.since is None else and_(upto, column > sweep.since)


_FALLING_DUE = select(
    *(
        exists().where(
            Action.state == ActionState.OPEN,
            column > bindparam("since", type_=Date),
            column <= bindparam("today", type_=Date),
        )
        for column in (Action.due_soon_on, Action.overdue_month_on, Action.high_level_on)
    )
)


def _falling_due(sweep: Sweep) -> tuple[bool, bool, bool]:
    """Whether R19, R15 and R30 have any action to look at; on most days none has, and one query says so."""
    if sweep.since is None:
        return True, True, True
    found = sweep.session.execute(_FALLING_DUE, {"since": sweep.since, "today": sweep.today}).one()
    return bool(found[0]), bool(found[1]), bool(found[2])


def _not_before_set(day: Any) -> ColumnElement[Any]:  # noqa: ANN401 - a mapped column
    """The day, or the one on which the date was set or the action reopened: nothing held before."""
    return case((Action.due_set_on > day, Action.due_set_on), else_=day)


def _due_soon(sweep: Sweep) -> None:
    """R19: p ≤ t ≤ due; a date set inside the 15 days counts from the day it was set, if a slot is left before it."""
    recorded = _not_before_set(Action.due_soon_on)
    source = (
        select(Action, recorded.label("recorded_on"))
        .join(Initiative, _running())
        .where(
            Action.state == ActionState.OPEN,
            _between(Action.due_soon_on, sweep),
            Action.due >= sweep.slot,
            recorded >= Initiative.alerts_from,
        )
    )
    inputs = {"due_soon_days": sweep.method.thresholds.due_soon_days}
    _notices(sweep, "R19", source, recorded, _version(), inputs)


def _overdue_month(sweep: Sweep) -> None:
    """R15: one alert per (action, due version), and its notice to the leader."""
    alerts = (
        select(
            (literal(f"{AlertKind.OVERDUE_MONTH}|") + Action.code + "|" + _version()).label("key"),
            literal(str(AlertKind.OVERDUE_MONTH)).label("kind"),
            Action.initiative_id,
            Action.id.label("action_id"),
            _version().label("episode"),
            _not_before_set(Action.overdue_month_on).label("raised_on"),
        )
        .join(Initiative, _running())
        .where(
            Action.state == ActionState.OPEN,
            _between(Action.overdue_month_on, sweep),
            Action.overdue_month_on >= Initiative.alerts_from,
        )
    )
    _insert(sweep.session, Alert.__table__, alerts, "key")  # type: ignore[arg-type]
    source = (
        select(Action)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .join(Alert, and_(Alert.action_id == Action.id, Alert.kind == AlertKind.OVERDUE_MONTH))
        .where(Alert.episode == _version(), _between(Alert.raised_on, sweep), Alert.state == AlertState.OPEN)
    )
    _notices(sweep, "R15", source, Alert.raised_on, _version(), {}, alert_id=Alert.id)


def _high_level(sweep: Sweep) -> None:
    """R30: open a case where none is open, let every action over two months join, tell the opening and the joinings.

    Old backlog stays out until planning has released its alert (R15); what was released or reopened joins on that day.
    """
    alerted = (
        select(func.max(Alert.raised_on))
        .where(Alert.action_id == Action.id, Alert.kind == AlertKind.OVERDUE_MONTH, Alert.episode == _version())
        .scalar_subquery()
    )
    joined_on = case((alerted > Action.high_level_on, alerted), else_=Action.high_level_on)
    candidates = (
        select(Action.id)
        .join(Initiative, _running())
        .where(
            Action.state == ActionState.OPEN,
            _between(Action.high_level_on, sweep),
            or_(Action.high_level_on >= Initiative.alerts_from, alerted.is_not(None)),
            ~exists().where(CaseAction.action_id == Action.id, CaseAction.due_version == Action.due_version),
        )
    )
    open_case = and_(HighLevelCase.initiative_id == Action.initiative_id, HighLevelCase.state != CaseState.EXHAUSTED)
    opened = (
        select(Action.initiative_id, func.min(joined_on).label("opened_on"))
        .where(Action.id.in_(candidates), ~exists().where(open_case))
        .group_by(Action.initiative_id)
    )
    _insert(sweep.session, HighLevelCase.__table__, opened, None)  # type: ignore[arg-type]
    joined = (
        select(
            HighLevelCase.id.label("case_id"),
            Action.id.label("action_id"),
            Action.due_version,
            joined_on.label("joined_on"),
        )
        .join(HighLevelCase, open_case)
        .where(Action.id.in_(candidates))
        .order_by(joined_on, Action.due, Action.code)
    )
    _insert(sweep.session, CaseAction.__table__, joined, None)  # type: ignore[arg-type]
    _tell_cases(sweep)


def _tell_cases(sweep: Sweep) -> None:
    opener = select(func.min(CaseAction.id)).group_by(CaseAction.case_id).scalar_subquery()
    fresh = (
        select(Action)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .join(CaseAction, and_(CaseAction.action_id == Action.id, CaseAction.due_version == Action.due_version))
        .where(_between(CaseAction.joined_on, sweep))
    )
    case_id = cast(CaseAction.case_id, Text)
    first = fresh.where(CaseAction.id.in_(opener))
    _notices(sweep, "R30", first, CaseAction.joined_on, case_id, {}, subject=Initiative.slug)
    later = fresh.where(CaseAction.id.not_in(opener))
    _notices(sweep, "R30.ingreso", later, CaseAction.joined_on, _version(), {})


# --- R10, R11: the window; R14: the requests -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Pace:
    """The initiatives of one pace (R2): all but those with overrides, or one with its own."""

    which: ColumnElement[bool]
    thresholds: Thresholds


_OWN_PACE = select(Initiative).where(cast(Initiative.overrides, Text) != "{}")


def _paces(sweep: Sweep) -> list[_Pace]:
    special = sweep.session.scalars(_OWN_PACE).all()
    ordinary = _Pace(Initiative.id.not_in([row.id for row in special]), sweep.method.thresholds)
    return [ordinary, *(_Pace(Initiative.id == row.id, sweep.method.of(row)) for row in special)]


def _reporting(sweep: Sweep, pace: _Pace, window: Window) -> None:
    """R10 and R11 for one window: opening, heads-up, nudges and the list of what is missing."""
    today, calendar = sweep.today, sweep.method.calendar
    inputs = {"period": str(window.month), "opens": window.first.isoformat(), "closes": window.last.isoformat()}
    heads_up = window.heads_up(calendar)
    if heads_up and sweep.covers(heads_up) and today < window.first:
        _tell_leaders(sweep, "R10.preaviso", pace, window, heads_up, inputs, only_owing=False)
    if sweep.covers(window.first) and today <= window.last:
        _tell_leaders(sweep, "R10", pace, window, window.first, inputs, only_owing=False)
    for number, day in enumerate(window.nudges, start=1):
        if sweep.covers(day) and today <= window.last:
            _tell_leaders(sweep, "R11", pace, window, day, {**inputs, "number": number}, only_owing=True)
    if sweep.covers(window.missing_on) and today <= window.missing_on + _MISSING_LOOK_BACK:
        _tell_leaders(sweep, "R11.faltantes", pace, window, window.missing_on, inputs, only_owing=True)


def _tell_leaders(
    sweep: Sweep,
    rule: str,
    pace: _Pace,
    window: Window,
    recorded_on: date,
    inputs: Mapping[str, Any],
    *,
    only_owing: bool,
) -> None:
    """One notice per running initiative with open actions (that still owe a follow-up)."""
    owing = and_(Action.initiative_id == Initiative.id, Action.state == ActionState.OPEN)
    if only_owing:
        month = str(window.month)
        owing = and_(
            owing,
            ~exists().where(FollowUp.action_id == Action.id, FollowUp.month == month, FollowUp.superseded_at.is_(None)),
        )
    query = select(Initiative.id).where(
        pace.which,
        Initiative.state == InitiativeState.RUNNING,
        Initiative.alerts_from <= min(recorded_on, window.last),
        exists().where(owing),
    )
    number = inputs.get("number")
    period = f"{window.month}#{number}" if number else str(window.month)
    _per_initiative(sweep, rule, query, str(window.month), period, window.last, recorded_on, inputs)


def _per_initiative(
    sweep: Sweep,
    rule: str,
    query: Select[Any],
    subject: str,
    period: str,
    due: date,
    recorded_on: date,
    inputs: Mapping[str, Any],
) -> None:
    source = select(Initiative).where(Initiative.id.in_(query))
    columns = _constant(rule, inputs) | _on_day(sweep, due, recorded_on) | {
        "key": literal(f"{rule}|") + Initiative.slug + literal(f"|{subject}|{period}|{RULES[rule].post}"),
        "subject": literal(subject),
        "initiative_id": Initiative.id,
        "period": literal(period),
    }  # fmt: skip
    labelled = [value.label(name) for name, value in columns.items()]
    _insert(sweep.session, _NOTICE, source.with_only_columns(*labelled), "key")


def _requests(sweep: Sweep, window: Window) -> None:
    """R14: one request per external entity with open actions and cycle; a reminder to those who have not answered."""
    if not window.request_on <= sweep.today <= window.deadline:
        return
    asked = exists().where(
        Action.entity_id == Entity.id,
        Action.state == ActionState.OPEN,
        _running(),
        Initiative.alerts_from <= window.request_on,
    )
    entities = select(Entity).where(Entity.internal.is_(False), asked).order_by(Entity.id)
    _per_entity(sweep, "R14", entities, window, window.request_on)
    if sweep.today >= window.reminder_on:
        silent = entities.where(~_answered(Entity.id, window.month))
        _per_entity(sweep, "R14.reiteracion", silent, window, window.reminder_on)


def _per_entity(sweep: Sweep, rule: str, source: Select[Any], window: Window, recorded_on: date) -> None:
    month = str(window.month)
    inputs = {"period": month, "request_habiles_before": sweep.method.thresholds.request_habiles_before}
    columns = _constant(rule, inputs) | _on_day(sweep, window.deadline, recorded_on) | {
        "key": literal(f"{rule}||") + Entity.name + literal(f"|{month}|{RULES[rule].post}"),
        "subject": Entity.name,
        "entity_id": Entity.id,
        "period": literal(month),
    }  # fmt: skip
    labelled = [value.label(name) for name, value in columns.items()]
    _insert(sweep.session, _NOTICE, source.with_only_columns(*labelled), "key")


def _answered(entity_id: Any, month: Month) -> ColumnElement[bool]:  # noqa: ANN401 - a value or a mapped column
    answer = exists().where(
        Outreach.entity_id == entity_id, Outreach.month == str(month), Outreach.answered_on.is_not(None)
    )
    silent = exists().where(Silence.initiative_id == Initiative.id, silent_in(entity_id))
    return or_(and_(answer, ~silent), unread_answer(entity_id))


def has_answered(session: Session, entity_id: int, month: Month) -> bool:
    """Whether the entity answered that cycle, in every initiative in which it was asked."""
    return bool(session.scalar(select(_answered(entity_id, month))))


# --- R36: closing; R17: what was held long enough --------------------------------------------------------------------


def _closing(sweep: Sweep, pace: _Pace) -> None:
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


def _raise_held(sweep: Sweep) -> None:
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


# --- the statements --------------------------------------------------------------------------------------------------


def _version() -> ColumnElement[str]:
    return literal("v") + cast(Action.due_version, Text)


def _constant(rule: str, inputs: Mapping[str, Any]) -> dict[str, ColumnElement[Any]]:
    row = RULES[rule]
    return {
        "rule": literal(rule),
        "post": literal(str(row.post)),
        "channel": literal(row.channel),
        "state": literal(str(NoticeState.PLANNED)),
        "inputs": literal(dict(inputs), JSON),
    }


def _on_day(sweep: Sweep, due: date, recorded_on: date) -> dict[str, ColumnElement[Any]]:
    method = sweep.method
    return {
        "due": literal(due, Date),
        "recorded_on": literal(recorded_on, Date),
        "deliver_on": literal(method.calendar.on_or_after(recorded_on), Date),
        "skipped": literal(method.skipped(recorded_on), JSON),
    }


def _notices(
    sweep: Sweep,
    rule: str,
    source: Select[Any],
    recorded_on: Any,  # noqa: ANN401 - a mapped column or an expression
    period: ColumnElement[str],
    inputs: Mapping[str, Any],
    *,
    subject: Any = Action.code,  # noqa: ANN401 - a mapped column
    alert_id: Any = None,  # noqa: ANN401 - a mapped column or nothing
) -> None:
    """One `INSERT … SELECT … ON CONFLICT DO NOTHING` of the rule's notices about actions."""
    row = RULES[rule]
    columns = _constant(rule, inputs) | {
        "key": literal(f"{rule}|") + Initiative.slug + "|" + subject + "|" + period + literal(f"|{row.post}"),
        "subject": subject,
        "initiative_id": Action.initiative_id,
        "action_id": Action.id,
        "period": period,
        "due": Action.due,
        "recorded_on": recorded_on,
        "deliver_on": DeliveryDay.deliver_on,
        "skipped": DeliveryDay.skipped,
    }
    if alert_id is not None:
        columns["alert_id"] = alert_id
    joined = source.join(DeliveryDay, DeliveryDay.day == recorded_on)
    labelled = [value.label(name) for name, value in columns.items()]
    _insert(sweep.session, _NOTICE, joined.with_only_columns(*labelled, maintain_column_froms=True), "key")


def _insert(session: Session, table: Table, source: Select[Any], on: str | None) -> None:
    """`INSERT … SELECT … ON CONFLICT DO NOTHING`."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    names = [column.name for column in source.selected_columns]
    statement = dialect.insert(table).from_select(names, source.where(or_(literal(value=True))))
    conflict = statement.on_conflict_do_nothing(index_elements=[on] if on else None)
    session.connection().execute(conflict)
