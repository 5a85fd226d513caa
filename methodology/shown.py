"""What a request showed its entity as last reported: the same figures must not come back as an answer (R14)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from methodology.clock import start_of
from storage.ledger import Delivery, Notice, Outreach
from storage.matrix import FollowUp

_OF_A_MONTH = ("R14", "R14.reiteracion")
_HANDOVER = "R14.entrega"
"""Its period is its day and address, not a month."""
_DAY = timedelta(days=1)


def last_reports(session: Session, outreach: Outreach, action_ids: Collection[int]) -> dict[int, FollowUp]:
    """By action, the follow-up that was in force when the mail of that outreach was drawn."""
    at = _sent_at(session, outreach)
    query = (
        select(FollowUp)
        .where(FollowUp.action_id.in_(action_ids), FollowUp.at < at)
        .where(or_(FollowUp.superseded_at.is_(None), FollowUp.superseded_at >= at))
        .order_by(FollowUp.month, FollowUp.id)
    )
    return {row.action_id: row for row in session.scalars(query)}


def _sent_at(session: Session, outreach: Outreach) -> datetime:
    """When it went; the end of its day where that is not known."""
    first, after = start_of(outreach.on), start_of(outreach.on + _DAY)
    query = (
        select(Delivery.sent_at)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.entity_id == outreach.entity_id)
        .where(
            or_(and_(Notice.rule.in_(_OF_A_MONTH), Notice.period == outreach.month), Notice.rule == _HANDOVER),
        )
        .where(Delivery.sent_at >= first, Delivery.sent_at < after)
    )
    return session.scalar(query.order_by(Delivery.id.desc()).limit(1)) or after
