"""R14: the short word to an entity whose mail is no answer yet: it came, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from mail.gateway import OutgoingMail
from mail.writing.asked import SALUTATION
from mail.writing.letterhead import Letterhead
from mail.writing.notice import Link, NoticeData, notice
from methodology.rules.spanish import long_date

TITLE = "Acuse de recibo de su correo"
RECEIVED = "Recibimos su correo del {day}. Planeación lo revisará y, de ser necesario, se comunicará con ustedes."
HOW = (
    "Si corresponde a una solicitud de avance, agradecemos responder directamente sobre el correo de esa solicitud, "
    "para asociarlo a sus acciones."
)
EXPECTED = "Tomamos nota: esperamos su respuesta el {day}."
EXPECTED_BEFORE = (
    "Tomamos nota de que responderán el {day}. La solicitud puede esperar hasta el {until}: agradecemos responder a "
    "más tardar ese día."
)
PACKED = (
    "Su correo del {day} llegó en un formato de Outlook que no se puede leer (winmail.dat). Agradecemos reenviarlo en "
    "HTML o en texto."
)
ONLINE = "Responder en línea"
BY_PAGE = "El avance se puede informar respondiendo este correo o en línea (la página abre hasta el {until}):"
ASKED_BY = "El avance se solicitó a más tardar el {day}. "


@dataclass(frozen=True)
class AcknowledgedData:
    """Nothing of the mail is repeated: its sender is only as sure as its domain. `in_reply_to` may be «».

    `form_url` opens the page of the request, until `form_until`; `reference` and `deadline` are the request's.
    """

    to: tuple[str, ...]
    paragraphs: tuple[str, ...]
    why: str
    message_id: str
    letterhead: Letterhead
    in_reply_to: str = ""
    illustrative: bool = False
    reference: str = ""
    form_url: str = ""
    form_until: date | None = None
    deadline: date | None = None
    cc: tuple[str, ...] = ()


def expected(day: date, until: date) -> str:
    """That they will answer on `day` is noted; `until` is the day up to which the request waits."""
    if until >= day:
        return EXPECTED.format(day=long_date(day))
    return EXPECTED_BEFORE.format(day=long_date(day), until=long_date(until))


def acknowledged(data: AcknowledgedData) -> OutgoingMail:
    """Marked as automatic, so that no program answers it."""
    asked = ASKED_BY.format(day=long_date(data.deadline)) if data.deadline else ""
    page = (asked + BY_PAGE.format(until=long_date(data.form_until)),) if data.form_url and data.form_until else ()
    letter = notice(
        NoticeData(
            to=data.to,
            title=TITLE,
            salutation=SALUTATION,
            paragraphs=(*data.paragraphs, *page),
            why=data.why,
            message_id=data.message_id,
            letterhead=data.letterhead,
            links=(Link(ONLINE, data.form_url),) if page else (),
            cc=data.cc,
            illustrative=data.illustrative,
            reference=data.reference,
        )
    )
    thread = (data.in_reply_to,) if data.in_reply_to else ()
    headers = {"Auto-Submitted": "auto-replied"}
    return replace(letter, in_reply_to=data.in_reply_to, references=thread, headers=headers)
