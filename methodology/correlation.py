"""R14, R16: which approach a message answers, by what it cites, and whether its sender may answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology.clock import local
from methodology.method import Method
from methodology.outreaches import BOUNCED, CONTACT_CHECK, VALIDATION
from methodology.readings import Reading, ReadingKind
from methodology.rules.months import Month
from methodology.rules.spanish import month_name
from methodology.rules.states import ActionState
from storage.ledger import InboundMail, Outreach
from storage.matrix import Action, Entity

NO_ADDRESS = "un remitente sin dirección"
_OPEN_DOMAINS = frozenset(
    {"gmail.com", "hotmail.com", "hotmail.es", "outlook.com", "outlook.es", "live.com", "yahoo.com", "yahoo.es"}
)
NOT_BY_ADDRESS = (BOUNCED, VALIDATION, CONTACT_CHECK)
"""What is answered in its own thread or by its reference only."""


@dataclass(frozen=True)
class Match:
    entity: Entity
    outreach: Outreach


@dataclass(frozen=True)
class Case:
    """One message on its way through the steps; `reasons` grows."""

    session: Session
    mail: InboundMail
    reading: Reading
    now: datetime
    reasons: list[str]
    method: Method | None = None

    @property
    def today(self) -> date:
        return local(self.now).date()


def correlate(case: Case) -> Match | None:
    """In-Reply-To and References; the reference; the sender (or the failed recipient) with one open request."""
    for step in (_by_thread, _by_token, _by_address):
        outreach = step(case)
        if outreach is not None:
            return Match(outreach.entity, outreach)
    case.reasons.append(
        "No se reconoció a qué solicitud responde: no lo dicen la conversación, la referencia ni el remitente"
    )
    return None


def _by_thread(case: Case) -> Outreach | None:
    ids = [one for one in case.reading.answering if one]
    rows = case.session.scalars(select(Outreach).where(Outreach.message_id.in_(ids), Outreach.message_id != ""))
    found = {row.message_id: row for row in rows}
    outreach = next((found[one] for one in ids if one in found), None)
    return _because(case, outreach, "Se reconoció por la conversación: responde a la solicitud {about}")


def _by_token(case: Case) -> Outreach | None:
    newest = select(Outreach).where(Outreach.token.in_(case.reading.tokens)).order_by(Outreach.id.desc())
    found: dict[str, Outreach] = {}
    for row in case.session.scalars(newest):
        found.setdefault(row.token, row)
    outreach = next((found[one] for one in case.reading.tokens if one in found), None)
    return _because(case, outreach, "Se reconoció por la referencia {token} de la solicitud {about}")


def _by_address(case: Case) -> Outreach | None:
    """The entity's own address with open requests of exactly one month: the newest of them."""
    is_bounce = case.reading.kind is ReadingKind.BOUNCE
    addresses = case.reading.failed_recipients if is_bounce else (case.reading.sender,)
    statement = (
        select(Outreach)
        .join(Outreach.entity)
        .where(_lower_mail_in(addresses), Outreach.answered_on.is_(None), Outreach.kind.not_in(NOT_BY_ADDRESS))
        .order_by(Outreach.id.desc())
    )
    rows = list(case.session.scalars(statement))
    outreach = rows[0] if len({(row.entity_id, row.month) for row in rows}) == 1 else None
    reason = "Se reconoció por la dirección de la entidad, con una sola solicitud abierta: la {about}"
    return _because(case, outreach, reason)


def _lower_mail_in(addresses: Iterable[str]) -> Any:  # noqa: ANN401 - a SQL expression
    return func.lower(Entity.mail).in_([one for one in addresses if one])


def _because(case: Case, outreach: Outreach | None, reason: str) -> Outreach | None:
    if outreach is not None:
        month = Month.parse(outreach.month) if outreach.month else None
        what = month_name(month.year, month.number) if month else "validación"
        about = f"de {what} a {outreach.entity.short}"
        case.reasons.append(reason.format(about=about, token=outreach.token))
    return outreach


def writer_of(case: Case) -> str:
    return case.reading.sender or NO_ADDRESS


def cites(case: Case, outreach: Outreach) -> bool:
    return bool(outreach.message_id) and outreach.message_id in case.reading.answering


def own_domain(address: str) -> str:
    """Its domain; «» where anybody can open a mailbox, for that says nothing about who writes."""
    domain = address.rpartition("@")[2]
    return "" if domain in _OPEN_DOMAINS else domain


def is_authentic(case: Case, entity: Entity) -> bool:
    """The From address is the entity's, or of its own domain. The reference never authenticates."""
    sender, mail = case.reading.sender, entity.mail.lower()
    domain = own_domain(mail)
    if sender == mail:
        case.reasons.append("Remitente: es la dirección registrada de la entidad")
        return True
    if domain and sender.rpartition("@")[2] == domain:
        case.reasons.append(f"Remitente: escribe desde el dominio de la entidad ({domain})")
        return True
    case.reasons.append(f"Remitente dudoso: {writer_of(case)} no es de {entity.short}")
    return False


def asked_of(session: Session, match: Match) -> list[Action]:
    """The entity's open actions that the request named (all of them when it named none)."""
    theirs = select(Action).where(Action.entity_id == match.entity.id, Action.state == ActionState.OPEN)
    if match.outreach.asked:
        theirs = theirs.where(Action.code.in_(match.outreach.asked))
    return list(session.scalars(theirs.order_by(Action.code)))
