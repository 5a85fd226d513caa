"""The table of operations as forms and cards: any of them is opened, filled in, done, and its subject shown anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.answers import Answer, Turn, done
from bot.drawing.forms import confirm_form, operation_form, settled
from bot.drawing.rows import find_row
from bot.drawing.subjects import doing_of, found_subject
from cards.subject import OPERATION
from cards.subject import UNDO as UNDO_TITLE
from methodology import buttons
from methodology.contents import PUBLISHED
from methodology.naming import FINDERS
from methodology.operation import Kind, Operation, Weight
from methodology.operations import OPERATIONS, Done, find, initiative_of, perform, why_not
from methodology.preview import preview
from methodology.refusals import Incomplete, NotFound, Refusal
from methodology.rules.states import NoticeState
from methodology.taking_back import UNDO_FOR, last_deed, take_back
from storage.history import Deed
from storage.ledger import Alert, CardAction, Delivery, Notice, Report
from storage.life import Meeting

NOTHING_CHOSEN = "Seleccione una operación de la lista."
PREPARE = "reunion.preparar"
UNDO = "op.undo"
_LONGEST = 4000


def show_form(
    turn: Turn,
    operation: Operation,
    given: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Answer:
    """The operation's form, for whoever holds one of its posts here.

    Raises:
        NotAllowed: says to whom it belongs.
    """
    given = {name: value for name, value in (given or {}).items() if value}
    turn.actor.require(operation.posts, _initiative_id(turn, operation, given))
    doing = doing_of(turn.desk, turn.actor)
    card, summary = operation_form(turn.desk, doing, operation, given, typed or {}, problems)
    return Answer(card=card, summary=summary, scope=turn.desk.scope)


def open_form(turn: Turn, button: CardAction) -> Answer:
    """`op.open`: a button that names one operation; what is over since the card was drawn is said on its subject's."""
    args, fresh = button.args, anew(turn)
    operation = find(args["op"])
    subject = operation.subject
    if subject and subject.kind in FINDERS and (key := args["given"].get(subject.name)):
        row = find_row(fresh.desk.session, subject.kind, key)
        if said := why_not(doing_of(fresh.desk, fresh.actor), operation, row):
            card, _summary = found_subject(fresh.desk, fresh.actor, subject.kind.name, key, refused=said)
            return Answer(card=card, summary=said, scope=fresh.desk.scope)
    return show_form(fresh, operation, args.get("given"), args.get("typed"))


def choose(turn: Turn, button: CardAction) -> Answer:
    """`op.choose`: one of a list, about the subject of the card it stands on (or about none)."""
    operation = OPERATIONS.get(_words(turn.values.get(OPERATION)))
    if operation is None or not operation.at_hand:
        raise NotFound(NOTHING_CHOSEN)
    kind = button.args.get("kind")
    given = settled(operation, Kind[kind], button.args["key"]) if kind else {}
    return show_form(anew(turn), operation, given)


def submit(turn: Turn, button: CardAction) -> Answer:
    """`op.do`: the form's answers, checked by the operation; what is missing is asked again under its field.

    The button works once: pressed again after it was done it says so, and nothing is done twice. What weighs more is
    shown first, and done by the card's «Confirmar».
    """
    operation, args = find(button.args["op"]), button.args
    given, confirmed = args["given"], bool(args.get("confirmed"))
    typed = args["typed"] if confirmed else _typed(turn, operation, given)
    try:
        if operation.weight != Weight.LIGHT and not confirmed:
            buttons.release(button)
            return _shown_first(turn, operation, given, typed)
        done = perform(replace(doing_of(turn.desk, turn.actor), undo_for=UNDO_FOR), operation, {**typed, **given})
    except Incomplete as exc:
        buttons.release(button)
        return show_form(turn, operation, given, typed, exc.fields)
    return _told(turn, done, {**typed, **given}, given)


def _typed(turn: Turn, operation: Operation, given: Mapping[str, str]) -> dict[str, str]:
    return {one.name: _words(turn.values.get(one.name)) for one in operation.fields if one.name not in given}


def _shown_first(turn: Turn, operation: Operation, given: Mapping[str, str], typed: Mapping[str, str]) -> Answer:
    """What it would do, with «Confirmar»; nothing is changed."""
    fresh = anew(turn)
    foreseen = preview(doing_of(turn.desk, turn.actor), operation, {**typed, **given})
    card, summary = confirm_form(fresh.desk, operation, given, typed, foreseen)
    return Answer(card=card, summary=summary, scope=fresh.desk.scope)


def _told(turn: Turn, done: Done, raw: Mapping[str, str], given: Mapping[str, str]) -> Answer:
    """What was done, with what takes it back, and what must follow it."""
    fresh = anew(turn)
    undo = (
        fresh.desk.button(UNDO, {"deed": done.deed.id}, person_id=turn.actor.person_id) if done.deed.undo_until else ""
    )
    answer = _after(fresh, done.operation, raw, given, done.sentence, undo)
    redraw = _decision_card(turn, done.operation, raw)
    return replace(answer, beat=True, publish=published_now(turn.desk.session, turn.desk.now), redraw=redraw)


def undo(turn: Turn, button: CardAction) -> Answer:
    """`op.undo`: «Deshacer», for ten minutes, by whoever did it."""
    return _undone(turn, turn.desk.session.get_one(Deed, button.args["deed"]))


