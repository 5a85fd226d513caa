"""What every card is made of. Texts of other people go through `safe`, or stand in `quote`, where nothing is markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from methodology.rules.calendar import BOGOTA
from methodology.rules.figures import Semaforo
from methodology.rules.spanish import one_stop, percent, short_date, shortened, time_of_day
from methodology.rules.states import Post

Element = dict[str, Any]

VERSION = "1.5"
MAX_BYTES = 28 * 1024
# What one card's list may take of MAX_BYTES: the rest is for the heading, the buttons and Teams' own additions.
LIST_BYTES = 22 * 1024
VERB = "responder"  # the protocol wants one; what a button does is known by its token alone

NO_REPORT = "Sin reporte"
UNDATED = "Sin fecha"
SHOWN = "Se muestran {first} a {last} de {total}."
FOLLOWING = "Siguientes"
PREVIOUS = "Anteriores"
ILLUSTRATIVE = "Acciones, fechas y avances ilustrativos."

_TITLE = 160
_BADGES = {"default": "Informative", "emphasis": "Subtle"}
_PARTICLES = ("de", "del", "la", "las", "los", "y")
_ZERO_WIDTH = "\u200b"
_LINK = re.compile(r"\](?=[(\[:])")
_LIST = re.compile(r"^(\d+(?=[.)]\s)|[-*+>#]+(?=\s))")


@dataclass(frozen=True)
class Reader:
    """Who reads the card. `surname` may be left out; it is then taken from the name. `acting` is «(E)»."""

    name: str
    gender: str
    post: str = Post.LEADER
    surname: str = ""
    acting: bool = False


def greeting(reader: Reader) -> str:
    """«Respetada doctora Pérez:»; the Viceministry and the Minister are addressed by their post."""
    female = reader.gender == "f"
    honour = "Respetada" if female else "Respetado"
    if reader.post in (Post.VICE_MINISTER, Post.MINISTER):
        title = "Vicem" if reader.post == Post.VICE_MINISTER else "M"
        return f"{honour} {title}inistr{'a' if female else 'o'}{' (E)' if reader.acting else ''}:"
    return f"{honour} {'doctora' if female else 'doctor'} {safe(reader.surname or surname(reader.name))}:"


def surname(name: str) -> str:
    """The first surname of a Colombian name: the second of two or three words, the third of four or more."""
    words = name.split()
    start = min(2 if len(words) > 3 else 1, len(words) - 1)  # noqa: PLR2004 - counted in the sentence above
    while start > 1 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    end = start
    while end < len(words) - 1 and words[end].lower() in _PARTICLES:
        end += 1
    return " ".join(words[max(start, 0) : end + 1])


def card(*body: Element | None, actions: Sequence[Element | None] = ()) -> Element:
    """A whole card; parts that are None are left out."""
    made: Element = {
        "type": "AdaptiveCard",
        "version": VERSION,
        "lang": "es",
        "msteams": {"width": "full"},
        "body": _present(body),
    }
    if present := _present(actions):
        made["actions"] = present
    return made


def with_note(content: Element, sentence: str) -> Element:
    """The same card with one small line at its foot, such as `ILLUSTRATIVE`."""
    return {**content, "body": [*content["body"], text(sentence, size="Small", subtle=True, separator=True)]}


def heading(title: str, subtitle: str = "") -> Element:
    """The card's title as a screen reader's heading, with a quieter line under it."""
    lines = [text(safe(clip(title, _TITLE)), size="Large", weight="Bolder") | {"style": "heading"}]
    if subtitle:
        lines.append(text(safe(clip(subtitle, _TITLE)), subtle=True, spacing="None"))
    return container(*lines)


def text(
    sentence: str,
    *,
    size: str = "",
    weight: str = "",
    color: str = "",
    spacing: str = "",
    subtle: bool = False,
    separator: bool = False,
) -> Element:
    """One paragraph. `sentence` is markup: pass what others wrote through `safe`."""
    made: Element = {"type": "TextBlock", "text": one_stop(sentence), "wrap": True}
    styled = {"size": size, "weight": weight, "color": color}
    made |= {key: value for key, value in styled.items() if value}
    return made | ({"isSubtle": True} if subtle else {}) | _line(separator=separator, spacing=spacing)


def quote(words: str, *, subtle: bool = False, bold: bool = False) -> Element:
    """Words as somebody wrote them: a text run knows no markup, so nothing in them becomes a link."""
    run: Element = {"type": "TextRun", "text": words or "—"}
    run |= ({"isSubtle": True} if subtle else {}) | ({"weight": "Bolder"} if bold else {})
    return {"type": "RichTextBlock", "spacing": "Small", "inlines": [run]}


def runs(*inlines: tuple[str, str]) -> Element:
    """One paragraph of coloured words: (text, colour); no colour is «Default»."""
    made = [{"type": "TextRun", "text": words, "color": color or "Default"} for words, color in inlines]
    return {"type": "RichTextBlock", "inlines": made}


def quoted(words: str, limit: int, most: int) -> list[Element]:
    """A longer text of somebody's, line by line as it was written; an ellipsis where it was cut."""
    lines = [line for line in words.splitlines() if line.strip()]
    made: list[Element] = []
    for line in lines[:most]:
        made.append(quote(clip(line, limit)))
        limit -= len(line)
        if limit <= 1:
            break
    return [*made, quote("…")] if len(made) < len(lines) else made


