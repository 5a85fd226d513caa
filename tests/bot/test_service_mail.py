"""The whole service over SMTP and IMAP: a relay, Debian's dovecot, and what people see of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.admin import import_folder
from bot.demo import EXAMPLES, _settings, free_port
from bot.drawing.context import Desk
from bot.drawing.troubles import matter_card
from bot.service import Service
from bot.settings import Settings
from mail.fetching import ADVICE, TITLE
from mail.gateway import message_id_for
from methodology import tray
from methodology.clock import SettableClock
from methodology.replies import MailState
from methodology.rules.calendar import BOGOTA
from methodology.tray import UNREAD_MAILBOX
from storage.ledger import Delivery, InboundMail, Notice, TrayItem
from tests.dovecot import MISSING, found
from tests.peers import dovecot as peers
from tests.peers.dovecot import DovecotMailbox, DovecotServer

MORNING = datetime.combine(date(2026, 11, 3), time(8, 5), BOGOTA)
REPLY = (
    "From: Enlace <enlace@invima.example>\r\nTo: {to}\r\nSubject: Avance\r\nMessage-ID: <uno@invima.example>\r\n\r\n"
    "BIO-02: 80 % y en consulta\r\n"
)
needs_dovecot = pytest.mark.skipif(found() is None, reason=MISSING)


@pytest.fixture(scope="module")
def server() -> Iterator[DovecotServer]:
    with peers.dovecot() as running:
        yield running


def settings_for(folder: Path, box: DovecotMailbox, **more: object) -> Settings:
    return replace(
        _settings(folder, free_port()),
        demo=False,
        mail_sender=box.address,
        imap_host="127.0.0.1",
        imap_port=box.server.imap,
        imap_user=box.address,
        imap_password=box.password,
        imap_tls="no",
        **more,  # type: ignore[arg-type]
    )


class Commits:
    """Something was committed: the moment to look again for what the service does by itself."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def __call__(self, _name: str) -> None:
        self._loop.call_soon_threadsafe(self._event.set)

    async def until(self, told: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not told():
                await self._event.wait()
                self._event.clear()


@asynccontextmanager
async def living(settings: Settings) -> AsyncIterator[tuple[Service, TestServer, Commits]]:
    commits = Commits()
    service = Service(settings, SettableClock(MORNING), checkpoint=commits)
    async with TestServer(service.app) as http:
        yield service, http, commits


async def health(http: TestServer, status: int = 200) -> str:
    async with ClientSession() as session, session.get(http.make_url("/salud")) as answer:
        assert answer.status == status
        return await answer.text()


def read(session: Session) -> list[str]:
    """Of what was stored, what was read and followed."""
    return list(session.scalars(select(InboundMail.message_id).where(InboundMail.state != MailState.NEW)))


def stored(session: Session) -> list[tuple[str, str]]:
    """With what each was understood to be."""
    return [(one.message_id, one.kind) for one in session.scalars(select(InboundMail))]


def opened(session: Session, service: Service) -> str:
    """The matter's own card."""
    (item,) = (one for one in tray.waiting(session) if one.kind == UNREAD_MAILBOX)
    return str(matter_card(Desk(session, service.studio, "", MORNING), item, 0)[0])


def resolution(session: Session) -> str | None:
    return session.scalar(select(TrayItem.resolution).where(TrayItem.kind == UNREAD_MAILBOX))


def troubles(session: Session) -> list[str]:
    return [one.title for one in tray.waiting(session) if one.kind == UNREAD_MAILBOX]


@needs_dovecot
async def test_what_comes_to_the_mailbox_is_read_and_followed_and_our_own_copies_are_not(
    server: DovecotServer, tmp_path: Path
) -> None:
    box = server.mailbox()
    own = f"From: Soluciones <{box.address}>\r\nMessage-ID: {message_id_for('R14', 'operador.example')}\r\n"
    await box.deliver(f"{own}\r\nBIO-02: 10 %\r\n".encode())
    async with living(settings_for(tmp_path, box)) as (service, http, commits):
        await box.receive(REPLY.format(to=box.address).encode())
        await commits.until(lambda: service.db.do(read) and service._fetcher and service._fetcher.read_at)
        assert service.db.do(stored) == [("<uno@invima.example>", "reply")]
        page = await health(http)
        assert "Correo: SMTP e IMAP." in page
        assert f"Buzón {box.address}: leído por última vez el 3 de noviembre de 2026 a las 8:05 a. m." in page
        with pytest.raises(OSError, match="Connect"):  # nothing listens beside it
            await asyncio.open_connection("127.0.0.1", service.settings.inbound_port)


@needs_dovecot
async def test_a_mailbox_that_cannot_be_read_is_told_where_people_look(server: DovecotServer, tmp_path: Path) -> None:
    box = server.mailbox()
    settings = settings_for(tmp_path, box)
    async with living(replace(settings, imap_password="equivocada")) as (service, http, commits):
        await commits.until(lambda: service.db.do(troubles))
        page = await health(http, 503)
        assert "no se ha leído desde el inicio del servicio" in page
        assert "El buzón no se puede leer: El servidor 127.0.0.1" in page
        assert "equivocada" not in page
        card = service.db.do(opened, service)
        assert ADVICE in card
        assert "AUTHENTICATIONFAILED" in card
        assert "Marcar resuelto" not in card
    async with living(settings) as (service, _, commits):
        await commits.until(lambda: not service.db.do(troubles))
        assert service.db.do(resolution) == "el buzón se volvió a leer"


async def test_without_a_mailbox_the_listener_takes_lmtp_on_a_socket(tmp_path: Path) -> None:
    import smtplib  # noqa: PLC0415 - its only use

    settings = replace(
        _settings(tmp_path, free_port()), demo=False, inbound_lmtp=True, inbound_socket=tmp_path / "lmtp.sock"
    )

    def hand_over() -> None:
        with smtplib.LMTP(str(tmp_path / "lmtp.sock")) as client:
            client.sendmail("enlace@invima.example", [settings.mail_sender], REPLY.format(to="x").encode())

    async with living(settings) as (service, http, commits):
        await asyncio.to_thread(hand_over)
        await commits.until(lambda: service.db.do(read))
        assert service.db.do(stored) == [("<uno@invima.example>", "reply")]
        assert "Correo: SMTP." in await health(http)


def test_the_advice_is_on_the_card_and_nothing_to_press(tmp_path: Path) -> None:
    service = Service(_settings(tmp_path, free_port()), SettableClock(MORNING))
    service.db.do(import_folder, service, EXAMPLES, dry_run=False)
    detail = {"motivo": "no atiende", "consejo": ADVICE}
    service.db.do(
        tray.put, UNREAD_MAILBOX, "b@operador.example", TITLE.format(name="b@operador.example"), detail, MORNING
    )
    card = service.db.do(opened, service)
    service.db.close()
    assert "El buzón b@operador.example no se puede leer" in card
    assert f"Qué hacer: {ADVICE}" in card
    assert "Motivo: no atiende" in card
    assert "Marcar resuelto" not in card


async def test_messages_that_wait_after_an_attempt_are_told_with_the_newest_cause(tmp_path: Path) -> None:
    settings = replace(_settings(tmp_path, free_port()), illustrative=True)

    def failed(session: Session) -> None:
        inputs = {"recorded_on": MORNING.date(), "deliver_on": MORNING.date(), "period": "", "post": "PL"}
        told = Notice(key="k", rule="R10", subject="BIO-02", channel="teams", **inputs)
        for number, why in enumerate(("antes", "<b>Microsoft Entra</b> no responde"), start=1):
            at = MORNING + timedelta(minutes=number)
            more = {"bundle": "opening", "channel": "teams", "state": "planned", "attempts": number}
            reader = f"person:{number}"
            session.add(Delivery(notice=told, batch=f"b{number}", reader=reader, retry_at=at, error=why, **more))

    async with living(settings) as (service, http, _):
        assert "intento fallido" not in await health(http)
        service.db.do(failed)
        page = await health(http)
        assert "Mensajes que esperan tras un intento fallido: 2. La causa más reciente: " in page
        assert "&lt;b&gt;Microsoft Entra&lt;/b&gt; no responde" in page
        assert "Martes 3 de noviembre de 2026, 8:05 a. m. Soluciones " in page


async def test_a_start_and_a_stop_are_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "bot.service")
    async with living(_settings(tmp_path, free_port())):
        pass
    told = [one.getMessage() for one in caplog.records if one.name == "bot.service"]
    assert told == [f"Soluciones {version('soluciones')} inició. Correo: SMTP.", "El servicio se detuvo."]
