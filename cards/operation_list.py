"""/operaciones: what this person may do: first about what, then which; the form of any of them is opened from there."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, button, card, execute, heading, input_choice, text
from cards.subject import CONTINUE, OPERATION, WHICH
from methodology.rules.spanish import capital

TITLE = "Operaciones de su cargo"
INTRO = "También están en la tarjeta de cada asunto: {commands}."
NONE = "Su cargo consulta; no tiene operaciones por registrar."
TOPIC = "topic"
ABOUT = "Sobre qué"
COUNTED = "{noun} ({number})"
OTHERS = "Otros temas"


@dataclass(frozen=True)
class OperationGroup:
    """The operations about one thing: its noun as people read it, (title, id) of each, and the noun's `key`."""

    noun: str
    operations: tuple[tuple[str, str], ...]
    key: str = ""


@dataclass(frozen=True)
class OperationList:
    """`post` is how the reader is called. Of several groups one is chosen by `turn`; of one alone, an operation.

    `choose` is the token that opens what was chosen, `back` leads to the other groups, `commands` show one thing.
    """

    post: str
    groups: tuple[OperationGroup, ...]
    choose: str = ""
    turn: str = ""
    back: str = ""
    commands: tuple[str, ...] = ()


def operation_list(data: OperationList) -> Element:
    if not data.groups:
        return card(heading(TITLE, capital(data.post)), text(NONE))
    return _one_group(data, data.groups[0]) if len(data.groups) == 1 else _groups(data)


def _groups(data: OperationList) -> Element:
    choices = [(COUNTED.format(noun=one.noun, number=len(one.operations)), one.key) for one in data.groups]
    return card(
        heading(TITLE, capital(data.post)),
        input_choice(TOPIC, ABOUT, choices),
        text(INTRO.format(commands=", ".join(data.commands)), subtle=True, size="Small") if data.commands else None,
        actions=[execute(CONTINUE, data.turn, style="positive")],
    )


def _one_group(data: OperationList, one: OperationGroup) -> Element:
    return card(
        heading(TITLE, capital(f"{data.post} · {one.noun}")),
        input_choice(OPERATION, WHICH, one.operations),
        actions=[execute(CONTINUE, data.choose, style="positive"), button(OTHERS, data.back)],
    )
