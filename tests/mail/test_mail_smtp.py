from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from certificates import loopback_certificate
from gateway_contract import MAIL, NOW, GatewayContract
from smtp import DROP_AFTER_DATA, DROP_ON_RCPT, Fault, SmtpPeer

from mail.gateway import message_id_for
from mail.smtp import LINES, MOST_ON_A_LINE, Look, SmtpGateway
from methodology.clock import SettableClock
from methodology.delivery import Ambiguous, Misconfigured, Permanent, Throttled


class Peer(SmtpPeer):
    def refuse_once(self) -> None:
        self.faults.append(Fault("RCPT", "550 5.1.1 No existe"))

    def throttle_once(self) -> None:
        self.faults.append(Fault("DATA", "452 4.3.1 Sin espacio"))

    def lose_answer_once(self) -> None:
        self.faults.append(DROP_AFTER_DATA)


US = "Soluciones por la Reindustrialización <soluciones@operador.example>"


def gateway_to(port: int, timeout: float = 5.0, sent: Look | None = None) -> SmtpGateway:
    return SmtpGateway("127.0.0.1", port, sender=US, clock=SettableClock(NOW), timeout=timeout, sent=sent)


async def test_a_relay_that_encrypts_from_the_first_byte_is_verified_and_used(tmp_path: Path) -> None:
    made = loopback_certificate()
    for name, content in (("chain", made.chain), ("key", made.key), ("authority", made.authority)):
        (tmp_path / name).write_bytes(content)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "chain", tmp_path / "key")
    async with SmtpPeer(tls=context) as peer:
        trusted, stranger = (
            SmtpGateway("127.0.0.1", peer.port, sender=US, clock=SettableClock(NOW), tls=True, timeout=5, ca_file=file)
            for file in (str(tmp_path / "authority"), "")
        )
        await trusted.send(MAIL)
        await trusted.close()
        with pytest.raises(Throttled, match="no lo firma una autoridad conocida"):
            await stranger.send(MAIL)
    assert len(peer.accepted) == 1


class TestSmtpGateway(GatewayContract):
    @asynccontextmanager
    async def playground(self) -> AsyncIterator[tuple[SmtpGateway, Peer]]:
        async with Peer() as peer:
            yield gateway_to(peer.port), peer


async def test_nobody_listening_is_throttled_for_ten_minutes() -> None:
    async with SmtpPeer() as peer:
        port = peer.port
    with pytest.raises(Throttled) as refused:
        await gateway_to(port).send(MAIL)
    assert refused.value.retry_at == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("MAIL", "421 4.7.0 Más tarde"), Throttled),
        (Fault("RCPT", "451 4.7.1 Lista gris"), Throttled),
        (Fault("RCPT", "550 5.7.1 Rechazado"), Permanent),
        (Fault("DATA", "554 5.6.0 Contenido rechazado"), Permanent),
        (DROP_ON_RCPT, Throttled),
        (DROP_AFTER_DATA, Ambiguous),
        (Fault("DATA", "listo", accepts=True), Ambiguous),
        (Fault("DATA", "200 Recibido", accepts=True), Ambiguous),
        (Fault("DATA", "251 Recibido", accepts=True), Ambiguous),
        (Fault("MAIL", "530 5.7.0 Authentication required"), Misconfigured),
        (Fault("MAIL", "535 5.7.8 No"), Misconfigured),
        (Fault("MAIL", "538 5.7.11 Encryption required"), Misconfigured),
        (Fault("MAIL", "554 5.7.1 Client host rejected"), Misconfigured),
        (Fault("MAIL", "552 5.3.4 Demasiado grande"), Permanent),
        (Fault("MAIL"), Throttled),
    ],
)
async def test_how_far_it_got_decides_what_it_is(fault: Fault, error: type[Exception]) -> None:
    async with SmtpPeer(fault) as peer:
        with pytest.raises(error):
            await gateway_to(peer.port).send(MAIL)


@pytest.mark.parametrize(
    ("answer", "error"),
    [("554 5.7.1 No", Misconfigured), ("502 No", Misconfigured), ("451 4.3.2 Más tarde", Throttled)],
)
async def test_a_greeting_that_is_refused_is_no_refusal_of_the_mail(answer: str, error: type[Exception]) -> None:
    async with SmtpPeer() as peer:
        peer.greets = answer
        gateway = gateway_to(peer.port)
        for attempt in (gateway.greet(), gateway.send(MAIL)):
            with pytest.raises(Throttled) as refused:
                await attempt
            assert type(refused.value) is error
        peer.greets = ""
        await gateway.send(MAIL)
        assert len(peer.accepted) == 1


async def found(message_id: str) -> bool:
    del message_id
    return True


