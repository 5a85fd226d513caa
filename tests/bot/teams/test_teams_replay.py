from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from teams_wire import REAL_NOW

from bot.teams.replay import Claim, ReplayGuard
from bot.teams.verifier import Refused
from methodology.clock import SettableClock

UNTIL = REAL_NOW.timestamp() + 7200


@pytest.fixture
def guard(wall: SettableClock) -> ReplayGuard:
    return ReplayGuard(wall, capacity=100)


def take(
    guard: ReplayGuard,
    token: str = "t",  # noqa: S107
    body: bytes = b"b",
    activity: str | None = "1",
    conversation: str = "c",
) -> Claim:
    return guard.claim(token, body, "msteams", conversation, activity)


@pytest.mark.parametrize("finish", [lambda _guard, _claim: None, lambda guard, claim: guard.keep(claim, UNTIL)])
def test_an_activity_is_let_in_once_in_flight_or_done(guard: ReplayGuard, finish: Any) -> None:
    finish(guard, take(guard))
    with pytest.raises(Refused) as refused:
        take(guard, token="another", body=b"another")
    assert refused.value.status == 403


def test_one_token_serves_several_activities(guard: ReplayGuard) -> None:
    guard.keep(take(guard, body=b"1", activity="1"), UNTIL)
    take(guard, body=b"2", activity="2")


def test_the_same_id_in_another_conversation_is_another_activity(guard: ReplayGuard) -> None:
    guard.keep(take(guard, body=b"1"), UNTIL)
    take(guard, body=b"2", conversation="d")


def test_without_an_id_the_same_token_and_body_are_a_replay(guard: ReplayGuard) -> None:
    guard.keep(take(guard, activity=None), UNTIL)
    with pytest.raises(Refused):
        take(guard, activity=None)


def test_a_failed_turn_may_come_again(guard: ReplayGuard) -> None:
    guard.release(take(guard))
    take(guard)


def test_it_is_remembered_longer_than_its_token_lives(guard: ReplayGuard, wall: SettableClock) -> None:
    guard.keep(take(guard), UNTIL)
    wall.set(REAL_NOW + timedelta(hours=2) - timedelta(seconds=1))
    with pytest.raises(Refused):
        take(guard)
    wall.set(REAL_NOW + timedelta(hours=2))
    take(guard)


def test_it_is_remembered_an_hour_even_for_a_token_about_to_end(guard: ReplayGuard, wall: SettableClock) -> None:
    guard.keep(take(guard), REAL_NOW.timestamp() + 1)
    wall.set(REAL_NOW + timedelta(minutes=59))
    with pytest.raises(Refused):
        take(guard)


def test_its_memory_is_bounded_and_never_drops_a_turn_in_flight(guard: ReplayGuard) -> None:
    take(guard, body=b"first", activity="first")
    for number in range(500):
        guard.keep(take(guard, body=b"%d" % number, activity=str(number)), UNTIL)
    assert len(guard) <= 100 + 2 + 2
    with pytest.raises(Refused):
        take(guard, body=b"first", activity="first")
