"""R26, R27: how actions come into a matrix: proposed, validated by their entity, incorporated in a meeting.

Obstacles and solutions that are brought up (R7, R29) have a file of their own, `methodology/ideas.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import actions, alerts, ideas, matrix_updates, validations
from methodology.clock import local
from methodology.notices import plan
from methodology.operation import ACTION, INITIATIVE, Doing, Field, Kind, Operation
from methodology.refusals import Incomplete, NotAllowed, NotNow
from methodology.rules.spanish import long_date
from methodology.rules.states import (
    MEETING_NAMES,
    ActionState,
    IdeaState,
    InitiativeState,
    MeetingKind,
    MeetingState,
    Post,
    Priority,
    state_words,
)
from storage.history import Change
from storage.ledger import Notice
from storage.life import Meeting
from storage.matrix import Action, Entity, Initiative, Solution

_PREFIX = 3
_EXCEPTION_MIN = 10
_BRINGING = (MeetingKind.ACHIEVEMENTS, MeetingKind.LAUNCH)


def entered_in(session: Session, meeting_id: int) -> list[Action]:
    """The actions that a meeting brought in (R27, R28), in the matrix's order."""
    return list(session.scalars(select(Action).where(Action.incorporated_in == meeting_id).order_by(Action.code)))


def entry_meetings(session: Session, initiative_id: int) -> list[Meeting]:
    """R27: the reuniones de logros of an initiative that brought actions in, whatever became of these; oldest first."""
    brought = select(Action.incorporated_in).where(
        Action.initiative_id == initiative_id, Action.incorporated_in.is_not(None)
    )
    query = select(Meeting).where(Meeting.id.in_(brought), Meeting.kind == MeetingKind.ACHIEVEMENTS)
    return list(session.scalars(query.order_by(func.coalesce(Meeting.held_on, Meeting.on), Meeting.id)))


def next_code(session: Session, initiative: Initiative) -> str:
    """The initiative's prefix (of its codes, else of its slug) and the next number of two digits."""
    codes = session.scalars(select(Action.code).where(Action.initiative_id == initiative.id)).all()
    prefixes = Counter(head for code in codes if (head := _split(code)[0]))
    prefix = prefixes.most_common(1)[0][0] if prefixes else _initials(initiative.slug)
    taken = session.scalars(select(Action.code).where(Action.code.startswith(f"{prefix}-", autoescape=True)))
    last = max((number for code in taken if (number := _split(code)[1])), default=0)
    return f"{prefix}-{last + 1:02d}"


def _split(code: str) -> tuple[str, int]:
    """«AST-04» is («AST», 4); a code of another make has neither."""
    head, _, tail = code.rpartition("-")
    return (head, int(tail)) if tail.isdigit() else ("", 0)


def _initials(slug: str) -> str:
    words = slug.replace("-", "_").split("_")
    initials = "".join(word[:1] for word in words)
    letters = initials if len(initials) >= _PREFIX else "".join(words)
    return letters[:_PREFIX].upper()


def propose(
    doing: Doing,
    initiative: Initiative,
    text: str,
    entity: Entity,
    priority: str,
    solution: Solution | None = None,
    origin: str | None = None,
    due: date | None = None,
    supporting: str | None = None,
    starts: date | None = None,
) -> Action:
    """A new action in `propuesta`: it counts in no figure until it is incorporated (R7, R26).

    Raises:
        Incomplete: a solution of another initiative or a rejected one; a date that has passed.
        NotNow: the initiative takes nothing new.
    """
    validations.require_active(initiative)
    if solution is not None:
        ideas.require_of(solution, initiative)
    actions.require_order(starts, due)
    if due is not None and due < doing.today:
        raise Incomplete({"due": f"La fecha propuesta no puede ser anterior a hoy ({long_date(doing.today)})."})
    action = Action(
        code=next_code(doing.session, initiative),
        initiative=initiative,
        entity=entity,
        solution=solution,
        text=text.strip(),
        supporting=(supporting or "").strip(),
        starts=starts,
        priority=priority,
        original_due=due,
        due_version=1,
        state=ActionState.PROPOSED,
        origin=origin or "",
        version=1,
    )
    actions.place_due(action, due, doing.method)
    doing.session.add(action)
    doing.session.flush()
    return action


