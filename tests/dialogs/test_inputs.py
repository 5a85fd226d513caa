from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialogs.inputs import FIELDS, follow_up_of, typed
from methodology.rules.followup import AchievementInput, FollowUpInput

TODAY = date(2026, 11, 26)


def test_the_cards_inputs_are_an_answer() -> None:
    values = {
        "percent": 80.5,
        "text": " Salió a comentarios ",
        "met_on": "2026-11-03",
        "confirmed_same": "true",
        "a": "t",
    }
    answer, problems = follow_up_of(values, TODAY)
    assert answer == FollowUpInput(80.5, "Salió a comentarios", date(2026, 11, 3), confirmed_same=True)
    assert problems == {}


def test_an_achievement_counts_when_marked_or_written() -> None:
    assert follow_up_of({"is_achievement": "true"}, TODAY)[0].achievement == AchievementInput("", "", "")
    assert follow_up_of({"achievement_text": "Guía publicada"}, TODAY)[0].achievement is not None
    assert follow_up_of({"achievement_priority": "Alta"}, TODAY)[0].achievement is None


def test_what_cannot_be_read_is_said_beside_its_field() -> None:
    answer, problems = follow_up_of({"percent": "ochenta", "met_on": "ayer"}, TODAY)
    assert (answer.percent, answer.met_on) == (None, None)
    assert problems.keys() == {"percent", "met_on"}


def test_only_the_cards_own_inputs_are_shown_again() -> None:
    assert typed({"percent": 85.0, "text": "x", "a": "token", "__proto__": "y", "reason": ["z"]}) == {
        "percent": "85",
        "text": "x",
    }


@given(st.dictionaries(st.sampled_from(FIELDS), st.none() | st.booleans() | st.integers() | st.floats() | st.text()))
def test_nothing_a_client_sends_makes_it_raise(values: dict[str, Any]) -> None:
    answer, _ = follow_up_of(values, TODAY)
    assert answer.percent is None or 0 <= answer.percent <= 100
