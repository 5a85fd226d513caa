"""R14: a person of a known entity wrote, nobody knows about which request: it came, Planning reviews it; once a day.

Once an entity, whoever writes: a sender is easily forged, and no letter of ours may go to many or show one to another.
Never to a machine (what is not a person's reply does not come here), to strangers, or to ourselves: no two programs may
thank each other for ever.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology.correlation import own_domain
from methodology.notices import plan
from storage.matrix import Entity

RULE = "R14.recibido"


def acknowledge(session: Session, sender: str, mail_id: int, today: date) -> Entity | None:
    """Plan the acknowledgement; the entity that the sender writes from, None when nothing is sent."""
    entity = _entity_of(session, sender)
    if entity is None:
        return None
    fresh = plan(
        session,
        RULE,
        subject=entity.name,
        period=today.isoformat(),
        recorded_on=today,
        due=None,
        entity_id=entity.id,
        inputs={"mail": mail_id, "to": sender},
    )
    return entity if fresh else None


def _entity_of(session: Session, sender: str) -> Entity | None:
    """By its own address, else by its domain, unless anybody can open a mailbox there."""
    outside = select(Entity).where(Entity.internal.is_(False)).order_by(Entity.id)
    if found := session.scalars(outside.where(func.lower(Entity.mail) == sender)).first():
        return found
    domain = own_domain(sender)
    if not domain:
        return None
    return session.scalars(outside.where(func.lower(Entity.mail).endswith(f"@{domain}", autoescape=True))).first()
