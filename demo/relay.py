"""What stands between Microsoft's Agents Playground and the bot: it signs, and completes, what the Playground sends.

The Playground sends its activities without any token. The bot believes only signed ones and is not taught otherwise:
the relay, which listens on loopback, signs them with the Sala's key for the Playground's own address, so the bot
answers there by itself.
"""

from __future__ import annotations

import aiohttp
from aiohttp import web

from demo.api import guard
from demo.config import Person, SalaConfig
from demo.http import Http
from demo.hub import Json
from demo.tokens import Tokens

MARK = "x-ms-agents-playground"
PATIENCE = aiohttp.ClientTimeout(total=60)


class Relay:
    """`POST /api/messages` for the Playground, which always speaks as `person`."""

    def __init__(self, config: SalaConfig, tokens: Tokens, http: Http, person: Person) -> None:
        self._config = config
        self._tokens = tokens
        self._http = http
        self._person = person

    def app(self) -> web.Application:
        app = web.Application(middlewares=[guard])
        app.router.add_get("/api/messages", self._there)
        app.router.add_post("/api/messages", self._forward)
        return app

    async def _there(self, _: web.Request) -> web.Response:
        """The Playground looks first (HEAD) whether somebody listens."""
        return web.Response()

    async def _forward(self, request: web.Request) -> web.Response:
        # A page of another site cannot send this type, nor this header, without asking first; and nobody answers it.
        if request.content_type != "application/json" or MARK not in request.headers:
            raise web.HTTPForbidden(text="Solo se atiende al Agents Playground.")
        activity = self._completed(await request.json())
        headers = {"Authorization": f"Bearer {self._tokens.sign(str(activity.get('serviceUrl', '')))}"}
        url = self._config.bot_url
        async with self._http.session.post(url, json=activity, headers=headers, timeout=PATIENCE) as answer:
            body = await answer.read()
            return web.Response(body=body, status=answer.status, content_type=answer.content_type)

    def _completed(self, activity: Json) -> Json:
        """With what Teams would add: channel, organisation, and who the person is in the directory."""
        tenant = self._config.tenant_id
        sender = {"name": self._person.name, **activity.get("from", {}), "aadObjectId": self._person.aad_id}
        where = {**activity.get("conversation", {}), "tenantId": tenant}
        data = {**activity.get("channelData", {}), "tenant": {"id": tenant}}
        return {**activity, "channelId": "msteams", "from": sender, "conversation": where, "channelData": data}
