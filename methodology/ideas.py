"""R7 and R29: obstacles and solutions that are brought up, before they are part of a matrix.

A proposal of the launch's discussion waits for whoever leads the initiative; a bottleneck of the majority goes its own
way, in an order that is enforced: added, its entity approached, validated or rejected.
"""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import actions, validations
from methodology.notices import plan, withdraw
from methodology.operation import INITIATIVE, REASON, Doing, Field, Kind, Operation, Weight
from methodology.refusals import Incomplete, NotNow
from methodology.rules.spanish import long_date, plain
from methodology.rules.states import ActionState, IdeaState, InitiativeState, NoticeState, Post, Sector
from storage.ledger import Notice
from storage.life import Validation
from storage.matrix import Action, Entity, Initiative, Obstacle, Solution

TEAM = (Post.LEADER, Post.PLANNING, Post.MANAGEMENT)
LEADERS = (Post.LEADER, Post.PLANNING)
BOTTLENECK = "Cuello de botella"
KINDS = ("Barrera", "Brecha", BOTTLENECK)
STATEMENT_MIN = 30
_VOTES = re.compile(r"(\d{1,4})\s*(?:de|/)\s*(\d{1,4})", re.IGNORECASE)
_WAITING = (ActionState.PROPOSED, ActionState.TO_VALIDATE)


def is_bottleneck(session: Session, solution: Solution | None) -> bool:
    """R29: it answers a bottleneck of the majority, evidenced, and its entity validated it: the last answer counts."""
    if solution is None or solution.obstacle.kind != BOTTLENECK or not solution.obstacle.evidence:
        return False
    if (solution.state, solution.obstacle.state) != (IdeaState.OPEN, IdeaState.OPEN):
        return False
    answers = select(Validation.accepted).where(
        Validation.subject == validations.named(solution),
        Validation.initiative_id == solution.obstacle.initiative_id,
    )
    return bool(session.scalars(answers.order_by(Validation.id.desc()).limit(1)).first())


def require_of(solution: Solution, initiative: Initiative) -> None:
    """An action hangs under a solution of its own initiative that was not rejected."""
    if solution.obstacle.initiative_id != initiative.id:
        raise Incomplete({"solution": f"La {validations.named(solution)} no es de {initiative.name}."})
    if solution.state == IdeaState.REJECTED:
        raise Incomplete({"solution": f"La {validations.named(solution)} fue rechazada."})


def reword(
    doing: Doing,
    solution: Solution,
    text: str | None,
    obstacle: str | None,
    kind: str | None,
    theme: str | None,
    reason: str,
) -> str:
    """R3: other words of a solution or of its obstacle, another kind or theme; what they were stays on record.

    Raises:
        Incomplete: nothing changes, or no reason.
        NotNow: the initiative is over; or the evidence of a bottleneck (R29) speaks of what would change.
    """
    del reason  # kept with the deed and with the change of the rows
    initiative = _initiative(doing, solution)
    if initiative.state in (InitiativeState.CLOSED, InitiativeState.DISCARDED):
        raise NotNow(f"La iniciativa {initiative.name} está {initiative.state}: su matriz no cambia.")
    if kind is not None and solution.obstacle.evidence and kind != BOTTLENECK:
        raise NotNow("El obstáculo se agregó como cuello de botella de la mayoría: su tipo no cambia.")
    wanted = {"text": obstacle, "kind": kind, "theme": theme}
    changed = [_put(solution, "text", text), *(_put(solution.obstacle, name, value) for name, value in wanted.items())]
    if not any(changed):
        raise Incomplete({"text": "Indique qué cambia: la solución, el obstáculo, su tipo o su tema."})
    doing.session.flush()
    return f"La {validations.named(solution)} y su obstáculo quedaron como se indicó."


def _put(row: Solution | Obstacle, name: str, value: str | None) -> bool:
    """Whether the column has another value now."""
    if value is None or getattr(row, name) == value.strip():
        return False
    setattr(row, name, value.strip())
    return True


def register(
    doing: Doing, initiative: Initiative, origin: str, text: str, kind: str, theme: str, solution_text: str, who: str
) -> str:
    """R7: what was proposed in the discussion, by whom and from which sector. It counts in no figure."""
    solution = _add(doing, initiative, kind, theme, text, solution_text, IdeaState.PROPOSED, (IdeaState.REJECTED,))
    obstacle = solution.obstacle
    obstacle.origin, obstacle.brought_by, obstacle.brought_on = origin, who.strip(), doing.today
    return f"Propuesta registrada como {validations.named(solution)} (origen {origin}); no cuenta en ninguna cifra."


