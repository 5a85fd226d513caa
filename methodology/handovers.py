"""R14: an entity's contact: checked every quarter, and handed over with what is pending when it changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from methodology import answers, silence
from methodology.notices import plan
from methodology.operation import Doing
from methodology.outreaches import BOUNCED, CONTACT_CHECK, NO_CYCLE, record_outreach
from methodology.replies import INVALID_CONTACT
from methodology.rules.months import Month
from methodology.rules.states import ActionState, InitiativeState
from storage.ledger import Notice, Outreach, TrayItem
from storage.matrix import Action, Entity, Initiative

CHECK, HANDOVER, FORMER = "R14.contacto", "R14.entrega", "R14.relevo"
HANDED_OVER = "entrega a nuevo contacto"
_ASKING = ("solicitud", HANDED_OVER, BOUNCED)


def is_invalid(session: Session, entity_id: int) -> bool:
    """Whether its address bounced and nobody corrected it yet."""
    key = f"{INVALID_CONTACT}:{entity_id}"
    return bool(session.scalar(select(exists().where(TrayItem.key == key, TrayItem.resolved_at.is_(None)))))


def hand_over(doing: Doing, entity: Entity, former: str, *, former_receives: bool) -> None:
    """The address was changed: the new contact learns what this is and gets what is pending, the former one a word.

    What was written to the former contact is held against nobody: a silence that raised no alert begins anew.
    """
    month, codes = _pending(doing, entity)
    silence.begin_anew(doing.session, entity.id, doing.today, "cambio de contacto")
    about = {"by": doing.actor.name, "mail": entity.mail, "former": former}
    asked = {"period": str(month), "codes": codes} if codes else {}
    period = f"{doing.today.isoformat()}:{entity.mail}"
    window = doing.method.window(month)
    ahead = doing.method.calendar.add(doing.today, doing.method.thresholds.reminder_habiles_before)
    due = max(window.deadline, ahead) if codes else None
    _plan(doing, HANDOVER, entity, period, due, {**about, **asked})
    if former and former_receives:
        _plan(doing, FORMER, entity, period, None, about)


def _plan(doing: Doing, rule: str, entity: Entity, period: str, due: date | None, inputs: Mapping[str, object]) -> None:
    plan(
        doing.session,
        rule,
        subject=entity.name,
        period=period,
        recorded_on=doing.today,
        due=due,
        entity_id=entity.id,
        inputs=inputs,
    )


def _pending(doing: Doing, entity: Entity) -> tuple[Month, list[str]]:
    """The cycle that was asked last, and its codes that still have no answer; none of one long past."""
    session = doing.session
    month = Month.parse(answers.current_cycle(session, entity.id, doing.today))
    cycle = (Outreach.entity_id == entity.id, Outreach.month == str(month))
    asked = session.scalar(select(exists().where(*cycle, Outreach.kind.in_(_ASKING))))
    if not asked or month < Month.of(doing.today).plus(-1):
        return month, []
    silent = silence.silent_initiatives(session, entity.id)
    answered = session.scalar(select(exists().where(*cycle, Outreach.answered_on.is_not(None))))
    query = _open_codes(entity.id)
    if silent or answered:
        query = query.where(Action.initiative_id.in_(silent))
    return month, list(session.scalars(query))


def _open_codes(entity_id: int) -> Select[str]:
    return (
        select(Action.code)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .where(
            Action.entity_id == entity_id,
            Action.state == ActionState.OPEN,
            Initiative.state == InitiativeState.RUNNING,
        )
        .order_by(Action.code)
    )


def no_longer(session: Session, notice: Notice, today: date) -> str | None:
    """Why a word about a contact does not go any more: nothing is asked of the entity, or the address is another."""
    del today
    entity = session.get_one(Entity, notice.entity_id)
    if notice.rule == CHECK and is_invalid(session, entity.id):
        return "el contacto está por corregir"
    if notice.rule == CHECK and not session.scalars(_open_codes(entity.id).limit(1)).first():
        return "la entidad ya no tiene acciones vigentes"
    if notice.rule != CHECK and entity.mail != notice.inputs["mail"]:
        return "el contacto de la entidad volvió a cambiar"
    return None


def told(session: Session, notice: Notice, today: date, message_id: str, token: str) -> None:
    """It went: what answers it is recognised. A request handed over counts as one; a word about a contact does not."""
    if notice.entity_id is None or notice.rule == FORMER:
        return
    codes = [str(code) for code in notice.inputs.get("codes", ())]
    month, kind = (notice.inputs["period"], HANDED_OVER) if codes else (NO_CYCLE, CONTACT_CHECK)
    record_outreach(session, notice.entity_id, month, kind, today, token=token, message_id=message_id, asked=codes)
    if codes:
        silence.reached_out(session, notice.entity_id, codes, today)
