"""`arranque.fecha`: what was already overdue before the service began is one digest to planning, who releases it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Text, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from methodology import alerts
from methodology.actions import find
from methodology.clock import local
from methodology.method import Method
from methodology.notices import insert_once, plan
from methodology.people import Actor
from methodology.refusals import NotNow
from methodology.rules.states import ActionState, AlertKind, InitiativeState, Post
from storage.ledger import Alert
from storage.matrix import Action, Initiative


def held_back(session: Session) -> list[Action]:
    """The open actions whose alert (R15) would have risen before the start, and was not released.

    One that was reopened, or got its date, since then is no backlog: its alert rises by itself.
    """
    released = exists().where(
        Alert.kind == AlertKind.OVERDUE_MONTH,
        Alert.action_id == Action.id,
        Alert.episode == literal("v") + cast(Action.due_version, Text),
    )
    query = (
        select(Action)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .where(
            Initiative.state == InitiativeState.RUNNING,
            Action.state == ActionState.OPEN,
            Action.overdue_month_on < Initiative.alerts_from,
            or_(Action.due_set_on.is_(None), Action.due_set_on <= Initiative.alerts_from),
            ~released,
        )
        .order_by(Action.due, Action.code)
    )
    return list(session.scalars(query))


def held_for_case(session: Session, initiative: Initiative, today: date) -> list[str]:
    """The codes that would be in a Solución de alto nivel (R30) if planning had released their alert."""
    held = (row for row in held_back(session) if row.initiative_id == initiative.id)
    return [row.code for row in held if row.high_level_on is not None and row.high_level_on <= today]


def record_backlog(session: Session, today: date) -> bool:
    """A digest to planning when the service, or an initiative launched later, begins with something to release."""
    begun = {row.initiative.alerts_from for row in held_back(session)} - {None}
    fresh = False
    for day in sorted(day for day in begun if day and day <= today):
        fresh |= plan(
            session,
            "arranque",
            subject="arranque",
            period=day.isoformat(),
            recorded_on=day,
            due=day,
            inputs={},
        )
    return fresh


def release(session: Session, code: str, *, actor: Actor, now: datetime, method: Method | None = None) -> Action:
    """Planning lets one old alert go: to the leader first, and then its way (R15, R17, R30)."""
    actor.require([Post.PLANNING])
    action, today = find(session, code), local(now).date()
    if action not in held_back(session):
        raise NotNow(f"La alerta de {action.code} no está retenida.")
    episode = f"v{action.due_version}"
    key = f"{AlertKind.OVERDUE_MONTH}|{action.code}|{episode}"
    values = {
        "key": key,
        "kind": AlertKind.OVERDUE_MONTH,
        "initiative_id": action.initiative_id,
        "action_id": action.id,
        "episode": episode,
        "raised_on": today,
    }
    insert_once(session, Alert, values, "key")
    plan(
        session,
        "R15",
        subject=action.code,
        period=episode,
        recorded_on=today,
        due=action.due,
        initiative_id=action.initiative_id,
        action_id=action.id,
        alert_id=session.scalar(select(Alert.id).where(Alert.key == key)),
        inputs={"overdue_months": (method or Method()).of(action.initiative).overdue_months},
    )
    alerts.sweep_again(session)
    return action
