"""What is told of meetings: no next date (R8), one is suggested (R25), the matrix is due (R28), the convening (R24)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from bot.drawing.context import Desk
from bot.drawing.forms import about_button, operation_button
from cards import matrix_update, meeting_outcome, meeting_suggestion, next_meeting
from cards.parts import Element, Reader
from mail.gateway import OutgoingMail, message_id_for
from mail.writing.invitation_ics import AgendaRow, Convening, convening
from methodology import agendas
from methodology.matrix_updates import brought_in, latest_published
from methodology.meetings import CANCELLING, CONVENING, called
from methodology.notices import reason
from methodology.operation import Kind
from methodology.operations import find
from methodology.rules.states import MEETING_NAMES, AlertState, MeetingKind, NoticeState
from methodology.standing import standing
from methodology.sweeping.meetings import MATRIX_DUE
from storage.ledger import Alert, Notice
from storage.life import Meeting
from storage.matrix import Initiative

_RAISED = (AlertState.RAISED_1, AlertState.RAISED_2)


def next_meeting_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R8: the leader is asked for the date that was left open."""
    notice = notices[-1]
    meeting, initiative = _meeting(desk, notice), desk.session.get_one(Initiative, notice.initiative_id)
    held_on = meeting.held_on or notice.recorded_on
    data = next_meeting.NextMeeting(
        reader=reader,
        initiative=initiative.name,
        meeting=MEETING_NAMES[meeting.kind],
        held_on=held_on,
        days=(desk.today - held_on).days,
        set_date=_form(desk, "reunion.proxima", initiative, {"reunion": str(meeting.id)}),
        prepare=_prepare(desk, initiative),
    )
    return next_meeting.next_meeting(data), next_meeting.summary(data)


def outcome_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R24: what came of these meetings is still to be recorded."""
    data = meeting_outcome.MeetingOutcome(reader, tuple(_unrecorded(desk, notice) for notice in notices))
    return meeting_outcome.meeting_outcome(data), meeting_outcome.summary(data)


def _unrecorded(desk: Desk, notice: Notice) -> meeting_outcome.UnrecordedMeeting:
    meeting = _meeting(desk, notice)
    return meeting_outcome.UnrecordedMeeting(
        meeting=called(meeting),
        on=meeting.on or notice.due or desk.today,
        record=about_button(desk, find("reunion.realizada"), Kind.MEETING, meeting),
        cancel=about_button(desk, find("reunion.cancelar"), Kind.MEETING, meeting),
        why=desk.button("notice.why", {"notice": notice.id}),
    )


def suggestion_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R25: every reason of the day in one card, by initiative."""
    reasons: dict[int, list[str]] = {}
    for notice in notices:
        if notice.initiative_id is not None:
            reasons.setdefault(notice.initiative_id, []).append(notice.inputs["reason"])
    rows = desk.session.scalars(select(Initiative).where(Initiative.id.in_(reasons)).order_by(Initiative.position))
    suggested = tuple(_suggested(desk, row, reasons[row.id]) for row in rows)
    data = meeting_suggestion.MeetingSuggestion(reader, suggested)
    return meeting_suggestion.meeting_suggestion(data), meeting_suggestion.summary(data)


def _suggested(desk: Desk, initiative: Initiative, reasons: Sequence[str]) -> meeting_suggestion.Suggested:
    raised = select(func.count(Alert.id)).where(Alert.initiative_id == initiative.id, Alert.state.in_(_RAISED))
    return meeting_suggestion.Suggested(
        initiative=initiative.name,
        reasons=tuple(reasons),
        figures=standing(desk.session, initiative, desk.today, desk.studio.method).figures,
        raised=desk.session.scalar(raised) or 0,
        exits=len(agendas.exits_to_tell(desk.session, initiative.id)),
        new_actions=len(agendas.to_bring_in(desk.session, initiative.id)),
        prepare=_prepare(desk, initiative),
        matrix_url=desk.studio.matrix_url(initiative),
    )


def matrix_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R28: to planning, after the meeting and on the last day."""
    notice = notices[-1]
    meeting, initiative = _meeting(desk, notice), desk.session.get_one(Initiative, notice.initiative_id)
    entered = brought_in(desk.session, meeting.id)
    before = latest_published(desk.session, initiative.id)
    data = matrix_update.MatrixUpdate(
        reader=reader,
        initiative=initiative.name,
        held_on=meeting.held_on or notice.recorded_on,
        due=notice.due or desk.today,
        actions=tuple(matrix_update.NewAction(row.code, row.text, row.entity.short) for row in entered),
        published=before.version if before else 0,
        last_day=notice.subject == MATRIX_DUE,
        publish=_form(desk, "matriz.publicar", initiative, {"iniciativa": initiative.slug}),
        matrix_url=desk.studio.matrix_url(initiative),
    )
    return matrix_update.matrix_update(data), matrix_update.summary(data)


def _meeting(desk: Desk, notice: Notice) -> Meeting:
    return desk.session.get_one(Meeting, notice.inputs["meeting"])


def _prepare(desk: Desk, initiative: Initiative) -> str:
    given = {"clase": str(MeetingKind.ACHIEVEMENTS), "iniciativa": initiative.slug}
    return _form(desk, "reunion.preparar", initiative, given)


def _form(desk: Desk, operation: str, initiative: Initiative, given: Mapping[str, str]) -> str:
    return operation_button(desk, find(operation), given, initiative.id, {})


def convening_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    """R24: the newest word about a meeting, to its guests of then: convened, changed or cancelled (also for some)."""
    notice, settings = notices[-1], desk.studio.settings
    meeting = _meeting(desk, notice)
    on = meeting.on or notice.due or desk.today
    items = agendas.items_of(desk.session, meeting)
    return convening(
        Convening(
            number=meeting.id,
            sequence=notice.inputs["sequence"],
            what=called(meeting),
            on=on,
            begins=meeting.begins,
            minutes=meeting.minutes,
            place=meeting.place,
            guests=tuple(notice.inputs.get("guests", meeting.guests)),
            agenda=tuple(
                AgendaRow(
                    hour,
                    item.title,
                    agendas.speaker_of(desk.session, item, on),
                    item.minutes,
                    item.content[0] if item.content else "",
                )
                for hour, item in zip(agendas.times(meeting, items), items, strict=True)
            ),
            stamp=desk.now,
            why=reason(notice),
            message_id=message_id_for(notice.key, settings.mail_domain),
            letterhead=desk.studio.letterhead,
            domain=settings.mail_domain,
            updated=_was_told(desk, meeting, notice),
            cancelled=notice.rule == CANCELLING,
            reason=notice.inputs.get("reason", ""),
            illustrative=settings.illustrative,
        )
    )


def _was_told(desk: Desk, meeting: Meeting, notice: Notice) -> bool:
    """Whether the guests had an earlier letter about this meeting."""
    earlier = select(Notice.id).where(
        Notice.rule == CONVENING,
        Notice.period.startswith(f"{meeting.id}."),
        Notice.id < notice.id,
        Notice.state.not_in((NoticeState.PLANNED, NoticeState.WITHDRAWN)),
    )
    return desk.session.scalars(earlier.limit(1)).first() is not None
