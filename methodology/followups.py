"""R10–R13, R20: registering the follow-up of an action; one effective per action and month, corrections supersede."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from methodology import answers
from methodology.actions import find, reopen, set_met
from methodology.clock import local
from methodology.method import Method
from methodology.people import Actor
from methodology.refusals import Incomplete, NotNow
from methodology.rules.followup import COMPLETE, Before, FollowUpInput, missing, says_why
from methodology.rules.months import Month
from methodology.rules.states import ActionState, InitiativeState, Post, state_words
from methodology.rules.window import month_of_report, timeliness
from storage.db import ask
from storage.ledger import Proposal
from storage.matrix import Achievement, Action, FollowUp, Initiative

LEADER_SOURCE = "líder técnico"
ENTITY_SOURCE = "respuesta de la entidad"
_TAKING = (InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING)
"""Nobody is asked while it is paused or closing; what people tell is taken all the same (R10)."""
_KNOWN_OF_MET = ("met_on", "evidence")
_IN_FORCE = (
    select(FollowUp)
    .where(FollowUp.action_id == bindparam("action_id"), FollowUp.superseded_at.is_(None))
    .order_by(FollowUp.month.desc())
)
_EFFECTIVE = _IN_FORCE.where(FollowUp.month == bindparam("month"))
_EFFECTIVE_ID = _EFFECTIVE.with_only_columns(FollowUp.id).order_by(None)
_WAITING = (
    select(Proposal)
    .where(
        Proposal.action_id == bindparam("action_id"),
        Proposal.month == bindparam("month"),
        Proposal.state == answers.PENDING,
    )
    .order_by(Proposal.id)
)
_ANY_WAITING = _WAITING.with_only_columns(Proposal.id).limit(1)
_NEWEST_WAITING = _WAITING.with_only_columns(func.max(Proposal.id)).order_by(None)
_STANDING = select(_EFFECTIVE_ID.scalar_subquery(), _NEWEST_WAITING.scalar_subquery())


@dataclass(frozen=True)
class Registered:
    """What was recorded: the receipt is written from it."""

    code: str
    percent: float
    text: str
    month: Month
    timeliness: str
    correction: bool
    achievement: str
    id: int


def effective(session: Session, action_id: int, month: Month) -> FollowUp | None:
    """The follow-up in force of one action and month (R13); None is «Sin reporte»."""
    return session.scalar(_EFFECTIVE, {"action_id": action_id, "month": str(month)})


def effective_id(session: Session, action_id: int, month: Month) -> int:
    """The number of `effective`; 0 when there is none."""
    return ask(session, _EFFECTIVE_ID, {"action_id": action_id, "month": str(month)}).scalar() or 0


def standing(session: Session, action_id: int, month: Month) -> tuple[int, int]:
    """The numbers of `effective` and `proposal_for`, in one question; 0 for none."""
    found = ask(session, _STANDING, {"action_id": action_id, "month": str(month)}).one()
    return found[0] or 0, found[1] or 0


def latest(session: Session, action_id: int) -> FollowUp | None:
    """The newest follow-up in force."""
    return session.scalar(_IN_FORCE.limit(1), {"action_id": action_id})


def last_percent(session: Session, action: Action) -> float | None:
    """The newest figure in force, else the one that the matrix came with."""
    last = latest(session, action.id)
    return last.percent if last else action.percent


@dataclass(frozen=True)
class Told:
    """What is in force of one action: of one month, of the newest month, and of the newest month before that one."""

    current: FollowUp | None
    newest: FollowUp | None
    former: FollowUp | None


def told(session: Session, action_id: int, month: Month) -> Told:
    """`effective` and `latest` in one question: the month's own, the newest, and the newest before the month."""
    rows = session.scalars(_IN_FORCE, {"action_id": action_id}).all()
    return Told(
        current=next((row for row in rows if row.month == str(month)), None),
        newest=rows[0] if rows else None,
        former=next((row for row in rows if row.month < str(month)), None),
    )


def owed(session: Session, initiative_id: int, month: Month) -> list[Action]:
    """The open actions of an initiative without a follow-up of that month, in the matrix's order."""
    return list(session.scalars(_owed(initiative_id, month)))


