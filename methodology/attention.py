"""Planning learns of new troubles by itself: one message a day, only when something new waits in the tray."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import tray
from methodology.clock import local
from methodology.notices import plan
from storage.ledger import Notice

RULE = "bandeja"


def record_attention(session: Session, now: datetime) -> bool:
    """Plan the day's message if an item came since the last one that was told."""
    waiting = tray.waiting(session)
    newest = max((item.id for item in waiting), default=0)
    told = session.scalars(select(Notice).where(Notice.rule == RULE).order_by(Notice.id.desc())).first()
    if newest <= (told.inputs["newest"] if told else 0):
        return False
    today = local(now).date()
    return plan(
        session,
        RULE,
        subject="bandeja",
        period=today.isoformat(),
        recorded_on=today,
        due=None,
        inputs={"newest": newest},
    )
