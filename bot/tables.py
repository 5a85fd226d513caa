"""Several actions on one card: what was written in its rows goes the same way as the answers one by one (R12)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot import reported, rounds
from bot.answers import Answer, Turn, said
from bot.drawing.context import Desk
from bot.drawing.month import LEADERS, table_button
from bot.in_hand import Round, state_of, take_in_hand
from cards.parts import clip
from cards.table import (
    NOT_SAVED,
    PAGE,
    WORDS_MAX,
    Table,
    TableRow,
    confirm_of,
    fitted,
    percent_of,
    summary,
    table,
    text_of,
)
from dialogs import followup as dialog
from dialogs.inputs import follow_up_of
from dialogs.state import Draft
from methodology import followups
from methodology.actions import find
from methodology.clock import local
from methodology.form_page import parted
from methodology.rules.figures import semaforo
from methodology.rules.followup import as_reported
from methodology.rules.months import Month
from storage.ledger import CardAction, Proposal
from storage.matrix import Action, Initiative

WRITTEN = ("percent", "text")
CONFIRMED = "confirmed"
SAVE = "table.save"
_REPORT_SHOWN = 400
_OF_NUMBER = re.compile(r"\d\s*%|por ciento", re.IGNORECASE)


@dataclass(frozen=True)
class Saved:
    """What a save did: the codes it registered, those that somebody else had, and how many rows it left alone."""

    recorded: tuple[str, ...]
    overtaken: tuple[str, ...]
    left: int


def show(turn: Turn, args: Mapping[str, Any]) -> Answer:
    """A page of what is missing."""
    initiative, month = turn.desk.session.get_one(Initiative, args["initiative"]), Month.parse(args["month"])
    turn.actor.require(LEADERS, initiative.id)
    if closed := rounds.if_closed(turn, initiative, month):
        return closed
    month_round = Round(initiative, month, late=False)
    return _page(turn, month_round, args.get("first", 0), kept=_keep(turn, month_round))


def leave(turn: Turn, args: Mapping[str, Any]) -> Answer:
    """«Una por una», or «Abrir» of a row: what was written in the page and not saved stands on the actions' cards."""
    initiative, month = turn.desk.session.get_one(Initiative, args["initiative"]), Month.parse(args["month"])
    if closed := rounds.if_closed(turn, initiative, month):
        return closed
    month_round = Round(initiative, month, late=False)
    _keep(turn, month_round)
    return rounds.item(turn, "open", args) if args.get("code") else rounds.begin(turn, month_round)


def _keep(turn: Turn, month_round: Round) -> tuple[str, ...]:
    """The codes of the rows of the page that is left, in which something was written: it is kept, not registered."""
    page = select(CardAction).where(CardAction.scope == turn.desk.scope, CardAction.verb == SAVE)
    left = turn.desk.session.scalar(page)
    if left is None:  # another card was left
        return ()
    changed = [
        code for code in left.args["codes"] if _is_written(turn, code, left.args.get("offered", {}).get(code, {}))
    ]
    written = [code for code in changed if any(_line(_values(turn, code)[name]) for name in WRITTEN)]
    for code in written:
        rounds.step(turn, month_round, dialog.Leave(code, _values(turn, code), NOT_SAVED))
    if written:
        rounds.step(turn, month_round, rounds.start_of(turn, month_round))
    return tuple(written)


def save(turn: Turn, args: Mapping[str, Any]) -> Answer:
    """Every row that was changed or marked is registered or refused by itself (R11); the page is drawn anew."""
    initiative, month = turn.desk.session.get_one(Initiative, args["initiative"]), Month.parse(args["month"])
    if closed := rounds.if_closed(turn, initiative, month):
        return closed
    month_round = Round(initiative, month, late=False)
    rounds.step(turn, month_round, rounds.start_of(turn, month_round))
    written = [code for code in args["codes"] if _is_written(turn, code, args.get("offered", {}).get(code, {}))]
    overtaken = [code for code in written if rounds.overtaken(turn, month_round, code, args["seen"].get(code, 0))]
    recorded: list[str] = []
    for code in written:
        if code not in overtaken:
            event = _corrected(turn, month_round, code, args) or _answer(turn, code)
            state, _shown = rounds.step(turn, month_round, event)
            recorded += [] if code in state.drafts else [code]
    saved = Saved(tuple(recorded), tuple(overtaken), len(args["codes"]) - len(written))
    is_done = len(recorded) + len(overtaken) == len(written)
    first = 0 if recorded and is_done else args["first"]
    return rounds.recorded(turn, [_page(turn, month_round, first, saved)])[-1]


def _is_written(turn: Turn, code: str, offered: Mapping[str, str]) -> bool:
    """Whether the leader marked the row, or wrote in it what the card did not offer: nothing is recorded unseen."""
    values = _values(turn, code)
    changed = (values[name] for name in WRITTEN if _line(values[name]) != _line(offered.get(name, "")))
    return values[CONFIRMED] == "true" or any(map(_line, changed))


def _line(value: str) -> str:
    """A client may send line breaks of its own."""
    return " ".join(value.split())


