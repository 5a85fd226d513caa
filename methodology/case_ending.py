"""How a Solución de alto nivel ends that is not surtida: nobody is made to say that it was exhausted."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from methodology.rules.states import ActionState, CaseState, MeasureState, Outcome
from storage.ledger import CaseAction, HighLevelCase
from storage.life import Measure
from storage.matrix import Action

IDLE = "El caso termina: no le quedan acciones abiertas ni medidas."


def end_case(session: Session, case: HighLevelCase, today: date, because: str) -> None:
    """It stays in the state it had; its pending measures are dropped."""
    case.closed_on = today
    pending = (Measure.case_id == case.id, Measure.state == MeasureState.PENDING)
    for measure in session.scalars(select(Measure).where(*pending)).all():
        measure.state, measure.result = MeasureState.DROPPED, because


def action_left(session: Session, action: Action, today: date) -> None:
    """An action was met, annulled or got another date: the live case that spoke of it may have no object any more."""
    session.flush()
    query = select(HighLevelCase).join(CaseAction).where(CaseAction.action_id == action.id, HighLevelCase.live)
    case = session.scalars(query).first()
    if case is not None:
        end_if_idle(session, case, today)


def end_if_idle(session: Session, case: HighLevelCase, today: date) -> None:
    """Without an open action and without a measure (R32) there is nothing to carry out: the case ends.

    With a measure it goes on: its owners record their part and the outcome, and it is surtida (R31, R33).
    """
    rows = session.scalars(
        select(CaseAction)
        .join(Action, and_(Action.id == CaseAction.action_id, Action.due_version == CaseAction.due_version))
        .where(CaseAction.case_id == case.id, Action.state.in_((ActionState.OPEN, ActionState.MET)))
    ).all()
    if case.state != CaseState.OPEN or any(row.action.state == ActionState.OPEN for row in rows):
        return
    for row in rows:
        row.outcome = Outcome.MET
    end_case(session, case, today, IDLE)
