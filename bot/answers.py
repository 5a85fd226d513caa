"""What a turn answers with: plain data, drawn inside one transaction and sent after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.drawing.context import Desk
from cards.message import DONE, NOTE, REFUSED, Message, message
from cards.parts import Element
from methodology.people import Actor


@dataclass(frozen=True)
class LongWork:
    """What takes longer than a turn may. The answer that carries it stands in its place until it is done.

    `compute` runs in a thread of its own and touches no database of ours; `draw` turns what it returned into the card
    and its summary, in a transaction, under the buttons' `scope`.
    """

    scope: str
    compute: Callable[[], Any]
    draw: Callable[[Desk, Any], tuple[Element, str]]


@dataclass(frozen=True)
class FileOffer:
    """A file that is offered after the turn: which (`args`), and the token by which it is accepted in its `scope`."""

    scope: str
    token: str
    args: Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """One card or sentence, and what must follow it.

    `scope` names its buttons' scope until it is posted; `redraw` the posted message that must show what happened;
    `closes` the posted card of this chat that is over with it; `beat` asks for the clock's work now (something became
    due by this very act), `publish` for the site to be drawn anew; `recorded` are the follow-ups that were registered:
    other leaders' open cards must show them. `work` is what the message is edited with later, `offer` a file to be
    offered.
    """

    card: Element | None = None
    text: str = ""
    summary: str = ""
    scope: str = ""
    redraw: str = ""
    beat: bool = False
    publish: bool = False
    closes: str = ""
    recorded: tuple[int, ...] = ()
    work: LongWork | None = None
    offer: FileOffer | None = None


@dataclass(frozen=True)
class Turn:
    """Who speaks, where, about which message, with which inputs; `registered` its follow-ups' initiatives, by id."""

    desk: Desk
    actor: Actor
    place: str
    activity_id: str
    values: dict[str, Any] = field(default_factory=dict)
    registered: dict[int, int] = field(default_factory=dict)


def said(sentence: str, word: str = NOTE, **more: str) -> Answer:
    """A sentence as a small card: in place of the pressed one, or by itself."""
    return Answer(card=message(Message(sentence, word, **more)), summary=sentence)


def done(sentence: str, **more: str) -> Answer:
    return said(sentence, DONE, **more)


def refused(sentence: str) -> Answer:
    return said(sentence, REFUSED)
