"""R4–R8, R24, R25, R27, R28, R34: launches, internal meetings and reuniones de logros, up to their convening.

What a meeting decides and what follows from it is in `methodology/meeting_outcomes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import agendas, alerts, entry, matrix_updates, meeting_outcomes
from methodology.clock import local
from methodology.contents import NO_MICROSITE
from methodology.launch_agenda import WARNING
from methodology.notices import plan, withdraw
from methodology.operation import INITIATIVE, REASON, Doing, Field, Given, Kind, Operation, Weight
from methodology.people import holders
from methodology.refusals import Incomplete, NotNow
from methodology.rules.addresses import is_whole_address
from methodology.rules.spanish import full_date, long_date, time_of_day
from methodology.rules.states import (
    INITIATIVE_LABELS,
    MEETING_NAMES,
    ActionState,
    InitiativeState,
    ItemState,
    MeetingKind,
    MeetingState,
    NoticeState,
    Post,
)
from methodology.standing import running
from storage.ledger import Notice
from storage.life import AgendaItem, Meeting
from storage.matrix import Action, Entity, Initiative

CONVENING = "R24.convocatoria"
CANCELLING = "R24.cancelacion"
AHEAD = agendas.AHEAD
_TEAM = (Post.LEADER, Post.MANAGEMENT, Post.PLANNING)
_OF_ALL = (Post.MANAGEMENT, Post.PLANNING)
_STATES = {MeetingKind.LAUNCH: (InitiativeState.BUILDING,), MeetingKind.ACHIEVEMENTS: agendas.GOING_ON}
_INVOLVED = (ActionState.OPEN, ActionState.MET, ActionState.TO_VALIDATE)
_MOST_MINUTES = 600
_NOT_A_GUEST = "Se actualizó la lista de convocados y ya no se requiere su asistencia"


def called(meeting: Meeting) -> str:
    """«Reunión de logros de Astilleros»."""
    where = f" de {meeting.initiative.name}" if meeting.initiative else ""
    return f"{MEETING_NAMES[meeting.kind]}{where}"


def ahead(session: Session, kind: str, initiative_id: int | None) -> Meeting | None:
    """The meeting of a kind that is prepared or convened: there is at most one per initiative."""
    query = select(Meeting).where(
        Meeting.kind == kind, Meeting.initiative_id.is_not_distinct_from(initiative_id), Meeting.state.in_(AHEAD)
    )
    return session.scalars(query).first()


# --- preparing ----------------------------------------------------------------------------------------------------


def prepare(
    doing: Doing,
    *,
    kind: str,
    initiative: Initiative | None,
    on: date | None,
    begins: str | None,
    place: str | None,
    minutes: int | None,
) -> str:
    """A meeting and the draft of its agenda.

    Raises:
        NotAllowed: an internal meeting is the Gerencia General's, or Planeación's on its behalf.
        Incomplete: the initiative is missing or too much; a date that has passed.
        NotNow: the initiative's state does not allow it, or one is being prepared already.
    """
    _require_place(doing, kind, initiative)
    session, initiative_id = doing.session, initiative.id if initiative else None
    if other := ahead(session, kind, initiative_id):
        raise NotNow(f"Ya hay una reunión de esta clase sin realizar: {called(other)}, número {other.id}.")
    meeting = Meeting(
        initiative_id=initiative_id,
        initiative=initiative,
        kind=kind,
        state=MeetingState.PREPARED,
        on=_future(doing, on) or _agreed_before(doing, kind, initiative_id),
        begins=begins or "",
        minutes=_lasting(minutes) or 0,
        place=(place or "").strip(),
        guests=[],
        prepared_by=doing.actor.name,
        prepared_at=doing.now,
        sequence=0,
        summary="",
        next_undefined=False,
        exception="",
    )
    session.add(meeting)
    session.flush()
    items = agendas.refresh(doing, meeting)
    meeting.minutes = meeting.minutes or sum(item.minutes for item in items) or 60
    day = f", el {full_date(meeting.on)}" if meeting.on else ", sin fecha"
    points = f"{len(items)} {'punto' if len(items) == 1 else 'puntos'}"
    told = f"Se preparó la reunión {meeting.id}, {called(meeting)}{day}: agenda de {points}, {meeting.minutes} minutos."
    return told + _warnings(doing, meeting, items)


def _require_place(doing: Doing, kind: str, initiative: Initiative | None) -> None:
    if kind == MeetingKind.INTERNAL:
        doing.actor.require(_OF_ALL)
        if initiative is not None:
            raise Incomplete({"initiative": "La reunión interna revisa todas las iniciativas: no se indica una."})
        return
    if initiative is None:
        raise Incomplete({"initiative": "Indique la iniciativa."})
    if initiative.state not in _STATES[MeetingKind(kind)]:
        state = INITIATIVE_LABELS[initiative.state].lower()
        raise NotNow(f"{MEETING_NAMES[kind]}: {initiative.name} está en estado «{state}».")


def _kinds_for(_doing: Doing, given: Given) -> list[str] | None:
    """The kinds that the initiative's state allows: of one already launched, no launch."""
    where = given.get("initiative")
    return [kind for kind, states in _STATES.items() if where.state in states] if where else None


