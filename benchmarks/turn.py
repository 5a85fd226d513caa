"""Turns per second of one server process: our recorded follow-up and our echo, two stock SDKs' echoes, bare aiohttp.

A turn is an activity in and what it sends by POST or PUT to a connector in another process. Every server gets the same
load from the same tool: 32 kept connections, each activity with its own id, one signed token for ten activities (the
Bot Framework reuses a token for an hour). Load and connector are plain asyncio protocols, so that they cost little
beside what is measured. Rounds alternate; a ratio is the median of each round's own, so that a busy machine slows both
of its sides; only ratios decide.

- `bare`: aiohttp alone, which believes everybody.
- `echo`: our entry without the product: token, tenant, person, address and replay are checked.
- `stock`: botbuilder's CloudAdapterBase with the SDK's own authentication and connector clients. Its HTTP shim
  (botbuilder-integration-aiohttp) is not a dependency of ours and is retyped here. MSAL demands an https authority, so
  its HTTP client is turned towards the loopback; tokens cost it a loopback round trip, less than Microsoft's would.
- `agents`: microsoft-agents-hosting-aiohttp, the SDK's successor, with its JWT middleware (`make bench` installs it);
  its keys' address is turned towards the loopback, its token is a constant.
- `sqlite`, `postgresql`: the whole product. 32 leaders answer their month card by card (`turn_round.py`): the press of
  «Guardar y seguir» is checked, the follow-up committed, the next card answered and the posted one edited. That every
  press became one follow-up is asked of the database at the end.

Then each of the last two gets 50 turns a second, evenly spaced, and the time from when a press was due to its answer is
told at the median and the 99th percentile.
"""
# ruff: noqa: ANN401  the SDK and asyncio's transports are untyped here

from __future__ import annotations

import asyncio
import functools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt
import turn_round
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

APP, TENANT = "app-0000", "tenant-0000"
ISSUER = "https://api.botframework.com"
RATIOS = {
    "echo / bare": ("echo", "bare"),
    "echo / stock": ("echo", "stock"),
    "follow-up on SQLite / stock echo": ("sqlite", "stock"),
    "follow-up on SQLite / agents echo": ("sqlite", "agents"),
    "follow-up on PostgreSQL / stock echo": ("postgresql", "stock"),
    "follow-up on PostgreSQL / agents echo": ("postgresql", "agents"),
}
GOALS = {"echo / bare": 0.3, "echo / stock": 8} | {
    f"follow-up on {where} / {what} echo": goal
    for where in ("SQLite", "PostgreSQL")
    for what, goal in (("stock", 3), ("agents", 1))
}
CONNECTIONS, CONVERSATIONS, PER_TOKEN = 32, 64, 10
INITIATIVES = 24  # of a leader: enough actions for every round
ROUNDS, WARM_UP, SECONDS = 8, 0.3, 1.2
PACE, PACED_SECONDS = 50, 12
READY = {"bare": 1, "echo": 400, "stock": 40, "agents": 200, "sqlite": 200, "postgresql": 200}
"""Tokens signed before a measurement."""
IDS = count()
Json = dict[str, Any]
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
            body, self.buffer = self.buffer[end + 4 : end + 4 + length], self.buffer[end + 4 + length :]
            self.message(head, body)

    def message(self, head: bytes, body: bytes) -> None:
        raise NotImplementedError


class Peer(Http):
    pages: dict[str, bytes]
    posted = 0

    def message(self, head: bytes, body: bytes) -> None:
        method, path = head.split(b" ", 2)[:2]
        if method in (b"POST", b"PUT") and b"/activities" in path:
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


async def echo(app: web.Application, peer: str) -> None:
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

    async def answer(context: Any) -> None:
        await context.send_activity(context.activity.text)

    async def on_error(_activity: Any, error: Exception) -> None:
        raise error

    limiter = RateLimiter(per_conversation=[(10**6, 1.0)], per_bot=[(10**6, 1.0)])
    edge = build(config, aiohttp.ClientSession(), SystemClock(), answer, on_error, limiter=limiter)
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


