"""R10 and R11: the window of a month; R14: the requests to the entities before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, exists, literal, or_, select
from sqlalchemy.orm import Session

from methodology import holds
from methodology.handovers import CHECK
from methodology.notices import plan
from methodology.rules.months import Month
from methodology.rules.states import ActionState, InitiativeState
from methodology.rules.table import RULES
from methodology.rules.window import Window
from methodology.silence import REMINDER, silent_in, unread_answer, unread_mail
from methodology.sweeping.statements import NOTICE, Pace, Sweep, constant, insert_rows, on_day, per_initiative, running
from storage.ledger import Notice, Outreach, Silence
from storage.matrix import Action, Entity, FollowUp, Initiative

REQUEST = "solicitud"
_MISSING_LOOK_BACK = timedelta(days=14)
"""How old a month's list may be for a sweep that does not know when the last one was."""


def reporting(sweep: Sweep, pace: Pace, window: Window) -> None:
    """R10 and R11 for one window: opening, heads-up, nudges and the list of what is missing."""
    today, few = (
        sweep.today,
        {name: getattr(pace.thresholds, name) for name in ("window_min_habiles", "heads_up_habiles")},
    )
    inputs = {"period": str(window.month), "opens": window.first.isoformat(), "closes": window.last.isoformat()}
    heads_up = window.heads_up_on
    if heads_up and sweep.covers(heads_up) and today < window.first:
        _tell_leaders(sweep, "R10.preaviso", pace, window, heads_up, inputs | few, only_owing=False)
    if window.first <= today <= window.last:
        for day in _openings(sweep, window):
            _tell_leaders(sweep, "R10", pace, window, day, inputs, only_owing=False, began_on=day)
    for number, day in enumerate(window.nudges, start=1):
        if sweep.covers(day) and today <= window.last:
            _tell_leaders(sweep, "R11", pace, window, day, {**inputs, "number": number}, only_owing=True)
    if sweep.covers(window.missing_on) and (sweep.since or today <= window.missing_on + _MISSING_LOOK_BACK):
        _tell_leaders(sweep, "R11.faltantes", pace, window, window.missing_on, inputs, only_owing=True)


def _openings(sweep: Sweep, window: Window) -> list[date]:
    """The days on which the window opened for somebody: its first, and those on which an initiative began inside it."""
    began = select(Initiative.alerts_from).where(
        Initiative.alerts_from > window.first, Initiative.alerts_from <= min(sweep.today, window.last)
    )
    days = [window.first, *(day for day in sweep.session.scalars(began.distinct()) if day)]
    return [day for day in days if sweep.covers(day)]


def _tell_leaders(
    sweep: Sweep,
    rule: str,
    pace: Pace,
    window: Window,
    recorded_on: date,
    inputs: Mapping[str, Any],
    *,
    only_owing: bool,
    began_on: date | None = None,
) -> None:
    """One notice per running initiative with open actions (that still owe a follow-up).

    It began by that day; with `began_on` after the window's first day, on that very day.
    """
    owing = and_(Action.initiative_id == Initiative.id, Action.state == ActionState.OPEN)
    if only_owing:
        month = str(window.month)
        owing = and_(
            owing,
            ~exists().where(FollowUp.action_id == Action.id, FollowUp.month == month, FollowUp.superseded_at.is_(None)),
        )
    query = select(Initiative.id).where(
        pace.which,
        Initiative.state == InitiativeState.RUNNING,
        Initiative.alerts_from <= min(recorded_on, window.last),
        exists().where(owing),
    )
    if began_on and began_on > window.first:
        query = query.where(Initiative.alerts_from == began_on)
    number = inputs.get("number")
    period = f"{window.month}#{number}" if number else str(window.month)
    per_initiative(sweep, rule, query, str(window.month), period, window.last, recorded_on, inputs)


def requests(sweep: Sweep, window: Window) -> None:
    """R14: one request per external entity with open actions and cycle; a reminder to those who have not answered."""
    if not window.request_on <= sweep.today <= window.deadline:
        return
    asked = exists().where(
        Action.entity_id == Entity.id,
        Action.state == ActionState.OPEN,
        running(),
        Initiative.alerts_from <= window.request_on,
    )
    entities = select(Entity).where(Entity.internal.is_(False), asked).order_by(Entity.id)
    _per_entity(sweep, "R14", entities, window, window.request_on)
    if sweep.today >= window.reminder_on:
        silent = entities.where(
            ~answered(Entity.id, window.month), ~holds.moved(Entity.id, window.reminder_on), ~unread_mail()
        )
        _per_entity(sweep, REMINDER, silent, window, window.reminder_on)


