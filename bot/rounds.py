"""Road 2: a leader's month. Runs the pure dialog in one transaction with the operations it asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import reported
from bot.answers import Answer, Turn, said
from bot.drawing.month import LEADERS, begin_button, is_closed, open_button, round_card, table_button, undecided_of
from bot.drawing.subjects import doing_of
from bot.in_hand import Round, keep, loaded, open_rounds, state_of, take_in_hand
from cards.action import ActionItem, Last, action
from cards.message import CLOSED, CURRENT
from cards.parts import Reader
from cards.receipt import BLOCKER, EVIDENCE, HELP, MET_ON, REASON, Receipt, Recorded, receipt
from dialogs import followup as dialog
from dialogs.inputs import as_typed, follow_up_of, typed
from dialogs.state import State
from methodology import buttons, followups
from methodology.actions import find
from methodology.operations import find as find_operation
from methodology.operations import perform
from methodology.people import led_initiatives
from methodology.refusals import Incomplete, Refusal
from methodology.rules.figures import semaforo
from methodology.rules.followup import COMPLETE, FollowUpInput, is_behind
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, month_name, parse_percent, percent, plain
from methodology.rules.states import TIMELINESS_LABELS, Post, Timeliness
from storage.matrix import Achievement, Action, FollowUp, Initiative

OVERTAKEN = (
    "{who} ya registró {what}. Lo que usted escribió se conserva: guarde de nuevo únicamente si corresponde corregirlo."
)
ASKING = "item.save"
NOTHING_OPEN = "No tiene un seguimiento en curso. Con /ronda se inicia o se retoma."
PAUSED = "{initiative}: seguimiento en pausa. " + dialog.STOPPED
MEANWHILE = "{who} registró {codes}"


def start(turn: Turn, args: Mapping[str, Any]) -> Answer:
    """«Comenzar» on the opening card; an old card says that its period is closed."""
    initiative = turn.desk.session.get_one(Initiative, args["initiative"])
    month = Month.parse(args["month"])
    if is_closed(turn.desk, initiative, month):
        return _period_closed(turn, initiative)
    return begin(turn, Round(initiative, month, late=False))


def if_closed(turn: Turn, initiative: Initiative, month: Month) -> Answer | None:
    """What an old card answers; None while its window is open."""
    return _period_closed(turn, initiative) if is_closed(turn.desk, initiative, month) else None


def _period_closed(turn: Turn, initiative: Initiative) -> Answer:
    """An old card: it says so, and leads to the window that is open now."""
    desk = turn.desk.anew("ronda")
    month = Month.of(desk.today)
    window = desk.studio.method.window(month, desk.studio.method.of(initiative))
    if not window.first <= desk.today <= window.last or not followups.owes(desk.session, initiative.id, month):
        return said(CLOSED)
    token = begin_button(desk, initiative, month)
    return replace(said(CLOSED, next_title=CURRENT, next_token=token), scope=desk.scope)


def tomorrow(turn: Turn, args: Mapping[str, Any]) -> Answer:
    """«Recordarme mañana»: the card stays, and says when it will be remembered."""
    desk, initiative = turn.desk, turn.desk.session.get_one(Initiative, args["initiative"])
    told = perform(doing_of(desk, turn.actor), find_operation("ronda.recordar"), {"iniciativa": initiative.slug})
    reader = Reader(turn.actor.name, turn.actor.gender)
    card, summary = round_card(desk, reader, initiative, Month.parse(args["month"]), done=told.sentence)
    return Answer(card=card, summary=summary, scope=desk.scope)


def begin(turn: Turn, month_round: Round) -> Answer:
    """Begin or resume: the ledger's word on what is reported wins over the conversation's."""
    turn.actor.require(LEADERS, month_round.initiative.id)
    return _one(run(turn, month_round, start_of(turn, month_round)))


def start_of(turn: Turn, month_round: Round) -> dialog.Start:
    """All the month's actions, and what the ledger already holds of them."""
    session, initiative, month = turn.desk.session, month_round.initiative, month_round.month
    done = {
        row.action.code: _told(row.percent, row.timeliness) for row in followups.of_month(session, initiative, month)
    }
    codes = {*done, *(action.code for action in followups.owed(session, initiative.id, month))}
    return dialog.Start(codes=in_order(session, codes), done=done)


