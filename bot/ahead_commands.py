"""The commands that look around and ahead: who owes, what is about to be due, what would be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from bot.answers import Answer, LongWork, Turn, said
from bot.drawing.context import Desk
from bot.drawing.month import missing_of
from bot.drawing.paging import paged
from cards import due_soon as due_card
from cards import looking_ahead as ahead_card
from cards import who_owes as owes_card
from cards.missing_list import MissingOf
from cards.parts import Element
from dialogs.command_table import BY_NAME
from methodology import followups, naming, owing
from methodology.ahead import Ahead, copy_of, look_ahead
from methodology.refusals import NotNow
from methodology.rules.months import Month
from methodology.rules.page import POSTS
from methodology.rules.spanish import long_date, month_name
from methodology.rules.states import InitiativeState, Post
from methodology.rules.titles import told_as
from methodology.rules.window import Window
from methodology.standing import running
from storage.ledger import CardAction
from storage.matrix import Initiative

Args = Mapping[str, str | date]
EVERYBODY = "Todas las iniciativas"
WITHIN = "{names} · en los próximos {days} días"
LONGEST = 92
"""Days that are simulated at most: a question on a phone, not a study."""


def who_owes(turn: Turn, args: Args) -> Answer:
    """Leaders with the codes they owe, absent ones said so, and the entities that have not answered.

    Nobody owes a month whose window has not opened (R10): those initiatives are named apart.
    """
    desk, chosen = turn.desk, _chosen(turn, args)
    begun = [one for one in chosen if one.state == InitiativeState.RUNNING]
    windows = {one.id: _window(desk, one) for one in begun}
    opened = [one for one in begun if windows[one.id].first <= desk.today]
    rows = tuple(_missing_of(desk, one, windows[one.id].month) for one in opened)
    silent = owing.silent_entities(desk.session, [one.id for one in begun], desk.today)
    data = owes_card.WhoOwes(
        _names(chosen),
        tuple(row for row in rows if row.codes),
        tuple(owes_card.SilentOf(s.entity.short, s.month, s.codes, s.approaches, s.last_on, s.waits) for s in silent),
        tuple(owes_card.NotYet(one.name, windows[one.id].first) for one in begun if one not in opened),
    )
    return Answer(card=owes_card.who_owes(data), summary=owes_card.summary(data))


def _missing_of(desk: Desk, initiative: Initiative, month: Month) -> MissingOf:
    found = missing_of(desk, initiative, month)
    return replace(found, initiative=f"{initiative.name} · {month_name(month.year, month.number)}")


def _window(desk: Desk, initiative: Initiative) -> Window:
    method = desk.studio.method
    month = followups.month_at_hand(desk.session, initiative, desk.today, method)
    return method.window(month, method.of(initiative))


def due_soon(turn: Turn, args: Args, first: int = 0) -> Answer:
    """R19, looked at from today: what falls due within `por_vencer.dias`, the soonest first."""
    desk, chosen = turn.desk, _chosen(turn, args)
    method = desk.studio.method
    rows = owing.due_soon(desk.session, chosen, desk.today, method)
    days = max((method.of(one).due_soon_days for one in chosen), default=method.thresholds.due_soon_days)
    slug = str(args.get("initiative") or "")
    shown, page = paged(desk, "due.page", rows, first, due_card.PAGE, BY_NAME["por-vencer"].posts, initiative=slug)
    actions = tuple(
        due_card.DueAction(row.code, row.text, row.entity.short, row.due, (row.due - desk.today).days, row.percent)
        for row in shown
        if row.due
    )
    data = due_card.DueSoon(WITHIN.format(names=_names(chosen), days=days), actions, page)
    return Answer(card=due_card.due_soon(data), summary=due_card.summary(data))


def _chosen(turn: Turn, args: Args) -> list[Initiative]:
    """The one named; else a leader's own, or all of them for everybody else."""
    session = turn.desk.session
    if slug := args.get("initiative"):
        return [naming.initiative(session, str(slug))]
    led = turn.actor.initiatives(Post.LEADER)
    beyond = turn.actor.holds((Post.PLANNING, Post.MANAGEMENT, Post.VICE_MINISTER, Post.MINISTER))
    return [one for one in running(session) if beyond or one.id in led]


def _names(chosen: Sequence[Initiative]) -> str:
    return " · ".join(one.name for one in chosen) or "Ninguna iniciativa en curso"


# --- /simular ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Question:
    """What is asked: until when, of which initiative (slug; empty: all), and which page."""

    until: date
    slug: str = ""
    first: int = 0

    @property
    def args(self) -> dict[str, str | int]:
        return {"until": self.until.isoformat(), "initiative": self.slug, "first": self.first}


def simulate(turn: Turn, args: Args) -> Answer:
    """`/simular [INICIATIVA] FECHA`: the days are lived in a copy in memory, beside the turn."""
    until = args["date"]
    if not isinstance(until, date) or until < turn.desk.today:
        raise NotNow("Indique una fecha que no haya pasado: /simular 31/12/2026.")
    slug = str(args.get("initiative") or "")
    return _look(turn, _Question(until, naming.initiative(turn.desk.session, slug).slug if slug else ""))


def turn_page(turn: Turn, button: CardAction) -> Answer:
    """Another page: looked at anew, because what is so today may have changed."""
    until = max(date.fromisoformat(button.args["until"]), turn.desk.today)
    return _look(turn, _Question(until, button.args["initiative"], button.args["first"]))


def _look(turn: Turn, question: _Question) -> Answer:
    desk = turn.desk
    copy, method, now = copy_of(desk.session), desk.studio.method, desk.now
    last = min(question.until, desk.today + timedelta(days=LONGEST))
    work = LongWork(
        desk.scope,
        lambda: look_ahead(copy, method, now, last, question.slug),
        lambda fresh, found: _drawn(fresh, question, last, found),
    )
    waiting = said(ahead_card.WORKING.format(last=long_date(last)))
    return Answer(card=waiting.card, summary=waiting.summary, work=work)


def _drawn(desk: Desk, question: _Question, last: date, found: Sequence[Ahead]) -> tuple[Element, str]:
    lines = tuple(_lines(found))
    first = question.first if question.first < len(lines) else 0

    def page(number: int) -> str:
        there = _Question(question.until, question.slug, number)
        return desk.button("ahead.page", there.args, posts=(Post.PLANNING,)) if 0 <= number < len(lines) else ""

    data = ahead_card.LookingAhead(
        subtitle=naming.initiative(desk.session, question.slug).name if question.slug else EVERYBODY,
        last=last,
        lines=lines,
        first=first,
        capped=LONGEST if last < question.until else 0,
        following=page(first + ahead_card.PAGE),
        previous=page(first - ahead_card.PAGE),
    )
    return ahead_card.looking_ahead(data), ahead_card.summary(data)


def _lines(found: Iterable[Ahead]) -> Iterable[ahead_card.AheadLine]:
    """One line for what one rule tells one post on one day."""
    ordered = sorted(found, key=lambda one: (one.on, one.rule, one.post))
    for (on, rule, post), group in groupby(ordered, key=lambda one: (one.on, one.rule, one.post)):
        subjects = tuple(dict.fromkeys(one.subject for one in group))
        yield ahead_card.AheadLine(on, told_as(rule), POSTS[Post(post)], subjects)


AHEAD = {"quien-falta": who_owes, "por-vencer": due_soon, "simular": simulate}
