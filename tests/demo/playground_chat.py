"""A person's chat in Microsoft's Agents Playground: everything is found by the words that stand there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

WELCOME = "Con /ayuda se ven las opciones de su cargo"
PATIENCE = 20_000


class Chat:
    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)

    def open(self, url: str, today: str) -> None:
        """`today` is where the page's date pickers open; the Playground greets as Teams does after an installation."""
        self.page.clock.set_fixed_time(f"{today}T14:00:00Z")
        self.page.goto(url)
        self.shows(WELCOME)

    def cards(self, words: str) -> Locator:
        return self.page.locator(".ac-adaptiveCard").filter(has_text=words)

    def card(self, words: str, button: str = "") -> Locator:
        """The last card that says this, and has such a button."""
        cards = self.cards(words)
        return (cards.filter(has=self.page.get_by_role("button", name=button)) if button else cards).last

    def shows(self, words: str, *more: str) -> None:
        card = self.card(words)
        expect(card).to_be_visible(timeout=PATIENCE)
        for one in more:
            expect(card).to_contain_text(one, timeout=PATIENCE)

    def say(self, text: str) -> None:
        self.page.locator("[role=textbox][contenteditable=true]").click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")

    def press(self, words: str, button: str, answers: Mapping[str, str] | None = None) -> None:
        """Fill the card's fields by their labels' beginnings, then press."""
        card = self.card(words, button)
        for label, value in (answers or {}).items():
            card.get_by_label(re.compile(f"^{label}")).fill(value)
        card.get_by_role("button", name=button).click()

    def choose(self, words: str, label: str, option: str) -> None:
        self.card(words).get_by_role("combobox", name=label).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def pick_day(self, words: str, label: str, day: int) -> None:
        """A day of the month that the picker opens."""
        self.card(words).get_by_role("combobox", name=label).click()
        self.page.get_by_role("gridcell", name=re.compile(f"^{day}\\b")).first.click()
