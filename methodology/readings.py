"""What reading a mail gives, and what it may be told beforehand: plain values that know nothing of mail formats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from methodology.rules.months import Month

EVERY_ACTION = "*"
SURE = 0.9
"""From here up an answer is proposed to the leader (R11); below it, it waits in the tray as the best guess."""
LIKELY = 0.6
GUESS = 0.3


class ReadingKind(StrEnum):
    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"
    RECEIPT = "receipt"
    COURTESY = "courtesy"


KIND_NAMES = {
    ReadingKind.REPLY: "respuesta",
    ReadingKind.AUTO_REPLY: "respuesta automática",
    ReadingKind.OUT_OF_OFFICE: "aviso de ausencia",
    ReadingKind.BOUNCE: "rebote",
    ReadingKind.RECEIPT: "acuse de entrega o de lectura",
    ReadingKind.COURTESY: "cortesía o número de radicado",
}


@dataclass(frozen=True)
class Asked:
    """One action of a request: `percent` and `narrative` are the last reported ones, as the request showed them."""

    code: str
    text: str = ""
    due: date | None = None
    percent: float | None = None
    narrative: str = ""


@dataclass(frozen=True)
class Request:
    """What an entity was asked, as far as it is known when its reply is read; `month` is the one it is asked about."""

    actions: tuple[Asked, ...]
    token: str = ""
    sent_on: date | None = None
    month: Month | None = None


@dataclass(frozen=True)
class Answer:
    """What was understood of one action. `code` `EVERY_ACTION` is said of all that was asked; `passage` is verbatim.

    `day` is when the action was complied with, `evidence` what shows it; `confidence` goes from 0 to 1 (see `SURE`).
    """

    code: str
    percent: float | None
    text: str
    passage: str
    day: date | None = None
    evidence: str = ""
    confidence: float = SURE


@dataclass(frozen=True)
class Reading:
    """One message, read. Addresses are lower case; `answering` are the Message-IDs it replies to or speaks of.

    `letter` is the name of an attached document that counts as an official answer (R16), «» when there is none.
    `returns_on` is when who is away comes back; `wants_until` the new deadline asked for, `wants_for` the code of the
    one action it is asked for; `new_contact` the address that the entity wants to be written to; `answers_on` the day
    on which it promises to answer, and `promises_only` that it says nothing else. `unreadable` says what came in a form
    that no program of ours opens.
    """

    kind: ReadingKind
    sender: str = ""
    subject: str = ""
    text: str = ""
    automatic: bool = False
    tokens: tuple[str, ...] = ()
    answering: tuple[str, ...] = ()
    failed_recipients: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    letter: str = ""
    returns_on: date | None = None
    wants_until: date | None = None
    wants_for: str = ""
    new_contact: str = ""
    answers_on: date | None = None
    promises_only: bool = False
    unreadable: str = ""
    reasons: tuple[str, ...] = ()
