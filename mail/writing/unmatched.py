"""R14: the short word to a person of an entity whose mail could not be matched: it came, and a person reads it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from mail.gateway import OutgoingMail
from mail.writing.asked import SALUTATION
from mail.writing.letterhead import Letterhead
from mail.writing.notice import NoticeData, notice
from methodology.rules.spanish import long_date

TITLE = "Acuse de recibo de su correo"
RECEIVED = "Recibimos su correo del {day}. Planeación lo revisará y, de ser necesario, se comunicará con ustedes."
HOW = (
    "Si corresponde a una solicitud de avance, agradecemos responder directamente sobre el correo de esa solicitud, "
    "para asociarlo a sus acciones."
)


@dataclass(frozen=True)
class UnmatchedData:
    """Nothing of the mail is repeated: its sender is only as sure as its domain. `in_reply_to` may be «»."""

    to: tuple[str, ...]
    day: date
    why: str
    message_id: str
    letterhead: Letterhead
    in_reply_to: str = ""
    illustrative: bool = False


def unmatched(data: UnmatchedData) -> OutgoingMail:
    """Marked as automatic, so that no program answers it."""
    letter = notice(
        NoticeData(
            to=data.to,
            title=TITLE,
            salutation=SALUTATION,
            paragraphs=(RECEIVED.format(day=long_date(data.day)), HOW),
            why=data.why,
            message_id=data.message_id,
            letterhead=data.letterhead,
            illustrative=data.illustrative,
        )
    )
    thread = (data.in_reply_to,) if data.in_reply_to else ()
    headers = {"Auto-Submitted": "auto-replied"}
    return replace(letter, in_reply_to=data.in_reply_to, references=thread, headers=headers)
