"""The other side of the wire, for these tests: keys, directory and connector in one server with scripted faults."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

APP, TENANT, PERSON = "app-1", "tenant-1", "person-1"
REAL_NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
METHOD_NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)  # the demo's clock: another month
ISSUER = "https://api.botframework.com"
CARD = {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": "Recibido"}]}
_KEYS: dict[str, rsa.RSAPrivateKey] = {}


def signing_key(kid: str) -> rsa.RSAPrivateKey:
    if kid not in _KEYS:
        _KEYS[kid] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _KEYS[kid]


@dataclass
class Answer:
    """What the connector does next: answer so, or take the request and drop the line."""

    status: int = 201
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


@dataclass
class Seen:
    method: str
    path: str
    body: Any
    headers: dict[str, str]
    line: object  # the connection it came by


@dataclass
class Peer:
    base: str = ""
    published: list[str] = field(default_factory=lambda: ["k1"])
    endorsements: list[str] | None = field(default_factory=lambda: ["msteams"])
    next: deque[Answer] = field(default_factory=deque)
    token_answers: deque[Answer] = field(default_factory=deque)
    keys_answers: deque[Answer] = field(default_factory=deque)
    seen: list[Seen] = field(default_factory=list)
    metadata_fetches: int = 0
    key_fetches: int = 0
    token_requests: list[dict[str, str]] = field(default_factory=list)
    gate: asyncio.Event | None = None  # while unset, connector and directory keep their callers waiting
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/openid", self._openid)
        app.router.add_get("/keys", self._keys)
        app.router.add_post("/token", self._token)
        app.router.add_route("*", "/{rest:.*}", self._connector)
        return app

    async def _openid(self, _request: web.Request) -> web.Response:
        self.metadata_fetches += 1
        return web.json_response({"jwks_uri": f"{self.base}/keys"})

    async def _keys(self, _request: web.Request) -> web.Response:
        self.key_fetches += 1
        await asyncio.sleep(0)
        if self.keys_answers:
            return web.Response(status=self.keys_answers.popleft().status)
        return web.json_response({"keys": [self._jwk(kid) for kid in self.published]})

    def _jwk(self, kid: str) -> dict[str, Any]:
        jwk = {**RSAAlgorithm.to_jwk(signing_key(kid).public_key(), as_dict=True), "kid": kid}
        return jwk if self.endorsements is None else {**jwk, "endorsements": self.endorsements}

    async def _token(self, request: web.Request) -> web.StreamResponse:
        self.token_requests.append(dict(await request.post()))  # type: ignore[arg-type]
        await self._wait()
        number = len(self.token_requests)
        return self._play(request, self.token_answers, {"access_token": f"t{number}", "expires_in": 3600}, 200)

    async def _connector(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        self.seen.append(Seen(request.method, request.raw_path, body, dict(request.headers), request.transport))
        await self._wait()
        return self._play(request, self.next, {"id": f"sent-{len(self.seen)}"}, 201)

    async def _wait(self) -> None:
        self.waiting.set()
        if self.gate:
            await self.gate.wait()

    def _play(self, request: web.Request, script: deque[Answer], body: Any, status: int) -> web.StreamResponse:
        answer = script.popleft() if script else Answer(status)
        if answer.drop:
            assert request.transport
            request.transport.abort()
        return web.json_response(answer.body or body, status=answer.status, headers=answer.headers)

    def token(self, kid: str = "k1", *, without: str = "", alg: str = "RS256", **changes: Any) -> str:
        now = REAL_NOW.timestamp()
        claims = {"iss": ISSUER, "aud": APP, "serviceurl": self.base, "nbf": now - 60, "exp": now + 3600, **changes}
        claims.pop(without, None)
        key: Any = signing_key(kid) if alg == "RS256" else "a shared secret that is long enough for HS256 …"
        return jwt.encode(claims, key, alg, {"kid": kid})

    def message(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        return {
            "type": "message",
            "id": f"activity-{number}",
            "channelId": "msteams",
            "serviceUrl": self.base,
            "timestamp": "2026-11-22T13:00:00.1234567Z",
            "from": {"id": "29:person", "name": "Ana Rojas", "aadObjectId": PERSON},
            "recipient": {"id": f"28:{APP}", "name": "Soluciones"},
            "conversation": {"id": "a:chat", "conversationType": "personal", "tenantId": TENANT},
            "channelData": {"tenant": {"id": TENANT}},
            "text": "hola",
            **changes,
        }

    def click(self, number: int = 1, **changes: Any) -> dict[str, Any]:
        action = {"type": "Action.Execute", "verb": "act", "data": {"action": "opaque"}}
        value = {"action": action, "trigger": "manual"}
        return self.message(number, type="invoke", name="adaptiveCard/action", **{"value": value, **changes})


@dataclass
class Time:
    """Monotonic seconds that pass only by sleeping."""

    at: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds
        await asyncio.sleep(0)


Logic = Callable[[Any], Awaitable[Any]]


@dataclass
class Caller:
    """The channel: posts activities with a good token unless told otherwise."""

    client: Any
    peer: Peer
    errors: list[tuple[Any, Exception]]
    edge: Any
    turns: list[Any] = field(default_factory=list)

    async def post(self, activity: Any, *, token: str | None = None, **kwargs: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or self.peer.token()}", **kwargs.pop("headers", {})}
        async with self.client.post("/api/messages", json=activity, headers=headers, **kwargs) as answer:
            text = await answer.text()
            return answer.status, (await answer.json() if text else None)


Start = Callable[[Logic], Awaitable[Caller]]
