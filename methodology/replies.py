"""R14 and R16: what an entity's mail does. Stored raw first; then read, matched, authenticated, made proposals.

The operations know nothing of mail formats: they are handed a `Reading`. Every step leaves its reason, in Spanish, in
`InboundMail.reasons`; whatever cannot be decided goes to Planning's tray, never to a log only.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import answers, holds, noting, silence, tray, unmatched
from methodology.correlation import (
    NOT_BY_ADDRESS,
    Case,
    Match,
    asked_of,
    cites,
    correlate,
    is_authentic,
    own_domain,
    writer_of,
)
from methodology.holds import NOT_HELD, Promise, Promised
from methodology.method import Method, load_method
from methodology.notices import plan
from methodology.outreaches import BOUNCED, CONTACT_CHECK, VALIDATION
from methodology.readings import EVERY_ACTION, KIND_NAMES, SURE, Answer, Asked, Reading, ReadingKind, Request
from methodology.reply_titles import as_understood, confirms_contact, title_of, wants_later
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, shortened
from methodology.rules.states import ActionState
from methodology.shown import last_reports
from storage.ledger import InboundMail, Outreach
from storage.matrix import Action, Entity, FollowUp

TO_CLASSIFY = "correo_por_clasificar"
INVALID_CONTACT = "contacto_invalido"
EXCERPT = 300


class MailState(StrEnum):
    NEW = "new"
    PROCESSED = "processed"
    TRAY = "tray"


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
    match = correlate(Case(session, InboundMail(), reading, now, []))
    actions = asked_of(session, match) if match else []
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
    case = Case(session, mail, reading, now, list(reading.reasons), method)
    match = correlate(case)
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


def _decide(case: Case, match: Match | None) -> MailState:
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
        return _to_tray(case, None, f"Correo de {writer_of(case)} sin solicitud reconocida")
    if not is_authentic(case, match.entity):
        return _to_tray(case, match, f"Remitente dudoso: {writer_of(case)} escribe por {match.entity.short}")
    return _answered(case, match)


def _is_ours(case: Case) -> bool:
    sent = select(Outreach.id).where(Outreach.message_id == case.mail.message_id)
    return case.session.scalars(sent).first() is not None


def _recorded_only(case: Case, match: Match | None) -> MailState:
    """Automatic mail and courtesies change nothing (R16); what brings answers or a document is shown to a person."""
    if case.reading.answers:
        return _to_tray(case, match, f"Mensaje automático con posibles respuestas de {writer_of(case)}")
    if case.reading.letter:
        return _to_tray(case, match, f"Mensaje automático con un documento: {case.reading.letter}")
    case.reasons.append(f"Se registra como {KIND_NAMES[case.reading.kind]}; no es respuesta de fondo")
    if match is not None and case.reading.returns_on:
        _away(case, match, case.reading.returns_on)
    return MailState.PROCESSED


def _away(case: Case, match: Match, returns: date) -> None:
    """R14, R16: an absence is believed from the entity's own address, if it cites a mail of ours or its reference."""
    if case.reading.kind is not ReadingKind.OUT_OF_OFFICE or match.outreach.kind in NOT_BY_ADDRESS:
        return
    if case.reading.sender != match.entity.mail.lower():
        case.reasons.append(f"La ausencia no es del contacto de {match.entity.short}: nada se aplaza")
        return
    if not cites(case, match.outreach) and match.outreach.token not in case.reading.tokens:
        case.reasons.append("La ausencia no cita ningún mensaje enviado ni su referencia: nada se aplaza")
        return
    method = case.method or load_method(case.session)
    held = holds.away(case.session, match.entity, returns, method, case.now, case.today)
    if held is not None:
        case.reasons.append(f"Ausencia del contacto: la reiteración y la alerta esperan hasta el {long_date(held)}")


def _promised(case: Case, match: Match) -> Promise | None:
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


def _bounced(case: Case, match: Match | None) -> MailState:
    """R16: «contacto inválido», and the outreach that did not arrive no longer counts for the silence.

    Anybody can write a bounce: only one that cites the Message-ID of a mail of ours to that entity is believed.
    """
    if match is None:
        return _to_tray(case, None, "Rebote que no corresponde a ninguna solicitud conocida")
    failed = case.reading.failed_recipients
    if failed and match.entity.mail.lower() not in failed:
        return _to_tray(case, match, f"Rebotó una copia dirigida a {', '.join(failed)} ({match.entity.short})")
    if not cites(case, match.outreach):
        return _to_tray(case, match, f"Rebote que no cita ningún mensaje enviado a {match.entity.short}")
    match.outreach.kind = BOUNCED
    silence.unreachable(case.session, match.entity.id, case.today)
    case.reasons.append(f"Rebote: {match.entity.mail} no recibe; contacto inválido y se detiene el conteo de silencio")
    title = f"Contacto inválido: {match.entity.name}"
    detail = _detail(case, match) | {"mail": match.entity.mail}
    tray.put(case.session, INVALID_CONTACT, str(match.entity.id), title, detail, case.now)
    return MailState.TRAY


def _answered(case: Case, match: Match) -> MailState:
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
        _end_silence(case, match, [action for action, _ in accepted] or asked_of(case.session, match))
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


