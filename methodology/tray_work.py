"""What Planning does with its tray: a mail becomes the answer about an action, an item is dismissed with a reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import answers, silence, tray
from methodology.actions import require_reason
from methodology.clock import local
from methodology.operation import ACTION, REASON, Doing, Field, Given, Kind, Operation
from methodology.people import Actor
from methodology.readings import LIKELY
from methodology.refusals import NotFound, NotNow
from methodology.replies import TO_CLASSIFY, MailState, acknowledge
from methodology.rules.spanish import all_of
from methodology.rules.spanish import percent as as_percent
from methodology.rules.states import ActionState, Post
from storage.ledger import InboundMail, Outreach, Proposal, TrayItem
from storage.matrix import Action, Entity

_EXCERPT = 1000
_ANSWERS = ("understood", "figures", "texts")
"""What of an item's detail is done with once its mail was taken as an answer."""


def assign(
    doing: Doing, item: TrayItem, action: Action, percent: float | None, text: str | None, *, more: bool | None
) -> str:
    """R11, R16: an unmatched or doubtful mail is its entity's answer about one action: a proposal for the leader.

    The item is done with then; it stays while the mail names further actions, or when there is `more` in it.

    Raises:
        NotNow: the item is settled or no mail, or the action is not open.
    """
    mail = _mail(doing, item)
    if action.state != ActionState.OPEN:
        raise NotNow(f"{action.code} no está vigente: no recibe un reporte.")
    words = (text or _words(item, action.code) or mail.text).strip()[:_EXCERPT]
    month = answers.current_cycle(doing.session, action.entity_id, doing.today)
    answers.propose(
        doing.session, action, month, percent=percent, text=words, passage=words, now=doing.now, mail_id=mail.id
    )
    how = f"correo clasificado por {doing.actor.name}"
    answers.count(doing.session, action.entity_id, month, [action.initiative_id], doing.today, how=how)
    mail.entity_id, mail.state = mail.entity_id or action.entity_id, MailState.PROCESSED
    item.detail = {**item.detail, "assigned": [*item.detail.get("assigned", []), action.code]}
    mail.reasons = [*mail.reasons, f"{doing.actor.name} lo asignó a {action.code}"]
    figure = as_percent(percent) if percent is not None else "sin cifra"
    told = (
        f"{action.code}: queda como propuesta de {action.entity.short} ({figure}), por confirmar por su líder técnico."
    )
    return f"{told} {_done_with(doing, item, more=more)}"


def _done_with(doing: Doing, item: TrayItem, *, more: bool | None) -> str:
    """Resolves the item unless something is left in it; what became of it, as a sentence."""
    left = [row.code for row in _named(doing, item)]
    if more or (left and more is None):
        named = f": el correo nombra también {', '.join(left)}" if left else ""
        return f"El asunto sigue en la bandeja{named}."
    assigned = f"Asignado a {', '.join(item.detail['assigned'])} ({doing.actor.name})"
    _tell_entity(doing, item)
    tray.decided(item, (*_ANSWERS, *(tray.ASKS if more is False else ())), assigned, doing.now)
    return _still(item) or "El asunto queda resuelto."


def _still(item: TrayItem) -> str:
    """What is left to decide of it, as a sentence; empty when it is over."""
    left = tray.left(item)
    return f"El asunto sigue en la bandeja: falta decidir sobre {all_of(left)}." if left else ""


def _words(item: TrayItem, code: str) -> str:
    """What was understood of that action, without the greetings around it."""
    return str((item.detail.get("texts") or {}).get(code, ""))


def _tell_entity(doing: Doing, item: TrayItem) -> None:
    """R14: at its own address, what was taken of its mail."""
    mail = doing.session.get_one(InboundMail, item.detail["mail_id"])
    if mail.entity_id is not None:
        entity = doing.session.get_one(Entity, mail.entity_id)
        month = answers.current_cycle(doing.session, entity.id, doing.today)
        acknowledge(doing.session, entity, month, mail.id, doing.today)


