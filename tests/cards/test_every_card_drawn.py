"""Every sample in a real browser, at a phone's width, with its forms folded and unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from every_sample import EVERY
from playwright.sync_api import Page
from rendered import PHONE, open_sheet, overflowing, show, unfold, unnamed

from tests.accessibility import complaints

pytestmark = pytest.mark.browser
WIDE = "palabra" * 60


@pytest.fixture
def sheet(page: Page) -> Iterator[Page]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    open_sheet(page, PHONE)
    yield page
    assert errors == []


def wrong(page: Page, card: dict[str, Any]) -> list[str]:
    """What the renderer missed, what a phone cuts, and what a screen reader cannot name."""
    found = [*show(page, card), *overflowing(page)]
    unfold(page)
    return [*found, *overflowing(page), *unnamed(page)]


def test_every_card_is_understood_fits_a_phone_and_names_its_inputs(sheet: Page) -> None:
    found = {name: complaints for name, card in EVERY.items() if (complaints := wrong(sheet, card))}
    assert found == {}
    assert sheet.evaluate("document.documentElement.scrollWidth") == PHONE


def test_axe_finds_nothing_on_the_page_of_all_cards(sheet: Page) -> None:
    assert show(sheet, *EVERY.values()) == []
    assert unfold(sheet) > 0
    assert complaints(sheet) == []


@pytest.mark.parametrize(
    ("element", "complaint"),
    [
        ({"type": "Sparkle"}, "Sparkle"),
        ({"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": WIDE}]}, WIDE[:20]),
        ({"type": "Input.Text", "id": "x"}, "<input"),
    ],
)
def test_what_is_wrong_is_seen(sheet: Page, element: dict[str, Any], complaint: str) -> None:
    card = {"type": "AdaptiveCard", "version": "1.5", "body": [element]}
    assert any(complaint in sentence for sentence in wrong(sheet, card))
