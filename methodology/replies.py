"""R14 and R16: what an entity's mail does. Stored raw first; then read, matched, authenticated, made proposals.

The operations know nothing of mail formats: they are handed a `Reading`. Every step leaves its reason, in Spanish, in
`InboundMail.reasons`; whatever cannot be decided goes to Planning's tray, never to a log only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import answers, holds, noting, silence, tray, unmatched
from methodology.clock import local
from methodology.holds import NOT_HELD, Promise, Promised
from methodology.method import Method, load_method
from methodology.notices import plan
from methodology.readings import EVERY_ACTION, KIND_NAMES, SURE, Answer, Asked, Reading, ReadingKind, Request
from methodology.reply_titles import as_understood, confirms_contact, title_of, wants_later
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, month_name, shortened
from methodology.rules.states import ActionState
from methodology.shown import last_reports
from storage.ledger import InboundMail, Outreach
from storage.matrix import Action, Entity, FollowUp

BOUNCED = "rebotado"
VALIDATION = "validación"
CONTACT_CHECK = "verificación de contacto"
NO_CYCLE = ""  # an outreach that asks for no month's progress (R26, R29)
TO_CLASSIFY = "correo_por_clasificar"
INVALID_CONTACT = "contacto_invalido"
EXCERPT = 300
NO_ADDRESS = "un remitente sin dirección"
# At these anybody can open a mailbox: the domain says nothing about who writes.
OPEN_DOMAINS = frozenset(
    {"gmail.com", "hotmail.com", "hotmail.es", "outlook.com", "outlook.es", "live.com", "yahoo.com", "yahoo.es"}
)


class MailState(StrEnum):
    NEW = "new"
    PROCESSED = "processed"
    TRAY = "tray"


@dataclass(frozen=True)
class _Match:
    entity: Entity
    outreach: Outreach


@dataclass(frozen=True)
class _Case:
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


def record_outreach(
    session: Session,
    entity_id: int,
    month: str,
    kind: str,
    on: date,
    *,
    token: str,
    message_id: str = "",
    asked: Iterable[str] = (),
) -> Outreach:
    """Keep that an entity was approached about `month` (AAAA-MM). The same Message-ID is the same outreach (R46)."""
    if message_id:
        known = session.scalars(select(Outreach).where(Outreach.message_id == message_id)).first()
        if known is not None:
            return known
    outreach = Outreach(
        entity_id=entity_id, month=month, kind=kind, on=on, token=token, message_id=message_id, asked=list(asked)
    )
    session.add(outreach)
    session.flush()
    return outreach


def store_raw(session: Session, raw: bytes, message_id: str, envelope_from: str, now: datetime) -> int | None:
    """Keep a message as it arrived; its id, or None when it was stored before (same Message-ID, or same bytes)."""
    key = message_id or f"sha256:{sha256(raw).hexdigest()}"
    if session.scalars(select(InboundMail.id).where(InboundMail.message_id == key)).first() is not None:
        return None
    mail = InboundMail(message_id=key, envelope_from=envelope_from, raw=raw, received_at=now)
    session.add(mail)
    session.flush()
    return mail.id


def pending(session: Session) -> list[int]:
    """The messages stored and not yet read, oldest first."""
    return list(
        session.scalars(select(InboundMail.id).where(InboundMail.state == MailState.NEW).order_by(InboundMail.id))
    )


def known_codes(session: Session) -> frozenset[str]:
    """Every action's code: what a reader may take for one."""
    return frozenset(session.scalars(select(Action.code)))


def asked_in(session: Session, reading: Reading, now: datetime) -> Request | None:
    """What the request that a reply answers had asked: with it, the reply can be read once more and better."""
    if reading.kind is not ReadingKind.REPLY:
        return None
    match = _correlate(_Case(session, InboundMail(), reading, now, []))
    actions = _asked_of(session, match) if match else []
    if match is None or not actions:
        return None
    last = last_reports(session, match.outreach, [one.id for one in actions])
    month = Month.parse(match.outreach.month) if match.outreach.month else None
    shown = tuple(_shown(one, last.get(one.id)) for one in actions)
    return Request(shown, match.outreach.token, match.outreach.on, month)


def _shown(action: Action, last: FollowUp | None) -> Asked:
    if last is None:
        return Asked(action.code, action.text, action.due)
    return Asked(action.code, action.text, action.due, last.percent, last.text)


