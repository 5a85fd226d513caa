"""R12: files that support a follow-up: kept as they came, once each, named in its evidence.

A leader's come in the chat, an entity's by the page of its request.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.people import Actor
from methodology.rules.states import Post
from storage.matrix import Action, EvidenceFile


def keep(
    session: Session, action: Action, *, name: str, content_type: str, data: bytes, actor: Actor, now: datetime
) -> EvidenceFile:
    """Store one file about an action; the same bytes about the same action are one file (sent twice, or retried).

    Raises:
        NotAllowed: neither its leader nor planning.
    """
    actor.require([Post.LEADER, Post.PLANNING], action.initiative_id)
    return keep_from_entity(session, action, name=name, content_type=content_type, data=data, by=actor.name, now=now)


def keep_from_entity(
    session: Session, action: Action, *, name: str, content_type: str, data: bytes, by: str, now: datetime
) -> EvidenceFile:
    """The same for what came with an entity's answer: whoever hands it over has seen to whose action it is."""
    digest = sha256(data).hexdigest()
    known = session.scalar(
        select(EvidenceFile).where(EvidenceFile.action_id == action.id, EvidenceFile.sha256 == digest)
    )
    if known is not None:
        return known
    row = EvidenceFile(
        action_id=action.id, name=name, content_type=content_type, size=len(data), sha256=digest, data=data,
        by=by, at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def files_of(session: Session, action: Action) -> list[EvidenceFile]:
    """The files about an action, newest first; their bytes are read only when asked for."""
    query = select(EvidenceFile).where(EvidenceFile.action_id == action.id)
    return list(session.scalars(query.order_by(EvidenceFile.id.desc())))


def called(row: EvidenceFile) -> str:
    """How a follow-up names it: «acta.pdf (archivo 12)»."""
    return f"{row.name} (archivo {row.id})"
