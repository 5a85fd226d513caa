from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month, add_months
from methodology.rules.thresholds import Thresholds
from methodology.rules.window import Window, month_of_report, timeliness, window_of

CALENDAR = WorkCalendar()
MONTHS = st.builds(Month, st.integers(2024, 2035), st.integers(1, 12))
day = date.fromisoformat


def _window(month: str, **thresholds: Any) -> Window:
    return window_of(Month.parse(month), CALENDAR, Thresholds(**thresholds))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 2, "2026-03-31"),  # one step, not by way of February
        ("2028-02-29", 1, "2028-03-29"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2026-10-31", 2, "2026-12-31"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2025-08-29", 18, "2027-02-28"),
        ("2026-03-31", -1, "2026-02-28"),
    ],
)
def test_months_are_added_in_one_step_and_clamped(start: str, n: int, end: str) -> None:
    assert add_months(day(start), n) == day(end)


@given(st.dates(date(2024, 1, 1), date(2035, 12, 31)), st.integers(0, 40))
def test_the_day_is_kept_unless_the_month_is_too_short(start: date, n: int) -> None:
    end = add_months(start, n)
    assert (end.year - start.year) * 12 + end.month - start.month == n
    assert end.day == min(start.day, monthrange(end.year, end.month)[1])


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "noviembre", ""])
def test_a_month_is_written_year_dash_month(text: str) -> None:
    with pytest.raises(ValueError, match="AAAA-MM"):
        Month.parse(text)


def test_months_are_counted_across_years() -> None:
    assert str(Month.parse("2026-12").plus(1)) == "2027-01"
    assert str(Month.parse("2026-01").plus(-1)) == "2025-12"


def test_the_window_is_the_months_last_five_days() -> None:
    assert (_window("2028-02").first, _window("2028-02").last) == (day("2028-02-25"), day("2028-02-29"))
    assert (_window("2026-11").first, _window("2026-11").last) == (day("2026-11-26"), day("2026-11-30"))


@given(MONTHS)
def test_every_window_of_the_month_has_five_calendar_days(month: Month) -> None:
    window = window_of(month, CALENDAR, Thresholds())
    assert (window.last - window.first).days == 4
    assert (window.last + timedelta(days=1)).day == 1


@given(MONTHS)
def test_a_window_counted_in_habiles_has_five_of_them(month: Month) -> None:
    window = window_of(month, CALENDAR, Thresholds(window_kind="habil"))
    assert len(window.habiles) == 5
    assert window.last == month.last


def test_november_2026_is_asked_as_the_method_works_it_out() -> None:
    window = _window("2026-11")
    assert window.request_on == day("2026-11-11")
    assert window.reminder_on == day("2026-11-20")
    assert window.deadline == day("2026-11-25")
    assert window.habiles == (day("2026-11-26"), day("2026-11-27"), day("2026-11-30"))
    assert window.nudges == (day("2026-11-27"), day("2026-11-30"))
    assert window.missing_on == day("2026-12-01")


@pytest.mark.parametrize(
    ("month", "nudges"),
    [
        ("2026-09", ["2026-09-29", "2026-09-30"]),  # Mon, Tue, Wed: h2 and h3
        ("2026-06", ["2026-06-30"]),  # Fri, then Tue after a holiday: h2 only
        ("2026-02", ["2026-02-25", "2026-02-27"]),  # Tue–Fri: h2 of four, and h4
        ("2026-12", ["2026-12-29", "2026-12-31"]),
    ],
)
def test_nudges_go_on_the_middle_and_the_last_habil(month: str, nudges: list[str]) -> None:
    assert [str(d) for d in _window(month).nudges] == nudges


@given(MONTHS)
def test_a_window_of_one_habil_day_has_no_nudge_and_of_two_only_the_last(month: Month) -> None:
    one, two = (window_of(month, CALENDAR, Thresholds(window_days=n, window_kind="habil")) for n in (1, 2))
    assert one.nudges == ()
    assert two.nudges == (two.habiles[1],)


@pytest.mark.parametrize(
    ("least", "before", "on"), [(2, 2, None), (3, 1, "2026-06-25"), (3, 2, "2026-06-24"), (3, 5, "2026-06-19")]
)
def test_how_few_and_how_long_before_is_configured(least: int, before: int, on: str | None) -> None:
    june = _window("2026-06", window_min_habiles=least, heads_up_habiles=before)
    assert june.heads_up_on == (day(on) if on else None)


def test_a_window_of_few_habiles_is_announced_two_habiles_before() -> None:
    may = _window("2026-05")  # 27–31 May 2026: Wed, Thu, Fri, Sat, Sun
    assert may.heads_up_on is None
    june = _window("2026-06")  # 26–30 June: Fri, Sat, Sun, holiday Monday, Tue
    assert len(june.habiles) == 2
    assert june.heads_up_on == day("2026-06-24")


@pytest.mark.parametrize(
    ("on", "label"),
    [
        ("2026-11-20", "anticipada"),
        ("2026-11-25", "anticipada"),
        ("2026-11-26", "a_tiempo"),
        ("2026-11-30", "a_tiempo"),
        ("2026-12-01", "extemporanea"),
        ("2027-03-01", "extemporanea"),
    ],
)
def test_a_report_is_labelled_by_where_its_day_falls(on: str, label: str) -> None:
    assert timeliness(day(on), _window("2026-11")) == label


@pytest.mark.parametrize(
    ("on", "missing", "month"),
    [
        ("2026-11-19", True, "2026-10"),
        ("2026-11-19", False, None),  # nothing is missing: the leader is asked
        ("2026-11-20", True, "2026-11"),
        ("2026-11-21", True, "2026-11"),
    ],
)
def test_a_report_from_the_20th_is_this_months_and_before_it_the_missing_ones(
    on: str, missing: bool, month: str | None
) -> None:
    found = month_of_report(day(on), _window(on[:7]), Thresholds(), previous_is_missing=missing)
    assert found == (Month.parse(month) if month else None)


@pytest.mark.parametrize(("on", "month"), [("2026-11-24", "2026-10"), ("2026-11-25", "2026-11")])
def test_the_day_from_which_a_report_is_this_months_is_configured(on: str, month: str) -> None:
    limits = Thresholds(report_from_day=25)
    assert str(month_of_report(day(on), _window("2026-11"), limits, previous_is_missing=True)) == month


@pytest.mark.parametrize(("on", "month"), [("2026-02-23", "2026-01"), ("2026-02-24", "2026-02")])
def test_inside_its_window_a_report_is_always_this_months(on: str, month: str) -> None:
    limits = Thresholds(report_from_day=28)
    assert str(month_of_report(day(on), _window("2026-02"), limits, previous_is_missing=True)) == month
