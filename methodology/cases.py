"""R30–R33: a Solución de alto nivel and its measures, its outcome, the exit of an action.

The clock opens a case and lets actions join it (`methodology/sweeping/dates.py`); everything else is done by people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import actions, alerts, measures
from methodology.case_ending import IDLE, end_if_idle
from methodology.completion import propose_if_all_met
from methodology.notices import plan
from methodology.operation import ACTION, REASON, Doing, Field, Given, Kind, Operation, Weight
from methodology.refusals import Incomplete, NotNow
from methodology.rules.spanish import long_date, sentence
from methodology.rules.states import (
    CASE_LABELS,
    ActionState,
    CaseState,
    InitiativeState,
    MeasureState,
    Outcome,
    Post,
    state_words,
)
from methodology.suggestions import compliance_moved
from storage.ledger import CaseAction, HighLevelCase
from storage.life import Measure
from storage.matrix import Action

OWNERS = (Post.LEADER, Post.MANAGEMENT)
OWNER_NAMES = {Post.LEADER: "líder técnico", Post.MANAGEMENT: "Gerencia General"}
_LIVE = (CaseState.OPEN, CaseState.MEASURED, CaseState.EXECUTED)
_PENDING = (MeasureState.PENDING,)
_TEXT_MIN = 10


def measures_of(session: Session, case: HighLevelCase) -> list[Measure]:
    """The measures of a case, in the order of their recording."""
    return list(session.scalars(select(Measure).where(Measure.case_id == case.id).order_by(Measure.id)))


def actions_of(session: Session, case: HighLevelCase) -> list[CaseAction]:
    """The actions of a case, in the order in which they joined."""
    return list(session.scalars(select(CaseAction).where(CaseAction.case_id == case.id).order_by(CaseAction.id)))


def in_force(row: CaseAction) -> bool:
    """Whether the case still speaks of the action's present date: a new date or a reopening leaves the case."""
    return row.due_version == row.action.due_version


def open_actions(session: Session, case: HighLevelCase) -> list[Action]:
    """The actions that a case still has to bring to compliance."""
    return [row.action for row in actions_of(session, case) if in_force(row) and row.action.state == ActionState.OPEN]


def open_case(session: Session, initiative_id: int) -> HighLevelCase | None:
    """The live case of an initiative; there is at most one."""
    query = select(HighLevelCase).where(HighLevelCase.initiative_id == initiative_id, HighLevelCase.live)
    return session.scalar(query)


def add_measure(doing: Doing, case: HighLevelCase, description: str, responsible: str, deadline: date) -> Measure:
    """R32: one more measure; the case has measures defined (again). Who may is the caller's to check.

    Raises:
        NotNow: the case is surtida, or its initiative over.
        Incomplete: by argument, what a measure lacks.
    """
    _require_live(case)
    fields = _lacking({"description": description, "responsible": responsible})
    if deadline < doing.today:
        fields["deadline"] = f"La fecha de la medida no puede ser anterior a hoy ({long_date(doing.today)})."
    if fields:
        raise Incomplete(fields)
    measure = Measure(
        case_id=case.id,
        description=description.strip(),
        responsible=responsible.strip(),
        deadline=deadline,
        state=MeasureState.PENDING,
        by=doing.actor.name,
        at=doing.now,
    )
    doing.session.add(measure)
    case.state = CaseState.MEASURED
    doing.session.flush()
    measures.tell(doing, measure)
    return measure


def _lacking(given: dict[str, str]) -> dict[str, str]:
    words = {
        "description": f"Describa la medida, en al menos {_TEXT_MIN} caracteres.",
        "responsible": "Indique quién responde por la medida.",
    }
    least = {"description": _TEXT_MIN, "responsible": 1}
    return {name: words[name] for name, text in given.items() if len(text.strip()) < least[name]}


def _measure(doing: Doing, *, case: HighLevelCase, description: str, responsible: str, deadline: date) -> str:
    made = add_measure(doing, case, description, responsible, deadline)
    known = measures.reader_of(doing.session, made, doing.today)
    unknown = "" if known else f" {measures.UNKNOWN.format(name=made.responsible)}"
    return (
        f"Medida {made.id} de la Solución de alto nivel de {case.initiative.name}: {sentence(made.description)} "
        f"Responde {made.responsible}, a más tardar el {long_date(made.deadline)}.{unknown}"
    )


