"""R26, R29: what an entity answered, by its page, to whoever asked it to validate."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import (
    Element,
    Reader,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    fitting,
    greeting,
    heading,
    listed,
    quote,
    safe,
    text,
)

TITLE = "Respuesta a la solicitud de validación"
ANSWER = "**Respuesta:** {answer}. {outcome}"
SIGNED = "Responde: {who}, por {entity}."
RECORD = "Registrar validación"
OPEN = "Ver la acción"
MORE = "Las demás se consultan con /iniciativa."
_MOST = 8
_TEXT_SHOWN = 500


@dataclass(frozen=True)
class Answer:
    """One subject: what was answered, word for word, and what became of it. `record` and `open` are tokens."""

    title: str
    entity: str
    initiative: str
    who: str
    answer: str
    words: str
    outcome: str
    record: str = ""
    open: str = ""


@dataclass(frozen=True)
class Validated:
    reader: Reader
    answers: tuple[Answer, ...]


def validated(data: Validated) -> Element:
    shown = fitting([_block(one) for one in data.answers], _MOST)
    return card(
        heading(TITLE),
        text(greeting(data.reader)),
        *shown,
        listed(len(shown), len(data.answers), "respuestas", MORE),
    )


def summary(data: Validated) -> str:
    first, number = data.answers[0], len(data.answers)
    about = f"{first.entity}, {first.title}" if number == 1 else count(number, "respuesta", "respuestas")
    return f"{TITLE}: {clip(about, 120)}"


def _block(one: Answer) -> Element:
    return container(
        text(f"**{safe(clip(one.title, 100))}** · {safe(clip(one.initiative, 100))}"),
        text(ANSWER.format(answer=safe(clip(one.answer, 40)), outcome=safe(clip(one.outcome, 200))), spacing="Small"),
        quote(clip(one.words, _TEXT_SHOWN)) if one.words else None,
        text(SIGNED.format(who=safe(clip(one.who, 200)), entity=safe(clip(one.entity, 100))), subtle=True),
        buttons(button(RECORD, one.record), button(OPEN, one.open)),
        separator=True,
    )
