"""Demonstration mode: the bot on its embedded default, with the Sala beside it and a clock moved by hand.

The Sala meets the bot only on its public wires; this file is where the two are given each other's addresses. It binds
to loopback and to nothing else.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.admin import import_folder
from bot.service import Service
from bot.settings import Settings
from bot.site import publish_site
from demo import Channel, Person, Sala, SalaConfig
from demo.api import Handler, guard, same_origin
from methodology.alerts import DECIDERS
from methodology.clock import SettableClock, local
from methodology.matrix_files import Dataset, read_folder
from methodology.rules.calendar import BOGOTA
from methodology.rules.months import Month
from methodology.rules.spanish import full_date
from methodology.rules.states import POST_NAMES, Post
from methodology.rules.window import Window
from storage.db import Database

START = date(2026, 11, 3)
LOADED = date(2026, 10, 30)
"""The matrices are registered before the service starts, so that the reports of its first day have their figures."""
FOLDER = Path("var/demo")
EXAMPLES = Path(__file__).parent.parent / "examples"
PORT = 3978
TENANT = "00000000-0000-4000-8000-0000000000aa"
APP_ID = "00000000-0000-4000-8000-0000000000b0"
CHANNEL = Channel("19:escalamiento@thread.tacv2", "Escalamiento", "19:equipo@thread.tacv2", ())
MORNING = time(8, 5)
CLOCK_PATH = "/demo/reloj"
FARTHEST = timedelta(days=120)
LABELS = {"dia": "+1 día", "ventana": "Hasta la próxima ventana", "cierre": "Hasta el cierre"}
_KEYS = {Post.MANAGEMENT: "gg", Post.PLANNING: "pl", Post.VICE_MINISTER: "vm", Post.MINISTER: "min"}
_SUGGESTIONS = {
    Post.PLANNING: ("/ayuda", "/estado", "/pendientes", "/alertas", "/bandeja", "/reporte logros dispositivos"),
    Post.LEADER: ("/ronda", "/pendientes", "/alertas", "/ayuda"),
    Post.MANAGEMENT: ("/estado", "/alertas", "/ayuda"),
    Post.VICE_MINISTER: ("/estado", "/alertas", "/ayuda"),
}


@dataclass
class Demo:
    """The running demonstration."""

    service: Service
    sala: Sala
    clock: SettableClock
    folder: Path

    async def live_until(self, last: date) -> None:
        """Live day by day, each at the opening of its working hours; what happens on the wires happens in between."""
        await self.service.inbox.settled()
        day = local(self.clock.now()).date()
        while day < last:
            day += timedelta(days=1)
            self.clock.set(_morning(day))
            await self.service.metronome.beat()
        await publish_site(self.service)


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, BOGOTA)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(folder: Path = FOLDER, port: int = PORT, examples: Path = EXAMPLES) -> AsyncIterator[Demo]:
    """A fresh demonstration at http://127.0.0.1:`port`/ that has just lived its first morning.

    Raises:
        DatabaseInUse: another demonstration lives in this folder.
    """
    await asyncio.to_thread(_fresh, folder)
    clock = SettableClock(_morning(LOADED))
    data = await asyncio.to_thread(read_folder, examples, LOADED)
    settings = _settings(folder, port)
    sala = Sala(_sala_config(settings, data))
    service = Service(settings, clock, mount=lambda app: _mount(app, sala))
    demo = Demo(service, sala, clock, folder)
    Door(demo).add_routes(service.app)
    await service.db.run(import_folder, service, examples, dry_run=False)
    clock.set(_morning(START))
    runner = web.AppRunner(service.app, access_log=None)
    await sala.start()
    try:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await _install(sala)
        await service.metronome.beat()
        await publish_site(service)
        yield demo
    finally:
        await runner.cleanup()
        await sala.stop()


async def _install(sala: Sala) -> None:
    """The organisation installs the bot for everybody: the greeting stands first in each chat, and is not news."""
    for person in sala.config.people:
        await sala.open(person.key)
        sala.seen(f"person:{person.key}")


def _fresh(folder: Path) -> None:
    Database(f"sqlite:///{folder}/soluciones.db").close()  # raises while somebody else's demonstration is open here
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _mount(app: web.Application, sala: Sala) -> None:
    app.add_subapp("/sala", sala.app())
    app.router.add_get("/", sala.page)


def _settings(folder: Path, port: int) -> Settings:
    base = f"http://127.0.0.1:{port}"
    return Settings(
        app_id=APP_ID,
        app_password=secrets.token_urlsafe(24),
        tenant_id=TENANT,
        allowed_tenants=frozenset({TENANT}),
        secret_key=secrets.token_bytes(32),
        mail_sender="soluciones@operador.example",
        mail_domain="operador.example",
        database_url=f"sqlite:///{folder}/soluciones.db",
        port=port,
        public_url=base,
        openid_metadata_url=f"{base}/sala/openid",
        oauth_url=f"{base}/sala/oauth/token",
        teams_service_url=f"{base}/sala/connector/",
        escalation_channel=CHANNEL.id,
        smtp_port=free_port(),
        inbound_port=free_port(),
        admin_socket=folder / "admin.sock",
        site_folder=folder / "sitio",
        illustrative=True,
        demo=True,
        start=START,
    )


def _sala_config(settings: Settings, data: Dataset) -> SalaConfig:
    people = tuple(_people(data))
    deciders = {row.aad_id for row in data.people if row.post in DECIDERS}
    members = sorted((person.aad_id for person in people), key=lambda one: one not in deciders)
    channel = Channel(CHANNEL.id, CHANNEL.name, CHANNEL.team_id, tuple(members))
    return SalaConfig(
        base_url=settings.public_url,
        bot_url=f"{settings.public_url}/api/messages",
        app_id=settings.app_id,
        app_password=settings.app_password,
        tenant_id=settings.tenant_id,
        bot_smtp=(settings.inbound_host, settings.inbound_port),
        smtp_port=settings.smtp_port,
        clock_url=f"{settings.public_url}{CLOCK_PATH}",
        people=people,
        channels=(channel,),
        entities=tuple((entity.name, entity.mail) for entity in data.entities if not entity.internal),
        links=(("Sitio público", "/sitio/"), ("Estado del servicio", "/salud")),
    )


def _people(data: Dataset) -> list[Person]:
    names = {row.slug: row.name for row in data.initiatives}
    found = []
    for row in data.people:
        post = Post(row.post)
        role = POST_NAMES[post][row.gender == "f"]
        role = role[:1].upper() + role[1:] + (f" · {names[row.initiative]}" if row.initiative else "")
        key = _KEYS.get(post) or f"lt-{row.initiative.replace('_', '-')}"
        found.append(Person(row.aad_id, row.name, role, row.mail, key, _SUGGESTIONS.get(post, ())))
    return found


class Door:
    """The demonstration's clock: which day it is, and living on to another, at most `FARTHEST` ahead.

    It is guarded like the Sala's page: this machine's own address; a change by the page's Origin or `X-Sala`, in JSON.
    """

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._moving = asyncio.Lock()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get(CLOCK_PATH, _guarded(self.show))
        app.router.add_post(CLOCK_PATH, _guarded(self.move))

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response(self._picture(), dumps=lambda value: json.dumps(value, ensure_ascii=False))

    async def move(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return web.json_response({"error": "El paso se envía como JSON."}, status=415)
        try:
            stop = self._stop((await request.json())["step"])
        except (ValueError, KeyError, TypeError):
            return web.json_response({"error": "El paso es dia, ventana, cierre o una fecha AAAA-MM-DD."}, status=400)
        if stop > local(self._demo.clock.now()).date() + FARTHEST:
            return web.json_response({"error": f"Se avanza como máximo {FARTHEST.days} días por paso."}, status=400)
        async with self._moving:
            await self._demo.live_until(stop)
        return await self.show(request)

    def _stop(self, step: str) -> date:
        """One of the page's stops, or a date; a day that has passed moves nothing."""
        stops = self._stops()
        return stops[step] if step in stops else date.fromisoformat(step)

    def _picture(self) -> dict[str, Any]:
        now = local(self._demo.clock.now())
        return {
            "now": now.isoformat(),
            "today": now.date().isoformat(),
            "label": full_date(now.date()),
            "stops": [{"key": key, "label": label} for key, label in LABELS.items()],
        }

    def _stops(self) -> dict[str, date]:
        today = local(self._demo.clock.now()).date()
        return {
            "dia": today + timedelta(days=1),
            "ventana": self._next(today, lambda window: window.habiles[0]),
            "cierre": self._next(today, lambda window: window.missing_on),
        }

    def _next(self, today: date, day_of: Callable[[Window], date]) -> date:
        windows = [self._demo.service.method.window(Month.of(today).plus(n)) for n in (-1, 0, 1, 2)]
        return min(day for day in map(day_of, windows) if day > today)


def _guarded(handler: Handler) -> Handler:
    """The Sala's own guards, in its order, around one handler of the bot's application."""

    async def from_the_page(request: web.Request) -> web.StreamResponse:
        return await same_origin(request, handler)

    async def checked(request: web.Request) -> web.StreamResponse:
        return await guard(request, from_the_page)

    return checked


async def serve(folder: Path = FOLDER, port: int = PORT, ready: Callable[[str], None] = print) -> None:
    """`make demo`: until interrupted; `ready` is told the address once the page is there."""
    async with running(folder, port) as demo:
        ready(demo.sala.config.base_url)
        await asyncio.Event().wait()
