from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methodology.rules.calendar import WorkCalendar
from methodology.rules.deadlines import closing_day, closing_notices, deadlines_of
from methodology.rules.months import add_months
from methodology.rules.thresholds import Thresholds

CALENDAR = WorkCalendar()
DUES = st.dates(date(2024, 1, 1), date(2035, 12, 31))


def _of(due: str) -> tuple[str, str, str]:
    found = deadlines_of(date.fromisoformat(due), CALENDAR, Thresholds())
    return str(found.due_soon_on), str(found.overdue_month_on), str(found.high_level_on)


@pytest.mark.parametrize(
    ("due", "soon", "month", "high"),
    [
        ("2026-12-01", "2026-11-13", "2027-01-01", "2027-02-02"),  # due−15 is the holiday 16-nov
        ("2026-10-31", "2026-10-16", "2026-11-30", "2027-01-01"),  # a Saturday is never rolled
        ("2026-09-22", "2026-09-07", "2026-10-22", "2026-11-23"),  # not on 22-nov, yes on 23-nov
        ("2026-12-18", "2026-12-03", "2027-01-18", "2027-02-19"),
        ("2026-01-31", "2026-01-16", "2026-02-28", "2026-04-01"),
        ("2028-01-31", "2028-01-14", "2028-02-29", "2028-04-01"),
        ("2028-02-29", "2028-02-14", "2028-03-29", "2028-04-30"),
        ("2026-12-08", "2026-11-23", "2027-01-08", "2027-02-09"),
    ],
)
def test_the_days_of_one_due_date_are_those_of_the_method(due: str, soon: str, month: str, high: str) -> None:
    assert _of(due) == (soon, month, high)


@given(DUES)
def test_due_soon_is_the_last_habil_on_or_before_fifteen_days(due: date) -> None:
    soon = deadlines_of(due, CALENDAR, Thresholds()).due_soon_on
    assert CALENDAR.is_habil(soon)
    assert CALENDAR.habiles(soon + timedelta(days=1), due - timedelta(days=15)) == []


@given(DUES)
def test_high_level_is_strictly_after_two_months(due: date) -> None:
    assert deadlines_of(due, CALENDAR, Thresholds()).high_level_on - add_months(due, 2) == timedelta(days=1)


def test_closing_is_proposed_eighteen_months_after_launch_and_announced_twice() -> None:
    launch = date(2025, 8, 29)
    assert closing_day(launch, Thresholds()) == date(2027, 2, 28)
    assert closing_notices(launch, Thresholds()) == [
        ("aviso-60", date(2026, 12, 30)),
        ("aviso-30", date(2027, 1, 29)),
        ("18-meses", date(2027, 2, 28)),
    ]
