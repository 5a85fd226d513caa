"""What a turn answers with: plain data, drawn inside one transaction and sent after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.drawing.context import Desk
from cards.message import DONE, NOTE, REFUSED, Message, message
from cards.parts import Element
from methodology.people import Actor


@dataclass(frozen=True)
class Answer:
    """One card or sentence, and what must follow it.

    `scope` names its buttons' scope until it is posted; `redraw` the posted message that must show what happened;
    `beat` asks for the clock's work now (something became due by this very act), `publish` for the site to be drawn
    anew; `recorded` are the follow-ups that were registered: other leaders' open cards must show them.
    """

    card: Element | None = None
    text: str = ""
    summary: str = ""
    scope: str = ""
    redraw: str = ""
    beat: bool = False
    publish: bool = False
    recorded: tuple[int, ...] = ()


@dataclass(frozen=True)
class Turn:
    """Who speaks, where, about which message, with which inputs."""

    desk: Desk
    actor: Actor
    place: str
    activity_id: str
    values: dict[str, Any] = field(default_factory=dict)


def said(sentence: str, word: str = NOTE, **more: str) -> Answer:
    """A sentence as a small card: in place of the pressed one, or by itself."""
    return Answer(card=message(Message(sentence, word, **more)), summary=sentence)


def done(sentence: str, **more: str) -> Answer:
    return said(sentence, DONE, **more)


def refused(sentence: str) -> Answer:
    return said(sentence, REFUSED)
