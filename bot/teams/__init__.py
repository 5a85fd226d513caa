"""Teams in and out: a hardened entry, verifier, token source and sender around stock botbuilder 4.17.1.

Of the SDK stay Activity, TurnContext, BotAdapter and TeamsActivityHandler. Its HTTP entry, authentication and sender
are replaced, each for a defect reproduced in it: the tests in `tests/bot/teams` carry their names.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bot.teams.adapter import TeamsAdapter
from bot.teams.attachments import Downloader
from bot.teams.config import TeamsConfig
from bot.teams.entry import Entry, Logic, OnError
from bot.teams.limits import RateLimiter, Sleep
from bot.teams.replay import ReplayGuard
from bot.teams.sender import ConnectorSender
from bot.teams.tokens import TokenSource
from bot.teams.verifier import TokenVerifier
from methodology.clock import Clock

__all__ = ["ConnectorSender", "TeamsConfig", "TeamsEdge", "build"]


@dataclass(frozen=True)
class TeamsEdge:
    """Everything the composition root needs of Teams."""

    entry: Entry
    adapter: TeamsAdapter
    sender: ConnectorSender
    tokens: TokenSource
    config: TeamsConfig
    session: aiohttp.ClientSession

    def downloader(self, drives: frozenset[str]) -> Downloader:
        """What fetches the files that people send."""
        return Downloader(self.config, self.session, self.tokens, drives)

    def add_routes(self, app: web.Application, path: str = "/api/messages") -> None:
        """Every method goes to the entry, which answers the wrong ones itself."""
        app.router.add_route("*", path, self.entry.handle)


def build(
    config: TeamsConfig,
    session: aiohttp.ClientSession,
    clock: Clock,
    logic: Logic,
    on_error: OnError,
    *,
    wall: Clock | None = None,
    limiter: RateLimiter | None = None,
    sleep: Sleep = asyncio.sleep,
) -> TeamsEdge:
    """Wire the edge.

    `clock` is the method's time and dates retries; `wall` is the real time (tokens' lives). `logic` is a
    TeamsActivityHandler's `on_turn`; `on_error` is told of each turn that failed, after it was logged.
    """
    tokens = TokenSource(config, session, clock)
    sender = ConnectorSender(
        config, session, tokens, limiter or RateLimiter(sleep=sleep), clock, sleep=sleep, wall=wall
    )
    adapter = TeamsAdapter(sender, sleep)
    verifier = TokenVerifier(config, session, wall)
    entry = Entry(config, verifier, ReplayGuard(wall), adapter, logic=logic, on_error=on_error)
    return TeamsEdge(entry, adapter, sender, tokens, config, session)
