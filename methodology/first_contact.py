"""Who somebody is, the first time they write: their directory identity is kept with the person of that mail.

Of another organisation nobody is recognised by a mail: Planning says who they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import tray
from methodology.clock import local
from methodology.history import recording
from methodology.operation import Doing, Field, Given, Kind, Operation, Weight
from methodology.people import person_by_aad
from methodology.refusals import NotNow
from methodology.rules.states import Post
from methodology.tray_work import ITEM, require_waiting, settled
from storage.ledger import TrayItem
from storage.matrix import Person

SYSTEM = "sistema"
REASON = "Primer contacto por Teams: el directorio le asigna ese correo"
KIND = "primer_contacto"
TITLE = "{name} escribió por primera vez en Teams y se le reconoció por su correo"
OUTSIDER = "persona_externa"
OUTSIDER_TITLE = "Una persona de otra organización escribió al asistente y no está en el directorio"
MOST_A_DAY = 20
TOO_MANY = "personas_externas"
TOO_MANY_TITLE = "Hoy escribieron más de {most} personas de otras organizaciones: las demás no se listan"
QUIET = timedelta(days=30)
"""How long a dismissed outsider is not listed again."""
_NAME_MOST, _MAIL_MOST = 120, 254


def recognise(session: Session, aad_id: str, mails: Collection[str], now: datetime) -> bool:
    """Keep the identity with the one person who has one of these mails and none yet; whether anybody was found.

    An identity that is somebody's stays theirs, and nobody's is ever replaced.
    """
    if session.scalar(select(Person.id).where(func.lower(Person.aad_id) == aad_id.lower())) is not None:
        return False
    wanted = {mail.strip().lower() for mail in mails} - {""}
    found = session.scalars(select(Person).where(func.lower(Person.mail).in_(wanted))).all()
    if len(found) != 1 or found[0].aad_id:
        return False
    person = found[0]
    with recording(session, SYSTEM, REASON, now):
        person.aad_id = aad_id
    detail = {"mail": person.mail, "destinatario": f"person:{person.id}"}
    tray.put(session, KIND, f"{person.id}:{aad_id}", TITLE.format(name=person.name), detail, now)
    return True


def report_outsider(session: Session, aad_id: str, name: str, mail: str, now: datetime) -> bool:
    """Planning's tray asks who this is: once per identity, and so many a day; whether it was listed now."""
    key = aad_id.lower()
    known = session.scalar(select(TrayItem).where(TrayItem.key == f"{OUTSIDER}:{key}"))
    if known is not None and (known.resolved_at is None or now - known.resolved_at < QUIET):
        return False
    midnight = datetime.combine(local(now).date(), time(), local(now).tzinfo)
    listed = select(func.count()).select_from(TrayItem).where(TrayItem.kind == OUTSIDER, TrayItem.at >= midnight)
    if session.scalars(listed).one() >= MOST_A_DAY:
        title = TOO_MANY_TITLE.format(most=MOST_A_DAY)
        tray.put(session, TOO_MANY, local(now).date().isoformat(), title, {}, now)
        return False
    detail = {"nombre": _line(name, _NAME_MOST), "mail": _line(mail, _MAIL_MOST), "aad_id": aad_id}
    return tray.put(session, OUTSIDER, key, OUTSIDER_TITLE, detail, now)


def _line(words: str, most: int) -> str:
    return " ".join(words.split())[:most]


def link(doing: Doing, item: TrayItem, person: Person) -> str:
    """Planning says who the outsider is: the identity is kept with a person who has none.

    Raises:
        NotNow: the item is settled or of another kind, or one of the two is linked already.
    """
    require_waiting(doing, item)
    if item.kind != OUTSIDER:
        raise NotNow("Ese asunto no es de una persona por vincular.")
    if person.aad_id:
        raise NotNow(f"{person.name} ya tiene una cuenta de Teams vinculada.")
    aad_id = str(item.detail["aad_id"])
    if (owner := person_by_aad(doing.session, aad_id)) is not None:
        raise NotNow(f"Esa cuenta de Teams ya es de {owner.name}.")
    person.aad_id = aad_id
    tray.resolve(doing.session, item.id, f"Vinculada con {person.name}", actor=doing.actor, now=doing.now)
    return f"La cuenta de Teams queda vinculada con {person.name}: desde ahora el asistente atiende sus mensajes."


def _unlinked(doing: Doing, _given: Given) -> Iterable[Person]:
    return doing.session.scalars(select(Person).where(Person.aad_id.is_(None)).order_by(Person.name))


def _lacks(doing: Doing, item: TrayItem) -> str | None:
    return settled(doing, item) if item.kind == OUTSIDER else ""


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "asunto.vincular",
        "Vincular con una persona del directorio",
        "R45, R50",
        (Post.PLANNING,),
        (ITEM, Field("persona", "person", "Persona del directorio, aún sin cuenta", Kind.PERSON, among=_unlinked)),
        link,
        weight=Weight.HEAVY,
        lacks=_lacks,
    ),
)