def _owed(initiative_id: int, month: Month) -> Select[Action]:
    reported = select(FollowUp.action_id).where(FollowUp.month == str(month), FollowUp.superseded_at.is_(None))
    return (
        select(Action)
        .where(Action.initiative_id == initiative_id, Action.state == ActionState.OPEN, Action.id.not_in(reported))
        .order_by(Action.code)
    )


def owes(session: Session, initiative_id: int, month: Month) -> bool:
    """Whether `owed` would name any."""
    query = _owed(initiative_id, month).with_only_columns(Action.id, maintain_column_froms=True).order_by(None)
    return session.scalars(query.limit(1)).first() is not None


def due_month(session: Session, initiative: Initiative, today: date, method: Method) -> Month | None:
    """R10: the month a round of the whole initiative begun today belongs to; None when the leader must say which."""
    previous = Month.of(today).plus(-1)
    missing_then = _launched_by(initiative, previous) and owes(session, initiative.id, previous)
    return _month_of_report(initiative, today, method, previous_is_missing=missing_then)


def month_at_hand(session: Session, initiative: Initiative, today: date, method: Method) -> Month:
    """R10; where the leader would have to say which, the current month."""
    return due_month(session, initiative, today, method) or Month.of(today)


def due_month_of(session: Session, action: Action, today: date, method: Method) -> Month | None:
    """R10: the month a report of one action made today belongs to; None when the leader must say which."""
    previous = Month.of(today).plus(-1)
    is_open = action.state == ActionState.OPEN and _launched_by(action.initiative, previous)
    missing_then = is_open and effective(session, action.id, previous) is None
    return _month_of_report(action.initiative, today, method, previous_is_missing=missing_then)


def _month_of_report(initiative: Initiative, today: date, method: Method, *, previous_is_missing: bool) -> Month | None:
    limits = method.of(initiative)
    window = method.window(Month.of(today), limits)
    return month_of_report(today, window, limits, previous_is_missing=previous_is_missing)


def _launched_by(initiative: Initiative, month: Month) -> bool:
    return initiative.launch is not None and initiative.launch <= month.last


def register(
    session: Session,
    code: str,
    answer: FollowUpInput,
    *,
    actor: Actor,
    now: datetime,
    method: Method,
    month: Month | None = None,
    source: str = "",
) -> Registered:
    """Register a leader's answer about one action (R11: LT or PL on their behalf; R12; R13; R20).

    `month` is the round's; without it R10 decides. `source` is where the leader has it from (a call, a meeting); left
    out, it is the entity's reply when one waited for this decision (R14), else the leader. A source named by the
    leader is an answer of the entity: its silence ends (R16).

    Raises Incomplete with the fields that R12 and R20 still ask for,
    NotNow when the action takes no follow-up, NotAllowed for anybody else.
    """
    action, today = find(session, code), local(now).date()
    post = actor.require([Post.LEADER, Post.PLANNING], action.initiative_id)
    _require_running(action)
    month = month or due_month_of(session, action, today, method)
    if month is None:
        options = f"{Month.of(today).plus(-1)} o {Month.of(today)}"
        raise Incomplete({"month": f"Indique a qué mes corresponde el reporte de {action.code}: {options}."})
    stands = told(session, action.id, month)
    current = stands.current
    reopening = _reopens(action, answer, stands, is_now=month == Month.of(today))
    if refusal := _unchangeable(action, answer, current, month, reopening=reopening):
        raise NotNow(refusal)
    limits = method.of(action.initiative)
    lacks = {item.field: item.sentence for item in missing(answer, _before(action, stands), today, limits)}
    if action.state == ActionState.MET and current is None and not reopening:
        lacks = {name: sentence for name, sentence in lacks.items() if name not in _KNOWN_OF_MET}
    if reopening and not says_why(answer.reason):
        lacks["reason"] = f"{action.code} está cumplida: indique el motivo para reabrirla."
    if lacks:
        raise Incomplete(lacks)
    label = timeliness(today, method.window(month, limits))
    proposed = _waiting(session, action.id, month)
    if source:
        answers.count(session, action.entity_id, str(month), [action.initiative_id], today, how=source)
    source = source or (ENTITY_SOURCE if proposed else LEADER_SOURCE)
    follow_up = _record(session, action, month, answer, actor, post, label, source, now, current)
    is_newest = stands.newest is None or stands.newest.month <= str(month)
    _settle_action(session, action, answer, follow_up, actor, now, method, reopening=reopening, is_newest=is_newest)
    _settle_proposals(proposed, answer)
    achievement = _record_achievement(session, action, month, answer, now)
    session.flush()
    return Registered(
        action.code, follow_up.percent, follow_up.text, month, label, current is not None, achievement, follow_up.id
    )


