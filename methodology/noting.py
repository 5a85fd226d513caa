"""R14: the word to an entity whose reply is no answer yet: the day it promised is noted, or Planning reads it.

Once a request and kind, whatever else comes: no two programs may thank each other for ever. To its contact; if somebody
else of the entity's own domain wrote, to them with a copy to the contact, and without the link by which it is answered.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from methodology.holds import Promise, Promised
from methodology.notices import plan
from methodology.readings import Reading
from storage.ledger import Notice, Outreach

RULE = "R14.nota"


class Noted(StrEnum):
    PROMISE = "promesa"
    REVIEW = "revisión"
    PACKED = "formato"


def kind_of(reading: Reading, promise: Promise | None, *, is_reviewed: bool) -> tuple[Noted | None, dict[str, str]]:
    """What is said of it, and the days of a promise; None to a machine, and of a promise that moves nothing."""
    if reading.automatic:
        return None, {}
    if reading.answers_on and promise and promise.outcome in (Promised.HELD, Promised.NOT_SILENT):
        day = reading.answers_on
        return Noted.PROMISE, {"day": day.isoformat(), "until": (promise.until or day).isoformat()}
    kind = Noted.PACKED if reading.unreadable else Noted.REVIEW
    return (kind if is_reviewed else None), {}


def acknowledge(
    session: Session, request: Outreach, kind: Noted, mail_id: int, writer: str, today: date, **about: str
) -> bool:
    """Plan it; False when a reply to the same request was told so before.

    `writer`: who wrote, in lower case, already known to be of the entity.
    """
    to = {} if writer == request.entity.mail.lower() else {"to": writer}
    return plan(
        session,
        RULE,
        subject=request.entity.name,
        period=f"{request.month or request.token}:{kind}",
        recorded_on=today,
        due=None,
        entity_id=request.entity_id,
        inputs={"period": request.month, "mail": mail_id, "kind": kind, **to, **about},
    )


def no_longer(session: Session, notice: Notice, today: date) -> str | None:
    """What was promised came before the word went."""
    del today
    came = exists().where(
        Outreach.entity_id == notice.entity_id,
        Outreach.month == notice.inputs["period"],
        Outreach.answered_on >= notice.recorded_on,
    )
    is_moot = notice.inputs["kind"] == Noted.PROMISE and session.scalar(select(came))
    return "la entidad ya respondió" if is_moot else None