def _future(doing: Doing, on: date | None) -> date | None:
    if on is not None and on < doing.today:
        raise Incomplete({"on": f"La fecha de la reunión no puede ser anterior a hoy ({long_date(doing.today)})."})
    return on


def _lasting(minutes: int | None) -> int | None:
    if minutes is not None and not 1 <= minutes <= _MOST_MINUTES:
        raise Incomplete({"minutes": f"Indique la duración en minutos, de 1 a {_MOST_MINUTES}."})
    return minutes


def _agreed_before(doing: Doing, kind: str, initiative_id: int | None) -> date | None:
    """R8: the date that the last meeting agreed for the next one, unless it has passed."""
    query = select(Meeting.next_on).where(
        Meeting.initiative_id.is_not_distinct_from(initiative_id), Meeting.state == MeetingState.HELD
    )
    if initiative_id is None:
        query = query.where(Meeting.kind == kind)
    agreed = doing.session.scalars(query.order_by(Meeting.held_on.desc(), Meeting.id.desc())).first()
    return agreed if agreed and agreed >= doing.today else None


def _warnings(doing: Doing, meeting: Meeting, items: Iterable[AgendaItem]) -> str:
    """R5: a launch without a microsite says so; and what does not fit into the meeting."""
    lacks = meeting.kind == MeetingKind.LAUNCH and not doing.published.microsite
    return (f" {WARNING}{NO_MICROSITE}" if lacks else "") + _too_long(meeting, items)


def _too_long(meeting: Meeting, items: Iterable[AgendaItem]) -> str:
    total = sum(item.minutes for item in items)
    told = f" {WARNING}La agenda suma {total} minutos y la reunión dura {meeting.minutes}."
    return told if total > meeting.minutes else ""


# --- its agenda -----------------------------------------------------------------------------------------------------


def edit(doing: Doing, *, item: AgendaItem, title: str | None, speaker: str | None, minutes: int | None) -> str:
    """R4: a point's words, speaker and duration are suggested; people change them."""
    meeting_outcomes.require_place(doing, item.meeting)
    _require_ahead(item.meeting)
    if not (title or speaker or minutes is not None):
        raise Incomplete({"title": "Indique qué cambia: el título, el ponente o los minutos."})
    item.minutes = _lasting(minutes) or item.minutes
    item.title = (title or item.title).strip()
    if speaker:
        item.post, item.speaker = "", speaker.strip()
    items = agendas.items_of(doing.session, item.meeting)
    told = f"Punto {item.position}: {item.title}, {item.speaker or 'sin ponente'}, {item.minutes} minutos."
    return told + _too_long(item.meeting, items)


def add_point(doing: Doing, *, meeting: Meeting, title: str, speaker: str | None, minutes: int | None) -> str:
    """A point of somebody's own, at the end. A launch has its five (R4)."""
    meeting_outcomes.require_place(doing, meeting)
    if meeting.kind == MeetingKind.LAUNCH:
        raise NotNow("La agenda de un lanzamiento es de cinco puntos: se editan, no se agregan.")
    items = agendas.items_of(doing.session, meeting)
    item = AgendaItem(
        meeting=meeting,
        position=len(items) + 1,
        kind=agendas.MANUAL,
        title=title.strip(),
        post="",
        speaker=(speaker or "").strip(),
        minutes=_lasting(minutes) or 5,
        content=[],
        state=ItemState.PENDING,
    )
    doing.session.add(item)
    doing.session.flush()
    return f"Punto {item.position} agregado: {item.title}.{_too_long(meeting, [*items, item])}"