async def agents(app: web.Application, peer: str) -> None:
    from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware  # noqa: PLC0415
    from microsoft_agents.hosting.core import ActivityHandler, AgentAuthConfiguration  # noqa: PLC0415
    from microsoft_agents.hosting.core.authorization import (  # noqa: PLC0415
        AnonymousTokenProvider,
        _entra_issuers,
    )
    from microsoft_agents.hosting.core.authorization.connection_manager import ConnectionManager  # noqa: PLC0415

    class Constant(AnonymousTokenProvider):
        async def get_access_token(self, *_args: Any, **_more: Any) -> str:
            return "t"

    class Echo(ActivityHandler):
        async def on_message_activity(self, turn_context: Any) -> None:
            await turn_context.send_activity(turn_context.activity.text)

    _entra_issuers.BOTFRAMEWORK_JWKS_URIS[ISSUER] = f"{peer}/keys"
    config = AgentAuthConfiguration(client_id=APP, tenant_id=TENANT, client_secret="x")
    adapter = CloudAdapter(
        connection_manager=ConnectionManager(
            lambda _config: Constant(), connections_configurations={"SERVICE_CONNECTION": config}
        )
    )
    bot = Echo()

    async def handle(request: web.Request) -> web.Response:
        return await adapter.process(request, bot) or web.Response(status=201)

    app.middlewares.append(jwt_authorization_middleware)
    app["agent_configuration"] = config
    app.router.add_post("/api/messages", handle)


def product(url: str, folder: Path, peer: str) -> web.Application:
    import bot.service  # noqa: PLC0415
    from bot.teams import build  # noqa: PLC0415
    from bot.teams.limits import RateLimiter  # noqa: PLC0415

    limiter = RateLimiter(per_conversation=[(10**6, 1.0)], per_bot=[(10**6, 1.0)])
    bot.service.build = functools.partial(build, limiter=limiter)
    made = turn_round.service(url, folder, peer, APP, TENANT)
    return turn_round.mount(made, CONNECTIONS, INITIATIVES)


async def sqlite(folder: Path, peer: str) -> web.Application:
    return product(f"sqlite:///{folder}/turn.db", folder, peer)


async def postgresql(folder: Path, peer: str) -> web.Application:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "peers"))
    from postgres import database_url  # noqa: PLC0415

    return product(database_url("turn"), folder, peer)


ECHOES = {"bare": bare, "echo": echo, "stock": stock, "agents": agents}
PRODUCTS = {"sqlite": sqlite, "postgresql": postgresql}
SERVERS = (*ECHOES, *PRODUCTS)


async def serve(name: str, peer: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="soluciones-turn-"))
    app = await PRODUCTS[name](folder, peer) if name in PRODUCTS else web.Application()
    if name in ECHOES:
        await ECHOES[name](app, peer)
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

    def ended(self) -> None:
        self.open -= 1
        if not self.open:
            self.finished.set()


class Client(Http):
    """Echoes: the next activity as soon as the last was answered."""

    def __init__(self, load: Load) -> None:
        self.load = load

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.transport.write(request(self.load, message_of(next(IDS))))

    def message(self, head: bytes, body: bytes) -> None:
        del body
        self.load.done += 1
        self.load.failed += not head.startswith(b"HTTP/1.1 20")
        if self.load.going:
            self.transport.write(request(self.load, message_of(next(IDS))))
            return
        self.transport.close()
        self.load.ended()


@dataclass
class Leader:
    """One leader's chat: what they press next. It outlives the connections of a round."""

    number: int
    starts: list[str]
    token: str | None = None
    saved: int = 0

    def next(self) -> Json:
        if self.token is None:
            return self._activity(turn_round.press_of(self.starts.pop()))
        return self._activity(turn_round.press_of(self.token, **turn_round.answer_of(next(IDS))))

    def answered(self, body: bytes) -> None:
        self.saved += self.token is not None
        self.token = turn_round.next_token(body)

    def _activity(self, value: Json) -> Json:
        person = {"id": f"29:l{self.number}", "aadObjectId": turn_round.aad_of(self.number), "name": "Líder"}
        return activity_of(next(IDS), f"a:leader{self.number}", person) | {
            "type": "invoke",
            "name": "adaptiveCard/action",
            "value": value,
            "replyToId": f"card-{self.number}",
        }