def safe(words: str) -> str:
    """Foreign words inside a sentence of ours: one line, in which no link can form and no list can begin."""
    return _LIST.sub(r"\1" + _ZERO_WIDTH, _LINK.sub("]" + _ZERO_WIDTH, " ".join(words.split())))


def clip(words: str, limit: int) -> str:
    """One line of at most `limit` characters, cut after a word."""
    return shortened(" ".join(words.split()), limit)


def facts(*pairs: tuple[str, str] | None) -> Element:
    """Name and value, line by line; pairs that are None are left out. Values are made safe here."""
    return {"type": "FactSet", "facts": [{"title": title, "value": safe(value)} for title, value in _present(pairs)]}


def container(*items: Element | None, style: str = "", separator: bool = False, spacing: str = "") -> Element:
    """A block. A style is a colour: say the same in words inside."""
    made: Element = {"type": "Container", "items": _present(items)}
    if style and style != "default":
        made["style"] = style
    return made | _line(separator=separator, spacing=spacing)


def _line(*, separator: bool, spacing: str) -> Element:
    """A line above a block stands off from what is above it."""
    apart = spacing or ("Medium" if separator else "")
    return ({"separator": True} if separator else {}) | ({"spacing": apart} if apart else {})


def badge(word: str, style: str) -> Element:
    """A small coloured plate that carries its word; a styled block where the client knows no badges."""
    block = container(text(word, size="Small", weight="Bolder"), style=style)
    return {"type": "Badge", "text": word, "style": _BADGES.get(style, style.capitalize()), "fallback": block}


def light(semaforo: Semaforo) -> Element:
    return badge(semaforo.value.word, semaforo.value.style)


def titled(title: Element, plate: Element) -> Element:
    """A line with its plate at the right."""
    return {
        "type": "ColumnSet",
        "columns": [
            {"type": "Column", "width": "stretch", "verticalContentAlignment": "Center", "items": [title]},
            {"type": "Column", "width": "auto", "items": [plate]},
        ],
    }


def said(word: str, sentence: str, style: str) -> Element:
    """An answer at the top of a card: its word («Registrado», «No registrado») and what happened."""
    return container(text(f"**{word}.** {safe(sentence)}"), style=style)


def execute(title: str, token: str, *, style: str = "", inputs: bool = True, tooltip: str = "") -> Element:
    """A button. Its data is the opaque token alone; clients without Action.Execute send the same by Action.Submit.

    `inputs` says whether the card's answers travel with it and are checked first.
    """
    made: Element = {"title": title, "data": {"a": token}}
    made |= {key: value for key, value in (("style", style), ("tooltip", tooltip)) if value}
    if not inputs:
        made["associatedInputs"] = "none"
    return {"type": "Action.Execute", "verb": VERB, **made, "fallback": {"type": "Action.Submit", **made}}


def button(title: str, token: str, *, style: str = "", inputs: bool = False) -> Element | None:
    """A button that exists only when it was given a token."""
    return execute(title, token, style=style, inputs=inputs) if token else None


def open_url(title: str, url: str) -> Element | None:
    return {"type": "Action.OpenUrl", "title": title, "url": url} if url else None


def show_card(title: str, *body: Element, action: Element) -> Element:
    """A button that unfolds a small form with one button of its own."""
    return {
        "type": "Action.ShowCard",
        "title": title,
        "card": {"type": "AdaptiveCard", "version": VERSION, "body": list(body), "actions": [action]},
    }


