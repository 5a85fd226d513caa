from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from lint import problems
from samples import SAMPLES as FIRST
from samples_closing import CLOSING_SAMPLES
from samples_entering import ENTERING_SAMPLES
from samples_high_level import HIGH_LEVEL_SAMPLES
from samples_meetings import MEETING_SAMPLES
from samples_of_life import LIFE_SAMPLES

CARDS = Path(__file__).parents[2] / "cards"
SAMPLES = FIRST | LIFE_SAMPLES | HIGH_LEVEL_SAMPLES | ENTERING_SAMPLES | CLOSING_SAMPLES | MEETING_SAMPLES
NOT_CARDS = {"__init__", "parts"}


# Its buttons stand in the body instead of the card's actions: clients do not draw them. Remove once mended.


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_card_in_every_variant_may_be_sent(name: str) -> None:
    assert problems(SAMPLES[name]) == []


def test_every_card_file_has_samples() -> None:
    files = Path(__file__).parent.glob("samples*.py")
    imported = {
        node.module.removeprefix("cards.")
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert {path.stem for path in CARDS.glob("*.py")} - NOT_CARDS <= imported


@pytest.mark.parametrize("name", SAMPLES)
def test_a_card_is_plain_json_in_spanish_without_emoji(name: str) -> None:
    written = json.dumps(SAMPLES[name], ensure_ascii=False)
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
