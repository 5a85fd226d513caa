"""Who still owes an answer: the entities of the running cycle; and what is about to be due."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.answers import current_cycle
from methodology.method import Method
from methodology.rules.months import Month
from methodology.rules.states import ActionState
from methodology.silence import silent_initiatives, unread_answer
from methodology.sweeping.windows import has_answered
from storage.ledger import Outreach
from storage.matrix import Action, Entity, Initiative


@dataclass(frozen=True)
class SilentEntity:
    """An entity that was asked about these actions and has not answered; how often and when last it was approached.

    `waits`: something it wrote waits in the tray, so that it is neither reiterated nor called silent (R16).
    """

    entity: Entity
    month: Month
    codes: tuple[str, ...]
    approaches: int
    last_on: date
    waits: bool = False


def silent_entities(session: Session, initiative_ids: Collection[int], today: date) -> list[SilentEntity]:
    """R14, R16: those without an answer to their last request, in any of the initiatives; the longest silent first."""
    asked = select(Outreach.entity_id).where(Outreach.month != "")
    entities = session.scalars(select(Entity).where(Entity.id.in_(asked), Entity.internal.is_(False)))
    found = (_silent(session, entity, initiative_ids, today) for entity in entities.all())
    return sorted((one for one in found if one), key=lambda one: (one.last_on, one.entity.name))


def _silent(session: Session, entity: Entity, initiative_ids: Collection[int], today: date) -> SilentEntity | None:
    month = current_cycle(session, entity.id, today)
    waits = bool(session.scalar(select(unread_answer(entity.id))))
    if not waits and has_answered(session, entity.id, Month.parse(month)):
        return None
    made = session.scalars(
        select(Outreach).where(Outreach.entity_id == entity.id, Outreach.month == month).order_by(Outreach.on)
    ).all()
    codes = _asked_in(session, entity, set(initiative_ids) & set(silent_initiatives(session, entity.id)))
    if not made or not codes:
        return None
    return SilentEntity(entity, Month.parse(month), codes, len(made), made[-1].on, waits)


def _asked_in(session: Session, entity: Entity, initiative_ids: Collection[int]) -> tuple[str, ...]:
    query = select(Action.code).where(
        Action.entity_id == entity.id, Action.state == ActionState.OPEN, Action.initiative_id.in_(initiative_ids)
    )
    return tuple(session.scalars(query.order_by(Action.code)))


def due_soon(session: Session, initiatives: Collection[Initiative], today: date, method: Method) -> list[Action]:
    """The open actions that fall due from today on, within each initiative's own `por_vencer.dias`; soonest first."""
    last = {one.id: today + timedelta(days=method.of(one).due_soon_days) for one in initiatives}
    query = select(Action).where(
        Action.state == ActionState.OPEN,
        Action.initiative_id.in_(last),
        Action.due >= today,
        Action.due <= max(last.values(), default=today),
    )
    rows = session.scalars(query.order_by(Action.due, Action.code))
    return [row for row in rows if row.due and row.due <= last[row.initiative_id]]
