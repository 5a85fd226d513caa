"""`soluciones doctor --mail`, as a customer runs it: against dovecot behind a relay, and the EWS and Graph peers."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace

import ews_client
import graph_client
import pytest
from gateway_contract import NOW
from graph import CLIENT_ID, MAILBOX, SECRET, TENANT, GraphPeer
from smtp import Fault

from bot import acceptance
from bot.acceptance import Acceptance
from bot.doctor import FINE, NOTED, WRONG, Check, mail_checks
from bot.mailing import Edge, edge_of
from bot.settings import Settings
from mail.gateway import MailGateway, OutgoingMail, Page
from mail.mime import to_bytes
from methodology.clock import SettableClock
from methodology.delivery import Receipt
from tests.dovecot import MISSING, found
from tests.peers import dovecot as peers
from tests.peers.dovecot import DovecotMailbox, DovecotServer
from tests.peers.relay import Relay, bounce

needs_dovecot = pytest.mark.skipif(found() is None, reason=MISSING)
STEPS = [
    "Enviar",
    "Encontrar lo enviado",
    "Leer",
    "Message-ID",
    "Texto",
    "Adjunto",
    "Responder",
    "Hilo",
    "Destinatario inexistente",
    "Limpieza",
]


@pytest.fixture(scope="module")
def server() -> Iterator[DovecotServer]:
    with peers.dovecot() as running:
        yield running


def settings_of(mailbox: str, **more: object) -> Settings:
    bare = Settings("a", "b", "t", frozenset(), b"x" * 32, mailbox, "operador.example")
    return replace(bare, **more)  # type: ignore[arg-type]


def by_imap(box: DovecotMailbox, relay: Relay) -> Settings:
    return settings_of(
        box.address,
        smtp_port=relay.port,
        imap_host="127.0.0.1",
        imap_port=box.server.imap,
        imap_user=box.address,
        imap_password=box.password,
        imap_tls="no",
    )


async def run(settings: Settings, edge: Edge, looks: int = 3) -> list[Check]:
    try:
        return [one async for one in Acceptance(settings, edge, looks=looks, seconds=0.01).steps()]
    finally:
        await edge.close()


def marks(checks: list[Check]) -> dict[str, str]:
    return {one.what: one.mark for one in checks}


# --- SMTP and IMAP ----------------------------------------------------------------------------------------------------


@needs_dovecot
@pytest.mark.parametrize("refuses", [True, False])
async def test_a_mailbox_behind_a_relay_passes_and_is_left_as_it_was(server: DovecotServer, *, refuses: bool) -> None:
    box = server.mailbox()
    await box.deliver(b"Message-ID: <ajeno@invima.example>\r\nSubject: ajeno\r\n\r\nhola\r\n")
    async with Relay(box, refuses=refuses) as relay:
        settings = by_imap(box, relay)
        checks = await run(settings, edge_of(settings, SettableClock(NOW)))
    assert marks(checks) == dict.fromkeys(STEPS, FINE), checks
    assert box.folder_ids("INBOX") == ["<ajeno@invima.example>"]
    assert "\\Seen" not in box.flags()[0]


@needs_dovecot
async def test_a_relay_that_changes_what_passes_is_told_of_and_cleaned_up(server: DovecotServer) -> None:
    class Meddling(Relay):
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            content = envelope.content  # type: ignore[attr-defined]
            changed = content.replace(b"In-Reply-To:", b"X-Antes:").replace(b"References:", b"X-Antes-2:")
            envelope.content = changed.replace(b"JVBERi0xLjcK", b"AAAAAAAAAAAA")  # type: ignore[attr-defined]
            return await super().handle_DATA(server, session, envelope)

    box = server.mailbox()
    async with Meddling(box) as relay:
        settings = by_imap(box, relay)
        checks = await run(settings, edge_of(settings, SettableClock(NOW)))
    found_of = marks(checks)
    assert (found_of["Adjunto"], found_of["Hilo"], found_of["Texto"]) == (WRONG, WRONG, FINE)
    assert box.folder_ids("INBOX") == []


@needs_dovecot
async def test_a_relay_that_refuses_ends_it_with_its_reason(server: DovecotServer) -> None:
    box = server.mailbox()
    async with Relay(box, Fault("MAIL", "530 5.7.0 Se requiere autenticación")) as relay:
        settings = by_imap(box, relay)
        checks = await run(settings, edge_of(settings, SettableClock(NOW)))
    assert marks(checks) == {"Interrupción": WRONG, "Limpieza": FINE}
    assert "autenticación" in checks[0].found


@needs_dovecot
async def test_what_never_arrives_is_told(server: DovecotServer) -> None:
    class Hole(Relay):
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            return "250 OK"

    box = server.mailbox()
    async with Hole(box) as relay:
        settings = by_imap(box, relay)
        edge = edge_of(settings, SettableClock(NOW))
        edge.gateway._sent._sleep = ews_sleep  # type: ignore[attr-defined]  # it would wait for a real relay
        checks = await run(settings, edge, looks=1)
    assert marks(checks) == {"Enviar": FINE, "Encontrar lo enviado": WRONG, "Leer": WRONG, "Limpieza": FINE}


async def ews_sleep(seconds: float) -> None:
    del seconds


@needs_dovecot
async def test_smtp_alone_says_that_nobody_can_read(server: DovecotServer) -> None:
    box = server.mailbox()
    async with Relay(box) as relay:
        settings = settings_of(box.address, smtp_port=relay.port)
        checks = await run(settings, edge_of(settings, SettableClock(NOW)))
    assert marks(checks) == {"Enviar": FINE, "Leer": NOTED, "Limpieza": NOTED}
    assert "no se puede comprobar: sin IMAP" in checks[1].found
    assert "IMAP_HOST" in checks[1].advice


@needs_dovecot
async def test_a_mailbox_with_a_history_is_told_of_unless_a_first_day_is_given(
    server: DovecotServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acceptance, "MANY", 1)
    box = server.mailbox()
    for number in range(2):
        await box.deliver(f"Message-ID: <{number}@invima.example>\r\nSubject: ajeno\r\n\r\nhola\r\n".encode())
    async with Relay(box) as relay:
        settings = by_imap(box, relay)
        bare = await run(settings, edge_of(settings, SettableClock(NOW)))
        dated = replace(settings, mail_since=NOW.date())
        assert marks(await run(dated, edge_of(dated, SettableClock(NOW)))) == dict.fromkeys(STEPS, FINE)
    assert marks(bare) == dict.fromkeys(STEPS, FINE) | {"Historia": NOTED}
    assert "2 mensajes" in bare[0].found


# --- Exchange and Graph -----------------------------------------------------------------------------------------------


class Delivering:
    """The peers only keep what is sent: here what goes to ourselves arrives, and what goes nowhere is returned."""

    def __init__(
        self, gateway: MailGateway, last: Callable[[], bytes], deliver: Callable[[bytes], Awaitable[object]]
    ) -> None:
        self._gateway = gateway
        self._last = last
        self._deliver = deliver

    async def send(self, mail: OutgoingMail) -> Receipt:
        receipt = await self._gateway.send(mail)
        to = mail.to[0]
        await self._deliver(bounce(to, ews_client.MAILBOX) if to.startswith("no-existe") else self._last())
        return receipt

    async def find_sent(self, message_id: str) -> Receipt | None:
        return await self._gateway.find_sent(message_id)


async def test_an_exchange_passes() -> None:
    with ews_client.Peer() as peer:
        gateway = ews_client.gateway_to(peer)

        async def close() -> None:
            gateway.close()

        sending = Delivering(gateway, lambda: bytes(peer.mailbox.sent[-1]), peer.deliver)
        edge = Edge("Exchange (EWS)", sending, gateway, close, gateway.remove)
        checks = await run(settings_of(ews_client.MAILBOX), edge)
        assert marks(checks) == dict.fromkeys(STEPS, FINE), checks
        assert peer.mailbox.in_folder("inbox") == []


async def test_graph_passes() -> None:
    async with GraphPeer(NOW) as peer:
        gateway = graph_client.gateway_to(peer)

        def last() -> bytes:
            return peer.messages[-1].as_bytes()

        sending = Delivering(gateway, last, peer.deliver)
        edge = Edge("Microsoft Graph", sending, gateway, gateway.close, gateway.remove)
        checks = await run(settings_of(ews_client.MAILBOX), edge)
    assert marks(checks) == dict.fromkeys(STEPS, FINE), checks
    assert peer.items == []


class Spoiling:
    """A mail system in memory, by which every Message-ID is changed."""

    name = ews_client.MAILBOX

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id.encode()
        self.raws: list[bytes] = []

    async def send(self, mail: OutgoingMail) -> Receipt:
        raw = to_bytes(mail, ews_client.MAILBOX, NOW)
        if mail.to[0].startswith("no-existe"):
            raw = bounce(mail.to[0], ews_client.MAILBOX)
        self.raws.append(re.sub(rb"(?m)^Message-ID: [^\r\n]*", b"Message-ID: " + self.message_id, raw))
        return Receipt(id=mail.message_id, place="")

    async def find_sent(self, message_id: str) -> Receipt | None:
        return Receipt(id=message_id, place="")

    async def fetch(self, mark: str) -> Page:
        return Page(tuple(self.raws[int(mark or 0) :]), str(len(self.raws)))

    async def wait(self, seconds: float) -> None:
        del seconds

    async def close(self) -> None:
        self.raws.clear()


@pytest.mark.parametrize("odd", ["<>", "<a@["])
async def test_a_message_id_that_was_spoilt_on_the_way_is_told(odd: str) -> None:
    system = Spoiling(odd)
    checks = await run(settings_of(ews_client.MAILBOX), Edge("De prueba", system, system, system.close))
    expected = dict.fromkeys(STEPS, FINE) | {"Message-ID": WRONG, "Limpieza": NOTED}
    assert marks(checks) == expected, checks


async def test_what_was_made_is_deleted_whatever_falls() -> None:
    async with GraphPeer(NOW) as peer:
        gateway = graph_client.gateway_to(peer)

        class Falling(Delivering):
            async def find_sent(self, message_id: str) -> Receipt | None:
                raise ZeroDivisionError("algo raro")

        def last() -> bytes:
            return peer.messages[-1].as_bytes()

        falling = Falling(gateway, last, peer.deliver)
        edge = Edge("Microsoft Graph", falling, gateway, gateway.close, gateway.remove)
        checks = await run(settings_of(ews_client.MAILBOX), edge)
        assert marks(checks) == {"Enviar": FINE, "Interrupción": WRONG, "Limpieza": FINE}
        assert "algo raro" in checks[1].found
        assert peer.items == []


async def test_what_cannot_be_deleted_is_left_to_a_person() -> None:
    async with GraphPeer(NOW) as peer:
        gateway = graph_client.gateway_to(peer)

        async def falls(message_ids: Iterable[str]) -> int:
            raise ZeroDivisionError("algo raro")

        edge = Edge("Microsoft Graph", gateway, None, gateway.close, falls)
        checks = await run(settings_of(ews_client.MAILBOX), edge)
    assert marks(checks)["Limpieza"] == NOTED
    assert "Borre a mano" in checks[-1].advice


# --- from the settings to the wire ------------------------------------------------------------------------------------


async def found_by_doctor(settings: Settings) -> dict[str, str]:
    edge = edge_of(settings, SettableClock(NOW))
    try:
        return marks([one async for one in mail_checks(settings, edge)])
    finally:
        await edge.close()


@pytest.mark.parametrize("auth", ["ntlm", "basic"])
async def test_the_settings_lead_to_an_exchange(auth: str) -> None:
    with ews_client.Peer() as peer:
        user = ews_client.NTLM.username if auth == "ntlm" else ews_client.BASIC.username
        settings = settings_of(
            ews_client.MAILBOX,
            mail_gateway="ews",
            ews_endpoint=peer.url,
            ews_auth=auth,
            ews_mailbox=ews_client.MAILBOX,
            ews_user=user,
            ews_password=ews_client.NTLM.password,
        )
        assert await found_by_doctor(settings) == {"Correo": FINE, "Buzón": FINE}
        assert await found_by_doctor(replace(settings, ews_password="otra")) == {"Correo": FINE, "Buzón": WRONG}


async def test_the_settings_lead_to_graph() -> None:
    async with GraphPeer(NOW) as peer:
        settings = settings_of(
            MAILBOX,
            mail_gateway="graph",
            mail_ca_file=peer.ca_file,
            graph_mailbox=MAILBOX,
            graph_tenant=TENANT,
            graph_client_id=CLIENT_ID,
            graph_secret=SECRET,
            graph_url=peer.base_url,
            entra_url=peer.authority,
        )
        assert await found_by_doctor(settings) == {"Correo": FINE, "Buzón": FINE}
        assert await found_by_doctor(replace(settings, graph_secret="otro")) == {"Correo": FINE, "Buzón": WRONG}
