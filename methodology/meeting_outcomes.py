"""R7, R8, R24, R28, R34: what a meeting decides and agrees, that it was held, and what follows from that."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import actions, agendas, cases, entry, matrix_updates, suggestions
from methodology.importing import START
from methodology.launch_agenda import DISCUSSION, missing_sectors
from methodology.notices import withdraw
from methodology.operation import INITIATIVE, Doing, Field, Kind, Operation
from methodology.refusals import Incomplete, NotNow
from methodology.rules.spanish import full_date, long_date, sentence, with_article
from methodology.rules.states import (
    ACTION_LABELS,
    ActionState,
    AgreementKind,
    AgreementState,
    InitiativeState,
    ItemState,
    MeetingKind,
    MeetingState,
    NoticeState,
    Post,
    Priority,
    Sector,
)
from storage.ledger import Notice
from storage.life import AgendaItem, Agreement, Meeting, Prioritisation
from storage.matrix import Action, Entity, Initiative, Setting

_TEAM = (Post.LEADER, Post.MANAGEMENT, Post.PLANNING)
_OF_ALL = (Post.MANAGEMENT, Post.PLANNING)
_MOST_DAYS_BACK = 31
_AHEAD = agendas.AHEAD
UNRECORDED = "R24.resultado"
_BORROWED = {"description": "text", "responsible": "owner", "deadline": "due", "reason": "text", "solution": "text"}


def require_place(doing: Doing, meeting: Meeting) -> None:
    """R24: the meeting of all initiatives is the Gerencia General's, or Planeación's on its behalf.

    Raises:
        NotAllowed: somebody else's hand; or another initiative's, where the meeting has one.
    """
    doing.actor.require(_TEAM if meeting.initiative_id else _OF_ALL, meeting.initiative_id)


# --- points and agreements ------------------------------------------------------------------------------------------


def decide(doing: Doing, *, item: AgendaItem, decision: str) -> str:
    """What was decided of a point; while the meeting is not closed it can be corrected."""
    meeting = item.meeting
    require_place(doing, meeting)
    if said := _not_discussed(doing, item):
        raise NotNow(said)
    item.state, item.decision = ItemState.DECIDED, decision.strip()
    return f"Punto {item.position} de la reunión {meeting.id}, tratado: {item.decision}"


def _not_discussed(doing: Doing, item: AgendaItem) -> str | None:
    meeting = item.meeting
    if meeting.state not in _AHEAD:
        return f"La reunión {meeting.id} está {meeting.state}: lo tratado ya no cambia."
    if meeting.on is not None and meeting.on > doing.today:
        return f"La reunión {meeting.id} es el {full_date(meeting.on)}: todavía no se ha tratado este punto."
    return None


def agree(
    doing: Doing,
    *,
    meeting: Meeting,
    kind: str,
    text: str,
    owner: str,
    due: date | None,
    action: Action | None,
    entity: Entity | None,
    initiative: Initiative | None,
    priority: str | None,
) -> str:
    """R24: an agreement becomes a measure, a date or an action with an owner, or stays a commitment.

    Raises:
        NotAllowed: not this person's meeting.
        Incomplete: what this kind of agreement needs; an initiative that is not the meeting's own.
        Refusal: what it becomes is refused; the agreement is not kept.
    """
    require_place(doing, meeting)
    if None not in (meeting.initiative, initiative) and initiative is not meeting.initiative:
        raise Incomplete({"initiative": f"La reunión {meeting.id} es de otra iniciativa: el acuerdo es de la suya."})
    where = meeting.initiative or (action.initiative if action else None) or initiative
    if action is not None and action.initiative is not where:
        raise Incomplete({"action": f"{action.code} no es de la iniciativa de esta reunión."})
    agreement = Agreement(
        meeting=meeting,
        initiative_id=where.id if where else None,
        kind=kind,
        text=text.strip(),
        owner=owner.strip(),
        due=due,
        became="",
        state=AgreementState.PENDING,
    )
    try:
        agreement.became = _become(doing, agreement, where, action, entity, priority)
    except Incomplete as exc:
        raise Incomplete({_BORROWED.get(arg, arg): sentence for arg, sentence in exc.fields.items()}) from exc
    if agreement.became:
        agreement.state = AgreementState.BECAME
    doing.session.add(agreement)
    doing.session.flush()
    became = f" Quedó como {agreement.became}." if agreement.became else ""
    return f"Acuerdo {agreement.id}: {sentence(agreement.text)} Responsable: {agreement.owner}.{became}"


def _become(
    doing: Doing,
    agreement: Agreement,
    where: Initiative | None,
    action: Action | None,
    entity: Entity | None,
    priority: str | None,
) -> str:
    """What the agreement turned into; «» for a commitment."""
    if agreement.kind == AgreementKind.MEASURE:
        return _measure(doing, agreement, where)
    if agreement.kind == AgreementKind.DATE:
        return _date(doing, agreement, action)
    if agreement.kind == AgreementKind.ACTION:
        return _action(doing, agreement, where, entity, priority)
    return ""


def _measure(doing: Doing, agreement: Agreement, where: Initiative | None) -> str:
    if where is None or agreement.due is None:
        lacking = {"initiative": None if where else "iniciativa", "due": None if agreement.due else "fecha límite"}
        raise Incomplete({name: f"Indique {with_article(what)}." for name, what in lacking.items() if what})
    case = cases.open_case(doing.session, where.id)
    if case is None:
        raise NotNow(f"{where.name} no tiene una Solución de alto nivel abierta a la cual llevar la medida.")
    doing.actor.require(cases.OWNERS, where.id)
    measure = cases.add_measure(doing, case, agreement.text, agreement.owner, agreement.due)
    return f"medida {measure.id}"


def _date(doing: Doing, agreement: Agreement, action: Action | None) -> str:
    if action is None or agreement.due is None:
        lacking = {"action": None if action else "acción", "due": None if agreement.due else "nueva fecha"}
        raise Incomplete({name: f"Indique {with_article(what)}." for name, what in lacking.items() if what})
    move = partial(actions.move_due, doing.session, action.code, agreement.due, reason=agreement.text)
    move(actor=doing.actor, now=doing.now, method=doing.method)
    return f"fecha de {action.code}, {long_date(agreement.due)}"


def _action(
    doing: Doing, agreement: Agreement, where: Initiative | None, entity: Entity | None, priority: str | None
) -> str:
    if where is None or entity is None:
        lacking = {"initiative": None if where else "iniciativa", "entity": None if entity else "entidad responsable"}
        raise Incomplete({name: f"Indique {with_article(what)}." for name, what in lacking.items() if what})
    doing.actor.require(_TEAM, where.id)
    urgency = priority or Priority.MEDIUM
    proposed = entry.propose(doing, where, agreement.text, entity, urgency, due=agreement.due)
    return f"acción propuesta {proposed.code}"


def kept(doing: Doing, *, agreement: Agreement) -> str:
    """A commitment was met."""
    if agreement.initiative_id is None:
        require_place(doing, agreement.meeting)
    agreement.state = AgreementState.MET
    return f"Acuerdo {agreement.id} cumplido: {agreement.text}"


# --- it was held ------------------------------------------------------------------------------------------------------


def held(
    doing: Doing,
    *,
    meeting: Meeting,
    on: date | None,
    summary: str | None,
    next_on: date | None,
    undefined: bool | None,
) -> str:
    """The meeting took place: what was not decided comes back, exits that were told are told (R34), and so on by kind.

    Raises:
        Incomplete: a day to come or too long ago, or a launch without its next date (R8).
        NotNow: its initiative is closed, or that of a launch is not in construction any more.
    """
    require_place(doing, meeting)
    if meeting.initiative and meeting.initiative.state == InitiativeState.CLOSED:
        raise NotNow(f"{meeting.initiative.name} está cerrada: la reunión {meeting.id} ya no se registra.")
    day = _held_on(doing, meeting, on)
    _require_next(meeting, day, next_on, undefined=bool(undefined))
    if said := _launched_already(doing, meeting):
        raise NotNow(said)
    back = _close_agenda(doing.session, meeting, day)
    meeting.state, meeting.held_on, meeting.summary = MeetingState.HELD, day, (summary or "").strip()
    meeting.next_on, meeting.next_undefined = next_on, next_on is None and bool(undefined)
    following = f" Próxima reunión: {full_date(next_on)}." if next_on else ""
    following = " Próxima reunión: por definir." if meeting.next_undefined else following
    again = f" Vuelven en la siguiente agenda: {back}." if back else ""
    return f"Se realizó la reunión {meeting.id} el {long_date(day)}.{_follow(doing, meeting)}{again}{following}"


def _launched_already(_doing: Doing, meeting: Meeting) -> str | None:
    initiative = meeting.initiative
    if meeting.kind != MeetingKind.LAUNCH or initiative is None or initiative.state == InitiativeState.BUILDING:
        return None
    return f"{initiative.name} no está en construcción: su lanzamiento ya no procede."


def _held_on(doing: Doing, meeting: Meeting, on: date | None) -> date:
    day = on or (meeting.on if meeting.on and meeting.on <= doing.today else None)
    if day is None and meeting.on is not None:
        raise Incomplete({"on": f"La reunión es el {full_date(meeting.on)}; si se realizó antes, indique la fecha."})
    day = day or doing.today
    if day > doing.today:
        raise Incomplete({"on": "La fecha en que se realizó no puede ser posterior a hoy."})
    if on is not None and on != meeting.on and on < (least := doing.today - timedelta(days=_MOST_DAYS_BACK)):
        raise Incomplete({"on": f"La fecha en que se realizó no puede ser anterior al {long_date(least)}."})
    return day


def _require_next(meeting: Meeting, day: date, next_on: date | None, *, undefined: bool) -> None:
    """R8."""
    if next_on is not None and undefined:
        raise Incomplete({"next_on": "Indique la fecha de la próxima reunión o «por definir», no ambas."})
    if next_on is not None and next_on <= day:
        raise Incomplete({"next_on": "La próxima reunión es posterior a esta."})
    if meeting.kind == MeetingKind.LAUNCH and next_on is None and not undefined:
        raise Incomplete({"next_on": "Indique la fecha de la próxima reunión, o que queda por definir."})


def _close_agenda(session: Session, meeting: Meeting, day: date) -> int:
    """Speakers as they spoke, exits told (R34); how many points come back. Of a launch only its discussion does."""
    back = 0
    for item in agendas.items_of(session, meeting):
        item.speaker = agendas.speaker_of(session, item, day)
        if item.kind == agendas.NEW_ACTION and item.state == ItemState.PENDING:
            _settle_new_action(session, item)
        if item.state == ItemState.PENDING:
            item.state = ItemState.RETURNS
            back += meeting.kind != MeetingKind.LAUNCH or item.kind == DISCUSSION
        elif item.kind == agendas.EXIT:
            actions.find(session, item.subject).exit_told_in = meeting.id
    return back


def _settle_new_action(session: Session, item: AgendaItem) -> None:
    """What was brought in, or given up, was decided by that."""
    action = actions.find(session, item.subject)
    if action.state != ActionState.TO_VALIDATE:
        item.state, item.decision = ItemState.DECIDED, f"{ACTION_LABELS[action.state]}."


def _follow(doing: Doing, meeting: Meeting) -> str:
    if meeting.kind == MeetingKind.LAUNCH and meeting.initiative is not None:
        return _launched(doing, meeting, meeting.initiative)
    if meeting.kind == MeetingKind.ACHIEVEMENTS and meeting.initiative is not None:
        meeting.initiative.met_last_on = meeting.held_on
        suggestions.take_as_told(doing.session, meeting.initiative, doing.today, doing.method)
        due = matrix_updates.owe_update(doing, meeting)
        return f" La matriz se publica a más tardar el {long_date(due)}." if due else ""
    return ""


def _launched(doing: Doing, meeting: Meeting, initiative: Initiative) -> str:
    """The initiative goes into execution: its clocks run from this day, or from the service's start (`arranque`)."""
    session, day = doing.session, meeting.held_on or doing.today
    start = session.get(Setting, START)
    initiative.state, initiative.launch, initiative.met_last_on = InitiativeState.RUNNING, day, day
    initiative.alerts_from = max(day, date.fromisoformat(start.value)) if start else day
    session.flush()
    actions.place_again(session, initiative, doing.method)
    missing = missing_sectors(session, initiative.id)
    lacking = f" Falta que valide la priorización el sector {' y el '.join(missing)}." if missing else ""
    return f" {initiative.name} pasa a en ejecución.{lacking}"


