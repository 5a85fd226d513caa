"""Echo turns per second of one server process: ours, the stock SDK's, and bare aiohttp without any authentication.

A turn is a message in and its reply out, by POST to a connector in another process. Every server gets the same load
from the same tool: 32 kept connections, each activity with its own id in one of 64 conversations, one signed token for
ten activities (the Bot Framework reuses a token for an hour). Ours checks token, tenant, person, address and replay,
and passes its rate limiter (with the limits out of reach). Load and connector are plain asyncio protocols, so that they
cost little beside what is measured. Rounds alternate; the ratio is the median of each round's own, so that a busy
machine slows both of its sides; only ratios decide.

The stock side is CloudAdapterBase with the SDK's own authentication and connector clients. Its HTTP shim
(botbuilder-integration-aiohttp) is not a dependency of ours and is retyped here. MSAL demands an https authority, so
its HTTP client is turned towards the loopback; tokens cost it a loopback round trip, less than Microsoft's would.
"""
# ruff: noqa: ANN401  the SDK and asyncio's transports are untyped here

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

APP, TENANT = "app-0000", "tenant-0000"
ISSUER = "https://api.botframework.com"
GOAL, STOCK_GOAL = 0.3, 8
CONNECTIONS, CONVERSATIONS, PER_TOKEN = 32, 64, 10
ROUNDS, WARM_UP, SECONDS = 8, 0.3, 1.2
READY = {"bare": 1, "ours": 400, "stock": 40}  # tokens signed before the measurement
IDS = count()
TICK = os.sysconf("SC_CLK_TCK")


# --- the other side: connector, keys and directory -------------------------------------------------------------------


class Http(asyncio.Protocol):
    """Cuts a stream of small HTTP messages; enough for a benchmark's peers."""

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            at = head.lower().find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            self.message(head)

    def message(self, head: bytes) -> None:
        raise NotImplementedError


class Peer(Http):
    pages: dict[str, bytes]
    posted = 0

    def message(self, head: bytes) -> None:
        method, path = head.split(b" ", 2)[:2]
        if method == b"POST" and b"/activities" in path:
            Peer.posted += 1
            body = b'{"id":"1"}'
        elif path == b"/posted":
            body = str(Peer.posted).encode()
        else:
            body = self.pages[path.decode().split("?")[0]]
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )


async def serve_peer() -> None:
    jwk = json.loads(os.environ["BENCH_JWK"])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Peer, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    authority = f"https://login.microsoftonline.com/{TENANT}"
    pages = {
        "/openid": {"jwks_uri": f"{base}/keys"},
        "/keys": {"keys": [jwk]},
        f"/{TENANT}/v2.0/.well-known/openid-configuration": {
            "issuer": f"{authority}/v2.0",
            "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
            "token_endpoint": f"{authority}/oauth2/v2.0/token",
        },
        f"/{TENANT}/oauth2/v2.0/token": {"access_token": "t", "expires_in": 3600, "token_type": "Bearer"},
    }
    Peer.pages = {path: json.dumps(page).encode() for path, page in pages.items()}
    print(base, flush=True)
    await server.serve_forever()


# --- the three servers -----------------------------------------------------------------------------------------------


async def bare(app: web.Application, _peer: str) -> None:
    session = aiohttp.ClientSession()

    async def handle(request: web.Request) -> web.Response:
        data = await request.json()
        reply = {
            "type": "message",
            "text": data["text"],
            "channelId": data["channelId"],
            "serviceUrl": data["serviceUrl"],
            "conversation": data["conversation"],
            "from": data["recipient"],
            "recipient": data["from"],
            "locale": data["locale"],
            "inputHint": "acceptingInput",
        }
        url = f"{data['serviceUrl']}/v3/conversations/{data['conversation']['id']}/activities"
        async with session.post(url, json=reply, headers={"Authorization": "Bearer t"}) as answer:
            await answer.json()
        return web.Response(status=200)

    app.router.add_post("/api/messages", handle)


