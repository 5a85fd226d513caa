from __future__ import annotations

import json
from typing import Any

import pytest
from every_sample import CARDS, EVERY, FILES, by_card
from lint import problems
from readable import SNAPSHOTS, snapshot


@pytest.mark.parametrize("name", list(EVERY))
def test_every_card_in_every_variant_may_be_sent(name: str) -> None:
    assert problems(EVERY[name]) == []


def test_every_card_has_samples_and_every_sample_its_card() -> None:
    assert [card for card, samples in by_card().items() if not samples] == []
    assert len(EVERY) == sum(map(len, FILES)), "two samples have one name"


@pytest.mark.parametrize("card", CARDS)
def test_a_card_reads_as_its_snapshot_says(card: str) -> None:
    assert snapshot(by_card()[card]) == (SNAPSHOTS / f"{card}.txt").read_text("utf-8"), "make snapshots, and read them"


def test_no_snapshot_is_left_of_a_card_that_is_gone() -> None:
    assert sorted(file.stem for file in SNAPSHOTS.iterdir()) == CARDS


@pytest.mark.parametrize("name", EVERY)
def test_a_card_is_plain_json_in_spanish_without_emoji(name: str) -> None:
    written = json.dumps(EVERY[name], ensure_ascii=False)
    assert not any(ord(c) > 0x2BFF for c in written)
    assert "None" not in written.replace('"spacing": "None"', "")


def _card(**parts: Any) -> dict[str, Any]:
    return {"type": "AdaptiveCard", "version": "1.5", "body": [], **parts}


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (_card(version="1.6"), "version"),
        (_card(colour="red"), "unknown property colour"),
        (_card(body=[{"type": "Sparkle"}]), "unknown type"),
        (_card(body=[{"type": "FactSet", "facts": [{"title": "a", "valor": "b"}]}]), "unknown property valor"),
        (_card(body=[{"type": "TextBlock", "text": "x", "size": "Huge"}]), "size"),
        (_card(body=[{"type": "Input.Text", "id": "x"}]), "label"),
        (_card(body=[{"type": "Input.Text", "id": "x", "label": "a"}] * 2), "stands 2 times"),
        (_card(body=[{"type": "Container", "style": "good", "items": []}]), "colour without a word"),
        (_card(body=[{"type": "TextBlock", "text": "x" * 29_000}]), "bytes"),
        (_card(body=[{"type": "Table", "rows": []}]), "no fallback"),
        (_card(actions=[{"type": "Action.Execute", "title": "x", "data": {"a": "t"}}]), "no fallback"),
        (_card(body=[{"type": "Action.OpenUrl", "title": "x", "url": "https://x.example"}]), "outside a row"),
        (_card(actions=[{"type": "Action.Execute", "title": "x", "data": {"a": "t", "id": 7}}]), "opaque"),
    ],
)
def test_the_linter_sees(card: dict[str, Any], complaint: str) -> None:
    assert any(complaint in sentence for sentence in problems(card))
