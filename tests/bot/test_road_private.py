"""A slash command in a channel: Teams shows it to its sender only, and so is the answer, its buttons and its edits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio
from connector import Answer, Script, dropped, forbidden, throttled
from sqlalchemy import select, update

from bot.demo import free_port, running
from demo.connector import error
from methodology.actions import find
from methodology.followups import effective
from methodology.rules.calendar import BOGOTA
from methodology.rules.months import Month
from methodology.tray import waiting
from storage.ledger import CardAction
from storage.matrix import Person
from tests.bot.stage import Stage, words

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHANNEL = "escalamiento"
LEADER = "lt-astilleros"
STATUS = "Estado de las iniciativas"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One for all: each promise counts what it adds, and the last one moves the clock."""
    async with running(tmp_path_factory.mktemp("private") / "demo", free_port()) as demo:
        yield Stage(demo)


class Seen:
    """What the person reads in the channel and in their own chat since this was made, and what others read there."""

    def __init__(self, stage: Stage, person: str) -> None:
        self._stage, self._person = stage, person
        self._others = [one.key for one in stage.sala.config.people if one.key != person]
        self._before = {key: self._count(key) for key in (None, CHANNEL)}
        self._heard = self._of_others()
        self._troubles = self._doubts()

    def _answers(self, channel: str | None) -> list[dict[str, Any]]:
        return [m for m in self._stage.sala.messages(self._person, channel) if not m["mine"]]

    def _count(self, channel: str | None) -> int:
        return len(self._answers(channel))

    def _of_others(self) -> int:
        return sum(len(self._stage.sala.messages(key, CHANNEL)) for key in self._others)

    def _doubts(self) -> int:
        return [item.kind for item in self._stage.read(waiting)].count("trabajo_fallido")

    @property
    def there(self) -> list[dict[str, Any]]:
        return self._answers(CHANNEL)[self._before[CHANNEL] :]

    @property
    def own(self) -> list[dict[str, Any]]:
        return self._answers(None)[self._before[None] :]

    @property
    def by_others(self) -> int:
        return self._of_others() - self._heard

    @property
    def troubles(self) -> int:
        return self._doubts() - self._troubles


async def whispered(stage: Stage, person: str, text: str) -> Seen:
    seen = Seen(stage, person)
    outcome = await stage.sala.say(person, text, CHANNEL, targeted=True)
    assert outcome.kind == "ok"
    await stage.service.settled()
    return seen


async def pressed(stage: Stage, person: str, card: dict[str, Any], title: str, **inputs: Any) -> dict[str, Any]:
    """The channel's card as it stands after the press, for whoever sees it."""
    await stage.press(person, card, title, **inputs)
    await stage.service.settled()
    return next(m for m in stage.cards(person, CHANNEL) if m["id"] == card["id"])


def script(stage: Stage, make: Callable[[], Answer]) -> Script:
    """What meets the next message into a channel."""
    stage.sala.connector.faults = found = Script()
    found.add(make, "POST", "/19:")
    return found


async def test_the_answer_stands_in_the_channel_for_the_asker_alone(stage: Stage) -> None:
    seen = await whispered(stage, "pl", "/estado")
    (card,) = seen.there
    assert STATUS in words(card)
    assert (card["targeted"], seen.own, seen.by_others) == (True, [], 0)


async def test_without_teams_word_the_channel_shows_nothing(stage: Stage) -> None:
    seen = Seen(stage, "pl")
    await stage.sala.say("pl", "/estado", CHANNEL)
    assert STATUS in words(seen.own)
    assert seen.there == []


async def test_long_work_ends_in_the_same_private_message(stage: Stage) -> None:
    seen = await whispered(stage, "pl", "/simular astilleros 20/11/2026")
    (card,) = seen.there
    assert card["edited"]
    assert "AST-" in words(card)
    assert (seen.own, seen.by_others) == ([], 0)


