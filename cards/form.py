"""The form of one operation: what it is about, its fields, what each still lacks; by itself, never below a fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cards.parts import (
    Element,
    button,
    card,
    clip,
    container,
    execute,
    heading,
    input_choice,
    input_date,
    input_text,
    problem,
    quote,
    quoted,
    safe,
    said,
    text,
)

TEXT = "texto"
LONG = "párrafo"
DATE = "fecha"
CHOICE = "opción"
SAVE = "Registrar"
GO_ON = "Continuar"
BACK = "Volver"
PROBLEM = "No se registró"
CHECK = "Revise los datos señalados."
OPTIONAL = "{label} (opcional)"
BY_NAME = "Escriba el código, el número o el nombre"
TEXT_MAX = 300
LONG_MAX = 1500
_CHOICES_BYTES = 12_000
_CONTEXT_MAX = 900
_CONTEXT_LINES = 12


@dataclass(frozen=True)
class FormField:
    """One input. `shape` is TEXT, LONG, DATE or CHOICE; `choices` are (title, value); `value` is what stands in it."""

    name: str
    label: str
    shape: str = TEXT
    required: bool = True
    value: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""


@dataclass(frozen=True)
class Form:
    """`about` are the words of its subject; `problems` are by field; `submit` and `back` are tokens.

    `context` is what one must have read to fill it in, line by line: a question, a mail.

    What is `shown_first` is not done by this card's button but by the next one's.
    """

    title: str
    about: str
    explanation: str
    fields: tuple[FormField, ...]
    submit: str
    back: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    shown_first: bool = False
    context: tuple[str, ...] = ()


def form(data: Form) -> Element:
    return card(
        _refused(data),
        heading(data.title),
        quote(clip(data.about, 400)) if data.about else None,
        container(*quoted("\n".join(data.context), _CONTEXT_MAX, _CONTEXT_LINES), style="emphasis")
        if data.context
        else None,
        text(safe(data.explanation), subtle=True, size="Small") if data.explanation else None,
        *_inputs(data),
        actions=[
            execute(GO_ON if data.shown_first else SAVE, data.submit, style="positive"),
            button(BACK, data.back),
        ],
    )


def _refused(data: Form) -> Element | None:
    """What cannot be shown under a field is said at the top."""
    if not data.problems:
        return None
    shown = {one.name for one in data.fields}
    elsewhere = [sentence for name, sentence in data.problems.items() if name not in shown]
    return said(PROBLEM, clip(" ".join(elsewhere) or CHECK, 1000), "attention")


def _inputs(data: Form) -> Sequence[Element | None]:
    made: list[Element | None] = []
    left = _CHOICES_BYTES
    for one in data.fields:
        size = sum(len(f"{title}{value}".encode()) + 30 for title, value in one.choices)
        made += [_input(one, choices=bool(one.choices) and size <= left), problem(data.problems.get(one.name))]
        left -= size if size <= left else 0
    return made


def _input(one: FormField, *, choices: bool) -> Element:
    """A list that would not fit in the card is written instead."""
    label = one.label if one.required else OPTIONAL.format(label=one.label)
    if one.shape == DATE:
        return input_date(one.name, label, one.value)
    if one.shape == CHOICE and choices:
        return input_choice(one.name, label, one.choices, one.value)
    hint = one.hint or (BY_NAME if one.shape == CHOICE else "")
    limit = LONG_MAX if one.shape == LONG else TEXT_MAX
    value = one.value[:limit]
    return input_text(one.name, label, value=value, limit=limit, multiline=one.shape == LONG, placeholder=hint)
