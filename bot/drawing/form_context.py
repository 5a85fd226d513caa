"""What one must have read to fill in a form: the mail that is assigned, the question that is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cards.parts import moment
from methodology.alerts import open_questions
from methodology.operation import Operation
from storage.ledger import Alert, InboundMail, TrayItem
from storage.matrix import Entity

NOTE = "alerta.anotar"
CONTACT = "entidad.contacto"
SENDER = "De: {sender}"
SUBJECT = "Asunto: {subject}"
GUESS = "Posible origen: {entity}"
CURRENT = "Correo actual: {mail}"
HANDED_OVER = (
    "El correo nuevo recibe lo que esté pendiente de respuesta; el anterior, un aviso. Los enlaces ya enviados quedan "
    "anulados y el conteo de silencio comienza de nuevo."
)
QUESTION = "{who} solicitó el {at}: {text}"


def context_of(session: Session, operation: Operation, rows: Iterable[Any]) -> tuple[str, ...]:
    """Line by line; empty where the operation's subject says enough."""
    return tuple(line for row in rows for line in _lines(session, operation, row))


def _lines(session: Session, operation: Operation, row: Any) -> Iterator[str]:  # noqa: ANN401 - any mapped row
    if isinstance(row, TrayItem):
        yield from _mail(session, row)
    if isinstance(row, Entity) and operation.id == CONTACT:
        yield CURRENT.format(mail=row.mail)
        if not row.internal:
            yield HANDED_OVER
    if isinstance(row, Alert) and operation.id == NOTE:
        for asked in open_questions(session, row):
            at = moment(datetime.fromisoformat(asked.inputs["at"]))
            yield QUESTION.format(who=asked.inputs["by"], at=at, text=asked.inputs["text"])


def _mail(session: Session, item: TrayItem) -> Iterator[str]:
    mail = session.get(InboundMail, item.detail.get("mail_id") or 0)
    if mail is None:
        return
    guess = item.detail.get("guess") or {}
    told = (
        (SENDER, "sender", item.detail.get("from") or mail.envelope_from),
        (SUBJECT, "subject", item.detail.get("subject")),
        (GUESS, "entity", guess.get("entity")),
    )
    yield from (form.format(**{name: value}) for form, name, value in told if value)
    yield from mail.text.splitlines()
