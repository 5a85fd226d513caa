"""Which mail edge the settings choose: settings → gateway, and the mailbox it reads where mail waits in one.

Each edge's library is loaded only when it is the one: exchangelib alone takes a second.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.mail_settings import BASIC, EWS, GRAPH, NTLM, OAUTH2
from bot.settings import Settings
from mail.fetching import Fetcher
from mail.gateway import Mailbox, MailGateway
from mail.read import address_in, head
from mail.smtp import SmtpGateway
from methodology.clock import Clock, local
from methodology.rules.spanish import long_date, sentence, time_of_day

if TYPE_CHECKING:
    from mail.entra import Certificate, EntraTokens
    from mail.ews import Password as EwsPassword

OFFICE = "Soluciones por la Reindustrialización"
_OURS = re.compile(r"<sr\.[0-9a-f]{24}@[^<>]+>")  # as mail/gateway.py:message_id_for writes them
Remove = Callable[[Iterable[str]], Awaitable[int]]
"""Deletes messages by their Message-ID; how many there were."""


@dataclass(frozen=True)
class Edge:
    """The edge towards the mail system. Without a mailbox, mail is received by the listener."""

    label: str
    gateway: MailGateway
    mailbox: Mailbox | None
    close: Callable[[], Awaitable[None]]
    remove: Remove | None = None


def edge_of(settings: Settings, clock: Clock) -> Edge:
    """The edge that MAIL_GATEWAY names; the settings were found complete when they were loaded."""
    kinds = {EWS: _ews, GRAPH: _graph}
    return kinds.get(settings.mail_gateway, _smtp)(settings, clock)


def sender_of(settings: Settings) -> str:
    return f"{OFFICE} <{settings.mail_sender}>"


def _smtp(settings: Settings, clock: Clock) -> Edge:
    if not settings.imap_host:
        relay = _relay(settings, clock)
        return Edge("SMTP", relay, None, relay.close)
    from mail.imap import ImapMailbox, ImapSent, ImapServer  # noqa: PLC0415 - only who reads by IMAP loads it

    server = ImapServer(
        settings.imap_host,
        settings.imap_user,
        settings.imap_password,
        settings.imap_port,
        settings.imap_tls,
        ca_file=settings.mail_ca_file,
    )
    mailbox = ImapMailbox(server, name=settings.mail_sender, clock=clock)
    sent = ImapSent(server)
    relay = _relay(settings, clock, sent)

    async def close() -> None:
        await relay.close()
        await mailbox.close()

    return Edge("SMTP e IMAP", relay, mailbox, close, sent.remove)


def _relay(settings: Settings, clock: Clock, sent: Callable[[str], Awaitable[bool]] | None = None) -> SmtpGateway:
    return SmtpGateway(
        settings.smtp_host,
        settings.smtp_port,
        sender=sender_of(settings),
        clock=clock,
        username=settings.smtp_user,
        password=settings.smtp_password,
        starttls=settings.smtp_starttls,
        tls=settings.smtp_tls,
        ca_file=settings.mail_ca_file,
        sent=sent,
    )


def _ews(settings: Settings, clock: Clock) -> Edge:
    from mail.ews import EwsGateway  # noqa: PLC0415 - exchangelib takes a second to load

    edge = EwsGateway(
        settings.ews_endpoint,
        settings.ews_mailbox,
        _ews_login(settings, clock),
        sender=sender_of(settings),
        clock=clock,
        ca_file=settings.mail_ca_file,
    )

    async def close() -> None:
        edge.close()

    return Edge("Exchange (EWS)", edge, edge, close, edge.remove)


def _ews_login(settings: Settings, clock: Clock) -> EwsPassword | EntraTokens:
    from mail.ews import Password, scope_of  # noqa: PLC0415 - exchangelib takes a second to load

    if settings.ews_auth in (NTLM, BASIC):
        return Password(settings.ews_user, settings.ews_password, basic=settings.ews_auth == BASIC)
    from mail.entra import GLOBAL_AUTHORITY, EntraTokens  # noqa: PLC0415 - only who has tokens loads msal

    return EntraTokens(
        settings.ews_tenant,
        settings.ews_client_id,
        settings.ews_secret if settings.ews_auth == OAUTH2 else certificate_in(Path(settings.ews_certificate)),
        scope=scope_of(settings.ews_endpoint),
        clock=clock,
        authority=settings.entra_url or GLOBAL_AUTHORITY,
        ca_file=settings.mail_ca_file,
    )


def _graph(settings: Settings, clock: Clock) -> Edge:
    from mail.entra import GLOBAL_AUTHORITY  # noqa: PLC0415 - only who has tokens loads msal
    from mail.graph import GLOBAL_SERVICE, GraphGateway  # noqa: PLC0415 - the same

    edge = GraphGateway(
        tenant=settings.graph_tenant,
        client_id=settings.graph_client_id,
        credential=settings.graph_secret or certificate_in(Path(settings.graph_certificate)),
        mailbox=settings.graph_mailbox,
        sender=sender_of(settings),
        clock=clock,
        base_url=settings.graph_url or GLOBAL_SERVICE,
        authority=settings.entra_url or GLOBAL_AUTHORITY,
        ca_file=settings.mail_ca_file,
    )
    return Edge("Microsoft Graph", edge, edge, edge.close, edge.remove)


def certificate_in(file: Path) -> Certificate:
    """The certificate and its private key, which stand in one PEM file in any order."""
    from mail.entra import Certificate  # noqa: PLC0415 - only who has tokens loads msal

    text = file.read_text(encoding="ascii")
    found = {
        kind: "\n".join(
            re.findall(rf"-----BEGIN (?:[A-Z]+ )?{kind}-----.+?-----END (?:[A-Z]+ )?{kind}-----", text, re.DOTALL)
        )
        for kind in ("PRIVATE KEY", "CERTIFICATE")
    }
    return Certificate(found["PRIVATE KEY"], found["CERTIFICATE"])


def copy_of_ours(raw: bytes, sender: str) -> bool:
    """Whether a message read in our own mailbox is one that this service sent: the copy that proves it was sent."""
    headers = head(raw)
    written = (address_in(headers, "From") or "").lower()
    return written == sender.lower() and bool(_OURS.fullmatch(str(headers.get("Message-ID", "")).strip()))


def mailbox_told(fetcher: Fetcher) -> tuple[str, ...]:
    """When the mailbox was last read, and what is wrong."""
    if fetcher.read_at is None:
        last = "no se ha leído desde el inicio del servicio"
    else:
        at = local(fetcher.read_at)
        last = f"leído por última vez el {long_date(at.date())} a las {time_of_day(at)}"
    wrong = (f"El buzón no se puede leer: {fetcher.trouble}",) if fetcher.trouble else ()
    return (sentence(f"Buzón {fetcher.name}: {last}"), *wrong)
