"""R25: when a reunión de logros is suggested. Nothing here convenes one: people do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, select
from sqlalchemy.orm import Session

from methodology.method import Method
from methodology.notices import insert_once, notice_key, plan, plan_of_initiatives, withdraw
from methodology.rules.months import add_months
from methodology.rules.spanish import long_date, percent
from methodology.rules.states import ActionState, InitiativeState, MeetingKind, MeetingState, NoticeState
from methodology.rules.table import RULES
from methodology.rules.thresholds import Thresholds
from storage.ledger import Alert, Notice
from storage.life import Meeting
from storage.matrix import Action, Initiative, Setting

RULE = "R25"
BY_COMPLIANCE = "cumplimiento"
BY_ALERT = "alerta elevada"
BY_TIME = "tiempo"
MARK = "cumplimiento.cambio:"
_COUNTED = (ActionState.OPEN, ActionState.MET, ActionState.CLOSED_UNMET)
_ALL = 100
_DAY = timedelta(days=1)
_OPEN_FOR = timedelta(days=30)
"""While a suggestion is this young, another one for the same meeting says nothing new."""


def base_of(initiative: Initiative) -> date | None:
    """The day of its last reunión de logros, or of its launch."""
    return initiative.met_last_on or initiative.launch


def one_ahead() -> ColumnElement[bool]:
    """Whether a reunión de logros of the row's initiative is being prepared already: nothing to suggest."""
    return exists().where(
        Meeting.initiative_id == Initiative.id,
        Meeting.kind == MeetingKind.ACHIEVEMENTS,
        Meeting.state.in_((MeetingState.PREPARED, MeetingState.CONVENED)),
    )


# --- cumplimiento -------------------------------------------------------------------------------------------------


def step_reached(met: int, counted: int, limits: Thresholds) -> int | None:
    """The highest of 50, 75, 100 % (`cumplimiento_pct`, and each `paso_pct` more) that is reached; exact."""
    reached, step = None, limits.meeting_first_percent
    while counted and step <= _ALL and met * _ALL >= step * counted:
        reached, step = step, step + limits.meeting_step_percent
    return reached


def compliance_moved(session: Session, action: Action) -> None:
    """An action was met or left: the next sweep looks at its initiative, by the configured thresholds."""
    key = f"{MARK}{action.id}.{action.version}"
    insert_once(session, Setting, {"key": key, "value": str(action.initiative_id)}, "key")


def moved_compliance(session: Session) -> list[int]:
    """The initiatives whose compliance moved since the last look; their marks are taken away."""
    rows = session.execute(select(Setting.key, Setting.value).where(Setting.key.startswith(MARK))).all()
    if rows:
        session.execute(delete(Setting).where(Setting.key.in_([key for key, _value in rows])))
    return sorted({int(value) for _key, value in rows})


def suggest_by_compliance(session: Session, initiative: Initiative, today: date, method: Method) -> bool:
    """Suggest a meeting when a step is reached that no suggestion told of; a step is told once."""
    found = session.execute(compliances().where(Initiative.id == initiative.id)).first()
    return found is not None and suggest_step(session, initiative, found.met, found.counted, today, method)


def compliances() -> Select[int, Any, int]:
    """Initiative, met and counted actions of those in execution that have no meeting ahead."""
    met = func.sum(case((Action.state == ActionState.MET, 1), else_=0)).label("met")
    return (
        select(Initiative.id, met, func.count().label("counted"))
        .join(Action, and_(Action.initiative_id == Initiative.id, Action.state.in_(_COUNTED)))
        .where(Initiative.state == InitiativeState.RUNNING, Initiative.launch.is_not(None), ~one_ahead())
        .group_by(Initiative.id)
    )


def suggest_step(session: Session, initiative: Initiative, met: int, counted: int, today: date, method: Method) -> bool:
    """The suggestion of a compliance of `met` of `counted`, if its step is new."""
    step = step_reached(met, counted, method.of(initiative))
    if step is None or step <= _told_step(session, initiative):
        return False
    return _suggest(session, initiative, BY_COMPLIANCE, f"{step}", today, _reached(met, counted))


