"""What every door of the product stands on: settings, clock, database, method, links; and the work beside requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from sqlalchemy.orm import Session

from bot.drawing.context import Studio
from bot.drawing.renderer import Renderer
from bot.links import Links
from bot.settings import Settings
from methodology import tray
from methodology.clock import Clock
from methodology.method import Method, fill_calendar, load_method
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
        self.db = Database(settings.database_url, after_commit=lambda: checkpoint("commit"))
        prepare(self.db)
        self.database_version = self.db.version()
        self.method: Method = self.db.do(_method, settings)
        self.links = Links(settings.secret_key, settings.public_url, clock)
        self.studio = Studio(settings, self.links, self.method)
        self.renderer = Renderer(self.studio)
        self.publishing = asyncio.Lock()
        self.background: set[asyncio.Task[None]] = set()

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

    async def stop_background(self) -> None:
        for task in self.background:
            task.cancel()
        await asyncio.gather(*self.background, return_exceptions=True)


def _method(session: Session, settings: Settings) -> Method:
    method = load_method(session, settings.thresholds)
    fill_calendar(session, method)
    return method