def require_taken(session: Session, action: Action, answer: FollowUpInput, *, actor: Actor, today: date) -> None:
    """Refuse what neither of the months that a report made today may belong to would take (R10, R11).

    Raises:
        NotAllowed: somebody else's action.
        NotNow: it takes no follow-up.
    """
    actor.require([Post.LEADER, Post.PLANNING], action.initiative_id)
    _require_running(action)
    now = Month.of(today)
    known = answer if answer.percent is not None else replace(answer, percent=action.percent)
    refusals = [_refusal(session, action, known, month, is_now=month == now) for month in (now.plus(-1), now)]
    if all(refusals):
        raise NotNow(refusals[-1])


def _refusal(session: Session, action: Action, answer: FollowUpInput, month: Month, *, is_now: bool) -> str:
    stands = told(session, action.id, month)
    reopening = _reopens(action, answer, stands, is_now=is_now)
    return _unchangeable(action, answer, stands.current, month, reopening=reopening)


def _require_running(action: Action) -> None:
    if action.initiative.state not in _TAKING:
        raise NotNow(f"La iniciativa {action.initiative.name} no está en ejecución; no recibe seguimiento.")


def _before(action: Action, stands: Told) -> Before:
    """R12: the earlier month in force; where nothing was ever registered, the figure the matrix came with."""
    if stands.former:
        return Before(stands.former.percent, stands.former.text)
    unknown = action.state == ActionState.MET or stands.newest is not None
    return Before(None if unknown else action.percent, "")


def _unchangeable(
    action: Action, answer: FollowUpInput, current: FollowUp | None, month: Month, *, reopening: bool
) -> str:
    """Why this month takes no follow-up, empty when it does.

    It takes what is open; of what is met: a correction, its compliance (with its logro), and the months before it.
    """
    if action.state == ActionState.OPEN or reopening:
        return ""
    if action.state == ActionState.MET and (current is not None or answer.percent == COMPLETE):
        return ""
    if action.state == ActionState.MET and action.met_on is not None and month < Month.of(action.met_on):
        return ""
    return f"{action.code} no está vigente (estado: {state_words(action.state)}); no recibe seguimiento."


def _record(
    session: Session,
    action: Action,
    month: Month,
    answer: FollowUpInput,
    actor: Actor,
    post: str,
    label: str,
    source: str,
    now: datetime,
    current: FollowUp | None,
) -> FollowUp:
    if current is not None:
        current.superseded_at = now
        session.flush()
    follow_up = FollowUp(
        action_id=action.id,
        month=str(month),
        percent=answer.percent or 0.0,
        text=answer.text.strip(),
        timeliness=label,
        source=source,
        author=actor.name,
        on_behalf_of=Post.LEADER if post == Post.PLANNING else "",
        reason=answer.reason.strip(),
        evidence=answer.evidence.strip(),
        blocker=answer.blocker.strip(),
        help_needed=answer.help_needed.strip(),
        correction=current is not None,
        at=now,
    )
    session.add(follow_up)
    return follow_up


def _settle_action(
    session: Session,
    action: Action,
    answer: FollowUpInput,
    follow_up: FollowUp,
    actor: Actor,
    now: datetime,
    method: Method,
    *,
    reopening: bool,
    is_newest: bool,
) -> None:
    if reopening:
        reopen(session, action, reason=answer.reason, author=actor.name, now=now, method=method)
    elif answer.percent == COMPLETE and answer.met_on is not None:
        corrected = is_newest and action.met_on != answer.met_on
        if action.state == ActionState.OPEN or corrected:
            reason = f"Seguimiento de {follow_up.month}. Evidencia: {follow_up.evidence}"
            set_met(session, action, answer.met_on, reason=reason, author=actor.name, now=now)
    if is_newest and (action.state == ActionState.OPEN or follow_up.percent == COMPLETE):
        action.percent, action.narrative = follow_up.percent, follow_up.text


