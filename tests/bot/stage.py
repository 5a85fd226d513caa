from __future__ import annotations

from datetime import date
from typing import Any

from bot.demo import Demo


class Stage:
    """The running demonstration, with the few moves that the promises below are told in."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.sala = demo.sala
        self.service = demo.service

    async def on(self, day: date) -> None:
        await self.demo.live_until(day)

    def cards(self, person: str, channel: str | None = None) -> list[dict[str, Any]]:
        return [message for message in self.sala.messages(person, channel) if message["cards"]]

    def card(self, person: str, channel: str | None = None, having: str = "") -> dict[str, Any]:
        found = [message for message in self.cards(person, channel) if having in words(message)]
        assert found, f"{person} has no card with «{having}»"
        return found[-1]

    async def press(self, person: str, message: dict[str, Any], title: str, **inputs: Any) -> Any:
        return await self.sala.act(person, message["id"], title=title, inputs=inputs)

    async def answer(self, mailbox: str, text: str, **more: Any) -> None:
        mail = self.sala.mails(mailbox)[-1]
        await self.sala.reply(mailbox, mail.id, text, **more)
        await self.service.inbox.settled()

    def read(self, fn: Any, *args: Any) -> Any:
        with self.service.db.begin() as session:
            return fn(session, *args)


def words(element: Any) -> str:
    """Every word of a card or a message."""
    if isinstance(element, list):
        return " ".join(words(part) for part in element)
    if isinstance(element, dict):
        keys = ("text", "title", "value", "cards", "body", "items", "columns", "rows", "cells", "facts", "inlines")
        return " ".join(words(element.get(key)) for key in (*keys, "actions", "card", "label"))
    return element if isinstance(element, str) else ""
