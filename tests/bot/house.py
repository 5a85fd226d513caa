"""The demonstration with its service in an application of its own: closed and opened anew while the Sala goes on."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

from aiohttp import web

from bot import demo as demonstration
from bot.admin import import_folder
from bot.demo import CLOCK_PATH, EXAMPLES, START, Demo, Door, free_port
from bot.service import Service
from bot.settings import Settings
from demo import Sala
from methodology.clock import SettableClock
from methodology.matrix_files import read_folder
from methodology.rules.calendar import BOGOTA
from tests.bot.stage import Stage

OPENING = datetime.combine(date(2026, 11, 26), time(8, 5), BOGOTA)


def furnish(folder: Path, database_url: str = "") -> Settings:
    """A ledger with the examples in it, as imported on the first day; the settings of whoever opens it."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = demonstration._settings(folder, free_port())
    if database_url:
        settings = replace(settings, database_url=database_url)
    service = Service(settings, SettableClock(datetime.combine(START, time(8, 5), BOGOTA)))
    service.db.do(import_folder, service, EXAMPLES, dry_run=False)
    service.db.close()
    return settings


def copied(furnished: Settings, folder: Path) -> Settings:
    """The same ledger once more, in another SQLite file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = furnished.database_url.removeprefix("sqlite:///")
    shutil.copyfile(file, folder / "soluciones.db")
    settings = demonstration._settings(folder, free_port())
    return replace(settings, database_url=f"sqlite:///{folder}/soluciones.db")


class House(Stage):
    """A stage whose service can be restarted. The window of November has just been opened."""

    def __init__(self, settings: Settings) -> None:
        self.settings = replace(settings, port=free_port())
        self.clock = SettableClock(OPENING)
        config = demonstration._sala_config(settings, read_folder(EXAMPLES, START))
        address = f"http://127.0.0.1:{self.settings.port}"
        sala = Sala(replace(config, bot_url=f"{address}/api/messages", clock_url=f"{settings.public_url}{CLOCK_PATH}"))
        super().__init__(Demo(Service(self.settings, self.clock), sala, self.clock, Path()))
        self._world: web.AppRunner | None = None
        self._running: web.AppRunner | None = None

    async def open(self) -> None:
        """Everything begins: Teams, the service, and the morning on which the leader is asked."""
        app = web.Application()
        app.add_subapp("/sala", self.sala.app())
        Door(self.demo).add_routes(app)
        self._world = await _served(app, int(self.settings.public_url.rpartition(":")[2]))
        await self.sala.start()
        self._running = await _served(self.service.app, self.settings.port)
        for person in self.sala.config.people:
            await self.sala.open(person.key)
        await self.service.metronome.beat()

    async def restart(self) -> None:
        """An orderly stop, with whatever ran beside the requests, and a new process on the same ledger."""
        assert self._running is not None
        await self._running.cleanup()
        self.demo.service = self.service = Service(self.settings, self.clock)
        self._running = await _served(self.service.app, self.settings.port)

    async def close(self) -> None:
        for runner in (self._running, self._world):
            if runner is not None:
                await runner.cleanup()
        await self.sala.stop()


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[House]:
    house = House(settings)
    try:
        await house.open()
        yield house
    finally:
        await house.close()


async def _served(app: web.Application, port: int) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    return runner