def _reopens(action: Action, answer: FollowUpInput, stands: Told, *, is_now: bool) -> bool:
    """Whether less than 100 is said of a met action: correcting its newest follow-up, or anew in the current month."""
    if action.state != ActionState.MET or answer.percent in (None, COMPLETE):
        return False
    if stands.current is None:
        return is_now
    return stands.newest is stands.current


def _settle_proposals(waiting: Sequence[Proposal], answer: FollowUpInput) -> None:
    """The leader's answer decides the entity's proposal: the same figure confirms it, another one corrects it."""
    for proposal in waiting:
        same = proposal.percent is None or proposal.percent == answer.percent
        proposal.state = "confirmada" if same else "corregida"


def _record_achievement(session: Session, action: Action, month: Month, answer: FollowUpInput, now: datetime) -> str:
    """R20: one logro an action and month. Said anew it replaces what no report told yet; else it corrects it (R22)."""
    if answer.achievement is None:
        return ""
    logro = answer.achievement
    standing = select(Achievement).where(
        Achievement.action_id == action.id, Achievement.month == str(month), Achievement.withdrawn_at.is_(None)
    )
    for earlier in session.scalars(standing.order_by(Achievement.id)).all():
        if earlier.report_id is not None:
            earlier.text, earlier.priority, earlier.kind = logro.text.strip(), logro.priority, logro.kind
            return earlier.text
        earlier.withdrawn_at = now
    session.add(
        Achievement(
            action_id=action.id,
            month=str(month),
            text=logro.text.strip(),
            priority=logro.priority,
            kind=logro.kind,
            at=now,
        )
    )
    return logro.text.strip()


def proposal_for(session: Session, action_id: int, month: Month) -> Proposal | None:
    """What the entity reported of an action this month and its leader has not decided yet; the newest."""
    waiting = _waiting(session, action_id, month)
    return waiting[-1] if waiting else None


def newest_proposals(session: Session, codes: Collection[str], month: Month) -> dict[str, int]:
    """The numbers of `proposal_for`, by code."""
    query = select(Action.code, func.max(Proposal.id)).join(Action, Action.id == Proposal.action_id)
    waits = (Action.code.in_(codes), Proposal.month == str(month), Proposal.state == answers.PENDING)
    return dict(session.execute(query.where(*waits).group_by(Action.code)).tuples().all())


def _waiting(session: Session, action_id: int, month: Month) -> Sequence[Proposal]:
    """Everything the entity reported of an action this month that its leader has not decided, oldest first."""
    given = {"action_id": action_id, "month": str(month)}
    if ask(session, _ANY_WAITING, given).first() is None:  # nothing, mostly
        return ()
    return session.scalars(_WAITING, given).all()


def reject_proposal(session: Session, action: Action, month: Month, *, actor: Actor) -> str:
    """R11: what the entity reported is set aside; it stays on record, and its silence stays ended.

    Raises:
        NotNow: nothing waits for the leader any more.
    """
    actor.require([Post.LEADER, Post.PLANNING], action.initiative_id)
    waiting = _waiting(session, action.id, month)
    if not waiting:
        raise NotNow(f"No hay un reporte de la entidad por decidir sobre {action.code}.")
    for row in waiting:
        row.state = answers.REJECTED
    return f"Lo reportado por {action.entity.short} sobre {action.code} no se tuvo en cuenta."


def of_month(session: Session, initiative: Initiative, month: Month) -> list[FollowUp]:
    """The follow-ups in force of an initiative and month, of the actions that its figures count."""
    query = (
        select(FollowUp)
        .join(Action, Action.id == FollowUp.action_id)
        .where(
            Action.initiative_id == initiative.id,
            Action.state.in_((ActionState.OPEN, ActionState.MET)),
            FollowUp.month == str(month),
            FollowUp.superseded_at.is_(None),
        )
        .order_by(Action.code)
    )
    return list(session.scalars(query))