def accept(doing: Doing, solution: Solution) -> str:
    """R7: the proposal becomes part of the matrix; its actions still need their own way in (R26, R27)."""
    validations.require_active(_initiative(doing, solution))
    _settle(doing.session, solution, IdeaState.OPEN)
    return f"La {validations.named(solution)} y su obstáculo hacen parte de la matriz."


def discard(doing: Doing, solution: Solution, reason: str | None) -> str:
    """R7: it stays on record, and so do its actions, annulled."""
    _settle(doing.session, solution, IdeaState.REJECTED)
    fallen = _annul_under(doing, solution, reason or "Propuesta descartada")
    return f"La {validations.named(solution)} quedó descartada.{fallen}"


def add_bottleneck(
    doing: Doing,
    initiative: Initiative,
    text: str,
    theme: str,
    solution_text: str,
    votes: str | None,
    statement: str | None,
) -> str:
    """R29, first: obstacle and solution are added, with the evidence that they matter to the majority."""
    evidence = majority(votes, statement)
    may = (IdeaState.PROPOSED, IdeaState.REJECTED)
    solution = _add(doing, initiative, BOTTLENECK, theme, text, solution_text, IdeaState.TO_VALIDATE, may)
    obstacle = solution.obstacle
    obstacle.evidence, obstacle.brought_on = evidence, doing.today
    return (
        f"Cuello de botella agregado como {validations.named(solution)}, por validar ({evidence}). "
        "Sigue el acercamiento a la entidad."
    )


def majority(votes: str | None, statement: str | None) -> str:
    """R29: the evidence in words: votes in favour of the total, or a reasoned statement, or both.

    Raises:
        Incomplete: neither was given, or the votes are no majority.
    """
    if not votes and not statement:
        raise Incomplete({"votes": "Indique los votos («12 de 15») o un sustento de que es relevante para la mayoría."})
    if votes:
        counted = _VOTES.fullmatch(votes.strip())
        if not counted or not 0 <= int(counted[1]) <= int(counted[2]):
            raise Incomplete({"votes": "Escriba los votos a favor y el total: «12 de 15»."})
        if int(counted[1]) * 2 <= int(counted[2]):
            raise Incomplete({"votes": f"{counted[1]} de {counted[2]} no es la mayoría: se requiere más de la mitad."})
        told = f"{counted[1]} de {counted[2]} votos a favor"
        return f"{told}; {statement.strip()}" if statement else told
    reasoned = (statement or "").strip()
    if len(reasoned) < STATEMENT_MIN:
        raise Incomplete({"statement": f"El sustento requiere al menos {STATEMENT_MIN} caracteres."})
    return reasoned


def approach(doing: Doing, solution: Solution, entity: Entity) -> str:
    """R29, then: the responsible entity is approached, by mail; an internal one through its leader."""
    initiative = _initiative(doing, solution)
    validations.require_active(initiative)
    _withdraw_letters(doing, solution, f"el acercamiento se dirige a {entity.short}")
    solution.entity_id, solution.approached_on = entity.id, doing.today
    doing.session.flush()
    name = validations.named(solution)
    if entity.internal:
        return f"Acercamiento a {entity.short} por la {name}: es interna, la valida su líder técnico."
    plan(
        doing.session,
        "R29",
        subject=name,
        period=_period(doing, solution, entity),
        recorded_on=doing.today,
        due=None,
        initiative_id=initiative.id,
        entity_id=entity.id,
        inputs={"by": doing.actor.name, "asker": doing.actor.person_id, "solution": solution.id},
    )
    return f"Acercamiento a {entity.short} por la {name}: la carta sale en el siguiente horario hábil."


def _period(doing: Doing, solution: Solution, entity: Entity) -> str:
    """Day and entity; approached again on that day, the letter goes again under a number of its own."""
    period = f"{doing.today.isoformat()}:{entity.id}"
    former = select(func.count(Notice.id)).where(
        Notice.rule == "R29",
        Notice.subject == validations.named(solution),
        Notice.initiative_id == solution.obstacle.initiative_id,
        Notice.entity_id == entity.id,
        Notice.recorded_on == doing.today,
    )
    times = doing.session.scalar(former) or 0
    return f"{period}:{times + 1}" if times else period


