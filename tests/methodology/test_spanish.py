from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methodology.rules.spanish import (
    full_date,
    long_date,
    month_name,
    one_of,
    parse_date,
    parse_percent,
    parse_time,
    percent,
    short_date,
    with_figure,
)

TODAY = date(2026, 11, 3)


def test_dates_are_written_as_officials_write_them() -> None:
    day = date(2026, 11, 25)
    assert long_date(day) == "25 de noviembre de 2026"
    assert full_date(day) == "miércoles 25 de noviembre de 2026"
    assert short_date(date(2026, 11, 5)) == "5/11/2026"
    assert month_name(2026, 11) == "noviembre de 2026"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/04/2026", date(2026, 4, 3)),  # 3 April, never 4 March
        ("5/11/2026", date(2026, 11, 5)),
        ("2026-11-05", date(2026, 11, 5)),
        ("5 de noviembre", date(2026, 11, 5)),
        ("5 de Noviembre de 2027", date(2027, 11, 5)),
        ("29 de febrero de 2028", date(2028, 2, 29)),
        (" 1 de enero del 2027 ", date(2027, 1, 1)),
    ],
)
def test_dates_are_read_in_every_way_they_are_written(text: str, day: date) -> None:
    assert parse_date(text, TODAY) == day


@pytest.mark.parametrize("text", ["31/02/2026", "13/13/2026", "mañana", "5 de brumario", "29 de febrero", ""])
def test_what_is_no_date_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="no es una fecha"):
        parse_date(text, TODAY)


@given(st.dates(date(2020, 1, 1), date(2045, 12, 31)))
def test_a_written_date_reads_back(day: date) -> None:
    assert {parse_date(write(day), TODAY) for write in (long_date, short_date, date.isoformat)} == {day}


@pytest.mark.parametrize(
    ("text", "value"),
    [("80", 80.0), ("80%", 80.0), ("80,5", 80.5), ("80.5 %", 80.5), ("0", 0.0), ("100", 100.0), (" 7,1% ", 7.1)],
)
def test_percentages_are_read_with_comma_or_point(text: str, value: float) -> None:
    assert parse_percent(text) == value


@pytest.mark.parametrize("text", ["101", "-1", "80,55", "ochenta", "", "1.000"])
def test_what_is_no_percentage_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="no es un porcentaje"):
        parse_percent(text)


def test_percentages_are_written_with_comma_and_a_space_that_does_not_break() -> None:
    assert (percent(25.5), percent(80.0)) == ("25,5\u00a0%", "80\u00a0%")


def test_what_was_reported_follows_its_figure_as_a_sentence() -> None:
    assert with_figure(90.0, "ya salió a consulta") == "90\u00a0%. Ya salió a consulta"
    assert with_figure(90.0, "https://dimar.example/acta") == "90\u00a0%. https://dimar.example/acta"
    assert with_figure(None, "ya salió a consulta") == "ya salió a consulta"


@given(st.integers(0, 1000))
def test_a_written_percentage_reads_back(tenths: int) -> None:
    assert parse_percent(percent(tenths / 10)) == tenths / 10


@pytest.mark.parametrize("text", ["31/12/9999", "1999-12-31", "1/1/2100", "5 de noviembre de 0026"])
def test_a_year_outside_2000_to_2099_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="use un año entre 2000 y 2099"):
        parse_date(text, TODAY)


def test_the_first_and_the_last_year_are_taken() -> None:
    assert [parse_date(text, TODAY) for text in ("2000-01-01", "31/12/2099")] == [date(2000, 1, 1), date(2099, 12, 31)]


@pytest.mark.parametrize(("text", "read"), [("9:30", "09:30"), (" 09:05 ", "09:05"), ("23:59", "23:59")])
def test_a_time_is_read_as_people_write_it(text: str, read: str) -> None:
    assert f"{parse_time(text):%H:%M}" == read


@pytest.mark.parametrize("text", ["25:00", "9:60", "9", "²:30", "", "9:30 a. m."])
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="no es una hora: escríbala como 09:30"):
        parse_time(text)


def test_several_are_told_with_commas_and_one_or() -> None:
    assert one_of(["líder técnico"]) == "líder técnico"
    assert one_of(["líder técnico", "Planeación"]) == "líder técnico o Planeación"
    assert one_of(["líder técnico", "Gerencia General", "Planeación"]) == "líder técnico, Gerencia General o Planeación"
