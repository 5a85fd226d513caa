"""Step 3: is it a delivery report, of what, and whom did it not reach? The stdlib's DSN first, then prose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_string
from email.message import Message

from mail.read.automatic import DAEMONS
from mail.read.parse import Parsed, addresses, content_of, header, ids, leaves
from methodology.rules.spanish import plain

SUBJECTS = (
    "undeliverable", "undelivered", "delivery status notification (failure)", "delivery has failed",
    "mail delivery failed", "returned mail", "failure notice", "no se puede entregar", "no se pudo entregar",
    "no entregado", "correo no entregado", "mensaje no entregado", "fallo en la entrega", "error de entrega",
    "devolucion de correo",
)  # fmt: skip
MAX_ADDRESSES = 20
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.ASCII)
_QUOTED_ID = re.compile(r"^[> ]{0,8}Message-ID:\s{0,4}(<[^<>\s]{1,400}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Report:
    """A delivery report: `failed` are the addresses it did not reach; empty with `is_failure` False: only a delay."""

    is_failure: bool
    failed: tuple[str, ...]
    originals: tuple[str, ...]
    subjects: tuple[str, ...]


def delivery_report(mail: Parsed) -> Report | None:
    """None when the message is no delivery report."""
    parts = list(leaves(mail.message))
    status = [one for one in parts if one.get_content_type() == "message/delivery-status"]
    if not status and not _says_so(mail):
        return None
    embedded = [one for part in parts for one in _embedded(part)]
    originals = [one for message in embedded for one in ids(message, "Message-ID")]
    return Report(
        is_failure=not status or any(_action(block) == "failed" for one in status for block in _blocks(one)),
        failed=_failed(status) if status else _from_prose(mail),
        originals=tuple(dict.fromkeys([*originals, *_QUOTED_ID.findall(mail.text)])),
        subjects=tuple(header(message, "Subject") for message in embedded),
    )


def _says_so(mail: Parsed) -> bool:
    subject = plain(mail.subject).startswith(SUBJECTS)
    return "X-Failed-Recipients" in mail.message or (subject and mail.sender.startswith(DAEMONS))


def _blocks(status: Message) -> list[Message]:
    payload = status.get_payload()
    return [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []


def _action(block: Message) -> str:
    return str(block.get("Action", "")).strip().lower()


def _failed(status: list[Message]) -> tuple[str, ...]:
    found: list[str] = []
    for block in (one for part in status for one in _blocks(part) if _action(one) == "failed"):
        for name in ("Original-Recipient", "Final-Recipient"):
            found += _ADDRESS.findall(str(block.get(name, ""))[:1000])
    return _unique(found)


def _from_prose(mail: Parsed) -> tuple[str, ...]:
    if named := addresses(mail.message, "X-Failed-Recipients"):
        return named
    return tuple(one for one in _unique(_ADDRESS.findall(mail.text)) if not one.startswith(DAEMONS))


def _unique(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.lower() for one in found))[:MAX_ADDRESSES]


def _embedded(part: Message) -> list[Message]:
    """The message that came back, whole or as its headers."""
    if part.get_content_type() == "message/rfc822":
        return _blocks(part)
    if part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
        return [message_from_string(content_of(part))]
    return []
