"""Messages out, over the Bot Connector's REST (v3), and what each way of failing means.

| what happened | a message (POST) | an edit, a deletion, a look-up, a personal chat |
|---|---|---|
| no connection was made | Throttled, 60 s: nothing was written | the same |
| 412, 503 | not accepted: tried again | tried again |
| 429 | not accepted: Retry-After up to 5 s is waited here, more is Throttled | the same |
| 502, 504, a drop, a silence | Ambiguous: it may be in the chat already | tried again: twice is once |
| 401 | Misconfigured; the cached token is dropped | the same |
| 403 for this person, 404 conversation | Unreachable | the same |
| 400, 404, 413, 500, others | Permanent | the same |

Opening a personal chat may be repeated because Teams answers with the chat that exists.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.teams import wire
from bot.teams.config import TeamsConfig
from bot.teams.limits import RateLimiter, Sleep, TooSoon
from bot.teams.tokens import MENDED_AFTER, TokenSource
from methodology.clock import Clock, SystemClock
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Permanent, Receipt, Throttled, Unreachable

Json = dict[str, Any]

BACKOFF = (0.5, 1.0, 2.0)  # seconds between attempts, when the answer names none
SHORT_WAIT = 5.0  # the longest Retry-After waited for here, in seconds
LATER = 60.0
LARGEST = 100 * 1024  # bytes as UTF-16
TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10, sock_connect=5, sock_read=15)

TARGETED = "?isTargetedActivity=true"
NOT_ACCEPTED = frozenset({412, 429, 503})
LOST = frozenset({502, 504})
UNREACHABLE = {
    "BotNotInConversationRoster": "la aplicación no está instalada en la conversación",
    "ConversationBlockedByUser": "la persona bloqueó la aplicación",
    "MessageWritesBlocked": "la conversación no admite mensajes de la aplicación",
    "BotDisabledByAdmin": "la administración deshabilitó la aplicación",
    "ConversationNotFound": "la conversación no existe",
}


class _Again(Exception):
    """Surely not accepted, or harmless to repeat; `after` seconds if the connector named them."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


@dataclass(frozen=True)
class _Call:
    method: str
    service_url: str
    path: str
    body: str | None
    meter: str | None  # the conversation whose allowance it uses
    repeatable: bool


