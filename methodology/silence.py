"""R16: outreaches, answers and the episodes of silence between them, per entity and initiative."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from methodology import alerts, tray
from methodology.clock import local, start_of
from methodology.method import Method
from methodology.notices import insert_once, plan
from methodology.people import Actor
from methodology.refusals import NotNow
from methodology.rules.spanish import all_of, long_date, short_date
from methodology.rules.states import ActionState, AlertKind, InitiativeState, NoticeState, Post
from storage.ledger import Alert, InboundMail, Notice, Silence, TrayItem
from storage.matrix import Action, Entity, Initiative

SILENT = "entidad_silenciosa"
REMINDER = "R14.reiteracion"
ABSENCE, PROMISE = "ausencia", "promesa"
ANSWERED = "respuesta"


def reached_out(session: Session, entity_id: int, asked: Iterable[str], on: date) -> None:
    """An outreach went out about these action codes: it counts in each of their initiatives (R16).

    One told later than it was made counts from its own day; before an answer, it opens no new episode.
    """
    initiatives = session.scalars(
        select(Action.initiative_id).where(Action.code.in_(list(asked))).distinct().order_by(Action.initiative_id)
    )
    episodes = session.scalars(select(Silence).where(Silence.entity_id == entity_id, Silence.ended_on.is_(None)))
    running = {row.initiative_id: row for row in episodes}
    for initiative_id in initiatives.all():
        episode = running.get(initiative_id) or _over_since(session, entity_id, initiative_id, on)
        if episode is not None:
            episode.outreaches, episode.last_on = episode.outreaches + 1, max(episode.last_on, on)
            if not _is_raised(session, episode):
                episode.first_on = min(episode.first_on, on)
        else:
            session.add(
                Silence(entity_id=entity_id, initiative_id=initiative_id, first_on=on, last_on=on, outreaches=1)
            )
    session.flush()


def _over_since(session: Session, entity_id: int, initiative_id: int, on: date) -> Silence | None:
    """The episode that ended later than that day, such as by an answer: what was done before belongs to it."""
    query = select(Silence).where(
        Silence.entity_id == entity_id, Silence.initiative_id == initiative_id, Silence.ended_on > on
    )
    return session.scalars(query.order_by(Silence.id.desc()).limit(1)).first()


def _is_raised(session: Session, episode: Silence) -> bool:
    """Whether its alert rose: an alert is named by the first day of its episode."""
    query = select(Alert.id).where(
        Alert.kind == AlertKind.NO_REPLY,
        Alert.entity_id == episode.entity_id,
        Alert.initiative_id == episode.initiative_id,
        Alert.episode == episode.first_on.isoformat(),
    )
    return session.scalar(query) is not None


def answered(session: Session, entity_id: int, initiative_ids: Iterable[int], on: date) -> None:
    """A substantive answer: the episode ends, an alert closes as respondida_tarde."""
    for initiative_id in initiative_ids:
        end(session, entity_id, initiative_id, on, ANSWERED)
        alerts.close_silence(session, entity_id, initiative_id)


def unreachable(session: Session, entity_id: int, on: date) -> None:
    """A bounce: «contacto inválido» stops the clock in every initiative (R16)."""
    running = select(Silence).where(Silence.entity_id == entity_id, Silence.ended_on.is_(None))
    for row in session.scalars(running).all():
        end(session, entity_id, row.initiative_id, on, "contacto inválido")


def begin_anew(session: Session, entity_id: int, on: date, because: str) -> None:
    """Its silences that raised no alert end; the next approach begins others."""
    running = select(Silence).where(Silence.entity_id == entity_id, Silence.ended_on.is_(None), ~RAISED)
    for row in session.scalars(running).all():
        end(session, entity_id, row.initiative_id, on, because)


def still_asked(entity_id: Any, initiative_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - values or columns
    """Whether the entity answers for any open action there: nobody is silent about what is over."""
    return exists().where(
        Action.entity_id == entity_id, Action.initiative_id == initiative_id, Action.state == ActionState.OPEN
    )


def silent_in(entity_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a value or a column
    """Of a row of Silence and its Initiative: the entity still owes an answer there."""
    return and_(
        Silence.entity_id == entity_id,
        Silence.ended_on.is_(None),
        Initiative.state == InitiativeState.RUNNING,
        still_asked(Silence.entity_id, Silence.initiative_id),
    )


def silent_initiatives(session: Session, entity_id: int) -> list[int]:
    """The running initiatives in which the entity was asked about open actions and has not answered."""
    query = select(Silence.initiative_id).join(Initiative, Initiative.id == Silence.initiative_id)
    return list(session.scalars(query.where(silent_in(entity_id))))


def unread_answer(entity_id: Any) -> ColumnElement[bool]:  # noqa: ANN401 - a value or a column
    """Whether something the entity wrote waits in the tray: nobody is called silent over what was not read yet."""
    item_key = literal("correo_por_clasificar:") + cast(InboundMail.id, Text)
    return exists().where(
        InboundMail.entity_id == entity_id,
        InboundMail.kind == "reply",
        TrayItem.key == item_key,
        TrayItem.resolved_at.is_(None),
    )


def unread_mail() -> ColumnElement[bool]:
    """Whether anybody's answer may wait unseen: a mailbox cannot be read, or mail was stored and not read yet."""
    closed = exists().where(TrayItem.kind == tray.UNREAD_MAILBOX, TrayItem.resolved_at.is_(None))
    return or_(closed, exists().where(InboundMail.state == "new"))


