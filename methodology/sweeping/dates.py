"""R19, R15 and R30: what follows from the dates of actions; R9, what from having none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, Text, and_, bindparam, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from methodology.rules.states import ActionState, AlertKind, AlertState
from methodology.sweeping.statements import Sweep, between, insert_rows, limits, notices, paces, running, version
from storage.ledger import Alert, CaseAction, HighLevelCase
from storage.matrix import Action, Initiative

_FALLING_DUE = select(
    *(
        exists().where(
            Action.state == ActionState.OPEN,
            column > bindparam("since", type_=Date),
            column <= bindparam("today", type_=Date),
        )
        for column in (Action.due_soon_on, Action.overdue_month_on, Action.high_level_on, Action.undated_on)
    )
)


def falling_due(sweep: Sweep) -> tuple[bool, bool, bool, bool]:
    """Whether R19, R15, R30 and R9 have any action to look at; on most days none has, and one query says so."""
    if sweep.since is None:
        return True, True, True, True
    found = sweep.session.execute(_FALLING_DUE, {"since": sweep.since, "today": sweep.today}).one()
    return bool(found[0]), bool(found[1]), bool(found[2]), bool(found[3])


def not_before(day: Any, other: Any) -> ColumnElement[Any]:  # noqa: ANN401 - mapped columns or expressions
    """The later of two days; the first where there is no other."""
    return case((other > day, other), else_=day)


def not_before_set(day: Any) -> ColumnElement[Any]:  # noqa: ANN401 - a mapped column
    """The day, or the one on which the date was set or the action reopened: nothing held before."""
    return not_before(day, Action.due_set_on)


def due_soon(sweep: Sweep) -> None:
    """R19: p ≤ t ≤ due, if a slot is left before it; not before the date was set or the initiative began."""
    recorded = not_before(not_before_set(Action.due_soon_on), Initiative.alerts_from)
    source = (
        select(Action, recorded.label("recorded_on"))
        .join(Initiative, running())
        .where(
            Action.state == ActionState.OPEN,
            between(Action.due_soon_on, sweep),
            Action.due >= sweep.slot,
            Initiative.alerts_from <= sweep.today,
        )
    )
    notices(sweep, "R19", source, recorded, version(), limits(sweep, "due_soon_days"))


def overdue_month(sweep: Sweep) -> None:
    """R15: one alert per (action, due version), and its notice to the leader.

    What was overdue before its initiative began is backlog, unless it was reopened or got its date since.
    """
    alerts = (
        select(
            (literal(f"{AlertKind.OVERDUE_MONTH}|") + Action.code + "|" + version()).label("key"),
            literal(str(AlertKind.OVERDUE_MONTH)).label("kind"),
            Action.initiative_id,
            Action.id.label("action_id"),
            version().label("episode"),
            not_before_set(Action.overdue_month_on).label("raised_on"),
        )
        .join(Initiative, running())
        .where(
            Action.state == ActionState.OPEN,
            between(Action.overdue_month_on, sweep),
            or_(
                Action.overdue_month_on >= Initiative.alerts_from,
                and_(Action.due_set_on > Initiative.alerts_from, Action.due_set_on <= sweep.today),
            ),
        )
    )
    insert_rows(sweep.session, Alert.__table__, alerts, "key")  # type: ignore[arg-type]
    source = (
        select(Action)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .join(Alert, and_(Alert.action_id == Action.id, Alert.kind == AlertKind.OVERDUE_MONTH))
        .where(Alert.episode == version(), between(Alert.raised_on, sweep), Alert.state == AlertState.OPEN)
    )
    notices(sweep, "R15", source, Alert.raised_on, version(), limits(sweep, "overdue_months"), alert_id=Alert.id)


def high_level(sweep: Sweep) -> None:
    """R30: open a case where none is open, let every action over two months join, tell the opening and the joinings.

    Old backlog stays out until planning has released its alert (R15); what was released or reopened joins on that day.
    """
    alerted = (
        select(func.max(Alert.raised_on))
        .where(Alert.action_id == Action.id, Alert.kind == AlertKind.OVERDUE_MONTH, Alert.episode == version())
        .scalar_subquery()
    )
    joined_on = case((alerted > Action.high_level_on, alerted), else_=Action.high_level_on)
    candidates = (
        select(Action.id)
        .join(Initiative, running())
        .where(
            Action.state == ActionState.OPEN,
            between(Action.high_level_on, sweep),
            or_(Action.high_level_on >= Initiative.alerts_from, alerted.is_not(None)),
            ~exists().where(CaseAction.action_id == Action.id, CaseAction.due_version == Action.due_version),
        )
    )
    open_case = and_(HighLevelCase.initiative_id == Action.initiative_id, HighLevelCase.live)
    opened = (
        select(Action.initiative_id, func.min(joined_on).label("opened_on"))
        .where(Action.id.in_(candidates), ~exists().where(open_case))
        .group_by(Action.initiative_id)
    )
    insert_rows(sweep.session, HighLevelCase.__table__, opened, None)  # type: ignore[arg-type]
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
    insert_rows(sweep.session, CaseAction.__table__, joined, None)  # type: ignore[arg-type]
    _tell_cases(sweep)


def undated(sweep: Sweep) -> None:
    """R9: an open action that entered long enough ago and has no date: one soft reminder per version of it."""
    recorded = not_before(Action.undated_on, Initiative.alerts_from)
    for pace in paces(sweep):
        source = (
            select(Action)
            .join(Initiative, running())
            .where(
                pace.which,
                Action.state == ActionState.OPEN,
                Action.due.is_(None),
                between(Action.undated_on, sweep),
                Initiative.alerts_from <= sweep.today,
            )
        )
        inputs = {"undated_months": pace.thresholds.undated_months}
        notices(sweep, "R9", source, recorded, version(), inputs)


def _tell_cases(sweep: Sweep) -> None:
    # One look-up a row by an index, either way: a join with all the openers is quadratic on SQLite, «IN» on PostgreSQL.
    earlier = aliased(CaseAction)
    joined_before = exists().where(earlier.case_id == CaseAction.case_id, earlier.id < CaseAction.id)
    fresh = (
        select(Action)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .join(CaseAction, and_(CaseAction.action_id == Action.id, CaseAction.due_version == Action.due_version))
        .where(between(CaseAction.joined_on, sweep))
    )
    case_id = cast(CaseAction.case_id, Text)
    first = fresh.where(~joined_before)
    inputs = limits(sweep, "high_level_months")
    notices(sweep, "R30", first, CaseAction.joined_on, case_id, inputs, subject=Initiative.slug)
    later = fresh.where(joined_before)
    notices(sweep, "R30.ingreso", later, CaseAction.joined_on, version(), inputs)