@pytest.mark.parametrize(
    ("reply", "error"),
    [("552 5.2.2 Mailbox full", Misconfigured), ("550 5.1.1 No", Misconfigured), ("452 4.2.2 Lleno", Throttled)],
)
async def test_our_own_mailbox_that_takes_nothing_buries_no_letter(reply: str, error: type[Exception]) -> None:
    async with SmtpPeer(Fault("RCPT", reply, to="soluciones@operador.example")) as peer:
        gateway = gateway_to(peer.port, sent=found)
        with pytest.raises(Throttled, match=reply[:9]) as refused:
            await gateway.send(replace(MAIL, to=("soluciones@operador.example", *MAIL.to)))
        assert type(refused.value) is error
        assert peer.accepted == []
        await gateway.send(MAIL)
        assert peer.accepted[0][1][-1] == "soluciones@operador.example"


async def test_a_recipient_who_is_refused_is_refused_also_with_a_copy() -> None:
    async with SmtpPeer(Fault("RCPT", "550 5.1.1 No existe", to=MAIL.to[0].partition("<")[2].strip(">"))) as peer:
        with pytest.raises(Permanent):
            await gateway_to(peer.port, sent=found).send(MAIL)


async def test_a_kept_connection_that_is_refused_is_replaced_once() -> None:
    async with SmtpPeer() as peer:
        gateway = gateway_to(peer.port)
        await gateway.send(MAIL)
        peer.faults.append(Fault("MAIL", "530 5.7.0 Authentication required"))
        await gateway.send(MAIL)
        assert (len(peer.accepted), peer.connections) == (2, 2)
        peer.faults.extend([Fault("MAIL", "530 5.7.0 Authentication required")] * 2)
        with pytest.raises(Misconfigured):
            await gateway.send(MAIL)
        assert (len(peer.accepted), peer.connections) == (2, 3)


async def test_a_timeout_after_the_bytes_went_out_is_ambiguous() -> None:
    stuck = asyncio.Event()

    class Silent(SmtpPeer):
        async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
            await stuck.wait()
            return "250 OK"

    async with Silent() as peer:
        with pytest.raises(Ambiguous):
            await gateway_to(peer.port, timeout=0.2).send(MAIL)
        stuck.set()


async def test_both_to_and_copies_are_on_the_envelope_once() -> None:
    async with SmtpPeer() as peer:
        await gateway_to(peer.port).send(replace(MAIL, cc=("apoyo@minsalud.example", MAIL.to[0])))
    sender, recipients, _ = peer.accepted[0]
    assert sender == "soluciones@operador.example"
    assert recipients == ["enlace@invima.example", "apoyo@minsalud.example"]


async def test_only_seven_bit_lines_travel() -> None:
    async with SmtpPeer() as peer:
        await gateway_to(peer.port).send(replace(MAIL, html=f"<p>{'ñ' * 5000}</p>"))
    raw = peer.accepted[0][2]
    assert raw.isascii()
    assert max(len(line) for line in raw.splitlines()) < 998


def test_the_message_id_of_a_notice_is_always_the_same() -> None:
    assert message_id_for("R14:2026-11:ent-1", "operador.example") == message_id_for(
        "R14:2026-11:ent-1", "operador.example"
    )
    assert message_id_for("a", "x.example") != message_id_for("b", "x.example")


async def test_a_connection_is_kept_for_the_next_mail_and_said_goodbye_to() -> None:
    async with SmtpPeer() as peer:
        gateway = gateway_to(peer.port)
        for _ in range(3):
            await gateway.send(MAIL)
        assert (len(peer.accepted), peer.connections) == (3, 1)
        await gateway.close()
        await gateway.send(MAIL)
        assert (len(peer.accepted), peer.connections) == (4, 2)


async def test_a_kept_connection_that_the_relay_cut_is_replaced_unnoticed() -> None:
    async with SmtpPeer() as peer:
        gateway = gateway_to(peer.port)
        await gateway.send(MAIL)
        peer.cut()
        await gateway.send(MAIL)
        assert (len(peer.accepted), peer.connections) == (2, 2)


async def test_after_a_fault_nothing_of_that_connection_is_kept() -> None:
    async with SmtpPeer(Fault("RCPT", "550 5.1.1 No existe")) as peer:
        gateway = gateway_to(peer.port)
        with pytest.raises(Permanent):
            await gateway.send(MAIL)
        await gateway.send(MAIL)
        assert (len(peer.accepted), peer.connections) == (1, 2)


async def test_mails_sent_together_go_over_a_few_connections() -> None:
    async with SmtpPeer() as peer:
        gateway = gateway_to(peer.port)
        await asyncio.gather(*(gateway.send(MAIL) for _ in range(10)))
        assert (len(peer.accepted), peer.connections) == (10, LINES)
        await gateway.close()


async def test_a_connection_brings_no_more_than_a_relay_takes() -> None:
    async with SmtpPeer() as peer:
        gateway = gateway_to(peer.port)
        for _ in range(MOST_ON_A_LINE + 1):
            await gateway.send(MAIL)
        assert (len(peer.accepted), peer.connections) == (MOST_ON_A_LINE + 1, 2)
