"""The renderer the scheduler is handed: a batch becomes a Teams post or a mail."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from bot.drawing import alerting, closing, contact_letters, entering, high_level, letters, meetings, month, planning
from bot.drawing.context import Desk, Studio, reader_for
from bot.drawing.troubles import tray_card
from cards.parts import Element, Reader
from mail.gateway import OutgoingMail
from methodology.people import actor_of, is_acting
from methodology.rules.states import Post
from methodology.rules.table import MAIL, RULES
from methodology.telling import CONTACTS, REQUESTS, VALIDATIONS
from scheduler.ports import Batch, Outgoing
from storage.ledger import Notice, TeamsPlace
from storage.matrix import Initiative, Person

Drawn = tuple[Element, str]
Draw = Callable[[Desk, Reader, Sequence[Notice]], Drawn | None]

DRAWINGS: dict[str, Draw] = {
    "opening": lambda desk, reader, notices: month.opening_card(desk, reader, notices[-1]),
    "delegated": lambda desk, reader, notices: month.opening_card(desk, reader, notices[-1]),
    "heads-up": lambda desk, reader, notices: month.heads_up_card(desk, reader, notices[-1]),
    "nudge": lambda desk, reader, notices: month.nudge_card(desk, reader, notices[-1]),
    "missing": lambda desk, _reader, notices: month.missing_card(desk, notices),
    "alerts": alerting.digest,
    "escalation": lambda desk, _reader, notices: alerting.escalation_card(desk, notices),
    "pointer": alerting.pointer_card,
    "pointed": lambda desk, _reader, notices: alerting.pointed_cards(desk, notices),
    "decisions": alerting.decision_card,
    "answers": alerting.answered_card,
    "cases": planning.case_card,
    "measure": high_level.measure_card,
    "minister": high_level.minister_card,
    "second-moment-proposal": high_level.proposal_card,
    "exit": high_level.exit_news,
    "undated": entering.undated_card,
    "closing": closing.closing_card,
    "validation-answered": entering.answered_card,
    "resume": lambda desk, reader, notices: closing.resume_card(desk, reader, notices[-1]),
    "next-meeting": meetings.next_meeting_card,
    "meeting-outcome": meetings.outcome_card,
    "meeting-suggestion": meetings.suggestion_card,
    "matrix-update": meetings.matrix_card,
    "drafts": lambda desk, _reader, notices: planning.draft_card(desk, notices[-1]),
    "tray": lambda desk, _reader, _notices: tray_card(desk),
    "backlog": lambda desk, _reader, _notices: planning.backlog_card(desk),
}


BY_MAIL = {"pointer": "pointed"}
"""Who has no Teams is not pointed to a channel: the decision itself goes by mail."""
Write = Callable[[Desk, Batch], OutgoingMail | letters.LaterMail]

LETTERS: dict[str, Write] = {
    "invitation": high_level.invitation_letter,
    "second-moment": high_level.second_moment_letter,
    "request": lambda desk, batch: letters.request_letter(desk, batch.notices[-1]),
    "reminder": lambda desk, batch: letters.request_letter(desk, batch.notices[-1]),
    "contact": lambda desk, batch: contact_letters.check_letter(desk, batch.notices[-1]),
    "handover": lambda desk, batch: contact_letters.handover_letter(desk, batch.notices[-1]),
    "former-contact": lambda desk, batch: contact_letters.former_letter(desk, batch.notices),
    "received": lambda desk, batch: letters.received_letter(desk, batch.notices),
    "unmatched": lambda desk, batch: letters.unmatched_letter(desk, batch.notices),
    "noted": lambda desk, batch: letters.noted_letter(desk, batch.notices),
    "convening": lambda desk, batch: meetings.convening_letter(desk, batch.notices),
    "cancelling": lambda desk, batch: meetings.convening_letter(desk, batch.notices),
    "candidate": lambda desk, batch: closing.candidate_letter(desk, letters.addressee(desk, batch), batch.notices[-1]),
    "validation": lambda desk, batch: entering.validation_letter(desk, batch.notices),
    "validation-received": lambda desk, batch: entering.receipt_letter(desk, batch.notices),
    "bottleneck": lambda desk, batch: entering.bottleneck_letter(desk, batch.notices),
    "report": lambda desk, batch: letters.report_letter(desk, letters.addressee(desk, batch), batch.notices[-1]),
}
"""What goes by mail by its nature (R45), by bundle; a card for somebody without Teams becomes a letter by itself."""

OUTSIDE: dict[str, Write] = {"measure": high_level.measure_letter}
"""What is a card for a person of the directory and a letter for an entity or a member of a team."""


@dataclass(frozen=True)
class TeamsPost:
    """A card on its way: to a known conversation, to a person not met yet (`aad_id`), or to a channel."""

    reader: str
    card: Element
    summary: str
    conversation_id: str = ""
    service_url: str = ""
    aad_id: str = ""
    channel_id: str = ""
    tenant_id: str = ""
    blocked: str = ""


class Renderer:
    """Draws a batch from today's state, in the transaction that marks it as being sent."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def __call__(self, session: Session, batch: Batch) -> Outgoing | None:
        desk = Desk(session, self._studio, batch.id, batch.now)
        kind, _, ref = batch.reader.partition(":")
        if write := LETTERS.get(batch.bundle) or (OUTSIDE.get(batch.bundle) if kind in ("entity", "member") else None):
            letter = write(desk, batch)
            return Outgoing(letter, self._outreach(desk, batch), letter.message_id)
        if kind == "channel":
            return self._channel(desk, batch, ref)
        return self._person(desk, batch, session.get_one(Person, int(ref)))

    def _outreach(self, desk: Desk, batch: Batch) -> dict[str, str]:
        """What is kept of a request: an answer is recognised by it (R14, R26, R29)."""
        notice = batch.notices[-1]
        if notice.rule in VALIDATIONS:
            reference = entering.validation_reference(desk, notice)
            return {"message_id": letters.request_id(desk, notice), "token": reference}
        if notice.rule in CONTACTS:
            reference = contact_letters.contact_reference(desk, notice)
            return {"message_id": letters.request_id(desk, notice), "token": reference}
        if notice.rule not in REQUESTS or notice.entity_id is None:
            return {}
        mail = letters.request_id(desk, notice)
        return {"message_id": mail, "token": letters.token_for(desk, notice.entity_id, notice.inputs["period"])}

    def _channel(self, desk: Desk, batch: Batch, slug: str) -> Outgoing | None:
        drawn = DRAWINGS[batch.bundle](desk, Reader("", "f"), batch.notices)
        if drawn is None:
            return None
        channel = escalation_channel(self._studio, desk.session, batch.notices[0].initiative_id)
        known = desk.session.get(TeamsPlace, f"channel:{channel}")
        card, summary = drawn
        post = TeamsPost(
            reader=f"channel:{slug}",
            card=self._studio.noted(card),
            summary=summary,
            channel_id=channel,
            service_url=known.service_url if known else self._studio.settings.teams_service_url,
            tenant_id=known.tenant_id if known else self._studio.settings.tenant_id,
        )
        return Outgoing(post, {})

    def _person(self, desk: Desk, batch: Batch, person: Person) -> Outgoing | None:
        post, where = self._post_of(desk, person, batch), batch.notices[0].initiative_id
        reader = reader_for(person, post, acting=is_acting(desk.session, person.id, post, where, desk.today))
        bundle = BY_MAIL.get(batch.bundle, batch.bundle) if batch.channel == MAIL else batch.bundle
        drawn = DRAWINGS[bundle](desk, reader, batch.notices)
        if drawn is None:
            return None
        card, summary = drawn
        if batch.channel == MAIL:
            letter = letters.card_letter(desk, person, reader, card, summary, batch.notices)
            return Outgoing(letter, {}, letter.message_id)
        return Outgoing(self.personal(desk.session, person, card, summary), {})

    def personal(self, session: Session, person: Person, card: Element, summary: str) -> TeamsPost:
        """A card for one person: in the chat we know, else in one to be opened."""
        known = session.get(TeamsPlace, f"person:{person.id}")
        return TeamsPost(
            reader=f"person:{person.id}",
            card=self._studio.noted(card),
            summary=summary,
            conversation_id=known.conversation_id if known else "",
            service_url=known.service_url if known else self._studio.settings.teams_service_url,
            aad_id=person.aad_id or "",
            tenant_id=known.tenant_id if known else self._studio.settings.tenant_id,
            blocked=known.blocked if known else "",
        )

    def _post_of(self, desk: Desk, person: Person, batch: Batch) -> str:
        """Under which post this person reads: the notice's own, or the copy's; whoever it names, any of theirs."""
        rule = RULES[batch.notices[0].rule]
        actor = actor_of(desk.session, person, desk.today)
        return actor.holds((rule.post, *rule.copies, *Post), batch.notices[0].initiative_id) or Post.LEADER


def escalation_channel(studio: Studio, session: Session, initiative_id: int | None) -> str:
    """The initiative's own escalation channel, or the settings' one; empty when there is none."""
    initiative = session.get(Initiative, initiative_id) if initiative_id is not None else None
    own: Any = initiative.escalation_channel if initiative else ""
    return str(own or studio.settings.escalation_channel)
