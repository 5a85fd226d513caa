"""Who somebody is, the first time they write: their directory identity is kept with the person of that mail."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import tray
from methodology.history import recording
from storage.matrix import Person

SYSTEM = "sistema"
REASON = "Primer contacto por Teams: el directorio le asigna ese correo"
KIND = "primer_contacto"
TITLE = "{name} escribió por primera vez en Teams y se le reconoció por su correo"


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
