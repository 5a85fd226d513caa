"""Cards of the month's round: opening, heads-up, nudge, what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from bot.drawing.context import Desk
from bot.drawing.forms import operation_button
from cards import heads_up, missing_list, nudge, opening
from cards.parts import Element, Reader
from cards.pending import Undecided
from methodology import answers
from methodology.followups import owed
from methodology.operations import find
from methodology.people import absence_of, holdings, substitute_for
from methodology.rounds import DELEGATED
from methodology.rules.months import Month
from methodology.rules.spanish import short_date
from methodology.rules.states import Post
from methodology.rules.window import Window
from methodology.telling import month_of
from storage.ledger import Notice, Outreach
from storage.matrix import Action, Initiative, Person

ROUND = "round.start"
TOMORROW = "round.tomorrow"
TABLE = "round.table"
LEADERS = (Post.LEADER, Post.PLANNING)


def _initiative(desk: Desk, notice: Notice) -> Initiative:
    return desk.session.get_one(Initiative, notice.initiative_id)


def begin_button(desk: Desk, initiative: Initiative, month: Month) -> str:
    args = {"initiative": initiative.id, "month": str(month)}
    return desk.button(ROUND, args, posts=LEADERS, initiative_id=initiative.id)


def table_button(desk: Desk, initiative: Initiative, month: Month, first: int = 0) -> str:
    """Several actions of the month on one card."""
    args = {"initiative": initiative.id, "month": str(month), "first": first}
    return desk.button(TABLE, args, posts=LEADERS, initiative_id=initiative.id)


def is_closed(desk: Desk, initiative: Initiative, month: Month) -> bool:
    """Whether the window of the month has passed (R10)."""
    return desk.today > desk.studio.method.window(month, desk.studio.method.of(initiative)).last


def open_button(desk: Desk, initiative: Initiative, month: Month, code: str) -> str:
    """The card of one action, out of its turn: also of a month whose window has closed."""
    late = is_closed(desk, initiative, month)
    args = {"initiative": initiative.id, "month": str(month), "code": code, "late": late}
    return desk.button("item.open", args, posts=LEADERS, initiative_id=initiative.id)


def undecided_of(desk: Desk, initiative: Initiative, code: str = "", *, decides: bool = True) -> tuple[Undecided, ...]:
    """R11: what an entity reported after the leader did, of one action or of all.

    Whoever `decides` gets the button that opens the action's card.
    """
    found = []
    for row in answers.undecided(desk.session, initiative.id):
        month, action = Month.parse(row.month), row.action
        if code in ("", action.code):
            token = open_button(desk, initiative, month, action.code) if decides else ""
            on = answers.told_on(desk.session, row)
            found.append(Undecided(action.code, action.entity.short, row.percent, on, month, token))
    return tuple(found)


def opening_card(desk: Desk, reader: Reader, notice: Notice) -> tuple[Element, str]:
    """R10, R11: one prompt per leader and initiative with all open actions; told who delegated it, if somebody did."""
    by = notice.inputs["by"] if notice.rule == DELEGATED else ""
    return round_card(desk, reader, _initiative(desk, notice), month_of(notice), delegated_by=by)


def round_card(
    desk: Desk, reader: Reader, initiative: Initiative, month: Month, *, delegated_by: str = "", done: str = ""
) -> tuple[Element, str]:
    """The month as it stands before it is begun; `done` is what was just arranged about it."""
    window = desk.studio.method.window(month, desk.studio.method.of(initiative))
    pending = owed(desk.session, initiative.id, month)
    entities = {action.entity_id for action in pending if not action.entity.internal}
    answered = desk.session.scalar(
        select(func.count(func.distinct(Outreach.entity_id))).where(
            Outreach.month == str(month), Outreach.answered_on.is_not(None), Outreach.entity_id.in_(entities)
        )
    )
    data = opening.Opening(
        reader=reader,
        initiative=initiative.name,
        month=month,
        actions=len(pending),
        entities=len(entities),
        answered=answered or 0,
        deadline=window.last,
        minutes=opening.estimated_minutes(len(pending)),
        begin=begin_button(desk, initiative, month),
        table=table_button(desk, initiative, month) if len(pending) > 1 else "",
        matrix_url=desk.studio.matrix_url(initiative),
        tomorrow=_tomorrow_button(desk, initiative, month, window),
        delegate="" if delegated_by else _delegate_button(desk, initiative),
        delegated_by=delegated_by,
        done=done,
    )
    return opening.opening(data), opening.summary(data)


def _tomorrow_button(desk: Desk, initiative: Initiative, month: Month, window: Window) -> str:
    """While another hábil day is left in the window."""
    following = desk.studio.method.calendar.on_or_after(desk.today + timedelta(days=1))
    if following > window.last:
        return ""
    args = {"initiative": initiative.id, "month": str(month)}
    return desk.button(TOMORROW, args, posts=(Post.LEADER,), initiative_id=initiative.id)


def _delegate_button(desk: Desk, initiative: Initiative) -> str:
    return operation_button(desk, find("ronda.delegar"), {"iniciativa": initiative.slug}, initiative.id, {})


def heads_up_card(desk: Desk, reader: Reader, notice: Notice) -> tuple[Element, str]:
    initiative, month = _initiative(desk, notice), month_of(notice)
    window = desk.studio.method.window(month, desk.studio.method.of(initiative))
    data = heads_up.HeadsUp(
        reader=reader,
        initiative=initiative.name,
        month=month,
        first=window.first,
        last=window.last,
        habiles=len(window.habiles),
        actions=len(owed(desk.session, initiative.id, month)),
        begin=begin_button(desk, initiative, month),
    )
    return heads_up.heads_up(data), heads_up.summary(data)


def nudge_card(desk: Desk, reader: Reader, notice: Notice) -> tuple[Element, str]:
    """R11: only to those who still owe something, naming only what is missing."""
    initiative, month = _initiative(desk, notice), month_of(notice)
    left = owed(desk.session, initiative.id, month)
    data = nudge.Nudge(
        reader=reader,
        initiative=initiative.name,
        month=month,
        missing=tuple(nudge.MissingAction(action.code, action.text) for action in left),
        deadline=notice.due or desk.today,
        resume=begin_button(desk, initiative, month),
        delegated=delegated_to(desk, initiative, month),
        undecided=undecided_of(desk, initiative),
    )
    return nudge.nudge(data), nudge.summary(data)


def missing_card(desk: Desk, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R11: on the first hábil day after the window, planning and management get the list."""
    month = month_of(notices[0])
    rows = tuple(missing_of(desk, _initiative(desk, notice), month) for notice in notices)
    data = missing_list.MissingList(month, rows)
    return missing_list.missing_list(data), missing_list.summary(data)


