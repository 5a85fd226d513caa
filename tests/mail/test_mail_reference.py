from __future__ import annotations

import pytest

from mail.reference import ALPHABET, find, find_all, token

REFERENCE = token(b"secreto", 7, "2026-11")
BODY = REFERENCE.replace("-", "")[2:]


def test_it_is_the_same_every_time_and_another_for_another_month() -> None:
    assert token(b"secreto", 7, "2026-11") == REFERENCE
    assert (
        len({token(b"secreto", entity, f"2026-{month:02d}") for entity in range(200) for month in range(1, 13)}) == 2400
    )
    assert token(b"otro", 7, "2026-11") != REFERENCE


@pytest.mark.parametrize(
    "written",
    [
        REFERENCE,
        f"RE: Solicitud de avance [Ref. {REFERENCE}]",
        REFERENCE.lower(),
        REFERENCE.replace("-", ""),
        REFERENCE.replace("-", " "),
        REFERENCE.replace("-", " – "),
        REFERENCE.replace("0", "O").replace("1", "l"),
        f"sr {BODY[:2]} {BODY[2:]}",
        REFERENCE.replace("-", "-\n"),
    ],
)
def test_it_is_found_however_it_was_typed(written: str) -> None:
    assert find(written) == REFERENCE


def test_o_and_0_and_i_l_1_are_alike() -> None:
    reference = next(one for n in range(500) if {"0", "1"} <= set(one := token(b"s", n, "2026-11")))
    for zero in "0oO":
        for one in "1iIlL":
            assert find(reference.replace("0", zero).replace("1", one)) == reference


def test_one_wrong_symbol_is_no_reference() -> None:
    for place in range(8):
        for other in set(ALPHABET) - {BODY[place]}:
            assert find(f"SR-{BODY[:place]}{other}{BODY[place + 1 :]}") is None


def test_names_that_look_like_one_hide_nothing() -> None:
    assert find(f"Sr. Fernando, Sr Gonzalez\n{REFERENCE}") == REFERENCE
    assert find_all(f"{REFERENCE} y {REFERENCE.lower()}") == (REFERENCE,)
    assert find("sin referencia") is None
