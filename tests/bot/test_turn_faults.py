"""The connector fails in the middle of a leader's turn: what was registered stands once, and the month goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from itertools import count

import pytest
import pytest_asyncio
from connector import Answer, Script, dropped, failed, forbidden, precondition_failed, throttled
from sqlalchemy import select

from bot.teams.limits import RateLimiter
from methodology.tray import waiting
from storage.matrix import Action, FollowUp
from tests.bot.house import House, furnish, opened
from tests.bot.stage import words

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEADER, CODE = "lt-astilleros", "AST-04"
PERCENTS: Iterator[int] = count(31)
Make = Callable[[], Answer]

NOT_ACCEPTED: dict[str, Make] = {"412": precondition_failed(), "429, shortly": throttled(1), "503": failed(503)}
NEVER_SEEN: dict[str, Make] = {
    "429, much later": throttled(60),
    "502": failed(502),
    "BotNotInConversationRoster": forbidden("BotNotInConversationRoster"),
    "ConversationBlockedByUser": forbidden("ConversationBlockedByUser"),
    "MessageWritesBlocked": forbidden("MessageWritesBlocked"),
    "BotDisabledByAdmin": forbidden("BotDisabledByAdmin"),
}
SEEN: dict[str, Make] = {"accepted and dropped": dropped(after=True)}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with opened(furnish(tmp_path_factory.mktemp("faults"))) as house:
        house.service.connector._limiter = RateLimiter(per_conversation=())
        yield house


class Since:
    """What was said to the leader, registered of one action and listed as a trouble since this was made."""

    def __init__(self, house: House) -> None:
        self._office = house
        self._said, self._rows, self._troubles = self._state()
        self.waits: list[float] = []

    def _state(self) -> tuple[list[str], list[float], int]:
        said = [words(message) for message in self._office.sala.messages(LEADER) if not message["mine"]]
        query = select(FollowUp.percent).join(Action).where(Action.code == CODE, FollowUp.month == "2026-11")
        rows = self._office.read(lambda session: list(session.scalars(query.order_by(FollowUp.id))))
        kinds = [item.kind for item in self._office.read(waiting)]
        assert "turno_fallido" not in kinds
        return said, rows, kinds.count("trabajo_fallido")

    @property
    def said(self) -> list[str]:
        return self._state()[0][len(self._said) :]

    @property
    def registered(self) -> list[float]:
        """Every row that was added: the last stands."""
        return self._state()[1][len(self._rows) :]

    @property
    def troubles(self) -> int:
        return self._state()[2] - self._troubles

    async def meets(self, make: Make | None, method: str) -> Script:
        """The connector's next answer to a message (POST) or an edit (PUT); waits are noted and not waited."""

        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        self._office.clock.set(self._office.clock.now() + timedelta(minutes=1))
        self._office.service.connector._sleep = sleep
        script = self._office.sala.connector.faults = Script()
        if make is not None:
            script.add(make, method, "/activities")
        return script


async def types(house: House, make: Make | None = None) -> tuple[Since, int]:
    """A line with a percentage never reported before, whose answer meets that fault."""
    since, percent = Since(house), next(PERCENTS)
    script = await since.meets(make, "POST")
    outcome = await house.sala.say(LEADER, f"{CODE} {percent}% se atendió otra observación, motivo: ajuste {percent}")
    await house.service.settled()
    assert (outcome.kind, script.queue) == ("ok", [])
    assert since.registered == [percent]
    return since, percent


async def goes_on(house: House) -> None:
    """The next turn is answered as if nothing had been."""
    since, percent = await types(house)
    assert f"{percent}" in since.said[-1]
    assert since.troubles == 0


@pytest.mark.parametrize("make", NOT_ACCEPTED.values(), ids=list(NOT_ACCEPTED))
async def test_what_was_surely_not_accepted_is_said_again_and_arrives_once(house: House, make: Make) -> None:
    since, percent = await types(house, make)
    assert [f"{percent}" in answer for answer in since.said] == [True]
    assert (len(since.waits), since.troubles) == (1, 0)


@pytest.mark.parametrize("make", NEVER_SEEN.values(), ids=list(NEVER_SEEN))
async def test_without_an_answer_the_follow_up_stands_and_a_person_is_told(house: House, make: Make) -> None:
    since, _ = await types(house, make)
    assert (since.said, since.waits, since.troubles) == ([], [], 1)
    await goes_on(house)


@pytest.mark.parametrize("make", SEEN.values(), ids=list(SEEN))
async def test_an_answer_that_had_arrived_is_not_said_twice(house: House, make: Make) -> None:
    since, _ = await types(house, make)
    assert (len(since.said), since.waits, since.troubles) == (1, [], 1)
    await goes_on(house)


EDITS = NOT_ACCEPTED | NEVER_SEEN | SEEN


@pytest.mark.parametrize("make", EDITS.values(), ids=list(EDITS))
async def test_a_press_is_answered_and_registered_once_whatever_becomes_of_the_edit(house: House, make: Make) -> None:
    await types(house)
    receipt = house.card(LEADER, having="Corregir")
    await house.press(LEADER, receipt, "Corregir")
    await house.service.settled()
    since, percent = Since(house), next(PERCENTS)
    script = await since.meets(make, "PUT")
    answer = {"percent": percent, "text": "Se atendió una observación más.", "reason": "Ajuste del cronograma."}
    outcome = await house.press(LEADER, receipt, "Guardar y seguir", **answer)
    await house.service.settled()
    assert (outcome.kind, script.queue) == ("card", [])
    assert (since.registered, since.said) == ([percent], [])
    await house.press(LEADER, house.card(LEADER, having=f"{percent}"), "Corregir")
