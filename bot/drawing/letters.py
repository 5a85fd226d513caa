"""Mails: the request and its reminder, the report, and any card as a letter for whoever has no Teams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select

from bot.drawing.context import Desk
from bot.drawing.decision_links import links_of
from bot.drawing.form_links import month_link
from cards.parts import Element, Reader, greeting
from mail import reference
from mail.gateway import Attachment, OutgoingMail, message_id_for
from mail.writing.acknowledged import HOW, PACKED, RECEIVED, AcknowledgedData, acknowledged, expected
from mail.writing.asked import AskedAction, AskedInitiative, RequestData
from mail.writing.notice import Link, NoticeData, notice
from mail.writing.received import BY_FORM, BY_MAIL, ReceivedData, ReceivedItem, received
from mail.writing.reminder import ReminderData, reminder
from mail.writing.report import ReportData, report
from mail.writing.request import request
from methodology.answers import reports_of
from methodology.clock import local
from methodology.entity_names import EntityNames
from methodology.followups import latest
from methodology.matrix_files import several
from methodology.notices import reason
from methodology.noting import Noted
from methodology.publishing import name_of
from methodology.readings import EVERY_ACTION
from methodology.rules.spanish import long_date
from methodology.telling import asked_actions, month_of, named_actions
from methodology.tray_work import in_review
from reports.documents import render
from reports.formats import file_stem
from scheduler.ports import Batch
from storage.forms import FormSubmission
from storage.ledger import InboundMail, Notice, Outreach, Proposal, Report
from storage.matrix import Action, Entity, Person

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def token_for(desk: Desk, entity_id: int, month: str) -> str:
    return reference.token(desk.studio.settings.secret_key, entity_id, month)


def request_id(desk: Desk, told: Notice) -> str:
    """The Message-ID of what a notice sends: the same on every attempt."""
    return message_id_for(told.key, desk.studio.settings.mail_domain)


def addressee(desk: Desk, batch: Batch) -> Person:
    """The person a letter goes to."""
    return desk.session.get_one(Person, int(batch.reader.partition(":")[2]))


def request_letter(desk: Desk, told: Notice) -> OutgoingMail:
    """R14: the request of one cycle, or its reiteration threaded to it."""
    entity, month = desk.session.get_one(Entity, told.entity_id), month_of(told)
    form = form_of(desk, told, named_actions(desk.session, told, desk.today))
    first = desk.session.scalar(
        select(Outreach).where(Outreach.entity_id == entity.id, Outreach.month == str(month)).order_by(Outreach.id)
    )
    if told.rule == "R14" or first is None or not first.message_id:
        return request(form)
    return reminder(ReminderData(form, first.message_id, first.on))


def form_of(desk: Desk, told: Notice, asked: Sequence[Action]) -> RequestData:
    """The form of one cycle with these actions: what request, reiteration and handover show."""
    entity, month = desk.session.get_one(Entity, told.entity_id), month_of(told)
    copied, reference = _copied(desk, entity, asked), token_for(desk, entity.id, str(month))
    page = month_link(desk, reference, entity.id, month)
    return RequestData(
        to=(entity.mail,),
        cc=tuple(copied),
        copied=tuple(copied.values()),
        entity=entity.short,
        addressee=entity.name,
        month=month,
        deadline=told.due or desk.today,
        initiatives=tuple(_asked(desk, asked)),
        reference=reference,
        message_id=request_id(desk, told),
        letterhead=desk.studio.letterhead,
        illustrative=desk.studio.settings.illustrative,
        form_url=page.url,
        form_until=page.until,
    )


def _copied(desk: Desk, entity: Entity, asked: Sequence[Action]) -> dict[str, str]:
    """Address → short name: the other joint responsibles and the supporting entities; what is no entity is text (R6).

    The operator, which supports what it asks for, gets no copy of its own request.
    """
    known = {row.name: row for row in desk.session.scalars(select(Entity).order_by(Entity.name))}
    names = EntityNames(known)
    joint = {names.find(written) for action in asked for written in several(action.joint)}
    supporting = {names.find(written) for action in asked for written in several(action.supporting)}
    outside = {name for name in supporting - {None} if not known[name or ""].internal}
    chosen = [row for name, row in known.items() if name in joint | outside and row.mail != entity.mail]
    return {row.mail: row.short for row in chosen}


def _asked(desk: Desk, actions: Sequence[Action]) -> Iterator[AskedInitiative]:
    for name, group in groupby(actions, key=lambda action: action.initiative.name):
        yield AskedInitiative(name, tuple(_row(desk, action) for action in group))


def _row(desk: Desk, action: Action) -> AskedAction:
    last = latest(desk.session, action.id)
    overdue = action.due is not None and action.due < desk.today
    return AskedAction(
        code=action.code,
        text=action.text,
        due=action.due,
        percent=last.percent if last else None,
        narrative=last.text if last else "",
        overdue=overdue,
    )


def received_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    """What was understood of an entity's answer, as proposals; sent once for each answer."""
    entity, month = desk.session.get_one(Entity, notices[-1].entity_id), month_of(notices[-1])
    mails = [desk.session.get_one(InboundMail, n.inputs["mail"]) for n in notices if "mail" in n.inputs]
    came = [desk.session.get_one(FormSubmission, n.inputs["submission"]) for n in notices if "submission" in n.inputs]
    query = select(Proposal).where(Proposal.mail_id.in_([mail.id for mail in mails])).order_by(Proposal.id)
    items = [ReceivedItem(row.action.code, row.percent, row.text) for row in desk.session.scalars(query)]
    items += [received_item(item) for one in came for item in one.items]
    answered = {item.code for item in items} | _reported_codes(desk, entity.id, str(month))
    missing = [one.code for one in asked_actions(desk.session, entity.id, desk.today) if one.code not in answered]
    read = in_review(desk.session, entity.id, str(month))
    reviewed = tuple(code for code in missing if code in read or EVERY_ACTION in read)
    settings = desk.studio.settings
    return received(
        ReceivedData(
            to=(entity.mail,),
            entity=entity.short,
            month=month,
            items=tuple(items),
            reference=token_for(desk, entity.id, str(month)),
            message_id=message_id_for(notices[-1].key, settings.mail_domain),
            letterhead=desk.studio.letterhead,
            in_reply_to=_real_id(mails[-1].message_id) if mails else _request_sent(desk, entity.id, str(month)),
            pending=tuple(code for code in missing if code not in reviewed),
            reviewed=reviewed,
            illustrative=settings.illustrative,
            road=BY_FORM if came and not mails else BY_MAIL,
            signed="; ".join(dict.fromkeys(one.who for one in came if one.who)),
        )
    )