async def ours(app: web.Application, peer: str) -> None:
    from bot.teams import TeamsConfig, build  # noqa: PLC0415
    from bot.teams.limits import RateLimiter  # noqa: PLC0415
    from methodology.clock import SystemClock  # noqa: PLC0415

    config = TeamsConfig(
        app_id=APP,
        app_password="x",
        tenant_id=TENANT,
        openid_metadata_url=f"{peer}/openid",
        oauth_url=f"{peer}/{TENANT}/oauth2/v2.0/token",
        service_hosts=frozenset({"127.0.0.1"}),
    )

    async def echo(context: Any) -> None:
        await context.send_activity(context.activity.text)

    async def on_error(_activity: Any, error: Exception) -> None:
        raise error

    limiter = RateLimiter(per_conversation=[(10**6, 1.0)], per_bot=[(10**6, 1.0)])
    edge = build(config, aiohttp.ClientSession(), SystemClock(), echo, on_error, limiter=limiter)
    edge.add_routes(app)


async def stock(app: web.Application, peer: str) -> None:
    from botbuilder.core import ActivityHandler  # noqa: PLC0415
    from botbuilder.core.cloud_adapter_base import CloudAdapterBase  # noqa: PLC0415
    from botbuilder.schema import Activity  # noqa: PLC0415
    from botframework.connector.auth import (  # noqa: PLC0415
        BotFrameworkAuthenticationFactory,
        PasswordServiceClientCredentialFactory,
    )

    turn_msal_to(peer)
    adapter = CloudAdapterBase(
        BotFrameworkAuthenticationFactory.create(
            to_channel_from_bot_login_url=f"https://login.microsoftonline.com/{TENANT}",
            to_channel_from_bot_oauth_scope=ISSUER,
            to_bot_from_channel_token_issuer=ISSUER,
            oauth_url=f"{peer}/oauth",
            to_bot_from_channel_open_id_metadata_url=f"{peer}/openid",
            credential_factory=PasswordServiceClientCredentialFactory(APP, "x", TENANT),
        )
    )

    class Echo(ActivityHandler):
        async def on_message_activity(self, turn_context: Any) -> None:
            await turn_context.send_activity(turn_context.activity.text)

    bot = Echo()

    async def handle(request: web.Request) -> web.Response:
        activity = Activity().deserialize(await request.json())
        await adapter.process_activity(request.headers["Authorization"], activity, bot.on_turn)
        return web.Response(status=201)

    app.router.add_post("/api/messages", handle)


def turn_msal_to(peer: str) -> None:
    import requests  # noqa: PLC0415
    from botframework.connector.auth import microsoft_app_credentials  # noqa: PLC0415

    session = requests.Session()

    class Loopback:
        def get(self, url: str, **kwargs: Any) -> Any:
            return session.get(peer + urlsplit(url).path, **kwargs)

        def post(self, url: str, **kwargs: Any) -> Any:
            return session.post(peer + urlsplit(url).path, **kwargs)

    genuine = microsoft_app_credentials.ConfidentialClientApplication
    microsoft_app_credentials.ConfidentialClientApplication = lambda **kwargs: genuine(
        **kwargs, http_client=Loopback(), instance_discovery=False
    )


SERVERS = {"bare": bare, "ours": ours, "stock": stock}


async def serve(name: str, peer: str) -> None:
    app = web.Application()
    await SERVERS[name](app, peer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


# --- the load --------------------------------------------------------------------------------------------------------


class Tokens:
    def __init__(self, peer: str) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.peer, self.made, self.left = peer, "-", 0
        self.jwk = {
            **RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True),
            "kid": "k1",
            "endorsements": ["msteams"],
        }
        self.pool: list[str] = []

    def sign(self, number: int) -> None:
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": APP, "serviceurl": self.peer, "nbf": now - 60, "exp": now + 3600}
        for _ in range(number):
            self.pool.append(jwt.encode({**claims, "n": next(IDS)}, self.key, "RS256", {"kid": "k1"}))

    def take(self) -> str:
        if not self.left and not self.pool:
            self.sign(1)
        if not self.left:
            self.made, self.left = self.pool.pop(), PER_TOKEN
        self.left -= 1
        return self.made


@dataclass
class Load:
    host: str
    peer: str
    tokens: Tokens
    done: int = 0
    failed: int = 0
    going: bool = True
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = CONNECTIONS


class Client(Http):
    def __init__(self, load: Load) -> None:
        self.load = load

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.next()

    def next(self) -> None:
        self.transport.write(request(self.load, next(IDS)))

    def message(self, head: bytes) -> None:
        self.load.done += 1
        self.load.failed += not head.startswith(b"HTTP/1.1 20")
        if self.load.going:
            self.next()
            return
        self.transport.close()
        self.load.open -= 1
        if not self.load.open:
            self.load.finished.set()


