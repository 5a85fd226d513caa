"""The page by which an entity answers a request: its link, what is being written, and what was received."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.matrix import Action, Entity, EvidenceFile
from storage.types import Base, Moment


class AnswerForm(Base):
    """R14, R26, R29: one request of an entity, as a page. `reference` is the one in the letter's subject.

    `month` is AAAA-MM, empty where validation is asked of `subjects` (action codes, or «solución N»). A link names the
    `edition` it was drawn in: revoking begins the next, and what is written to after that carries a link of it.
    `draft` is what somebody has typed and not sent.
    """

    __tablename__ = "answer_form"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"), index=True)
    month: Mapped[str]
    subjects: Mapped[list[str]] = mapped_column(JSON, default=list)
    expires_on: Mapped[date]
    edition: Mapped[int] = mapped_column(default=1, server_default="1")
    revoked_because: Mapped[str] = mapped_column(default="", server_default="")
    draft: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    draft_at: Mapped[datetime | None] = mapped_column(Moment)
    entity: Mapped[Entity] = relationship(lazy="joined", innerjoin=True)


class FormSubmission(Base):
    """What was received by a form, as it came, for ever (R50). The same page sent twice is one (`nonce`, `digest`)."""

    __tablename__ = "form_submission"
    __table_args__ = (UniqueConstraint("form_id", "nonce", "digest"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("answer_form.id"))
    nonce: Mapped[str]
    digest: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(default="", server_default="")
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    form: Mapped[AnswerForm] = relationship()


class FormFile(Base):
    """A file that came by a form; with the answer it becomes evidence of its action (R12), and its bytes move there.

    Until then `data` has them, and it may be taken off again.
    """

    __tablename__ = "form_file"
    __table_args__ = (UniqueConstraint("form_id", "action_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("answer_form.id"))
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    data: Mapped[bytes | None] = mapped_column(deferred=True)
    at: Mapped[datetime] = mapped_column(Moment)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_file.id"))
    action: Mapped[Action] = relationship()
    evidence: Mapped[EvidenceFile | None] = relationship()
