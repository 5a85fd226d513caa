"""R17: the information that somebody asked for about an alert was given: told to whoever asked."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import (
    Element,
    Reader,
    buttons,
    card,
    clip,
    container,
    count,
    fitting,
    greeting,
    heading,
    listed,
    open_url,
    safe,
    text,
)

TITLE = "Se recibió la información solicitada"
ASKED = "**Se solicitó:** {question}"
ANSWERED = "**Se informó:** {answer}"
OPEN = "Ver la tarjeta"
MORE = "Las demás están en el canal de escalamiento."
_MOST = 8
_TEXT_SHOWN = 500


@dataclass(frozen=True)
class AnsweredQuestion:
    """One alert: what was asked of it and what its leader noted, with who wrote it; `url` is the decision card."""

    subject: str
    initiative: str
    question: str
    answer: str
    url: str = ""


@dataclass(frozen=True)
class Answered:
    reader: Reader
    questions: tuple[AnsweredQuestion, ...]


def answered(data: Answered) -> Element:
    shown = fitting([_block(one) for one in data.questions], _MOST)
    return card(
        heading(TITLE),
        text(greeting(data.reader)),
        *shown,
        listed(len(shown), len(data.questions), "respuestas", MORE),
    )


def summary(data: Answered) -> str:
    number = len(data.questions)
    about = data.questions[0].subject if number == 1 else count(number, "alerta", "alertas")
    return f"{about}: {TITLE.lower()}"


def _block(one: AnsweredQuestion) -> Element:
    return container(
        text(f"**{safe(clip(one.subject, 100))}** · {safe(clip(one.initiative, 100))}"),
        text(ASKED.format(question=safe(clip(one.question, _TEXT_SHOWN))), subtle=True, spacing="Small"),
        text(ANSWERED.format(answer=safe(clip(one.answer, _TEXT_SHOWN))), spacing="Small"),
        buttons(open_url(OPEN, one.url)),
        separator=True,
    )
