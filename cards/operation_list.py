"""/operaciones: what this person may do, by what it is about; one list opens the form of any of them."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, buttons, card, clip, execute, heading, input_choice, safe, text
from cards.subject import CONTINUE, OPERATION, WHICH

TITLE = "Operaciones de su cargo"
INTRO = (
    "También están en la tarjeta de cada asunto: /accion AST-04, /iniciativa astilleros, /reunion, /caso astilleros."
)
NONE = "Su cargo consulta; no tiene operaciones por registrar."
_TITLES_SHOWN = 900


@dataclass(frozen=True)
class OperationGroup:
    """The operations about one thing: its noun, and (title, id) of each."""

    noun: str
    operations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OperationList:
    """`post` is how the reader is called; `choose` the token that opens what was chosen."""

    post: str
    groups: tuple[OperationGroup, ...]
    choose: str = ""


def operation_list(data: OperationList) -> Element:
    if not data.groups:
        return card(heading(TITLE, data.post), text(NONE))
    choices = [(f"{one.noun}: {title}", stored) for one in data.groups for title, stored in one.operations]
    return card(
        heading(TITLE, data.post),
        text(INTRO, subtle=True),
        *[_group(one) for one in data.groups],
        input_choice(OPERATION, WHICH, choices),
        buttons(execute(CONTINUE, data.choose)),
    )


def _group(one: OperationGroup) -> Element:
    titles = "; ".join(title for title, _id in one.operations)
    return text(f"**{safe(one.noun)}:** {safe(clip(titles, _TITLES_SHOWN))}", spacing="Small")
