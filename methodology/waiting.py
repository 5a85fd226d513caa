"""What may still be undone makes the clock wait: nothing is concluded from it, and nothing is told about it, meanwhile.

A sweep waits for every such deed; a message for those of its own initiative, or of none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.history import Deed


def open_deeds(session: Session, now: datetime) -> dict[int | None, datetime]:
    """Until when the deeds of each initiative (None: of none) may be undone."""
    query = select(Deed.initiative_id, Deed.undo_until).where(Deed.undo_until > now, Deed.undone_at.is_(None))
    return {where: until for where, until in session.execute(query.order_by(Deed.undo_until)) if until}


def held_until(waiting: Mapping[int | None, datetime], initiative_id: int | None) -> datetime | None:
    """When a message about that initiative (None: about several, or none) may go; None when it need not wait."""
    concerned = waiting.values() if initiative_id is None else [waiting.get(initiative_id), waiting.get(None)]
    return max((until for until in concerned if until), default=None)
