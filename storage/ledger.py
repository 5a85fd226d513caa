"""The ledger: what became due and must be told to whom (notice), how that went (delivery), and what follows from it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, Text, UniqueConstraint, and_, false, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from methodology.rules.states import CaseState
from storage.forms import FormSubmission
from storage.matrix import Action, Entity, Initiative
from storage.types import Base, Moment


class Notice(Base):
    """Who must be told what, once. `key` is rule, subject, due version or period, post and initiative: never a person.

    `due` is the date the notice speaks of, `recorded_on` the day it became true, `deliver_on` the first hábil day on
    or after it. `inputs` are what the «¿por qué?» sentence is drawn from. What follows from a deed that may still be
    undone has its `deed_id`, and waits until `held_until`.
    """

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_waiting",
            "deliver_on",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    rule: Mapped[str]
    subject: Mapped[str]
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"))
    action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"), index=True)
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"), index=True)
    period: Mapped[str]
    due: Mapped[date | None]
    recorded_on: Mapped[date]
    deliver_on: Mapped[date]
    post: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(default="planned", server_default="planned")
    withdrawn_reason: Mapped[str] = mapped_column(default="", server_default="")
    inputs: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    skipped: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    deed_id: Mapped[int | None] = mapped_column(ForeignKey("deed.id"), index=True)
    held_until: Mapped[datetime | None] = mapped_column(Moment)
    initiative: Mapped[Initiative | None] = relationship()
    action: Mapped[Action | None] = relationship()
    entity: Mapped[Entity | None] = relationship()


class Delivery(Base):
    """One notice on its way to one reader. Rows of one `batch` travel in one message and share its fate.

    `reader` is `person:ID`, `entity:ID`, `member:ID`, `meeting:ID` or `channel:ID`.
    States: planned → sending → sent | uncertain | dead |
    withdrawn; planned again after a refusal that says when (`retry_at`).
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("notice_id", "reader", "channel"), Index("ix_delivery_batch", "batch"))
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    batch: Mapped[str]
    bundle: Mapped[str]
    reader: Mapped[str]
    channel: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(Moment)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    notice: Mapped[Notice] = relationship()


class Alert(Base):
    """R15 and R16. One per (action, due version), or per (entity, initiative) and episode of silence.

    `episode` is the due version or the first outreach's day. The acknowledgement stands beside the state;
    `managed_…` is «asignar gestión». An acknowledgement with a promised date lapses after `acknowledged_until`. R17:
    `raised_told_on` is when the decision card was delivered and `raised_percent` the progress then (R18: whether there
    was any since), `minister_…` who took it to the Minister and when. R18:
    `second_…` who took it to which members of the Equipo de Alto Nivel (ids), and why. `handled_text` is how it was
    attended to.
    """

    __tablename__ = "alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    action_id: Mapped[int | None] = mapped_column(ForeignKey("action.id"), index=True)
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id"))
    episode: Mapped[str]
    raised_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="abierta", server_default="abierta", index=True)
    closed_because: Mapped[str] = mapped_column(default="", server_default="")
    told_leader_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(default="", server_default="")
    noted_on: Mapped[date | None]
    acknowledged_by: Mapped[str] = mapped_column(default="", server_default="")
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    managed_by: Mapped[str] = mapped_column(default="", server_default="")
    managed_until: Mapped[date | None]
    managed_text: Mapped[str] = mapped_column(default="", server_default="")
    decided_by: Mapped[str] = mapped_column(default="", server_default="")
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    raised_told_on: Mapped[date | None]
    raised_percent: Mapped[float | None]
    acknowledged_until: Mapped[date | None]
    minister_on: Mapped[date | None]
    minister_by: Mapped[str] = mapped_column(default="", server_default="")
    second_on: Mapped[date | None]
    second_by: Mapped[str] = mapped_column(default="", server_default="")
    second_reason: Mapped[str] = mapped_column(default="", server_default="")
    second_members: Mapped[list[int] | None] = mapped_column(JSON)
    handled_text: Mapped[str] = mapped_column(default="", server_default="")
    initiative: Mapped[Initiative] = relationship()
    action: Mapped[Action | None] = relationship()
    entity: Mapped[Entity | None] = relationship()


