"""The same person presses on two devices in one moment: one of the two is done, and both are answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from databases import DIALECTS
from postgres import database_url
from sqlalchemy import select

from bot import presses
from methodology.tray import waiting
from storage import conversations
from storage.ledger import Conversation
from storage.matrix import Action, FollowUp
from tests.bot.house import House, furnish, opened
from tests.bot.stage import words

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEADER = "lt-astilleros"
SAVE = "Guardar y seguir"
Press = tuple[str, dict[str, object]]


class Unqueued:
    """No turn waits for another: what keeps two apart is the database alone, as between two processes."""

    @asynccontextmanager
    async def turn(self, _conversation: str) -> AsyncIterator[None]:
        yield


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=DIALECTS)
async def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    folder = tmp_path_factory.mktemp(f"devices-{request.param}")
    url = "" if request.param == "sqlite" else database_url(folder.name)
    async with opened(furnish(folder, url)) as house:
        await house.press(LEADER, house.card(LEADER, having="Comenzar"), "Varias a la vez")
        yield house


Meeting = Callable[[Any, str], None]


@pytest.fixture(params=["one turn after the other", "nothing between them but the database"])
def meeting(request: pytest.FixtureRequest, house: House, monkeypatch: pytest.MonkeyPatch) -> Meeting:
    """Where the transactions of both wait for each other, if nothing queues them and they can be open at once.

    SQLite has one writing connection: there the second one begins after the first.
    """
    unqueued = request.param.startswith("nothing")
    if unqueued:
        monkeypatch.setattr(house.service._edge.entry, "_queues", Unqueued())

    def meet(module: Any, name: str) -> None:
        if unqueued and not house.service.db.sqlite:
            monkeypatch.setattr(module, name, _together(getattr(module, name)))

    return meet


def _together(step: Callable[..., Any]) -> Callable[..., Any]:
    """The first two callers go on at the same time."""
    both, left = threading.Barrier(2, timeout=30), iter((True, True))

    def together(*args: Any) -> Any:
        if next(left, False):
            both.wait()
        return step(*args)

    return together


async def resumed(house: House) -> dict[str, Any]:
    """The card that the month goes on with."""
    assert (await house.sala.say(LEADER, "/ronda")).kind == "ok"
    return house.cards(LEADER)[-1]


async def at_once(house: House, card: dict[str, Any], *two: Press) -> list[str]:
    """Both on one card; what the two devices are answered with."""
    shown, show = [], house.sala.world.show_to

    def noted(where: Any, post: Any, aad_id: str, answer: Any) -> None:
        shown.append(words(answer))
        show(where, post, aad_id, answer)

    house.sala.world.show_to = noted  # type: ignore[method-assign]
    try:
        outcomes = await asyncio.gather(*(house.press(LEADER, card, title, **inputs) for title, inputs in two))
        await house.service.settled()
    finally:
        house.sala.world.show_to = show  # type: ignore[method-assign]
    assert [outcome.kind for outcome in outcomes] == ["card", "card"]
    assert len(shown) == 2
    assert [item for item in house.read(waiting) if item.kind in ("turno_fallido", "trabajo_fallido")] == []
    return shown


def follow_ups(house: House) -> list[tuple[str, float]]:
    """Every row of the leader's month, superseded ones too."""
    query = select(Action.code, FollowUp.percent).join(Action).order_by(FollowUp.id)
    wanted = query.where(FollowUp.month == "2026-11", Action.code.startswith("AST"))
    return house.read(lambda session: [tuple(row) for row in session.execute(wanted)])


def asked(house: House) -> str:
    """The action that the month asks for next."""
    return next(code for code in CODES if code not in dict(follow_ups(house)))


CODES = ("AST-03", "AST-04", "AST-05", "AST-06", "AST-08", "AST-09")


async def test_two_saves_are_one_follow_up_and_the_other_is_told(house: House, meeting: Meeting) -> None:
    before, code, card = follow_ups(house), asked(house), await resumed(house)
    meeting(presses, "press")
    shown = await at_once(
        house,
        card,
        (SAVE, {"percent": 90, "text": "Lo escribe en el computador."}),
        (SAVE, {"percent": 95, "text": "Lo escribe en el teléfono."}),
    )
    (registered,) = follow_ups(house)[len(before) :]
    assert registered[0] == code
    (told,) = [card for card in shown if "ya registró" in card]
    lost = "teléfono" if registered[1] == 90 else "computador"
    assert f"ya registró {registered[1]:g}" in told
    assert f"Lo escribe en el {lost}." in told


async def test_a_save_and_a_skip_leave_one_follow_up(house: House, meeting: Meeting) -> None:
    before, code, card = follow_ups(house), asked(house), await resumed(house)
    meeting(conversations, "save")
    await at_once(house, card, (SAVE, {"percent": 88, "text": "La entidad confirmó por teléfono."}), ("Saltar", {}))
    assert follow_ups(house)[len(before) :] == [(code, 88)]


async def test_what_either_did_to_the_dialog_stands(house: House, meeting: Meeting) -> None:
    before, code, card = follow_ups(house), asked(house), await resumed(house)
    meeting(conversations, "save")
    await at_once(house, card, (SAVE, {"percent": 99, "text": "corto"}), ("Saltar", {}))
    (state,) = house.read(lambda session: list(session.scalars(select(Conversation.state))))
    assert follow_ups(house) == before
    assert state["drafts"][code]["values"]["text"] == "corto"
    assert code in state["skipped"]
    await house.sala.say(LEADER, f"{code} 99% queda registrada, y el mes sigue con otra")
