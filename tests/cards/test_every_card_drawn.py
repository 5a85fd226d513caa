"""Every sample in a real browser, at a phone's width, with its forms folded and unfolded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


def shape(part: Any) -> Any:
    """What axe sees of an element, whatever its words are: types, styles, and what stands in it."""
    if isinstance(part, dict):
        words = ("text", "title", "value", "label", "id", "data", "url", "placeholder", "tooltip")
        return tuple((key, bool(part[key]) if key in words else shape(part[key])) for key in sorted(part))
    return tuple(map(shape, part)) if isinstance(part, list) else part


def thinned(part: Any) -> Any:
    """The card without what only repeats: of elements of one shape that stand beside each other, the first two."""
    if isinstance(part, dict):
        return {key: thinned(value) for key, value in part.items()}
    if not isinstance(part, list):
        return part
    made: list[Any] = []
    for one in map(thinned, part):
        if [shape(one)] * 2 != [shape(other) for other in made[-2:]]:
            made.append(one)
    return made


def distinct(cards: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The cards with the parts whose shape no card before them had; a card without any is left out."""
    seen: set[Any] = set()
    made = []
    for card in map(thinned, cards):
        parts = {name: [one for one in card.get(name, []) if shape(one) not in seen] for name in ("body", "actions")}
        seen |= {shape(one) for part in parts.values() for one in part}
        if any(parts.values()):
            made.append({**card, **parts})
    return made


def test_axe_finds_nothing_on_the_page_of_all_cards(sheet: Page) -> None:
    """Of all their shapes: axe's time grows with the page, and a thirtieth equal line tells it nothing new."""
    assert show(sheet, *distinct(EVERY.values())) == []
    assert unfold(sheet) > 0
    assert complaints(sheet) == []


def test_thinning_leaves_no_shape_out() -> None:
    line = {"type": "TextBlock", "text": "a"}
    other = {**line, "isSubtle": True}
    assert thinned([line, {**line, "text": "b"}, {**line, "text": "c"}, other, line]) == [
        line, {**line, "text": "b"}, other, line,
    ]  # fmt: skip
    every = {shape(one) for card in map(thinned, EVERY.values()) for one in card["body"]}
    assert {shape(one) for card in distinct(EVERY.values()) for one in card["body"]} == every


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
