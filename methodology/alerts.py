"""The life of an alert (R15–R17): told to the leader, held, raised, acknowledged, managed, closed by each cause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from methodology.clock import local
from methodology.notices import plan, withdraw, withdraw_for_alert
from methodology.people import Actor, actor_of
from methodology.refusals import Incomplete, NotFound, NotNow
from methodology.rules.spanish import long_date
from methodology.rules.states import OPEN_ALERTS, AlertKind, AlertState, NoticeState, Post
from storage.ledger import Alert, Notice
from storage.matrix import Person, Setting

SWEPT = "barrido.hasta"
TOLD = "R17.decision"
ANSWERED = "R17.respuesta"
ACKNOWLEDGED = "acuso"
ASSIGNED = "gestion"
TO_MINISTER = "ministro"
SECOND_MOMENT = "segundo_momento"
HANDLED = "atendida"
INFORMATION = "informacion"
DECIDERS = (Post.VICE_MINISTER, Post.MINISTER)
_NOTE_MIN = 10


def sweep_again(session: Session) -> None:
    """Dates changed in the past of the last sweep: the next one looks at everything."""
    session.execute(delete(Setting).where(Setting.key == SWEPT))


def get(session: Session, alert_id: int) -> Alert:
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound("La alerta ya no existe.")
    return alert


def subject(alert: Alert) -> str:
    """How people name it: the action's code, or the silent entity."""
    if alert.action is not None:
        return alert.action.code
    return alert.entity.short if alert.entity is not None else ""


def open_alerts(session: Session, initiative_id: int | None = None) -> list[Alert]:
    query = select(Alert).where(Alert.state.in_(OPEN_ALERTS)).order_by(Alert.raised_on, Alert.id)
    if initiative_id is not None:
        query = query.where(Alert.initiative_id == initiative_id)
    return list(session.scalars(query))


def close(session: Session, alert: Alert, because: str) -> None:
    """Close one alert; what was planned about it is withdrawn with the reason."""
    if alert.state == AlertState.CLOSED:
        return
    alert.state, alert.closed_because = AlertState.CLOSED, because
    withdraw_for_alert(session, alert.id, f"alerta cerrada: {because}")


def close_for_action(session: Session, action_id: int, because: str) -> None:
    for alert in session.scalars(select(Alert).where(Alert.action_id == action_id, Alert.state != AlertState.CLOSED)):
        close(session, alert, because)


def close_silence(session: Session, entity_id: int, initiative_id: int, because: str = "respondida_tarde") -> None:
    """R16: a later reply closes the alert."""
    query = select(Alert).where(
        Alert.kind == AlertKind.NO_REPLY,
        Alert.entity_id == entity_id,
        Alert.initiative_id == initiative_id,
        Alert.state != AlertState.CLOSED,
    )
    for alert in session.scalars(query):
        close(session, alert, because)


def annotate(session: Session, alert_id: int, note: str, *, actor: Actor, today: date) -> Alert:
    """R17: within the hold the leader annotates; the note goes on the card that rises."""
    alert = get(session, alert_id)
    actor.require([Post.LEADER, Post.PLANNING], alert.initiative_id)
    _require_open(alert)
    if len(note.strip()) < _NOTE_MIN:
        raise Incomplete({"note": f"Escriba la anotación, en al menos {_NOTE_MIN} caracteres."})
    alert.note, alert.noted_on = f"{note.strip()} ({actor.name})", today
    _answer_questions(session, alert, today)
    return alert


def _answer_questions(session: Session, alert: Alert, today: date) -> None:
    """R17: whoever asked for more is told that it was given: once a question, by its first annotation."""
    for question in open_questions(session, alert):
        plan(
            session,
            ANSWERED,
            subject=subject(alert),
            period=question.period,
            recorded_on=today,
            due=alert.action.due if alert.action else None,
            initiative_id=alert.initiative_id,
            alert_id=alert.id,
            inputs={"text": question.inputs["text"], "by": question.inputs["by"], "answer": alert.note}
            | _asker(session, question, alert, today),
        )


def open_questions(session: Session, alert: Alert) -> list[Notice]:
    """What more was asked for and is not answered yet: `inputs` has «text», «by» and «at»."""
    about = select(Notice).where(Notice.alert_id == alert.id, Notice.rule.in_((TOLD, ANSWERED))).order_by(Notice.id)
    rows = session.scalars(about).all()
    answered = {row.period for row in rows if row.rule == ANSWERED}
    return [
        row for row in rows if row.rule == TOLD and row.inputs["what"] == INFORMATION and row.period not in answered
    ]


def _asker(session: Session, question: Notice, alert: Alert, today: date) -> dict[str, int]:
    """The person who asked, as long as it is theirs to decide; else it is told to who holds the post."""
    person = session.get(Person, int(question.inputs.get("asker", 0)))
    still = person and actor_of(session, person, today).holds(DECIDERS, alert.initiative_id)
    return {"reader": person.id} if person and still else {}


