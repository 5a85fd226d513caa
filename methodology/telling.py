"""Before and after a message: is the notice still true, and what follows from its having been told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from sqlalchemy import ColumnElement, Date, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from methodology import (
    handovers,
    high_level,
    matrix_updates,
    measures,
    meeting_outcomes,
    meetings,
    noting,
    pauses,
    suggestions,
    validations,
)
from methodology.clock import start_of
from methodology.completion import met_versions
from methodology.followups import owes
from methodology.notices import plan
from methodology.outreaches import record_outreach
from methodology.rules.months import Month
from methodology.rules.states import (
    OPEN_ALERTS,
    ActionState,
    AlertState,
    InitiativeState,
    MemberState,
    NoticeState,
)
from methodology.silence import reached_out, silent_initiatives
from methodology.sweeping.second_moment import unattended
from methodology.sweeping.windows import has_answered
from storage.ledger import Alert, CaseAction, Delivery, HighLevelCase, Notice
from storage.life import Member
from storage.matrix import Action, Initiative

REQUESTS = ("R14", "R14.reiteracion")
VALIDATIONS = ("R26", "R29")
CONTACTS = (handovers.CHECK, handovers.HANDOVER, handovers.FORMER)
_LASTING = (
    "R23", "R24.convocatoria", "R24.cancelacion", "R24.resultado", "R26", "R26.respuesta", "R29", "R32", "R33", "R37",
    "R39", "R42",
)  # fmt: skip
"""A person decided it: it is owed whatever becomes of the initiative."""


def why_not_any_more(session: Session, notice: Notice, today: date) -> str | None:
    """Read the state again: the Spanish reason to withdraw the notice, or None when it still holds."""
    if notice.initiative_id is not None and notice.rule not in _LASTING:
        initiative = session.get_one(Initiative, notice.initiative_id)
        if initiative.state != InitiativeState.RUNNING:
            return f"la iniciativa está {initiative.state.replace('_', ' ')}"
    check = _CHECKS.get(notice.rule)
    reason = check(session, notice, today) if check else None
    return reason or pauses.left_to_digest(session, notice)


def told(session: Session, notice: Notice, today: date, *, message_id: str = "", token: str = "") -> None:
    """What follows from a delivered notice: the hold begins (R17), the outreach counts (R16), the holder is pointed."""
    if notice.rule in REQUESTS and notice.entity_id is not None:
        _count_outreach(session, notice, today, message_id, token)
    if notice.rule in CONTACTS:
        handovers.told(session, notice, today, message_id, token)
    if notice.rule in VALIDATIONS:
        validations.keep_request(session, notice, today, message_id, token)
    if notice.rule in ("R15", "R16") and notice.alert_id is not None:
        alert = session.get_one(Alert, notice.alert_id)
        alert.told_leader_on = alert.told_leader_on or today
    if notice.rule == "R17" and notice.initiative_id is not None:
        _raised_told(session, notice, today)
        _point_to_card(session, notice, today)
    if notice.rule == pauses.DIGEST:
        _told_with_digest(session, notice, today)
    if notice.rule == "R42":
        high_level.invited(session, notice.inputs["members"], today)


_ASKED = (
    select(Action)
    .join(Initiative, and_(Initiative.id == Action.initiative_id, Initiative.state == InitiativeState.RUNNING))
    .where(
        Action.entity_id == bindparam("entity"),
        Action.state == ActionState.OPEN,
        Initiative.launch <= bindparam("day", type_=Date),
    )
    .order_by(Initiative.position, Action.code)
)
_ASKED_CODES = _ASKED.with_only_columns(Action.code, maintain_column_froms=True)


def asked_actions(session: Session, entity_id: int, on: date) -> list[Action]:
    """The actions an entity is asked about `on` a day: open, in initiatives launched by then, grouped by them (R14)."""
    return list(session.scalars(_ASKED, {"entity": entity_id, "day": on}))


def named_actions(session: Session, notice: Notice, on: date) -> list[Action]:
    """What a request names: all that is asked; its reiteration, only the initiatives still without an answer (R16).

    A handover names what was pending then.
    """
    if notice.entity_id is None:
        return []
    asked = asked_actions(session, notice.entity_id, on)
    if notice.rule == "R14":
        return asked
    if "codes" in notice.inputs:
        return [action for action in asked if action.code in notice.inputs["codes"]]
    silent = silent_initiatives(session, notice.entity_id)
    return [action for action in asked if action.initiative_id in silent] or asked


def _asked_codes(session: Session, entity_id: int, on: date) -> list[str]:
    return list(session.scalars(_ASKED_CODES, {"entity": entity_id, "day": on}))


def month_of(notice: Notice) -> Month:
    """The reporting month a notice speaks of."""
    return Month.parse(notice.inputs["period"])


def _goes_today(session: Session, today: date, *which: ColumnElement[bool]) -> bool:
    """Whether such a notice still waits or was sent today: what repeats it would be a second message of one day."""
    waits_or_went = or_(Notice.state == NoticeState.PLANNED, Delivery.sent_at >= start_of(today))
    query = select(Notice.id).outerjoin(Delivery, Delivery.notice_id == Notice.id).where(*which, waits_or_went)
    return session.scalars(query.limit(1)).first() is not None


def _nudge(session: Session, notice: Notice, today: date) -> str | None:
    if reason := _window(session, notice, today):
        return reason
    month = str(month_of(notice))
    opening = (Notice.rule == "R10", Notice.initiative_id == notice.initiative_id, Notice.period == month)
    return "la apertura de la ventana va ese mismo día" if _goes_today(session, today, *opening) else None


def _window(session: Session, notice: Notice, today: date) -> str | None:
    if notice.due is not None and today > notice.due:
        return "la ventana ya cerró"
    return _missing(session, notice, today)


def _missing(session: Session, notice: Notice, today: date) -> str | None:
    del today
    if notice.initiative_id is None or owes(session, notice.initiative_id, month_of(notice)):
        return None
    return "ya no falta ningún seguimiento"


def _request(session: Session, notice: Notice, today: date) -> str | None:
    if notice.due is not None and today > notice.due:
        return "el plazo de la solicitud ya pasó"
    if notice.entity_id is None or not _asked_codes(session, notice.entity_id, today):
        return "la entidad ya no tiene acciones vigentes"
    return _reminder(session, notice, today) if notice.rule == "R14.reiteracion" else None


def _reminder(session: Session, notice: Notice, today: date) -> str | None:
    """After days out of service request and reminder fall together: the entity gets the request alone."""
    if notice.entity_id is not None and has_answered(session, notice.entity_id, month_of(notice)):
        return "la entidad ya respondió"
    own = Notice.entity_id == notice.entity_id
    if _goes_today(session, today, Notice.rule == handovers.HANDOVER, own):
        return "la entrega al nuevo contacto va ese mismo día"
    asked = (Notice.rule == "R14", own, Notice.period == notice.period)
    return "la solicitud va ese mismo día" if _goes_today(session, today, *asked) else None


def _alert(session: Session, notice: Notice, today: date) -> str | None:
    del today
    if notice.alert_id is None:
        return None
    alert = session.get_one(Alert, notice.alert_id)
    if alert.state == AlertState.HANDLED:
        return "la alerta ya fue atendida"
    return None if alert.state in OPEN_ALERTS else f"alerta cerrada: {alert.closed_because}"


def _raised(session: Session, notice: Notice, today: date) -> str | None:
    if reason := _alert(session, notice, today):
        return reason
    query = select(Alert.id).where(Alert.initiative_id == notice.initiative_id, Alert.state == AlertState.RAISED_1)
    return None if session.scalars(query).first() else "ninguna alerta elevada sigue abierta"


def _second_moment(session: Session, notice: Notice, today: date) -> str | None:
    """R18: what was proposed on Friday may be settled by Monday."""
    if reason := _alert(session, notice, today):
        return reason
    if session.get_one(Alert, notice.alert_id).state == AlertState.RAISED_2:
        return "la alerta ya está en segundo momento"
    query = select(Alert.id).outerjoin(Action, Action.id == Alert.action_id)
    still = query.where(Alert.id == notice.alert_id, unattended(today))
    return None if session.scalar(still) else "la alerta ya tiene acuse, gestión o avance"


def _brought_to_team(session: Session, notice: Notice, today: date) -> str | None:
    """R18: whoever left the team since the decision is not written to."""
    if reason := _alert(session, notice, today):
        return reason
    members = [session.get_one(Member, number) for number in notice.inputs["members"]]
    active = any(high_level.is_active(member, today) for member in members)
    return None if active else "ningún integrante convocado sigue activo en el Equipo de Alto Nivel"


def _invitation(session: Session, notice: Notice, today: date) -> str | None:
    """R42: a signed letter goes in whatever state its initiative is, unless that is over or the member left."""
    del today
    initiative = session.get_one(Initiative, notice.initiative_id)
    if initiative.state in high_level.OVER:
        return f"la iniciativa está {initiative.state}"
    members = [session.get_one(Member, number) for number in notice.inputs["members"]]
    signed = any(member.state == MemberState.SIGNED for member in members)
    return None if signed else "la carta ya no está pendiente de envío"


def _due_soon(session: Session, notice: Notice, today: date) -> str | None:
    action = session.get_one(Action, notice.action_id)
    if action.state != ActionState.OPEN:
        return f"{action.code} ya no está vigente"
    if notice.period != f"v{action.due_version}":
        return "la fecha cambió"
    return "ya venció" if action.due is not None and today > action.due else None


def _undated(session: Session, notice: Notice, today: date) -> str | None:
    del today
    action = session.get_one(Action, notice.action_id)
    if action.state != ActionState.OPEN:
        return f"{action.code} ya no está vigente"
    return f"{action.code} ya tiene fecha" if action.due or notice.period != f"v{action.due_version}" else None


def _case(session: Session, notice: Notice, today: date) -> str | None:
    """R30: the opening is told while the case has an open action; a joining, while that action is open as it joined."""
    del today
    query = (
        select(CaseAction.id)
        .join(HighLevelCase, HighLevelCase.id == CaseAction.case_id)
        .join(Action, and_(Action.id == CaseAction.action_id, Action.due_version == CaseAction.due_version))
        .where(HighLevelCase.initiative_id == notice.initiative_id, HighLevelCase.live)
        .where(Action.state == ActionState.OPEN)
    )
    if notice.rule == "R30":
        return None if session.scalars(query.limit(1)).first() else "el caso no tiene acciones abiertas"
    own = query.where(Action.id == notice.action_id)
    return None if session.scalars(own.limit(1)).first() else f"{notice.subject} ya no está abierta en el caso"


def _all_met(session: Session, notice: Notice, today: date) -> str | None:
    del today
    met = notice.initiative_id is not None and met_versions(session, notice.initiative_id)
    return None if met else "ya no están cumplidas todas las acciones"


def _validating(session: Session, notice: Notice, today: date) -> str | None:
    del today
    initiative = session.get_one(Initiative, notice.initiative_id)
    waits = initiative.state == InitiativeState.VALIDATING
    return None if waits else "la iniciativa ya no espera la validación de MinCIT"


_CHECKS: dict[str, Callable[[Session, Notice, date], str | None]] = {
    "R10": _window,
    "R10.preaviso": _window,
    "R11": _nudge,
    "R11.faltantes": _missing,
    "R11.recordatorio": _window,
    "R11.delegacion": _window,
    "R14": _request,
    "R14.reiteracion": _request,
    "R14.contacto": handovers.no_longer,
    "R14.entrega": handovers.no_longer,
    "R14.relevo": handovers.no_longer,
    "R14.nota": noting.no_longer,
    "R15": _alert,
    "R16": _alert,
    "R17": _alert,
    "R17.aviso": _raised,
    "R17.ministro": _alert,
    "R17.respuesta": _alert,
    "R18": _brought_to_team,
    "R18.propuesta": _second_moment,
    "R8": meeting_outcomes.next_is_known,
    "R9": _undated,
    "R19": _due_soon,
    "R24.convocatoria": meetings.outdated,
    "R24.cancelacion": meetings.outdated,
    "R24.resultado": meeting_outcomes.is_recorded,
    "R25": suggestions.settled,
    "R26": validations.no_longer_asked,
    "R28": matrix_updates.settled,
    "R29": validations.no_longer_asked,
    "R30": _case,
    "R30.ingreso": _case,
    "R32": measures.no_longer,
    "R35": _all_met,
    "R39": _validating,
    "R42": _invitation,
}


def _count_outreach(session: Session, notice: Notice, today: date, message_id: str, token: str) -> None:
    if notice.entity_id is None:
        return
    codes = [action.code for action in named_actions(session, notice, today)]
    kind = "solicitud" if notice.rule == "R14" else "reiteración"
    month = str(month_of(notice))
    record_outreach(session, notice.entity_id, month, kind, today, token=token, message_id=message_id, asked=codes)
    reached_out(session, notice.entity_id, codes, today)


def _raised_told(session: Session, notice: Notice, today: date) -> None:
    """R17, R18: the first moment was delivered; whatever is reported above this percentage is progress."""
    if notice.alert_id is None:
        return
    alert = session.get_one(Alert, notice.alert_id)
    if alert.raised_told_on is None:
        alert.raised_told_on = today
        alert.raised_percent = alert.action.percent if alert.action else None


def _told_with_digest(session: Session, digest: Notice, today: date) -> None:
    """What a resumption's digest carried was told with it: the hold of its alerts begins (R17)."""
    for notice in pauses.in_digest(session, digest):
        notice.state = NoticeState.SENT
        told(session, notice, today)


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
