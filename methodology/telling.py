"""Before and after a message: is the notice still true, and what follows from its having been told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.followups import owed
from methodology.notices import plan
from methodology.replies import record_outreach
from methodology.rules.months import Month
from methodology.rules.states import OPEN_ALERTS, ActionState, AlertState, CaseState, InitiativeState
from methodology.silence import reached_out
from methodology.sweep import has_answered
from storage.ledger import Alert, HighLevelCase, Notice
from storage.matrix import Action, Initiative

REQUESTS = ("R14", "R14.reiteracion")


def why_not_any_more(session: Session, notice: Notice, today: date) -> str | None:
    """Read the state again: the Spanish reason to withdraw the notice, or None when it still holds."""
    if notice.initiative_id is not None:
        initiative = session.get_one(Initiative, notice.initiative_id)
        if initiative.state != InitiativeState.RUNNING:
            return f"la iniciativa está {initiative.state.replace('_', ' ')}"
    check = _CHECKS.get(notice.rule)
    return check(session, notice, today) if check else None


def told(session: Session, notice: Notice, today: date, *, message_id: str = "", token: str = "") -> None:
    """What follows from a delivered notice: the hold begins (R17), the outreach counts (R16), the holder is pointed."""
    if notice.rule in REQUESTS and notice.entity_id is not None:
        _count_outreach(session, notice, today, message_id, token)
    if notice.rule in ("R15", "R16") and notice.alert_id is not None:
        alert = session.get_one(Alert, notice.alert_id)
        alert.told_leader_on = alert.told_leader_on or today
    if notice.rule == "R17" and notice.initiative_id is not None:
        _point_to_card(session, notice, today)


def asked_actions(session: Session, entity_id: int) -> list[Action]:
    """The actions an entity is asked about now: open, in running initiatives, grouped by initiative (R14)."""
    query = (
        select(Action)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .where(
            Action.entity_id == entity_id,
            Action.state == ActionState.OPEN,
            Initiative.state == InitiativeState.RUNNING,
            Initiative.launch.is_not(None),
        )
        .order_by(Initiative.position, Action.code)
    )
    return list(session.scalars(query))


def month_of(notice: Notice) -> Month:
    """The reporting month a notice speaks of."""
    return Month.parse(notice.inputs["period"])


def _window(session: Session, notice: Notice, today: date) -> str | None:
    if notice.due is not None and today > notice.due:
        return "la ventana ya cerró"
    return _missing(session, notice, today)


def _missing(session: Session, notice: Notice, today: date) -> str | None:
    del today
    if notice.initiative_id is None or owed(session, notice.initiative_id, month_of(notice)):
        return None
    return "ya no falta ningún seguimiento"


def _request(session: Session, notice: Notice, today: date) -> str | None:
    if notice.due is not None and today > notice.due:
        return "el plazo de la solicitud ya pasó"
    if notice.entity_id is None or not asked_actions(session, notice.entity_id):
        return "la entidad ya no tiene acciones vigentes"
    if notice.rule == "R14.reiteracion" and has_answered(session, notice.entity_id, month_of(notice)):
        return "la entidad ya respondió"
    return None


def _alert(session: Session, notice: Notice, today: date) -> str | None:
    del today
    if notice.alert_id is None:
        return None
    alert = session.get_one(Alert, notice.alert_id)
    return None if alert.state in OPEN_ALERTS else f"alerta cerrada: {alert.closed_because}"


def _raised(session: Session, notice: Notice, today: date) -> str | None:
    if reason := _alert(session, notice, today):
        return reason
    query = select(Alert.id).where(Alert.initiative_id == notice.initiative_id, Alert.state == AlertState.RAISED_1)
    return None if session.scalars(query).first() else "ninguna alerta elevada sigue abierta"


def _due_soon(session: Session, notice: Notice, today: date) -> str | None:
    action = session.get_one(Action, notice.action_id)
    if action.state != ActionState.OPEN:
        return f"{action.code} ya no está vigente"
    if notice.period != f"v{action.due_version}":
        return "la fecha cambió"
    return "ya venció" if action.due is not None and today > action.due else None


def _case(session: Session, notice: Notice, today: date) -> str | None:
    del today
    query = select(HighLevelCase.id).where(
        HighLevelCase.initiative_id == notice.initiative_id, HighLevelCase.state != CaseState.EXHAUSTED
    )
    return None if session.scalars(query).first() else "el caso ya se surtió"


_CHECKS: dict[str, Callable[[Session, Notice, date], str | None]] = {
    "R10": _window,
    "R10.preaviso": _window,
    "R11": _window,
    "R11.faltantes": _missing,
    "R14": _request,
    "R14.reiteracion": _request,
    "R15": _alert,
    "R16": _alert,
    "R17": _alert,
    "R17.aviso": _raised,
    "R19": _due_soon,
    "R30": _case,
    "R30.ingreso": _case,
}


def _count_outreach(session: Session, notice: Notice, today: date, message_id: str, token: str) -> None:
    if notice.entity_id is None:
        return
    codes = [action.code for action in asked_actions(session, notice.entity_id)]
    kind = "solicitud" if notice.rule == "R14" else "reiteración"
    month = str(month_of(notice))
    record_outreach(session, notice.entity_id, month, kind, today, token=token, message_id=message_id, asked=codes)
    reached_out(session, notice.entity_id, codes, today)


def _point_to_card(session: Session, notice: Notice, today: date) -> None:
    """One short pointer a day and initiative to the holder in person (R17)."""
    initiative = session.get_one(Initiative, notice.initiative_id)
    plan(
        session,
        "R17.aviso",
        subject=initiative.slug,
        period=today.isoformat(),
        recorded_on=today,
        due=None,
        initiative_id=initiative.id,
        inputs={},
    )