def in_order(session: Session, codes: Collection[str]) -> tuple[str, ...]:
    """By code, entity by entity: what one reply answers is asked together."""
    rows = session.scalars(select(Action).where(Action.code.in_(codes)).order_by(Action.code)).all()
    by_entity: dict[int, list[str]] = {}
    for row in rows:
        by_entity.setdefault(row.entity_id, []).append(row.code)
    return tuple(code for group in by_entity.values() for code in group)


def _told(value: float, timeliness: str) -> str:
    return f"{percent(value)}, {TIMELINESS_LABELS[Timeliness(timeliness)]}"


def resume(turn: Turn, initiative: Initiative | None) -> Answer:
    """`/ronda`: the leader's own initiative, for the month that R10 gives a report of today."""
    mine = [initiative] if initiative else led_initiatives(turn.desk.session, turn.actor)
    if not mine:
        return said("Indique la iniciativa: /ronda astilleros.")
    own = [one for one in mine if (str(Post.LEADER), one.id) in turn.actor.own] or mine
    owing = [one for one in own if followups.owed(turn.desk.session, one.id, _month_now(turn, one))]
    chosen = (owing or own)[0]
    month = _month_now(turn, chosen)
    return begin(turn, Round(chosen, month, late=is_closed(turn.desk, chosen, month)))


def stop(turn: Turn) -> Answer:
    """`/terminar`: what was recorded, and how to go on; wherever the leader is."""
    for month_round in open_rounds(turn):
        state = state_of(turn, month_round)
        if state.queue:
            closes = _still_asking(turn, month_round) if state.shown else ""
            answer = _one(run(turn, month_round, dialog.Stop()))
            told = answer if answer.scope else said(PAUSED.format(initiative=month_round.initiative.name))
            return replace(told, closes=closes)
    return said(NOTHING_OPEN)


def _still_asking(turn: Turn, month_round: Round) -> str:
    about, month = month_round.initiative.id, str(month_round.month)
    return buttons.last_message(turn.desk.session, ASKING, about, turn.place, month=month)


def item(turn: Turn, verb: str, args: Mapping[str, Any]) -> Answer:
    """A button of one action's card: save, same, skip, stop, or open it out of its turn."""
    chosen = find(turn.desk.session, args["code"])
    month_round = _round_of(turn, args)
    if not month_round.late and is_closed(turn.desk, month_round.initiative, month_round.month):
        return _period_closed(turn, month_round.initiative)
    if verb == "open" and chosen.code not in state_of(turn, month_round).queue:
        step(turn, month_round, start_of(turn, month_round))
    drawn = (args.get("seen"), args.get("reported"))
    if verb in ("save", "same") and followups.standing(turn.desk.session, chosen.id, month_round.month) != drawn:
        meanwhile = _first_registration(turn, month_round, args) or _corrected(turn, month_round, args)
        if meanwhile:
            return meanwhile
    return recorded(turn, [_one(run(turn, month_round, _event(turn, verb, chosen.code)))])[-1]


def _first_registration(turn: Turn, month_round: Round, args: Mapping[str, Any]) -> Answer | None:
    """The first registration closes (method.md, edge cases): one made since this card was drawn is shown, not undone.

    What was typed stays; saved again, it is a correction that whoever saves it has seen.
    """
    current = overtaken(turn, month_round, args["code"], args.get("seen", 0))
    if current is None:
        return None
    told = OVERTAKEN.format(who=current.author, what=_told(current.percent, current.timeliness))
    return _look(turn, month_round, dialog.ShowItem(args["code"], values=typed(turn.values), notice=told))


def _corrected(turn: Turn, month_round: Round, args: Mapping[str, Any]) -> Answer | None:
    """R11: a leader decides what they saw; what the entity reported since this card was drawn is shown first."""
    desk, chosen, shown = turn.desk, find(turn.desk.session, args["code"]), args.get("reported")
    if reported.corrected(desk, chosen, month_round.month, shown) is None:
        return None
    told = reported.CORRECTED.format(entity=chosen.entity.short)
    values = reported.without(desk, chosen, typed(turn.values), shown)
    return _look(turn, month_round, dialog.ShowItem(chosen.code, values=values, warning=told))