class HighLevelCase(Base):
    """R30: a Solución de alto nivel; at most one live per initiative.

    R31: `leader_part` and `management_part` are what each of its two owners recorded; without both it is not surtida.
    One that was not surtida when its initiative closed (R37), or that was left without open actions and measures,
    ended on `closed_on`, in the state it had.
    """

    __tablename__ = "high_level_case"
    __table_args__ = (
        Index(
            "uq_high_level_case_open",
            "initiative_id",
            unique=True,
            sqlite_where=text("state <> 'surtida' and closed_on is null"),
            postgresql_where=text("state <> 'surtida' and closed_on is null"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    opened_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="abierta", server_default="abierta")
    leader_part: Mapped[str] = mapped_column(default="", server_default="")
    leader_by: Mapped[str] = mapped_column(default="", server_default="")
    management_part: Mapped[str] = mapped_column(default="", server_default="")
    management_by: Mapped[str] = mapped_column(default="", server_default="")
    exhausted_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    initiative: Mapped[Initiative] = relationship()

    @hybrid_property
    def live(self) -> bool:
        """Whether it goes on: neither surtida nor ended."""
        return self.state != CaseState.EXHAUSTED and self.closed_on is None

    @live.inplace.expression
    @classmethod
    def _live(cls) -> ColumnElement[bool]:
        return and_(cls.state != CaseState.EXHAUSTED, cls.closed_on.is_(None))


class CaseAction(Base):
    """An action's place in a case; once per due version (R30)."""

    __tablename__ = "case_action"
    __table_args__ = (UniqueConstraint("action_id", "due_version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("high_level_case.id"), index=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    due_version: Mapped[int]
    joined_on: Mapped[date]
    outcome: Mapped[str] = mapped_column(default="", server_default="")
    action: Mapped[Action] = relationship()


class Outreach(Base):
    """An approach to an entity about one cycle (R14, R16): by the bot's mail, or recorded by a leader (call, meeting).

    `token` is the reference in subject and footer: it identifies the request, it never authenticates. `answer` says
    what answered it when no mail did: a call, an official letter and its number.
    """

    __tablename__ = "outreach"
    id: Mapped[int] = mapped_column(primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"), index=True)
    month: Mapped[str]
    kind: Mapped[str]
    on: Mapped[date]
    token: Mapped[str] = mapped_column(index=True)
    message_id: Mapped[str] = mapped_column(default="", index=True)
    asked: Mapped[list[str]] = mapped_column(JSON, default=list)
    answered_on: Mapped[date | None]
    answer: Mapped[str] = mapped_column(default="", server_default="")
    entity: Mapped[Entity] = relationship()


class Silence(Base):
    """R16: one episode of silence of an entity in one initiative, from its first outreach to a substantive answer.

    It waits until `delayed_until` (for the answer that was `promised_for` a day; `delays` so far) and `away_until` (the
    contact's return).
    """

    __tablename__ = "silence"
    __table_args__ = (
        Index(
            "uq_silence_running",
            "entity_id",
            "initiative_id",
            unique=True,
            sqlite_where=text("ended_on IS NULL"),
            postgresql_where=text("ended_on IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"))
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    outreaches: Mapped[int]
    delays: Mapped[int] = mapped_column(default=0, server_default="0")
    delayed_until: Mapped[date | None]
    promised_for: Mapped[date | None]
    away_until: Mapped[date | None]
    ended_on: Mapped[date | None]
    ended_because: Mapped[str] = mapped_column(default="", server_default="")


class InboundMail(Base):
    """A message as it arrived: stored raw before anything reads it. `reasons` is each step's verdict."""

    __tablename__ = "inbound_mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    envelope_from: Mapped[str]
    raw: Mapped[bytes]
    received_at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(default="new", index=True)
    kind: Mapped[str] = mapped_column(default="")
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id"))
    outreach_id: Mapped[int | None] = mapped_column(ForeignKey("outreach.id"))
    text: Mapped[str] = mapped_column(default="")
    reasons: Mapped[list[str]] = mapped_column(JSON, default=list)


class MailboxMark(Base):
    """How far a mailbox was read: what its gateway gave with the last page stored."""

    __tablename__ = "mailbox_mark"
    mailbox: Mapped[str] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(Text)


class Proposal(Base):
    """What an entity reported of an action, until its leader confirms it (R11). The newest of a month is shown.

    `confidence` goes from 0 to 1: how sure the reading was; what was typed into a form is as it was typed, and may
    bring the day of compliance, evidence, and the due date that the entity would rather have.
    """

    __tablename__ = "proposal"
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    month: Mapped[str]
    percent: Mapped[float | None]
    text: Mapped[str]
    passage: Mapped[str]
    mail_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_mail.id"))
    at: Mapped[datetime] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(default="pendiente")
    confidence: Mapped[float] = mapped_column(default=1.0, server_default="1")
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("form_submission.id"))
    met_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(default="", server_default="")
    wants_due: Mapped[date | None]
    action: Mapped[Action] = relationship()
    submission: Mapped[FormSubmission | None] = relationship()


class TrayItem(Base):
    """Planning's tray: whatever needs a person. `key` keeps one trouble from being listed twice."""

    __tablename__ = "tray_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    title: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)
    resolution: Mapped[str] = mapped_column(default="")


class Report(Base):
    """A frozen snapshot (R3, R22): `content` never changes once published; its hash is the proof."""

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("kind", "initiative_id", "period", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"))
    period: Mapped[str]
    version: Mapped[int]
    cut_off: Mapped[date]
    state: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    approved_by: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    initiative: Mapped[Initiative | None] = relationship()


class CardAction(Base):
    """What a button may do. The card carries only `token`; verb, arguments, roles and expiry stay here.

    `scope` is the message it belongs to; the same button of the same scope keeps its token when rendered again.
    `private`: of a conversation of several, only `person_id` sees that message.
    """

    __tablename__ = "card_action"
    __table_args__ = (UniqueConstraint("scope", "verb", "ref"), Index("ix_card_action_about", "initiative_id", "verb"))
    token: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(index=True)
    verb: Mapped[str]
    ref: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    posts: Mapped[list[str]] = mapped_column(JSON, default=list)
    initiative_id: Mapped[int | None]
    person_id: Mapped[int | None]
    expires_at: Mapped[datetime] = mapped_column(Moment)
    once: Mapped[bool] = mapped_column(default=False)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    used_by: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    activity_id: Mapped[str] = mapped_column(default="")
    private: Mapped[bool] = mapped_column(default=False, server_default=false())


class Conversation(Base):
    """Where a dialog stands: JSON under compare-and-set (`etag`), one row a conversation."""

    __tablename__ = "conversation"
    id: Mapped[str] = mapped_column(primary_key=True)
    etag: Mapped[int]
    state: Mapped[dict[str, Any]] = mapped_column(JSON)


class TeamsPlace(Base):
    """Where a person or a channel is reached in Teams. `blocked` is why they cannot be, until they write again."""

    __tablename__ = "teams_place"
    reader: Mapped[str] = mapped_column(primary_key=True)
    conversation_id: Mapped[str]
    service_url: Mapped[str]
    tenant_id: Mapped[str]
    blocked: Mapped[str] = mapped_column(default="")
    seen_at: Mapped[datetime] = mapped_column(Moment)


class Job(Base):
    """The embedded runner's queue: disposable, rebuilt from the ledger by reconcile. One live job per `key`."""

    __tablename__ = "job"
    __table_args__ = (UniqueConstraint("key"), Index("ix_job_run_at", "run_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    lane: Mapped[str]
    key: Mapped[str]
    args: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    run_at: Mapped[datetime] = mapped_column(Moment)


class Tick(Base):
    """One run of the clock: (job, local slot), won by whoever inserts it."""

    __tablename__ = "tick"
    job: Mapped[str] = mapped_column(primary_key=True)
    slot: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
