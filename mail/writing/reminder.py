"""R14: the «Reiteración» to an entity that has not answered; it threads to the request and repeats the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mail.gateway import OutgoingMail
from mail.writing.asked import RequestData
from mail.writing.render import render, subject
from mail.writing.request import form_values
from mail.writing.sheet import sheet
from methodology.rules.spanish import month_name


@dataclass(frozen=True)
class ReminderData:
    """`form` is what still lacks an answer, under a Message-ID of its own; the other two are the request's."""

    form: RequestData
    request_id: str
    asked_on: date


def reminder(data: ReminderData) -> OutgoingMail:
    """The reiteration of one request (R14, R16: the second outreach)."""
    form = data.form
    period = month_name(form.month.year, form.month.number)
    text, html = render("reminder", **form_values(form), asked_on=data.asked_on)
    return OutgoingMail(
        to=form.to,
        cc=form.cc,
        subject=subject(f"Reiteración: solicitud de avance {period}", form.entity, reference=form.reference),
        text=text,
        html=html,
        message_id=form.message_id,
        in_reply_to=data.request_id,
        references=(data.request_id,),
        reply_to=form.letterhead.mail,
        attachments=(sheet(form),),
    )
