"""The short acknowledgement of an answer: what was understood, a proposal until the leader confirms it."""

from __future__ import annotations

from dataclasses import dataclass

from mail.gateway import OutgoingMail
from mail.writing.asked import SALUTATION
from mail.writing.letterhead import Letterhead
from mail.writing.render import render, subject
from methodology.rules.months import Month
from methodology.rules.spanish import month_name, plain

WHY = "Este mensaje acusa recibo de la respuesta que {entity} envió {road} a la solicitud de avance."
BY_MAIL, BY_FORM = "por correo", "por el formulario en línea"


NO_FIGURE = (
    "Donde no figura el avance no se encontró un porcentaje de 0 % a 100 %; si lo hay, basta responder este correo "
    "indicándolo."
)
_NO_PROGRESS = "sin avance"


@dataclass(frozen=True)
class ReceivedItem:
    """One answer as it was understood; `percent` None when the entity gave no figure; `more` are (name, value)."""

    code: str
    percent: float | None
    text: str
    more: tuple[tuple[str, str], ...] = ()

    @property
    def lacks_figure(self) -> bool:
        """«Sin avance» needs none."""
        return self.percent is None and not plain(self.text).startswith(_NO_PROGRESS)


@dataclass(frozen=True)
class ReceivedData:
    """`pending` are the codes not answered yet, `reviewed` those whose answer a person reads first.

    `in_reply_to` (may be «») and `references` are of the entity's mail. `road` is how the answer came, `signed` who
    gave it there.
    """

    to: tuple[str, ...]
    entity: str
    month: Month
    items: tuple[ReceivedItem, ...]
    reference: str
    message_id: str
    letterhead: Letterhead
    in_reply_to: str
    references: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    reviewed: tuple[str, ...] = ()
    salutation: str = SALUTATION
    illustrative: bool = False
    road: str = BY_MAIL
    signed: str = ""

    @property
    def without_figure(self) -> str:
        by_mail = self.road != BY_FORM
        return NO_FIGURE if by_mail and any(item.lacks_figure for item in self.items) else ""


def received(data: ReceivedData) -> OutgoingMail:
    """Acknowledge one answer. Never for automatic mail, a null sender or our own address: the caller sees to it."""
    period = month_name(data.month.year, data.month.number)
    text, html = render(
        "received",
        data=data,
        letterhead=data.letterhead,
        reference=data.reference,
        illustrative=data.illustrative,
        period=period,
        why=WHY.format(entity=data.entity, road=data.road),
    )
    return OutgoingMail(
        to=data.to,
        subject=subject(f"Acuse de recibo del avance {period}", data.entity, reference=data.reference),
        text=text,
        html=html,
        message_id=data.message_id,
        in_reply_to=data.in_reply_to,
        references=tuple(dict.fromkeys(one for one in (*data.references, data.in_reply_to) if one)),
        headers={"Auto-Submitted": "auto-replied"},
        reply_to=data.letterhead.mail,
    )
