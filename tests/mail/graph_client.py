"""A gateway to a Graph of ours, and a time that passes only when somebody waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from gateway_contract import NOW
from graph import CLIENT_ID, MAILBOX, SECRET, TENANT, GraphPeer

from mail.gateway import Attachment
from mail.graph import GraphGateway
from methodology.clock import SettableClock

SENDER = f"Soluciones por la Reindustrialización <{MAILBOX}>"


class Sleeper:
    """Time passes only here."""

    def __init__(self) -> None:
        self.clock = SettableClock(NOW)
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.set(self.clock.now() + timedelta(seconds=seconds))


def gateway_to(peer: GraphPeer, sleeper: Sleeper | None = None, **changes: Any) -> GraphGateway:
    sleeper = sleeper or Sleeper()
    values: dict[str, Any] = {
        "tenant": TENANT,
        "client_id": CLIENT_ID,
        "credential": SECRET,
        "mailbox": MAILBOX,
        "sender": SENDER,
        "clock": sleeper.clock,
        "base_url": peer.base_url,
        "authority": peer.authority,
        "ca_file": peer.ca_file,
        "timeout": 5.0,
        "sleep": sleeper,
    }
    return GraphGateway(**{**values, **changes})


def file(megabytes: float, name: str = "Anexo técnico.pdf") -> Attachment:
    return Attachment(name, "application/pdf", bytes(range(256)) * int(megabytes * 4096))
