"""What can be done to an action: date it, move the date, reassign it, mark it met. Every change is a version (R3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session, lazyload

from methodology import alerts, silence
from methodology.case_ending import action_left
from methodology.clock import local
from methodology.completion import propose_if_all_met
from methodology.method import Method
from methodology.notices import withdraw
from methodology.people import Actor
from methodology.refusals import Incomplete, NotAllowed, NotFound, NotNow
from methodology.rules import codes
from methodology.rules.deadlines import deadlines_of
from methodology.rules.followup import COMPLETE
from methodology.rules.months import add_months
from methodology.rules.spanish import long_date, plain
from methodology.rules.states import ActionState, InitiativeState, NoticeState, Post
from methodology.suggestions import compliance_moved
from storage.ledger import CaseAction, Notice
from storage.matrix import Action, ActionVersion, Entity, FollowUp, Initiative

_VERSIONED = (
    "text", "entity_id", "solution_id", "supporting", "priority", "starts", "due", "due_version", "state", "met_on",
    "percent", "validated_on", "incorporated_on",
)  # fmt: skip
_PROPOSED = (ActionState.PROPOSED, ActionState.TO_VALIDATE)
_REASON_MIN = 10
_FOUND = "actions.found"
_BY_CODE = select(Action).where(Action.code == bindparam("code"))
_ANOTHER = _BY_CODE.options(lazyload(Action.initiative), lazyload(Action.entity))
"""Where one was asked for, its initiative is at hand, and mostly its entity."""


def find(session: Session, code: str) -> Action:
    """The action of that code, however it was typed.

    Raises:
        NotFound: there is none.
    """
    if (action := called(session, code)) is None:
        advice = nearest(session, code) or "Revise la matriz con /matriz."
        raise NotFound(f"No hay una acción con el código «{code.strip().upper()}». {advice}")
    return action


def called(session: Session, code: str) -> Action | None:
    """The action of that code; «AST-4» is AST-04 where no other has its letters and number."""
    action = _coded(session, code.strip().upper())
    if action is None and (meant := codes.meant(code, _alike(session, code))):
        action = _coded(session, meant)
    return action


def _coded(session: Session, code: str) -> Action | None:
    """A transaction asks once."""
    found: WeakValueDictionary[str, Action] = session.info.setdefault(_FOUND, WeakValueDictionary())
    known = found.get(code)
    if known is not None and known in session and known.code == code:
        return known
    action = session.scalar(_ANOTHER if found else _BY_CODE, {"code": code})
    if action is not None:
        found[code] = action
    return action


def nearest(session: Session, code: str) -> str:
    """Which code may have been meant, as a question; nothing when none is like it."""
    return codes.nearest(code, _alike(session, code))


def _alike(session: Session, code: str) -> list[str]:
    """The codes of the same letters; for words that are no code, none."""
    letters = codes.letters(code)
    return list(session.scalars(select(Action.code).where(Action.code.startswith(letters)))) if letters else []


def place_due(action: Action, due: date | None, method: Method) -> None:
    """Set the date in force and the days on which R19, R15 and R30 begin to hold for it; without one, R9's."""
    action.due = due
    action.undated_on = None if due else _undated_on(action, method)
    days = deadlines_of(due, method.calendar, method.of(action.initiative)) if due else None
    action.due_soon_on = days.due_soon_on if days else None
    action.overdue_month_on = days.overdue_month_on if days else None
    action.high_level_on = days.high_level_on if days else None


def _undated_on(action: Action, method: Method) -> date | None:
    """R9: two months after it entered (or the launch, or the loss of its date, if later); None before a launch."""
    launch = action.initiative.launch
    if launch is None:
        return None
    since = max(day for day in (launch, action.incorporated_on, action.due_set_on) if day)
    return add_months(since, method.of(action.initiative).undated_months)


def place_again(session: Session, initiative: Initiative, method: Method) -> None:
    """The derived days of every action of an initiative anew: its launch or its thresholds changed (R2, R9)."""
    for action in session.scalars(select(Action).where(Action.initiative_id == initiative.id)):
        place_due(action, action.due, method)
    alerts.sweep_again(session)


