"""How an initiative stands today: its figures and how many actions show each light."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.method import Method
from methodology.rules.figures import ActionFigures, Figures, Semaforo, figures_of, semaforo
from methodology.rules.states import ActionState, InitiativeState
from storage.matrix import Action, Initiative

COUNTED_STATES = (ActionState.OPEN, ActionState.MET, ActionState.EXITED, ActionState.CLOSED_UNMET)


@dataclass(frozen=True)
class Standing:
    initiative: Initiative
    figures: Figures
    lights: Mapping[Semaforo, int]


def standing(session: Session, initiative: Initiative, today: date, method: Method | None = None) -> Standing:
    """Figures of the incorporated actions (proposals count in none, R7); the lights by its own pace (R2)."""
    limits = (method or Method()).of(initiative)
    actions = session.scalars(
        select(Action).where(Action.initiative_id == initiative.id, Action.state.in_(COUNTED_STATES))
    ).all()
    figures = figures_of(ActionFigures(a.state, a.percent, a.original_due or a.due, a.met_on) for a in actions)
    paused = initiative.state == InitiativeState.PAUSED
    lights = Counter(semaforo(a.state, a.due, today, paused=paused, limits=limits) for a in actions)
    return Standing(initiative, figures, {light: lights[light] for light in Semaforo if lights[light]})


def running(session: Session) -> list[Initiative]:
    """The initiatives that have begun, in their order (R1)."""
    begun = (InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING)
    return list(session.scalars(select(Initiative).where(Initiative.state.in_(begun)).order_by(Initiative.position)))
