"""The table of operations as forms and cards: any of them is opened, filled in, done, and its subject shown anew."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.answers import Answer, Turn, done
from bot.drawing.forms import operation_form, settled
from bot.drawing.rows import find_row
from bot.drawing.subjects import doing_of, found_subject
from cards.subject import OPERATION
from methodology.contents import PUBLISHED
from methodology.naming import FINDERS
from methodology.operation import Kind, Operation
from methodology.operations import OPERATIONS, find, initiative_of, perform
from methodology.refusals import Incomplete, NotFound, Refusal
from methodology.rules.states import NoticeState
from storage.ledger import Alert, CardAction, Delivery, Notice, Report
from storage.life import Meeting

NOTHING_CHOSEN = "Seleccione una operación de la lista."
PREPARE = "reunion.preparar"
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
    card, summary = operation_form(turn.desk, operation, given, typed or {}, problems)
    return Answer(card=card, summary=summary, scope=turn.desk.scope)


def open_form(turn: Turn, button: CardAction) -> Answer:
    """`op.open`: a button that names one operation."""
    args = button.args
    return show_form(anew(turn), find(args["op"]), args.get("given"), args.get("typed"))


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

    The button works once: pressed again after it was done it says so, and nothing is done twice.
    """
    session, operation, given = turn.desk.session, find(button.args["op"]), button.args["given"]
    typed = {one.name: _words(turn.values.get(one.name)) for one in operation.fields if one.name not in given}
    point = session.begin_nested()
    try:
        outcome = perform(doing_of(turn.desk, turn.actor), operation, {**typed, **given})
    except Incomplete as exc:
        point.rollback()
        button.used_at, button.used_by = None, ""
        return show_form(turn, operation, given, typed, exc.fields)
    point.commit()
    answer = _after(anew(turn), operation, {**typed, **given}, given, outcome.sentence)
    redraw = _decision_card(turn, operation, {**typed, **given})
    return replace(answer, beat=True, publish=published_now(turn.desk.session, turn.desk.now), redraw=redraw)


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
    point = turn.desk.session.begin_nested()
    try:
        outcome = perform(doing_of(turn.desk, turn.actor), operation, raw)
    except Incomplete as exc:
        point.rollback()
        return show_form(turn, operation, None, raw, exc.fields)
    point.commit()
    return replace(done(outcome.sentence), beat=True)


def show_subject(turn: Turn, button: CardAction) -> Answer:
    """`subject.open`: the card of one row."""
    return _subject(anew(turn), button.args["kind"], button.args["key"])


def anew(turn: Turn) -> Turn:
    """The turn with a scope of its own: the card that answers has fresh buttons."""
    return replace(turn, desk=replace(turn.desk, scope=f"asunto:{secrets.token_hex(8)}"))


def _after(turn: Turn, operation: Operation, raw: Mapping[str, str], given: Mapping[str, str], sentence: str) -> Answer:
    """What was done, over its subject as it stands now (or over what it made)."""
    if operation.id == PREPARE:
        made = turn.desk.session.scalars(select(Meeting.id).order_by(Meeting.id.desc())).first()
        return _subject(turn, Kind.MEETING.name, str(made), sentence)
    rows = [one for one in operation.fields if one.kind in FINDERS and raw.get(one.name)]
    shown = next((one for one in rows if one == operation.subject or one.name in given), None)
    if shown is None:
        return done(sentence)
    try:
        return _subject(turn, shown.kind.name, raw[shown.name], sentence)
    except Refusal:  # it went away with what was done
        return done(sentence)


def _subject(turn: Turn, kind_name: str, key: str, sentence: str = "") -> Answer:
    card, summary = found_subject(turn.desk, turn.actor, kind_name, key, sentence)
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
