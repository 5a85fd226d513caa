"""R28: after a reunión de logros that brought actions in, the updated matrix is published within 5 hábil days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.contents import MATRIX, PUBLISHED
from methodology.notices import plan
from methodology.operation import INITIATIVE, Doing, Operation
from methodology.publishing import approve, draft, name_of
from methodology.refusals import NotNow
from methodology.rules.periods import Period
from methodology.rules.states import InitiativeState, MeetingKind, MeetingState, Post
from methodology.seen import SHOWN
from storage.ledger import Notice, Report
from storage.life import Meeting
from storage.matrix import Action, Initiative

RULE = "R28"


def owe_update(doing: Doing, meeting: Meeting) -> date | None:
    """The day by which the matrix is published, told to planning; None when the meeting owes none.

    Call it when the meeting was held, and when an action enters later as brought in by it.
    """
    if meeting.kind != MeetingKind.ACHIEVEMENTS or meeting.state != MeetingState.HELD or meeting.held_on is None:
        return None
    entered = brought_in(doing.session, meeting.id)
    if not entered or meeting.initiative is None:
        return None
    last = max(meeting.held_on, *(row.validated_on for row in entered if row.validated_on))
    due = doing.method.calendar.add(last, doing.method.of(meeting.initiative).publish_habiles)
    meeting.publish_by = due
    plan(
        doing.session,
        RULE,
        subject="matriz",
        period=f"{meeting.id}:{due.isoformat()}",
        recorded_on=doing.today,
        due=due,
        initiative_id=meeting.initiative_id,
        inputs={"meeting": meeting.id, "held_on": meeting.held_on.isoformat()},
    )
    return due


def brought_in(session: Session, meeting_id: int) -> list[Action]:
    """The actions that a meeting brought in and that are part of the matrix."""
    query = select(Action).where(Action.incorporated_in == meeting_id, Action.state.in_(SHOWN))
    meeting = session.get_one(Meeting, meeting_id)
    return list(session.scalars(query.where(Action.initiative_id == meeting.initiative_id).order_by(Action.code)))


def is_published(session: Session, meeting: Meeting) -> bool:
    """Whether a published matrix holds everything that the meeting brought in."""
    codes = {row.code for row in brought_in(session, meeting.id)}
    last = latest_published(session, meeting.initiative_id)
    return last is not None and codes <= set(_codes(last))


def latest_published(session: Session, initiative_id: int | None) -> Report | None:
    """The matrix as it was last published."""
    rows = select(Report).where(Report.kind == MATRIX, Report.initiative_id == initiative_id, Report.state == PUBLISHED)
    return session.scalars(rows.order_by(Report.approved_at.desc(), Report.id.desc())).first()


def _codes(report: Report) -> Iterator[str]:
    for obstacle in report.content["obstacles"]:
        for solution in obstacle["solutions"]:
            yield from (action["code"] for action in solution["actions"])


def settled(session: Session, notice: Notice, today: date) -> str | None:
    """Why planning need not be told any more."""
    del today
    meeting = session.get_one(Meeting, notice.inputs["meeting"])
    if notice.due != meeting.publish_by:
        return "otra acción de esa reunión se validó después: el plazo es otro"
    if not brought_in(session, meeting.id):
        return "ninguna acción de esa reunión sigue en la matriz"
    return "la matriz ya se publicó" if is_published(session, meeting) else None


def publish(doing: Doing, *, initiative: Initiative) -> str:
    """The matrix as it stands, published as an immutable snapshot: version n+1 and what changed."""
    session, now, settings = doing.session, doing.now, doing.published
    period = Period.of(doing.today, doing.method.of(initiative).periodicity)
    report = draft(session, MATRIX, initiative.id, period, now, settings=settings)
    if report.state == PUBLISHED:
        raise NotNow(f"La matriz de {initiative.name} no ha cambiado desde su última publicación.")
    approve(session, report.id, doing.actor.name, now, settings=settings)
    return f"Se publicó la {name_of(report)}. {_changes(report)}"


def _changes(report: Report) -> str:
    changes = report.content.get("changes") or {}
    rows = [f"{row['code']} ({row['what'].lower()})" for row in changes.get("rows", ())]
    if not rows:
        return "Sin cambios frente a lo publicado antes."
    return f"Cambió desde {changes['since']}: {', '.join(rows)}."


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="matriz.publicar",
        title="Publicar la matriz",
        rule=RULE,
        posts=(Post.PLANNING,),
        fields=(INITIATIVE,),
        do=publish,
        states=(InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING),
    ),
)
