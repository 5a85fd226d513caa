"""The composition root: every room is wired here and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date, datetime
from importlib.metadata import version

import aiohttp
from aiohttp import web
from botbuilder.core import TurnContext
from botbuilder.schema import Activity
from sqlalchemy.orm import Session

from bot import web as pages
from bot.admin import AdminDoor
from bot.cli_errors import at_setting
from bot.core import Core
from bot.decisions import Decisions
from bot.files import Files
from bot.form import Forms
from bot.mailing import copy_of_ours, edge_of, mailbox_told
from bot.sending import REDRAW, MailSender, Redrawer, TeamsSender, after_sent, owe_closings, owe_corrections
from bot.settings import Settings
from bot.site import publish_site
from bot.teams import TeamsEdge, build
from bot.teams.config import LOOPBACK
from bot.teams.files import ONEDRIVE_HOSTS, Uploader
from bot.teams_settings import teams_config
from bot.turns import Turns
from mail.fetching import ADVICE, TITLE, Fetcher
from mail.inbox import Inbox
from mail.listener import InboundListener
from methodology import tray
from methodology.attention import record_attention
from methodology.backlog import record_backlog
from methodology.clock import Clock, local
from methodology.drafts import record_drafts
from methodology.method import Method
from methodology.rules.table import MAIL, TEAMS
from scheduler.delivery import TASK, Deliverer, Ports
from scheduler.jobs import EmbeddedJobs, NewJob
from scheduler.metronome import Metronome, scheduled
from scheduler.ports import Checkpoint, Sender, no_checkpoint

FIRST_READING = 120.0
"""Seconds that the start waits for the mailbox to be read to its end."""
UNFINISHED = "no se terminó de leer al iniciar el servicio"
_log = logging.getLogger(__name__)
Mount = Callable[[web.Application], None]


class Service(Core):
    """The running product. `start` and `stop` bracket its life; `app` is its HTTP application."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        checkpoint: Checkpoint = no_checkpoint,
        mount: Mount = lambda _app: None,
    ) -> None:
        super().__init__(settings, clock, checkpoint)
        self.app = web.Application()
        self.app.cleanup_ctx.append(self._life)
        self._admin = AdminDoor(self, self._imported)
        self._site_of = date.min
        self._edge: TeamsEdge | None = None
        self._fetcher: Fetcher | None = None
        self._following = False
        self._caught_up = True
        self._tried = asyncio.Event()
        self.app.router.add_route("*", "/api/messages", self._messages)
        pages.add_routes(self.app, self)
        Decisions(self, self._beat, self._put_off).add_routes(self.app)
        self.forms = Forms(self, self._beat)
        self.forms.add_routes(self.app)
        mount(self.app)

    async def _messages(self, request: web.Request) -> web.Response:
        if self._edge is None:
            return web.json_response({"error": "El servicio está iniciando."}, status=503)
        return await self._edge.entry.handle(request)

    async def _life(self, _app: web.Application) -> AsyncIterator[None]:
        """Everything that lives beside the requests; drained on the way out (aiohttp waits for handlers only)."""
        async with contextlib.AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession())
            self._wire(session)
            stack.push_async_callback(self.mail.close)
            await self.metronome.recover()  # before anything can send: what is `sending` now is a former life's
            if self.mail.mailbox is None:
                await self._listen(stack)
            with at_setting("ADMIN_SOCKET", self.settings.admin_socket):
                await self._admin.start(self.settings.admin_socket)
            stack.push_async_callback(self._admin.stop)
            stack.push_async_callback(self.stop_background)
            stack.push_async_callback(self.jobs.finish)
            self._begin(stack)
            _log.info("Soluciones %s inició. Correo: %s.", version("soluciones"), self.mail.label)
            yield
        self.db.close()
        _log.info("El servicio se detuvo.")

    async def _listen(self, stack: contextlib.AsyncExitStack) -> None:
        """The embedded edge: mail is handed to us, where there is no mailbox to read."""
        listener = InboundListener(
            self._receive,
            {self.settings.mail_sender.lower()},
            host=self.settings.inbound_host,
            port=self.settings.inbound_port,
            path=self.settings.inbound_socket,
            lmtp=self.settings.inbound_lmtp,
        )
        if self.settings.inbound_socket:
            setting, place = "MAIL_INBOUND_SOCKET", str(self.settings.inbound_socket)
        else:
            setting, place = "MAIL_INBOUND_HOST y MAIL_INBOUND_PORT", f"{listener.host}:{listener.port}"
        with at_setting(setting, place):
            await listener.start()
        stack.push_async_callback(listener.stop)

    def _wire(self, session: aiohttp.ClientSession) -> None:
        self._edge = build(teams_config(self.settings), session, self.clock, self._turn, self._turn_failed)
        self.connector = self._edge.sender
        self.mail = edge_of(self.settings, self.clock)
        self.teams = TeamsSender(self.connector, self.db, self.clock)
        senders: Mapping[str, Sender] = {TEAMS: self.teams, MAIL: MailSender(self.mail.gateway)}
        ports = Ports(self.renderer, senders, after_sent, self.checkpoint)
        self._deliverer = deliverer = Deliverer(self.db, self.clock, self.method, ports)
        redraw = Redrawer(self.connector, self.db, self.clock, self.studio)
        self.jobs = EmbeddedJobs(self.db, self.clock, {TASK: deliverer.deliver, REDRAW: redraw})
        drives = ONEDRIVE_HOSTS | (LOOPBACK if self.settings.demo else frozenset())
        files = Files(self, self.connector, Uploader(session, drives))
        downloader = self._edge.downloader(drives)
        self._turns = Turns(self, self.teams, self._beat, self.jobs.defer, files, downloader)
        extras = (self._backlog, self._drafts, self._attention, self._closings)
        self.metronome = Metronome(self.db, self.clock, self.method, deliverer, self.jobs, extras, self.checkpoint)
        self.inbox = Inbox(self.db, self.clock, self.method)
        if self.mail.mailbox is not None:
            self._fetcher = Fetcher(
                self.db, self.clock, self.mail.mailbox, self._collect, self._rest, self.settings.mail_since
            )

    def _begin(self, stack: contextlib.AsyncExitStack) -> None:
        """Catch up, and then follow the clock; the demonstration's clock is moved by hand."""
        if self.settings.demo:
            return
        self._caught_up = self._fetcher is None
        self.later(self._start_up())
        self.later(self._look_for_doubts())
        metronome = scheduled(lambda: self.guarded(self._tick()))
        metronome.start()
        stack.callback(metronome.shutdown, wait=False)
        self.later(self.jobs.serve())
        if self._fetcher is not None:
            self.later(self._serve_mailbox(self._fetcher))

    async def _start_up(self) -> None:
        """Catch up: what arrived, what became due, what is published; one failing stops no other."""
        await self.guarded(self._read_pending())
        if self._fetcher is not None:
            await self.guarded(self._read_mailbox(self._fetcher))
        self._caught_up = True
        await self.guarded(self._beat())
        await self.guarded(publish_site(self))

    async def _read_mailbox(self, fetcher: Fetcher) -> None:
        """R16: what waited in the mailbox is read before anybody is called silent.

        Whatever keeps it from being read stands in the tray until the next reading closes the matter.
        """
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), FIRST_READING)
        await self.inbox.settled()
        if fetcher.read_at is None:
            detail = {"motivo": (fetcher.trouble or UNFINISHED)[:500], "consejo": ADVICE}
            title = TITLE.format(name=fetcher.name)
            await self.db.run(tray.put, tray.UNREAD_MAILBOX, fetcher.name, title, detail, self.clock.now())

    async def _serve_mailbox(self, fetcher: Fetcher) -> None:
        await self.guarded(self._try_mailbox(fetcher))
        self._tried.set()
        await fetcher.serve()

    async def _try_mailbox(self, fetcher: Fetcher) -> None:
        await fetcher.try_once()

    async def _rest(self, seconds: float) -> None:
        """The pause after a reading that failed."""
        self._tried.set()
        await asyncio.sleep(seconds)

    async def _look_for_doubts(self) -> None:
        """What a former life was sending may stand among the sent mails: nobody need be asked."""
        await self._deliverer.look_for_doubts()

    async def _read_pending(self) -> None:
        await self.inbox.process_pending()

    async def _receive(self, raw: bytes, mail_from: str, rcpt_tos: list[str]) -> None:
        """Road 3: stored before the 250; read, and what follows from it told, after."""
        await self.inbox.accept(raw, mail_from, rcpt_tos)
        if not self._following:
            self._following = True
            self.later(self._follow_mail())

    async def _collect(self, raw: bytes, mail_from: str, rcpt_tos: list[str]) -> None:
        """Road 3 from a mailbox, in which the copies of what we sent stand too."""
        if not copy_of_ours(raw, self.settings.mail_sender):
            await self._receive(raw, mail_from, rcpt_tos)

    def mail_health(self) -> tuple[str, ...]:
        """Which edge it is, and how its mailbox does."""
        if self._edge is None:
            return ()
        return (f"Correo: {self.mail.label}.", *(mailbox_told(self._fetcher) if self._fetcher else ()))

    async def _turn(self, context: TurnContext) -> None:
        await self._turns.on_turn(context)

    def _put_off(self, session: Session, job: NewJob) -> bool:
        """The queue is there once the service lives; the pages are mounted before."""
        return self.jobs.defer(session, job)

    async def _beat(self) -> None:
        """Before the start has caught up its own beat, which does it all, is still to come."""
        if self._caught_up:
            await self.metronome.beat()

    async def _imported(self) -> None:
        """New dates may be due at once; the demonstration waits for its clock."""
        if not self.settings.demo:
            await self._beat()

    async def _follow_mail(self) -> None:
        """However many arrive together, what follows of them is told once; who comes later is followed anew."""
        await self.inbox.settled()
        self._following = False
        await self._beat()

    async def _tick(self) -> None:
        """A beat of the clock; the site follows the new day's figures."""
        day = local(self.clock.now()).date()
        if self._caught_up:
            await self.metronome.tick()
        if day != self._site_of:
            self._site_of = day
            await publish_site(self)

    def _backlog(self, session: Session, _method: Method, now: datetime) -> None:
        record_backlog(session, local(now).date())

    def _drafts(self, session: Session, method: Method, now: datetime) -> None:
        record_drafts(session, method, self.studio.published, now)

    def _closings(self, session: Session, _method: Method, now: datetime) -> None:
        owe_closings(session, self.jobs.defer, now)
        owe_corrections(session, self.jobs.defer, now)

    def _attention(self, session: Session, _method: Method, now: datetime) -> None:
        record_attention(session, now)

    async def _turn_failed(self, activity: Activity, error: Exception) -> None:
        """A failed turn lands where a person looks."""
        detail = {"error": f"{type(error).__name__}: {error}"[:500], "actividad": activity.type or ""}
        key = f"{activity.conversation.id if activity.conversation else ''}:{activity.id}"
        title = "Un mensaje de Teams no se pudo atender"
        await self.db.run(tray.put, "turno_fallido", key, title, detail, self.clock.now())
