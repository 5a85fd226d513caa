from __future__ import annotations

import pytest

from methodology.rules import codes

KNOWN = ["AST-04", "AST-14", "BIO-04", "XY-1", "XY-01"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("AST-04", "AST-04"), ("ast-4", "AST-04"), ("Ast 4", "AST-04"), ("AST–14", "AST-14"), ("AST-5", None)],
)
def test_a_code_is_meant_by_its_letters_and_its_number(typed: str, meant: str | None) -> None:
    assert codes.meant(typed, KNOWN) == meant


def test_two_codes_that_read_the_same_are_told_apart_by_their_writing_only() -> None:
    assert codes.meant("XY 001", KNOWN) is None
    assert codes.meant("xy-1", KNOWN) == "XY-1"


def test_the_nearest_are_asked_about_and_words_are_no_code() -> None:
    assert codes.nearest("AST-44", KNOWN).startswith("¿Quiso decir AST-")
    assert codes.nearest("DIAN", KNOWN) == ""
