"""The senders the scheduler is handed, and what is kept after a message went: places, buttons, cards to redraw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased

from bot.drawing.context import Desk, Studio
from bot.drawing.high_level import redrawn
from bot.drawing.renderer import TeamsPost
from bot.teams.sender import ConnectorSender
from bot.teams.tokens import MENDED_AFTER
from cards.parts import Element
from mail.gateway import MailGateway, OutgoingMail
from methodology import buttons, tray
from methodology.alerts import ASSIGNED, TOLD
from methodology.clock import Clock
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Receipt, Throttled, Unreachable
from methodology.rules.states import OPEN_ALERTS, NoticeState
from methodology.rules.table import TEAMS
from scheduler.jobs import NewJob
from scheduler.ports import Batch, Outgoing
from storage.db import Database, ask
from storage.ledger import Alert, Delivery, Notice, TeamsPlace

REDRAW = "redraw"
SEEN_AGAIN = timedelta(hours=1)
CARD = "application/vnd.microsoft.card.adaptive"
_PLACE = select(
    TeamsPlace.conversation_id, TeamsPlace.service_url, TeamsPlace.tenant_id, TeamsPlace.blocked, TeamsPlace.seen_at
).where(TeamsPlace.reader == bindparam("reader"))


def card_activity(card: Element, summary: str = "") -> dict[str, object]:
    """A message activity that carries one card; `summary` is what the notification says."""
    activity: dict[str, object] = {"type": "message", "attachments": [{"contentType": CARD, "content": card}]}
    return {**activity, "summary": summary} if summary else activity


class TeamsSender:
    """Posts a card to a chat or a channel; a chat not met yet is opened first and remembered."""

    def __init__(self, connector: ConnectorSender, db: Database, clock: Clock) -> None:
        self.connector = connector
        self._db = db
        self._clock = clock

    async def __call__(self, outgoing: Outgoing) -> Receipt:
        return await self.post(outgoing.payload)

    async def post(self, post: TeamsPost) -> Receipt:
        """Send one card; raises the DeliveryError family."""
        if post.reader.startswith("channel:"):
            if not post.channel_id:
                why = "No hay canal de escalamiento configurado: defina EscalationChannelId."
                raise Misconfigured(why, self._clock.now() + MENDED_AFTER)
            activity = card_activity(post.card, post.summary)
            return await self.connector.post_channel(post.service_url, post.tenant_id, post.channel_id, activity)
        if post.blocked:
            raise Unreachable(post.blocked)
        try:
            return await self._to_chat(post)
        except Unreachable as exc:
            await self._db.run(self._block, post.reader, str(exc))
            raise

    async def _to_chat(self, post: TeamsPost) -> Receipt:
        conversation = await self.chat(post)
        return await self.connector.send(post.service_url, conversation, card_activity(post.card, post.summary))

    async def chat(self, post: TeamsPost) -> str:
        """The person's own chat: the one we know, else opened now."""
        if post.conversation_id:
            return post.conversation_id
        if not post.aad_id:
            raise Unreachable("La persona no tiene identificador de Teams en el directorio.")
        conversation = await self.connector.create_personal(post.service_url, post.tenant_id, post.aad_id)
        await self._db.run(remember_place, post.reader, conversation, post.service_url, post.tenant_id, self._clock)
        return conversation

    def _block(self, session: Session, reader: str, why: str) -> None:
        if place := session.get(TeamsPlace, reader):
            place.blocked = why


def remember_place(
    session: Session, reader: str, conversation_id: str, service_url: str, tenant_id: str, clock: Clock
) -> None:
    """Where somebody is reached; whatever they send reactivates them (facts: blocked until they write again)."""
    known = {"conversation_id": conversation_id, "service_url": service_url, "tenant_id": tenant_id, "blocked": ""}
    now, stored = clock.now(), ask(session, _PLACE, {"reader": reader}).mappings().first()
    if stored and now - stored["seen_at"] <= SEEN_AGAIN and known.items() <= stored.items():
        return
    place = session.get(TeamsPlace, reader)
    if place is None:
        session.add(TeamsPlace(reader=reader, seen_at=now, **known))
        return
    if now - place.seen_at > SEEN_AGAIN:
        place.seen_at = now
    for name, value in known.items():
        if getattr(place, name) != value:  # what is set anew is written anew
            setattr(place, name, value)