def undo_last(turn: Turn) -> Answer:
    """`/deshacer`: the last of this person's deeds that can still be undone."""
    return _undone(turn, last_deed(doing_of(turn.desk, turn.actor)))


def _undone(turn: Turn, deed: Deed) -> Answer:
    sentence = take_back(doing_of(turn.desk, turn.actor), deed)
    operation = find(deed.operation)
    answer = _after(anew(turn), operation, deed.given, deed.given, sentence)
    return replace(answer, beat=True, redraw=_decision_card(turn, operation, deed.given))


def _decision_card(turn: Turn, operation: Operation, raw: Mapping[str, str]) -> str:
    """The posted decision card that must show what was done about its alert; empty when there is none (R17)."""
    field = next((one for one in operation.fields if one.kind == Kind.ALERT and raw.get(one.name)), None)
    if field is None:
        return ""
    return posted_decision(turn.desk.session, find_row(turn.desk.session, Kind.ALERT, raw[field.name]))


def posted_decision(session: Session, alert: Alert) -> str:
    """The batch of the alert's posted decision card; empty when there is none."""
    posted = (
        select(Delivery.batch)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.alert_id == alert.id, Notice.rule == "R17", Delivery.state == NoticeState.SENT)
        .order_by(Delivery.id.desc())
    )
    return session.scalars(posted).first() or ""


def by_command(turn: Turn, operation_id: str, **raw: str) -> Answer:
    """What was typed in one line; whatever it lacks is asked in the operation's form."""
    operation = find(operation_id)
    try:
        if operation.weight != Weight.LIGHT:
            return _shown_first(turn, operation, {}, raw)
        outcome = perform(doing_of(turn.desk, turn.actor), operation, raw)
    except Incomplete as exc:
        return show_form(turn, operation, None, raw, exc.fields)
    return replace(done(outcome.sentence), beat=True)


def show_subject(turn: Turn, button: CardAction) -> Answer:
    """`subject.open`: the card of one row."""
    return _subject(anew(turn), button.args["kind"], button.args["key"])


def anew(turn: Turn) -> Turn:
    """The turn with a scope of its own: the card that answers has fresh buttons."""
    return replace(turn, desk=turn.desk.anew("asunto"))


def _after(
    turn: Turn,
    operation: Operation,
    raw: Mapping[str, str],
    given: Mapping[str, str],
    sentence: str,
    undo_token: str = "",
) -> Answer:
    """What was done, over its subject as it stands now (or over what it made)."""
    if operation.id == PREPARE:
        made = turn.desk.session.scalars(select(Meeting.id).order_by(Meeting.id.desc())).first()
        return _subject(turn, Kind.MEETING.name, str(made), sentence)
    rows = [one for one in operation.fields if one.kind in FINDERS and raw.get(one.name)]
    shown = next((one for one in rows if one == operation.subject or one.name in given), None)
    by_itself = replace(done(sentence, next_title=UNDO_TITLE, next_token=undo_token), scope=turn.desk.scope)
    if shown is None:
        return by_itself
    try:
        return _subject(turn, shown.kind.name, raw[shown.name], sentence, undo_token)
    except Refusal:  # it went away with what was done
        return by_itself


def _subject(turn: Turn, kind_name: str, key: str, sentence: str = "", undo_token: str = "") -> Answer:
    card, summary = found_subject(turn.desk, turn.actor, kind_name, key, sentence, undo_token)
    return Answer(card=card, summary=sentence or summary, scope=turn.desk.scope)


def published_now(session: Session, now: datetime) -> bool:
    """Whether what was done just now published something: the site is then drawn anew."""
    query = select(Report.id).where(Report.state == PUBLISHED, Report.approved_at == now)
    return session.scalar(query.limit(1)) is not None


def _initiative_id(turn: Turn, operation: Operation, given: Mapping[str, str]) -> int | None:
    for one in operation.fields:
        if one.kind in FINDERS and given.get(one.name):
            found = initiative_of(find_row(turn.desk.session, one.kind, given[one.name]))
            if found is not None:
                return found
    return None


def _words(value: Any) -> str:  # noqa: ANN401 - what a client sends
    return str(value).strip()[:_LONGEST] if isinstance(value, str | int | float) else ""


def groups(turn: Turn) -> dict[str, list[Operation]]:
    """What this person may do somewhere, by what it is about («acción», «reunión»), in the table's order."""
    found: dict[str, list[Operation]] = {}
    for one in OPERATIONS.values():
        if one.at_hand and turn.actor.holds(one.posts):
            found.setdefault(one.id.partition(".")[0], []).append(one)
    return found


def free_of_row(turn: Turn, *nouns: str) -> list[Operation]:
    """The operations of those nouns that begin without a row, and that this person may do."""
    mine = groups(turn)
    return [one for noun in nouns for one in mine.get(noun, []) if not one.subject or one.subject.kind not in FINDERS]


def about(kind: Kind, *nouns: str) -> list[Operation]:
    """The operations of those nouns about a row of that kind."""
    return [
        one
        for one in OPERATIONS.values()
        if one.subject and one.subject.kind == kind and one.id.partition(".")[0] in nouns
    ]
