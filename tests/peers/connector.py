"""A local Bot Connector for tests: the Sala's own, with a queue of scripted faults in front."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from demo import Channel, Drop, Person, Sala, SalaConfig
from demo.connector import error

Answer = web.Response | Drop
TENANT = "00000000-0000-4000-8000-0000000000aa"
APP_ID = "00000000-0000-4000-8000-0000000000b0"
APP_PASSWORD = "sala-solo-para-pruebas"


@dataclass
class Fault:
    """One scripted misfortune: for the next `times` requests of that method whose path matches."""

    make: Callable[[], Answer]
    method: str = "*"
    path: str = ".*"
    times: int = 1

    def meets(self, request: web.Request) -> bool:
        return self.method in {"*", request.method} and re.search(self.path, request.path) is not None


def throttled(retry_after: int = 1) -> Callable[[], Answer]:
    return lambda: error(429, "TooManyRequests", "Rate limit exceeded.", {"Retry-After": str(retry_after)})


def precondition_failed() -> Callable[[], Answer]:
    return lambda: error(412, "PreconditionFailed", "Precondition failed, please retry.")


def forbidden(code: str = "BotNotInConversationRoster") -> Callable[[], Answer]:
    """Also ConversationBlockedByUser, MessageWritesBlocked, BotDisabledByAdmin, InvalidBotApiHost."""
    return lambda: error(403, code, "The bot is not allowed to write in this conversation.")


def failed(status: int = 503) -> Callable[[], Answer]:
    return lambda: error(status, "ServiceError", "The service is not available.")


def dropped(*, after: bool = True) -> Callable[[], Answer]:
    """The connection dies; with `after`, the message had already been posted."""
    return lambda: Drop.AFTER if after else Drop.BEFORE


@dataclass
class Script:
    """The `faults` hook: the first scripted fault that meets the request is served; every request is noted."""

    queue: list[Fault] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)

    def add(self, make: Callable[[], Answer], method: str = "*", path: str = ".*", times: int = 1) -> None:
        self.queue.append(Fault(make, method, path, times))

    async def __call__(self, request: web.Request) -> Answer | None:
        self.seen.append((request.method, request.path))
        fault = next((f for f in self.queue if f.meets(request)), None)
        if fault is None:
            return None
        fault.times -= 1
        if fault.times <= 0:
            self.queue.remove(fault)
        return fault.make()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def people() -> tuple[Person, ...]:
    def person(number: int, key: str, name: str, role: str) -> Person:
        return Person(f"00000000-0000-4000-8000-00000000000{number}", name, role, f"{key}@productiva.example", key)

    return (
        person(1, "lt-astilleros", "Laura Rincón", "Líder técnica · Astilleros"),
        person(2, "vm", "María Fernanda Ossa", "Viceministra de Desarrollo Empresarial"),
        person(3, "gg", "Andrés Cárdenas", "Gerencia General"),
        person(4, "pl", "Paola Duarte", "Planeación"),
    )


def config(base_url: str, **changes: Any) -> SalaConfig:
    crew = people()
    channel = Channel(
        "19:escalamiento@thread.tacv2", "Escalamiento", "19:equipo@thread.tacv2", (crew[1].aad_id, crew[3].aad_id)
    )
    values: dict[str, Any] = {
        "base_url": base_url,
        "bot_url": f"{base_url}/api/messages",
        "app_id": APP_ID,
        "app_password": APP_PASSWORD,
        "tenant_id": TENANT,
        "bot_smtp": ("127.0.0.1", 9),
        "smtp_port": free_port(),
        "clock_url": f"{base_url}/demo/clock",
        "people": crew,
        "channels": (channel,),
        "entities": (("Dirección General Marítima (Dimar)", "enlace.soluciones@dimar.example"),),
    }
    return SalaConfig(**{**values, **changes})


class ConnectorPeer:
    """A Sala served alone on a free port, for tests of the bot's sender and entry.

    `bot_url` is where people's activities go; `script` takes the faults; `sala` says and acts for people.
    """

    def __init__(self, **changes: Any) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.sala = Sala(config(self.base_url, **changes))
        self.script = Script()
        self.sala.connector.faults = self.script
        self.service_url = self.sala.config.service_url
        self.token_url = f"{self.base_url}/sala/oauth/token"
        self.openid_url = f"{self.base_url}/sala/openid"
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_subapp("/sala", self.sala.app())
        app.router.add_get("/", self.sala.page)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        await self.sala.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sala.stop()
        if self._runner is not None:
            await self._runner.cleanup()
