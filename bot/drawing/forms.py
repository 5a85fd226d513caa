"""The form of any operation, drawn from its row of the table: inputs by kind of field, choices from what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from bot.drawing.context import Desk
from bot.drawing.form_context import context_of
from bot.drawing.rows import NOUNS, Choices, canonical, choices, find_row, key_of, label_of, members, offered
from cards.confirm import Confirm, confirm
from cards.form import CHOICE, DATE, LONG, TEXT, Form, FormField, form
from cards.parts import Element
from methodology.naming import FINDERS
from methodology.operation import Doing, Field, Given, Kind, Operation, Weight
from methodology.operations import initiative_of
from methodology.preview import Preview
from methodology.rules.spanish import long_date, one_of, parse_date
from methodology.rules.states import POST_NAMES, POST_OFFICES, Post
from storage.life import Meeting

MEMBERS = "integrantes"
YES_NO = (("Sí", "sí"), ("No", "no"))
EXPLANATION = "Corresponde a: {posts}."
WORDS = {"f": "Femenino", "m": "Masculino"} | {str(post): names[0] for post, names in POST_NAMES.items()}
HINTS: Mapping[Kind, str] = {
    Kind.TIME: "09:30",
    Kind.PERCENT: "80 o 80,5 %",
    Kind.LIST: "Separe con punto y coma (;)",
}


def operation_button(
    desk: Desk, operation: Operation, given: Mapping[str, str], initiative_id: int | None, typed: Mapping[str, str]
) -> str:
    """The token that opens the form: `given` is settled, `typed` stands in the inputs."""
    args = {"op": operation.id, "given": dict(given)} | ({"typed": dict(typed)} if typed else {})
    return desk.button("op.open", args, posts=operation.posts, initiative_id=initiative_id)


def about_button(desk: Desk, operation: Operation, kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    """The token that opens the operation's form about `row`: its first field of that kind is settled."""
    return operation_button(desk, operation, settled(operation, kind, key_of(kind, row)), initiative_of(row), {})


