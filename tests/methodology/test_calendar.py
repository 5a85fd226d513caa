from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from core_world import Core
from hypothesis import given
from hypothesis import strategies as st

from methodology.clock import SettableClock, start_of, today
from methodology.method import LAST_DAY, Method, fill_calendar
from methodology.notices import plan
from methodology.rules.calendar import BOGOTA, WorkCalendar, civic_day
from storage.matrix import DeliveryDay

CALENDAR = WorkCalendar()
DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))


def _wall(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BOGOTA)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("2026-11-16", "festivo"),  # Independencia de Cartagena, moved to Monday
        ("2026-07-13", "festivo"),  # Ley 2578 of 2026
        ("2026-12-08", "festivo"),
        ("2026-11-14", "sábado"),
        ("2026-11-15", "domingo"),
        ("2026-04-17", "Día Cívico"),  # third Friday of April
    ],
)
def test_says_why_a_day_is_not_habil(day: str, reason: str) -> None:
    assert (CALENDAR.why_not(date.fromisoformat(day)) or "").startswith(reason)


@pytest.mark.parametrize("day", ["2026-11-17", "2026-12-07", "2026-04-10", "2025-07-14"])
def test_an_ordinary_weekday_is_habil(day: str) -> None:
    assert CALENDAR.is_habil(date.fromisoformat(day))


def test_an_institutional_day_off_counts_with_its_reason() -> None:
    closed = WorkCalendar({date(2026, 12, 24): "Jornada institucional"})
    assert closed.why_not(date(2026, 12, 24)) == "Jornada institucional"
    assert CALENDAR.is_habil(date(2026, 12, 24))


def test_the_civic_day_is_the_third_friday_of_april() -> None:
    assert [civic_day(y) for y in (2026, 2027, 2028)] == [date(2026, 4, 17), date(2027, 4, 16), date(2028, 4, 21)]


def test_ten_habiles_after_11_november_2026_is_26_november() -> None:
    assert CALENDAR.add(date(2026, 11, 11), 10) == date(2026, 11, 26)
    assert CALENDAR.add(date(2026, 11, 26), -10) == date(2026, 11, 11)


@given(DAYS, st.integers(1, 15))
def test_adding_habiles_counts_exactly_that_many(day: date, habiles: int) -> None:
    later = CALENDAR.add(day, habiles)
    assert len(CALENDAR.habiles(day + timedelta(days=1), later)) == habiles
    assert CALENDAR.is_habil(later)


@given(DAYS)
def test_the_delivery_day_is_the_first_habil_from_the_day_on(day: date) -> None:
    found = CALENDAR.on_or_after(day)
    assert CALENDAR.habiles(day, found) == [found]


@pytest.mark.parametrize(
    ("moment", "slot"),
    [
        ("2026-11-03T07:59", "2026-11-03T08:00"),
        ("2026-11-03T08:00", "2026-11-03T08:00"),
        ("2026-11-03T16:59", "2026-11-03T16:59"),
        ("2026-11-03T17:00", "2026-11-04T08:00"),
        ("2026-11-13T17:30", "2026-11-17T08:00"),  # Friday evening before a holiday Monday
        ("2026-12-07T17:30", "2026-12-09T08:00"),  # 8-dic is a holiday
        ("2026-11-03T23:30", "2026-11-04T08:00"),  # already tomorrow in UTC
    ],
)
def test_a_message_goes_only_from_eight_to_five_on_habil_days(moment: str, slot: str) -> None:
    assert CALENDAR.next_slot(_wall(moment).astimezone(UTC)) == _wall(slot)


def test_today_is_bogotas_date_not_utcs() -> None:
    assert today(SettableClock(datetime(2026, 11, 4, 1, 0, tzinfo=UTC))) == date(2026, 11, 3)
    assert start_of(date(2026, 11, 3)) == datetime(2026, 11, 3, 5, tzinfo=UTC)


def test_the_laid_out_calendar_follows_a_new_day_off_and_its_horizon(core: Core) -> None:
    monday = date(2026, 11, 9)
    core.session.delete(core.session.get_one(DeliveryDay, LAST_DAY))
    core.session.flush()
    fill_calendar(core.session, Method(WorkCalendar({monday: "cierre institucional"})))
    core.session.expire_all()
    row = core.session.get_one(DeliveryDay, monday)
    assert (row.deliver_on, row.skipped) == (date(2026, 11, 10), {"2026-11-09": "cierre institucional"})
    assert core.session.get_one(DeliveryDay, LAST_DAY).deliver_on >= LAST_DAY
    fill_calendar(core.session, Method())
    core.session.expire_all()
    assert core.session.get_one(DeliveryDay, monday).deliver_on == monday


def test_a_notice_beyond_the_laid_out_calendar_is_planned_all_the_same(core: Core) -> None:
    core.initiative()
    day = date(2061, 1, 1)
    told = {"subject": "arranque", "period": "x", "recorded_on": day, "due": day, "inputs": {}}
    assert plan(core.session, "arranque", **told)
    assert core.notices("arranque")[0].deliver_on == date(2061, 1, 3)