async def test_a_file_asked_for_there_is_offered_in_the_persons_own_chat(stage: Stage) -> None:
    seen = await whispered(stage, LEADER, "/matriz astilleros")
    await pressed(stage, LEADER, seen.there[0], "Enviar el archivo Excel")
    assert "matriz-astilleros.xlsx" in words(seen.own)
    assert (len(seen.there), seen.by_others) == (1, 0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: error(400, "BadArgument", "Targeted messages are not supported here."),
        forbidden(),
        forbidden("MessageWritesBlocked"),
        lambda: error(404, "ConversationNotFound", "Conversation not found."),
        lambda: error(401, "Unauthorized", "Authorization has been denied for this request."),
    ],
)
async def test_what_teams_refuses_to_show_there_goes_to_the_persons_own_chat(
    stage: Stage, make: Callable[[], Answer]
) -> None:
    for person, text, answer in (("pl", "/estado", STATUS), (LEADER, "/aprobar 1", "no está entre las opciones")):
        refusal = script(stage, make)
        seen = await whispered(stage, person, text)
        assert refusal.queue == []
        assert answer in words(seen.own)
        assert (seen.there, seen.by_others, seen.troubles) == ([], 0, 0)


async def test_an_answer_that_may_have_arrived_is_not_repeated_anywhere(stage: Stage) -> None:
    script(stage, dropped(after=True))
    seen = await whispered(stage, "pl", "/estado")
    assert (len(seen.there), seen.own, seen.by_others, seen.troubles) == (1, [], 0, 1)


async def test_a_channel_that_is_busy_moves_nothing_to_another_place(stage: Stage) -> None:
    script(stage, throttled(60))
    seen = await whispered(stage, "pl", "/estado")
    assert (seen.there, seen.own, seen.by_others, seen.troubles) == ([], [], 0, 1)


async def test_a_strangers_refusal_is_as_private_and_never_public(stage: Stage) -> None:
    def known_as(aad_id: str | None, mail: str) -> None:
        change = update(Person).where(Person.name == leader.name).values(aad_id=aad_id, mail=mail)
        stage.read(lambda session: session.execute(change))

    leader = stage.sala.world.person(LEADER)
    known_as(None, "otra@entidad.example")
    seen = await whispered(stage, LEADER, "/estado")
    assert "Escriba a Planeación" in words(seen.there)
    script(stage, forbidden())
    again = await whispered(stage, LEADER, "/estado")
    known_as(leader.aad_id, leader.mail)
    assert (again.there, again.own, again.by_others) == ([], [], 0)


def _reported(stage: Stage, code: str) -> float | None:
    found = stage.read(lambda session: effective(session, find(session, code).id, Month(2026, 11)))
    return found.percent if found else None


async def _pressed_by(stage: Stage, other: str, card: dict[str, Any], title: str, **inputs: Any) -> str:
    """What somebody hears who does not see the message and sends its button's token all the same."""
    where, post = stage.sala.world.post_of(card["id"])
    verb, data = stage.sala.teams.own_data(stage.sala.world.person(LEADER), card["id"], None, title)
    action = {"type": "Action.Execute", "verb": verb, "data": {**data, **inputs}}
    invoke = {"type": "invoke", "name": "adaptiveCard/action", "value": {"action": action}, "replyToId": post.id}
    outcome = await stage.sala.teams._send(stage.sala.world.person(other), where, invoke, post)
    return str(outcome.text)


async def test_a_month_goes_on_in_the_private_card_and_nobody_else_presses_it(stage: Stage) -> None:
    stage.sala.connector.faults = None
    stage.demo.clock.set(datetime(2026, 11, 26, 9, tzinfo=BOGOTA))
    seen = await whispered(stage, LEADER, "/ronda")
    (card,) = seen.there
    card = await pressed(stage, LEADER, card, "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    assert "AST-04" in words(card)
    assert (card["edited"], card["targeted"], _reported(stage, "AST-03")) == (True, True, 60)
    told = await _pressed_by(
        stage, "lt-biologicos", card, "Guardar y seguir", percent=90, text="Lo escribe otra persona."
    )
    assert (told, _reported(stage, "AST-04")) == ("Este botón corresponde a otra persona.", None)
    kept = stage.read(lambda s: s.scalars(select(CardAction).where(CardAction.activity_id == card["id"])).all())
    assert {(one.private, one.place.partition(";")[0]) for one in kept} == {(True, stage.sala.world.channels[0].id)}

    _, skip = stage.sala.teams.own_data(stage.sala.world.person(LEADER), card["id"], None, "Saltar")
    await stage.sala.submit(LEADER, card["id"], None, skip)  # as a client without Action.Execute does
    assert "AST-05" in words(seen.there)
    stage.read(lambda session: session.execute(update(CardAction).values(expires_at=stage.demo.clock.now())))
    await stage.sala.submit(LEADER, card["id"], None, skip)
    assert "ya venció" in words(seen.there[-1])
    assert (seen.own, seen.by_others) == ([], 0)