def received_item(item: Mapping[str, Any]) -> ReceivedItem:
    """One action of what a page brought, exactly as it was received."""
    met_on, wants_due = item["met_on"], item["wants_due"]
    more = (
        ("Fecha de cumplimiento", long_date(date.fromisoformat(met_on)) if met_on else ""),
        ("Evidencia", "; ".join(part for part in (item["evidence"], *item["files"]) if part)),
        ("Fecha propuesta", long_date(date.fromisoformat(wants_due)) if wants_due else ""),
    )
    return ReceivedItem(item["code"], item["percent"], item["text"], tuple(one for one in more if one[1]))


def _reported_codes(desk: Desk, entity_id: int, month: str) -> set[str]:
    """What the entity has reported of the month before, by whichever road."""
    return {row.action.code for row in desk.session.scalars(reports_of(entity_id, month))}


def _request_sent(desk: Desk, entity_id: int, month: str) -> str:
    """The letter that a page belongs to: its acknowledgement stands in the same thread."""
    asked = select(Outreach.message_id).where(Outreach.entity_id == entity_id, Outreach.month == month)
    return desk.session.scalar(asked.where(Outreach.message_id != "").order_by(Outreach.id).limit(1)) or ""


def unmatched_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    """R14: to whoever wrote first that day from an entity about nothing we know."""
    last = notices[-1]
    arrived = desk.session.get_one(InboundMail, last.inputs["mail"])
    return acknowledged(_acknowledged(desk, last, last.inputs["to"], RECEIVED.format(day=_came(arrived)), HOW))


def noted_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    """R14: to whoever wrote for an entity what is no answer yet; its contact gets the page of its request while open.

    That page is the contact's alone: a letter to a colleague, which the contact reads too, is without it.
    """
    last = notices[-1]
    entity, month = desk.session.get_one(Entity, last.entity_id), last.inputs["period"]
    to = last.inputs.get("to", entity.mail)
    data = _acknowledged(desk, last, to, *(_noted(desk, told) for told in notices))
    data = replace(data, cc=(entity.mail,) if to != entity.mail else ())
    if not month:
        return acknowledged(data)
    reference = token_for(desk, entity.id, month)
    page = month_link(desk, reference, entity.id, month_of(last))
    url = page.url if page.until >= desk.today and not data.cc else ""
    asked = select(Notice.due).where(Notice.rule == "R14", Notice.entity_id == entity.id, Notice.period == month)
    deadline = desk.session.scalars(asked).first()
    return acknowledged(replace(data, reference=reference, form_url=url, form_until=page.until, deadline=deadline))