def bring_up_to_date(doing: Doing, *, meeting: Meeting) -> str:
    """R24, R34: the agenda as the ledger stands now; it is also done every morning."""
    meeting_outcomes.require_place(doing, meeting)
    former = {item.id for item in agendas.items_of(doing.session, meeting)}
    items = agendas.refresh(doing, meeting)
    added = [f"{item.position}. {item.title}" for item in items if item.id not in former]
    told = f"Puntos nuevos: {'; '.join(added)}." if added else "Sin puntos nuevos."
    return f"Agenda de la reunión {meeting.id} al día, con {len(items)} puntos. {told}{_too_long(meeting, items)}"


def _require_ahead(meeting: Meeting) -> None:
    if meeting.state not in AHEAD:
        raise NotNow(f"La reunión {meeting.id} está {meeting.state}: su agenda ya no cambia.")


# --- convening ------------------------------------------------------------------------------------------------------


def convene(
    doing: Doing,
    *,
    meeting: Meeting,
    guests: list[str] | None,
    more: list[str] | None,
    on: date | None,
    begins: str | None,
    place: str | None,
) -> str:
    """R25: a person convenes. Convened again, what changed goes out under the same event, one sequence later.

    Raises:
        Incomplete: no date or hour, a date that has passed, or an address that is none.
        NotNow: the letter would leave after the meeting began, or nothing changed since it was convened.
    """
    meeting_outcomes.require_place(doing, meeting)
    if meeting.initiative is not None and meeting.initiative.state not in _STATES[MeetingKind(meeting.kind)]:
        state = INITIATIVE_LABELS[meeting.initiative.state].lower()
        raise NotNow(f"{called(meeting)}: la iniciativa está en estado «{state}».")
    before, again = _event_of(meeting), meeting.state == MeetingState.CONVENED
    meeting.on, meeting.begins = _future(doing, on or meeting.on), begins or meeting.begins
    meeting.place = place.strip() if place else meeting.place
    _require_time(doing, meeting)
    meeting.guests = _guests(doing, meeting, guests, more, again=again)
    if again and _event_of(meeting) == before:
        raise NotNow("La reunión ya está convocada y nada cambió: indique la nueva fecha, hora, lugar o invitados.")
    items = agendas.refresh(doing, meeting)
    meeting.sequence += again
    meeting.state, meeting.convened_at = MeetingState.CONVENED, doing.now
    _tell(doing, meeting, CONVENING, {"by": doing.actor.name, "guests": meeting.guests})
    _tell_removed(doing, meeting)
    when = f"{full_date(meeting.on)}, {time_of_day(time.fromisoformat(meeting.begins))}" if meeting.on else ""
    verb = "Se actualizó la convocatoria de" if again else "Se convocó"
    told = f"{verb} la reunión {meeting.id}, {called(meeting)}: {when}; {len(meeting.guests)} invitados."
    return told + _warnings(doing, meeting, items)


def _tell_removed(doing: Doing, meeting: Meeting) -> None:
    """Whoever heard of the meeting and is not a guest any more: for them it is cancelled."""
    if removed := [mail for mail in _aware(doing.session, meeting) if mail not in meeting.guests]:
        told = {"by": doing.actor.name, "reason": _NOT_A_GUEST, "guests": removed}
        _tell(doing, meeting, CANCELLING, told)


def _aware(session: Session, meeting: Meeting) -> list[str]:
    """Who was told of the meeting and not told since that it is cancelled for them."""
    found: dict[str, None] = {}
    for notice in _letters(session, meeting):
        if notice.state in (NoticeState.PLANNED, NoticeState.WITHDRAWN):
            continue
        mails = dict.fromkeys(notice.inputs.get("guests", meeting.guests))
        found = found | mails if notice.rule == CONVENING else {mail: None for mail in found if mail not in mails}
    return list(found)


def _letters(session: Session, meeting: Meeting) -> list[Notice]:
    """Every convening and cancelling of a meeting, oldest first."""
    own = (Notice.subject == meeting.kind, Notice.period.startswith(f"{meeting.id}."))
    query = select(Notice).where(Notice.rule.in_((CONVENING, CANCELLING)), *own)
    return list(session.scalars(query.order_by(Notice.id)))


def _event_of(meeting: Meeting) -> tuple[object, ...]:
    return meeting.on, meeting.begins, meeting.place, tuple(meeting.guests)


