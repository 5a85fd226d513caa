"""All samples together, and which card each is of: its name begins with the card's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from samples import SAMPLES
from samples_ahead import AHEAD_SAMPLES
from samples_closing import CLOSING_SAMPLES
from samples_confirm import CONFIRM_SAMPLES
from samples_entering import ENTERING_SAMPLES
from samples_high_level import HIGH_LEVEL_SAMPLES
from samples_meetings import MEETING_SAMPLES
from samples_of_life import LIFE_SAMPLES

FILES = (
    SAMPLES, LIFE_SAMPLES, HIGH_LEVEL_SAMPLES, ENTERING_SAMPLES, CLOSING_SAMPLES, MEETING_SAMPLES, AHEAD_SAMPLES,
    CONFIRM_SAMPLES,
)  # fmt: skip
EVERY: dict[str, dict[str, Any]] = {name: card for samples in FILES for name, card in samples.items()}
CARDS = sorted({path.stem for path in (Path(__file__).parents[2] / "cards").glob("*.py")} - {"__init__", "parts"})


def card_of(name: str) -> str:
    """«alert list, none» is a sample of `alert_list`."""
    return max((card for card in CARDS if name.startswith(card.replace("_", " "))), key=len)


def by_card() -> dict[str, dict[str, dict[str, Any]]]:
    """The samples of each card, in their order; a card without samples has an empty one."""
    return {card: {name: made for name, made in EVERY.items() if card_of(name) == card} for card in CARDS}
