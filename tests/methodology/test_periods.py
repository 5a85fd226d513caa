from __future__ import annotations

from datetime import date

import pytest

from methodology.rules.calendar import WorkCalendar
from methodology.rules.periods import FORTNIGHTLY, Period

SEP_OCT = Period(2026, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2026-B5", "2026b5", "B5 2026", "b5 de 2026", "bimestre 5 de 2026", "sep-oct 2026", "sept–oct 2026",
        "septiembre-octubre 2026", "Septiembre–Octubre de 2026", "septiembre y octubre de 2026", "sep/oct 2026",
        "sep oct 2026", "sep - oct 2026", "2026-09/10", "2026-09-10", "2026-09 a 2026-10", "2026-09", "2026-10",
        "octubre 2026", "octubre de 2026", " sep. 2026 ",
    ],
)  # fmt: skip
def test_a_period_is_understood_however_it_is_written(text: str) -> None:
    assert Period.parse(text) == SEP_OCT


NOT_PERIODS = ["", "ayer", "sep-oct", "2026", "2026-13", "oct-nov 2026", "2026-B7", "xyz 2026", "2026-00/01"]


@pytest.mark.parametrize("text", NOT_PERIODS)
def test_what_is_not_a_period_is_refused_in_spanish(text: str) -> None:
    with pytest.raises(ValueError, match=r"periodo|bimestre"):
        Period.parse(text)


def test_a_period_knows_its_days_and_its_name() -> None:
    assert (SEP_OCT.first, SEP_OCT.last, SEP_OCT.cut_off) == (date(2026, 9, 1), date(2026, 10, 31), date(2026, 10, 31))
    assert SEP_OCT.label == "septiembre–octubre de 2026"
    assert str(SEP_OCT) == "2026-B5"


def test_the_draft_of_september_and_october_is_due_on_the_third_of_november() -> None:
    assert SEP_OCT.draft_on(WorkCalendar()) == date(2026, 11, 3)


def test_periods_follow_one_another_over_the_year_and_the_leap_day() -> None:
    assert Period(2028, 1).last == date(2028, 2, 29)
    assert Period(2026, 1).previous() == Period(2025, 6)
    assert Period(2026, 6).following() == Period(2027, 1)


@pytest.mark.parametrize("periodicity", ["bimestral", "quincenal"])
def test_every_day_lies_in_exactly_the_period_that_names_it(periodicity: str) -> None:
    day = Period.of(date(2027, 12, 31), periodicity)
    for _ in range(60):
        assert Period.of(day.first, periodicity) == Period.of(day.last, periodicity) == day == Period.parse(str(day))
        assert Period.parse(day.label, periodicity) == day
        assert day.previous().following() == day
        day = day.previous()


def test_a_quincena_is_half_a_month() -> None:
    first, second = Period.of(date(2026, 10, 15), FORTNIGHTLY), Period.of(date(2026, 10, 16), FORTNIGHTLY)
    assert (str(first), first.last) == ("2026-Q19", date(2026, 10, 15))
    assert first.label == "primera quincena de octubre de 2026"
    assert (str(second), second.last) == ("2026-Q20", date(2026, 10, 31))
    assert Period.parse("2ª quincena de octubre de 2026", FORTNIGHTLY) == second


def test_a_whole_month_does_not_say_which_quincena() -> None:
    with pytest.raises(ValueError, match="Indique la quincena"):
        Period.parse("octubre de 2026", FORTNIGHTLY)


@pytest.mark.parametrize("text", ["0000-B1", "9999-B6", "B1 1999", "sep-oct 0000", "primera quincena de enero de 2100"])
def test_a_period_outside_2000_to_2099_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="use un año entre 2000 y 2099"):
        Period.parse(text)
