"""One thing of the method as it stands — an action, a meeting, a case — with what this reader may do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.parts import (
    WHOLE,
    Element,
    Page,
    badge,
    button,
    buttons,
    card,
    clip,
    container,
    execute,
    facts,
    fitting,
    input_choice,
    listed,
    open_url,
    place,
    quote,
    safe,
    said,
    text,
    titled,
    turning,
)
from methodology.rules.spanish import capital

DONE = "Registrado"
REFUSED = "No se realizó"
OPEN = "Abrir"
UNDO = "Deshacer"
OTHER = "Otra operación"
LACKS = "Todavía no procede"
WHICH = "Operación"
CONTINUE = "Continuar"
ITEMS = "renglones"
MORE = "Los demás están en la matriz y en sus documentos."
BUTTONS = 6
LINES = 12
OPERATION = "operation"
_TEXT_SHOWN = 160
_LACKS_SHOWN = 300
_SECTIONS_BYTES = 13_000
_CHOICES_BYTES = 6_000


@dataclass(frozen=True)
class SubjectLine:
    """One line of a list; `open` is the token that shows it by itself."""

    text: str
    detail: str = ""
    open: str = ""


@dataclass(frozen=True)
class Section:
    """A short list; `none` is said when it is empty (without it, an empty list is not shown)."""

    title: str
    lines: tuple[SubjectLine, ...]
    none: str = ""


@dataclass(frozen=True)
class Subject:
    """`state` in words, its colour `style`; `words` as somebody wrote them; `operations` are (title, token).

    Those beyond BUTTONS stand in `more` as (title, id) and are opened with `choose`. `lacks` says why others are not
    offered yet; `done` is what was just done, `undo` the token that takes it back, `refused` why something was not;
    `url` a page with `url_title`. `page` is that of the only section, when its list is turned.
    """

    title: str
    subtitle: str = ""
    state: str = ""
    style: str = "emphasis"
    words: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    sections: tuple[Section, ...] = ()
    operations: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()
    choose: str = ""
    lacks: tuple[str, ...] = ()
    done: str = ""
    undo: str = ""
    refused: str = ""
    url: str = ""
    url_title: str = ""
    page: Page = WHOLE


def subject(data: Subject) -> Element:
    return card(
        said(DONE, clip(data.done, 900), "good") if data.done else None,
        buttons(button(UNDO, data.undo)),
        said(REFUSED, clip(data.refused, 400), "attention") if data.refused else None,
        _title(data),
        text(safe(clip(data.subtitle, 160)), subtle=True, spacing="None") if data.subtitle else None,
        quote(clip(data.words, 600)) if data.words else None,
        facts(*[(name, clip(value, 240)) for name, value in data.facts]) if data.facts else None,
        *_sections(data.sections),
        place(data.page, sum(len(one.lines) for one in data.sections)),
        _lacks(data),
        _other(data),
        actions=[
            *turning(data.page),
            *(button(title, token) for title, token in data.operations),
            open_url(data.url_title, data.url),
        ],
    )


def _title(data: Subject) -> Element:
    title = text(safe(clip(data.title, 160)), size="Large", weight="Bolder") | {"style": "heading"}
    return titled(title, badge(data.state, data.style)) if data.state else title


def _sections(sections: Sequence[Section]) -> Sequence[Element]:
    present = [one for one in sections if one.lines or one.none]
    share = _SECTIONS_BYTES // max(1, len(present))
    return [_section(one, share) for one in present]


def _section(one: Section, budget: int) -> Element:
    lines = fitting([_line(line) for line in one.lines], LINES, budget)
    return container(
        text(f"**{safe(one.title)}**"),
        *(lines or [text(safe(one.none), subtle=True)]),
        listed(len(lines), len(one.lines), ITEMS, MORE),
        separator=True,
    )


def _line(line: SubjectLine) -> Element:
    words = container(
        text(safe(clip(line.text, _TEXT_SHOWN)), spacing="None"),
        text(safe(clip(capital(line.detail), _TEXT_SHOWN)), size="Small", subtle=True, spacing="None")
        if line.detail
        else None,
        spacing="Small",
    )
    row = buttons(button(OPEN, line.open))
    return titled(words, row) | {"spacing": "Small"} if row else words


def _lacks(data: Subject) -> Element | None:
    lines = [text(safe(clip(one, _LACKS_SHOWN)), size="Small", subtle=True, spacing="Small") for one in data.lacks]
    return container(text(LACKS, size="Small", weight="Bolder"), *lines, separator=True) if lines else None


def _other(data: Subject) -> Element | None:
    """What is beyond the buttons: chosen in a list, opened by one button."""
    if not (data.more and data.choose):
        return None
    choices: list[tuple[str, str]] = []
    used = 0
    for title, stored in data.more:
        used += len(f"{title}{stored}".encode()) + 30
        if used <= _CHOICES_BYTES:
            choices.append((title, stored))
    return container(
        input_choice(OPERATION, OTHER if data.operations else WHICH, choices),
        buttons(execute(CONTINUE, data.choose)),
        separator=True,
    )
