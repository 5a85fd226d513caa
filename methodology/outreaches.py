"""R14, R16: the approaches to an entity, each kept with what it asked; a validation and a contact check are others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.ledger import Outreach

BOUNCED = "rebotado"
VALIDATION = "validación"
CONTACT_CHECK = "verificación de contacto"
NO_CYCLE = ""  # an outreach that asks for no month's progress (R26, R29)


def record_outreach(
    session: Session,
    entity_id: int,
    month: str,
    kind: str,
    on: date,
    *,
    token: str,
    message_id: str = "",
    asked: Iterable[str] = (),
) -> Outreach:
    """Keep that an entity was approached about `month` (AAAA-MM). The same Message-ID is the same outreach (R46)."""
    if message_id:
        known = session.scalars(select(Outreach).where(Outreach.message_id == message_id)).first()
        if known is not None:
            return known
    outreach = Outreach(
        entity_id=entity_id, month=month, kind=kind, on=on, token=token, message_id=message_id, asked=list(asked)
    )
    session.add(outreach)
    session.flush()
    return outreach