def _look(turn: Turn, month_round: Round, item: dialog.ShowItem) -> Answer:
    return _one(run(turn, month_round, dialog.Look(item)))


def overtaken(turn: Turn, month_round: Round, code: str, seen_before: int) -> FollowUp | None:
    """What was registered of an action since this card was drawn, by whoever it was."""
    session = turn.desk.session
    current = seen(turn, month_round, find(session, code))
    return None if current in (0, seen_before) else session.get_one(FollowUp, current)


def seen(turn: Turn, month_round: Round, action: Action) -> int:
    """The follow-up that a card drawn now shows; 0 when there is none."""
    return followups.effective_id(turn.desk.session, action.id, month_round.month)


def recorded(turn: Turn, answers: list[Answer]) -> list[Answer]:
    """The answers, the last of them with the follow-ups that this turn registered, where other chats must show them."""
    if not turn.registered:
        return answers
    if not buttons.stand_elsewhere(turn.desk.session, ASKING, set(turn.registered.values()), turn.place):
        return answers
    return [*answers[:-1], replace(answers[-1], recorded=tuple(turn.registered))]


def _round_of(turn: Turn, args: Mapping[str, Any]) -> Round:
    initiative = turn.desk.session.get_one(Initiative, args["initiative"])
    return Round(initiative, Month.parse(args["month"]), late=bool(args.get("late")))


def full_reply(turn: Turn, args: Mapping[str, Any]) -> Answer:
    """«Ver respuesta completa»: the card again, with what was typed and the whole answer of the entity."""
    return _look(turn, _round_of(turn, args), dialog.ShowItem(args["code"], values=typed(turn.values), with_reply=True))


def reject(turn: Turn, args: Mapping[str, Any]) -> Answer:
    """«No corresponde»: the entity's report is set aside; what else was typed stays."""
    month_round, chosen = _round_of(turn, args), find(turn.desk.session, args["code"])
    if meanwhile := _corrected(turn, month_round, args):
        return meanwhile
    waiting = reported.waiting(turn.desk, chosen, month_round.month)
    values = reported.without(turn.desk, chosen, typed(turn.values), waiting)
    told = followups.reject_proposal(turn.desk.session, chosen, month_round.month, actor=turn.actor)
    values.pop("percent", None)
    return _look(turn, month_round, dialog.ShowItem(chosen.code, values=values, notice=told))


def _event(turn: Turn, verb: str, code: str) -> dialog.Event:
    values = typed(turn.values)
    if verb == "skip":
        return dialog.Skip(code)
    if verb == "stop":
        return dialog.Stop()
    if verb == "open":
        return dialog.Open(code)
    if verb == "same":
        confirmed = values.get("confirmed_same") == "true"
        return dialog.Same(code, values.get("text", ""), confirmed_same=confirmed, values=values)
    answer, problems = follow_up_of(turn.values, turn.desk.today)
    return dialog.Refused(code, problems, values) if problems else dialog.Save(code, answer, values)


# --- the machine and its effects ------------------------------------------------------------------------------------


def run(turn: Turn, month_round: Round, event: dialog.Event) -> list[Answer]:
    """Step the machine until nothing is left to register, keep its state (compare and set), draw what it shows."""
    state, shown = step(turn, month_round, event)
    take_in_hand(turn, month_round)
    return shown_of(turn, month_round, state, shown)


def step(turn: Turn, month_round: Round, event: dialog.Event) -> tuple[State, list[dialog.Effect]]:
    """The machine's next state, kept, and what it wants shown; what it wanted registered was."""
    state, etag = loaded(turn, month_round)
    state, effects = dialog.step(state, event)
    results = [_register(turn, month_round, effect) for effect in effects if isinstance(effect, dialog.Register)]
    shown: list[dialog.Effect] = [effect for effect in effects if not isinstance(effect, dialog.Register)]
    if results:
        state, told = dialog.answered(state, results)
        shown += told
    keep(turn, month_round, state, etag)
    return state, shown


