"""Step 1: bytes to headers, bodies and attachments. Never refuses: what cannot be decoded is replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from methodology.clock import local

MAX_PARTS = 100
MAX_DEPTH = 10
MAX_BOUNDARIES = 5_000
"""Lines that may begin a part: what comes after so many is kept, and not read."""
MAX_CHARS = 256 * 1024
MAX_HEADER = 8_000
MAX_HEAD = 64 * 1024
MAX_ADDRESS = 1_000
DOCUMENTS = (
    ".pdf",
    ".doc",
    ".docx",
    ".odt",
    ".rtf",
    ".xls",
    ".xlsx",
    ".ods",
    ".csv",
    ".ppt",
    ".pptx",
    ".zip",
    ".tif",
    ".tiff",
    ".p7m",
)
NOT_DOCUMENTS = ("smime.p7m",)
WORKBOOKS = (".xlsx", ".xlsm")
TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
MAX_WORKBOOKS = 3
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_PARAMETERS = re.compile(
    rb"^(content-(?:type|disposition)[ \t]*:(?:[^\r\n]|\r?\n[ \t]){0,2000})(?:[^\r\n]|\r?\n[ \t])*",
    re.IGNORECASE | re.MULTILINE,
)
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_MESSAGE_ID = re.compile(r"^message-id[ \t]*:(.*)$", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(r"<[^<>\s]{1,400}>")
_UNSEEN = re.compile("[\x00\xad\u200b-\u200f\u2060\ufeff]")
"""NUL, and what is not seen: soft hyphens, zero-width spaces and joiners, marks of direction."""
# Mail that says latin-1 nearly always means Windows-1252 (its quotes and dashes).
_MEANT = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252"}


_NO_DATE = (TypeError, ValueError, OverflowError, IndexError)
"""What `email` raises over a date that is none, and `datetime` over one at the end of time."""


@dataclass(frozen=True)
class Parsed:
    """One message. `text` and `html` are the inline bodies (capped), `documents` the names of attached documents.

    `workbooks` are the parts that say they are one; `forwarded` is the text of messages attached whole.
    `is_packed`: Outlook packed something into a part of its own format (TNEF, winmail.dat).
    """

    message: Message
    subject: str
    sender: str
    text: str
    html: str
    documents: tuple[str, ...]
    workbooks: tuple[Message, ...] = ()
    forwarded: str = ""
    is_packed: bool = False

    @property
    def at(self) -> datetime | None:
        """When it says it was written."""
        with suppress(*_NO_DATE):
            return parsedate_to_datetime(str(self.message.get("Date", ""))[:MAX_HEADER])
        return None

    @property
    def day(self) -> date | None:
        """Its day, where it was written; without it the day, in Bogotá, on which the last server says it took it."""
        if self.at is not None:
            return self.at.date()
        with suppress(*_NO_DATE):
            taken = str(self.message.get("Received", ""))[:MAX_HEADER].rpartition(";")[2]
            return local(parsedate_to_datetime(taken)).date()
        return None


def parse(raw: bytes) -> Parsed:
    message = _message(raw)
    parts = list(leaves(message))
    return Parsed(
        message=message,
        subject=header(message, "Subject"),
        sender=next(iter(addresses(message, "From")), ""),
        text=_bodies(parts, "text/plain"),
        html=_bodies(parts, "text/html"),
        documents=tuple(name for part in parts if (name := document_name(part))),
        workbooks=tuple(part for part in parts if document_name(part).lower().endswith(WORKBOOKS))[:MAX_WORKBOOKS],
        forwarded="\n".join(_inner(part) for part in parts if part.get_content_type() == "message/rfc822")[:MAX_CHARS],
        is_packed=any(_is_packed(part) for part in parts),
    )


def _message(raw: bytes) -> Message:
    """The message as `email` sees it; one nested without end keeps its headers and is read no further.

    What `email` does with a field's parameters is squared in their length: no honest one has two thousand characters.
    """
    lines = raw.split(b"\n--", MAX_BOUNDARIES)
    bounded = _PARAMETERS.sub(rb"\1", b"\n--".join(lines[:MAX_BOUNDARIES]))
    try:
        return message_from_bytes(bounded)
    except RecursionError:
        return BytesHeaderParser().parsebytes(bounded)


def message_id(raw: bytes) -> str:
    """The Message-ID with its brackets; «» when there is none, or anything odd about it. Never refuses.

    Only the header block is looked at, as plain lines: it runs before the message is stored, whatever it holds.
    """
    block = _BLANK_LINE.split(raw[:MAX_HEAD], maxsplit=1)[0]
    try:
        head = _FOLD.sub("", block.decode())
    except UnicodeDecodeError:
        head = _FOLD.sub("", block.decode("ascii", "replace"))
    line = _MESSAGE_ID.search(head)
    found = _ID.findall(printable(line[1])[:MAX_HEADER]) if line else []
    return found[-1] if found and "\ufffd" not in found[-1] else ""


def head(raw: bytes) -> Message:
    """The headers of a message that is not stored yet, whatever its body holds. Never refuses."""
    return BytesHeaderParser().parsebytes(raw[:MAX_HEAD])


def address_in(message: Message, name: str) -> str | None:
    """The bare address of a header («» in an empty one); None when it is not there or cannot be understood.

    Never refuses: the library falls over a comment in a comment in a comment …
    """
    if name not in message:
        return None
    try:
        return parseaddr(str(message[name])[:MAX_ADDRESS])[1]
    except (RecursionError, ValueError, LookupError):
        return None


def printable(text: str) -> str:
    """Without control characters (NUL above all, which a database refuses)."""
    return "".join(char for char in text if char.isprintable())


def header(message: Message, name: str) -> str:
    """A header in one decoded line; «» when it is not there.

    Unfolded first: at the beginning of a line `decode_header` takes the space that ends an encoded word.
    """
    value = str(message.get(name, ""))[:MAX_HEADER].replace("\r", "").replace("\n", "")
    pieces = _pieces(value)
    decoded = (piece if isinstance(piece, str) else decode(piece, charset) for piece, charset in pieces)
    return " ".join("".join(decoded).replace("\x00", "").split())


def _pieces(value: str) -> list[tuple[str | bytes, str | None]]:
    """The encoded words of a header; a broken one is shown as it came."""
    try:
        return list(decode_header(value))
    except (ValueError, HeaderParseError):
        return [(value, None)]


def addresses(message: Message, name: str) -> tuple[str, ...]:
    """The bare addresses of a header, lower case."""
    try:
        found = getaddresses([str(value)[:MAX_HEADER] for value in message.get_all(name, [])])
    except (RecursionError, ValueError, LookupError):  # a comment in a comment in a comment …
        return ()
    return tuple(address.lower() for _, address in found if "@" in address)


def ids(message: Message, name: str) -> tuple[str, ...]:
    """The Message-IDs of a header, newest first (References lists them oldest first)."""
    return tuple(reversed(_ID.findall(str(message.get(name, ""))[:MAX_HEADER])))


def leaves(message: Message) -> Iterator[Message]:
    """The parts that carry something, within the caps. A forwarded message is one part: its text is another's."""
    queue = [(message, 0)]
    seen = 0
    while queue and seen < MAX_PARTS:
        part, depth = queue.pop(0)
        seen += 1
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            if depth < MAX_DEPTH:
                queue[:0] = [(one, depth + 1) for one in _children(part)]
        else:
            yield part


