"""What a mail gateway is: sends one message, looks one up, and hands raw inbound messages to a `Store`.

EWS, Graph and SMTP sit behind it; `tests/mail/gateway_contract.py` is what each must keep.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

from methodology.delivery import Receipt

LOOKS = (0.0, 2.0, 5.0, 10.0)
"""Seconds before each look for a mail that has just been sent: a server files or delivers it a moment later."""
Store = Callable[[bytes, str, list[str]], Awaitable[None]]
"""`await store(raw, mail_from, rcpt_tos)`: returns once the message is in a committed row; raises when it is not."""


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