def propose_action(
    doing: Doing,
    initiative: Initiative,
    text: str,
    entity: Entity,
    priority: str,
    solution: Solution | None,
    origin: str | None,
    due: date | None,
    supporting: str | None,
    starts: date | None,
) -> str:
    """The operation over `propose`."""
    action = propose(doing, initiative, text, entity, priority, solution, origin, due, supporting, starts)
    return f"{action.code} quedó propuesta, a cargo de {entity.short}; no cuenta en ninguna cifra."


def ask(doing: Doing, action: Action) -> str:
    """R26: the entity is asked to validate responsible, text and date; asked again on another day, so it is written.

    Raises:
        NotNow: the initiative takes nothing new, the entity has validated it, or it was asked today already.
    """
    validations.require_active(action.initiative)
    if action.validated_on is not None:
        raise NotNow(f"{action.code} ya fue validada el {long_date(action.validated_on)}.")
    _move(doing, action, ActionState.TO_VALIDATE, "Solicitud de validación a la entidad responsable")
    action.asked_on = doing.today
    if action.entity.internal:
        return f"{action.code} quedó por validar: {action.entity.short} es interna, la valida su líder técnico."
    planned = plan(
        doing.session,
        "R26",
        subject=action.code,
        period=f"{doing.today.isoformat()}:{action.entity_id}",
        recorded_on=doing.today,
        due=None,
        initiative_id=action.initiative_id,
        action_id=action.id,
        entity_id=action.entity_id,
        inputs={"by": doing.actor.name, "asker": doing.actor.person_id},
    )
    if not planned:
        raise NotNow(
            f"La validación de {action.code} ya se solicitó hoy a {action.entity.short}: va una solicitud por día."
        )
    return f"{action.code} quedó por validar: la solicitud a {action.entity.short} sale en el siguiente horario hábil."


def answered(doing: Doing, action: Action, accepts: bool, who: str, on: date, evidence: str) -> str:  # noqa: FBT001 - a field of a form, always by name
    """R26: what the entity said, who, when, with what evidence. A matrix in construction takes the action at once."""
    if action.validated_on is not None:
        raise NotNow(f"{action.code} ya fue validada el {long_date(action.validated_on)}.")
    actions.require_not_over(action)
    asked = _first_asked(doing.session, action)
    if asked is not None and on < asked:
        raise Incomplete({"on": f"La solicitud fue el {long_date(asked)}: la respuesta no puede ser anterior."})
    validations.answer(
        doing,
        action.code,
        action.initiative_id,
        action.entity_id,
        accepts=accepts,
        who=who,
        on=on,
        evidence=evidence,
    )
    actions.withdraw_about(doing.session, action.id, "la entidad ya respondió", "R26")
    if not accepts:
        reason = f"No validada por {who}: {evidence}"
        actions.annul(doing.session, action, reason=reason, author=doing.actor.name, now=doing.now)
        return f"{action.code} no fue validada por {action.entity.short}: quedó anulada."
    _move(doing, action, ActionState.TO_VALIDATE, f"Validada por {who}. Evidencia: {evidence}", validated_on=on)
    told = f"{action.code} fue validada por {action.entity.short} el {long_date(on)}"
    if action.initiative.state == InitiativeState.BUILDING and _is_in_the_matrix(action.solution):
        _enter(doing, action, None, "Matriz en construcción")
        return f"{told} y hace parte de la matriz en construcción."
    return f"{told}; sigue su incorporación."


def _first_asked(session: Session, action: Action) -> date | None:
    """The first request counts: its answer may be recorded after another one went."""
    first = select(func.min(Notice.recorded_on)).where(Notice.rule == "R26", Notice.action_id == action.id)
    return session.scalar(first) or action.asked_on