def move_due(
    session: Session, code: str, due: date, *, reason: str, actor: Actor, now: datetime, method: Method
) -> Action:
    """Set or move a date: a new due_version. An overdue date is moved only by GG or PL; a past date by nobody.

    The alert of the former date closes as «reprogramación» (method.md, edge cases). What is only proposed, or waits
    for its entity, has no date in force yet: its date is a proposal too, and changes as one.
    """
    action, today = find(session, code), local(now).date()
    proposed = action.state in _PROPOSED and action.validated_on is None
    overdue = not proposed and action.due is not None and action.due < today
    actor.require([Post.LEADER, Post.PLANNING, Post.MANAGEMENT], action.initiative_id)
    require_not_over(action)
    if overdue and not actor.holds([Post.PLANNING, Post.MANAGEMENT], action.initiative_id):
        raise NotAllowed(
            f"{action.code} está vencida desde el {long_date(action.due or today)}: mover su fecha corresponde a "
            "Planeación o a la Gerencia General, con motivo."
        )
    if not proposed:
        _require_open(action)
    if due < today:
        raise Incomplete({"due": f"La nueva fecha no puede ser anterior a hoy ({long_date(today)})."})
    if action.due == due:
        raise NotNow(f"{action.code} ya tiene esa fecha: {long_date(due)}.")
    if action.due is not None and not proposed:
        require_reason(reason)
    before = picture(action)
    if proposed:
        action.original_due = due
        place_due(action, due, method)
    else:
        redate(session, action, due, today, method)
    keep(session, action, before, actor.name, reason or "Definición conjunta de la fecha", now)
    return action


def redate(session: Session, action: Action, due: date | None, today: date, method: Method) -> None:
    """What a new date does, by hand or by import: a new due_version; the alert of the former one closes."""
    if action.due is None:
        action.original_due = due
    else:
        action.due_moves += 1
    action.due_version += 1
    action.due_set_on = today
    place_due(action, due, method)
    alerts.close_for_action(session, action.id, "reprogramación")
    action_left(session, action, today)
    alerts.sweep_again(session)


def reassign(session: Session, code: str, entity_name: str, *, reason: str, actor: Actor, now: datetime) -> Action:
    """Give an action to another entity: the overdue clock goes on, the silence counter starts again.

    If it supported the action, it does so no longer: it answers for it. What is only proposed, or waits for its entity,
    has to be asked of the other one (R26).
    """
    action = find(session, code)
    actor.require([Post.LEADER, Post.PLANNING], action.initiative_id)
    require_not_over(action)
    proposed = action.state in _PROPOSED and action.validated_on is None
    if not proposed:
        _require_open(action)
    require_reason(reason)
    entity = find_entity(session, entity_name)
    if entity.id == action.entity_id:
        raise NotNow(f"{action.code} ya está a cargo de {entity.short}.")
    before, former_id, today = picture(action), action.entity_id, local(now).date()
    action.entity_id, action.entity = entity.id, entity
    action.supporting = without(action.supporting, entity)
    if proposed:
        action.asked_on = None
        withdraw_about(session, action.id, f"{action.code} pasó a otra entidad", "R26")
    keep(session, action, before, actor.name, reason, now)
    if not proposed:
        handed_over(session, action, former_id, today)
    return action


def without(supporting: str, entity: Entity) -> str:
    """The supporting entities, without this one, however it is written there."""
    names = [name.strip() for name in supporting.split(";")]
    own = (plain(entity.name), plain(entity.short))
    return "; ".join(name for name in names if name and plain(name) not in own)


def handed_over(session: Session, action: Action, former_id: int, today: date) -> None:
    """What a new responsible entity does, by hand or by import; the action already names it.

    About this action nobody asked the new entity yet; its silence about others, if any, goes on (R16).
    """
    session.flush()
    let_go(session, former_id, action.initiative_id, today)


