"""Planning's tray as a card: what happened, to whom, and what can be done about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from bot.drawing.context import Desk
from bot.drawing.entering import record_button
from bot.drawing.forms import operation_button
from bot.drawing.paging import paged
from cards.parts import Element
from cards.tray import PAGE, Tray, TrayLine, TrayMatter, matter, summary, tray
from methodology.clock import local
from methodology.doubts import TRAY_KINDS
from methodology.first_contact import OUTSIDER
from methodology.form_answers import PROPOSED_DATE
from methodology.holds import AWAY
from methodology.operations import find
from methodology.replies import INVALID_CONTACT, TO_CLASSIFY
from methodology.rules.states import Post
from methodology.silence import SILENT
from methodology.tray import UNREAD_MAILBOX, waiting
from methodology.validations import TO_RECORD
from storage.ledger import TrayItem
from storage.matrix import Entity, Person

PLANNING = (Post.PLANNING,)


def tray_card(desk: Desk, *, first: int = 0, notice: str = "", done: str = "") -> tuple[Element, str]:
    """`/bandeja`, and the message that says that something new waits."""
    shown, page = paged(desk, "tray.page", waiting(desk.session), first, PAGE, PLANNING)
    data = Tray(tuple(_line(desk, item, page.first) for item in shown), page, notice, done=done)
    return tray(data), summary(data)


def _line(desk: Desk, item: TrayItem, first: int) -> TrayLine:
    """`first` is where the tray goes on afterwards."""
    token = desk.button("tray.open", {"item": item.id, "first": first}, posts=PLANNING)
    return TrayLine(item.title, (desk.today - local(item.at).date()).days, _who(desk.session, item.detail), token)


def _who(session: Session, detail: Mapping[str, object]) -> str:
    """Whom it is about, and a mail's subject: many items have one title."""
    known = (_plain(detail[key]) for key in ("nombre", "guess", "from", "destinatario") if detail.get(key))
    who = next((_reader_name(session, one) for one in known if one), "")
    title = _plain(detail["subject"] or UNTITLED) if "subject" in detail else ""
    return " · ".join(filter(None, (who, title)))


def matter_card(desk: Desk, item: TrayItem, first: int) -> tuple[Element, str]:
    """One item by itself, with what can be done about it: a message in doubt arrived after all, or goes again."""

    def token(verb: str, **more: str) -> str:
        return desk.button(verb, {"item": item.id, "first": first, **more}, posts=PLANNING)

    in_doubt = item.kind in TRAY_KINDS
    batch, mail = str(item.detail.get("lote", "")), str(item.detail.get("mail_id", ""))
    data = TrayMatter(
        title=item.title,
        at=item.at,
        detail=_tray_detail(desk.session, item.detail),
        resolve=token("tray.resolve") if item.kind not in _NOT_BY_HAND else "",
        more=tuple(_more(desk, item)),
        answer=token("tray.answer", mail=mail) if _may_count(item) else "",
        confirm=token("tray.confirm", batch=batch) if in_doubt else "",
        again=token("tray.again", batch=batch) if in_doubt else "",
        back=desk.button("tray.page", {"first": first}, posts=PLANNING),
    )
    return matter(data), item.title


def _may_count(item: TrayItem) -> bool:
    """A mail of a known entity counts as its answer once."""
    return item.kind == TO_CLASSIFY and bool(item.detail.get("guess")) and not item.detail.get("counted")


def _more(desk: Desk, item: TrayItem) -> Iterator[tuple[str, str]]:
    """What else is done about it, by a form: assign, correct the address, record an approach, dismiss with a reason."""
    about = {"asunto": str(item.id)}
    if item.kind == TO_CLASSIFY:
        yield ASSIGN, operation_button(desk, find("asunto.accion"), about, None, {})
    if item.kind == OUTSIDER:
        yield LINK, operation_button(desk, find("asunto.vincular"), about, None, {})
    if item.kind in (TO_CLASSIFY, OUTSIDER):
        yield DISMISS, operation_button(desk, find("asunto.resolver"), about, None, {})
    if item.kind == TO_RECORD:
        yield RECORD, record_button(desk, item.detail)
    if wants := item.detail if item.kind == PROPOSED_DATE else item.detail.get("wants"):
        typed = {"fecha": str(wants["fecha"]), "motivo": str(wants["motivo"])}
        yield CHANGE_DATE, operation_button(desk, find("accion.fecha"), {"accion": wants["accion"]}, None, typed)
    entity = desk.session.get(Entity, _entity_id(item))
    if entity is None:
        return
    given = {"entidad": entity.name}
    if item.kind in (INVALID_CONTACT, AWAY):
        yield CORRECT, operation_button(desk, find("entidad.contacto"), given, None, {})
    if contact := str(item.detail.get("new_contact") or ""):
        yield HAND_OVER, operation_button(desk, find("entidad.contacto"), given, None, {"correo": contact})
    if item.kind in (INVALID_CONTACT, SILENT, AWAY):
        yield APPROACH, operation_button(desk, find("entidad.acercamiento"), given, None, {})
        yield ANSWERED, operation_button(desk, find("entidad.respondio"), given, None, {})


def _entity_id(item: TrayItem) -> int:
    guess = item.detail.get("guess")
    found = item.detail.get("entity_id") or (guess.get("entity_id") if isinstance(guess, Mapping) else None)
    return int(found or 0)


_NOT_BY_HAND = (*TRAY_KINDS, TO_CLASSIFY, OUTSIDER, UNREAD_MAILBOX)
"""What has buttons of its own, or ends by itself: marked as resolved it would be there again at the next attempt."""
ASSIGN = "Asignar a una acción"
LINK = "Vincular"
DISMISS = "Descartar"
CORRECT = "Corregir contacto"
HAND_OVER = "Entregar al nuevo contacto"
APPROACH = "Registrar llamada o reunión"
ANSWERED = "Registrar su respuesta"
RECORD = "Registrar validación"
UNTITLED = "(sin asunto)"
CHANGE_DATE = "Cambiar la fecha"
_TOLD = {
    "nombre": "Nombre",
    "from": "De",
    "subject": "Asunto",
    "excerpt": "Texto",
    "guess": "Posible origen",
    "understood": "Posible respuesta",
    "new_contact": "Nuevo contacto",
    "wants_until": "Solicita plazo hasta el",
    "respuesta": "Respuesta",
    "quien": "Responde",
    "assigned": "Ya asignado a",
    "mail": "Correo",
    "destinatario": "Destinatario",
    "consejo": "Qué hacer",
    "motivo": "Motivo",
    "error": "Error",
}


def _tray_detail(session: Session, detail: Mapping[str, object]) -> tuple[str, ...]:
    """What a person needs of an item's detail, a line each; the rest is for the support."""
    shown = {name: _plain(detail[key]) for key, name in _TOLD.items() if detail.get(key)}
    return tuple(f"{name}: {_reader_name(session, value)}" for name, value in shown.items() if value)


def _plain(value: object) -> str:
    """A guess is told by its entity's name."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value.get("entity") or "") if isinstance(value, Mapping) else str(value)


def _reader_name(session: Session, value: str) -> str:
    """The name behind `person:7`, `entity:3` or `channel:astilleros`; any other text as it is."""
    kind, _, ref = value.partition(":")
    if kind in ("person", "entity") and ref.isdigit():
        found = session.get(Person, int(ref)) if kind == "person" else session.get(Entity, int(ref))
        return found.name if found else value
    return f"canal de escalamiento ({ref})" if kind == "channel" else value