def count_as_answer(session: Session, mail_id: int, item_id: int, *, actor: Actor, now: datetime) -> str:
    """R11, R16: a mail is the entity's answer to all it was asked; what was understood of it becomes proposals.

    Another contact or date that it asks for waits on for its own decision.

    Raises:
        NotFound: the mail answers no request that is known.
    """
    actor.require([Post.PLANNING])
    mail = session.get(InboundMail, mail_id)
    if mail is None or mail.entity_id is None or mail.outreach_id is None:
        raise NotFound("Ese correo no corresponde a una solicitud conocida.")
    outreach, today = session.get_one(Outreach, mail.outreach_id), local(now).date()
    item = session.get_one(TrayItem, item_id)
    understood = _understood(session, mail, item)
    for action in understood:
        _take(session, mail, item, action, now)
    outreach.answered_on = outreach.answered_on or today
    asked = select(Action.initiative_id).where(Action.code.in_(outreach.asked)).distinct()
    silence.answered(session, mail.entity_id, session.scalars(asked).all(), today)
    if understood:
        acknowledge(session, session.get_one(Entity, mail.entity_id), outreach.month, mail.id, today)
    codes = ", ".join(action.code for action in understood)
    proposed = f": {codes}, por confirmar por su líder técnico" if codes else ""
    item.detail = {**item.detail, "counted": today.isoformat()}
    tray.decided(item, _ANSWERS, f"Cuenta como respuesta{proposed} ({actor.name})", now)
    return f"Cuenta como respuesta de {outreach.entity.short}{proposed}. {_still(item)}".rstrip()


def _understood(session: Session, mail: InboundMail, item: TrayItem) -> Sequence[Action]:
    """The entity's open actions that the reading understood something of and nothing was proposed of by this mail."""
    reported = select(Proposal.action_id).where(Proposal.mail_id == mail.id)
    theirs = (Action.entity_id == mail.entity_id, Action.state == ActionState.OPEN, Action.id.not_in(reported))
    codes = {*(item.detail.get("figures") or {}), *(item.detail.get("texts") or {})}
    return session.scalars(select(Action).where(*theirs, Action.code.in_(codes)).order_by(Action.code)).all()


def _take(session: Session, mail: InboundMail, item: TrayItem, action: Action, now: datetime) -> None:
    words, figure = _words(item, action.code), (item.detail.get("figures") or {}).get(action.code)
    month = session.get_one(Outreach, mail.outreach_id).month
    answers.propose(
        session, action, month, percent=figure, text=words, passage=words, now=now, mail_id=mail.id, confidence=LIKELY
    )


def in_review(session: Session, entity_id: int, month: str) -> set[str]:
    """The codes that mails of an entity about that month say something of, and that wait in the tray for a person."""
    codes: set[str] = set()
    for item in tray.waiting(session):
        guess = item.detail.get("guess") or {}
        if item.kind == TO_CLASSIFY and (guess.get("entity_id"), guess.get("month")) == (entity_id, month):
            codes |= {*(item.detail.get("figures") or {}), *(item.detail.get("texts") or {})}
    return codes


def _theirs_first(doing: Doing, given: Given) -> list[Action] | None:
    """The open actions, those of the entity that seems to write before the others."""
    if (item := given.get("item")) is None:
        return None
    entity_id = _sender(doing, item)
    rows = doing.session.scalars(select(Action).where(Action.state == ActionState.OPEN).order_by(Action.code))
    return sorted(rows, key=lambda action: action.entity_id != entity_id)


def _likeliest(doing: Doing, given: Given) -> Action | None:
    """The first open action that the mail names and nobody assigned yet; else the only one its entity has."""
    item = given.get("item")
    if item is None:
        return None
    theirs = [row for row in _left(doing, item) if row.entity_id == _sender(doing, item)]
    return next(iter(_named(doing, item)), theirs[0] if len(theirs) == 1 else None)


