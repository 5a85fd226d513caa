from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity
from botframework.connector.auth import ClaimsIdentity
from botframework.connector.auth.authenticate_request_result import AuthenticateRequestResult

from bot.teams import wire
from bot.teams.adapter import TeamsAdapter
from bot.teams.admission import Json, admit, text
from bot.teams.config import TeamsConfig
from bot.teams.replay import Claim, ReplayGuard
from bot.teams.verifier import Claims, Refused, TokenVerifier

Logic = Callable[[TurnContext], Awaitable[Any]]
OnError = Callable[[Activity, Exception], Awaitable[None]]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """An activity that may be served."""

    activity: Activity
    conversation: str
    claims: Claims
    claim: Claim


class Entry:
    """POST /api/messages: believes nobody, serves each activity once and a conversation's activities one by one.

    Refusals are JSON `{"error": reason}`: 405, 415, 413 and 400 for what is not an activity, then 401, 403 or 503.
    A turn runs inside its request: 200 means it was served, 500 that it failed and may be repeated. An invoke is
    answered with the status and body its turn gave.
    """

    def __init__(
        self,
        config: TeamsConfig,
        verifier: TokenVerifier,
        guard: ReplayGuard,
        adapter: TeamsAdapter,
        *,
        logic: Logic,
        on_error: OnError,
    ) -> None:
        self._config = config
        self._verifier = verifier
        self._guard = guard
        self._adapter = adapter
        self._logic = logic
        self._on_error = on_error
        self._queues = Queues()

    async def handle(self, request: web.Request) -> web.Response:
        """The aiohttp handler; route every method to it."""
        try:
            arrival = await self._admit(request)
        except Refused as refused:
            logger.warning("Teams: %d %s", refused.status, refused.reason)
            return _refusal(refused)
        return await self._serve(arrival)

    async def _admit(self, request: web.Request) -> Arrival:
        body = await self._body(request)
        data = _json_object(body)
        authorization = request.headers.get("Authorization", "")
        service_url, channel = text(data, "serviceUrl"), text(data, "channelId")
        claims = await self._verifier.verify(authorization, service_url, channel)
        admit(self._config, data)
        try:
            activity = wire.read_activity(data)
        except wire.Malformed as error:
            raise Refused(400, "El cuerpo no es una actividad.") from error
        conversation = data["conversation"]["id"]
        claim = self._guard.claim(authorization, body, channel, conversation, activity.id)
        return Arrival(activity, conversation, claims, claim)

    async def _body(self, request: web.Request) -> bytes:
        if request.method != "POST":
            raise Refused(405, "Solo se admite POST.")
        if request.content_type != "application/json":
            raise Refused(415, "Solo se admite application/json.")
        if (request.content_length or 0) > self._config.max_body:
            raise Refused(413, "El cuerpo es demasiado grande.")
        read = bytearray()
        async for chunk in request.content.iter_any():
            read += chunk
            if len(read) > self._config.max_body:
                raise Refused(413, "El cuerpo es demasiado grande.")
        return bytes(read)

    async def _serve(self, arrival: Arrival) -> web.Response:
        served = False
        try:
            async with self._queues.turn(arrival.conversation):
                answer = await self._adapter.process_activity(
                    self._identity(arrival.claims), arrival.activity, self._logic
                )
            response = _response(answer)
            served = True
        except Exception as error:  # the edge: whatever a turn throws is answered, logged and shown
            logger.exception("Teams: falló el turno de %s", arrival.activity.type)
            await self._report(arrival.activity, error)
            return web.json_response({"error": "El turno falló."}, status=500)
        else:
            return response
        finally:
            # Also when the turn is cancelled: what was not served may come again.
            if served:
                self._guard.keep(arrival.claim, arrival.claims["exp"] + self._config.skew)
            else:
                self._guard.release(arrival.claim)

    async def _report(self, activity: Activity, error: Exception) -> None:
        try:
            await self._on_error(activity, error)
        except Exception:
            logger.exception("Teams: no se pudo dejar constancia del turno fallido")

    def _identity(self, claims: Claims) -> AuthenticateRequestResult:
        identity = AuthenticateRequestResult()
        identity.claims_identity = ClaimsIdentity(claims, is_authenticated=True)
        identity.audience = self._config.oauth_scope
        return identity


class Queues:
    """One turn at a time per conversation (B11); a conversation nobody waits for leaves no trace."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def turn(self, conversation: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(conversation, asyncio.Lock())
        self._users[conversation] = self._users.get(conversation, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._users[conversation] -= 1
            if not self._users[conversation]:
                del self._users[conversation], self._locks[conversation]

    def __len__(self) -> int:
        return len(self._locks)


def _json_object(body: bytes) -> Json:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "El cuerpo no es JSON.") from error
    if not isinstance(data, dict):
        raise Refused(400, "El cuerpo no es un objeto JSON.")
    return data


def _response(answer: InvokeResponse | None) -> web.Response:
    if answer is None:
        return web.Response(status=200)
    if answer.body is None:
        return web.Response(status=int(answer.status))
    return web.Response(status=int(answer.status), text=wire.dumps(answer.body), content_type="application/json")


def _refusal(refused: Refused) -> web.Response:
    allow = {"Allow": "POST"} if refused.status == 405 else None  # noqa: PLR2004
    return web.json_response({"error": refused.reason}, status=refused.status, headers=allow)