def _reached(met: int, counted: int) -> str:
    compliance = percent(met * 1000 // counted / 10)
    return f"el cumplimiento llegó a {compliance} ({met} de {counted} acciones)"


def suggest_steps(session: Session, found: Sequence[tuple[Initiative, int, int]], today: date, method: Method) -> None:
    """The same for many initiatives, as (initiative, met, counted), in a few statements."""
    told: dict[int, int] = {}
    earlier = select(Notice.initiative_id, Notice.period).where(Notice.rule == RULE, Notice.subject == BY_COMPLIANCE)
    for initiative_id, period in session.execute(earlier):
        told[initiative_id or 0] = max(told.get(initiative_id or 0, 0), int(period))
    rows = []
    for initiative, met, counted in found:
        step = step_reached(met, counted, method.of(initiative))
        if step is not None and step > told.get(initiative.id, 0):
            inputs = _inputs(initiative, today, _reached(met, counted))
            rows.append((initiative, BY_COMPLIANCE, f"{step}", inputs))
    plan_of_initiatives(session, RULE, rows, today)


def take_as_told(session: Session, initiative: Initiative, today: date, method: Method) -> None:
    """A reunión de logros was held: the step reached by then was shown there, and only a further one is news."""
    query = select(func.sum(case((Action.state == ActionState.MET, 1), else_=0)), func.count())
    met, counted = session.execute(query.where(Action.initiative_id == initiative.id, Action.state.in_(_COUNTED))).one()
    step = step_reached(met or 0, counted, method.of(initiative))
    if step is not None and _suggest(session, initiative, BY_COMPLIANCE, f"{step}", today, "se mostró en la reunión"):
        key = key_of(initiative, BY_COMPLIANCE, str(step))
        withdraw(session, session.scalars(select(Notice).where(Notice.key == key)).one(), "se mostró en la reunión")


def _told_step(session: Session, initiative: Initiative) -> int:
    """The highest step that was told, whatever the thresholds were then; found by its key, which is indexed."""
    keys = [key_of(initiative, BY_COMPLIANCE, str(step)) for step in range(1, _ALL + 1)]
    told = session.scalars(select(Notice.period).where(Notice.key.in_(keys)))
    return max((int(period) for period in told), default=0)


def settled(session: Session, notice: Notice, today: date) -> str | None:
    """Why nothing need be suggested any more."""
    initiative = session.get_one(Initiative, notice.initiative_id)
    if session.scalar(select(one_ahead()).where(Initiative.id == initiative.id)):
        return "ya se prepara una reunión de logros"
    since = base_of(initiative)
    if since and since.isoformat() > notice.inputs["since"]:
        return "ya se realizó una reunión de logros"
    earlier = _still_open(session, notice, today)
    return f"ya se sugirió una reunión de logros el {long_date(earlier)}" if earlier else None


def _still_open(session: Session, notice: Notice, today: date) -> date | None:
    """The day of another suggestion of the same span between meetings that people may still be acting upon."""
    told = select(Notice).where(
        Notice.rule == RULE,
        Notice.initiative_id == notice.initiative_id,
        Notice.id != notice.id,
        Notice.state == NoticeState.SENT,
        Notice.deliver_on < today,
        Notice.deliver_on > today - _OPEN_FOR,
    )
    same = (row.deliver_on for row in session.scalars(told) if row.inputs["since"] == notice.inputs["since"])
    return max(same, default=None)


def key_of(initiative: Initiative, subject: str, period: str) -> str:
    return notice_key(RULE, subject, period, RULES[RULE].post, initiative.slug)


# --- an elevated alert, and time ------------------------------------------------------------------------------------


def suggest_by_alert(session: Session, alert: Alert, today: date) -> bool:
    """An alert rose: one suggestion between two meetings, however many rise."""
    initiative = alert.initiative
    since = base_of(initiative)
    if since is None or session.scalar(select(one_ahead()).where(Initiative.id == initiative.id)):
        return False
    silent = alert.entity.short if alert.entity else ""
    reason = f"se elevó la alerta de {alert.action.code}" if alert.action else f"se elevó el silencio de {silent}"
    return _suggest(session, initiative, BY_ALERT, since.isoformat(), today, reason)


def latest_base(today: date, months: int) -> date:
    """The latest day whose m(day, months) has come by `today`: several days fall on the same month's end."""
    day = add_months(today, -months)
    while add_months(day + _DAY, months) <= today:
        day += _DAY
    return day


def time_reason(since: date, months: int) -> str:
    return f"pasaron {months} meses o más desde el {long_date(since)}, día de la última reunión con los actores"


def _suggest(session: Session, initiative: Initiative, subject: str, period: str, day: date, reason: str) -> bool:
    return plan(
        session,
        RULE,
        subject=subject,
        period=period,
        recorded_on=day,
        due=None,
        initiative_id=initiative.id,
        inputs=_inputs(initiative, day, reason),
    )


def _inputs(initiative: Initiative, day: date, reason: str) -> dict[str, str]:
    return {"reason": reason, "since": (base_of(initiative) or day).isoformat()}
