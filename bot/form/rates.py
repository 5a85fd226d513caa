"""How often a page may be opened and sent: by address, and by link."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from aiohttp import web

from bot.teams.limits import Meter, Rule

OPENED: tuple[Rule, ...] = ((120, 60.0), (1200, 3600.0))
SENT: tuple[Rule, ...] = ((30, 60.0), (300, 3600.0))
"""By address: a whole ministry may stand behind one."""
BY_LINK: tuple[Rule, ...] = ((10, 60.0), (60, 3600.0))
"""A page is saved often while it is written, by one person or two."""
REMEMBERED = 5000
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Rates:
    """Sliding windows, one a key; the longest unseen are forgotten first."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        opened: Sequence[Rule] = OPENED,
        sent: Sequence[Rule] = SENT,
        by_link: Sequence[Rule] = BY_LINK,
        trusted: Sequence[Network] = (),
    ) -> None:
        self._now, self._trusted = now, trusted
        self._rules = {"opened": opened, "sent": sent, "link": by_link}
        self._meters: OrderedDict[tuple[str, str], Meter] = OrderedDict()

    def opened(self, request: web.Request) -> int:
        """0, or the seconds until this address may open a page again."""
        return self._taken("opened", address(request, self._trusted))

    def sent(self, request: web.Request, link: str = "") -> int:
        """0, or the seconds until this address may send, or this link be sent by, again.

        Without the link (nobody showed that they hold it), only the address counts.
        """
        wait = self._taken("sent", address(request, self._trusted))
        return max(wait, self._taken("link", link)) if link else wait

    def _taken(self, what: str, key: str) -> int:
        meter = self._meters.setdefault((what, key), Meter(self._rules[what]))
        self._meters.move_to_end((what, key))
        if len(self._meters) > REMEMBERED:
            self._meters.popitem(last=False)
        now = self._now()
        if wait := meter.wait(now):
            return int(wait) + 1
        meter.record(now)
        return 0


def address(request: web.Request, trusted: Sequence[Network] = ()) -> str:
    """Who asks: the peer, or whom a proxy here or a `trusted` one names last; of IPv6, the network of one household."""
    if (found := _ip(request.remote or "")) is None:
        return request.remote or ""
    named = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    while named and (found.is_loopback or any(found in network for network in trusted)):
        if (before := _ip(named.pop())) is None:
            break
        found = before
    if found.version == 6:  # noqa: PLR2004 - the protocol's number
        return str(ipaddress.ip_network(f"{found}/64", strict=False))
    return str(found)


def _ip(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, of which some proxies tell the port too: «203.0.113.5:51234», «[2001:db8::1]:443»."""
    text = written.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