def _require_time(doing: Doing, meeting: Meeting) -> None:
    lacking = {}
    if meeting.on is None:
        lacking["on"] = "Indique la fecha de la reunión."
    if not meeting.begins:
        lacking["begins"] = "Indique la hora de la reunión."
    if lacking or meeting.on is None:
        raise Incomplete(lacking)
    leaves = local(doing.method.calendar.next_slot(doing.now))
    if (leaves.date(), f"{leaves:%H:%M}") >= (meeting.on, meeting.begins):
        raise NotNow(
            f"La convocatoria saldría el {full_date(leaves.date())} a las {time_of_day(leaves)}, cuando la reunión ya "
            "habría comenzado: indique otra fecha u hora."
        )


def _guests(
    doing: Doing, meeting: Meeting, guests: list[str] | None, more: list[str] | None, *, again: bool
) -> list[str]:
    """Those that are named, else those of before, else the default; `more` come on top. Each once, in small letters."""
    chosen = guests or (meeting.guests if again else list(default_guests(doing, meeting)))
    found = list(dict.fromkeys(mail.strip().lower() for mail in (*chosen, *(more or ()))))
    if wrong := [mail for mail in found if not is_whole_address(mail)]:
        raise Incomplete({"guests": f"No es una dirección de correo: {', '.join(wrong)}."})
    if not found:
        raise Incomplete({"guests": "Indique los invitados: no hay a quién convocar por defecto."})
    return found


def default_guests(doing: Doing, meeting: Meeting) -> Iterator[str]:
    """Whoever holds LT, GG, PL (and VM, with the actors) that day; with the actors, also the entities' mailboxes."""
    session, day = doing.session, meeting.on or doing.today
    initiatives = [meeting.initiative] if meeting.initiative else running(session)
    for one in initiatives:
        yield from (person.mail for person in holders(session, Post.LEADER, one.id, day))
    posts = (Post.MANAGEMENT, Post.PLANNING) if meeting.initiative is None else _WITH_ACTORS
    for post in posts:
        yield from (person.mail for person in holders(session, post, meeting.initiative_id, day))
    if meeting.initiative is not None:
        yield from _entity_mails(session, meeting.initiative)


_WITH_ACTORS = (Post.MANAGEMENT, Post.PLANNING, Post.VICE_MINISTER)


def _entity_mails(session: Session, initiative: Initiative) -> Iterator[str]:
    """The responsible entities, also the joint ones; the operator itself sits there already."""
    rows = session.scalars(select(Action).where(Action.initiative_id == initiative.id, Action.state.in_(_INVOLVED)))
    names = {name for row in rows for name in (row.entity.name, *(part.strip() for part in row.joint.split(";")))}
    query = select(Entity.mail).where(Entity.name.in_(names), ~Entity.internal)
    yield from session.scalars(query.order_by(Entity.name))


def _tell(doing: Doing, meeting: Meeting, rule: str, inputs: Mapping[str, object]) -> None:
    plan(
        doing.session,
        rule,
        subject=meeting.kind,
        period=f"{meeting.id}.{meeting.sequence}",
        recorded_on=doing.today,
        due=meeting.on,
        initiative_id=meeting.initiative_id,
        inputs={"meeting": meeting.id, "sequence": meeting.sequence, **inputs},
    )


def cancel(doing: Doing, *, meeting: Meeting, reason: str) -> str:
    """The guests that were told are told; what stood on the agenda comes back in the next one.

    Raises:
        NotNow: actions entered in it (R27): it took place.
    """
    meeting_outcomes.require_place(doing, meeting)
    session = doing.session
    if entered := entry.entered_in(session, meeting.id):
        codes = ", ".join(action.code for action in entered)
        raise NotNow(
            f"La reunión {meeting.id}, {called(meeting)}, no se cancela: en ella se incorporaron acciones ({codes}). "
            "Corresponde registrar que se realizó."
        )
    meeting.state, meeting.summary = MeetingState.CANCELLED, reason.strip()
    for item in agendas.items_of(session, meeting):
        item.state = ItemState.RETURNS if item.state == ItemState.PENDING else item.state
    was_told = _withdraw_waiting(session, meeting)
    if was_told:
        meeting.sequence += 1
        _tell(doing, meeting, CANCELLING, {"by": doing.actor.name, "reason": reason.strip(), "guests": was_told})
    alerts.sweep_again(session)
    told = " Se comunica a los convocados." if was_told else ""
    return f"Se canceló la reunión {meeting.id}, {called(meeting)}.{told}"