def _moved(doing: Doing, *, measure: Measure, deadline: date, reason: str) -> str:
    """Another date for a measure that is still to be executed; its responsible is told."""
    actions.require_reason(reason)
    _require_live(measure.case)
    was = measure.deadline
    if deadline < doing.today or deadline == was:
        raise Incomplete({"deadline": f"Indique otra fecha, de hoy ({long_date(doing.today)}) en adelante."})
    measure.deadline = deadline
    doing.session.flush()
    measures.tell(doing, measure, was)
    return f"La medida {measure.id} pasa del {long_date(was)} al {long_date(deadline)}."


def _executed(doing: Doing, *, measure: Measure, result: str) -> str:
    _require_text("result", result, "Indique el resultado de la medida")
    measure.state, measure.result = MeasureState.DONE, result.strip()
    return f"Medida {measure.id} ejecutada. {_settle(doing.session, measure.case)}"


def _dropped(doing: Doing, *, measure: Measure, reason: str) -> str:
    actions.require_reason(reason)
    measure.state, measure.result = MeasureState.DROPPED, reason.strip()
    told = f"Medida {measure.id} descartada. {_settle(doing.session, measure.case)}"
    end_if_idle(doing.session, measure.case, doing.today)
    return f"{told} {IDLE}" if measure.case.closed_on else told


def _settle(session: Session, case: HighLevelCase) -> str:
    """The case's state as its measures say: all that were not dropped are done, some are pending, or none is left."""
    _require_live(case)
    session.flush()
    states = {measure.state for measure in measures_of(session, case)}
    if MeasureState.PENDING in states:
        case.state = CaseState.MEASURED
    else:
        case.state = CaseState.EXECUTED if MeasureState.DONE in states else CaseState.OPEN
    return f"El caso está en «{CASE_LABELS[case.state].lower()}»."


def _part(doing: Doing, *, case: HighLevelCase, text: str) -> str:
    """R31: each of the two owners records their own part; whoever holds both posts records first what is missing."""
    _require_live(case)
    _require_text("text", text, "Describa la gestión adelantada")
    held = [post for post in OWNERS if doing.actor.holds((post,), case.initiative_id)]
    post = next((one for one in held if not part_of(case, one)), held[0])
    if post == Post.LEADER:
        case.leader_part, case.leader_by = text.strip(), doing.actor.name
    else:
        case.management_part, case.management_by = text.strip(), doing.actor.name
    return f"Se registró la gestión de: {OWNER_NAMES[post]}, en la Solución de alto nivel de {case.initiative.name}."


def part_of(case: HighLevelCase, post: Post) -> str:
    """What that owner recorded, or nothing."""
    return case.leader_part if post == Post.LEADER else case.management_part


def _outcome(doing: Doing, *, case: HighLevelCase, action: Action, outcome: str) -> str:
    """R33: how one action came out, once the measures were executed; recorded again, it is corrected."""
    _require_live(case)
    row = doing.session.scalar(
        select(CaseAction)
        .where(CaseAction.case_id == case.id, CaseAction.action_id == action.id)
        .order_by(CaseAction.id.desc())
        .limit(1)
    )
    if row is None:
        raise NotNow(f"{action.code} no está en la Solución de alto nivel de {case.initiative.name}.")
    if not in_force(row):
        raise NotNow(f"{action.code} tiene otra fecha desde que ingresó al caso; no requiere resultado.")
    if action.state not in (ActionState.OPEN, ActionState.MET):
        raise NotNow(f"{action.code} está en estado «{state_words(action.state)}»; no requiere resultado.")
    is_met = action.state == ActionState.MET
    if (outcome == Outcome.MET) != is_met:
        raise NotNow(f"{action.code} {'ya está cumplida' if is_met else 'no está cumplida'}: el resultado no procede.")
    row.outcome = outcome
    return f"Resultado de {action.code} en la Solución de alto nivel: {outcome}."


def _deciding(doing: Doing, given: Given) -> list[Action] | None:
    """The actions of the case that take an outcome."""
    if (case := given.get("case")) is None:
        return None
    found = [row.action for row in actions_of(doing.session, case) if in_force(row)]
    return [action for action in found if action.state in (ActionState.OPEN, ActionState.MET)]