def let_go(
    session: Session, entity_id: int, initiative_id: int, today: date, why: str = "cambio de responsable"
) -> None:
    """Nobody is silent about what is over: if nothing open is left to the entity there, its silence ends (R16)."""
    if not session.scalar(select(silence.still_asked(entity_id, initiative_id))):
        silence.end(session, entity_id, initiative_id, today, why)
        alerts.close_silence(session, entity_id, initiative_id, "sin_efecto")


def edit(
    session: Session, action: Action, values: Mapping[str, Any], *, reason: str, author: str, now: datetime
) -> None:
    """Other words, priority, supporting entities, beginning or solution: version n+1 (R3).

    Raises:
        NotNow: nothing of it is new, or the entity has validated it as it stands (R26).
    """
    require_reason(reason)
    if action.state in _PROPOSED and action.validated_on:
        raise NotNow(f"{action.code} ya fue validada por la entidad: se ajusta después de su incorporación.")
    changed = {name: value for name, value in values.items() if getattr(action, name) != value}
    if not changed:
        raise NotNow(f"{action.code} ya está como se indica: no hay cambios que registrar.")
    before = picture(action)
    for name, value in changed.items():
        setattr(action, name, value)
    keep(session, action, before, author, reason, now)


def annul(session: Session, action: Action, *, reason: str, author: str, now: datetime) -> None:
    """To anulada: its alerts close as sin_efecto, and nobody is told or asked about it any more."""
    require_reason(reason)
    before, today = picture(action), local(now).date()
    action.state = ActionState.ANNULLED
    keep(session, action, before, author, reason, now)
    session.flush()
    alerts.close_for_action(session, action.id, "sin_efecto")
    withdraw_about(session, action.id, f"{action.code} se anuló")
    let_go(session, action.entity_id, action.initiative_id, today, "acción anulada")
    action_left(session, action, today)
    compliance_moved(session, action)
    propose_if_all_met(session, action.initiative, today)


def withdraw_about(session: Session, action_id: int, reason: str, *rules: str) -> None:
    """What was planned about an action (by these rules, or by any) is not told any more.

    The opening of a case is not about the action that opened it alone: it is told while others are open in it (R30).
    """
    query = select(Notice).where(Notice.action_id == action_id, Notice.state == NoticeState.PLANNED)
    for notice in session.scalars(query.where(Notice.rule.in_(rules)) if rules else query).all():
        if notice.rule != "R30" or not _others_open(session, int(notice.period), action_id):
            withdraw(session, notice, reason)


def _others_open(session: Session, case_id: int, action_id: int) -> bool:
    """Whether the case has another action that is open, with the date that brought it there."""
    query = (
        select(CaseAction.id)
        .join(Action, and_(Action.id == CaseAction.action_id, Action.due_version == CaseAction.due_version))
        .where(CaseAction.case_id == case_id, Action.id != action_id, Action.state == ActionState.OPEN)
    )
    return session.scalars(query.limit(1)).first() is not None


def mark_met(session: Session, code: str, met_on: date, *, evidence: str, actor: Actor, now: datetime) -> Action:
    """Compliance, recorded any day (R10): date not after today, and evidence."""
    action, today = find(session, code), local(now).date()
    actor.require([Post.LEADER, Post.PLANNING], action.initiative_id)
    _require_open(action)
    if met_on > today:
        raise Incomplete({"met_on": "La fecha de cumplimiento no puede ser posterior a hoy."})
    if not evidence.strip():
        raise Incomplete({"evidence": "Indique la evidencia del cumplimiento: un enlace o el nombre del documento."})
    set_met(session, action, met_on, reason=f"Cumplida. Evidencia: {evidence.strip()}", author=actor.name, now=now)
    return action


def set_met(session: Session, action: Action, met_on: date, *, reason: str, author: str, now: datetime) -> None:
    """The state change behind `mark_met` and a follow-up of 100; met on time but told late closes as sin_efecto."""
    before = picture(action)
    action.state, action.met_on, action.percent = ActionState.MET, met_on, 100.0
    keep(session, action, before, author, reason, now)
    on_time = action.overdue_month_on is None or met_on < action.overdue_month_on
    alerts.close_for_action(session, action.id, "sin_efecto" if on_time else "cumplimiento")
    session.flush()
    today = local(now).date()
    let_go(session, action.entity_id, action.initiative_id, today, "acción cumplida")
    action_left(session, action, today)
    compliance_moved(session, action)
    propose_if_all_met(session, action.initiative, today)