def record(session: Session, mail_id: int, reading: Reading, now: datetime, method: Method | None = None) -> MailState:
    """Do what a message asks for, once: a message that is not new is left as it is. `method` None: the ordinary one.

    Proposals for the entity's open actions (R11: the leader confirms them), the end of the silence (R16), «contacto
    inválido» after a bounce, or a place in the tray.
    """
    mail = session.get_one(InboundMail, mail_id)
    if mail.state != MailState.NEW:
        return MailState(mail.state)
    case = _Case(session, mail, reading, now, list(reading.reasons), method)
    match = _correlate(case)
    mail.kind, mail.text = reading.kind, reading.text
    mail.entity_id = match.entity.id if match else None
    mail.outreach_id = match.outreach.id if match else None
    state = _decide(case, match)
    mail.state, mail.reasons = state, case.reasons
    return state


def park(session: Session, mail_id: int, error: str, now: datetime) -> None:
    """A message that could not be read at all waits in the tray with the error; nothing is lost."""
    mail = session.get_one(InboundMail, mail_id)
    mail.state = MailState.TRAY
    mail.reasons = [*mail.reasons, f"No se pudo leer el mensaje: {error}"]
    detail = {"mail_id": mail_id, "from": mail.envelope_from, "excerpt": "", "reasons": mail.reasons}
    tray.put(session, TO_CLASSIFY, str(mail_id), "Correo que no se pudo leer", detail, now)


def _correlate(case: _Case) -> _Match | None:
    """In-Reply-To and References; the reference; the sender (or the failed recipient) with one open request."""
    for step in (_by_thread, _by_token, _by_address):
        outreach = step(case)
        if outreach is not None:
            return _Match(outreach.entity, outreach)
    case.reasons.append(
        "No se reconoció a qué solicitud responde: no lo dicen la conversación, la referencia ni el remitente"
    )
    return None


def _by_thread(case: _Case) -> Outreach | None:
    ids = [one for one in case.reading.answering if one]
    rows = case.session.scalars(select(Outreach).where(Outreach.message_id.in_(ids), Outreach.message_id != ""))
    found = {row.message_id: row for row in rows}
    outreach = next((found[one] for one in ids if one in found), None)
    return _because(case, outreach, "Se reconoció por la conversación: responde a la solicitud {about}")


def _by_token(case: _Case) -> Outreach | None:
    newest = select(Outreach).where(Outreach.token.in_(case.reading.tokens)).order_by(Outreach.id.desc())
    found: dict[str, Outreach] = {}
    for row in case.session.scalars(newest):
        found.setdefault(row.token, row)
    outreach = next((found[one] for one in case.reading.tokens if one in found), None)
    return _because(case, outreach, "Se reconoció por la referencia {token} de la solicitud {about}")


_NOT_BY_ADDRESS = (BOUNCED, VALIDATION, CONTACT_CHECK)


def _by_address(case: _Case) -> Outreach | None:
    """The entity's own address with open requests of exactly one month: the newest of them."""
    is_bounce = case.reading.kind is ReadingKind.BOUNCE
    addresses = case.reading.failed_recipients if is_bounce else (case.reading.sender,)
    statement = (
        select(Outreach)
        .join(Outreach.entity)
        .where(_lower_mail_in(addresses), Outreach.answered_on.is_(None), Outreach.kind.not_in(_NOT_BY_ADDRESS))
        .order_by(Outreach.id.desc())
    )
    rows = list(case.session.scalars(statement))
    outreach = rows[0] if len({(row.entity_id, row.month) for row in rows}) == 1 else None
    reason = "Se reconoció por la dirección de la entidad, con una sola solicitud abierta: la {about}"
    return _because(case, outreach, reason)


def _lower_mail_in(addresses: Iterable[str]) -> Any:  # noqa: ANN401 - a SQL expression
    return func.lower(Entity.mail).in_([one for one in addresses if one])


def _because(case: _Case, outreach: Outreach | None, reason: str) -> Outreach | None:
    if outreach is not None:
        month = Month.parse(outreach.month) if outreach.month else None
        what = month_name(month.year, month.number) if month else "validación"
        about = f"de {what} a {outreach.entity.short}"
        case.reasons.append(reason.format(about=about, token=outreach.token))
    return outreach


