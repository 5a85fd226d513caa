"""The real application on SQLite with one entity that was asked, so that its page can be met on the wire."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time
from html import unescape
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp import web
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import demo as demonstration
from bot.demo import free_port
from bot.drawing.context import Desk
from bot.drawing.form_links import month_link, validation_link
from bot.form.rates import Rates
from bot.service import Service
from bot.settings import Settings
from methodology.clock import SettableClock
from methodology.outreaches import record_outreach
from methodology.rules.calendar import BOGOTA
from methodology.rules.months import Month
from methodology.silence import reached_out
from storage.ledger import Proposal
from storage.matrix import Action, Entity
from tests.peers.core_world import INVIMA, Core

T = TypeVar("T")
DAY = date(2026, 11, 18)
REFERENCE = "SR-7K3M-Q2XW"
MANY = ((100_000, 60.0),)


async def _quiet() -> None:
    """The clock's own work is tried elsewhere."""


class Front:
    """The page as a browser meets it: opened, filled in, sent, with nothing but what the page itself says."""

    def __init__(self, service: Service, clock: SettableClock, http: aiohttp.ClientSession) -> None:
        self.service, self.clock, self.http = service, clock, http
        self.base = f"http://127.0.0.1:{service.settings.port}"
        self.link = service.db.do(self._asked)

    def _asked(self, session: Session) -> str:
        core = Core(session)
        core.initiative("biologicos")
        devices = core.initiative("dispositivos")
        core.action("BIO-02", due="2026-12-11")
        core.action("DIM-03", due="2026-09-22", initiative=devices)
        core.action("AST-04", entity="Dirección General Marítima (Dimar)")
        entity, codes = core.entity(INVIMA), ["BIO-02", "DIM-03"]
        asked_on = date(2026, 11, 11)
        record_outreach(session, entity.id, "2026-11", "solicitud", asked_on, token=REFERENCE, asked=codes)
        reached_out(session, entity.id, codes, asked_on)
        return month_link(self.desk(session), REFERENCE, entity.id, Month(2026, 11)).url

    def desk(self, session: Session) -> Desk:
        return Desk(session, self.service.studio, "prueba", self.clock.now())

    def validation(self, *keys: str) -> str:
        def asked(session: Session) -> str:
            entity = session.scalars(select(Entity).where(Entity.name == INVIMA)).one()
            return validation_link(self.desk(session), "SR-AAAA-0000", entity.id, keys).url

        return self.service.db.do(asked)

    def on(self, day: date) -> None:
        self.clock.set(datetime.combine(day, time(9), BOGOTA))

    def read(self, fn: Callable[[Session], T]) -> T:
        with self.service.db.begin() as session:
            return fn(session)

    def all(self, kind: type[T]) -> list[T]:
        return self.read(lambda session: list(session.scalars(select(kind))))

    def number(self, code: str) -> int:
        """The number that an action goes by on the page."""
        return self.read(lambda session: session.scalars(select(Action.id).where(Action.code == code)).one())

    def proposals(self) -> list[tuple[str, float | None, str, str]]:
        def told(session: Session) -> list[tuple[str, float | None, str, str]]:
            rows = session.scalars(select(Proposal).order_by(Proposal.id))
            return [(row.action.code, row.percent, row.text, row.state) for row in rows]

        return self.read(told)

    async def open(self, url: str = "", **more: Any) -> tuple[int, str]:
        answer = await self.http.get(url or self.link, **more)
        return answer.status, await answer.text()

    async def post(self, fields: dict[str, Any], url: str = "", **more: Any) -> tuple[int, str]:
        """Fields as multipart; a (name, bytes) is a file. Redirects are followed as a browser does."""
        answer = await self.http.post(url or self.link, data=form_of(fields), **more)
        return answer.status, await answer.text()

    async def send(
        self, fields: dict[str, Any], *, order: str = "enviar", url: str = "", **more: Any
    ) -> tuple[int, str]:
        """The page opened, filled in and sent, with what stood hidden in it."""
        _, page = await self.open(url)
        return await self.post({"sello": seal(page), "orden": order} | fields, url, **more)


def form_of(fields: dict[str, Any]) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, tuple):
                form.add_field(name, one[1], filename=one[0], content_type="application/octet-stream")
            else:
                form.add_field(name, str(one), content_type="text/plain; charset=utf-8")
    return form


def seal(page: str) -> str:
    found = re.search(r'name="sello" value="([^"]+)"', page)
    assert found, page[-2000:]
    return found[1]


def said(page: str) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)).split())


def prepared(folder: Path) -> Settings:
    """An empty ledger of this version, to be copied."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = demonstration._settings(folder, free_port())
    Service(settings, SettableClock(datetime.combine(DAY, time(9), BOGOTA))).db.close()
    return settings


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Front]:
    """The application lives, on a ledger of its own; the page's rates are as good as none, and no clock beats."""
    settings = replace(settings, port=int(settings.public_url.rpartition(":")[2]))
    clock = SettableClock(datetime.combine(DAY, time(9), BOGOTA))
    service = Service(settings, clock)
    runner = web.AppRunner(service.app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", settings.port).start()
    service.forms.rates, service.forms.beat = Rates(opened=MANY, sent=MANY, by_link=MANY), _quiet
    try:
        async with aiohttp.ClientSession() as http:
            yield Front(service, clock, http)
            await service.settled()
    finally:
        await runner.cleanup()


def inputs(page: str) -> dict[str, str]:
    """What a browser sends of a page that nobody touched."""
    found: dict[str, str] = {}
    for tag in re.findall(r"<input([^>]*)>", page):
        given = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', tag)}
        chosen = given["type"] not in ("checkbox", "radio") or re.search(r"\schecked\b", tag)
        if given["type"] != "file" and chosen:
            found[given["name"]] = given.get("value", "")
    for name, words in re.findall(r'<textarea id="[^"]*" name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        found[name] = unescape(words)
    return found