def unread_since(session: Session) -> date | None:
    """The day since which a mailbox cannot be read."""
    query = select(TrayItem.at).where(TrayItem.kind == tray.UNREAD_MAILBOX, TrayItem.resolved_at.is_(None))
    at = session.scalar(query.order_by(TrayItem.at).limit(1))
    return local(at).date() if at else None


RAISED = exists().where(
    Alert.kind == AlertKind.NO_REPLY,
    Alert.entity_id == Silence.entity_id,
    Alert.initiative_id == Silence.initiative_id,
    Alert.raised_on > Silence.first_on,
)
_LONG_SILENT = (
    select(Silence, Initiative, Entity)
    .join(Initiative, Initiative.id == Silence.initiative_id)
    .join(Entity, Entity.id == Silence.entity_id)
    .where(
        Silence.ended_on.is_(None),
        Initiative.state == InitiativeState.RUNNING,
        Entity.internal.is_(False),
        still_asked(Silence.entity_id, Silence.initiative_id),
        ~RAISED,
        ~unread_answer(Silence.entity_id),
        ~unread_mail(),
    )
    .order_by(Silence.id)
)


def record_silences(session: Session, method: Method, today: date) -> int:
    """Raise NO_RESPUESTA for every episode that is long enough today; how many were raised."""
    return sum(
        _raise(session, method, silence, initiative, entity, today)
        for silence, initiative, entity in session.execute(_LONG_SILENT).all()
    )


def _raise(
    session: Session, method: Method, silence: Silence, initiative: Initiative, entity: Entity, today: date
) -> bool:
    limits = method.of(initiative)
    if silence.outreaches < limits.silence_outreaches:
        return False
    since, waited = max(method.calendar.add(silence.first_on, limits.silence_habiles), silence.last_on), {}
    if (held := waits_until(silence)) and (after := method.calendar.add(held, 1)) > since:
        since, waited = after, {"waited_until": held.isoformat(), "waited_for": why_it_waits(silence)}
    if today >= since and (given := _given_until(session, silence)):
        since = max(since, method.calendar.add(given, 1))
    if today < since:
        return False
    episode = silence.first_on.isoformat()
    key = f"{AlertKind.NO_REPLY}|{initiative.slug}|{entity.id}|{episode}"
    values = {
        "key": key,
        "kind": AlertKind.NO_REPLY,
        "initiative_id": initiative.id,
        "entity_id": entity.id,
        "episode": episode,
        "raised_on": since,
    }
    if not insert_once(session, Alert, values, "key"):
        return False
    alert_id = session.scalar(select(Alert.id).where(Alert.key == key))
    _list(session, entity, start_of(today))
    return plan(
        session,
        "R16",
        subject=entity.short,
        period=episode,
        recorded_on=since,
        due=None,
        initiative_id=initiative.id,
        entity_id=entity.id,
        alert_id=alert_id,
        inputs={
            "outreaches": silence.outreaches,
            "first_outreach": episode,
            "silence_habiles": limits.silence_habiles,
            **waited,
        },
    )


def _list(session: Session, entity: Entity, now: datetime) -> None:
    """One item of the tray an entity, naming where it is silent: an approach or an answer is recorded for all."""
    title, detail = _listed(session, entity)
    if not tray.put(session, SILENT, str(entity.id), title, detail, now):
        _tell_anew(session, entity)


def _tell_anew(session: Session, entity: Entity) -> None:
    if item := tray.open_item(session, SILENT, str(entity.id)):
        item.title, item.detail = _listed(session, entity)


def _listed(session: Session, entity: Entity) -> tuple[str, dict[str, Any]]:
    rows = session.execute(_raised_of(entity.id)).all()
    told = [f"{initiative.name}: {_times(silence.outreaches)}" for silence, initiative in rows]
    title = f"{entity.short} no ha respondido en {all_of(initiative.name for _, initiative in rows)}"
    return title, {"entity_id": entity.id, "motivo": "; ".join(told)}


def _raised_of(entity_id: int) -> Select[Silence, Initiative]:
    """Its silences that raised an alert and have not ended."""
    query = select(Silence, Initiative).join(Initiative, Initiative.id == Silence.initiative_id)
    return query.where(Silence.entity_id == entity_id, Silence.ended_on.is_(None), RAISED).order_by(Initiative.position)


def _times(outreaches: int) -> str:
    return "1 acercamiento" if outreaches == 1 else f"{outreaches} acercamientos"