def reopen(session: Session, action: Action, *, reason: str, author: str, now: datetime, method: Method) -> None:
    """Cumplida → vigente: a new due_version, so that its alerts can rise again (method.md, edge cases).

    What already held for the date is recorded on the day of the reopening. A follow-up of 100 that stands as the last
    word is superseded: its month is «Sin reporte» until it is reported again.
    """
    before = picture(action)
    last = _last_follow_up(session, action)
    if last is not None and last.percent == COMPLETE:
        last.superseded_at = now
        session.flush()
        former = _last_follow_up(session, action)
        action.narrative = former.text if former else ""
    action.state, action.met_on, action.percent = ActionState.OPEN, None, _percent_before_met(session, action)
    action.due_version += 1
    action.due_set_on = local(now).date()
    place_due(action, action.due, method)
    keep(session, action, before, author, reason, now)
    alerts.sweep_again(session)


def _last_follow_up(session: Session, action: Action) -> FollowUp | None:
    query = select(FollowUp).where(FollowUp.action_id == action.id, FollowUp.superseded_at.is_(None))
    return session.scalar(query.order_by(FollowUp.month.desc()).limit(1))


def _percent_before_met(session: Session, action: Action) -> float | None:
    """The figure that stood before the compliance now taken back; the present one where no version tells it."""
    query = select(ActionVersion).where(ActionVersion.action_id == action.id).order_by(ActionVersion.version.desc())
    for version in session.scalars(query):
        if version.after.get("state") == ActionState.MET:
            return version.before.get("percent", action.percent)
    return action.percent


def find_entity(session: Session, name: str) -> Entity:
    """An entity by its name, its acronym or a unique part of either.

    Raises:
        NotFound: none, or several.
    """
    wanted = plain(name)
    entities = list(session.scalars(select(Entity).order_by(Entity.name)))
    exact = [e for e in entities if wanted in (plain(e.name), plain(e.short))]
    close = exact or [e for e in entities if wanted and wanted in plain(e.name)]
    if len(close) == 1:
        return close[0]
    known = ", ".join(e.short for e in (close or entities)[:8])
    raise NotFound(f"«{name}» no identifica una sola entidad del directorio. Opciones: {known}.")


def _require_open(action: Action) -> None:
    if action.state != ActionState.OPEN:
        raise NotNow(f"{action.code} no está vigente (estado: {action.state.replace('_', ' ')}).")


def require_order(starts: date | None, due: date | None) -> None:
    """An action begins before it is due."""
    if starts is not None and due is not None and starts > due:
        raise Incomplete({"starts": f"La fecha de inicio no puede ser posterior al vencimiento ({long_date(due)})."})


def require_not_over(action: Action) -> None:
    """Nothing of an initiative that is closed or discarded changes."""
    if action.initiative.state in (InitiativeState.CLOSED, InitiativeState.DISCARDED):
        raise NotNow(f"La iniciativa {action.initiative.name} está {action.initiative.state}: sus acciones no cambian.")


def require_reason(reason: str) -> None:
    """Every change by hand says why (R3)."""
    if len(reason.strip()) < _REASON_MIN:
        raise Incomplete({"reason": f"Indique el motivo, en al menos {_REASON_MIN} caracteres."})


def picture(action: Action) -> dict[str, Any]:
    """What a version compares, before or after a change."""
    values = {name: getattr(action, name) for name in _VERSIONED}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def keep(session: Session, action: Action, before: dict[str, Any], author: str, reason: str, now: datetime) -> None:
    """R3: version n+1 of an action that no longer is as in `before`."""
    after = picture(action)
    changed = [name for name in _VERSIONED if before[name] != after[name]]
    action.version += 1
    session.add(
        ActionVersion(
            action_id=action.id,
            version=action.version,
            at=now,
            author=author,
            reason=reason.strip(),
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    )