def _noted(desk: Desk, told: Notice) -> str:
    if told.inputs["kind"] == Noted.PROMISE:
        return expected(date.fromisoformat(told.inputs["day"]), date.fromisoformat(told.inputs["until"]))
    words = PACKED if told.inputs["kind"] == Noted.PACKED else RECEIVED
    return words.format(day=_came(desk.session.get_one(InboundMail, told.inputs["mail"])))


def _came(mail: InboundMail) -> str:
    return long_date(local(mail.received_at).date())


def _acknowledged(desk: Desk, told: Notice, to: str, *paragraphs: str) -> AcknowledgedData:
    settings = desk.studio.settings
    return AcknowledgedData(
        to=(to,),
        paragraphs=tuple(dict.fromkeys(paragraphs)),
        why=reason(told),
        message_id=message_id_for(told.key, settings.mail_domain),
        letterhead=desk.studio.letterhead,
        in_reply_to=_real_id(desk.session.get_one(InboundMail, told.inputs["mail"]).message_id),
        illustrative=settings.illustrative,
    )


def _real_id(stored: str) -> str:
    """A mail that came without Message-ID is stored under the hash of its bytes: nothing to thread to."""
    return stored if stored.startswith("<") and stored.endswith(">") else ""


@dataclass(frozen=True)
class LaterMail:
    """A mail whose id is known and whose documents are drawn when it is called."""

    message_id: str
    draw: Callable[[str], OutgoingMail]

    def __call__(self) -> OutgoingMail:
        return self.draw(self.message_id)


def report_letter(desk: Desk, person: Person, told: Notice) -> LaterMail:
    """R23: the approved snapshot to the Viceministry. Its documents are drawn later, off the database's thread."""
    row = desk.session.get_one(Report, told.inputs["report"])
    why, key = reason(told), f"{told.key}|{person.id}"
    content, title = dict(row.content), name_of(row)
    link = f"{desk.studio.settings.public_url}/sitio/"
    settings, letterhead = desk.studio.settings, desk.studio.letterhead
    count = len(content.get("achievements", []))
    number = "un logro" if count == 1 else f"{count} logros"
    sentence = f"el {title}, que relaciona {number}" if count else f"el {title}; en el periodo no se registraron logros"

    def draw(message_id: str) -> OutgoingMail:
        documents, stem = render(row.kind, content), file_stem(content)
        return report(
            ReportData(
                to=(person.mail,),
                holder=person.name,
                gender=person.gender,
                title=title[:1].upper() + title[1:],
                summary=(f"De manera atenta remitimos {sentence}.",),
                attachments=(
                    Attachment(f"{stem}.pdf", PDF, documents.pdf),
                    Attachment(f"{stem}.xlsx", XLSX, documents.xlsx),
                ),
                message_id=message_id,
                letterhead=letterhead,
                link=link,
                why=why,
                illustrative=settings.illustrative,
            )
        )

    return LaterMail(message_id_for(key, settings.mail_domain), draw)


def card_letter(
    desk: Desk, person: Person, reader: Reader, card: Element, title: str, notices: Sequence[Notice]
) -> OutgoingMail:
    """R45: whoever has no Teams gets the same content by mail."""
    settings = desk.studio.settings
    said = [words for words, _same in groupby(_said(card))]
    return notice(
        NoticeData(
            to=(person.mail,),
            title=title,
            salutation=greeting(reader),
            paragraphs=tuple(text for text in said if text != greeting(reader)),
            why=reason(notices[0]),
            message_id=message_id_for(f"{desk.scope}|{person.id}", settings.mail_domain),
            letterhead=desk.studio.letterhead,
            links=(*_links(card), *links_of(desk, card, f"person:{person.id}")),
            illustrative=settings.illustrative,
        )
    )


def _said(element: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a card
    """Every sentence of a card, in reading order."""
    if isinstance(element, list):
        for part in element:
            yield from _said(part)
    elif isinstance(element, dict):
        if element.get("type") == "TextBlock":
            yield element["text"].replace("**", "")
        elif element.get("type") == "RichTextBlock":
            yield "".join(run["text"] if isinstance(run, dict) else run for run in element["inlines"])
        elif element.get("type") == "FactSet":
            yield from (f"{fact['title']}: {fact['value']}" for fact in element["facts"])
        for key in ("body", "items", "columns", "rows", "cells"):
            yield from _said(element.get(key))


def _links(element: Any) -> Iterator[Link]:  # noqa: ANN401 - any part of a card
    if isinstance(element, list):
        for part in element:
            yield from _links(part)
    elif isinstance(element, dict):
        if element.get("type") == "Action.OpenUrl":
            yield Link(element["title"], element["url"])
        for key in ("body", "items", "columns", "actions"):
            yield from _links(element.get(key))
