"""What the Exchange edge needs without its library: whose door it is, and the mark."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

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