def _register(turn: Turn, month_round: Round, effect: dialog.Register) -> dialog.Registered | dialog.Refused:
    session, answer, values = turn.desk.session, effect.answer, dict(effect.values)
    try:
        chosen = find(session, effect.code)
        if effect.keep_percent:
            answer = replace(answer, percent=_last_percent(turn, chosen, month_round.month))
        if effect.keep_text and not answer.text:
            answer = _with_text_of(followups.told(session, chosen.id, month_round.month), answer)
        values |= as_typed(answer)
        made = followups.register(
            session,
            effect.code,
            answer,
            actor=turn.actor,
            now=turn.desk.now,
            method=turn.desk.studio.method,
            month=month_round.month,
        )
    except Incomplete as exc:
        return dialog.Refused(effect.code, exc.fields, values)
    except Refusal as exc:
        return dialog.Refused(effect.code, sentence=str(exc))
    turn.registered[made.id] = chosen.initiative_id
    return dialog.Registered(made.code, _told(made.percent, made.timeliness))


def _with_text_of(told: followups.Told, answer: FollowUpInput) -> FollowUpInput:
    """The month's text was accepted once: where it is the former one it is not confirmed anew."""
    if (current := told.current) is None:
        return answer
    is_same = told.former is not None and plain(told.former.text) == plain(current.text)
    return replace(answer, text=current.text, confirmed_same=is_same)


def _last_percent(turn: Turn, chosen: Action, month: Month) -> float | None:
    told = followups.told(turn.desk.session, chosen.id, month)
    last = told.current or told.newest
    return last.percent if last else chosen.percent


def shown_of(turn: Turn, month_round: Round, state: State, effects: Sequence[dialog.Effect]) -> list[Answer]:
    """The last card shows where the leader stands; receipts of lines typed together are one."""
    answers: list[Answer] = []
    codes: dict[str, None] = {}
    for effect in effects:
        if isinstance(effect, dialog.ShowReceipt):
            codes |= dict.fromkeys(effect.codes)
        elif isinstance(effect, dialog.ShowText):
            answers.append(said(effect.sentence))
    items = [effect for effect in effects if isinstance(effect, dialog.ShowItem)]
    if codes:
        answers.append(_receipt(turn, month_round, state, tuple(codes)))
    if items:
        answers.append(_item_card(turn, month_round, state, items[-1]))
    return answers


def _one(answers: list[Answer]) -> Answer:
    """A pressed card is replaced by one card: the last, which says where the leader stands."""
    cards = [answer for answer in answers if answer.scope] or answers
    return cards[-1]


def _item_card(turn: Turn, month_round: Round, state: State, effect: dialog.ShowItem) -> Answer:
    desk = turn.desk.anew("ronda")
    chosen = find(desk.session, effect.code)
    limits = desk.studio.method.of(month_round.initiative)
    told = followups.told(desk.session, chosen.id, month_round.month)
    row = followups.proposal_for(desk.session, chosen.id, month_round.month)
    args = {
        "initiative": month_round.initiative.id,
        "month": str(month_round.month),
        "code": chosen.code,
        "late": month_round.late,
        "seen": told.current.id if told.current else 0,
        "reported": row.id if row else 0,
    }
    offered = reported.given(desk, row) if row else {}
    verbs = ("save", "same", "skip", "stop", "full", "reject")[: 6 if row else 4]
    about = month_round.initiative.id
    tokens = desk.buttons([f"item.{verb}" for verb in verbs], args, posts=LEADERS, initiative_id=about)
    token = dict(zip(verbs, tokens, strict=True))

    card = action(
        ActionItem(
            code=chosen.code,
            text=chosen.text,
            entity=chosen.entity.short,
            due=chosen.due,
            light=semaforo(chosen.state, chosen.due, desk.today, limits=limits),
            initiative=month_round.initiative.name,
            month=month_round.month,
            position=state.number(chosen.code),
            total=len(state.codes),
            save=token["save"],
            same=token["same"],
            skip=token["skip"],
            stop=token["stop"],
            last=_last(chosen, told),
            current=told.current.percent if told.current else None,
            proposal=reported.proposed(desk, row, token["full"], token["reject"], with_reply=effect.with_reply)
            if row
            else None,
            values=offered | (dict(effect.values) or _recorded_values(chosen, told.current)),
            problems=effect.problems,
            notice=effect.notice,
            warning=effect.warning,
            limits=limits,
            behind=is_behind(_percent_now(effect, chosen), chosen.starts, chosen.due, desk.today),
        )
    )
    return Answer(
        card=card,
        summary=f"{chosen.code}: seguimiento de {month_name(month_round.month.year, month_round.month.number)}",
        scope=desk.scope,
    )