def set_next(doing: Doing, *, meeting: Meeting, next_on: date) -> str:
    """R8: the date of the next meeting, once it is known."""
    require_place(doing, meeting)
    if next_on <= doing.today:
        raise Incomplete({"next_on": "Indique una fecha posterior a hoy."})
    meeting.next_on, meeting.next_undefined = next_on, False
    query = select(Notice).where(Notice.rule == "R8", Notice.state == NoticeState.PLANNED)
    for notice in doing.session.scalars(query.where(Notice.period == str(meeting.id))):
        withdraw(doing.session, notice, "la próxima reunión ya tiene fecha")
    return f"La próxima reunión, después de la {meeting.id}, es el {full_date(next_on)}."


def next_is_known(session: Session, notice: Notice, today: date) -> str | None:
    """R8: why the leader need not be reminded any more."""
    del today
    meeting = session.get_one(Meeting, notice.inputs["meeting"])
    if not meeting.next_undefined:
        return "la próxima reunión ya tiene fecha"
    later = select(Meeting.id).where(
        Meeting.initiative_id == meeting.initiative_id,
        Meeting.id > meeting.id,
        Meeting.state != MeetingState.CANCELLED,
    )
    return "ya se prepara la próxima reunión" if session.scalars(later).first() else None


def is_recorded(session: Session, notice: Notice, today: date) -> str | None:
    """R24: why planning need not be reminded of an outcome any more."""
    meeting = session.get_one(Meeting, notice.inputs["meeting"])
    if meeting.state != MeetingState.CONVENED:
        return f"la reunión está {meeting.state}"
    return "la reunión cambió de fecha" if meeting.on is None or meeting.on >= today else None