def open_button(desk: Desk, kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    """The token that shows the row's own card, with what its reader may do."""
    return desk.button("subject.open", {"kind": kind.name, "key": key_of(kind, row)})


def settled(operation: Operation, kind: Kind, key: str) -> dict[str, str]:
    """The operation's first field of that kind, with its value; nothing when it has none."""
    field = next((one for one in operation.fields if one.kind == kind), None)
    return {field.name: key} if field and key else {}


def operation_form(
    desk: Desk,
    doing: Doing,
    operation: Operation,
    given: Mapping[str, str],
    typed: Mapping[str, str],
    problems: Mapping[str, str] | None = None,
) -> tuple[Element, str]:
    """The card and its summary, for whoever is `doing` it. What is in `given` is not asked; the button carries it.

    Raises:
        NotFound: what `given` names is not there any more.
    """
    rows = _rows(desk.session, operation, given)
    initiative_id = next((found for _field, row in rows if (found := initiative_of(row)) is not None), None)
    args = {"op": operation.id, "given": dict(given)}
    back = {"kind": rows[0][0].kind.name, "key": given[rows[0][0].name]} if rows else {}
    data = Form(
        title=operation.title,
        about=about(desk, operation, given),
        explanation=explanation(operation),
        fields=asked(doing, operation, given, typed),
        submit=desk.button("op.do", args, posts=operation.posts, initiative_id=initiative_id, once=True),
        back=desk.button("subject.open", back) if back else "",
        problems=problems or {},
        shown_first=operation.weight != Weight.LIGHT,
        context=context_of(desk.session, operation, [row for _field, row in rows]),
    )
    return form(data), operation.title


def confirm_form(
    desk: Desk, operation: Operation, given: Mapping[str, str], typed: Mapping[str, str], foreseen: Preview
) -> tuple[Element, str]:
    """The card that shows what would be done, before it is; «Confirmar» carries all that was said."""
    said = {name: value for name, value in typed.items() if value}
    args = {"op": operation.id, "given": dict(given), "typed": said}
    rows = _rows(desk.session, operation, {**said, **given})
    where = next((found for _field, row in rows if (found := initiative_of(row))), None)
    data = Confirm(
        title=operation.title,
        about=about(desk, operation, given),
        given=tuple((one.label, _in_words(desk, one, said[one.name])) for one in operation.fields if one.name in said),
        result=foreseen.sentence,
        lines=foreseen.lines,
        confirm=desk.button("op.do", args | {"confirmed": True}, posts=operation.posts, initiative_id=where, once=True),
        back=desk.button("op.open", args, posts=operation.posts, initiative_id=where),
        final=operation.weight == Weight.FINAL,
    )
    return confirm(data), f"{operation.title}: confirme"


def _in_words(desk: Desk, one: Field, stored: str) -> str:
    """As a person reads it: a date in words, a row by its name, a choice by its title."""
    if one.kind == Kind.DATE:
        return long_date(parse_date(stored, desk.today))
    if one.kind in FINDERS:
        return label_of(one.kind, find_row(desk.session, one.kind, stored))
    return WORDS.get(stored, stored) if one.kind == Kind.CHOICE else stored


def about(desk: Desk, operation: Operation, given: Mapping[str, str]) -> str:
    """What the operation is about, in one line."""
    rows = _rows(desk.session, operation, given)
    return " · ".join(f"{NOUNS[field.kind]}: {label_of(field.kind, row)}" for field, row in rows)


def asked(
    doing: Doing, operation: Operation, given: Mapping[str, str], typed: Mapping[str, str]
) -> tuple[FormField, ...]:
    """The inputs for what is not given, with what was typed, or the best guess."""
    words = {one.arg: given[one.name] for one in operation.fields if one.name in given}
    known: Given = words | {one.arg: row for one, row in _rows(doing.session, operation, given)}
    fields = [one for one in operation.fields if one.name not in given]
    return tuple(_field(doing, one, typed.get(one.name), known) for one in fields)


def explanation(operation: Operation) -> str:
    """To whom it belongs."""
    posts = one_of(POST_OFFICES[Post(post)] for post in operation.posts)
    return EXPLANATION.format(posts=posts)


def _rows(session: Session, operation: Operation, given: Mapping[str, str]) -> list[tuple[Field, Any]]:
    named = [one for one in operation.fields if one.kind in FINDERS and given.get(one.name)]
    return [(one, find_row(session, one.kind, given[one.name])) for one in named]


def _field(doing: Doing, one: Field, typed: str | None, known: Given) -> FormField:
    """`typed` is None on a form that nobody has filled in: what was cleared is not guessed again."""
    options = _options(doing, one, known)
    guess = one.guess(doing, known) if typed is None and one.guess else None
    value = _guessed(one, guess) if guess is not None else _value(doing, one, typed or "")
    if options and value and value not in {stored for _title, stored in options}:
        options = ((value[:100], value), *options)
    return FormField(one.name, one.label, _shape(one), one.required, value, options, _hint(doing, one, known))


def _guessed(one: Field, guess: Any) -> str:  # noqa: ANN401 - a row, or what is written
    if guess is None:
        return ""
    return key_of(one.kind, guess) if one.kind in FINDERS else str(guess)


def _hint(doing: Doing, one: Field, known: Given) -> str:
    """How it is written; for the members of a team, who they are."""
    if one.kind == Kind.LIST and one.name == MEMBERS:
        names = [row.holder for row in members(doing.session, _initiative_in(known))]
        return "; ".join(names)[:200] or HINTS[one.kind]
    return HINTS.get(one.kind, "")


def _shape(one: Field) -> str:
    if one.kind in FINDERS or one.kind in (Kind.CHOICE, Kind.YES):
        return CHOICE
    return {Kind.DATE: DATE, Kind.LONG: LONG}.get(one.kind, TEXT)


def _initiative_in(known: Given) -> int | None:
    return next((found for value in known.values() if (found := initiative_of(value)) is not None), None)


def _options(doing: Doing, one: Field, known: Given) -> Choices:
    fitting = one.among(doing, known) if one.among else None
    if one.kind == Kind.YES:
        return YES_NO
    if one.kind == Kind.CHOICE:
        chosen = one.options if fitting is None else fitting
        return tuple((WORDS.get(option, option[:1].upper() + option[1:]), str(option)) for option in chosen)
    if fitting is not None:
        return offered(one.kind, fitting)
    meeting_id = next((value.id for value in known.values() if isinstance(value, Meeting)), None)
    return choices(doing.session, one.kind, _initiative_in(known), meeting_id)


def _value(doing: Doing, one: Field, typed: str) -> str:
    """As the input wants it: an ISO date, a key of its list; what cannot be read stays in words where words fit."""
    if one.kind == Kind.DATE:
        try:
            return parse_date(typed, doing.today).isoformat() if typed else ""
        except ValueError:
            return ""
    return canonical(doing.session, one.kind, typed)