def incorporate(doing: Doing, action: Action, meeting: Meeting | None = None, exception: str | None = None) -> str:
    """R26, R27: por validar → vigente, in a meeting; what answers a bottleneck of the majority needs none (R29).

    Raises:
        NotNow: not validated yet, or a third reunión de logros.
        NotAllowed: an exception that is not the Gerencia General's.
        Incomplete: no meeting, or one that cannot bring it in.
    """
    validations.require_active(action.initiative)
    if said := _not_validated(doing, action):
        raise NotNow(said)
    _require_solution(action)
    if ideas.is_bottleneck(doing.session, action.solution):
        _enter(doing, action, None, "Cuello de botella relevante para la mayoría")
        return f"{action.code} quedó incorporada por un cuello de botella de la mayoría; no usa una reunión."
    if meeting is None and action.initiative.state == InitiativeState.BUILDING:
        _enter(doing, action, None, "Matriz en construcción")
        return f"{action.code} hace parte de la matriz en construcción."
    if meeting is None:
        raise Incomplete({"meeting": "Indique la reunión de logros o de lanzamiento en que se lleva la acción."})
    _require_meeting(doing, action, meeting)
    if meeting.kind == MeetingKind.ACHIEVEMENTS:
        _require_room(doing, action.initiative, meeting, exception)
    _enter(doing, action, meeting, f"Incorporada en la {_called(meeting)}")
    matrix_updates.owe_update(doing, meeting)
    return f"{action.code} quedó incorporada en la {_called(meeting)}."


def _not_validated(_doing: Doing, action: Action) -> str | None:
    if action.validated_on is not None:
        return None
    return (
        f"{action.code} no se incorpora: {action.entity.short} no la ha validado. La respuesta se registra con "
        "«Registrar validación»."
    )


def _is_in_the_matrix(solution: Solution | None) -> bool:
    return solution is None or solution.state == IdeaState.OPEN


def _require_solution(action: Action) -> None:
    """R7: a proposal is no part of the matrix, so nothing enters under it."""
    if action.solution is not None and not _is_in_the_matrix(action.solution):
        name, state = validations.named(action.solution), state_words(action.solution.state)
        raise NotNow(
            f"{action.code} no se incorpora: la {name} está en estado «{state}» y aún no es parte de la matriz."
        )


def _require_meeting(doing: Doing, action: Action, meeting: Meeting) -> None:
    if meeting.kind not in _BRINGING or meeting.initiative_id != action.initiative_id:
        name = action.initiative.name
        raise Incomplete({"meeting": f"Indique una reunión de logros o el lanzamiento de {name}."})
    if meeting.state == MeetingState.CANCELLED:
        raise Incomplete({"meeting": f"La {_called(meeting)} se canceló."})
    day = meeting.held_on or meeting.on
    if day is None or (meeting.state != MeetingState.HELD and day > doing.today):
        raise Incomplete({"meeting": f"La {_called(meeting)} no se ha realizado."})
    _require_brought(doing, action, meeting, day)


def _require_brought(doing: Doing, action: Action, meeting: Meeting, day: date) -> None:
    """R27: nothing was brought to a meeting that was proposed later; what is noted within R28's days still was."""
    born = doing.session.scalar(
        select(func.min(Change.at)).where(Change.table == Action.__tablename__, Change.row_id == action.id)
    )
    if born is None:
        return
    proposed, days = local(born).date(), doing.method.of(action.initiative).publish_habiles
    if proposed > doing.method.calendar.add(day, days):
        raise Incomplete(
            {
                "meeting": f"{action.code} se propuso el {long_date(proposed)}, después de la {_called(meeting)}: no "
                "se llevó a ella. Indique otra reunión."
            }
        )


def _require_room(doing: Doing, initiative: Initiative, meeting: Meeting, exception: str | None) -> None:
    """R27: at most two reuniones de logros bring actions in; the Gerencia General may allow another, with a reason."""
    former = entry_meetings(doing.session, initiative.id)
    most = doing.method.of(initiative).max_entry_meetings
    if meeting in former or meeting.exception or len(former) < most:
        return
    if not exception:
        raise NotNow(_no_room(initiative, former, most))
    if not doing.actor.holds((Post.MANAGEMENT,), initiative.id):
        raise NotAllowed(f"La excepción la motiva la Gerencia General. {_no_room(initiative, former, most)}")
    if len(exception.strip()) < _EXCEPTION_MIN:
        raise Incomplete({"exception": f"Indique el motivo de la excepción, en al menos {_EXCEPTION_MIN} caracteres."})
    meeting.exception = f"{exception.strip()} ({doing.actor.name})"