# --- the prioritisation (R7) ------------------------------------------------------------------------------------------


def validate_prioritisation(
    doing: Doing, *, initiative: Initiative, sector: str, by: str, remarks: str | None, on: date | None
) -> str:
    """R7: one sector validates the prioritisation; said again, it is corrected and the former stays in the history."""
    day = on or doing.today
    if day > doing.today:
        raise Incomplete({"on": "La fecha de la validación no puede ser posterior a hoy."})
    query = select(Prioritisation).where(Prioritisation.initiative_id == initiative.id, Prioritisation.sector == sector)
    row = doing.session.scalar(query) or Prioritisation(initiative_id=initiative.id, sector=sector)
    row.by, row.remarks, row.on, row.recorded_by = by.strip(), (remarks or "").strip(), day, doing.actor.name
    doing.session.add(row)
    doing.session.flush()
    _show_on_agenda(doing, initiative)
    missing = missing_sectors(doing.session, initiative.id)
    rest = f"Falta el sector {missing[0]}." if missing else "La validaron los dos sectores."
    return f"El sector {sector} validó la priorización de {initiative.name}. {rest}"


def _show_on_agenda(doing: Doing, initiative: Initiative) -> None:
    """The launch ahead shows which sector is missing."""
    query = select(Meeting).where(
        Meeting.initiative_id == initiative.id, Meeting.kind == MeetingKind.LAUNCH, Meeting.state.in_(_AHEAD)
    )
    for meeting in doing.session.scalars(query):
        agendas.refresh(doing, meeting)


