"""What Planning does with its tray: a mail becomes the answer about an action, an item is dismissed with a reason."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy import select

from methodology import answers, tray
from methodology.actions import require_reason
from methodology.operation import ACTION, REASON, Doing, Field, Given, Kind, Operation
from methodology.refusals import NotNow
from methodology.replies import TO_CLASSIFY, MailState
from methodology.rules.spanish import percent as as_percent
from methodology.rules.states import ActionState, Post
from storage.ledger import InboundMail, Proposal, TrayItem
from storage.matrix import Action

_EXCERPT = 1000


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
    words = (text or mail.text).strip()[:_EXCERPT]
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
    assigned = ", ".join(item.detail["assigned"])
    tray.resolve(doing.session, item.id, f"Asignado a {assigned}", actor=doing.actor, now=doing.now)
    return "El asunto queda resuelto."


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
            Field("texto", "text", "Lo que informa (el texto del correo, si no se indica)", Kind.LONG, required=False),
            Field("mas", "more", "Falta tomar algo más de este correo", Kind.YES, required=False),
        ),
        assign,
        lacks=settled,
    ),
    Operation(
        "asunto.resolver",
        "Resolver con su motivo",
        "R50",
        (Post.PLANNING,),
        (ITEM, REASON),
        dismiss,
        lacks=settled,
    ),
)
