"""What the Exchange edge needs without its library: whose door it is, the mark, a stand-in for what cannot be had."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256
from typing import Protocol
from urllib.parse import urlsplit

UNREADABLE = "El servidor de correo no pudo entregar el original de este mensaje. Su texto, hasta donde se pudo leer:"
_ONLINE = re.compile(r"(^|\.)(office365\.com|office\.com|outlook\.com|office365\.us|outlook\.cn)$")


@dataclass(frozen=True)
class Password:
    r"""A user of the domain (`DOMINIO\usuario` or its address), the mailbox's own or one with full access to it."""

    username: str
    password: str = field(repr=False)
    basic: bool = False
    """Basic instead of NTLM."""


class Tokens(Protocol):
    """Access tokens of an application that may impersonate the mailbox (`mail/entra.py`), for `scope_of(endpoint)`."""

    async def get(self) -> str: ...
    def forget(self) -> None:
        """The server refused it: the next one is asked for anew."""


def is_exchange_online(endpoint: str) -> bool:
    """Microsoft's own servers, where EWS ends for good on 1 April 2027: Microsoft Graph is the edge for them."""
    host = urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or ""
    return bool(_ONLINE.search(host))


def scope_of(endpoint: str) -> str:
    """What a token for that server is asked for."""
    return f"https://{urlsplit(endpoint).hostname}/.default"


@dataclass(frozen=True)
class Mark:
    """How far the Inbox was read: the server's state, and the listed messages that were not handed out yet."""

    state: str = ""
    rest: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str) -> Mark:
        """A mark of another kind is the beginning."""
        try:
            kept = json.loads(text)
            return cls(str(kept["state"]), tuple(str(one) for one in kept["rest"]))
        except (ValueError, TypeError, KeyError):
            return cls()

    def __str__(self) -> str:
        return json.dumps({"state": self.state, "rest": self.rest})


@dataclass(frozen=True)
class Known:
    """What could be read of a message that the server cannot turn into MIME."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""
    received: datetime | None = None
    text: str = ""


def stand_in(known: Known, item_id: str) -> bytes:
    """A message of what is known, so that nobody waits for the original for ever; the same one every time."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = known.message_id or f"<{sha256(item_id.encode()).hexdigest()[:32]}@ews.invalid>"
    message["Subject"] = " ".join(known.subject.split())
    if known.sender:
        message["From"] = known.sender
    if known.received:
        message["Date"] = format_datetime(known.received)
    message.set_content(f"{UNREADABLE}\n\n{known.text}")
    return message.as_bytes()