MEETING = Field("reunion", "meeting", "Reunión", Kind.MEETING)
ITEM = Field("punto", "item", "Punto de la agenda", Kind.ITEM)
_NEXT = Field("proxima_fecha", "next_on", "Fecha de la próxima reunión", Kind.DATE, required=False)
_DAY = Field("fecha", "on", "Fecha en que se realizó", Kind.DATE, required=False)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="reunion.punto",
        title="Registrar lo decidido",
        rule="R24, R34",
        posts=_TEAM,
        fields=(ITEM, Field("decision", "decision", "Decisión", Kind.LONG)),
        do=decide,
        states=(ItemState.PENDING, ItemState.DECIDED),
        to=ItemState.DECIDED,
        lacks=_not_discussed,
    ),
    Operation(
        id="reunion.acuerdo",
        title="Registrar un acuerdo",
        rule="R24",
        posts=_TEAM,
        fields=(
            MEETING,
            Field("clase", "kind", "Clase de acuerdo", Kind.CHOICE, options=tuple(str(one) for one in AgreementKind)),
            Field("texto", "text", "Acuerdo", Kind.LONG),
            Field("responsable", "owner", "Responsable"),
            Field("fecha", "due", "Fecha", Kind.DATE, required=False, committed=True),
            Field("accion", "action", "Acción cuya fecha cambia", Kind.ACTION, required=False),
            Field("entidad", "entity", "Entidad de la acción nueva", Kind.ENTITY, required=False),
            Field("iniciativa", "initiative", "Iniciativa", Kind.INITIATIVE, required=False),
            Field("prioridad", "priority", "Prioridad", Kind.CHOICE, required=False, options=tuple(map(str, Priority))),
        ),
        do=agree,
        states=(*_AHEAD, MeetingState.HELD),
    ),
    Operation(
        id="acuerdo.cumplido",
        title="Acuerdo cumplido",
        rule="R24",
        posts=_TEAM,
        fields=(Field("acuerdo", "agreement", "Acuerdo", Kind.AGREEMENT),),
        do=kept,
        states=(AgreementState.PENDING,),
        to=AgreementState.MET,
    ),
    Operation(
        id="reunion.realizada",
        title="Cerrar la reunión",
        rule="R8, R24, R28, R34",
        posts=_TEAM,
        fields=(
            MEETING,
            _DAY,
            Field("resumen", "summary", "Resumen", Kind.LONG, required=False),
            _NEXT,
            Field("por_definir", "undefined", "Próxima fecha por definir", Kind.YES, required=False),
        ),
        do=held,
        states=_AHEAD,
        to=MeetingState.HELD,
        lacks=_launched_already,
    ),
    Operation(
        id="reunion.proxima",
        title="Fijar próxima reunión",
        rule="R8",
        posts=_TEAM,
        fields=(MEETING, Field("fecha", "next_on", "Fecha de la próxima reunión", Kind.DATE)),
        do=set_next,
        states=(MeetingState.HELD,),
    ),
    Operation(
        id="priorizacion.validar",
        title="Validar la priorización",
        rule="R7",
        posts=_TEAM,
        fields=(
            INITIATIVE,
            Field("sector", "sector", "Sector", Kind.CHOICE, options=tuple(str(one) for one in Sector)),
            Field("quien", "by", "Quién la valida"),
            Field("observaciones", "remarks", "Observaciones", Kind.LONG, required=False),
            Field("fecha", "on", "Fecha de la validación", Kind.DATE, required=False),
        ),
        do=validate_prioritisation,
        states=(InitiativeState.BUILDING, InitiativeState.RUNNING),
    ),
)