def _decide(case: _Case, match: _Match | None) -> MailState:
    kind = case.reading.kind
    if _is_ours(case):
        case.reasons.append("Es copia de un mensaje enviado por este sistema; no se procesa")
        return MailState.PROCESSED
    if kind is ReadingKind.BOUNCE:
        return _bounced(case, match)
    if kind is not ReadingKind.REPLY:
        return _recorded_only(case, match)
    if match is None:
        _acknowledge_unmatched(case)
        return _to_tray(case, None, f"Correo de {_writer(case)} sin solicitud reconocida")
    if not _authentic(case, match.entity):
        return _to_tray(case, match, f"Remitente dudoso: {_writer(case)} escribe por {match.entity.short}")
    return _answered(case, match)


def _writer(case: _Case) -> str:
    return case.reading.sender or NO_ADDRESS


def _is_ours(case: _Case) -> bool:
    sent = select(Outreach.id).where(Outreach.message_id == case.mail.message_id)
    return case.session.scalars(sent).first() is not None


def _recorded_only(case: _Case, match: _Match | None) -> MailState:
    """Automatic mail and courtesies change nothing (R16); what brings answers or a document is shown to a person."""
    if case.reading.answers:
        return _to_tray(case, match, f"Mensaje automático con posibles respuestas de {_writer(case)}")
    if case.reading.letter:
        return _to_tray(case, match, f"Mensaje automático con un documento: {case.reading.letter}")
    case.reasons.append(f"Se registra como {KIND_NAMES[case.reading.kind]}; no es respuesta de fondo")
    if match is not None and case.reading.returns_on:
        _away(case, match, case.reading.returns_on)
    return MailState.PROCESSED


def _away(case: _Case, match: _Match, returns: date) -> None:
    """R14, R16: an absence is believed from the entity's own address, if it cites a mail of ours or its reference."""
    if case.reading.kind is not ReadingKind.OUT_OF_OFFICE or match.outreach.kind in _NOT_BY_ADDRESS:
        return
    if case.reading.sender != match.entity.mail.lower():
        case.reasons.append(f"La ausencia no es del contacto de {match.entity.short}: nada se aplaza")
        return
    if not _cites(case, match.outreach) and match.outreach.token not in case.reading.tokens:
        case.reasons.append("La ausencia no cita ningún mensaje enviado ni su referencia: nada se aplaza")
        return
    method = case.method or load_method(case.session)
    held = holds.away(case.session, match.entity, returns, method, case.now, case.today)
    if held is not None:
        case.reasons.append(f"Ausencia del contacto: la reiteración y la alerta esperan hasta el {long_date(held)}")


def _promised(case: _Case, match: _Match) -> Promise | None:
    """R16: a promise to answer delays; what became of it, None when there is none."""
    day = case.reading.answers_on
    if day is None:
        return None
    method = case.method or load_method(case.session)
    promise = holds.promised(case.session, match.entity, day, method, case.today)
    until = f"la reiteración y la alerta esperan hasta el {long_date(promise.until)}" if promise.until else ""
    said = f"{match.entity.short} promete responder el {long_date(day)}"
    case.reasons.append(f"{said}: {until or NOT_HELD[promise.outcome]}")
    return promise


def _cites(case: _Case, outreach: Outreach) -> bool:
    return bool(outreach.message_id) and outreach.message_id in case.reading.answering


def _bounced(case: _Case, match: _Match | None) -> MailState:
    """R16: «contacto inválido», and the outreach that did not arrive no longer counts for the silence.

    Anybody can write a bounce: only one that cites the Message-ID of a mail of ours to that entity is believed.
    """
    if match is None:
        return _to_tray(case, None, "Rebote que no corresponde a ninguna solicitud conocida")
    failed = case.reading.failed_recipients
    if failed and match.entity.mail.lower() not in failed:
        return _to_tray(case, match, f"Rebotó una copia dirigida a {', '.join(failed)} ({match.entity.short})")
    if not _cites(case, match.outreach):
        return _to_tray(case, match, f"Rebote que no cita ningún mensaje enviado a {match.entity.short}")
    match.outreach.kind = BOUNCED
    silence.unreachable(case.session, match.entity.id, case.today)
    case.reasons.append(f"Rebote: {match.entity.mail} no recibe; contacto inválido y se detiene el conteo de silencio")
    title = f"Contacto inválido: {match.entity.name}"
    detail = _detail(case, match) | {"mail": match.entity.mail}
    tray.put(case.session, INVALID_CONTACT, str(match.entity.id), title, detail, case.now)
    return MailState.TRAY