def _recorded_values(chosen: Action, current: FollowUp | None) -> dict[str, str]:
    """What was recorded this month, to be corrected; nothing when nothing was."""
    if current is None:
        return {}
    met_on = chosen.met_on.isoformat() if chosen.met_on and current.percent == COMPLETE else ""
    found = {"percent": f"{current.percent:g}", "text": current.text, "met_on": met_on, "evidence": current.evidence}
    found |= {"reason": current.reason, "blocker": current.blocker, "help_needed": current.help_needed}
    return {name: value for name, value in found.items() if value}


def _percent_now(effect: dialog.ShowItem, chosen: Action) -> float | None:
    """What was typed, if it can be read, else what the matrix says."""
    try:
        return parse_percent(effect.values["percent"])
    except (KeyError, ValueError):
        return chosen.percent


def _last(chosen: Action, told: followups.Told) -> Last | None:
    """What the month is compared with (R12): the one before it, or what the matrix came with."""
    if row := told.former:
        return Last(row.percent, row.text, Month.parse(row.month))
    return Last(chosen.percent, chosen.narrative) if told.newest is None and chosen.percent is not None else None


def _receipt(turn: Turn, month_round: Round, state: State, codes: tuple[str, ...]) -> Answer:
    """Exactly what the ledger holds of these actions, what is still missing, and which correction was not saved.

    After the window one action is opened at a time.
    """
    session, desk = turn.desk.session, turn.desk.anew("ronda")
    of_month = {row.action.code: row for row in followups.of_month(session, month_round.initiative, month_round.month)}
    logros = _achievements(turn, month_round)
    recorded = []
    for code in codes:
        if row := of_month.get(code):
            fix = open_button(desk, month_round.initiative, month_round.month, code)
            logro = logros.get(row.action_id, "")
            recorded.append(Recorded(code, row.percent, row.text, row.timeliness, logro, fix, _details(row)))
    missing = tuple(a.code for a in followups.owed(session, month_round.initiative.id, month_round.month))
    again = several = ""
    if missing and month_round.late:
        again = open_button(desk, month_round.initiative, month_round.month, missing[0])
    elif missing:
        again = begin_button(desk, month_round.initiative, month_round.month)
        several = table_button(desk, month_round.initiative, month_round.month) if len(missing) > 1 else ""
    data = Receipt(
        month_round.initiative.name,
        month_round.month,
        tuple(recorded),
        missing,
        again,
        several,
        undecided_of(desk, month_round.initiative),
        unsaved=tuple(code for code in state.unsaved if code in of_month),
    )
    return Answer(card=receipt(data), summary="Seguimiento registrado", scope=desk.scope)


def _details(row: FollowUp) -> tuple[tuple[str, str], ...]:
    """What was recorded beside the number and the text."""
    met_on = row.action.met_on if row.percent == COMPLETE else None
    found = (
        (MET_ON, long_date(met_on) if met_on else ""),
        (EVIDENCE, row.evidence),
        (REASON, row.reason),
        (BLOCKER, row.blocker),
        (HELP, row.help_needed),
    )
    return tuple((name, value) for name, value in found if value)


def _achievements(turn: Turn, month_round: Round) -> dict[int, str]:
    """The month's logros of the initiative, by action: the text, with its priority and kind."""
    query = select(Achievement).join(Action, Action.id == Achievement.action_id)
    rows = turn.desk.session.scalars(
        query.where(
            Action.initiative_id == month_round.initiative.id,
            Achievement.month == str(month_round.month),
            Achievement.withdrawn_at.is_(None),
        )
    )
    return {row.action_id: f"{row.text} ({row.priority}, {row.kind})" for row in rows}


def _month_now(turn: Turn, initiative: Initiative) -> Month:
    desk = turn.desk
    return followups.month_at_hand(desk.session, initiative, desk.today, desk.studio.method)
