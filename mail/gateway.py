"""What a mail gateway is: sends one message, looks one up, and hands raw inbound messages to a `Store`.

EWS, Graph and SMTP sit behind it; `tests/mail/gateway_contract.py` is what each must keep.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Protocol

from methodology.clock import local
from methodology.delivery import Permanent, Receipt
from methodology.rules.addresses import is_address

LOOKS = (0.0, 2.0, 5.0, 10.0)
"""Seconds before each look for a mail that has just been sent: a server files or delivers it a moment later."""
Store = Callable[[bytes, str, list[str]], Awaitable[None]]
"""`await store(raw, mail_from, rcpt_tos)`: returns once the message is in a committed row; raises when it is not."""

AUTOMATIC_HEADERS: Mapping[str, str] = {
    "Auto-Submitted": "auto-generated",
    # Out-of-office replies stay allowed: they say that somebody is away.
    "X-Auto-Response-Suppress": "DR, RN, NRN, AutoReply",
}
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,400}>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Attachment:
    """A file that travels with the mail; `content_type` is `type/subtype`, parameters after it (`; method=REQUEST`)."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class OutgoingMail:
    """One mail to send. `message_id` is ours and the same on every attempt; ids carry their angle brackets."""

    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    message_id: str
    cc: tuple[str, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody on the envelope, each once."""
        return tuple(dict.fromkeys((*self.to, *self.cc)))


class MailGateway(Protocol):
    """An edge of the product towards one mail system."""

    async def send(self, mail: OutgoingMail) -> Receipt:
        """Hand the mail over to all its recipients or to none; the receipt carries our Message-ID.

        Raises:
            Permanent: refused for good (a wrong address, a refused content).
            Throttled: surely not accepted; try again from `retry_at`.
            Ambiguous: the bytes went out and the answer was lost; `find_sent` may know.
        """
        ...

    async def find_sent(self, message_id: str) -> Receipt | None:
        """The receipt of a mail that was sent after all; None when it was not, or when this edge cannot look."""
        ...


@dataclass(frozen=True)
class Page:
    """Some messages of a mailbox, as they came (RFC 822 bytes), oldest first.

    `mark` is what to ask with next time, once every one of them is stored; `more`: there are others already.
    """

    messages: tuple[bytes, ...]
    mark: str
    more: bool = False


class Mailbox(Protocol):
    """The reading side of an edge whose mail waits in a mailbox. `tests/mail/mailbox_contract.py` is what each keeps.

    It keeps no state of its own: whoever asks keeps the mark, after the messages (R46). A message may come again when a
    mark was lost or is no longer understood; then it is known by its Message-ID. None is ever left out, and none is
    changed or removed in the mailbox.
    """

    @property
    def name(self) -> str:
        """Which mailbox it is: the key of its mark, and what people are told when it cannot be read."""
        ...

    async def fetch(self, mark: str) -> Page:
        """What came after `mark`; "" is the first time. A mark that the server no longer knows is begun anew.

        Raises:
            Throttled: not now; try again from `retry_at`.
            Misconfigured: refused for good until somebody mends it (a password, a permission, an address).
        """
        ...

    async def wait(self, seconds: float) -> None:
        """Return when something may have come, at the latest after so many seconds. Never raises: `fetch` will."""
        ...


def message_id_for(key: str, domain: str) -> str:
    """The Message-ID of whatever `key` names: the same on every attempt, so that a second copy is recognised (R46)."""
    return f"<sr.{sha256(key.encode()).hexdigest()[:24]}@{domain}>"


def to_message(mail: OutgoingMail, sender: str, at: datetime) -> EmailMessage:
    """The message as it goes over the wire; `sender` is `Name <address>`, `at` the moment of its Date (aware).

    Raises:
        Permanent: an address, an id, a header or a text that no mail may carry (line breaks, not ASCII, malformed).
    """
    _require_encodable(mail, sender)
    message = EmailMessage(policy=POLICY)
    for name, value in _headers(mail, sender, at).items():
        message[name] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    for attachment in mail.attachments:
        main, sub, params = _content_type(attachment.content_type)
        name = one_line(attachment.name)
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=name, params=params)
    return message


def _require_encodable(mail: OutgoingMail, sender: str) -> None:
    """Half a character (a lone surrogate) cannot be written in any charset."""
    names = (one.name for one in mail.attachments)
    for text in (mail.subject, mail.text, mail.html, sender, *mail.recipients, mail.reply_to, *names):
        try:
            text.encode()
        except UnicodeEncodeError as exc:
            raise Permanent(
                f"El correo tiene un carácter que no se puede enviar: «{one_line(ascii(text))[:200]}»"
            ) from exc


def address_of(mailbox: str) -> str:
    """The bare address of `Name <address>`.

    Raises:
        Permanent: there is none, or it could not travel safely.
    """
    address = _parted(mailbox)[1] if not _CONTROL.search(mailbox) else ""
    if not is_address(address):
        raise Permanent(f"La dirección de correo «{one_line(mailbox)}» no es válida")
    return address


def _parted(mailbox: str) -> tuple[str, str]:
    """Name and address; two empty ones where the library falls over what was written."""
    try:
        return parseaddr(mailbox)
    except (RecursionError, ValueError, LookupError):
        return "", ""


def _content_type(written: str) -> tuple[str, str, dict[str, str]]:
    """`text/calendar; method=REQUEST` taken apart."""
    kind, *rest = (_safe("Content-Type", part).strip() for part in written.split(";"))
    main, _, sub = kind.partition("/")
    return main, sub, {name: value for name, _, value in (part.partition("=") for part in rest)}


def _headers(mail: OutgoingMail, sender: str, at: datetime) -> dict[str, str | tuple[Address, ...]]:
    headers: dict[str, str | tuple[Address, ...]] = {
        "From": _mailboxes((sender,)),
        "To": _mailboxes(mail.to),
        "Subject": one_line(mail.subject),
        "Date": format_datetime(local(at)),
        "Message-ID": _id(mail.message_id),
    }
    optional: dict[str, str | tuple[Address, ...]] = {
        "Cc": _mailboxes(mail.cc),
        "Reply-To": _mailboxes((mail.reply_to,)) if mail.reply_to else (),
        "In-Reply-To": _id(mail.in_reply_to) if mail.in_reply_to else "",
        "References": " ".join(_id(one) for one in mail.references),
    }
    headers |= {name: value for name, value in optional.items() if value}
    headers |= {name: _safe(name, value) for name, value in {**AUTOMATIC_HEADERS, **mail.headers}.items()}
    return headers


def _mailboxes(mailboxes: tuple[str, ...]) -> tuple[Address, ...]:
    return tuple(Address(display_name=_parted(one)[0], addr_spec=address_of(one)) for one in mailboxes)


def _id(value: str) -> str:
    if not MESSAGE_ID.fullmatch(value):
        raise Permanent(f"El identificador de mensaje «{one_line(value)}» no es válido")
    return value


def _safe(name: str, value: str) -> str:
    if _CONTROL.search(name) or _CONTROL.search(value):
        raise Permanent(f"El encabezado «{one_line(name)}» no es válido")
    return value


def one_line(text: str) -> str:
    """Control characters and runs of blanks become one blank."""
    return " ".join(_CONTROL.sub(" ", text).split())


class _Ids(UnstructuredHeader, BaseHeader):
    """Message-IDs: the stdlib folds a long one into an encoded word, which breaks threads, and falls over odd ones."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {(policy.linesep + ' ').join(self.split())}{policy.linesep}"


class _Registry(HeaderRegistry):
    """The stdlib makes a class anew for every header that it writes; one a name is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}

    def __getitem__(self, name: str) -> type[BaseHeader]:
        if (made := self._made.get(name)) is None:
            made = self._made[name] = super().__getitem__(name)
        return made


def _policy() -> Policy:
    registry = _Registry()
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, _Ids)
    return SMTP.clone(header_factory=registry)


POLICY = _policy()
"""How a message of ours is written."""