def _exhaust(doing: Doing, *, case: HighLevelCase) -> str:
    """Surtida: measures executed (R32), both parts recorded (R31), an outcome for every action (R33)."""
    _require_live(case)
    rows = actions_of(doing.session, case)
    for row in rows:
        if in_force(row) and row.action.state == ActionState.MET:
            row.outcome = Outcome.MET
    if missing := _missing(doing.session, case, rows):
        raise NotNow(f"La Solución de alto nivel de {case.initiative.name} no se puede surtir. Falta: {missing}.")
    case.state, case.exhausted_on = CaseState.EXHAUSTED, doing.today
    stay = [row.action.code for row in rows if row.outcome == Outcome.PERSISTS and in_force(row)]
    rest = f" Persiste el incumplimiento de: {', '.join(stay)}; la salida la confirma la Gerencia General."
    return f"La Solución de alto nivel de {case.initiative.name} quedó surtida.{rest if stay else ''}"


def _not_yet(doing: Doing, case: HighLevelCase) -> str | None:
    missing = _missing(doing.session, case, actions_of(doing.session, case))
    return f"Para darla por surtida falta: {missing}." if missing else None


def _missing(session: Session, case: HighLevelCase, rows: Sequence[CaseAction]) -> str:
    """Everything that keeps the case from being surtida, in one phrase."""
    kept = [measure for measure in measures_of(session, case) if measure.state != MeasureState.DROPPED]
    pending = [str(measure.id) for measure in kept if measure.state == MeasureState.PENDING]
    parts = [OWNER_NAMES[post] for post in OWNERS if not part_of(case, post)]
    persisting = {row.action_id for row in rows if row.outcome == Outcome.PERSISTS and in_force(row)}
    undecided = [action.code for action in open_actions(session, case) if action.id not in persisting]
    lacking = (
        "" if kept else "al menos una medida",
        f"ejecutar o descartar las medidas pendientes: {', '.join(pending)}" if pending else "",
        f"la gestión de: {' y '.join(parts)}" if parts else "",
        f"el resultado de: {', '.join(undecided)}" if undecided else "",
    )
    return "; ".join(one for one in lacking if one)


def _exit(doing: Doing, *, action: Action, reason: str) -> str:
    """R33: the exit of an action, which stays on the agenda until a reunión de logros was told of it (R34)."""
    actions.require_reason(reason)
    _require_persisting(doing.session, action)
    before, session = actions.picture(action), doing.session
    action.state, action.exited_on = ActionState.EXITED, doing.today
    actions.keep(session, action, before, doing.actor.name, reason, doing.now)
    session.flush()
    alerts.close_for_action(session, action.id, "salida")
    actions.withdraw_about(session, action.id, f"{action.code} salió de la matriz")
    actions.let_go(session, action.entity_id, action.initiative_id, doing.today, "salida de la acción")
    compliance_moved(session, action)
    plan(
        session,
        "R33",
        subject=action.code,
        period=f"v{action.due_version}",
        recorded_on=doing.today,
        due=action.due,
        initiative_id=action.initiative_id,
        action_id=action.id,
        inputs={"by": doing.actor.name, "reason": reason.strip()},
    )
    propose_if_all_met(session, action.initiative, doing.today)
    return f"Se dio salida a {action.code}. Se informa en la próxima reunión de logros."


def _not_exhausted(doing: Doing, action: Action) -> str | None:
    """Said of the actions of a live case; of any other there is nothing to say."""
    try:
        _require_persisting(doing.session, action)
    except NotNow as exc:
        case = open_case(doing.session, action.initiative_id)
        return str(exc) if case and action in open_actions(doing.session, case) else ""
    return None


def _require_persisting(session: Session, action: Action) -> None:
    """Only a surtida case that contains the action, as it is dated now, and that did not help."""
    row = session.scalar(
        select(CaseAction).where(CaseAction.action_id == action.id, CaseAction.due_version == action.due_version)
    )
    if row is None:
        raise NotNow(
            f"{action.code} no ha pasado por una Solución de alto nivel con su fecha actual; no procede salida."
        )
    case = session.get_one(HighLevelCase, row.case_id)
    if case.state != CaseState.EXHAUSTED:
        state = CASE_LABELS[case.state].lower()
        raise NotNow(
            f"La Solución de alto nivel de {action.code} está en «{state}»; la salida procede una vez surtida."
        )
    if row.outcome != Outcome.PERSISTS:
        raise NotNow(f"El incumplimiento de {action.code} no consta como persistente en el caso; no procede la salida.")


