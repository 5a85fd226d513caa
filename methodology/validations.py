"""R26 and R29: asking an entity to validate a new action or the solution to a bottleneck, and its answer.

The letter is recognised by its reference when it is answered, but it is no outreach of R16: nobody is silent about what
is not part of the matrix yet.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import tray
from methodology.operation import Doing
from methodology.outreaches import NO_CYCLE, VALIDATION, record_outreach
from methodology.refusals import Incomplete, NotNow
from methodology.rules.spanish import long_date
from methodology.rules.states import ActionState, IdeaState, InitiativeState, state_words
from storage.ledger import Notice, Outreach
from storage.life import Validation
from storage.matrix import Action, Initiative, Solution

TO_RECORD = "validacion_por_registrar"
ACTIVE = (InitiativeState.BUILDING, InitiativeState.RUNNING)


def require_active(initiative: Initiative) -> None:
    """Nothing new comes into what is paused, closing or over."""
    if initiative.state not in ACTIVE:
        state = state_words(initiative.state)
        raise NotNow(f"{initiative.name} está en estado «{state}»; se requiere en construcción o en ejecución.")


def named(solution: Solution) -> str:
    """How validations, notices and letters call a solution."""
    return f"solución {solution.id}"


def answer(
    doing: Doing,
    subject: str,
    initiative_id: int,
    entity_id: int,
    *,
    accepts: bool,
    who: str,
    on: date,
    evidence: str,
    since: date | None = None,
) -> Validation:
    """Keep what the entity said: who, when and with what evidence (R26, R29).

    Raises:
        Incomplete: a day to come, or one before the entity was approached.
    """
    if on > doing.today:
        raise Incomplete({"on": "La fecha de la respuesta no puede ser posterior a hoy."})
    if since is not None and on < since:
        raise Incomplete({"on": f"El acercamiento fue el {long_date(since)}: la respuesta no puede ser anterior."})
    row = Validation(
        subject=subject,
        initiative_id=initiative_id,
        accepted=accepts,
        by=who,
        on=on,
        evidence=evidence,
        recorded_by=doing.actor.name,
    )
    doing.session.add(row)
    waiting = select(Outreach).where(
        Outreach.kind == VALIDATION, Outreach.entity_id == entity_id, Outreach.answered_on.is_(None)
    )
    for outreach in doing.session.scalars(waiting):
        if subject in outreach.asked:
            outreach.answered_on = on
    tray.settle(doing.session, TO_RECORD, subject, f"Respuesta registrada por {doing.actor.name}", doing.now)
    return row


def no_longer_asked(session: Session, notice: Notice, today: date) -> str | None:
    """Why the letter does not go any more: the initiative rests, or what it asks for was answered or withdrawn."""
    del today
    initiative = session.get_one(Initiative, notice.initiative_id)
    if initiative.state not in ACTIVE:
        return f"la iniciativa está {initiative.state.replace('_', ' ')}"
    if notice.rule == "R29":
        solution = session.get_one(Solution, notice.inputs["solution"])
        waits = solution.state == IdeaState.TO_VALIDATE and solution.entity_id == notice.entity_id
    else:
        action = session.get_one(Action, notice.action_id)
        waits = action.state == ActionState.TO_VALIDATE and action.validated_on is None
    return None if waits else f"{notice.subject} ya no espera la validación de esa entidad"


def keep_request(session: Session, notice: Notice, today: date, message_id: str, token: str) -> None:
    """The letter went: an answer is recognised by it. One letter may ask about several actions."""
    if notice.entity_id is None:
        return
    outreach = record_outreach(
        session, notice.entity_id, NO_CYCLE, VALIDATION, today, token=token, message_id=message_id
    )
    outreach.asked = [*outreach.asked, notice.subject]
