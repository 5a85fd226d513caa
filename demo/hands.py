"""Hands for a script: it reads cards and fills them by what stands on them, as a person does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping

from demo.album import words_of
from demo.desk import Desk
from demo.hub import Json
from demo.mailroom import Mail
from demo.teams import ActionError, Outcome

PATIENCE = 20.0
MOMENT = 0.05


class Hands:
    """What people of the Sala do, each naming what they see: a button's words, a field's label, a mail's subject."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def press(
        self,
        person: str,
        button: str,
        answers: Mapping[str, str] | None = None,
        *,
        on: str = "",
        channel: str | None = None,
    ) -> Outcome:
        """Press the newest card's button of these words; `on` is something that the card says.

        Raises:
            ActionError: no such card or field, or the bot did not serve the press.
        """
        post, card = self._card(person, button, on, channel)
        inputs = {**_defaults(card, button), **_named(card, button, answers or {})}
        outcome = await self._desk.act(person, post, inputs=inputs, title=button)
        return _served(outcome)

    async def say(self, person: str, text: str) -> Json:
        """Type to the bot and read its answer: the newest card of the chat."""
        _served(await self._desk.say(person, text))
        cards: list[Json] = [card for message in self._desk.messages(person) for card in message["cards"]]
        return cards[-1]

    async def answer(self, address: str, text: str, subject: str = "", *, auto: bool = False) -> None:
        """Answer the newest mail to a mailbox whose subject holds these words; of what it got as a copy, none."""
        received = (mail for mail in self._desk.mails(address) if address in str(mail.message["To"]).lower())
        mails = [mail for mail in received if subject in str(mail.message["Subject"])]
        if not mails:
            raise ActionError(f"El buzón {address} no tiene un correo «{subject}».")
        await self._desk.reply(address, mails[-1].id, text, auto=auto)

    def mail(self, address: str) -> Mail | None:
        mails = self._desk.mails(address)
        return mails[-1] if mails else None

    def _card(self, person: str, button: str, on: str, channel: str | None) -> tuple[str, Json]:
        for message in reversed(self._desk.messages(person, channel)):
            for card in message["cards"]:
                words = list(words_of(card))
                if f"[{button}]" in words and any(on in line for line in words):
                    return message["id"], card
        raise ActionError(f"{person} no tiene una tarjeta con el botón «{button}»{f' y «{on}»' if on else ''}.")


async def until(true: Callable[[], object], patience: float = PATIENCE) -> bool:
    """Wait for something that the bot does by itself after it answered."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    while not true():
        if loop.time() > end:
            return False
        await asyncio.sleep(MOMENT)
    return True


def links(card: Json) -> dict[str, str]:
    """The card's links by their words."""
    return {str(node["title"]): str(node["url"]) for node in nodes(card) if node.get("type") == "Action.OpenUrl"}


def nodes(node: object, *, folded: bool = True) -> Iterator[Json]:
    """Every object of a card; without `folded`, not those inside an Action.ShowCard."""
    if isinstance(node, list):
        for part in node:
            yield from nodes(part, folded=folded)
    elif isinstance(node, dict):
        yield node
        if node.get("type") != "Action.ShowCard" or folded:
            for key, part in node.items():
                if key not in {"data", "fallback"}:
                    yield from nodes(part, folded=folded)


def _form(card: Json, button: str) -> list[Json]:
    """The inputs that travel with a button: its own small form's, or the whole card's outside such forms."""
    small = (node["card"] for node in nodes(card) if node.get("type") == "Action.ShowCard")
    for form in small:
        if any(node.get("title") == button for node in nodes(form)):
            return _inputs(form)
    return _inputs(card)


def _inputs(card: Json) -> list[Json]:
    return [node for node in nodes(card, folded=False) if str(node.get("type", "")).startswith("Input.")]


def _defaults(card: Json, button: str) -> dict[str, str]:
    return {str(field["id"]): str(field.get("value", "")) for field in _form(card, button)}


def _named(card: Json, button: str, answers: Mapping[str, str]) -> dict[str, str]:
    """Answers by label, as ids; the label may be given by its beginning."""
    named = {}
    for label, value in answers.items():
        found = [field["id"] for field in _form(card, button) if str(field.get("label", "")).startswith(label)]
        if not found:
            raise ActionError(f"La tarjeta no tiene el campo «{label}».")
        named[str(found[0])] = value
    return named


def _served(outcome: Outcome) -> Outcome:
    if outcome.kind == "error":
        raise ActionError(outcome.text)
    return outcome