def _left(doing: Doing, item: TrayItem) -> list[Action]:
    """The open actions that this mail is no answer about yet."""
    of_mail = Proposal.mail_id == (item.detail.get("mail_id") or 0)
    reported = set(doing.session.scalars(select(Proposal.action_id).where(of_mail)))
    return [row for row in _theirs_first(doing, {"item": item}) or [] if row.id not in reported]


def _named(doing: Doing, item: TrayItem) -> list[Action]:
    """Those of them that the mail names by their code."""
    mail = doing.session.get(InboundMail, item.detail.get("mail_id") or 0)
    written = f"{item.detail.get('subject', '')} {mail.text if mail else ''}".upper()
    return [row for row in _left(doing, item) if re.search(rf"\b{re.escape(row.code)}\b", written)]


def _figure(doing: Doing, given: Given) -> str | None:
    """What the mail seems to report of the likeliest action: of it by name, else the only figure there is."""
    if (item := given.get("item")) is None:
        return None
    figures = item.detail.get("figures") or {}
    chosen = _likeliest(doing, given)
    own = figures.get(chosen.code) if chosen else None
    found = own if own is not None else next(iter(figures.values())) if len(figures) == 1 else None
    return None if found is None else f"{found:g}".replace(".", ",")


def _text(doing: Doing, given: Given) -> str | None:
    """What will be proposed if nobody writes better: what was understood, else the mail."""
    if (item := given.get("item")) is None:
        return None
    chosen = _likeliest(doing, given)
    mail = doing.session.get(InboundMail, item.detail.get("mail_id") or 0)
    return (_words(item, chosen.code) if chosen else "") or (mail.text.strip()[:_EXCERPT] if mail else None)


def _sender(doing: Doing, item: TrayItem) -> int | None:
    """The entity of the mail, as far as it is known or guessed."""
    mail = doing.session.get(InboundMail, item.detail.get("mail_id") or 0)
    return (mail.entity_id if mail else None) or (item.detail.get("guess") or {}).get("entity_id")


def dismiss(doing: Doing, item: TrayItem, reason: str) -> str:
    """The reason stays with the item."""
    require_reason(reason)
    require_waiting(doing, item)
    tray.resolve(doing.session, item.id, reason.strip(), actor=doing.actor, now=doing.now)
    return f"Asunto resuelto: {item.title}"


def _mail(doing: Doing, item: TrayItem) -> InboundMail:
    require_waiting(doing, item)
    mail = doing.session.get(InboundMail, item.detail.get("mail_id") or 0)
    if item.kind != TO_CLASSIFY or mail is None:
        raise NotNow("Ese asunto no es un correo por clasificar.")
    return mail


def settled(doing: Doing, item: TrayItem) -> str | None:
    """Why nothing can be done about it any more; None while it waits."""
    return tray.settled(doing.session, item.id) or None


def require_waiting(doing: Doing, item: TrayItem) -> None:
    """Refuse what is settled already."""
    if said := tray.settled(doing.session, item.id):
        raise NotNow(said)


ITEM = Field("asunto", "item", "Asunto de la bandeja", Kind.TRAY)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "asunto.accion",
        "Asignar a una acción",
        "R11, R16",
        (Post.PLANNING,),
        (
            ITEM,
            replace(ACTION, among=_theirs_first, guess=_likeliest),
            Field(
                "avance", "percent", "Avance que informa, en porcentaje", Kind.PERCENT, required=False, guess=_figure
            ),
            Field("texto", "text", "Lo que informa", Kind.LONG, required=False, guess=_text),
            Field("mas", "more", "Falta tomar algo más de este correo", Kind.YES, required=False),
        ),
        assign,
        lacks=settled,
    ),
    Operation(
        "asunto.resolver",
        "Descartar",
        "R50",
        (Post.PLANNING,),
        (ITEM, REASON),
        dismiss,
        lacks=settled,
    ),
)
