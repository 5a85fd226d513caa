"""A leader's month, by cards and by typing, with the service closed and opened anew between any two turns of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.settings import Settings
from cards.table import percent_of, text_of
from storage.ledger import Conversation, Notice, TrayItem
from storage.matrix import Achievement, Action, FollowUp
from tests.bot.house import House, copied, furnish, opened
from tests.bot.stage import words

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEADER = "lt-astilleros"
Turn = Callable[[House], Awaitable[Any]]


def presses(title: str, *, having: str = "", **inputs: Any) -> Turn:
    """A button of the leader's last card that has it."""

    async def turn(house: House) -> None:
        outcome = await house.press(LEADER, house.card(LEADER, having=having or title), title, **inputs)
        assert outcome.kind == "card", outcome

    return turn


def says(text: str) -> Turn:
    async def turn(house: House) -> None:
        outcome = await house.sala.say(LEADER, text)
        assert outcome.kind == "ok", outcome

    return turn


def row(code: str, percent: object, text: str) -> dict[str, object]:
    return {percent_of(code): percent, text_of(code): text}


SAVE = "Guardar y seguir"
MONTH: tuple[tuple[str, Turn], ...] = (
    ("several at once", presses("Varias a la vez")),
    (
        "one row, and one too short",
        presses(
            "Guardar lo cambiado",
            **row("AST-03", 60, "La guía pasó a revisión final."),
            **row("AST-04", 80, "corto"),
        ),
    ),
    ("the other row", presses("Guardar lo cambiado", **row("AST-04", 80, "El proyecto se ajusta."))),
    ("one by one", presses("Una por una")),
    ("complete", presses(SAVE, percent=100, text="Se certificaron los 60 soldadores.")),
    (
        "complete, with its day and evidence",
        presses(SAVE, percent=100, text="Se certificaron los 60 soldadores.", met_on="2026-11-20", evidence="acta 12"),
    ),
    ("skip", presses("Saltar")),
    ("a fall", presses(SAVE, percent=60, text="Se retiró uno de los proveedores.")),
    ("a fall, with its reason", presses(SAVE, percent=60, text="Se retiró uno de los proveedores.", reason="Costos.")),
    ("the same", presses("Sin cambios", text="Sigue en análisis de riesgo del comité.")),
    ("too short", presses(SAVE, percent=55, text="corto")),
    ("stop", says("/terminar")),
    ("resume", says("/ronda")),
    ("a number alone", says("55%")),
    ("its words", says("Se presentó el segundo proyecto al banco de compensaciones")),
    (
        "a line that corrects, with a logro",
        says(
            "AST-03 65% la guía pasó a firma. logro: Guía de control lista para firma; "
            "prioridad: media; tipo: circular o guía"
        ),
    ),
    ("correct", presses("Corregir", having="AST-03")),
    ("corrected", presses(SAVE, having="AST-03", percent=70, text="La guía está en la imprenta oficial.")),
    ("what is left", says("/pendientes")),
    ("once more", says("/ronda")),
)
GAPS = range(1, len(MONTH))
BRIEF = (5, 14)
"""Between a question and its answer, by card and by typing; the other gaps one by one are for `make test-all`."""


@dataclass(frozen=True)
class Account:
    """What the leader saw after each turn, and what the ledger says at the end."""

    seen: tuple[tuple[str, ...], ...]
    ledger: dict[str, list[tuple[Any, ...]]]


def ledger(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    said = (FollowUp.percent, FollowUp.text, FollowUp.reason, FollowUp.evidence, FollowUp.author, FollowUp.correction)
    in_force = FollowUp.superseded_at.is_(None)
    queries = {
        "follow-ups": select(Action.code, FollowUp.month, *said, in_force).join(Action).order_by(FollowUp.id),
        "logros": select(Action.code, Achievement.text, Achievement.priority).join(Action).order_by(Achievement.id),
        "actions": select(Action.code, Action.state, Action.percent, Action.met_on, Action.version).order_by(Action.id),
        "dialogs": select(Conversation.id, Conversation.etag, Conversation.state).order_by(Conversation.id),
        "notices": select(Notice.key, Notice.state).order_by(Notice.key),
        "tray": select(TrayItem.kind, TrayItem.title).order_by(TrayItem.id),
    }
    return {name: [tuple(one) for one in session.execute(query)] for name, query in queries.items()}


async def play(settings: Settings, gaps: Collection[int] = (), *, hasty: bool = False) -> Account:
    """The month, with a restart after the turns of those numbers; a hasty one waits for nothing that runs beside."""
    seen = []
    async with opened(settings) as house:
        for number, (name, turn) in enumerate(MONTH, start=1):
            try:
                await turn(house)
            except AssertionError as failed:
                failed.add_note(f"turn {number}: {name}")
                raise
            if not hasty:
                await house.service.settled()
            if number in gaps:
                await house.restart()
            seen.append(tuple(words(message) for message in house.sala.messages(LEADER)))
        return Account(tuple(seen), house.read(ledger))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return furnish(tmp_path_factory.mktemp("house") / "furnished")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def undisturbed(furnished: Settings, tmp_path_factory: pytest.TempPathFactory) -> Account:
    return await play(copied(furnished, tmp_path_factory.mktemp("undisturbed")))


async def check(account: Account, undisturbed: Account) -> None:
    for (name, _), now, then in zip(MONTH, account.seen, undisturbed.seen, strict=True):
        assert now == then, f"after «{name}» the leader sees something else"
    assert account.ledger == undisturbed.ledger


async def test_the_month_has_everything_in_it(undisturbed: Account) -> None:
    rows = [row for row in undisturbed.ledger["follow-ups"] if row[0].startswith("AST") and row[1] == "2026-11"]
    kept = {row[0]: row[2:4] for row in rows if row[-1]}
    assert kept == {
        "AST-03": (70, "La guía está en la imprenta oficial."),
        "AST-04": (80, "El proyecto se ajusta."),
        "AST-05": (100, "Se certificaron los 60 soldadores."),
        "AST-06": (55, "Se presentó el segundo proyecto al banco de compensaciones"),
        "AST-08": (60, "Se retiró uno de los proveedores."),
        "AST-09": (40, "Sigue en análisis de riesgo del comité."),
    }
    assert [row[0] for row in undisturbed.ledger["logros"] if "lista para firma" in row[1]] == ["AST-03"]
    assert not any(kind in ("turno_fallido", "trabajo_fallido") for kind, _title in undisturbed.ledger["tray"])


@pytest.mark.parametrize("hasty", [False, True], ids=["when all is done", "as soon as it answered"])
async def test_restarted_between_all_its_turns(
    furnished: Settings, tmp_path_factory: pytest.TempPathFactory, undisturbed: Account, *, hasty: bool
) -> None:
    account = await play(copied(furnished, tmp_path_factory.mktemp("all")), GAPS, hasty=hasty)
    await check(account, undisturbed)


@pytest.mark.parametrize("gap", [gap if gap in BRIEF else pytest.param(gap, marks=pytest.mark.slow) for gap in GAPS])
async def test_restarted_once(
    furnished: Settings, tmp_path_factory: pytest.TempPathFactory, undisturbed: Account, gap: int
) -> None:
    await check(await play(copied(furnished, tmp_path_factory.mktemp("once")), (gap,)), undisturbed)
