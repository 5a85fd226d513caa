from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from teams_wire import APP, METHOD_NOW, REAL_NOW, TENANT, Caller, Logic, Peer, Start, Time

from bot.teams import ConnectorSender, TeamsConfig, build
from bot.teams.limits import RateLimiter
from bot.teams.tokens import TokenSource
from methodology.clock import SettableClock


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    peer = Peer()
    async with TestServer(peer.app()) as server:
        peer.base = str(server.make_url("")).rstrip("/")
        yield peer


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(METHOD_NOW)


@pytest.fixture
def wall() -> SettableClock:
    return SettableClock(REAL_NOW)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def config(peer: Peer) -> TeamsConfig:
    return TeamsConfig(
        app_id=APP,
        app_password="the password",
        tenant_id=TENANT,
        openid_metadata_url=f"{peer.base}/openid",
        oauth_url=f"{peer.base}/token",
        service_hosts=frozenset({"127.0.0.1"}),
    )


@pytest.fixture
def tokens(config: TeamsConfig, session: aiohttp.ClientSession, clock: SettableClock, time: Time) -> TokenSource:
    return TokenSource(config, session, clock, time.now)


@pytest.fixture
def sender(
    config: TeamsConfig,
    session: aiohttp.ClientSession,
    tokens: TokenSource,
    clock: SettableClock,
    wall: SettableClock,
    time: Time,
) -> ConnectorSender:
    limiter = RateLimiter(time.now, time.sleep)
    return ConnectorSender(config, session, tokens, limiter, clock, sleep=time.sleep, wall=wall)


@pytest.fixture
async def start(
    config: TeamsConfig,
    session: aiohttp.ClientSession,
    peer: Peer,
    clock: SettableClock,
    wall: SettableClock,
    time: Time,
) -> AsyncIterator[Start]:
    """Serve a bot's logic behind the entry and hand back the channel that calls it."""
    clients: list[Any] = []

    async def start(logic: Logic) -> Caller:
        errors: list[tuple[Any, Exception]] = []

        async def on_error(activity: Any, error: Exception) -> None:
            errors.append((activity, error))

        limiter = RateLimiter(time.now, time.sleep)
        edge = build(config, session, clock, logic, on_error, wall=wall, limiter=limiter, sleep=time.sleep)
        app = web.Application()
        edge.add_routes(app)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return Caller(client, peer, errors, edge)

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def echo(start: Start) -> Caller:
    """A bot that repeats what it is told."""

    async def logic(context: Any) -> None:
        if context.activity.text:
            await context.send_activity(context.activity.text)

    return await start(logic)