def request(load: Load, number: int) -> bytes:
    conversation = f"a:conversation{number % CONVERSATIONS}"
    body = json.dumps(
        {
            "type": "message",
            "id": f"{number}",
            "timestamp": "2026-11-20T13:00:00.000Z",
            "localTimestamp": "2026-11-20T08:00:00.000-05:00",
            "localTimezone": "America/Bogota",
            "serviceUrl": load.peer,
            "channelId": "msteams",
            "from": {"id": "29:person", "name": "Ana María Rojas", "aadObjectId": "person-0000"},
            "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": conversation},
            "recipient": {"id": f"28:{APP}", "name": "Soluciones"},
            "entities": [{"locale": "es-CO", "country": "CO", "platform": "Web", "type": "clientInfo"}],
            "channelData": {"tenant": {"id": TENANT}},
            "text": "¿Cómo va el compromiso?",
            "textFormat": "plain",
            "locale": "es-CO",
        }
    ).encode()
    head = (
        f"POST /api/messages HTTP/1.1\r\nHost: {load.host}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Authorization: Bearer {load.tokens.take()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@dataclass
class Process:
    process: subprocess.Popen[str]
    url: str

    def cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


def start(*args: str, env: dict[str, str] | None = None) -> Process:
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, __file__, *args], stdout=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}
    )
    assert process.stdout
    return Process(process, process.stdout.readline().strip())


async def posted(peer: str) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{peer}/posted") as answer:
        return int(await answer.text())


async def measure(server: Process, peer: str, tokens: Tokens, ready: int, *, reuse: bool) -> tuple[float, float]:
    """Turns a second and CPU milliseconds a turn."""
    tokens.sign(ready)
    tokens.left = sys.maxsize if reuse else 0  # bare aiohttp does not look at it
    parts = urlsplit(server.url)
    load = Load(parts.netloc, peer, tokens)
    before = await posted(peer)
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Client(load), parts.hostname, parts.port)
    await asyncio.sleep(WARM_UP)
    done, cpu, began = load.done, server.cpu(), time.perf_counter()
    await asyncio.sleep(SECONDS)
    turns, cpu, took = load.done - done, server.cpu() - cpu, time.perf_counter() - began
    load.going = False
    await asyncio.wait_for(load.finished.wait(), 30)
    assert not load.failed, f"{load.failed} of {load.done} turns failed"
    assert await posted(peer) - before == load.done, "a turn went without its reply"
    return turns / took, 1000 * cpu / turns


async def run(log: Callable[[str], None]) -> dict[str, Any]:
    tokens = Tokens("")
    peer = start("peer", env={"BENCH_JWK": json.dumps(tokens.jwk)})
    tokens.peer = peer.url
    servers = {name: start(name, peer.url) for name in SERVERS}
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    cpu: dict[str, list[float]] = {name: [] for name in SERVERS}
    try:
        for number in range(ROUNDS):
            for name in SERVERS if number % 2 else reversed(SERVERS):
                rate, cost = await measure(servers[name], peer.url, tokens, READY[name], reuse=name == "bare")
                rates[name].append(rate)
                cpu[name].append(cost)
                log(f"round {number + 1}/{ROUNDS} {name:<5} {rate:7.0f} turns/s {cost:6.2f} ms CPU/turn")
    finally:
        for process in (*servers.values(), peer):
            process.process.terminate()
    return report(rates, cpu)


def report(rates: dict[str, list[float]], cpu: dict[str, list[float]]) -> dict[str, Any]:
    ratio, stock_ratio = paired(rates, "bare"), paired(rates, "stock")
    return {
        "name": "turn",
        "baseline": "bare aiohttp",
        "ratio": round(ratio, 3),
        "goal": GOAL,
        "ok": ratio >= GOAL and stock_ratio >= STOCK_GOAL,
        "stock_ratio": round(stock_ratio, 1),
        "stock_goal": STOCK_GOAL,
        "turns_per_second": {name: round(statistics.median(values)) for name, values in rates.items()},
        "cpu_ms_per_turn": {name: round(statistics.median(values), 2) for name, values in cpu.items()},
    }


def paired(rates: dict[str, list[float]], baseline: str) -> float:
    return statistics.median(ours / other for ours, other in zip(rates["ours"], rates[baseline], strict=True))


def main() -> int:
    if len(sys.argv) > 1:
        asyncio.run(serve_peer() if sys.argv[1] == "peer" else serve(*sys.argv[1:3]))
        return 0
    result = asyncio.run(run(lambda line: print(line, flush=True)))
    print(json.dumps(result))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
