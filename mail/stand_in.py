"""A message in the place of one that its server cannot hand over: nobody waits for the original, nor behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from mail.mime import MESSAGE_ID, POLICY, address_of, one_line
from methodology.delivery import Permanent

UNREADABLE = "El servidor de correo no pudo entregar el original de este mensaje. Su texto, hasta donde se pudo leer:"
_MOST_SUBJECT = 1_000


@dataclass(frozen=True)
class Known:
    """What the server tells of the message all the same; whatever a stranger wrote into it."""

    message_id: str = ""
    sender: str = ""
    subject: str = ""
    received: datetime | None = None
    text: str = ""


def stand_in(known: Known, item_id: str) -> bytes:
    """A message of what is known, the same one every time. Never refuses: what no mail may carry is left out."""
    message = EmailMessage(policy=POLICY)
    own = f"<{sha256(_encodable(item_id).encode()).hexdigest()[:32]}@buzon.invalid>"
    message["Message-ID"] = known.message_id if MESSAGE_ID.fullmatch(known.message_id) else own
    message["Subject"] = one_line(_encodable(known.subject))[:_MOST_SUBJECT]
    if sender := _sender(known.sender):
        message["From"] = sender
    if known.received:
        message["Date"] = format_datetime(known.received)
    message.set_content(f"{UNREADABLE}\n\n{_encodable(known.text)}")
    return message.as_bytes()


def _sender(written: str) -> str:
    try:
        return address_of(written)
    except Permanent:
        return ""


def _encodable(text: str) -> str:
    """Without halves of characters, which no mail can carry."""
    return text.encode("utf-8", "replace").decode()
