"""Letters about an entity's contact (R14): its check, its handover with what is pending, a word to the former one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.drawing.context import Desk
from bot.drawing.letters import form_of, request_id, token_for
from mail.gateway import OutgoingMail
from mail.writing.contact import ContactData, contact_check, former_contact, handover, handover_with_request
from methodology.notices import reason
from methodology.rules.spanish import short_date
from methodology.telling import asked_actions, named_actions
from storage.ledger import Notice
from storage.matrix import Entity

NO_DATE = "Sin fecha"


def check_letter(desk: Desk, told: Notice) -> OutgoingMail:
    return contact_check(_data(desk, told))


def handover_letter(desk: Desk, told: Notice) -> OutgoingMail:
    """What is pending goes with it, as long as something is."""
    if told.inputs.get("codes") and (asked := named_actions(desk.session, told, desk.today)):
        return handover_with_request(form_of(desk, told, asked))
    return handover(_data(desk, told))


def former_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    to = tuple(dict.fromkeys(str(told.inputs["former"]) for told in notices))
    return former_contact(_data(desk, notices[-1], to))


def contact_reference(desk: Desk, told: Notice) -> str:
    """The pending request's own, else one for this word alone."""
    about = told.inputs["period"] if told.inputs.get("codes") else f"{told.rule}:{told.period}"
    return token_for(desk, told.entity_id or 0, about)


def _data(desk: Desk, told: Notice, to: tuple[str, ...] = ()) -> ContactData:
    entity = desk.session.get_one(Entity, told.entity_id)
    rows = asked_actions(desk.session, entity.id, desk.today)
    return ContactData(
        to=to or (entity.mail,),
        entity=entity.short,
        name=entity.name,
        message_id=request_id(desk, told),
        letterhead=desk.studio.letterhead,
        why=reason(told),
        reference="" if to else contact_reference(desk, told),
        actions=tuple((row.code, row.text, short_date(row.due) if row.due else NO_DATE) for row in rows),
        illustrative=desk.studio.settings.illustrative,
    )
