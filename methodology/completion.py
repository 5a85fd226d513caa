"""R35, R36: whether an initiative has come to its end, by its actions or by its term; what makes people decide."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from methodology.method import Method
from methodology.notices import plan, withdraw
from methodology.rules.deadlines import closing_day
from methodology.rules.snapshot import digest_of
from methodology.rules.states import ActionState, InitiativeState, NoticeState
from methodology.rules.thresholds import Thresholds
from storage.ledger import Notice
from storage.matrix import Action, Initiative

INCORPORATED = (ActionState.OPEN, ActionState.MET, ActionState.CLOSED_UNMET)
"""What counts: an exit leaves the denominator, a proposal is not yet in it."""
FIRST_ACTION = "primera_accion"
_PENDING = (ActionState.OPEN, ActionState.CLOSED_UNMET)
_MARK = 16


def met_versions(session: Session, initiative_id: int) -> list[tuple[str, int]]:
    """(code, due version) of every incorporated action if all are cumplidas; empty when they are not, or none is."""
    query = select(Action.code, Action.due_version, Action.state)
    rows = session.execute(
        query.where(Action.initiative_id == initiative_id, Action.state.in_(INCORPORATED)).order_by(Action.code)
    ).all()
    return [(code, version) for code, version, _ in rows] if all(row.state == ActionState.MET for row in rows) else []


def propose_if_all_met(session: Session, initiative: Initiative, today: date) -> bool:
    """R35: plan the proposal to close if everything is cumplido; whether it is new.

    Once for the same actions in the same versions: reopened and met again, or with a further action, it is another
    situation. Call it after whatever may have made it true: a compliance, an exit, an annulment.
    """
    begun = initiative.launch is not None and initiative.launch <= today
    if initiative.state != InitiativeState.RUNNING or not begun:
        return False
    met = met_versions(session, initiative.id)
    if not met:
        return False
    return plan(
        session,
        "R35",
        subject=initiative.slug,
        period=digest_of({"met": met})[:_MARK],
        recorded_on=today,
        due=None,
        initiative_id=initiative.id,
        inputs={"met": len(met)},
    )


def without_pending() -> ColumnElement[bool]:
    """Of a row of Initiative: in execution, something is cumplido and nothing is pending."""
    own = Action.initiative_id == Initiative.id
    return and_(
        Initiative.state == InitiativeState.RUNNING,
        ~exists().where(own, Action.state.in_(_PENDING)),
        exists().where(own, Action.state == ActionState.MET),
    )


def beginning(limits: Thresholds) -> ColumnElement[date | None]:
    """Of a row of Initiative: the day its term counts from (`cierre.inicio`); without dated actions, its launch."""
    if limits.closing_from != FIRST_ACTION:
        return Initiative.launch.expression
    first = select(func.min(Action.starts)).where(
        Action.initiative_id == Initiative.id, Action.state.in_((*INCORPORATED, ActionState.EXITED))
    )
    return func.coalesce(first.scalar_subquery(), Initiative.launch)


def paused_days(initiative: Initiative, today: date) -> int:
    """The days of all its pauses, the running one included."""
    running = initiative.paused_on if initiative.state == InitiativeState.PAUSED else None
    return initiative.paused_days + ((today - running).days if running else 0)


def term(session: Session, initiative: Initiative, method: Method, today: date) -> date | None:
    """R36: the day on which its 18 months are complete, as things stand; None before its launch."""
    limits = method.of(initiative)
    began = session.scalar(select(beginning(limits)).where(Initiative.id == initiative.id))
    return closing_day(began, limits, paused_days(initiative, today)) if began else None


def withdraw_former_term(session: Session, initiative: Initiative, method: Method, today: date) -> None:
    """R36: what was planned about a closing day that moved is not told any more; the sweep plans the new day's."""
    now_due = term(session, initiative, method, today)
    planned = (Notice.rule == "R36", Notice.initiative_id == initiative.id, Notice.state == NoticeState.PLANNED)
    for notice in session.scalars(select(Notice).where(*planned)).all():
        if notice.due != now_due:
            withdraw(session, notice, "cambió la fecha de cierre")