class Presser(Http):
    """A leader who presses as soon as the next card is there, or (`due`) when it is time."""

    def __init__(self, load: Load, leader: Leader) -> None:
        self.load, self.leader = load, leader

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.press()

    def press(self) -> None:
        self.transport.write(request(self.load, self.leader.next()))

    def message(self, head: bytes, body: bytes) -> None:
        self.load.done += 1
        assert head.startswith(b"HTTP/1.1 200"), (head, body)
        self.leader.answered(body)
        if self.load.going:
            self.press()
            return
        self.transport.close()
        self.load.ended()


class Paced(Presser):
    """Presses when it is due, whether or not the machine is quick; how long each answer took, in seconds."""

    def __init__(self, load: Load, leader: Leader, took: list[float]) -> None:
        super().__init__(load, leader)
        self.took, self.due, self.waiting = took, [], False

    def connection_made(self, transport: Any) -> None:
        Http.connection_made(self, transport)

    def press_due(self, at: float) -> None:
        self.due.append(at)
        if not self.waiting:
            self.waiting = True
            self.press()

    def message(self, head: bytes, body: bytes) -> None:
        assert head.startswith(b"HTTP/1.1 200"), head
        self.took.append(time.perf_counter() - self.due.pop(0))
        self.leader.answered(body)
        self.waiting = bool(self.due)
        if self.waiting:
            self.press()


def message_of(number: int) -> Json:
    person = {"id": "29:person", "name": "Ana María Rojas", "aadObjectId": "person-0000"}
    return activity_of(number, f"a:conversation{number % CONVERSATIONS}", person) | {
        "type": "message",
        "text": "¿Cómo va el compromiso?",
        "textFormat": "plain",
    }


def activity_of(number: int, conversation: str, person: Json) -> Json:
    return {
        "id": f"{number}",
        "timestamp": "2026-11-20T13:00:00.000Z",
        "localTimestamp": "2026-11-20T08:00:00.000-05:00",
        "localTimezone": "America/Bogota",
        "channelId": "msteams",
        "from": person,
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": conversation},
        "recipient": {"id": f"28:{APP}", "name": "Soluciones"},
        "entities": [{"locale": "es-CO", "country": "CO", "platform": "Web", "type": "clientInfo"}],
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "es-CO",
    }


def request(load: Load, activity: Json) -> bytes:
    body = json.dumps(activity | {"serviceUrl": load.peer}).encode()
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


async def asked(url: str) -> Any:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return json.loads(await answer.text())


