"""R16: what the service does first after days without it: the mailbox is read before anybody is called silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import service as composition
from bot.demo import _settings, free_port
from bot.mailing import edge_of
from bot.service import Service
from mail.fetching import TITLE
from mail.gateway import Page
from methodology import tray
from methodology.clock import SettableClock
from methodology.delivery import Throttled
from methodology.rules.calendar import BOGOTA
from storage.ledger import Alert, InboundMail, Outreach, Silence, TrayItem
from storage.matrix import Action, Entity, Initiative

MORNING = datetime.combine(date(2026, 12, 1), time(8, 5), BOGOTA)
NAME = "soluciones@operador.example"
REPLY = (
    b"From: Enlace <enlace@invima.example>\r\nTo: soluciones@operador.example\r\nSubject: Avance\r\n"
    b"Message-ID: <uno@invima.example>\r\nIn-Reply-To: <sr@operador.example>\r\n\r\nBIO-02: 80 % y en consulta\r\n"
)


class Box:
    """A mailbox in which an answer waits; it is read once `opened`, unless it refuses."""

    name = NAME

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusal = refusal
        self.asked = asyncio.Event()
        self.opened = asyncio.Event()

    async def fetch(self, mark: str) -> Page:
        self.asked.set()
        await self.opened.wait()
        if self.refusal is not None:
            raise self.refusal
        return Page(() if mark else (REPLY,), "1")

    async def wait(self, seconds: float) -> None:
        del seconds
        await asyncio.Event().wait()


class Steps:
    """What the service has come to, by the names of its checkpoints."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def __call__(self, name: str) -> None:
        self.names.append(name)
        self._loop.call_soon_threadsafe(self._changed.set)

    async def swept(self) -> None:
        await self.until(lambda: "swept" in self.names)

    async def until(self, told: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not told():
                await self._changed.wait()
                self._changed.clear()


@asynccontextmanager
async def started(folder: Path, box: Box, patch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Service, Steps]]:
    """It stopped after Invima's request of 11 November and the reiteration of the 20th; the alert falls on the 26th."""
    patch.setattr(composition, "edge_of", lambda settings, clock: replace(edge_of(settings, clock), mailbox=box))
    steps = Steps()
    service = Service(replace(_settings(folder, free_port()), demo=False), SettableClock(MORNING), checkpoint=steps)
    service.db.do(_silence)
    async with TestServer(service.app):
        yield service, steps


def _silence(session: Session) -> None:
    initiative = Initiative(slug="biologicos", name="Biológicos", position=1, state="en_ejecucion")
    entity = Entity(name="Instituto Nacional de Vigilancia (Invima)", mail="enlace@invima.example")
    session.add_all([initiative, entity])
    session.flush()
    about = {"entity_id": entity.id, "initiative_id": initiative.id}
    on = {"first_on": date(2026, 11, 11), "last_on": date(2026, 11, 20), "outreaches": 2}
    asked = {"month": "2026-11", "kind": "solicitud", "on": date(2026, 11, 11), "message_id": "<sr@operador.example>"}
    session.add_all(
        [
            Action(code="BIO-02", text="Guía", priority="Alta", state="vigente", **about),
            Silence(**about, **on),
            Outreach(entity_id=entity.id, token="SR-AAAA-AAAA", asked=["BIO-02"], **asked),
        ]
    )


def alerts(session: Session) -> list[str]:
    return list(session.scalars(select(Alert.kind)))


def ended(session: Session) -> list[str]:
    return list(session.scalars(select(Silence.ended_because)))


def stored(session: Session) -> list[str]:
    return list(session.scalars(select(InboundMail.state)))


def troubles(session: Session) -> list[tuple[str, str]]:
    query = select(TrayItem).where(TrayItem.kind == tray.UNREAD_MAILBOX, TrayItem.resolved_at.is_(None))
    return [(one.title, one.detail["motivo"]) for one in session.scalars(query)]


async def test_an_answer_that_waited_in_the_mailbox_is_read_before_anybody_is_called_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box()
    async with started(tmp_path, box, monkeypatch) as (service, steps):
        await asyncio.wait_for(box.asked.wait(), 20)
        await service._tick()
        await service._beat()
        assert "swept" not in steps.names
        box.opened.set()
        await steps.swept()
        assert (service.db.do(stored), service.db.do(ended)) == (["processed"], ["respuesta"])
        assert (service.db.do(alerts), service.db.do(troubles)) == ([], [])


async def test_a_mailbox_that_cannot_be_read_at_the_start_is_told_and_nobody_is_called_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box(Throttled("El servidor no atiende", MORNING))
    box.opened.set()
    async with started(tmp_path, box, monkeypatch) as (service, steps):
        await steps.swept()
        assert service.db.do(troubles) == [(TITLE.format(name=NAME), "El servidor no atiende")]
        assert service.db.do(alerts) == []


async def test_a_mailbox_that_is_not_read_to_its_end_in_time_does_not_keep_the_service_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "FIRST_READING", 0.01)
    box = Box()
    async with started(tmp_path, box, monkeypatch) as (service, steps):
        await steps.swept()
        assert service.db.do(troubles) == [(TITLE.format(name=NAME), composition.UNFINISHED)]
        assert service.db.do(alerts) == []
        box.opened.set()
        await steps.until(lambda: not service.db.do(troubles))
        await service.inbox.settled()
        assert (service.db.do(ended), service.db.do(alerts)) == (["respuesta"], [])