def validate(doing: Doing, solution: Solution, accepts: bool, who: str, on: date, evidence: str) -> str:  # noqa: FBT001 - a field of a form, always by name
    """R29, last: the entity validates the solution, or rejects it; never before it was approached."""
    if solution.approached_on is None or solution.entity_id is None:
        raise NotNow(
            f"La {validations.named(solution)} no se valida antes del acercamiento a la entidad, que se registra "
            "con cuello.acercamiento."
        )
    name = validations.named(solution)
    validations.answer(
        doing,
        name,
        solution.obstacle.initiative_id,
        solution.entity_id,
        accepts=accepts,
        who=who,
        on=on,
        evidence=evidence,
        since=solution.approached_on,
    )
    _settle(doing.session, solution, IdeaState.OPEN if accepts else IdeaState.REJECTED)
    _withdraw_letters(doing, solution, "la entidad ya respondió")
    if accepts:
        return f"La {name} quedó validada el {long_date(on)} y hace parte de la matriz."
    fallen = _annul_under(doing, solution, "Solución rechazada por la entidad")
    return f"La {name} fue rechazada el {long_date(on)}.{fallen}"


def _add(
    doing: Doing,
    initiative: Initiative,
    kind: str,
    theme: str,
    text: str,
    solution_text: str,
    state: IdeaState,
    may: tuple[IdeaState, ...],
) -> Solution:
    """An obstacle with its solution in `state`; one with the same words is taken up again if it stands in `may`.

    Taken up again it begins anew: no approach and, as a proposal, no evidence of before. What waited under the
    obstacle goes along into `state`.

    Raises:
        NotNow: it is registered already, and in use.
    """
    obstacle = _known(doing, initiative, kind, text)
    if obstacle is None:
        obstacle = Obstacle(initiative_id=initiative.id, theme=theme.strip(), kind=kind, text=text.strip(), state=state)
        doing.session.add(obstacle)
    elif obstacle.state not in may:
        raise NotNow(f"Ese obstáculo ya está registrado en {initiative.name}, en estado «{obstacle.state}».")
    obstacle.state, obstacle.theme = state, theme.strip()
    obstacle.evidence = "" if state == IdeaState.PROPOSED else obstacle.evidence
    doing.session.flush()
    for waiting in _under(doing.session, obstacle, IdeaState.PROPOSED, IdeaState.TO_VALIDATE):
        _anew(waiting, state)
    known = select(Solution).where(Solution.obstacle_id == obstacle.id, Solution.text == solution_text.strip())
    solution = doing.session.scalar(known)
    if solution is None:
        solution = Solution(obstacle=obstacle, text=solution_text.strip(), state=state)
        doing.session.add(solution)
    _anew(solution, state)
    doing.session.flush()
    return solution


def _anew(solution: Solution, state: IdeaState) -> None:
    solution.state, solution.approached_on, solution.entity_id = state, None, None


def _under(session: Session, obstacle: Obstacle, *states: IdeaState) -> list[Solution]:
    query = select(Solution).where(Solution.obstacle_id == obstacle.id, Solution.state.in_(states))
    return list(session.scalars(query.order_by(Solution.id)))


def _initiative(doing: Doing, solution: Solution) -> Initiative:
    return doing.session.get_one(Initiative, solution.obstacle.initiative_id)


def _known(doing: Doing, initiative: Initiative, kind: str, text: str) -> Obstacle | None:
    rows = doing.session.scalars(select(Obstacle).where(Obstacle.initiative_id == initiative.id, Obstacle.kind == kind))
    return next((row for row in rows if plain(row.text) == plain(text)), None)


def _settle(session: Session, solution: Solution, state: IdeaState) -> None:
    """Solution and obstacle go together; one that is in the matrix stays there, one with others waiting waits."""
    obstacle, former = solution.obstacle, IdeaState(solution.state)
    alone = _under(session, obstacle, former) == [solution]
    if obstacle.state == former and (alone or state == IdeaState.OPEN):
        obstacle.state = state
    solution.state = state


