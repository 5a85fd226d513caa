"""A resumption on the wire: one message to each reader, whatever fell due in the pause."""

from __future__ import annotations

import pytest
from core_world import Core
from office import Office

from storage.ledger import Alert

WHY = "Cambio de estructura"


def _world(core: Core) -> None:
    """Paused on 20-oct-2026 with two actions that reach one and two months overdue in the pause."""
    initiative = core.initiative("cafe", launch="2026-06-15")
    core.person("Lina Leal", "LT", initiative)
    core.person("Paz Plana", "PL")
    core.person("Gema Gil", "GG")
    core.person("Vera Vico", "VM")
    core.action("CAF-01", due="2026-09-30", initiative=initiative)
    core.action("CAF-02", due="2026-10-10", initiative=initiative)
    core.sweep("2026-10-19")
    core.does("2026-10-20", "GG", "iniciativa.pausar", iniciativa="cafe", motivo=WHY)


def _resume(on: str) -> object:
    return lambda core: core.does(on, "GG", "iniciativa.reanudar", iniciativa="cafe", hour=7)


@pytest.fixture
async def paused(office: Office) -> Office:
    office.fill(_world)
    for day in ("2026-10-21", "2026-11-18", "2026-12-01"):
        await office.beat(day)
    return office


async def test_while_it_is_paused_nobody_is_written_to(paused: Office) -> None:
    assert paused.teams.letters == paused.mail.letters == []


async def test_the_resumption_is_one_message_to_each_reader(paused: Office) -> None:
    paused.fill(_resume("2026-12-02"))  # type: ignore[arg-type]
    await paused.beat("2026-12-02")
    await paused.beat("2026-12-02", 9)
    assert [letter.bundle for letter in paused.teams.letters] == ["resume"] * 3
    assert len({letter.reader for letter in paused.teams.letters}) == 3
    told = {str(alert.told_leader_on) for alert in paused.rows(Alert)}
    assert told == {"2026-12-02"}


async def test_after_the_hold_the_alerts_rise_as_always(paused: Office) -> None:
    paused.fill(_resume("2026-12-02"))  # type: ignore[arg-type]
    for day in ("2026-12-02", "2026-12-03", "2026-12-04"):
        await paused.beat(day)
    later = {letter.bundle for letter in paused.teams.letters[3:]}
    assert {"escalation", "pointer"} <= later
    assert "alerts" not in later