def missing_of(desk: Desk, initiative: Initiative, month: Month) -> missing_list.MissingOf:
    """What one initiative owes for a month, and who its leader is; an absent one with the substitute."""
    left: list[Action] = owed(desk.session, initiative.id, month)
    held = holdings(desk.session, Post.LEADER, initiative.id, desk.today)
    leader = held[0].person.name if held else "Sin líder técnico"
    codes = tuple(action.code for action in left)
    delegated = delegated_to(desk, initiative, month)
    if not held or absence_of(desk.session, held[0].person_id, desk.today) is None:
        return missing_list.MissingOf(initiative.name, leader, codes, delegated=delegated)
    answering = substitute_for(desk.session, held[0], desk.today)
    away = answering.name if answering else ""
    return missing_list.MissingOf(initiative.name, leader, codes, away=away, absent=True, delegated=delegated)


def delegated_to(desk: Desk, initiative: Initiative, month: Month) -> str:
    """To whom the leader delegated a month's follow-up, and until when; empty when nobody did."""
    query = select(Notice.inputs).where(
        Notice.rule == DELEGATED, Notice.initiative_id == initiative.id, Notice.subject == str(month)
    )
    to = [inputs for inputs in desk.session.scalars(query.order_by(Notice.id)) if "until" in inputs]
    held = holdings(desk.session, Post.LEADER, initiative.id, desk.today)
    leader = held[0].person_id if held else None  # who has the post by now delegates nothing to oneself
    names = {one["reader"]: _until(desk, one) for one in to if one["reader"] != leader}
    return " y ".join(names.values())


def _until(desk: Desk, told: Mapping[str, Any]) -> str:
    person, until = desk.session.get_one(Person, told["reader"]), date.fromisoformat(told["until"])
    return f"{person.name} hasta el {short_date(until)}"
