"""The one table of operations: what people can do, whatever the door. Read, checked, done and kept in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from methodology import (
    achievements,
    amendments,
    calendar_changes,
    cases,
    closing,
    contacts,
    entry,
    escalation,
    first_contact,
    forms,
    high_level,
    history,
    initiatives,
    meetings,
    posts,
    rounds,
    tray_work,
)
from methodology.naming import FINDERS
from methodology.operation import Doing, Field, Kind, Operation, Weight
from methodology.refusals import Incomplete, NotFound, NotNow, Refusal
from methodology.rules.spanish import (
    full_date,
    long_date,
    one_of,
    parse_date,
    parse_percent,
    parse_time,
    plain,
    with_article,
)
from methodology.rules.states import state_words
from storage.history import Deed
from storage.matrix import Initiative

PARTS: tuple[tuple[Operation, ...], ...] = (
    amendments.OPERATIONS,
    achievements.OPERATIONS,
    entry.OPERATIONS,
    contacts.OPERATIONS,
    forms.OPERATIONS,
    escalation.OPERATIONS,
    cases.OPERATIONS,
    high_level.OPERATIONS,
    meetings.OPERATIONS,
    initiatives.OPERATIONS,
    closing.OPERATIONS,
    posts.OPERATIONS,
    rounds.OPERATIONS,
    tray_work.OPERATIONS,
    first_contact.OPERATIONS,
    calendar_changes.OPERATIONS,
)
NOT_HABIL = " El {day} no es día hábil: {why}. El siguiente es el {following}."
_WHOLE = re.compile(r"[0-9]{1,9}")
OPERATIONS: Mapping[str, Operation] = {one.id: one for part in PARTS for one in part}


@dataclass(frozen=True)
class Done:
    """What was done, in words, and where; `deed` is how it was kept."""

    operation: Operation
    sentence: str
    initiative_id: int | None
    deed: Deed


def find(operation_id: str) -> Operation:
    """The operation of that id.

    Raises:
        NotFound: there is none; the nearest are named.
    """
    if operation := OPERATIONS.get(operation_id.strip()):
        return operation
    noun = operation_id.partition(".")[0]
    near = [known for known in OPERATIONS if known.startswith(f"{noun}.")] or list(OPERATIONS)
    raise NotFound(f"No hay una operación «{operation_id}». Existen: {', '.join(near)}.")


def perform(doing: Doing, operation: Operation, raw: Mapping[str, Any]) -> Done:
    """Read the values, check post and state, do it, and keep that it was done (R50) and what changed (R3).

    A HEAVY one may be taken back for `doing.undo_for` (`methodology/taking_back.py`).

    Raises:
        Incomplete: by the field's Spanish name, what is missing or cannot be read.
        Refusal: why it was not done; nothing was changed.
    """
    given = read(doing, operation, raw)
    initiative_id = _initiative_id(given, operation)
    post = doing.actor.require(operation.posts, initiative_id)
    require_state(operation, given)
    reason = str(raw.get("motivo") or operation.title)
    kept = {name: str(value) for name, value in raw.items() if value not in (None, "")}
    with doing.session.begin_nested():
        deed = _begin(doing, operation, post, initiative_id, kept)
        with history.recording(doing.session, doing.actor.name, reason, doing.now, deed=deed):
            try:
                deed.outcome = "".join((operation.do(doing, **given), *_not_habil(doing, operation, given)))
            except Incomplete as exc:
                raise Incomplete(_by_spanish_name(operation, exc.fields)) from exc
    return Done(operation, deed.outcome, initiative_id, deed)


def _not_habil(doing: Doing, operation: Operation, given: Mapping[str, Any]) -> Iterator[str]:
    calendar = doing.method.calendar
    for field in operation.fields:
        day = given[field.arg]
        if field.committed and day is not None and (why := calendar.why_not(day)):
            yield NOT_HABIL.format(day=long_date(day), why=why, following=full_date(calendar.on_or_after(day)))


def _begin(doing: Doing, operation: Operation, post: str, initiative_id: int | None, given: Mapping[str, str]) -> Deed:
    """The deed before it is done: what it changes names it."""
    undo = operation.weight == Weight.HEAVY and bool(doing.undo_for)
    deed = Deed(
        at=doing.now,
        operation=operation.id,
        author=doing.actor.name,
        person_id=doing.actor.person_id or None,
        post=post,
        initiative_id=initiative_id,
        given=dict(given),
        outcome="",
        undo_until=doing.now + doing.undo_for if undo else None,
    )
    doing.session.add(deed)
    doing.session.flush()
    return deed


def available(doing: Doing, kind: Kind, row: Any) -> list[Operation]:  # noqa: ANN401 - any mapped row
    """What this person may do to `row` as it stands now, in the table's order."""
    return [one for one in _in_place(doing, kind, row) if one.lacks is None or one.lacks(doing, row) is None]


def lacking(doing: Doing, kind: Kind, row: Any) -> list[str]:  # noqa: ANN401 - any mapped row
    """What `row` still lacks before this person may do more to it; sentences for its card."""
    said = (one.lacks(doing, row) for one in _in_place(doing, kind, row) if one.lacks)
    return list(dict.fromkeys(sentence for sentence in said if sentence))


def why_not(doing: Doing, operation: Operation, row: Any) -> str:  # noqa: ANN401 - any mapped row
    """Why the operation cannot be done to `row` as it stands now, as a sentence; empty when it can be tried."""
    if operation.states and row.state not in operation.states:
        return _out_of_state(operation, row)
    return (operation.lacks and operation.lacks(doing, row)) or ""