def moved_reminders(sweep: Sweep, window: Window) -> None:
    """R14: the reiteration that waited for a promised date or a return: the hábil day after, with as many days more.

    Until the next cycle's request goes, which asks for all of it.
    """
    calendar, limits, month = sweep.method.calendar, sweep.method.thresholds, str(window.month)
    if not window.reminder_on < sweep.today < sweep.method.window(window.month.plus(1)).request_on:
        return
    asked = exists().where(Outreach.entity_id == Entity.id, Outreach.month == month, Outreach.kind == REQUEST)
    told = exists().where(Notice.rule == REMINDER, Notice.entity_id == Entity.id, Notice.period == month)
    entities = select(Entity).where(
        Entity.internal.is_(False), asked, ~told, holds.moved(Entity.id, window.reminder_on),
        ~answered(Entity.id, window.month), ~unread_mail(),
    )  # fmt: skip
    for entity in sweep.session.scalars(entities.order_by(Entity.id)).all():
        wait = holds.reason_of(sweep.session, entity.id)
        if wait is None or (on := calendar.add(wait[0], 1)) > sweep.today:
            continue
        inputs = {
            "period": month,
            "reminder_habiles_before": limits.reminder_habiles_before,
            "waited_until": wait[0].isoformat(),
            "waited_for": wait[1],
        }
        due = calendar.add(max(on, sweep.slot), limits.reminder_habiles_before)
        plan(
            sweep.session, REMINDER, subject=entity.name, period=month, recorded_on=on, due=due, entity_id=entity.id,
            inputs=inputs,
        )  # fmt: skip


def contact_checks(sweep: Sweep) -> None:
    """R14: on the first hábil day of each period, one word to every external entity with open actions."""
    every = sweep.method.thresholds.contact_check_months
    month = Month.of(sweep.today)
    begins = month.plus(-((month.number - 1) % every)).first
    on = sweep.method.calendar.on_or_after(begins)
    if not sweep.covers(on) or (sweep.since is None and sweep.today > on + _MISSING_LOOK_BACK):
        return
    has_open = exists().where(
        Action.entity_id == Entity.id, Action.state == ActionState.OPEN, running(), Initiative.alerts_from <= on
    )
    entities = select(Entity).where(Entity.internal.is_(False), has_open).order_by(Entity.id)
    period = str(Month.of(begins))
    columns = constant(CHECK, {"period": period}) | on_day(sweep, on, on) | {
        "key": literal(f"{CHECK}||") + Entity.name + literal(f"|{period}|{RULES[CHECK].post}"),
        "subject": Entity.name,
        "entity_id": Entity.id,
        "period": literal(period),
    }  # fmt: skip
    columns["due"] = literal(None, Date)  # nothing is owed by any day
    labelled = [value.label(name) for name, value in columns.items()]
    insert_rows(sweep.session, NOTICE, entities.with_only_columns(*labelled), "key")


def _per_entity(sweep: Sweep, rule: str, source: Select[Any], window: Window, recorded_on: date) -> None:
    month = str(window.month)
    limits = sweep.method.thresholds
    inputs = {
        "period": month,
        "request_habiles_before": limits.request_habiles_before,
        "reminder_habiles_before": limits.reminder_habiles_before,
    }
    columns = constant(rule, inputs) | on_day(sweep, window.deadline, recorded_on) | {
        "key": literal(f"{rule}||") + Entity.name + literal(f"|{month}|{RULES[rule].post}"),
        "subject": Entity.name,
        "entity_id": Entity.id,
        "period": literal(month),
    }  # fmt: skip
    labelled = [value.label(name) for name, value in columns.items()]
    insert_rows(sweep.session, NOTICE, source.with_only_columns(*labelled), "key")


def answered(entity_id: Any, month: Month) -> ColumnElement[bool]:  # noqa: ANN401 - a value or a mapped column
    answer = exists().where(
        Outreach.entity_id == entity_id, Outreach.month == str(month), Outreach.answered_on.is_not(None)
    )
    silent = exists().where(Silence.initiative_id == Initiative.id, silent_in(entity_id))
    return or_(and_(answer, ~silent), unread_answer(entity_id))


def has_answered(session: Session, entity_id: int, month: Month) -> bool:
    """Whether the entity answered that cycle, in every initiative in which it was asked."""
    return bool(session.scalar(select(answered(entity_id, month))))
