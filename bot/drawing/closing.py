"""How the life of an initiative is told: candidate to MinCIT (R39), resumption, proposal to close (R35, R36)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from bot.drawing.context import Desk
from bot.drawing.forms import open_button
from cards import closing, resume
from cards.parts import Element, Reader
from mail.gateway import OutgoingMail, message_id_for
from mail.writing.candidate import CandidateData, candidate
from methodology.completion import FIRST_ACTION, beginning, term
from methodology.notices import reason
from methodology.operation import Kind
from methodology.pauses import in_digest
from methodology.rules.states import OPEN_ALERTS
from methodology.standing import standing
from storage.ledger import Alert, Notice
from storage.matrix import Initiative, Person

ALL_MET = "R35"


def closing_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R35: everything is met; R36: the term nears or is complete. Closing itself is confirmed by people."""
    initiative = desk.session.get_one(Initiative, notices[-1].initiative_id)
    method = desk.studio.method
    limits = method.of(initiative)
    due = notices[-1].due or term(desk.session, initiative, method, desk.today) or desk.today
    began = desk.session.scalar(select(beginning(limits)).where(Initiative.id == initiative.id))
    data = closing.Closing(
        reader=reader,
        initiative=initiative.name,
        launch=began or due,
        due=due,
        days=(due - desk.today).days,
        figures=standing(desk.session, initiative, desk.today, method).figures,
        months=limits.closing_months,
        all_met=any(notice.rule == ALL_MET for notice in notices),
        matrix_url=desk.studio.matrix_url(initiative),
        slug=initiative.slug,
        open=open_button(desk, Kind.INITIATIVE, initiative),
        why=desk.button("notice.why", {"notice": notices[-1].id}),
        from_first_action=limits.closing_from == FIRST_ACTION,
    )
    return closing.closing(data), closing.summary(data)


def resume_card(desk: Desk, reader: Reader, notice: Notice) -> tuple[Element, str]:
    """The one digest of a pause: what was left to it, as each was recorded; alerts closed by now are left out."""
    initiative = desk.session.get_one(Initiative, notice.initiative_id)
    carried = [one for one in in_digest(desk.session, notice) if _stands(desk, one)]
    data = resume.Resume(
        reader=reader,
        initiative=initiative.name,
        paused_on=date.fromisoformat(notice.inputs["paused_on"]),
        resumed_on=notice.recorded_on,
        lines=tuple(_line(one) for one in carried),
        rises_on=_rises_on(desk, initiative) if any(one.alert_id for one in carried) else None,
        matrix_url=desk.studio.matrix_url(initiative),
    )
    return resume.resume(data), resume.summary(data)


def _stands(desk: Desk, notice: Notice) -> bool:
    alert = desk.session.get(Alert, notice.alert_id) if notice.alert_id else None
    return alert is None or alert.state in OPEN_ALERTS


def _line(notice: Notice) -> resume.ResumeLine:
    name = notice.initiative.name if notice.initiative else ""
    subject = name if notice.initiative and notice.subject == notice.initiative.slug else notice.subject
    return resume.ResumeLine(subject, notice.action.text if notice.action else "", reason(notice))


def _rises_on(desk: Desk, initiative: Initiative) -> date:
    """R17: the hold begins when the digest is delivered, which is today."""
    method = desk.studio.method
    return method.calendar.add(desk.today, method.of(initiative).hold_habiles)


def candidate_letter(desk: Desk, person: Person, notice: Notice) -> OutgoingMail:
    """R39: to whoever holds the Viceministry on the day of sending."""
    initiative = desk.session.get_one(Initiative, notice.initiative_id)
    settings = desk.studio.settings
    return candidate(
        CandidateData(
            to=(person.mail,),
            gender=person.gender,
            name=initiative.name,
            grounds=initiative.grounds,
            why=reason(notice),
            message_id=message_id_for(f"{notice.key}|{person.id}", settings.mail_domain),
            letterhead=desk.studio.letterhead,
            phase_two=initiative.phase_two,
            illustrative=settings.illustrative,
        )
    )