def _in_place(doing: Doing, kind: Kind, row: Any) -> list[Operation]:  # noqa: ANN401 - any mapped row
    """The operations whose post and state fit."""
    initiative_id = initiative_of(row)
    return [
        one
        for one in OPERATIONS.values()
        if one.at_hand
        and one.subject is not None
        and one.subject.kind == kind
        and (not one.states or row.state in one.states)
        and getattr(row, "live", True)
        and doing.actor.holds(one.posts, initiative_id)
    ]


def _asked(field: Field) -> str:
    """What is said of a field that was left out."""
    label = field.label.replace(" (opcional)", "")
    if field.kind == Kind.YES:
        return "Indique sí o no."
    since = {"Desde": "desde qué día", "Hasta": "hasta qué día"}.get(label)
    return f"Indique {since or with_article(label)}."


def read(doing: Doing, operation: Operation, raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields' values by the function's argument names; rows for what names a row, None for what was left out."""
    names = {field.name for field in operation.fields}
    problems = {name: f"«{name}» no es un dato de {operation.id}." for name in raw if name not in names}
    given: dict[str, Any] = {}
    for field in operation.fields:
        text = str(raw.get(field.name) or "").strip()
        if not text:
            given[field.arg] = None
            if field.required:
                problems[field.name] = _asked(field)
            continue
        try:
            given[field.arg] = _value(doing, field, text)
        except (ValueError, Refusal) as exc:
            problems[field.name] = f"{str(exc).rstrip('.')}."
    if problems:
        raise Incomplete(problems)
    return given


def where(doing: Doing, operation: Operation, raw: Mapping[str, Any]) -> int | None:
    """The initiative that these values are about, if any."""
    return _initiative_id(read(doing, operation, raw), operation)


def require_state(operation: Operation, given: Mapping[str, Any]) -> None:
    """Refuse when the subject is not in one of the operation's states."""
    if not operation.states or operation.subject is None:
        return
    row = given[operation.subject.arg]
    if row.state not in operation.states:
        raise NotNow(_out_of_state(operation, row))


def _out_of_state(operation: Operation, row: Any) -> str:  # noqa: ANN401 - any mapped row
    wanted = one_of(state_words(state) for state in operation.states)
    return f"{operation.title}: {_called(row)} está en estado «{state_words(row.state)}»; se requiere {wanted}."


def initiative_of(row: Any) -> int | None:  # noqa: ANN401 - any mapped row
    """The initiative a row belongs to, if any: its own, else that of what it is part of."""
    if row is None:
        return None
    if isinstance(row, Initiative):
        return row.id
    if (own := getattr(row, "initiative_id", None)) is not None:
        return int(own)
    for name in ("case", "meeting", "obstacle", "action"):
        if (parent := getattr(row, name, None)) is not None:
            return initiative_of(parent)
    return None


def _initiative_id(given: Mapping[str, Any], operation: Operation) -> int | None:
    rows = (given[field.arg] for field in operation.fields if field.kind in FINDERS)
    return next((found for row in rows if (found := initiative_of(row)) is not None), None)


def _by_spanish_name(operation: Operation, problems: Mapping[str, str]) -> dict[str, str]:
    names = {field.arg: field.name for field in operation.fields}
    return {names.get(arg, arg): sentence for arg, sentence in problems.items()}


def _value(doing: Doing, field: Field, text: str) -> Any:  # noqa: ANN401 - what the field's kind says
    if field.kind in FINDERS:
        return FINDERS[field.kind](doing.session, text)
    return _READERS.get(field.kind, _as_written)(doing, field, text)


def _as_written(_doing: Doing, _field: Field, text: str) -> str:
    return text


def _date(doing: Doing, _field: Field, text: str) -> date:
    return parse_date(text, doing.today)


def _percent(_doing: Doing, _field: Field, text: str) -> float:
    return parse_percent(text)


def _number(_doing: Doing, field: Field, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError(f"{field.label}: «{text}» no es un número entero de hasta nueve cifras")
    return int(text)


def _yes(_doing: Doing, field: Field, text: str) -> bool:
    if plain(text) not in ("si", "no", "true", "false"):
        raise ValueError(f"{field.label}: responda sí o no")
    return plain(text) in ("si", "true")


def _choice(_doing: Doing, field: Field, text: str) -> str:
    for option in field.options:
        if plain(option) == plain(text):
            return option
    raise ValueError(f"{field.label}: «{text}» no es una opción; use {', '.join(field.options)}")


def _list(_doing: Doing, _field: Field, text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ";").split(";") if part.strip()]


def _time(_doing: Doing, field: Field, text: str) -> str:
    try:
        return f"{parse_time(text):%H:%M}"
    except ValueError as exc:
        raise ValueError(f"{field.label}: {exc}") from exc


_READERS: Mapping[Kind, Callable[[Doing, Field, str], Any]] = {
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.PERCENT: _percent,
    Kind.NUMBER: _number,
    Kind.YES: _yes,
    Kind.CHOICE: _choice,
    Kind.LIST: _list,
}


def _called(row: Any) -> str:  # noqa: ANN401 - any mapped row
    for name in ("code", "name", "holder", "description", "title", "text"):
        if value := getattr(row, name, None):
            return str(value)
    return "el asunto"