def _withdraw_waiting(session: Session, meeting: Meeting) -> list[str]:
    """What still waits is not sent; who heard of the meeting before."""
    for notice in _letters(session, meeting):
        if notice.state == NoticeState.PLANNED:
            withdraw(session, notice, "la reunión se canceló")
    return _aware(session, meeting)


def cancel_ahead(doing: Doing, initiative: Initiative, reason: str) -> None:
    """Whatever meeting of the initiative has not been held is cancelled: the initiative is over (R37)."""
    query = select(Meeting).where(Meeting.initiative_id == initiative.id, Meeting.state.in_(AHEAD))
    for meeting in doing.session.scalars(query.order_by(Meeting.id)).all():
        cancel(doing, meeting=meeting, reason=reason)


def outdated(session: Session, notice: Notice, today: date) -> str | None:
    """Why a convening is not sent any more."""
    meeting = session.get_one(Meeting, notice.inputs["meeting"])
    if notice.rule == CONVENING and meeting.state != MeetingState.CONVENED:
        return f"la reunión está {meeting.state}"
    if notice.inputs["sequence"] != meeting.sequence:
        return "la convocatoria se actualizó después"
    return "la fecha de la reunión ya pasó" if meeting.on is not None and meeting.on < today else None


# --- the table ------------------------------------------------------------------------------------------------------

MEETING = meeting_outcomes.MEETING
_ITEM = meeting_outcomes.ITEM
_KIND = Field("clase", "kind", "Clase de reunión", Kind.CHOICE, options=tuple(map(str, MeetingKind)), among=_kinds_for)
_ON = Field("fecha", "on", "Fecha", Kind.DATE, required=False)
_BEGINS = Field("hora", "begins", "Hora", Kind.TIME, required=False)
_PLACE = Field("lugar", "place", "Lugar o enlace", required=False)
_SPEAKER = Field("ponente", "speaker", "Ponente", required=False)
_MINUTES = Field("minutos", "minutes", "Minutos", Kind.NUMBER, required=False)
_OPTIONAL_INITIATIVE = Field(INITIATIVE.name, INITIATIVE.arg, INITIATIVE.label, INITIATIVE.kind, required=False)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="reunion.preparar",
        title="Preparar una reunión",
        rule="R4, R24, R25",
        posts=_TEAM,
        fields=(
            _KIND,
            _OPTIONAL_INITIATIVE,
            _ON,
            _BEGINS,
            _PLACE,
            Field("duracion", "minutes", "Duración en minutos", Kind.NUMBER, required=False),
        ),
        do=prepare,
        to=MeetingState.PREPARED,
    ),
    Operation(
        id="reunion.agenda",
        title="Editar un punto de la agenda",
        rule="R4",
        posts=_TEAM,
        fields=(_ITEM, Field("titulo", "title", "Título", Kind.LONG, required=False), _SPEAKER, _MINUTES),
        do=edit,
        states=(ItemState.PENDING,),
    ),
    Operation(
        id="reunion.agregar_punto",
        title="Agregar un punto a la agenda",
        rule="R24",
        posts=_TEAM,
        fields=(MEETING, Field("titulo", "title", "Título", Kind.LONG), _SPEAKER, _MINUTES),
        do=add_point,
        states=AHEAD,
    ),
    Operation(
        id="reunion.actualizar",
        title="Actualizar la agenda",
        rule="R24, R34",
        posts=_TEAM,
        fields=(MEETING,),
        do=bring_up_to_date,
        states=AHEAD,
    ),
    Operation(
        id="reunion.convocar",
        title="Convocar la reunión",
        rule="R24, R25",
        posts=(Post.MANAGEMENT, Post.LEADER, Post.PLANNING),
        fields=(
            MEETING,
            Field("invitados", "guests", "Invitados (en lugar de los propuestos)", Kind.LIST, required=False),
            Field("adicionales", "more", "Invitados adicionales", Kind.LIST, required=False),
            _ON,
            _BEGINS,
            _PLACE,
        ),
        do=convene,
        states=AHEAD,
        to=MeetingState.CONVENED,
    ),
    Operation(
        id="reunion.cancelar",
        title="Cancelar la reunión",
        rule="R24",
        posts=_TEAM,
        fields=(MEETING, REASON),
        do=cancel,
        states=AHEAD,
        to=MeetingState.CANCELLED,
        weight=Weight.HEAVY,
    ),
    *meeting_outcomes.OPERATIONS,
    *matrix_updates.OPERATIONS,
)
