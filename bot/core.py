"""What every door of the product stands on: settings, clock, database, method, links; and the work beside requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.drawing.context import Studio
from bot.drawing.renderer import Renderer
from bot.links import Links
from bot.settings import BadSettings, Settings
from methodology import history, tray
from methodology.calendar_changes import settle
from methodology.clock import Clock, local
from methodology.method import Method, load_method
from methodology.rules.thresholds import UnknownThreshold
from scheduler.ports import Checkpoint, no_checkpoint
from storage.db import Database
from storage.schema import prepare

_log = logging.getLogger(__name__)


class Core:
    """The database opened and migrated, and what is read from it once."""

    def __init__(self, settings: Settings, clock: Clock, checkpoint: Checkpoint = no_checkpoint) -> None:
        self.settings = settings
        self.clock = clock
        self.checkpoint = checkpoint
        self.db = Database(
            settings.database_url, after_commit=lambda: checkpoint("commit"), info=history.unattended(clock)
        )
        prepare(self.db)
        self.database_version = self.db.version()
        self.method: Method = self.db.do(_method, settings, clock.now())
        self.links = Links(settings.secret_key, settings.public_url, clock)
        self.studio = Studio(settings, self.links, self.method)
        self.renderer = Renderer(self.studio)
        self.publishing = asyncio.Lock()
        self.background: set[asyncio.Task[None]] = set()

    def mail_health(self) -> tuple[str, ...]:
        """What the page of health says of the mail, sentence by sentence; nothing before the service lives."""
        return ()

    def later(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside the requests, until it ends or the service stops; what fails lands in the tray."""
        task = asyncio.create_task(self.guarded(coroutine))
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    async def guarded(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Await a coroutine nobody else waits for: its failure is told to a person."""
        try:
            await coroutine
        except Exception as exc:  # noqa: BLE001 - the loop's edge
            _log.warning("Un trabajo en segundo plano falló", exc_info=exc)
            now = self.clock.now()
            detail = {"error": f"{type(exc).__name__}: {exc}"[:500]}
            key = f"{type(exc).__name__}:{now.isoformat()}"
            await self.db.run(tray.put, "trabajo_fallido", key, "Un trabajo del servicio falló", detail, now)

    async def settled(self) -> None:
        """Wait for what runs beside the requests."""
        while self.background:
            await asyncio.gather(*self.background, return_exceptions=True)

    async def stop_background(self) -> None:
        for task in self.background:
            task.cancel()
        await asyncio.gather(*self.background, return_exceptions=True)


def _method(session: Session, settings: Settings, now: datetime) -> Method:
    method = load_method(session, settings.thresholds)
    try:
        settle(session, method, now, local(now).date())
    except UnknownThreshold as exc:
        raise BadSettings([str(exc)]) from exc
    return method
