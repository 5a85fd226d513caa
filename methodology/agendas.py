"""R4, R5, R9, R24, R25, R34: what a meeting's agenda says, drafted from the ledger as it stands.

`refresh` writes a draft into a meeting and may run again: what people edited or decided stays, what is new comes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from methodology import entry
from methodology.history import CLOCK
from methodology.launch_agenda import DISCUSSION, launch_points
from methodology.method import Method
from methodology.news import candidates, initiative_news, overdue_agreements, progress
from methodology.operation import Doing
from methodology.people import Actor, holdings
from methodology.points import Point
from methodology.rules.spanish import long_date
from methodology.rules.states import (
    POST_NAMES,
    ActionState,
    AlertState,
    InitiativeState,
    ItemState,
    MeetingKind,
    MeetingState,
    Post,
)
from methodology.standing import running
from methodology.suggestions import base_of
from storage.ledger import Alert
from storage.life import AgendaItem, Meeting
from storage.matrix import Action, Holding, Initiative

MANUAL = "manual"
EXIT = "salida"
NEW_ACTION = "alta"
PER_INITIATIVE = "iniciativa"
QUIET = "sin_novedad"
_LASTING = (MANUAL, PER_INITIATIVE, DISCUSSION)
"""What comes back whatever the ledger says by then; the other points are drafted as long as there is reason to."""
_DEFERRED = "Punto aplazado de la reunión del {day}."
_VACANT: Mapping[str, str] = {
    Post.LEADER: "Líder técnico (por designar)",
    Post.MANAGEMENT: "Gerencia General",
    Post.PLANNING: "Planeación",
    Post.VICE_MINISTER: "Viceministerio de Desarrollo Empresarial",
}
_RAISED = (AlertState.RAISED_1, AlertState.RAISED_2)
AHEAD = (MeetingState.PREPARED, MeetingState.CONVENED)
GOING_ON = (InitiativeState.RUNNING, InitiativeState.CLOSING)


# --- reading an agenda --------------------------------------------------------------------------------------------


def items_of(session: Session, meeting: Meeting) -> list[AgendaItem]:
    """The agenda, in its order."""
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting.id)
    return list(session.scalars(query.order_by(AgendaItem.position, AgendaItem.id)))


def speaker_of(session: Session, item: AgendaItem, day: date) -> str:
    """Who speaks: the holder of the post on that day, with the right gender and «(E)»; or whom a person wrote.

    Once the meeting was held, whoever spoke then.
    """
    if not item.post or item.meeting.state == MeetingState.HELD:
        return item.speaker
    found = holdings(session, item.post, _where(session, item), day)
    if not found:
        return _VACANT.get(item.post, POST_NAMES[Post(item.post)][0])
    speakers = found if item.post == Post.LEADER else found[-1:]
    return " y ".join(dict.fromkeys(_named(one) for one in speakers))


def _named(holding: Holding) -> str:
    post = POST_NAMES[Post(holding.post)][holding.person.gender != "m"]
    return f"{holding.person.name}, {post}{' (E)' if holding.acting else ''}"


def _where(session: Session, item: AgendaItem) -> int | None:
    if item.meeting.initiative_id is not None or item.kind != PER_INITIATIVE:
        return item.meeting.initiative_id
    return session.scalar(select(Initiative.id).where(Initiative.slug == item.subject))


def times(meeting: Meeting, items: Sequence[AgendaItem]) -> list[str]:
    """«Minuto a minuto»: the hour at which each point begins."""
    hour, _, minute = (meeting.begins or "0:00").partition(":")
    clock, found = int(hour) * 60 + int(minute), []
    for item in items:
        found.append(f"{clock // 60 % 24:02d}:{clock % 60:02d}")
        clock += item.minutes
    return found


# --- writing it ---------------------------------------------------------------------------------------------------


def refresh(doing: Doing, meeting: Meeting) -> list[AgendaItem]:
    """Draft the agenda of a meeting ahead, or bring its draft up to date; speakers are those of its day."""
    session = doing.session
    items = items_of(session, meeting)
    known = {(item.kind, item.subject): item for item in items if item.kind != MANUAL}
    returned = returned_items(session, meeting)
    for point in draft(doing, meeting, returned):
        item, back = known.get((point.kind, point.subject)), returned.pop((point.kind, point.subject), None)
        if item is not None and item.returns_id:
            back = session.get(AgendaItem, item.returns_id)
        content = [*point.content, *([_deferred(back)] if back else [])]
        if item is None:
            items.append(_item(meeting, point, content, back))
            session.add(items[-1])
        elif item.state == ItemState.PENDING:
            item.content = content
            item.title = point.title if item.kind == QUIET else item.title
    items.extend(_again(session, meeting, back) for back in returned.values() if back.kind in _LASTING)
    for position, item in enumerate(items, 1):
        item.position, item.meeting = position, meeting
        item.speaker = speaker_of(session, item, meeting.on or doing.today)
    session.flush()
    return items


def refresh_ahead(session: Session, method: Method, now: datetime) -> None:
    """Every day: what has happened since a meeting was prepared is on its agenda (R24, R34). A launch keeps its own."""
    drafted = (MeetingKind.INTERNAL, MeetingKind.ACHIEVEMENTS)
    ahead = select(Meeting).where(Meeting.state.in_(AHEAD), Meeting.kind.in_(drafted)).order_by(Meeting.id)
    doing = Doing(session, Actor(0, CLOCK, "f", frozenset()), now, method)
    for meeting in session.scalars(ahead).all():
        if meeting.initiative is None or meeting.initiative.state in GOING_ON:
            refresh(doing, meeting)


def _item(meeting: Meeting, point: Point, content: list[str], back: AgendaItem | None) -> AgendaItem:
    return AgendaItem(
        meeting_id=meeting.id,
        position=0,
        kind=point.kind,
        subject=point.subject,
        title=point.title,
        post=point.post,
        speaker="",
        minutes=point.minutes,
        content=content,
        state=ItemState.PENDING,
        decision="",
        returns_id=back.id if back else None,
    )


def _again(session: Session, meeting: Meeting, back: AgendaItem) -> AgendaItem:
    """A point that was not decided and that no draft holds: as it was, in this meeting."""
    point = Point(back.kind, back.title, back.post, back.minutes, (), back.subject)
    content = [line for line in back.content if not line.startswith(_DEFERRED.partition("{")[0])]
    item = _item(meeting, point, [*content, _deferred(back)], back)
    item.speaker = back.speaker
    session.add(item)
    return item


def _deferred(back: AgendaItem) -> str:
    day = back.meeting.held_on or back.meeting.on
    return _DEFERRED.format(day=long_date(day) if day else "anterior")


Returned = dict[tuple[str, str], AgendaItem]


def returned_items(session: Session, meeting: Meeting) -> Returned:
    """What meetings before this one of the same kind and initiative left undecided and no later one took up.

    The discussion of a launch comes back in the first reunión de logros.
    """
    same = Meeting.kind == meeting.kind
    if meeting.kind == MeetingKind.ACHIEVEMENTS:
        same = or_(same, (Meeting.kind == MeetingKind.LAUNCH) & (AgendaItem.kind == DISCUSSION))
    taken_up = select(AgendaItem.returns_id).where(AgendaItem.returns_id.is_not(None))
    query = (
        select(AgendaItem)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .where(
            same,
            Meeting.initiative_id.is_not_distinct_from(meeting.initiative_id),
            Meeting.id != meeting.id,
            AgendaItem.state == ItemState.RETURNS,
            AgendaItem.id.not_in(taken_up),
        )
        .order_by(AgendaItem.id)
    )
    rows = session.scalars(query).all() if meeting.kind != MeetingKind.LAUNCH else []
    return {(row.kind, row.subject or f"#{row.id}" if row.kind == MANUAL else row.subject): row for row in rows}


def draft(doing: Doing, meeting: Meeting, returned: Returned) -> list[Point]:
    """The points that the method asks of this kind of meeting today."""
    if meeting.initiative is None:
        return internal_points(doing, meeting, returned)
    if meeting.kind == MeetingKind.LAUNCH:
        return launch_points(doing, meeting.initiative)
    return achievements_points(doing, meeting.initiative)


def internal_points(doing: Doing, meeting: Meeting, returned: Returned) -> list[Point]:
    """R24: a point for every initiative that needs attention, one line for all the others."""
    session, since = doing.session, last_internal(doing.session)
    on_agenda = {item.subject for item in items_of(session, meeting) if item.kind == PER_INITIATIVE}
    waiting = {subject for kind, subject in returned if kind == PER_INITIATIVE} | on_agenda
    points, quiet = [], []
    for initiative in running(session):
        figures, news = initiative_news(doing, initiative, since)
        if news or initiative.slug in waiting:
            lines = (*figures, *news)
            points.append(Point(PER_INITIATIVE, initiative.name, Post.LEADER, 10, lines, initiative.slug))
        else:
            quiet.append(initiative.name)
    if quiet:
        title = f"Sin novedad: {', '.join(quiet)}"
        points.append(Point(QUIET, title, Post.PLANNING, 2))
    if found := candidates(session):
        points.append(Point("candidatas", "Candidatas a nueva iniciativa", Post.MANAGEMENT, 10, tuple(found)))
    if late := overdue_agreements(session, doing.today):
        points.append(Point("acuerdos", "Acuerdos vencidos", Post.PLANNING, 5, tuple(late)))
    return points


def last_internal(session: Session) -> date | None:
    """The day of the last internal meeting."""
    query = select(func.max(Meeting.held_on)).where(
        Meeting.kind == MeetingKind.INTERNAL, Meeting.state == MeetingState.HELD
    )
    return session.scalar(query)


def achievements_points(doing: Doing, initiative: Initiative) -> list[Point]:
    """R25, R26, R34: progress and logros since the last one, raised alerts, exits to tell, new validated actions."""
    session, since = doing.session, base_of(initiative)
    moved, logros = progress(doing, initiative, since)
    period = f"desde el {long_date(since)}" if since else "desde el lanzamiento"
    points = [
        Point("avances", f"Avance de la matriz {period}", Post.LEADER, 15, tuple(moved)),
        Point("logros", f"Logros {period}", Post.LEADER, 15, tuple(logros)),
    ]
    if raised := tuple(_raised_alerts(session, initiative)):
        points.append(Point("alertas", "Alertas elevadas", Post.LEADER, 10, raised))
    points += [
        Point(EXIT, f"Salida de {action.code}", Post.MANAGEMENT, 5, tuple(_exit_lines(action)), action.code)
        for action in exits_to_tell(session, initiative.id)
    ]
    used = entry_meetings_line(doing, initiative)
    points += [
        Point(NEW_ACTION, f"Nueva acción {action.code}", Post.LEADER, 5, (*_new_lines(action), used), action.code)
        for action in to_bring_in(session, initiative.id)
    ]
    return points


def _raised_alerts(session: Session, initiative: Initiative) -> Iterator[str]:
    query = select(Alert).where(Alert.initiative_id == initiative.id, Alert.state.in_(_RAISED)).order_by(Alert.id)
    for alert in session.scalars(query):
        of = alert.action.code if alert.action else (alert.entity.short if alert.entity else "")
        kind = "acción vencida" if alert.action else "sin respuesta a los acercamientos"
        yield f"{of}: {kind}; alerta registrada el {long_date(alert.raised_on)}."


def exits_to_tell(session: Session, initiative_id: int) -> list[Action]:
    """R34: the exits that no meeting was told of."""
    query = select(Action).where(
        Action.initiative_id == initiative_id, Action.state == ActionState.EXITED, Action.exit_told_in.is_(None)
    )
    return list(session.scalars(query.order_by(Action.code)))


def _exit_lines(action: Action) -> Iterator[str]:
    when = f" el {long_date(action.exited_on)}" if action.exited_on else ""
    yield f"Se dio salida a {action.code}{when}: {action.text}"
    yield f"Entidad responsable: {action.entity.name}."


def to_bring_in(session: Session, initiative_id: int) -> list[Action]:
    """R26: the new actions that their entity has validated and no meeting has brought in."""
    query = select(Action).where(
        Action.initiative_id == initiative_id,
        Action.state == ActionState.TO_VALIDATE,
        Action.validated_on.is_not(None),
    )
    return list(session.scalars(query.order_by(Action.code)))


def _new_lines(action: Action) -> Iterator[str]:
    yield f"{action.code}: {action.text}"
    day = f" el {long_date(action.validated_on)}" if action.validated_on else ""
    yield f"La validó {action.entity.name}{day}."


def entry_meetings_line(doing: Doing, initiative: Initiative) -> str:
    """R27: how many of the meetings that may bring actions in are used."""
    used, most = len(entry.entry_meetings(doing.session, initiative.id)), doing.method.of(initiative).max_entry_meetings
    return f"Reuniones usadas para incorporar acciones: {used} de {most}."