def exit_candidates(session: Session, initiative_id: int) -> list[Action]:
    """R33: the open actions that a surtida case did not bring to compliance; management may give them exit."""
    query = (
        select(Action)
        .join(CaseAction, (CaseAction.action_id == Action.id) & (CaseAction.due_version == Action.due_version))
        .join(HighLevelCase, HighLevelCase.id == CaseAction.case_id)
        .where(
            Action.initiative_id == initiative_id,
            Action.state == ActionState.OPEN,
            HighLevelCase.state == CaseState.EXHAUSTED,
            CaseAction.outcome == Outcome.PERSISTS,
        )
        .order_by(Action.code)
    )
    return list(session.scalars(query))


def _require_live(case: HighLevelCase) -> None:
    if case.state == CaseState.EXHAUSTED:
        raise NotNow(f"La Solución de alto nivel de {case.initiative.name} ya está surtida.")
    if case.initiative.state == InitiativeState.CLOSED:
        raise NotNow(f"La iniciativa {case.initiative.name} está cerrada.")
    if case.closed_on is not None:
        raise NotNow(
            f"La Solución de alto nivel de {case.initiative.name} terminó el {long_date(case.closed_on)}: no le "
            "quedaban acciones abiertas ni medidas."
        )


def _require_text(name: str, text: str, sentence: str) -> None:
    if len(text.strip()) < _TEXT_MIN:
        raise Incomplete({name: f"{sentence}, en al menos {_TEXT_MIN} caracteres."})


_CASE = Field("caso", "case", "Solución de alto nivel", Kind.CASE)
_OF_MEASURE = Field("medida", "measure", "Medida", Kind.MEASURE)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="caso.medida",
        title="Definir una medida",
        rule="R32",
        posts=(*OWNERS, Post.HIGH_LEVEL),
        fields=(
            _CASE,
            Field("descripcion", "description", "Medida", Kind.LONG),
            Field("responsable", "responsible", "Responsable"),
            Field("fecha", "deadline", "Fecha límite", Kind.DATE, committed=True),
        ),
        do=_measure,
        states=_LIVE,
        to=CaseState.MEASURED,
    ),
    Operation(
        id="medida.fecha",
        title="Cambiar la fecha",
        rule="R32",
        posts=OWNERS,
        fields=(_OF_MEASURE, Field("fecha", "deadline", "Fecha límite", Kind.DATE, committed=True), REASON),
        do=_moved,
        states=_PENDING,
    ),
    Operation(
        id="medida.ejecutada",
        title="Medida ejecutada",
        rule="R32",
        posts=OWNERS,
        fields=(_OF_MEASURE, Field("resultado", "result", "Resultado", Kind.LONG)),
        do=_executed,
        states=_PENDING,
        to=MeasureState.DONE,
    ),
    Operation(
        id="medida.descartada",
        title="Descartar una medida",
        rule="R32",
        posts=OWNERS,
        fields=(_OF_MEASURE, REASON),
        do=_dropped,
        states=_PENDING,
        to=MeasureState.DROPPED,
        weight=Weight.HEAVY,
    ),
    Operation(
        id="caso.gestion",
        title="Registrar su gestión",
        rule="R31",
        posts=OWNERS,
        fields=(_CASE, Field("texto", "text", "Gestión adelantada", Kind.LONG)),
        do=_part,
        states=_LIVE,
    ),
    Operation(
        id="caso.resultado",
        title="Registrar resultado",
        rule="R33",
        posts=OWNERS,
        fields=(
            _CASE,
            replace(ACTION, among=_deciding),
            Field("resultado", "outcome", "Resultado", Kind.CHOICE, options=tuple(Outcome)),
        ),
        do=_outcome,
        states=(CaseState.EXECUTED,),
    ),
    Operation(
        id="caso.surtir",
        title="Dar por surtida",
        rule="R30",
        posts=OWNERS,
        fields=(_CASE,),
        do=_exhaust,
        states=_LIVE,
        to=CaseState.EXHAUSTED,
        weight=Weight.HEAVY,
        lacks=_not_yet,
    ),
    Operation(
        id="accion.salida",
        title="Confirmar la salida",
        rule="R33",
        posts=(Post.MANAGEMENT,),
        fields=(ACTION, REASON),
        do=_exit,
        states=(ActionState.OPEN,),
        to=ActionState.EXITED,
        weight=Weight.HEAVY,
        follows="Sale de la matriz vigente y se informa en la próxima reunión de logros.",
        lacks=_not_exhausted,
    ),
)
