"""How a message of ours is written (RFC 5322, MIME): headers that cannot be injected, text and HTML, attachments."""

from __future__ import annotations

import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import MIMEPart
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from mail.gateway import Attachment, OutgoingMail
from methodology.clock import local
from methodology.delivery import Permanent
from methodology.rules.addresses import is_address

AUTOMATIC_HEADERS: Mapping[str, str] = {
    "Auto-Submitted": "auto-generated",
    # Out-of-office replies stay allowed: they say that somebody is away.
    "X-Auto-Response-Suppress": "DR, RN, NRN, AutoReply",
}
MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,400}>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LINE_END = re.compile(r"\r\n|\r|\n")


def to_bytes(mail: OutgoingMail, sender: str, at: datetime) -> bytes:
    """The message as it goes over the wire; `sender` is `Name <address>`, `at` the moment of its Date (aware).

    Raises:
        Permanent: an address, an id, a header or a text that no mail may carry (line breaks, not ASCII, malformed).
    """
    _require_encodable(mail, sender)
    body = _gathered("alternative", [_text("plain", mail.text), _text("html", mail.html)])
    if mail.attachments:
        body = _gathered("mixed", [body, *map(_attached, mail.attachments)])
    head = MIMEPart(POLICY)
    for name, value in _headers(mail, sender, at).items():
        head[name] = value
    return head.as_bytes().removesuffix(b"\r\n") + body


def _gathered(kind: str, parts: list[bytes]) -> bytes:
    """A multipart with its Content-Type; neither quoted-printable nor base64 can hold «=_» (RFC 2045, 6.7)."""
    boundary = f"=_soluciones_{kind}"
    between = f"\r\n--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n'.encode()
    return b"".join((head, *(between + part for part in parts), f"\r\n--{boundary}--\r\n".encode()))


def _text(subtype: str, text: str) -> bytes:
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(_LINE_END.sub("\n", text).encode(), istext=True).replace(b"\n", b"\r\n")


def _attached(attachment: Attachment) -> bytes:
    main, sub, params = _content_type(attachment.content_type)
    part = MIMEPart(POLICY)
    name = one_line(attachment.name)
    part.set_content(b"", main, sub, disposition="attachment", filename=name, params=params)
    return part.as_bytes() + encodebytes(attachment.content).replace(b"\n", b"\r\n")


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


@lru_cache(256)
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
        "MIME-Version": "1.0",
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
    """The stdlib makes a class for every header and parses what all our messages say alike; once is enough."""

    def __init__(self) -> None:
        super().__init__()
        self._class = lru_cache(64)(super().__getitem__)
        self._parsed = lru_cache(256)(super().__call__)

    def __getitem__(self, name: str) -> type[BaseHeader]:
        return self._class(name)

    def __call__(self, name: str, value: object) -> BaseHeader:
        return self._parsed(name, value) if isinstance(value, str) else super().__call__(name, value)


def _policy() -> Policy:
    registry = _Registry()
    for name in ("message-id", "in-reply-to", "references"):
        registry.map_to_type(name, _Ids)
    return SMTP.clone(header_factory=registry)


POLICY = _policy()
"""How a message of ours is written."""