@dataclass
class Bench:
    """The servers, the peer they speak to, and the leaders of those that are the product."""

    peer: Process
    tokens: Tokens
    servers: dict[str, Process]
    leaders: dict[str, list[Leader]] = field(default_factory=dict)

    async def meet(self) -> None:
        for name in PRODUCTS:
            starts = await asked(self.servers[name].url + turn_round.STARTS)
            self.leaders[name] = [Leader(number, tokens) for number, tokens in enumerate(starts)]

    async def measure(self, name: str) -> tuple[float, float]:
        """Turns a second and CPU milliseconds a turn."""
        server = self.servers[name]
        self.tokens.sign(READY[name])
        self.tokens.left = sys.maxsize if name == "bare" else 0  # bare aiohttp does not look at it
        load = Load(urlsplit(server.url).netloc, self.peer.url, self.tokens)
        before = await asked(f"{self.peer.url}/posted")
        await self._connect(name, load)
        await asyncio.sleep(WARM_UP)
        done, cpu, began = load.done, server.cpu(), time.perf_counter()
        await asyncio.sleep(SECONDS)
        turns, cpu, took = load.done - done, server.cpu() - cpu, time.perf_counter() - began
        load.going = False
        await asyncio.wait_for(load.finished.wait(), 30)
        assert not load.failed, f"{load.failed} of {load.done} turns failed"
        await self._all_posted(before + load.done)
        return turns / took, 1000 * cpu / turns

    async def _connect(self, name: str, load: Load) -> None:
        parts, loop = urlsplit(self.servers[name].url), asyncio.get_running_loop()
        for number in range(CONNECTIONS):
            leader = self.leaders[name][number] if name in PRODUCTS else None
            made = functools.partial(Presser, load, leader) if leader else functools.partial(Client, load)
            await loop.create_connection(made, parts.hostname, parts.port)

    async def _all_posted(self, wanted: int) -> None:
        """The product edits the posted card after its answer: that is waited for."""
        for _ in range(200):
            if await asked(f"{self.peer.url}/posted") >= wanted:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("a turn went without what it sends")

    async def pace(self, name: str) -> list[float]:
        """Seconds from when each press was due to its answer, at PACE turns a second, sorted."""
        parts, loop = urlsplit(self.servers[name].url), asyncio.get_running_loop()
        self.tokens.sign(PACE * PACED_SECONDS // PER_TOKEN + 10)
        load, took = Load(parts.netloc, self.peer.url, self.tokens), []
        chats = []
        for leader in self.leaders[name]:
            made = functools.partial(Paced, load, leader, took)
            chats.append((await loop.create_connection(made, parts.hostname, parts.port))[1])
        began = time.perf_counter()
        for number in range(PACE * PACED_SECONDS):
            at = began + number / PACE
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            chats[number % len(chats)].press_due(at)
        while len(took) < PACE * PACED_SECONDS:  # noqa: ASYNC110 - a benchmark may look again
            await asyncio.sleep(0.05)
        for chat in chats:
            chat.transport.close()
        return sorted(took)

    async def check(self) -> None:
        """Every press that was answered became one follow-up."""
        for name, leaders in self.leaders.items():
            recorded = await asked(self.servers[name].url + turn_round.RECORDED)
            assert recorded == sum(leader.saved for leader in leaders), f"{name}: {recorded} follow-ups"


async def run(log: Callable[[str], None]) -> dict[str, Any]:
    tokens = Tokens("")
    peer = start("peer", env={"BENCH_JWK": json.dumps(tokens.jwk)})
    tokens.peer = peer.url
    bench = Bench(peer, tokens, {name: start(name, peer.url) for name in SERVERS})
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    cpu: dict[str, list[float]] = {name: [] for name in SERVERS}
    try:
        await bench.meet()
        for number in range(ROUNDS):
            for name in SERVERS if number % 2 else reversed(SERVERS):
                rate, cost = await bench.measure(name)
                rates[name].append(rate)
                cpu[name].append(cost)
                log(f"round {number + 1}/{ROUNDS} {name:<10} {rate:7.0f} turns/s {cost:6.2f} ms CPU/turn")
        paces = {name: await bench.pace(name) for name in PRODUCTS}
        await bench.check()
    finally:
        for process in (*bench.servers.values(), peer):
            process.process.terminate()
    return report(rates, cpu, paces)


def report(rates: dict[str, list[float]], cpu: dict[str, list[float]], paces: dict[str, list[float]]) -> dict[str, Any]:
    ratios = {name: ratio_of(rates, *pair) for name, pair in RATIOS.items()}
    return {
        "name": "turn",
        "ratios": {name: round(value, 2) for name, value in ratios.items()},
        "goals": GOALS,
        "ok": all(ratios[name] >= goal for name, goal in GOALS.items()),
        "turns_per_second": {name: round(statistics.median(values)) for name, values in rates.items()},
        "cpu_ms_per_turn": {name: round(statistics.median(values), 2) for name, values in cpu.items()},
        f"ms_at_{PACE}_per_second": {
            name: {"median": _ms(took, 0.5), "p99": _ms(took, 0.99)} for name, took in paces.items()
        },
    }


def _ms(took: list[float], share: float) -> float:
    return round(1000 * took[min(len(took) - 1, int(share * len(took)))], 1)


def ratio_of(rates: dict[str, list[float]], ours: str, baseline: str) -> float:
    return statistics.median(one / other for one, other in zip(rates[ours], rates[baseline], strict=True))


def main() -> int:
    if len(sys.argv) > 1:
        asyncio.run(serve_peer() if sys.argv[1] == "peer" else serve(*sys.argv[1:3]))
        return 0
    result = asyncio.run(run(lambda line: print(line, flush=True)))
    print(json.dumps(result))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