def buttons(*actions: Element | None) -> Element | None:
    present = _present(actions)
    return {"type": "ActionSet", "actions": present} if present else None


def input_text(
    name: str, label: str, *, value: str = "", limit: int = 0, multiline: bool = False, placeholder: str = ""
) -> Element:
    made: Element = {"type": "Input.Text", "id": name, "label": label}
    made |= {k: v for k, v in (("value", value), ("maxLength", limit), ("placeholder", placeholder)) if v}
    return made | ({"isMultiline": True} if multiline else {})


def input_date(name: str, label: str, value: str = "") -> Element:
    """`value` as AAAA-MM-DD, which is also how it comes back."""
    return {"type": "Input.Date", "id": name, "label": label} | ({"value": value} if value else {})


def input_choice(name: str, label: str, choices: Iterable[tuple[str, str]], value: str = "") -> Element:
    """A drop-down of (title, value)."""
    made: Element = {
        "type": "Input.ChoiceSet",
        "id": name,
        "label": label,
        "style": "compact",
        "placeholder": "Seleccione",
        "choices": [{"title": title, "value": stored} for title, stored in choices],
    }
    return made | ({"value": value} if value else {})


def input_toggle(name: str, title: str, label: str, *, on: bool = False) -> Element:
    return {"type": "Input.Toggle", "id": name, "title": title, "label": label, "value": "true" if on else "false"}


def problem(sentence: str | None) -> Element | None:
    """What is wrong with a field, or lacking in it, shown under it."""
    if not sentence:
        return None
    return text(f"**Revise.** {safe(sentence)}", color="Attention", size="Small", spacing="Small")


def own(name: str, token: str) -> str:
    """The id of an input that stands once a line: unlike its neighbours', and known to whoever knows the token."""
    return f"{name}_{token}"


def own_inputs(values: Mapping[str, Any], token: str) -> dict[str, Any]:
    """The answers that belong to this token's button, under their plain names; a neighbour's are left out."""
    end = f"_{token}"
    return {key.removesuffix(end): value for key, value in values.items() if key.endswith(end)}


def fitting(blocks: Sequence[Element], limit: int, budget: int = LIST_BYTES) -> list[Element]:
    """The first `limit` blocks, fewer when they would take more than `budget` bytes; at least one."""
    fit: list[Element] = []
    used = 0
    for block in blocks[:limit]:
        used += len(json.dumps(block, ensure_ascii=False).encode())
        if fit and used > budget:
            break
        fit.append(block)
    return fit


def listed(shown: int, total: int, noun: str, how: str) -> Element | None:
    """«Se muestran 8 de 12 alertas: …», when a list was cut."""
    return text(f"Se muestran {shown} de {total} {noun}. {how}", subtle=True, size="Small") if shown < total else None


@dataclass(frozen=True)
class Page:
    """Which part of a list a card shows: its first line (from 0), of how many; the tokens of the pages beside it."""

    first: int = 0
    total: int = 0
    previous: str = ""
    following: str = ""


WHOLE = Page()


def turning(page: Page) -> list[Element | None]:
    """The buttons to the pages beside this one."""
    return [button(PREVIOUS, page.previous), button(FOLLOWING, page.following)]


def place(page: Page, shown: int) -> Element | None:
    """«Se muestran 13 a 24 de 40.», when the list has more than this page."""
    if shown >= page.total:
        return None
    words = SHOWN.format(first=page.first + 1, last=page.first + shown, total=page.total)
    return text(words, subtle=True, size="Small")


def when(day: date | None) -> str:
    return short_date(day) if day else UNDATED


def due_on(day: date | None) -> str:
    """Within a line: «vencimiento 5/11/2026», «sin fecha de vencimiento»."""
    return f"vencimiento {short_date(day)}" if day else "sin fecha de vencimiento"


def moment(at: datetime) -> str:
    """«20/11/2026, 9:30 a. m.» in Bogotá; without zone it is local already; midnight is a day without an hour."""
    local = at.astimezone(BOGOTA) if at.tzinfo else at
    day = short_date(local.date())
    return day if local.time() == time.min else f"{day}, {time_of_day(local)}"


def figure(value: float | None, otherwise: str = NO_REPORT) -> str:
    return otherwise if value is None else percent(value)


def count(number: int, one: str, many: str) -> str:
    """«1 acción», «3 acciones»."""
    return f"{number} {one if number == 1 else many}"


def _present(parts: Iterable[Any]) -> list[Any]:
    return [part for part in parts if part is not None]
