from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from methodology.rules.followup import AchievementInput, Before, FollowUpInput, missing, says_why
from methodology.rules.states import ACHIEVEMENT_KINDS
from methodology.rules.thresholds import Thresholds

TODAY = date(2026, 11, 26)
TEXT = "Se radicó el proyecto de resolución."
NOTHING_BEFORE = Before(None, "")


def _lacks(before: Before = NOTHING_BEFORE, **given: Any) -> list[str]:
    return [item.field for item in missing(FollowUpInput(**({"percent": 50.0, "text": TEXT} | given)), before, TODAY)]


def test_a_number_and_a_text_are_enough() -> None:
    assert _lacks() == []


@pytest.mark.parametrize("given", [{"percent": None}, {"percent": -1}, {"percent": 100.1}, {"percent": 33.33}])
def test_the_number_goes_from_0_to_100_with_one_decimal(given: dict[str, Any]) -> None:
    assert _lacks(**given) == ["percent"]


@pytest.mark.parametrize(("length", "lacks"), [(14, ["text"]), (15, []), (1000, []), (1001, ["text"])])
def test_the_text_has_15_to_1000_characters(length: int, lacks: list[str]) -> None:
    assert _lacks(text="a" * length) == lacks


@pytest.mark.parametrize(("length", "accepted"), [(29, False), (30, True), (2000, True), (2001, False)])
def test_how_long_the_text_is_is_configured_and_said(length: int, accepted: bool) -> None:
    limits = Thresholds(text_min=30, text_max=2000)
    lacks = missing(FollowUpInput(50.0, "a" * length), NOTHING_BEFORE, TODAY, limits)
    said = [] if accepted else [f"Describa el avance en 30 a 2.000 caracteres (van {length})."]
    assert [item.sentence for item in lacks] == said


def test_both_are_asked_for_at_once() -> None:
    assert _lacks(percent=None, text="") == ["percent", "text"]


def test_spaces_do_not_make_a_text() -> None:
    assert _lacks(text="corto" + " " * 20) == ["text"]


def test_100_asks_for_the_date_and_the_evidence() -> None:
    assert _lacks(percent=100.0) == ["met_on", "evidence"]
    assert _lacks(percent=100.0, met_on=TODAY, evidence="Resolución 123") == []


def test_the_date_of_compliance_is_not_in_the_future() -> None:
    assert _lacks(percent=100.0, met_on=date(2026, 11, 27), evidence="Acta") == ["met_on"]


def test_a_fall_asks_for_the_reason() -> None:
    assert _lacks(Before(60.0, ""), percent=50.0) == ["reason"]
    assert _lacks(Before(60.0, ""), percent=50.0, reason="Se devolvió el proyecto") == []
    assert _lacks(Before(50.0, ""), percent=50.0) == []


def test_a_text_identical_to_last_months_is_questioned() -> None:
    same = Before(50.0, TEXT.upper())
    assert _lacks(same) == ["confirmed_same"]
    assert _lacks(same, confirmed_same=True) == []


def test_a_logro_may_exist_below_100_and_needs_text_priority_and_kind() -> None:
    whole = AchievementInput("Se expidió la circular conjunta", "Alta", "circular o guía")
    assert _lacks(percent=40.0, achievement=whole) == []
    lacks = ["achievement_text", "achievement_priority", "achievement_kind"]
    assert _lacks(achievement=AchievementInput("corto", "Urgente", "anuncio")) == lacks


@pytest.mark.parametrize("kind", ACHIEVEMENT_KINDS)
def test_every_kind_of_result_is_accepted(kind: str) -> None:
    assert _lacks(achievement=AchievementInput("Un resultado concreto", "Baja", kind)) == []


@pytest.mark.parametrize(
    "words", ["no", "Ninguno.", "no sé", "N/A", "-", "no se sabe aún", "sin motivo", "no hay ningún motivo"]
)
def test_what_says_nothing_is_no_reason(words: str) -> None:
    assert not says_why(words)


@pytest.mark.parametrize("words", ["no hay presupuesto", "No se firmó el convenio", "ninguna entidad respondió"])
def test_a_reason_may_begin_with_no(words: str) -> None:
    assert says_why(words)
