from __future__ import annotations

import asyncio
import html
import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid, parsedate_to_datetime
from functools import cached_property
from itertools import groupby
from typing import Any
from zlib import crc32

import aiosmtplib
from aiosmtpd.smtp import SMTP
from babel.dates import format_datetime as format_local

from demo.clock import DemoClock
from demo.config import SalaConfig
from demo.hub import Hub
from demo.teams import BOGOTA

HOST = "127.0.0.1"
NAME = "sala.localhost"
MAX_MAIL = 40 * 1024 * 1024
MONTHS = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
DAYS = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]


class MailError(Exception):
    """The reply could not be written or handed over; the sentence is for people."""


@dataclass
class Mail:
    """One message as it lies in one mailbox; `raw` is what came over the wire."""

    id: str
    seq: int
    mailbox: str
    raw: bytes
    received: datetime
    read: bool = False
    answered: bool = False

    @cached_property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)

    @property
    def date(self) -> datetime:
        """The mail's own date; the time of arrival when it carries none that can be read."""
        try:
            date = parsedate_to_datetime(str(self.message["Date"]))
        except (TypeError, ValueError):
            return self.received
        return date if date.tzinfo else self.received

    def part(self, subtype: str) -> str:
        body = self.message.get_body((subtype,))
        return str(body.get_content()) if body else ""

    def attachments(self) -> list[EmailMessage]:
        return list(self.message.iter_attachments())

    def page(self) -> str:
        """The HTML part, its inline images as data: the frame that shows it may fetch nothing."""
        return re.sub(r"cid:([^\"'\s>)]+)", self._inline, self.part("html"))

    def _inline(self, match: re.Match[str]) -> str:
        wanted = f"<{match[1]}>"
        for part in self.message.walk():
            if part["Content-ID"] == wanted and part.get_content_maintype() == "image":
                return f"data:{part.get_content_type()};base64,{b64encode(part.get_content()).decode()}"
        return match[0]