def decode(content: bytes, charset: str | None) -> str:
    """Declared → UTF-8 → Windows-1252 → replacement."""
    declared = (charset or "utf-8").lower()
    for name in (_MEANT.get(declared, declared), "utf-8", "cp1252"):
        try:
            return content.decode(name)
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return content.decode("utf-8", "replace")


def content_bytes(part: Message) -> bytes:
    """An attachment, decoded."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def content_of(part: Message) -> str:
    """A text part, decoded."""
    text = decode(content_bytes(part), part.get_content_charset())
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _inner(part: Message) -> str:
    """The text of a message attached whole, one level down."""
    return "\n".join(_bodies(list(leaves(one)), "text/plain") for one in _children(part))


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _bodies(parts: list[Message], content_type: str) -> str:
    inline = (one for one in parts if one.get_content_type() == content_type and not _is_attached(one))
    return "\n".join(content_of(one) for one in inline)[:MAX_CHARS]


def _is_packed(part: Message) -> bool:
    return part.get_content_type() in TNEF or (part.get_filename() or "").lower() == "winmail.dat"


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def document_name(part: Message) -> str:
    """The name of an attached document, «» when the part is none."""
    name = part.get_filename() or ""
    decoded = "".join(one if isinstance(one, str) else decode(one, charset) for one, charset in _pieces(name))
    return decoded if decoded.lower().endswith(DOCUMENTS) and decoded.lower() not in NOT_DOCUMENTS else ""
