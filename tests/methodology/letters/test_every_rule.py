"""The letters are the index of the method: no rule without a promise here, no promise of a rule that is not there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from methodology.rules.whole import METHOD

PROMISE = re.compile(r"test_r(\d+)_[a-z]\w+")


def promises(letter: str) -> dict[str, list[str]]:
    """The promises of one letter's file, by rule."""
    file = Path(__file__).parent / f"test_letter_{letter.lower()}.py"
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = [node.name for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, kinds)]
    found: dict[str, list[str]] = {}
    for name in names:
        if match := PROMISE.fullmatch(name):
            found.setdefault(f"R{match[1]}", []).append(name)
        else:
            assert not name.startswith("test_"), f"{name} names no rule"
    return found


@pytest.mark.parametrize("rule", METHOD, ids=lambda rule: rule.id)
def test_every_rule_has_its_promise_in_the_file_of_its_letter(rule: object) -> None:
    assert promises(rule.letter).get(rule.id)  # type: ignore[attr-defined]


@pytest.mark.parametrize("letter", "ABCDEF")
def test_a_letter_promises_nothing_of_another(letter: str) -> None:
    assert set(promises(letter)) == {rule.id for rule in METHOD if rule.letter == letter}


def test_the_rules_are_the_fifty_of_the_method() -> None:
    assert [rule.id for rule in METHOD] == [f"R{number}" for number in range(1, 51)]
