"""What an entity's answer does, by whichever road it came: proposals, outreaches answered, the silence ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import Session

from methodology import silence
from methodology.clock import local
from methodology.rules.months import Month
from methodology.rules.states import ActionState
from storage.forms import AnswerForm, FormSubmission
from storage.ledger import InboundMail, Outreach, Proposal
from storage.matrix import Action, FollowUp

PENDING = "pendiente"
REPLACED = "reemplazada"
REJECTED = "rechazada"


def propose(
    session: Session,
    action: Action,
    month: str,
    *,
    percent: float | None,
    text: str,
    passage: str,
    now: datetime,
    mail_id: int | None = None,
    confidence: float = 1.0,
    submission_id: int | None = None,
    met_on: date | None = None,
    evidence: str = "",
    wants_due: date | None = None,
) -> None:
    """One proposal; the pending ones of the same action and month give way to it (R11: its leader decides).

    What a form asks for beside the figure and the words: the day of compliance, evidence, a due date to consider.
    """
    older = (Proposal.action_id == action.id, Proposal.month == month, Proposal.state == PENDING)
    session.execute(update(Proposal).where(*older).values(state=REPLACED))
    session.add(
        Proposal(
            action_id=action.id,
            month=month,
            percent=percent,
            text=text,
            passage=passage,
            mail_id=mail_id,
            at=now,
            state=PENDING,
            confidence=confidence,
            submission_id=submission_id,
            met_on=met_on,
            evidence=evidence,
            wants_due=wants_due,
        )
    )


def reports_of(entity_id: int, month: str) -> Select[Proposal]:
    """What this entity reported of its actions, oldest first; not what a former responsible one did of the same."""
    writer = func.coalesce(AnswerForm.entity_id, InboundMail.entity_id, entity_id)
    return (
        select(Proposal)
        .join(Action, Action.id == Proposal.action_id)
        .outerjoin(InboundMail, InboundMail.id == Proposal.mail_id)
        .outerjoin(FormSubmission, FormSubmission.id == Proposal.submission_id)
        .outerjoin(AnswerForm, AnswerForm.id == FormSubmission.form_id)
        .where(Action.entity_id == entity_id, Proposal.month == month, writer == entity_id)
        .order_by(Proposal.id)
    )


def undecided(session: Session, initiative_id: int) -> Sequence[Proposal]:
    """R11: what waits for its leader beside a follow-up of the same month, which was registered without it; by code."""
    registered = exists().where(
        FollowUp.action_id == Proposal.action_id,
        FollowUp.month == Proposal.month,
        FollowUp.superseded_at.is_(None),
    )
    query = select(Proposal).join(Action, Action.id == Proposal.action_id)
    takes = Action.state.in_((ActionState.OPEN, ActionState.MET))
    waits = (Action.initiative_id == initiative_id, takes, Proposal.state == PENDING, registered)
    return session.scalars(query.where(*waits).order_by(Action.code, Proposal.id)).all()


def told_on(session: Session, proposal: Proposal) -> date:
    """The day on which the entity said it: that of its mail, whenever it was read or assigned."""
    mail = session.get(InboundMail, proposal.mail_id) if proposal.mail_id else None
    return local(mail.received_at if mail else proposal.at).date()


def count(
    session: Session, entity_id: int, month: str, initiative_ids: Iterable[int], today: date, *, how: str = ""
) -> None:
    """R16: a substantive answer of any kind: the cycle's outreaches are answered, the silence ends where it speaks of.

    `how` says what the answer was when it is not a mail of the thread: «oficio 2026-12 del 12/11/2026», «llamada».
    """
    cycle = (Outreach.entity_id == entity_id, Outreach.month == month, Outreach.answered_on.is_(None))
    session.execute(update(Outreach).where(*cycle).values(answered_on=today, answer=how))
    silence.answered(session, entity_id, initiative_ids, today)


def current_cycle(session: Session, entity_id: int, today: date) -> str:
    """The month (AAAA-MM) that the entity was last asked about; this month when it never was."""
    query = select(Outreach.month).where(Outreach.entity_id == entity_id, Outreach.month != "")
    return session.scalar(query.order_by(Outreach.id.desc()).limit(1)) or str(Month.of(today))