class ConnectorSender:
    """Sends to Teams. Every method raises only the DeliveryError family, besides ValueError for a caller's mistake.

    `clock` dates `Throttled.retry_at`; `sleep` takes seconds; `wall` reads a Retry-After given as a date.
    """

    def __init__(
        self,
        config: TeamsConfig,
        session: aiohttp.ClientSession,
        tokens: TokenSource,
        limiter: RateLimiter,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        wall: Clock | None = None,
    ) -> None:
        self._config = config
        self._session = session
        self._tokens = tokens
        self._limiter = limiter
        self._clock = clock
        self._sleep = sleep
        self._wall = wall or SystemClock()

    async def send(self, service_url: str, conversation_id: str, activity: Json, *, targeted: bool = False) -> Receipt:
        """Post into a conversation. `targeted`: only the activity's recipient sees it, for 24 hours."""
        path = _activities(conversation_id) + (TARGETED if targeted else "")
        answer = await self._call(_Call("POST", service_url, path, _body(activity), conversation_id, repeatable=False))
        return Receipt(str(answer.get("id") or ""), conversation_id, service_url)

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: Json, *, targeted: bool = False
    ) -> Receipt:
        """Replace what was posted. Naming a `targeted` message's recipient again is an error to Teams (400)."""
        path = f"{_activities(conversation_id)}/{_q(activity_id)}" + (TARGETED if targeted else "")
        await self._call(_Call("PUT", service_url, path, _body(activity), conversation_id, repeatable=True))
        return Receipt(activity_id, conversation_id, service_url)

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> None:
        """Take back what was posted."""
        path = f"{_activities(conversation_id)}/{_q(activity_id)}"
        await self._call(_Call("DELETE", service_url, path, None, conversation_id, repeatable=True))

    async def create_personal(self, service_url: str, tenant_id: str, aad_object_id: str) -> str:
        """The id of the personal chat with someone of the directory; the application must be installed for them."""
        body = wire.dumps(
            {
                "isGroup": False,
                "bot": self._bot(),
                "members": [{"id": aad_object_id}],
                "tenantId": tenant_id,
                "channelData": {"tenant": {"id": tenant_id}},
            }
        )
        answer = await self._call(_Call("POST", service_url, "v3/conversations", body, aad_object_id, repeatable=True))
        if not answer.get("id"):
            raise Permanent("Teams abrió el chat sin decir cuál es.")
        return str(answer["id"])

    async def post_channel(self, service_url: str, tenant_id: str, channel_id: str, activity: Json) -> Receipt:
        """Start a thread in a channel. The receipt's place is the thread (`…;messageid=N`): keep it to edit."""
        body = wire.dumps(
            {
                "isGroup": True,
                "bot": self._bot(),
                "tenantId": tenant_id,
                "channelData": {"channel": {"id": channel_id}, "tenant": {"id": tenant_id}},
                "activity": _message(activity),
            }
        )
        answer = await self._call(_Call("POST", service_url, "v3/conversations", body, channel_id, repeatable=False))
        posted = str(answer.get("activityId") or "")
        return Receipt(posted, str(answer.get("id") or f"{channel_id};messageid={posted}"), service_url)

    async def member(self, service_url: str, conversation_id: str, member_id: str) -> Json:
        """A member of a conversation as the connector knows them (id, name, aadObjectId, email …)."""
        path = f"v3/conversations/{_q(conversation_id)}/members/{_q(member_id)}"
        return await self._call(_Call("GET", service_url, path, None, None, repeatable=True))

    def _bot(self) -> Json:
        return {"id": f"28:{self._config.app_id}"}

    async def _call(self, call: _Call) -> Json:
        if not self._config.trusts(call.service_url):
            raise Permanent("La dirección de servicio no está autorizada: no se le entrega el token.")
        if call.body and _too_large(call.body):
            raise Permanent("El mensaje supera los 100 KB que admite Teams.")
        for pause in BACKOFF:
            try:
                return await self._once(call)
            except _Again as again:
                after = pause if again.after is None else again.after
                if after > SHORT_WAIT:
                    raise self._throttled(str(again), after) from again
                await self._sleep(after)
        try:
            return await self._once(call)
        except _Again as again:
            raise self._throttled(str(again), again.after or LATER) from again

    async def _once(self, call: _Call) -> Json:
        headers = {"Authorization": f"Bearer {await self._tokens.get()}", "Content-Type": "application/json"}
        await self._allowance(call)
        url = URL(f"{call.service_url.rstrip('/')}/{call.path}", encoded=True)
        try:
            # A redirect would carry the token to wherever it points.
            async with self._session.request(
                call.method, url, data=call.body, headers=headers, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                return self._read(call, answer.status, answer.headers, await answer.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise self._throttled("No hubo conexión con Teams.", LATER) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise _lost(call, "se perdió la respuesta") from error

    async def _allowance(self, call: _Call) -> None:
        if call.meter is None:
            return
        try:
            await self._limiter.acquire(call.meter)
        except TooSoon as soon:
            raise self._throttled(str(soon), soon.seconds) from soon

    def _read(self, call: _Call, status: int, headers: Any, body: bytes) -> Json:  # noqa: ANN401  a case-insensitive map
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return _json(body)
        if status in NOT_ACCEPTED:
            raise _Again(f"Teams respondió {status}.", self._retry_after(headers.get("Retry-After")))
        if status in LOST:
            raise _lost(call, f"respondió {status}")
        if status == HTTPStatus.UNAUTHORIZED:
            self._tokens.drop()
            why = "Teams no aceptó el token: revise MicrosoftAppId y MicrosoftAppPassword."
            raise Misconfigured(why, self._clock.now() + MENDED_AFTER)
        raise _refusal(status, _json(body).get("error"))

    def _retry_after(self, value: str | None) -> float | None:
        if not value:
            return None
        try:
            return max(0.0, float(value))
        except ValueError:
            return self._until(value)

    def _until(self, date: str) -> float | None:
        try:
            at: datetime = parsedate_to_datetime(date)
            return max(0.0, (at - self._wall.now()).total_seconds())
        except (ValueError, TypeError):
            return None

    def _throttled(self, why: str, seconds: float) -> Throttled:
        return Throttled(why, self._clock.now() + timedelta(seconds=seconds))


def _lost(call: _Call, why: str) -> Exception:
    if call.repeatable:
        return _Again(f"Teams no confirmó: {why}.")
    return Ambiguous(f"Teams no confirmó el mensaje: {why}. Puede haber llegado.")


def _refusal(status: int, error: object) -> DeliveryError:
    detail = error if isinstance(error, dict) else {}
    code = str(detail.get("code") or "")
    if status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND) and code in UNREACHABLE:
        return Unreachable(f"No se puede escribir en Teams: {UNREACHABLE[code]} ({code}).")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Permanent("Teams rechazó el mensaje por su tamaño.")
    return Permanent(f"Teams rechazó el mensaje ({status} {code}): {detail.get('message') or 'sin explicación'}")


def _message(activity: Json) -> Json:
    if activity.get("text") and activity.get("attachments"):
        raise ValueError("Texto y tarjeta van en actividades separadas: Teams las parte y no devuelve identificador.")
    return {"type": "message", **activity}


def _body(activity: Json) -> str:
    return wire.dumps(_message(activity))


def _too_large(body: str) -> bool:
    # At most four bytes a character: only a large body is worth the exact count.
    return len(body) * 4 > LARGEST and len(body.encode("utf-16-le")) > LARGEST


def _json(body: bytes) -> Json:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _activities(conversation_id: str) -> str:
    return f"v3/conversations/{_q(conversation_id)}/activities"


def _q(part: str) -> str:
    return quote(part, safe="")