def _no_room(initiative: Initiative, former: Sequence[Meeting], most: int) -> str:
    named = " y ".join(_called(one) for one in former)
    return (
        f"A {initiative.name} ya entraron acciones nuevas en {len(former)} reuniones de logros ({named}); el máximo "
        f"es {most}. La Gerencia General puede autorizar otra con su motivo."
    )


def _called(meeting: Meeting) -> str:
    """«reunión de logros del 12 de marzo de 2027»."""
    name = MEETING_NAMES[meeting.kind]
    day = meeting.held_on or meeting.on
    kind = "reunión de lanzamiento" if meeting.kind == MeetingKind.LAUNCH else f"{name[:1].lower()}{name[1:]}"
    return f"{kind} del {long_date(day)}" if day else f"{kind} {meeting.id}"


def _enter(doing: Doing, action: Action, meeting: Meeting | None, reason: str) -> None:
    """It counts from today (R26): no date of it held before."""
    before = actions.picture(action)
    action.state, action.incorporated_on = ActionState.OPEN, doing.today
    action.incorporated_in = meeting.id if meeting else None
    action.due_set_on = doing.today if action.due else None
    actions.place_due(action, action.due, doing.method)
    actions.keep(doing.session, action, before, doing.actor.name, reason, doing.now)
    doing.session.flush()
    alerts.sweep_again(doing.session)


def _move(doing: Doing, action: Action, state: str, reason: str, *, validated_on: date | None = None) -> None:
    before = actions.picture(action)
    action.state, action.validated_on = state, validated_on
    if actions.picture(action) != before:
        actions.keep(doing.session, action, before, doing.actor.name, reason, doing.now)
    doing.session.flush()


_PRIORITIES = tuple(str(one) for one in Priority)

OPERATIONS: tuple[Operation, ...] = (
    *ideas.OPERATIONS,
    Operation(
        "accion.proponer",
        "Proponer una acción nueva",
        "R6, R7",
        ideas.TEAM,
        (
            INITIATIVE,
            Field("texto", "text", "Texto de la acción", Kind.LONG),
            Field("entidad", "entity", "Entidad responsable", Kind.ENTITY),
            Field("prioridad", "priority", "Prioridad", Kind.CHOICE, options=_PRIORITIES),
            Field("solucion", "solution", "Solución a la que responde", Kind.SOLUTION, required=False),
            Field("origen", "origin", "Origen de la propuesta", required=False),
            Field("vence", "due", "Fecha de vencimiento propuesta", Kind.DATE, required=False),
            Field("apoyo", "supporting", "Entidades de apoyo", Kind.LONG, required=False),
            Field("inicio", "starts", "Fecha de inicio", Kind.DATE, required=False),
        ),
        propose_action,
        states=validations.ACTIVE,
    ),
    Operation(
        "accion.solicitar_validacion",
        "Solicitar validación",
        "R26",
        ideas.LEADERS,
        (ACTION,),
        ask,
        states=(ActionState.PROPOSED, ActionState.TO_VALIDATE),
        to=ActionState.TO_VALIDATE,
    ),
    Operation(
        "accion.validada",
        "Registrar validación",
        "R26",
        ideas.LEADERS,
        (ACTION, *ideas.ANSWER),
        answered,
        states=(ActionState.TO_VALIDATE,),
    ),
    Operation(
        "accion.incorporar",
        "Incorporar una acción validada",
        "R26, R27",
        ideas.TEAM,
        (
            ACTION,
            Field("reunion", "meeting", "Reunión en que se lleva", Kind.MEETING, required=False),
            Field("excepcion", "exception", "Motivo de la excepción (Gerencia General)", Kind.LONG, required=False),
        ),
        incorporate,
        states=(ActionState.TO_VALIDATE,),
        to=ActionState.OPEN,
        lacks=_not_validated,
    ),
)