class Mailroom:
    """The entities' and other outside mailboxes: a real SMTP sink, and replies as a mail program writes them."""

    def __init__(self, config: SalaConfig, clock: DemoClock, hub: Hub) -> None:
        self._config = config
        self._clock = clock
        self._hub = hub
        self._names = {address.lower(): name for name, address in config.entities}
        self._people = {p.mail.lower(): f"{p.name} · {p.role}" for p in config.people}
        self._boxes: dict[str, list[Mail]] = {address: [] for address in self._names}
        self._count = 0
        self.sent: list[Mail] = []
        """What the mailboxes answered, oldest first; a visitor sees it as «Respondido»."""
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, HOST, self._config.smtp_port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _session(self) -> SMTP:
        # hostname is given: looking it up can stall the loop for seconds where there is no DNS.
        return SMTP(self, hostname=NAME, ident="Sala", enable_SMTPUTF8=True, data_size_limit=MAX_MAIL)

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Any) -> str:  # noqa: N802, ANN401 - aiosmtpd's own name and untyped class
        now = await self._clock.now()
        for recipient in envelope.rcpt_tos:
            self._keep(str(recipient).lower(), bytes(envelope.original_content), now)
        return "250 2.0.0 OK"

    def _keep(self, address: str, raw: bytes, now: datetime) -> None:
        self._count += 1
        seq = self._hub.publish("mail", mailbox=address)
        self._boxes.setdefault(address, []).append(Mail(f"m{self._count}", seq, address, raw, now))

    def addresses(self) -> Iterator[str]:
        """Entities first, in their order; then whoever else got mail."""
        yield from self._boxes

    def name(self, address: str) -> str:
        return self._names.get(address) or self._people.get(address) or address

    def is_entity(self, address: str) -> bool:
        return address in self._names

    def mails(self, address: str) -> list[Mail]:
        return list(self._boxes.get(address.lower(), []))

    def find(self, address: str, message_id: str) -> Mail | None:
        """By the Sala's own number or by Message-ID."""
        return next((m for m in self.mails(address) if message_id in {m.id, str(m.message["Message-ID"])}), None)

    def mark_read(self, address: str, message_id: str) -> None:
        mail = self.find(address, message_id)
        if mail is not None and not mail.read:
            mail.read = True
            self._hub.publish("seen", mailbox=mail.mailbox)

    async def reply(
        self, address: str, message_id: str, text: str, files: tuple[tuple[str, bytes], ...] = (), *, auto: bool = False
    ) -> str:
        """Answer a message from its mailbox; returns the reply's Message-ID. `auto` marks it as an auto-reply."""
        mail = self.find(address, message_id)
        if mail is None:
            raise MailError("Ese mensaje ya no está en el buzón.")
        now = await self._clock.now()
        reply = self._write(mail, text, now, auto=auto)
        for filename, content in files:
            reply.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
        await self._hand_over(mail.mailbox, reply)
        mail.read = mail.answered = True
        seq = self._hub.publish("mail", mailbox=mail.mailbox)
        self.sent.append(Mail(f"r{len(self.sent) + 1}", seq, mail.mailbox, reply.as_bytes(), now, read=True))
        return str(reply["Message-ID"])

    def _write(self, mail: Mail, text: str, now: datetime, *, auto: bool) -> EmailMessage:
        asked = mail.message
        reply = EmailMessage()
        reply["From"] = Address(self.name(mail.mailbox).split(" · ")[0], addr_spec=mail.mailbox)
        reply["To"] = str(asked["Reply-To"] or asked["From"])
        reply["Subject"] = _subject(str(asked["Subject"] or ""), auto=auto)
        reply["Date"] = format_datetime(now.astimezone(BOGOTA))
        reply["Message-ID"] = make_msgid(domain=mail.mailbox.partition("@")[2])
        if asked["Message-ID"]:
            reply["In-Reply-To"] = str(asked["Message-ID"])
            reply["References"] = " ".join(filter(None, (str(asked["References"] or ""), str(asked["Message-ID"]))))
        if auto:
            reply["Auto-Submitted"] = "auto-replied"
            reply["X-Auto-Response-Suppress"] = "All"
            reply.set_content(text + "\n")
        else:
            _quote(reply, mail, text)
        return reply

    async def _hand_over(self, sender: str, reply: EmailMessage) -> None:
        host, port = self._config.bot_smtp
        try:
            await aiosmtplib.send(
                reply, hostname=host, port=port, sender=sender, start_tls=False, local_hostname=NAME, timeout=30
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            raise MailError(f"El correo del asistente no recibió la respuesta ({error}).") from error


def _subject(asked: str, *, auto: bool) -> str:
    if auto:
        return f"Respuesta automática: {asked}"
    return asked if asked.upper().startswith(("RE:", "RV:")) else f"RE: {asked}"


def _quote(reply: EmailMessage, mail: Mail, text: str) -> None:
    """The reply above, the original below: half of the mailboxes write as Outlook does, half as Gmail does."""
    gmail = crc32(mail.mailbox.encode()) % 2
    plain, rich = (_gmail if gmail else _outlook)(mail, text)
    reply.set_content(plain)
    reply.add_alternative(rich, subtype="html")


def _outlook(mail: Mail, text: str) -> tuple[str, str]:
    asked, date = mail.message, mail.date.astimezone(BOGOTA)
    sent = format_local(date, "EEEE, d 'de' MMMM 'de' y h:mm a", locale="es_CO")
    head = (("De", asked["From"]), ("Enviado", sent), ("Para", asked["To"]), ("Asunto", asked["Subject"]))
    lines = "\n".join(f"{label}: {value}" for label, value in head)
    plain = f"{text}\n\n{'_' * 32}\n{lines}\n\n{mail.part('plain')}"
    bold = "<br>".join(f"<b>{label}:</b> {html.escape(str(value))}" for label, value in head)
    marker = '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
    quoted = f'{marker}<div id="divRplyFwdMsg" dir="ltr">{bold}</div><div>{_original(mail)}</div>'
    return plain, f'<div dir="ltr">{_html(text)}</div>{quoted}'


def _gmail(mail: Mail, text: str) -> tuple[str, str]:
    asked, date = mail.message, mail.date.astimezone(BOGOTA)
    day = format_local(date, "EEE, d MMM y 'a la(s)' h:mm a", locale="es_CO")
    intro = f"El {day}, {asked['From']} escribió:"
    quoted = "\n".join(f"> {line}" if line else ">" for line in mail.part("plain").splitlines())
    block = f'<blockquote class="gmail_quote" style="margin:0 0 0 .8ex;padding-left:1ex">{_original(mail)}</blockquote>'
    attribution = f'<div dir="ltr" class="gmail_attr">{html.escape(intro)}<br></div>'
    rich = f'<div dir="ltr">{_html(text)}</div><br><div class="gmail_quote">{attribution}{block}</div>'
    return f"{text}\n\n{intro}\n\n{quoted}\n", rich


def _original(mail: Mail) -> str:
    """What stands inside the original's body element, or its text."""
    page = mail.part("html")
    body = re.search(r"<body[^>]*>(.*)</body>", page, re.DOTALL | re.IGNORECASE)
    return body[1] if body else page or _html(mail.part("plain"))


def _html(text: str) -> str:
    """Lines with tabs between their cells were pasted from a sheet: mail programs make a table of them."""
    parts = []
    for tabbed, group in groupby(text.split("\n"), key=lambda line: "\t" in line):
        lines = [html.escape(line) for line in group]
        parts.append(_table(lines) if tabbed else "<br>\n".join(lines))
    return "\n".join(parts)


def _table(lines: list[str]) -> str:
    rows = "".join(f"<tr><td>{line.replace(chr(9), '</td><td>')}</td></tr>" for line in lines)
    return f'<table border="1" style="border-collapse:collapse">{rows}</table>'
