"""The edge as the tests make it: towards a peer, at a moment that stands still."""

from __future__ import annotations

from ews import DOMAIN, PASSWORD, USER, EwsPeer, Fault
from gateway_contract import NOW

from mail.ews import EwsGateway, Password, Tokens
from methodology.clock import SettableClock

MAILBOX = "soluciones@operador.example"
SENDER = f"Soluciones por la Reindustrialización <{MAILBOX}>"
NTLM = Password(rf"{DOMAIN}\{USER}", PASSWORD)
BASIC = Password(USER, PASSWORD, basic=True)


class Peer(EwsPeer):
    """Both sides of the contracts: what is sent to it, and what waits in it."""

    def refuse_once(self) -> None:
        self.faults.append(Fault("SendItem", code="ErrorInvalidRecipients"))

    def throttle_once(self) -> None:
        self.faults.append(Fault("SendItem", soap="ErrorServerBusy", back_off=90_000))

    def lose_answer_once(self) -> None:
        self.faults.append(Fault("SendItem", drops=True, after=True))

    async def deliver(self, raw: bytes) -> None:
        self.mailbox.arrived(raw)

    async def remove(self, message_id: str) -> None:
        (item,) = (one for one in self.mailbox.in_folder("inbox") if one.message["Message-ID"] == message_id)
        self.mailbox.remove(item)

    async def forget_marks(self) -> None:
        self.mailbox.forget_states()

    def lock_out(self) -> None:
        self.locked = True


class MailboxPeer(Peer):
    def refuse_once(self) -> None:
        self.faults.append(Fault("SyncFolderItems", soap="ErrorServerBusy", back_off=90_000))


def gateway_to(
    peer: EwsPeer, login: Password | Tokens = NTLM, *, timeout: float = 5.0, ca_file: str = ""
) -> EwsGateway:
    clock = SettableClock(NOW)
    return EwsGateway(peer.url, MAILBOX, login, sender=SENDER, clock=clock, timeout=timeout, ca_file=ca_file)