def is_acknowledged(alert: Alert, today: date) -> bool:
    """Whether an acknowledgement is in force: one with a promised date lapses the day after it."""
    return bool(alert.acknowledged_by) and (alert.acknowledged_until is None or alert.acknowledged_until >= today)


def is_managed(alert: Alert, today: date) -> bool:
    """Whether somebody was charged with it and the agreed date has not passed."""
    return alert.managed_until is not None and alert.managed_until >= today


def lapsed(alert: Alert, today: date) -> list[str]:
    """What was promised or assigned and is over, in words; «sin avance» is for whoever knows that."""
    found = []
    if alert.acknowledged_until and not is_acknowledged(alert, today):
        found.append(f"El compromiso de {alert.acknowledged_by} venció el {long_date(alert.acknowledged_until)}")
    if alert.managed_until and not is_managed(alert, today):
        found.append(f"La gestión asignada a {alert.managed_by} venció el {long_date(alert.managed_until)}")
    return found


def acknowledge(session: Session, alert_id: int, *, actor: Actor, now: datetime, until: date | None = None) -> Alert:
    """«Acuso recibo»: by the Vice-Minister (or the Minister once raised there), with a promised date or without.

    Given again while it is in force it stays the first, unless another date is promised; a lapsed one is given anew.
    """
    alert, today = _raised(session, alert_id, actor), local(now).date()
    if until is not None and until < today:
        raise Incomplete({"until": "La fecha de compromiso no puede ser anterior a hoy."})
    if is_acknowledged(alert, today) and until in (None, alert.acknowledged_until):
        return alert
    alert.acknowledged_by, alert.acknowledged_at, alert.acknowledged_until = actor.name, now, until
    promised = {"until": until.isoformat()} if until else {}
    decided(session, alert, actor, now, {"what": ACKNOWLEDGED, **promised})
    return alert


def assign(
    session: Session, alert_id: int, *, person: str, until: date | None, text: str, actor: Actor, now: datetime
) -> Alert:
    """«Asignar gestión»: who, by when and what; the leader is told. The same again changes nothing."""
    alert = _raised(session, alert_id, actor)
    fields = {}
    if not person.strip():
        fields["person"] = "Indique quién gestiona."
    if until is None or until < local(now).date():
        fields["until"] = "Indique una fecha de hoy en adelante."
    if not text.strip():
        fields["text"] = "Indique qué se debe gestionar."
    if fields or until is None:
        raise Incomplete(fields)
    wanted = (person.strip(), until, text.strip())
    if wanted == (alert.managed_by, alert.managed_until, alert.managed_text):
        return alert
    alert.managed_by, alert.managed_until, alert.managed_text = wanted
    told = {"what": ASSIGNED, "person": wanted[0], "until": until.isoformat(), "text": wanted[2]}
    decided(session, alert, actor, now, told)
    return alert


def decided(session: Session, alert: Alert, actor: Actor, now: datetime, told: Mapping[str, str]) -> None:
    """Tell the leader. The notice keeps the decision as it was taken: a later one does not change what it says.

    One of the same kind that the leader was not told of yet is replaced by it: both would arrive together.
    """
    for earlier in _untold(session, alert):
        if earlier.inputs["what"] == told["what"] != INFORMATION:
            withdraw(session, earlier, "la reemplazó una decisión posterior")
    alert.decided_by, alert.decided_at = actor.name, now
    until = f":{told['until']}" if told.get("until") else ""
    key = f"{alert.id}:{told['what']}:{now.isoformat(timespec='seconds')}{until}"
    tell_leader(session, alert, key, {**told, "by": actor.name, "at": now.isoformat()}, local(now).date())


def tell_leader(session: Session, alert: Alert, key: str, told: Mapping[str, str], today: date) -> None:
    """R17: what was decided, to the leader; once a `key`."""
    plan(
        session,
        TOLD,
        subject=subject(alert),
        period=key,
        recorded_on=today,
        due=alert.action.due if alert.action else None,
        initiative_id=alert.initiative_id,
        alert_id=alert.id,
        inputs=told,
    )


def _untold(session: Session, alert: Alert) -> list[Notice]:
    query = select(Notice).where(Notice.rule == TOLD, Notice.alert_id == alert.id, Notice.state == NoticeState.PLANNED)
    return list(session.scalars(query))


def _raised(session: Session, alert_id: int, actor: Actor) -> Alert:
    alert = get(session, alert_id)
    require_decider(alert, actor)
    _require_open(alert)
    if alert.state == AlertState.OPEN:
        raise NotNow("Esta alerta no ha sido elevada.")
    return alert


def require_decider(alert: Alert, actor: Actor) -> None:
    """R17: the Minister decides only about what a person took to the Minister."""
    actor.require(DECIDERS if alert.minister_on else DECIDERS[:1], alert.initiative_id)


def _require_open(alert: Alert) -> None:
    if alert.state == AlertState.HANDLED:
        raise NotNow(f"La alerta de {subject(alert)} ya fue atendida.")
    if alert.state not in OPEN_ALERTS:
        raise NotNow(f"La alerta de {subject(alert)} ya está cerrada ({alert.closed_because}).")
