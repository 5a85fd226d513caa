"""The small world with a desk in it: cards are drawn, commands typed and buttons pressed without any wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot import commands, presses
from bot.answers import Answer, Turn
from bot.commands import entity_names, initiative_names
from bot.drawing.context import Desk, Studio
from bot.links import Links
from bot.settings import Settings
from cards.parts import Element
from dialogs.commands import Command, parse
from methodology.clock import SettableClock
from methodology.people import Actor
from methodology.rules.states import Post
from methodology.script import stand_in
from tests.peers.core_world import Core, at, day


class DeskWorld(Core):
    """Who sits there and when is said each time; `on` is a day, at nine in the morning."""

    def desk(self, on: str) -> Desk:
        now, secret = at(on, 9), b"x" * 32
        settings = Settings("a", "b", "t", frozenset(), secret, "soluciones@operador.example", "operador.example")
        links = Links(secret, settings.public_url, SettableClock(now))
        return Desk(self.session, Studio(settings, links, self.method), "lote", now)

    def turn(self, who: Actor | Post, on: str, **values: str) -> Turn:
        actor = who if isinstance(who, Actor) else stand_in(who)
        return Turn(self.desk(on), actor, "", "", dict(values))

    def says(self, who: Actor | Post, on: str, text: str) -> Answer:
        """A command, typed."""
        command = parse(text, initiative_names(self.session), day(on), entity_names(self.session))
        assert isinstance(command, Command), command
        return commands.run(self.turn(who, on), command)

    def presses(self, who: Actor | Post, on: str, card: Element | None, title: str, **values: str) -> Answer:
        """The first button of that title."""
        return presses.press(self.turn(who, on, **values), tokens(card, title)[0])


def tokens(element: Any, title: str) -> list[str]:
    """The tokens of the buttons of that title, in the order in which they stand."""
    return [str(one["data"]["a"]) for one in _actions(element) if one.get("title") == title and "data" in one]


def titles(element: Any) -> list[str]:
    """The titles of every button of a card."""
    return [str(one["title"]) for one in _actions(element)]


def _actions(element: Any) -> Sequence[Mapping[str, Any]]:
    if isinstance(element, list):
        return [one for part in element for one in _actions(part)]
    if not isinstance(element, dict):
        return []
    own = [element] if str(element.get("type", "")).startswith("Action.") else []
    return [*own, *(one for key, part in element.items() if key != "fallback" for one in _actions(part))]