def _annul_under(doing: Doing, solution: Solution, reason: str) -> str:
    """The actions that waited for this solution are annulled with it; said in words."""
    waiting = select(Action).where(Action.solution_id == solution.id, Action.state.in_(_WAITING)).order_by(Action.code)
    codes = []
    for action in doing.session.scalars(waiting).all():
        actions.annul(
            doing.session, action, reason=f"Con su solución: {reason}", author=doing.actor.name, now=doing.now
        )
        codes.append(action.code)
    return f" Se anulan con ella: {', '.join(codes)}." if codes else ""


def _withdraw_letters(doing: Doing, solution: Solution, reason: str) -> None:
    letters = select(Notice).where(
        Notice.rule == "R29",
        Notice.subject == validations.named(solution),
        Notice.initiative_id == solution.obstacle.initiative_id,
        Notice.state == NoticeState.PLANNED,
    )
    for notice in doing.session.scalars(letters):
        withdraw(doing.session, notice, reason)


SOLUTION = Field("solucion", "solution", "Solución", Kind.SOLUTION)
ANSWER = (
    Field("acepta", "accepts", "La entidad acepta", Kind.YES),
    Field("quien", "who", "Quién respondió por la entidad"),
    Field("fecha", "on", "Fecha de la respuesta", Kind.DATE),
    Field("evidencia", "evidence", "Evidencia: oficio, correo o acta", Kind.LONG),
)
_OBSTACLE = Field("obstaculo", "text", "Obstáculo", Kind.LONG)
_THEME = Field("eslabon", "theme", "Eslabón o tema")
_PROPOSED_SOLUTION = Field("solucion", "solution_text", "Solución propuesta", Kind.LONG)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "solucion.editar",
        "Corregir obstáculo o solución",
        "R3, R6",
        LEADERS,
        (
            SOLUTION,
            Field("texto", "text", "Solución, como queda", Kind.LONG, required=False),
            Field("obstaculo", "obstacle", "Obstáculo, como queda", Kind.LONG, required=False),
            Field("tipo", "kind", "Tipo de obstáculo", Kind.CHOICE, required=False, options=KINDS),
            Field("eslabon", "theme", "Eslabón o tema", required=False),
            REASON,
        ),
        reword,
        states=(IdeaState.PROPOSED, IdeaState.TO_VALIDATE, IdeaState.OPEN),
    ),
    Operation(
        "propuesta.registrar",
        "Registrar propuesta",
        "R7",
        TEAM,
        (
            INITIATIVE,
            Field("origen", "origin", "Origen", Kind.CHOICE, options=tuple(str(one) for one in Sector)),
            _OBSTACLE,
            Field("tipo", "kind", "Tipo de obstáculo", Kind.CHOICE, options=KINDS),
            _THEME,
            _PROPOSED_SOLUTION,
            Field("quien", "who", "Quién la propuso"),
        ),
        register,
        states=validations.ACTIVE,
    ),
    Operation(
        "propuesta.aceptar",
        "Aceptar la propuesta",
        "R7",
        TEAM,
        (SOLUTION,),
        accept,
        states=(IdeaState.PROPOSED,),
        to=IdeaState.OPEN,
    ),
    Operation(
        "propuesta.descartar",
        "Descartar una propuesta",
        "R7",
        TEAM,
        (SOLUTION, Field("motivo", "reason", "Motivo", Kind.LONG, required=False)),
        discard,
        states=(IdeaState.PROPOSED,),
        to=IdeaState.REJECTED,
        weight=Weight.HEAVY,
    ),
    Operation(
        "cuello.agregar",
        "Agregar cuello de botella",
        "R29",
        TEAM,
        (
            INITIATIVE,
            _OBSTACLE,
            _THEME,
            _PROPOSED_SOLUTION,
            Field("votos", "votes", "Votos a favor y total: «12 de 15»", required=False),
            Field("sustento", "statement", "Sustento de que es relevante para la mayoría", Kind.LONG, required=False),
        ),
        add_bottleneck,
        states=validations.ACTIVE,
    ),
    Operation(
        "cuello.acercamiento",
        "Acercarse a la entidad",
        "R29",
        TEAM,
        (SOLUTION, Field("entidad", "entity", "Entidad responsable", Kind.ENTITY)),
        approach,
        states=(IdeaState.TO_VALIDATE,),
    ),
    Operation(
        "cuello.validar",
        "Registrar su validación",
        "R29",
        TEAM,
        (SOLUTION, *ANSWER),
        validate,
        states=(IdeaState.TO_VALIDATE,),
    ),
)