def _take_note(case: Case, match: Match, promise: Promise | None = None, *, is_reviewed: bool = True) -> None:
    """R14: what is no answer yet is acknowledged too."""
    kind, about = noting.kind_of(case.reading, promise, is_reviewed=is_reviewed)
    writer = case.reading.sender
    if kind and noting.acknowledge(case.session, match.outreach, kind, case.mail.id, writer, case.today, **about):
        case.reasons.append(f"Se acusa recibo a {match.entity.short}")


def _validation_answered(case: Case, match: Match) -> MailState:
    """R26, R29: what the entity says of a new action or solution is read and recorded by a person; no silence ends."""
    match.outreach.answered_on = match.outreach.answered_on or case.today
    about = ", ".join(match.outreach.asked)
    _take_note(case, match)
    return _to_tray(case, match, f"{match.entity.short} responde a la solicitud de validación: {about}")


def _contact_answered(case: Case, match: Match) -> MailState:
    """R14: «sin cambios» is all that was asked; a new contact, or anything else, is for a person. No silence ends."""
    match.outreach.answered_on = match.outreach.answered_on or case.today
    if not case.reading.new_contact and confirms_contact(case.reading.text):
        case.reasons.append(f"{match.entity.short} confirma su contacto")
        return MailState.PROCESSED
    _take_note(case, match)
    title = title_of(match.entity.short, case.reading, (), ()) if case.reading.new_contact else ""
    return _to_tray(case, match, title or f"Respuesta de {match.entity.short} sobre su contacto")


def _accepted(case: Case, match: Match) -> tuple[list[tuple[Action, Answer]], list[str]]:
    """The answers on open actions of this entity, and the codes of the others."""
    whole = next((answer for answer in case.reading.answers if answer.code == EVERY_ACTION), None)
    named = {answer.code: answer for answer in case.reading.answers if answer.code != EVERY_ACTION}
    actions = {one.code: one for one in case.session.scalars(select(Action).where(Action.code.in_(named)))}
    accepted = [(actions[code], one) for code, one in named.items() if _is_theirs(actions.get(code), match.entity)]
    left_over = [code for code in named if not _is_theirs(actions.get(code), match.entity)]
    for code in left_over:
        case.reasons.append(f"{code}: no es una acción abierta a cargo de {match.entity.short}; no se propone")
    if whole is not None:
        accepted += [(action, whole) for action in asked_of(case.session, match) if action.code not in named]
    return accepted, left_over


def _is_theirs(action: Action | None, entity: Entity) -> bool:
    return action is not None and action.entity_id == entity.id and action.state == ActionState.OPEN


def _propose(case: Case, match: Match, action: Action, answer: Answer) -> None:
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


def _acknowledge(case: Case, match: Match) -> None:
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


def _acknowledge_unmatched(case: Case) -> None:
    """A person is told that it came; whoever is automatic for a part of the message is none."""
    if case.reading.automatic:
        return
    today, sender = case.today, case.reading.sender
    if entity := unmatched.acknowledge(case.session, sender, case.mail.id, today):
        case.reasons.append(f"Se acusa recibo a {sender}, de {entity.short}")


def _end_silence(case: Case, match: Match, actions: list[Action]) -> None:
    """R16: an answer on any action of an initiative ends its silence; «sin avance» and official letters count."""
    initiatives = sorted({action.initiative_id for action in actions})
    how = f"documento {case.reading.letter}" if case.reading.letter else ""
    answers.count(case.session, match.entity.id, match.outreach.month, initiatives, case.today, how=how)
    case.reasons.append(
        f"Respuesta de fondo de {match.entity.short}: termina el silencio en {len(initiatives)} iniciativa(s)"
    )


def _to_tray(case: Case, match: Match | None, title: str) -> MailState:
    case.reasons.append(f"A la bandeja de Planeación: {title}")
    tray.put(case.session, TO_CLASSIFY, str(case.mail.id), title, _detail(case, match), case.now)
    return MailState.TRAY


def _detail(case: Case, match: Match | None) -> dict[str, Any]:
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
        "wants_until": long_date(until) if (until := wants_later(case.reading)) else "",
        "wants": _wants(case, match),
        "reasons": list(case.reasons),
    }


def _wants(case: Case, match: Match | None) -> dict[str, str]:
    """R3: the new date that is asked for one open action of the entity, for whoever decides it; empty else."""
    until, code = wants_later(case.reading), case.reading.wants_for
    action = case.session.scalars(select(Action).where(Action.code == code)).first()
    if until is None or match is None or not _is_theirs(action, match.entity):
        return {}
    return {"accion": code, "fecha": until.isoformat(), "motivo": shortened(case.reading.text, EXCERPT)}


def _guess(case: Case, match: Match | None) -> dict[str, Any]:
    if match is not None:
        month = match.outreach.month
        return {"entity_id": match.entity.id, "entity": match.entity.name, "month": month}
    domain = own_domain(case.reading.sender)
    if not domain:
        return {}
    entities = case.session.scalars(select(Entity).where(Entity.mail.endswith(f"@{domain}", autoescape=True))).all()
    return {"entity_id": entities[0].id, "entity": entities[0].name} if len(entities) == 1 else {}
