from __future__ import annotations

from pathlib import Path

from aiohttp import web

from demo.api import Api, from_here, guard
from demo.config import SalaConfig
from demo.connector import Connector
from demo.desk import Desk
from demo.onedrive import LARGEST

STATIC = Path(__file__).parent / "static"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Sala(Desk):
    """The whole Sala. The bot mounts `app()` at `/sala` and serves `page` at `/`; `start` opens the SMTP sink."""

    def __init__(self, config: SalaConfig) -> None:
        super().__init__(config)
        self.connector = Connector(config, self.world, self.tokens, self.clock)

    async def start(self) -> None:
        await self.mailroom.start()

    async def stop(self) -> None:
        self.hub.close()
        await self.mailroom.stop()
        await self.http.close()

    def app(self) -> web.Application:
        app = web.Application(middlewares=[guard], client_max_size=LARGEST)
        app.on_response_prepare.append(_add_headers)
        app.add_subapp("/connector", self.connector.app())
        app.add_subapp("/api", Api(self).app())
        app.router.add_post("/oauth/token", self.connector.token)
        app.router.add_put("/onedrive/{number}", self.teams.onedrive.put)
        app.router.add_get("/onedrive/{number}", self.teams.onedrive.get)
        app.router.add_get("/openid", self.connector.metadata)
        app.router.add_get("/jwks", self.connector.jwks)
        app.router.add_static("/static", STATIC)
        return app

    async def page(self, request: web.Request) -> web.StreamResponse:
        if not from_here(request):
            raise web.HTTPMisdirectedRequest(text="La Sala solo atiende en este equipo (127.0.0.1).")
        return web.FileResponse(STATIC / "index.html", headers=HEADERS)


async def _add_headers(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
