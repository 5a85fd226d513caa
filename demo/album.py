"""What the Sala saw, kept in files: every card as it was received, every mail as it lay in a mailbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from demo.config import slug
from demo.desk import Desk
from demo.hub import Json
from demo.mailroom import Mail

CARDS, MAILS = "tarjetas", "correos"
OFFICE = "pl"
"""Through whose eyes a channel is read: its cards as everybody sees them, not one person's answer."""


@dataclass(frozen=True)
class Piece:
    """A card or a mail that reached somebody. `who` is a person's key, `canal-…` or an address."""

    day: date
    who: str
    title: str
    words: tuple[str, ...]
    fresh: bool = True
    """False when a card that was there already changed."""
    files: int = 0
    is_copy: bool = False
    card: Json | None = field(default=None, compare=False)

    @property
    def is_mail(self) -> bool:
        return "@" in self.who

    @property
    def in_channel(self) -> bool:
        return self.who.startswith("canal-")

    def says(self, words: str) -> bool:
        return any(words in line for line in self.words)


class Album:
    """Reads the Sala as its people do, and writes what is new to `folder`."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._desk = desk
        self._folder = folder
        self._cards: dict[tuple[str, str], Json] = {}
        self._mails: dict[str, int] = {}
        self._numbers = dict.fromkeys((CARDS, MAILS), 0)
        self.pieces: list[Piece] = []
        for name in (CARDS, MAILS):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def collect(self) -> list[Piece]:
        """What arrived since the last time, oldest first."""
        new = sorted([*self._new_cards(), *self._new_mails()], key=lambda piece: piece.day)
        self._keep_answers()
        self.pieces += new
        return new

    def written(self, name: str) -> int:
        return self._numbers[name]

    def _new_cards(self) -> Iterator[Piece]:
        for person in self._desk.config.people:
            yield from self._cards_of(person.key, self._desk.messages(person.key))
        for channel in self._desk.config.channels:
            yield from self._cards_of(f"canal-{channel.key}", self._desk.messages(OFFICE, channel.key))

    def _cards_of(self, who: str, messages: list[Json]) -> Iterator[Piece]:
        for message in messages:
            for card in message["cards"]:
                place = (who, message["id"])
                if self._cards.get(place) == card:
                    continue
                fresh = place not in self._cards
                self._cards[place] = card
                day = datetime.fromisoformat(message["time"]).date()
                self._write(CARDS, day, who, "json", json.dumps(card, ensure_ascii=False, indent=2).encode())
                words = tuple(words_of(card))
                yield Piece(day, who, words[0] if words else "", words, fresh, card=card)

    def _new_mails(self) -> Iterator[Piece]:
        for address in list(self._desk.mailroom.addresses()):
            mails = self._desk.mails(address)
            for mail in mails[self._mails.get(address, 0) :]:
                yield self._mail(mail, f"para-{address}")
            self._mails[address] = len(mails)

    def _mail(self, mail: Mail, name: str) -> Piece:
        day = mail.received.date()
        self._write(MAILS, day, name, "eml", mail.raw)
        title = " ".join(str(mail.message["Subject"] or "").split())
        is_copy = mail.mailbox not in str(mail.message["To"]).lower()
        words = (title, mail.part("plain"))
        return Piece(day, mail.mailbox, title, words, files=len(mail.attachments()), is_copy=is_copy)

    def _keep_answers(self) -> None:
        """The entities' own letters are filed too; they reached the bot, so they are no news in the Sala."""
        sent = self._desk.mailroom.sent
        for mail in sent[self._mails.get("", 0) :]:
            self._write(MAILS, mail.received.date(), f"de-{mail.mailbox}", "eml", mail.raw)
        self._mails[""] = len(sent)

    def _write(self, kind: str, day: date, who: str, extension: str, body: bytes) -> None:
        self._numbers[kind] += 1
        name = f"{self._numbers[kind]:03d}-{day}-{slug(who)}.{extension}"
        (self._folder / kind / name).write_bytes(body)


def words_of(node: object) -> Iterator[str]:
    """Every sentence of a card in reading order; facts as «name: value», buttons in brackets."""
    if isinstance(node, list):
        for part in node:
            yield from words_of(part)
    elif isinstance(node, dict):
        yield from _own_words(node)
        for key in ("columns", "items", "body", "rows", "cells", "card", "actions"):
            yield from words_of(node.get(key))


def _own_words(node: Json) -> Iterator[str]:
    kind = str(node.get("type", ""))
    if kind in {"TextBlock", "Badge"}:
        yield str(node["text"])
    elif kind == "RichTextBlock":
        yield "".join(run if isinstance(run, str) else str(run["text"]) for run in node["inlines"])
    elif kind == "FactSet":
        yield from (f"{fact['title']}: {fact['value']}" for fact in node["facts"])
    elif kind.startswith("Action."):
        yield f"[{node.get('title', '')}]"