def _authentic(case: _Case, entity: Entity) -> bool:
    """The From address is the entity's, or of its own domain. The reference never authenticates."""
    sender, mail = case.reading.sender, entity.mail.lower()
    domain = mail.rpartition("@")[2]
    if sender == mail:
        case.reasons.append("Remitente: es la dirección registrada de la entidad")
        return True
    if domain and domain not in OPEN_DOMAINS and sender.rpartition("@")[2] == domain:
        case.reasons.append(f"Remitente: escribe desde el dominio de la entidad ({domain})")
        return True
    case.reasons.append(f"Remitente dudoso: {_writer(case)} no es de {entity.short}")
    return False


def _answered(case: _Case, match: _Match) -> MailState:
    if match.outreach.kind == VALIDATION:
        return _validation_answered(case, match)
    if match.outreach.kind == CONTACT_CHECK:
        return _contact_answered(case, match)
    understood, left_over = _accepted(case, match)
    accepted = [one for one in understood if one[1].confidence >= SURE]
    doubtful = [action.code for action, answer in understood if answer.confidence < SURE]
    for action, answer in accepted:
        _propose(case, match, action, answer)
    if accepted:
        _acknowledge(case, match)
    if accepted or case.reading.letter:
        _end_silence(case, match, [action for action, _ in accepted] or _asked_of(case.session, match))
    promise = _promised(case, match)
    is_filed = promise is not None and promise.outcome is not Promised.ALERTED and case.reading.promises_only
    is_done = bool(accepted or is_filed) and not (
        left_over or doubtful or wants_later(case.reading) or case.reading.new_contact or case.reading.unreadable
    )
    if not accepted:
        _take_note(case, match, promise, is_reviewed=not is_done)
    if is_done:
        return MailState.PROCESSED
    return _to_tray(case, match, title_of(match.entity.short, case.reading, left_over, doubtful))


def _take_note(case: _Case, match: _Match, promise: Promise | None = None, *, is_reviewed: bool = True) -> None:
    """R14: what is no answer yet is acknowledged too."""
    kind, about = noting.kind_of(case.reading, promise, is_reviewed=is_reviewed)
    writer = case.reading.sender
    if kind and noting.acknowledge(case.session, match.outreach, kind, case.mail.id, writer, case.today, **about):
        case.reasons.append(f"Se acusa recibo a {match.entity.short}")


def _validation_answered(case: _Case, match: _Match) -> MailState:
    """R26, R29: what the entity says of a new action or solution is read and recorded by a person; no silence ends."""
    match.outreach.answered_on = match.outreach.answered_on or case.today
    about = ", ".join(match.outreach.asked)
    _take_note(case, match)
    return _to_tray(case, match, f"{match.entity.short} responde a la solicitud de validación: {about}")


def _contact_answered(case: _Case, match: _Match) -> MailState:
    """R14: «sin cambios» is all that was asked; a new contact, or anything else, is for a person. No silence ends."""
    match.outreach.answered_on = match.outreach.answered_on or case.today
    if not case.reading.new_contact and confirms_contact(case.reading.text):
        case.reasons.append(f"{match.entity.short} confirma su contacto")
        return MailState.PROCESSED
    _take_note(case, match)
    title = title_of(match.entity.short, case.reading, (), ()) if case.reading.new_contact else ""
    return _to_tray(case, match, title or f"Respuesta de {match.entity.short} sobre su contacto")


def _accepted(case: _Case, match: _Match) -> tuple[list[tuple[Action, Answer]], list[str]]:
    """The answers on open actions of this entity, and the codes of the others."""
    whole = next((answer for answer in case.reading.answers if answer.code == EVERY_ACTION), None)
    named = {answer.code: answer for answer in case.reading.answers if answer.code != EVERY_ACTION}
    actions = {one.code: one for one in case.session.scalars(select(Action).where(Action.code.in_(named)))}
    accepted = [(actions[code], one) for code, one in named.items() if _is_theirs(actions.get(code), match.entity)]
    left_over = [code for code in named if not _is_theirs(actions.get(code), match.entity)]
    for code in left_over:
        case.reasons.append(f"{code}: no es una acción abierta a cargo de {match.entity.short}; no se propone")
    if whole is not None:
        accepted += [(action, whole) for action in _asked_of(case.session, match) if action.code not in named]
    return accepted, left_over


def _is_theirs(action: Action | None, entity: Entity) -> bool:
    return action is not None and action.entity_id == entity.id and action.state == ActionState.OPEN


