from __future__ import annotations

import asyncio
from typing import Any

import pytest
from teams_wire import Time

from bot.teams import limits
from bot.teams.limits import PER_BOT, RateLimiter, TooSoon


def limiter(time: Time, **changes: Any) -> RateLimiter:
    return RateLimiter(time.now, time.sleep, **changes)


async def send(limiter: RateLimiter, time: Time, number: int, conversation: str = "a") -> list[float]:
    moments = []
    for _ in range(number):
        await limiter.acquire(conversation)
        moments.append(time.at - 1000)
    return moments


def fits(moments: list[float], count: int, window: float) -> bool:
    return all(later - first >= window - 1e-9 for first, later in zip(moments, moments[count:], strict=False))


async def test_seven_messages_go_at_once_and_the_eighth_a_second_later(time: Time) -> None:
    assert await send(limiter(time), time, 8) == [0] * 7 + [1]


@pytest.mark.parametrize(("count", "window"), [(7, 1.0), (8, 2.0), (60, 30.0)])
async def test_no_window_of_a_conversation_is_ever_exceeded(time: Time, count: int, window: float) -> None:
    moments = await send(limiter(time), time, 150)
    assert fits(moments, count, window)
    assert time.slept, "the limits never bit"


async def test_the_hour_is_full_after_1800_messages_and_the_caller_is_not_kept_waiting(time: Time) -> None:
    one = limiter(time, per_bot=[])
    await send(one, time, 1800)
    time.at = 1000 + 3000.0
    with pytest.raises(TooSoon) as soon:
        await one.acquire("a")
    assert soon.value.seconds == pytest.approx(600)


async def test_the_whole_bot_sends_at_most_twenty_a_second(time: Time) -> None:
    one = limiter(time)
    moments = []
    for number in range(100):
        await one.acquire(f"conversation {number}")
        moments.append(time.at)
    assert fits(moments, 20, 1.0)
    assert time.at - 1000 == pytest.approx(4)


async def test_a_full_conversation_does_not_hold_up_the_others(time: Time) -> None:
    held = asyncio.Event()

    async def forever(_seconds: float) -> None:
        await held.wait()

    one = RateLimiter(time.now, forever, per_bot=PER_BOT)
    await send(one, time, 7)
    waiting = asyncio.create_task(one.acquire("a"))
    await asyncio.sleep(0)
    await asyncio.wait_for(one.acquire("b"), 1)
    assert not waiting.done()
    waiting.cancel()


async def test_nobody_overtakes_who_is_already_waiting(time: Time) -> None:
    free, order = asyncio.Event(), []

    async def until_free(_seconds: float) -> None:
        await free.wait()

    one = RateLimiter(time.now, until_free)
    await send(one, time, 7)

    async def queue(name: str) -> None:
        await one.acquire("a")
        order.append(name)

    first = asyncio.create_task(queue("first"))
    await asyncio.sleep(0)
    time.at += 2  # there is a place again, and `first` has not woken yet
    second = asyncio.create_task(queue("second"))
    await asyncio.sleep(0)
    free.set()
    await asyncio.gather(first, second)
    assert order == ["first", "second"]


async def test_conversations_at_the_same_time_share_the_bots_allowance(time: Time) -> None:
    one = limiter(time)
    moments: list[float] = []

    async def talk(number: int) -> None:
        await one.acquire(f"conversation {number}")
        moments.append(time.at)

    await asyncio.gather(*(talk(number) for number in range(60)))
    assert fits(sorted(moments), 20, 1.0)


async def test_idle_conversations_are_forgotten(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CONVERSATIONS", 10)
    one = limiter(time, per_bot=[])
    for number in range(50):
        await one.acquire(f"conversation {number}")
        time.at += 3601
    assert len(one._conversations) <= 11
