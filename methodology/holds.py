"""R14, R16: what makes an entity's reiteration and its alert wait: an absence announced, a date promised to us.

Neither is an answer: the silence goes on, and ends only by one. What waits goes on the hábil day after.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from methodology import silence, tray
from methodology.method import Method
from methodology.rules.spanish import long_date
from methodology.silence import RAISED, silent_in, waits_until
from storage.ledger import Silence
from storage.matrix import Entity, Initiative

AWAY = "contacto_ausente"
AWAY_TITLE = "{entity}: el contacto estará ausente hasta el {day}; ¿hay otro contacto?"


class Promised(StrEnum):
    """What became of a promised date."""

    HELD = "held"
    PAST = "past"
    NOT_SILENT = "not silent"
    ALERTED = "alerted"
    TOO_OFTEN = "too often"


NOT_HELD = {
    Promised.PAST: "esa fecha ya pasó",
    Promised.NOT_SILENT: "no hay un silencio en curso que aplazar",
    Promised.ALERTED: "su alerta ya está en curso",
    Promised.TOO_OFTEN: "ya se aplazó las veces previstas; la alerta sigue su curso",
}


@dataclass(frozen=True)
class Promise:
    """`until` is the day up to which everything waits; None when nothing does."""

    outcome: Promised
    until: date | None = None


def promised(session: Session, entity: Entity, until: date, method: Method, today: date) -> Promise:
    """R16: the entity wrote that it will answer on a day: as `silence.promise`, in every initiative not alerted yet."""
    running = _running(session, entity)
    if until < today:
        return Promise(Promised.PAST)
    if not running:
        alerted = select(Silence.id).where(Silence.entity_id == entity.id, Silence.ended_on.is_(None), RAISED)
        return Promise(Promised.ALERTED if session.scalars(alerted).first() else Promised.NOT_SILENT)
    delayed = silence.delay(session, running, until, method, today, once=True)
    return Promise(Promised.HELD, max(delayed)) if delayed else Promise(Promised.TOO_OFTEN)


def away(session: Session, entity: Entity, until: date, method: Method, now: datetime, today: date) -> date | None:
    """Its contact answers a request with an absence: everything waits for the return, up to `absence_days` days.

    Counted from the first request of the silence, so that neither a further absence nor a further request makes it
    longer; what is beyond is asked of a person. The day up to which it waits; None when nothing does.
    """
    running, held = _running(session, entity), []
    for row in running:
        longest = row.first_on + timedelta(days=method.of(session.get_one(Initiative, row.initiative_id)).absence_days)
        if (day := min(until, longest)) >= today:
            row.away_until = max(day, row.away_until or day)
            held.append(row.away_until)
    waits = max(held, default=None)
    if running and until > (waits or today):
        title = AWAY_TITLE.format(entity=entity.short, day=long_date(until))
        why = f"Se espera hasta el {long_date(waits)}" if waits else "Ya se esperó lo previsto: el conteo sigue"
        tray.put(
            session, AWAY, str(entity.id), title, {"entity_id": entity.id, "mail": entity.mail, "motivo": why}, now
        )
    return waits


def _running(session: Session, entity: Entity) -> list[Silence]:
    """Its silences that raised no alert yet."""
    query = select(Silence).where(Silence.entity_id == entity.id, Silence.ended_on.is_(None), ~RAISED)
    return list(session.scalars(query.order_by(Silence.id)))


def moved(entity_id: object, from_day: date) -> ColumnElement[bool]:
    """Whether every silence of the entity waits on that day: one that does not is enough to write to it."""
    waits = or_(Silence.delayed_until >= from_day, Silence.away_until >= from_day)
    silent = and_(Silence.initiative_id == Initiative.id, silent_in(entity_id))
    return and_(exists().where(silent, waits), ~exists().where(silent, ~_known(waits)))


def _known(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """NULL is no wait."""
    return condition.is_(True)


def reason_of(session: Session, entity_id: int) -> tuple[date, str] | None:
    """The day for which the entity's reiteration waits, the earliest of its silences', and why."""
    query = select(Silence).join(Initiative, Initiative.id == Silence.initiative_id).where(silent_in(entity_id))
    waits = [(day, row) for row in session.scalars(query) if (day := waits_until(row))]
    if not waits:
        return None
    day, row = min(waits, key=lambda one: one[0])
    return day, silence.why_it_waits(row)