class MailSender:
    """Hands a letter to the gateway; one that is still to be drawn (documents) is drawn in a thread of its own."""

    def __init__(self, gateway: MailGateway) -> None:
        self._gateway = gateway

    async def __call__(self, outgoing: Outgoing) -> Receipt:
        payload: OutgoingMail | Callable[[], OutgoingMail] = outgoing.payload
        mail = await asyncio.to_thread(payload) if callable(payload) else payload
        try:
            return await self._gateway.send(mail)
        except Ambiguous:
            if found := await self._gateway.find_sent(mail.message_id):
                return found
            raise

    async def find(self, message_id: str) -> Receipt | None:
        """See `scheduler.ports.Finder`: the copy in the mailbox, where the gateway keeps one."""
        return await self._gateway.find_sent(message_id)


class Redrawer:
    """The job that edits a posted decision card: owed since the decision was committed, tried until it is done."""

    def __init__(self, connector: ConnectorSender, db: Database, clock: Clock, studio: Studio) -> None:
        self._connector = connector
        self._db = db
        self._clock = clock
        self._studio = studio

    async def __call__(self, args: Mapping[str, Any]) -> datetime | None:
        drawn = await self._db.run(self._draw, args["batch"])
        if drawn is None:
            return None
        receipt, card, summary = drawn
        service_url = receipt["service_url"] or self._studio.settings.teams_service_url
        try:
            await self._connector.update(service_url, receipt["place"], receipt["id"], card_activity(card, summary))
        except Throttled as exc:
            return exc.retry_at
        except DeliveryError as exc:
            title = "La tarjeta de decisión no se pudo actualizar en el canal"
            now = self._clock.now()
            await self._db.run(tray.put, "tarjeta_sin_actualizar", args["batch"], title, {"motivo": str(exc)}, now)
        return None

    def _draw(self, session: Session, batch: str) -> tuple[Mapping[str, str], Element, str] | None:
        rows = session.scalars(select(Delivery).where(Delivery.batch == batch).order_by(Delivery.id)).all()
        if not rows or not rows[0].receipt.get("place"):
            return None
        desk = Desk(session, self._studio, batch, self._clock.now())
        card, summary = redrawn(desk, rows[0].reader, [row.notice for row in rows])
        return rows[0].receipt, self._studio.noted(card), summary


def owe_closings(session: Session, defer: Callable[[Session, NewJob], bool], now: datetime) -> None:
    """A posted decision card is drawn anew when what it asks about ended by itself, or goes on after all.

    Nobody is asked to decide about what is over. The receipt keeps which of the two the card shows.
    """
    shown_over, is_over = Delivery.receipt["over"].as_string().is_not(None), Alert.state.not_in(OPEN_ALERTS)
    query = (
        select(Delivery, is_over)
        .join(Notice, Notice.id == Delivery.notice_id)
        .join(Alert, Alert.id == Notice.alert_id)
        .where(Notice.rule == "R17", Delivery.channel == TEAMS, Delivery.state == NoticeState.SENT)
        .where(or_(and_(is_over, ~shown_over), and_(~is_over, shown_over)))
    )
    for row, over in session.execute(query).all():
        known = {name: value for name, value in row.receipt.items() if name != "over"}
        row.receipt = {**known, "over": "sí"} if over else known
        key = f"{REDRAW}:{row.batch}:{row.id}:{'over' if over else 'on'}"
        defer(session, NewJob(REDRAW, row.batch, key, {"batch": row.batch}, now))


def owe_corrections(session: Session, defer: Callable[[Session, NewJob], bool], now: datetime) -> None:
    """A leader's posted card with an assignment that was corrected is drawn anew: two are never equal (R17)."""
    later = aliased(Notice)
    assigned = Notice.inputs["what"].as_string() == ASSIGNED
    query = (
        select(Delivery)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.rule == TOLD, assigned, Delivery.channel == TEAMS, Delivery.state == NoticeState.SENT)
        .where(Delivery.receipt["corrected"].as_string().is_(None))
        .where(
            exists().where(
                later.alert_id == Notice.alert_id,
                later.rule == TOLD,
                later.id > Notice.id,
                later.inputs["what"].as_string() == ASSIGNED,
            )
        )
    )
    for row in session.scalars(query).all():
        row.receipt = {**row.receipt, "corrected": "sí"}
        defer(session, NewJob(REDRAW, row.batch, f"{REDRAW}:{row.batch}:{row.id}:corrected", {"batch": row.batch}, now))


def after_sent(session: Session, batch: Batch, receipt: Receipt) -> None:
    """The buttons of a posted card are pressed where it was posted and nowhere else."""
    buttons.bind(session, batch.id, receipt.place, receipt.id)