def _given_until(session: Session, silence: Silence) -> date | None:
    """The deadline of a reiteration that waited: nobody is called silent before what was written to them is over."""
    query = select(Notice).where(
        Notice.rule == REMINDER,
        Notice.entity_id == silence.entity_id,
        Notice.recorded_on >= silence.first_on,
        Notice.state != NoticeState.WITHDRAWN,
    )
    told = session.scalars(query.order_by(Notice.id.desc())).first()
    return told.due if told is not None and "waited_until" in told.inputs else None


def waits_until(silence: Silence) -> date | None:
    """The later of a promised date and of an announced return."""
    return max((day for day in (silence.delayed_until, silence.away_until) if day), default=None)


def why_it_waits(silence: Silence) -> str:
    """For which of the two."""
    away = silence.away_until is not None and silence.away_until == waits_until(silence)
    return ABSENCE if away else PROMISE


def promise(session: Session, entity: Entity, until: date, *, actor: Actor, method: Method, today: date) -> date:
    """R16: a date the entity promised delays the alert: at most twice, five hábil days each; the day it is held until.

    How often and how long is each initiative's own (R2); where they differ, the answer is the latest day.
    It holds in the initiatives that this person leads, or in all of them for planning.
    """
    actor.require([Post.LEADER, Post.PLANNING])
    query = select(Silence).where(Silence.entity_id == entity.id, Silence.ended_on.is_(None), ~RAISED)
    running = [row for row in session.scalars(query) if actor.holds((Post.LEADER, Post.PLANNING), row.initiative_id)]
    if until < today:
        raise NotNow("La fecha prometida no puede ser anterior a hoy.")
    waited = min((waits_until(row) or date.min for row in running), default=date.min)
    if until <= waited:
        raise NotNow(f"{entity.short}: ya se espera hasta el {long_date(waited)}. Registre una fecha posterior.")
    if not (delayed := delay(session, running, until, method, today)):
        often = max((row.delays for row in running), default=0)
        delays = f"ya se aplazó {_TIMES.get(often, f'{often} veces')}"
        why = delays if often else "no hay un silencio en curso que aplazar"
        raise NotNow(f"{entity.short}: {why}.")
    return max(delayed)


def delay(
    session: Session, running: Iterable[Silence], until: date, method: Method, today: date, *, once: bool = False
) -> list[date]:
    """Let these silences wait for `until`; the day up to which each does that still may.

    With `once`, what waits already for that promise, or for a later one, is not delayed again.
    """
    found = []
    for row in running:
        limits = method.of(session.get_one(Initiative, row.initiative_id))
        day = min(until, method.calendar.add(today, limits.silence_delay_habiles))
        waits = row.delayed_until if row.promised_for and until <= row.promised_for else None
        if once and waits and waits >= today:
            found.append(waits)
        elif row.delays < limits.silence_delays:
            row.delays, row.delayed_until, row.promised_for = row.delays + 1, day, until
            found.append(day)
    return found


_TIMES = {1: "una vez", 2: "dos veces"}


def approaches(session: Session, entity_id: int, initiative_id: int) -> str:
    """What was done, in words: «2 acercamientos, el último el 20/11/2026»; empty when nothing was."""
    row = open_episode(session, entity_id, initiative_id)
    if row is None:
        return ""
    return f"{_times(row.outreaches)}, el último el {short_date(row.last_on)}"


def open_episode(session: Session, entity_id: int, initiative_id: int) -> Silence | None:
    """The episode that has not ended."""
    return session.scalar(
        select(Silence).where(
            Silence.entity_id == entity_id, Silence.initiative_id == initiative_id, Silence.ended_on.is_(None)
        )
    )


def answered_elsewhere(session: Session, episode: Silence) -> dict[date, list[str]]:
    """R16: the other initiatives, by day, in which the entity has answered since this episode began."""
    query = (
        select(Silence.ended_on, Initiative.name)
        .join(Initiative, Initiative.id == Silence.initiative_id)
        .where(
            Silence.entity_id == episode.entity_id,
            Silence.initiative_id != episode.initiative_id,
            Silence.ended_because == ANSWERED,
            Silence.ended_on >= episode.first_on,
        )
        .order_by(Silence.ended_on, Initiative.position)
    )
    found: dict[date, list[str]] = {}
    for on, name in session.execute(query):
        if on:
            found.setdefault(on, []).append(name)
    return found


def end(session: Session, entity_id: int, initiative_id: int, on: date, because: str) -> None:
    """The episode is over; nobody in planning need look at the entity any more once it is silent nowhere."""
    if row := open_episode(session, entity_id, initiative_id):
        row.ended_on, row.ended_because = on, because
    session.flush()
    if session.execute(_raised_of(entity_id)).first():
        _tell_anew(session, session.get_one(Entity, entity_id))
    else:
        ended = f"Terminó el silencio: {because}"
        for key in (str(entity_id), f"{entity_id}:{initiative_id}"):  # an item a initiative, in what 0.5.0 left
            tray.settle(session, SILENT, key, ended, start_of(on))
