"""R14: the monthly request to an entity: one mail, its actions grouped by initiative, in a table that can be filled."""

from __future__ import annotations

from mail.gateway import OutgoingMail
from mail.writing.asked import RequestData
from mail.writing.render import render, subject
from mail.writing.sheet import sheet
from methodology.rules.spanish import month_name

EXAMPLE_TEXT = "El proyecto salió a comentarios"
WHY = (
    "{entity} recibe este mensaje porque figura como entidad responsable de las acciones relacionadas en las matrices "
    "de Soluciones por la Reindustrialización. El avance se solicita una vez al mes."
)


def request(data: RequestData) -> OutgoingMail:
    """The «Solicitud de avance» of one entity and month (R14)."""
    period = month_name(data.month.year, data.month.number)
    text, html = render("request", **form_values(data))
    return OutgoingMail(
        to=data.to,
        cc=data.cc,
        subject=subject(f"Solicitud de avance {period}", data.entity, reference=data.reference),
        text=text,
        html=html,
        message_id=data.message_id,
        reply_to=data.letterhead.mail,
        attachments=(sheet(data),),
    )


def form_values(data: RequestData) -> dict[str, object]:
    """What request and reminder both show: the letter's frame and the table to fill."""
    codes = [action.code for action in data.actions]
    count = len(codes)
    return {
        "data": data,
        "letterhead": data.letterhead,
        "reference": data.reference,
        "illustrative": data.illustrative,
        "period": month_name(data.month.year, data.month.number),
        "actions_named": "la siguiente acción" if count == 1 else f"las siguientes {count} acciones",
        "example": f"{codes[0]}: 80 % – {EXAMPLE_TEXT}" if codes else "",
        "why": data.why or WHY.format(entity=data.entity),
    }
