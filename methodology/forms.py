"""The pages by which entities answer (R14, R26, R29): who may open one, until when, and what has come by it.

A link names the request's reference and the edition it was drawn in. Revoked, the links drawn so far are void; what is
written to the entity after that carries one of the next edition. Opening a page writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.actions import require_reason
from methodology.notices import insert_once
from methodology.operation import REASON, Doing, Field, Kind, Operation
from methodology.people import Actor
from methodology.refusals import NotFound, NotNow
from methodology.rules.months import Month
from methodology.rules.states import Post
from storage.forms import AnswerForm, FormSubmission
from storage.matrix import Entity

BY_FORM = "{entity} (formulario en línea)"
HOW = "formulario en línea"
ANSWER_BY_MAIL = "Puede responder contestando el correo de la solicitud, o escribir a Planeación a {mail}."
GONE = "Este enlace no corresponde a una solicitud."
REVOKED = "Este enlace fue anulado."


@dataclass(frozen=True)
class Sent:
    """How a page was sent: its `nonce`, the digest of its content, and the last submission that it showed (0: none)."""

    nonce: str
    digest: str
    seen: int


def until(month: Month) -> date:
    """The last day of a month's page: the end of the following month."""
    return month.plus(1).last


def opened(
    session: Session, reference: str, entity_id: int, month: str, expires_on: date, subjects: Sequence[str] = ()
) -> AnswerForm:
    """The page of one request: made when its letter is drawn, the same for its reminder and whatever it asks more."""
    values = {"reference": reference, "entity_id": entity_id, "month": month, "expires_on": expires_on}
    insert_once(session, AnswerForm, {**values, "subjects": list(subjects), "draft": {}}, "reference")
    form = session.scalars(select(AnswerForm).where(AnswerForm.reference == reference)).one()
    if more := [key for key in subjects if key not in form.subjects]:
        form.subjects = [*form.subjects, *more]
    return form


def find(session: Session, reference: str, edition: int, *, to_write: bool = False) -> AnswerForm:
    """The page that a link of that edition opens; `to_write` makes a second sender wait for the first.

    Raises:
        NotFound: no request has that reference.
        NotNow: the link was revoked.
    """
    query = select(AnswerForm).where(AnswerForm.reference == reference)
    form = session.scalars(query.with_for_update(of=AnswerForm) if to_write else query).first()
    if form is None:
        raise NotFound(GONE)
    if form.edition != edition:
        raise NotNow(REVOKED)
    return form


def writer(form: AnswerForm) -> Actor:
    """Who acts by a page: the entity; it holds no post of a person."""
    return Actor(0, BY_FORM.format(entity=form.entity.short), "f", frozenset({(str(Post.ENTITY), None)}))


def last_submission(session: Session, form_id: int) -> FormSubmission | None:
    """What came last by a page."""
    query = select(FormSubmission).where(FormSubmission.form_id == form_id).order_by(FormSubmission.id.desc())
    return session.scalars(query.limit(1)).first()


def submission(session: Session, form_id: int, number: int) -> FormSubmission | None:
    """One of a page's submissions; None for another page's."""
    row = session.get(FormSubmission, number)
    return row if row is not None and row.form_id == form_id else None


def came_before(session: Session, form_id: int, sent: Sent) -> FormSubmission | None:
    """The submission that this very page made already: a reload, a double click, the way back and forth."""
    query = select(FormSubmission).where(
        FormSubmission.form_id == form_id, FormSubmission.nonce == sent.nonce, FormSubmission.digest == sent.digest
    )
    return session.scalars(query).first()


def overtaken(session: Session, form_id: int, sent: Sent) -> FormSubmission | None:
    """What somebody else sent while this page was open; one's own correction, by the way back, overtakes nothing."""
    last = last_submission(session, form_id)
    return last if last is not None and last.id != sent.seen and last.nonce != sent.nonce else None


def revoke(session: Session, entity_id: int, today: date, because: str) -> int:
    """The entity's links drawn so far open nothing any more; how many pages that were. Nothing received is lost."""
    forms = session.scalars(
        select(AnswerForm).where(AnswerForm.entity_id == entity_id, AnswerForm.expires_on >= today)
    ).all()
    for form in forms:
        form.edition, form.revoked_because = form.edition + 1, because
    session.flush()
    return len(forms)


def revoke_links(doing: Doing, *, entity: Entity, reason: str) -> str:
    """R14: the links in letters already sent to an entity are void, such as when they came into other hands.

    Raises:
        NotNow: it has none that is not over.
    """
    require_reason(reason)
    if not revoke(doing.session, entity.id, doing.today, f"{reason.strip()} ({doing.actor.name})"):
        raise NotNow(f"{entity.short} no tiene enlaces vigentes para responder en línea.")
    return (
        f"Los enlaces enviados a {entity.short} para responder en línea quedaron anulados; el próximo correo lleva uno "
        "nuevo. Lo ya recibido se conserva."
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "entidad.enlaces",
        "Anular los enlaces para responder",
        "R14",
        (Post.PLANNING,),
        (Field("entidad", "entity", "Entidad", Kind.ENTITY), REASON),
        revoke_links,
    ),
)
