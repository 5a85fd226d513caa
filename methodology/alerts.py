"""The life of an alert (R15–R17): told to the leader, held, raised, acknowledged, managed, closed by each cause."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from methodology.clock import local
from methodology.notices import plan, withdraw_for_alert
from methodology.people import Actor
from methodology.refusals import Incomplete, NotFound, NotNow
from methodology.rules.states import OPEN_ALERTS, AlertKind, AlertState, Post
from storage.ledger import Alert
from storage.matrix import Setting

SWEPT = "barrido.hasta"
ACKNOWLEDGED = "acuso"
ASSIGNED = "gestion"
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


def annotate(session: Session, alert_id: int, note: str, *, actor: Actor) -> Alert:
    """R17: within the hold the leader annotates; the note goes on the card that rises."""
    alert = get(session, alert_id)
    actor.require([Post.LEADER, Post.PLANNING], alert.initiative_id)
    _require_open(alert)
    if len(note.strip()) < _NOTE_MIN:
        raise Incomplete({"note": f"Escriba la anotación, en al menos {_NOTE_MIN} caracteres."})
    alert.note = f"{note.strip()} ({actor.name})"
    return alert


def acknowledge(session: Session, alert_id: int, *, actor: Actor, now: datetime) -> Alert:
    """«Acuso recibo»: by the Vice-Minister (or the Minister once raised there). Pressed twice, it stays the first."""
    alert = _raised(session, alert_id, actor)
    if not alert.acknowledged_by:
        alert.acknowledged_by, alert.acknowledged_at = actor.name, now
        _decided(session, alert, actor, now, {"what": ACKNOWLEDGED})
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
    _decided(session, alert, actor, now, told)
    return alert


def _decided(session: Session, alert: Alert, actor: Actor, now: datetime, told: Mapping[str, str]) -> None:
    """The notice keeps the decision as it was taken: a later one does not change what the leader reads of it."""
    alert.decided_by, alert.decided_at = actor.name, now
    day = local(now).date()
    plan(
        session,
        "R17.decision",
        subject=subject(alert),
        period=f"{alert.id}:{told['what']}:{now.isoformat(timespec='seconds')}",
        recorded_on=day,
        due=alert.action.due if alert.action else None,
        initiative_id=alert.initiative_id,
        alert_id=alert.id,
        inputs={**told, "by": actor.name, "at": now.isoformat()},
    )


def _raised(session: Session, alert_id: int, actor: Actor) -> Alert:
    alert = get(session, alert_id)
    actor.require(DECIDERS if alert.state == AlertState.RAISED_2 else DECIDERS[:1], alert.initiative_id)
    _require_open(alert)
    if alert.state == AlertState.OPEN:
        raise NotNow("Esta alerta no ha sido elevada.")
    return alert


def _require_open(alert: Alert) -> None:
    if alert.state not in OPEN_ALERTS:
        raise NotNow(f"La alerta de {subject(alert)} ya está cerrada ({alert.closed_because}).")