def _asked_of(session: Session, match: _Match) -> list[Action]:
    """The entity's open actions that the request named (all of them when it named none)."""
    theirs = select(Action).where(Action.entity_id == match.entity.id, Action.state == ActionState.OPEN)
    if match.outreach.asked:
        theirs = theirs.where(Action.code.in_(match.outreach.asked))
    return list(session.scalars(theirs.order_by(Action.code)))


def _propose(case: _Case, match: _Match, action: Action, answer: Answer) -> None:
    answers.propose(
        case.session,
        action,
        match.outreach.month,
        percent=answer.percent,
        text=answer.text,
        passage=answer.passage,
        now=case.now,
        mail_id=case.mail.id,
        confidence=answer.confidence,
        met_on=answer.day,
        evidence=answer.evidence,
    )
    figure = "sin cifra" if answer.percent is None else f"{answer.percent:g} %".replace(".", ",")
    case.reasons.append(f"{action.code}: se registra como propuesta ({figure})")


def _acknowledge(case: _Case, match: _Match) -> None:
    acknowledge(case.session, match.entity, match.outreach.month, case.mail.id, case.today)


def acknowledge(session: Session, entity: Entity, month: str, mail_id: int, today: date) -> None:
    """The entity is told once what was understood of a mail; automatic mail never gets this far."""
    plan(
        session,
        "R14.acuse",
        subject=entity.name,
        period=f"{month}:{mail_id}",
        recorded_on=today,
        due=None,
        entity_id=entity.id,
        inputs={"period": month, "mail": mail_id},
    )


def _acknowledge_unmatched(case: _Case) -> None:
    """A person is told that it came; whoever is automatic for a part of the message is none."""
    if case.reading.automatic:
        return
    today, sender = case.today, case.reading.sender
    if entity := unmatched.acknowledge(case.session, sender, case.mail.id, today, OPEN_DOMAINS):
        case.reasons.append(f"Se acusa recibo a {sender}, de {entity.short}")


def _end_silence(case: _Case, match: _Match, actions: list[Action]) -> None:
    """R16: an answer on any action of an initiative ends its silence; «sin avance» and official letters count."""
    initiatives = sorted({action.initiative_id for action in actions})
    how = f"documento {case.reading.letter}" if case.reading.letter else ""
    answers.count(case.session, match.entity.id, match.outreach.month, initiatives, case.today, how=how)
    case.reasons.append(
        f"Respuesta de fondo de {match.entity.short}: termina el silencio en {len(initiatives)} iniciativa(s)"
    )


def _to_tray(case: _Case, match: _Match | None, title: str) -> MailState:
    case.reasons.append(f"A la bandeja de Planeación: {title}")
    tray.put(case.session, TO_CLASSIFY, str(case.mail.id), title, _detail(case, match), case.now)
    return MailState.TRAY


def _detail(case: _Case, match: _Match | None) -> dict[str, Any]:
    """What a person needs to decide without opening the original."""
    return {
        "mail_id": case.mail.id,
        "from": case.reading.sender,
        "subject": case.reading.subject,
        "excerpt": shortened(case.reading.text, EXCERPT),
        "guess": _guess(case, match),
        "understood": [as_understood(one) for one in case.reading.answers if one.confidence < SURE],
        "figures": {one.code: one.percent for one in case.reading.answers if one.percent is not None},
        "texts": {one.code: one.text for one in case.reading.answers if one.text},
        "new_contact": case.reading.new_contact,
        "wants_until": long_date(case.reading.wants_until) if case.reading.wants_until else "",
        "wants": _wants(case, match),
        "reasons": list(case.reasons),
    }


def _wants(case: _Case, match: _Match | None) -> dict[str, str]:
    """R3: the new date that is asked for one open action of the entity, for whoever decides it; empty else."""
    until, code = wants_later(case.reading), case.reading.wants_for
    action = case.session.scalars(select(Action).where(Action.code == code)).first()
    if until is None or match is None or not _is_theirs(action, match.entity):
        return {}
    return {"accion": code, "fecha": until.isoformat(), "motivo": shortened(case.reading.text, EXCERPT)}


def _guess(case: _Case, match: _Match | None) -> dict[str, Any]:
    if match is not None:
        month = match.outreach.month
        return {"entity_id": match.entity.id, "entity": match.entity.name, "month": month}
    domain = case.reading.sender.rpartition("@")[2]
    if not domain or domain in OPEN_DOMAINS:
        return {}
    entities = case.session.scalars(select(Entity).where(Entity.mail.endswith(f"@{domain}", autoescape=True))).all()
    return {"entity_id": entities[0].id, "entity": entities[0].name} if len(entities) == 1 else {}
