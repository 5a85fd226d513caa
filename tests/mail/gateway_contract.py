"""What every mail gateway must keep, as a mixin: a gateway's test class says only how to make it and its peer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Protocol

import pytest

from mail.gateway import Attachment, MailGateway, OutgoingMail
from methodology.delivery import Ambiguous, Permanent, Throttled

NOW = datetime(2026, 11, 11, 13, 0, tzinfo=UTC)
MAIL = OutgoingMail(
    to=("Enlace Invima <enlace@invima.example>",),
    cc=("apoyo@minsalud.example",),
    subject="Soluciones – Reiteración: avance de noviembre",
    text="Respetados señores:\nñandú á €",
    html="<p>Respetados señores: ñandú</p>",
    message_id="<sr.0123456789abcdef@operador.example>",
    in_reply_to="<DM6PR02MB5547A1B2C3D4E5F60718293A4B5C6D7E8F90DM6PR02@DM6PR02MB5547.namprd02.prod.outlook.com>",
    references=(
        "<a@b.example>",
        "<DM6PR02MB5547A1B2C3D4E5F60718293A4B5C6D7E8F90DM6PR02@DM6PR02MB5547.prod.outlook.com>",
    ),
    attachments=(Attachment("Reporte año.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"),),
    reply_to="soluciones@operador.example",
)


class Peer(Protocol):
    """The other side, seen by the contract."""

    @property
    def messages(self) -> list[EmailMessage]: ...

    def refuse_once(self) -> None: ...
    def throttle_once(self) -> None: ...
    def lose_answer_once(self) -> None: ...


class GatewayContract(ABC):
    @abstractmethod
    def playground(self) -> AbstractAsyncContextManager[tuple[MailGateway, Peer]]:
        """A gateway at `NOW` and its peer."""

    @pytest.fixture
    async def both(self) -> AsyncIterator[tuple[MailGateway, Peer]]:
        async with self.playground() as made:
            yield made

    async def test_it_arrives_under_our_message_id(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        receipt = await gateway.send(MAIL)
        (message,) = peer.messages
        assert receipt.id == MAIL.message_id == message["Message-ID"]
        assert message["Subject"] == MAIL.subject
        assert message["To"] == "Enlace Invima <enlace@invima.example>"
        assert message["Reply-To"] == "soluciones@operador.example"

    async def test_threads_hold_with_long_ids(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        await gateway.send(MAIL)
        assert peer.messages[0]["In-Reply-To"] == MAIL.in_reply_to
        assert str(peer.messages[0]["References"]).split() == list(MAIL.references)

    async def test_both_bodies_and_the_attachment_arrive_whole(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        await gateway.send(MAIL)
        (message,) = peer.messages
        text, html = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None
        assert text.get_content().replace("\r\n", "\n").strip() == MAIL.text
        assert html is not None
        assert html.get_content().strip() == MAIL.html
        (attached,) = message.iter_attachments()
        assert (attached.get_filename(), attached.get_content()) == ("Reporte año.pdf", b"%PDF-1.7 \x00\xff")

    async def test_it_is_marked_as_automatic_and_keeps_out_of_office(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        await gateway.send(MAIL)
        assert peer.messages[0]["Auto-Submitted"] == "auto-generated"
        assert peer.messages[0]["X-Auto-Response-Suppress"] == "DR, RN, NRN, AutoReply"
        assert peer.messages[0]["Date"].datetime == NOW

    async def test_a_lost_answer_is_ambiguous_and_never_repeated(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        peer.lose_answer_once()
        with pytest.raises(Ambiguous):
            await gateway.send(MAIL)
        assert len(peer.messages) == 1

    async def test_throttling_says_when_to_try_again(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        peer.throttle_once()
        with pytest.raises(Throttled) as refused:
            await gateway.send(MAIL)
        assert refused.value.retry_at > NOW
        assert peer.messages == []
        assert (await gateway.send(MAIL)).id == MAIL.message_id

    async def test_a_refused_address_is_permanent_and_nobody_gets_it(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        peer.refuse_once()
        with pytest.raises(Permanent):
            await gateway.send(MAIL)
        assert peer.messages == []

    @pytest.mark.parametrize(
        "hostile",
        [
            replace(MAIL, to=("a@b.example\r\nBcc: x@y.example",)),
            replace(MAIL, to=("sin arroba",)),
            replace(MAIL, to=("a..b@x.example",)),
            replace(MAIL, to=("a.@x.example",)),
            replace(MAIL, cc=("a@x..example",)),
            replace(MAIL, to=("(" * 900,)),
            replace(MAIL, text="media letra: \ud83d"),
            replace(MAIL, subject="media letra: \ud83d"),
            replace(MAIL, message_id="<a@b>\r\nBcc: x@y.example"),
            replace(MAIL, headers={"X-Cosa": "uno\r\nBcc: x@y.example"}),
        ],
    )
    async def test_what_no_mail_may_carry_is_permanent(
        self, both: tuple[MailGateway, Peer], hostile: OutgoingMail
    ) -> None:
        gateway, peer = both
        with pytest.raises(Permanent):
            await gateway.send(hostile)
        assert peer.messages == []

    async def test_a_subject_with_line_breaks_is_made_one_line(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        await gateway.send(replace(MAIL, subject="Solicitud\r\nBcc: x@y.example"))
        assert peer.messages[0]["Subject"] == "Solicitud Bcc: x@y.example"
        assert peer.messages[0]["Bcc"] is None

    async def test_looking_for_what_was_never_sent_finds_nothing(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, _ = both
        assert await gateway.find_sent("<nunca@operador.example>") is None


class LookUpContract(GatewayContract):
    """An edge that can look into what was sent: a lost answer is resolved there, and nothing goes out twice."""

    async def test_after_a_lost_answer_the_sent_mail_is_found(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        peer.lose_answer_once()
        with pytest.raises(Ambiguous):
            await gateway.send(MAIL)
        found = await gateway.find_sent(MAIL.message_id)
        assert found is not None
        assert found.id == MAIL.message_id

    async def test_what_the_server_took_is_not_sent_again(self, both: tuple[MailGateway, Peer]) -> None:
        """A person said «send it again», or the process died before the receipt was kept."""
        gateway, peer = both
        peer.lose_answer_once()
        with pytest.raises(Ambiguous):
            await gateway.send(MAIL)
        assert (await gateway.send(MAIL)).id == MAIL.message_id
        assert len(peer.messages) == 1

    async def test_what_was_refused_is_not_found_and_may_be_sent(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        peer.throttle_once()
        with pytest.raises(Throttled):
            await gateway.send(MAIL)
        assert await gateway.find_sent(MAIL.message_id) is None
        await gateway.send(MAIL)
        assert len(peer.messages) == 1

    async def test_another_mail_of_the_same_subject_is_not_taken_for_it(self, both: tuple[MailGateway, Peer]) -> None:
        gateway, peer = both
        await gateway.send(MAIL)
        other = replace(MAIL, message_id="<sr.fedcba9876543210@operador.example>")
        assert await gateway.find_sent(other.message_id) is None
        await gateway.send(other)
        assert [one["Message-ID"] for one in peer.messages] == [MAIL.message_id, other.message_id]
