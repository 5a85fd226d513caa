"""Messages whose fate a person decides: it arrived after all, or it is sent again. Nothing stays in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import tray
from methodology.clock import local
from methodology.people import Actor
from methodology.refusals import NotNow
from methodology.rules.states import NoticeState, Post
from methodology.telling import told
from storage.ledger import Delivery, Notice

OPEN_DOUBTS = (NoticeState.UNCERTAIN, NoticeState.DEAD)
TRAY_KINDS = ("entrega_incierta", "entrega_fallida")


def settle(session: Session, notice: Notice, facts: Mapping[str, str], today: date) -> None:
    """The notice was told, for the first time: what follows from it begins (R16, R17)."""
    if notice.state == NoticeState.SENT:
        return
    notice.state = NoticeState.SENT
    told(session, notice, today, message_id=facts.get("message_id", ""), token=facts.get("token", ""))


def confirm(session: Session, batch: str, item_id: int, *, actor: Actor, now: datetime) -> None:
    """Planning knows that it arrived: it counts as told today."""
    for row in _in_doubt(session, batch, actor):
        facts, row.state, row.sent_at = row.receipt, NoticeState.SENT, now
        settle(session, row.notice, facts, local(now).date())
    tray.resolve(session, item_id, "Sí llegó", actor=actor, now=now)


def send_again(session: Session, batch: str, item_id: int, *, actor: Actor, now: datetime) -> None:
    """Planning decides that it goes again, under the same card ids; the ledger keeps the former attempts."""
    for row in _in_doubt(session, batch, actor):
        row.state, row.retry_at = NoticeState.PLANNED, None
        if row.notice.state in OPEN_DOUBTS:
            row.notice.state = NoticeState.PLANNED
    tray.resolve(session, item_id, "Se envía de nuevo", actor=actor, now=now)


def _in_doubt(session: Session, batch: str, actor: Actor) -> list[Delivery]:
    actor.require([Post.PLANNING])
    query = select(Delivery).where(Delivery.batch == batch, Delivery.state.in_(OPEN_DOUBTS)).order_by(Delivery.id)
    rows = list(session.scalars(query))
    if not rows:
        raise NotNow("Ese mensaje ya no está en duda.")
    return rows
