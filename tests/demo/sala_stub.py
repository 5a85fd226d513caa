"""A bot of twenty lines on the real wires, for the Sala's own tests."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any

import aiohttp
import aiosmtplib
import jwt
from aiohttp import web
from aiosmtpd.smtp import SMTP

from demo import Channel, Person, Sala, SalaConfig

BOGOTA = timezone(timedelta(hours=-5))
TENANT = "00000000-0000-4000-8000-0000000000aa"
CARD = "application/vnd.microsoft.card.adaptive"
CHANNEL = "19:escalamiento-astilleros@thread.tacv2"
STOPS = [
    {"key": "dia", "label": "+1 día"},
    {"key": "ventana", "label": "Hasta la próxima ventana"},
    {"key": "cierre", "label": "Hasta el cierre"},
]
LABELS = {3: "martes 3 de noviembre de 2026", 4: "miércoles 4 de noviembre de 2026"}


def person(number: int, key: str, name: str, role: str, *suggestions: str) -> Person:
    aad = f"00000000-0000-4000-8000-0000000000{number:02}"
    return Person(aad, name, role, f"{key}@productiva.example", key, suggestions)


PEOPLE = (
    person(
        1,
        "lt-astilleros",
        "Laura Rincón",
        "Líder técnica · Astilleros",
        "Mis acciones",
        "Registrar seguimiento",
        "Ayuda",
    ),
    person(2, "lt-biologicos", "Julián Ortega", "Líder técnico · Biológicos"),
    person(3, "lt-dispositivos", "Carolina Mejía", "Líder técnica · Dispositivos médicos"),
    person(4, "vm", "María Fernanda Ossa", "Viceministra de Desarrollo Empresarial"),
    person(5, "gg", "Andrés Cárdenas", "Gerencia General"),
    person(6, "pl", "Paola Duarte", "Planeación", "/ayuda", "/estado", "/pendientes", "/alertas", "/informe logros"),
)
ENTITIES = (
    ("Dirección General Marítima (Dimar)", "enlace.soluciones@dimar.example"),
    ("Invima", "enlace.soluciones@invima.example"),
    ("Ministerio de Salud y Protección Social", "enlace.soluciones@minsalud.example"),
)


class StubBot:
    """Serves the Sala, verifies what it sends, keeps it, and can write back. `answer` is what an invoke gets."""

    def __init__(self, port: int, sink: int, inbound: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.port, self.inbound_port = port, inbound
        self.sala = Sala(self._config(sink))
        self.activities: list[dict[str, Any]] = []
        self.claims: list[dict[str, Any]] = []
        self.mail: list[bytes] = []
        self.answer: tuple[int, Any] = (200, {})
        self.day = 3
        self._token = ""

    def _config(self, sink: int) -> SalaConfig:
        members = tuple(p.aad_id for p in PEOPLE if p.key in {"lt-astilleros", "vm", "gg", "pl"})
        return SalaConfig(
            base_url=self.base_url,
            bot_url=f"{self.base_url}/api/messages",
            app_id="app-de-demostracion",
            app_password="clave-local",
            tenant_id=TENANT,
            bot_smtp=("127.0.0.1", self.inbound_port),
            smtp_port=sink,
            clock_url=f"{self.base_url}/demo/clock",
            people=PEOPLE,
            channels=(Channel(CHANNEL, "Escalamiento · Astilleros", "19:equipo@thread.tacv2", members),),
            entities=ENTITIES,
            links=(("Reporte de logros", "/reporte/"), ("Sitio público", "/sitio/")),
        )

    async def start(self) -> None:
        app = web.Application()
        app.add_subapp("/sala", self.sala.app())
        app.router.add_get("/", self.sala.page)
        app.router.add_post("/api/messages", self._messages)
        app.router.add_get("/demo/clock", self._clock)
        app.router.add_post("/demo/clock", self._step)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        loop = asyncio.get_running_loop()
        self._door = await loop.create_server(
            lambda: SMTP(self, hostname="bot.localhost"), "127.0.0.1", self.inbound_port
        )
        await self.sala.start()

    async def stop(self) -> None:
        await self.sala.stop()
        self._door.close()
        await self._runner.cleanup()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mail.append(envelope.original_content)
        return "250 OK"

    async def _clock(self, _: web.Request) -> web.Response:
        now = datetime(2026, 11, self.day, 8, 0, tzinfo=BOGOTA)
        label = LABELS.get(self.day, f"{self.day} de noviembre de 2026")
        return web.json_response(
            {"now": now.isoformat(), "today": now.date().isoformat(), "label": label, "stops": STOPS}
        )

    async def _step(self, request: web.Request) -> web.Response:
        assert (await request.json())["step"] in {"dia", "ventana", "cierre"}
        self.day += 1
        return await self._clock(request)

    async def _messages(self, request: web.Request) -> web.Response:
        keys = await self.get("/sala/jwks")
        token = request.headers["Authorization"].removeprefix("Bearer ")
        key = jwt.PyJWK(keys["keys"][0])
        issuer = (await self.get("/sala/openid"))["issuer"]
        self.claims.append(jwt.decode(token, key, algorithms=["RS256"], audience="app-de-demostracion", issuer=issuer))
        self.activities.append(await request.json())
        status, body = self.answer if self.activities[-1]["type"] == "invoke" else (200, None)
        return web.json_response(body, status=status)

    async def get(self, path: str) -> Any:
        async with aiohttp.ClientSession() as http, http.get(self.base_url + path) as answer:
            return await answer.json()

    async def page(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
        """A POST of the page's API, as a script makes it."""
        async with (
            aiohttp.ClientSession(headers=headers or {"X-Sala": "1"}) as http,
            http.post(f"{self.base_url}/sala/api/{path}", json=body) as answer,
        ):
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """The Bot Connector, with the token that its own endpoint gave."""
        headers = {"Authorization": f"Bearer {token if token is not None else await self.token()}"}
        async with aiohttp.ClientSession(headers=headers) as http:
            url = f"{self.base_url}/sala/connector/v3/conversations{path}"
            async with http.request(method, url, json=body) as answer:
                return answer.status, await answer.json()

    async def token(self) -> str:
        if not self._token:
            form = {
                "grant_type": "client_credentials",
                "client_id": "app-de-demostracion",
                "client_secret": "clave-local",
                "scope": "https://api.botframework.com/.default",
            }
            async with (
                aiohttp.ClientSession() as http,
                http.post(f"{self.base_url}/sala/oauth/token", data=form) as answer,
            ):
                self._token = (await answer.json())["access_token"]
        return self._token

    async def chat(self, number: int = 0) -> str:
        wanted = {"isGroup": False, "members": [{"id": PEOPLE[number].aad_id}], "tenantId": TENANT}
        _, made = await self.call("POST", "", wanted)
        return str(made["id"])

    async def send(self, where: str, activity: dict[str, Any]) -> str:
        status, made = await self.call("POST", f"/{where}/activities", activity)
        assert status == 201, made
        return str(made["id"])

    async def write(self, message: EmailMessage) -> None:
        """Mail from the bot into the Sala's sink."""
        port = self.sala.config.smtp_port
        await aiosmtplib.send(message, hostname="127.0.0.1", port=port, start_tls=False, local_hostname="bot.localhost")


def with_card(card: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "attachments": [{"contentType": CARD, "content": card}]}