def _corrected(turn: Turn, month_round: Round, code: str, args: Mapping[str, Any]) -> dialog.Event | None:
    """R11: a row whose entity reported anew since the page was drawn is looked at again."""
    chosen = find(turn.desk.session, code)
    row = reported.corrected(turn.desk, chosen, month_round.month, args.get("reported", {}).get(code))
    if row is None:
        return None
    told = reported.CORRECTED_ROW.format(entity=chosen.entity.short, text=clip(row.text, _REPORT_SHOWN))
    return dialog.Refused(code, {"text": told}, _values(turn, code))


def _values(turn: Turn, code: str) -> dict[str, str]:
    inputs = {"percent": percent_of(code), "text": text_of(code), CONFIRMED: confirm_of(code)}
    return {name: str(turn.values.get(key, "")) for name, key in inputs.items()}


def _answer(turn: Turn, code: str) -> dialog.Event:
    values = _values(turn, code)
    answer, problems = follow_up_of(values, turn.desk.today)
    return dialog.Refused(code, problems, values) if problems else dialog.Save(code, answer, values)


def _page(
    turn: Turn, month_round: Round, first: int, saved: Saved | None = None, *, kept: Sequence[str] = ()
) -> Answer:
    """A page of what is missing now; the receipt when nothing is."""
    take_in_hand(turn, month_round)
    session, initiative, month = turn.desk.session, month_round.initiative, month_round.month
    owed = {action.code: action for action in followups.owed(session, initiative.id, month)}
    if not owed:
        return rounds.begin(turn, month_round) if saved and saved.recorded else said(dialog.NO_ACTIONS)
    codes = rounds.in_order(session, owed)
    first = first if first < len(codes) else 0
    shown = codes[first : first + PAGE]
    desk = turn.desk.anew("tabla")
    drafts = state_of(turn, month_round).drafts
    done = len(followups.of_month(session, initiative, month))
    rows = fitted([_row(desk, month_round, owed[code], drafts.get(code)) for code in shown])
    shown = shown[: len(rows)]
    seen = {code: rounds.seen(turn, month_round, owed[code]) for code in shown}
    args = {"initiative": initiative.id, "month": str(month), "first": first, "codes": list(shown), "seen": seen}
    args["reported"] = {code: reported.waiting(desk, owed[code], month) for code in shown}
    args["offered"] = {code: _offered(desk, month_round, owed[code]) for code in shown}
    data = Table(
        initiative=initiative.name,
        month=month,
        rows=rows,
        done=done,
        total=done + len(owed),
        save=desk.button(SAVE, args, posts=LEADERS, initiative_id=initiative.id),
        one=_leave_button(desk, month_round),
        following=_turn_to(desk, month_round, first + len(rows), codes),
        previous=_turn_to(desk, month_round, max(first - PAGE, 0), codes) if first else "",
        tried=saved is not None,
        recorded=saved.recorded if saved else (),
        left=saved.left if saved else 0,
        overtaken=f"{', '.join(saved.overtaken)}." if saved and saved.overtaken else "",
        kept=tuple(code for code in kept if code not in shown),
    )
    return Answer(card=table(data), summary=summary(data), scope=desk.scope)


def _turn_to(desk: Desk, month_round: Round, first: int, codes: Sequence[str]) -> str:
    inside = 0 <= first < len(codes)
    return table_button(desk, month_round.initiative, month_round.month, first) if inside else ""


def _leave_button(desk: Desk, month_round: Round, code: str = "") -> str:
    initiative = month_round.initiative
    args = {"initiative": initiative.id, "month": str(month_round.month), "code": code}
    return desk.button("table.leave", args, posts=LEADERS, initiative_id=initiative.id)


def _row(desk: Desk, month_round: Round, action: Action, draft: Draft | None) -> TableRow:
    values = draft.values if draft else {}
    offered = _offered(desk, month_round, action)
    return TableRow(
        code=action.code,
        text=action.text,
        entity=action.entity.short,
        due=action.due,
        light=semaforo(action.state, action.due, desk.today, limits=desk.studio.method.of(month_round.initiative)),
        last=action.percent,
        percent=values.get("percent") or offered["percent"],
        words=values.get("text") or offered["text"],
        proposed=followups.proposal_for(desk.session, action.id, month_round.month) is not None,
        confirmed=values.get(CONFIRMED) == "true",
        problems=draft.problems if draft else {},
        warning=draft.warning if draft else "",
        open=_leave_button(desk, month_round, action.code),
    )


def _offered(desk: Desk, month_round: Round, action: Action) -> dict[str, str]:
    """What stands in a row's inputs that nobody has written in."""
    proposal = followups.proposal_for(desk.session, action.id, month_round.month)
    return {"percent": _known(action, proposal), "text": _reported(desk, action, proposal)[:WORDS_MAX]}


def _reported(desk: Desk, action: Action, proposal: Proposal | None) -> str:
    if proposal is None:
        return ""
    return as_reported(parted(proposal.text)[0], local(proposal.at).date(), desk.studio.method.of(action.initiative))


def _known(action: Action, proposal: Proposal | None) -> str:
    """The number that stands in the row: what the entity reported, else the last one.

    None where the entity wrote of a number that was not understood: the leader says which.
    """
    if proposal and proposal.percent is None and _OF_NUMBER.search(proposal.text):
        return ""
    value = proposal.percent if proposal and proposal.percent is not None else action.percent
    return "" if value is None else f"{value:g}".replace(".", ",")
