"""What people change in a matrix by hand (R3, R10–R13), as rows of the table of operations."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from methodology import actions, followups, ideas
from methodology.form_answers import settle_proposed_dates
from methodology.operation import ACTION, REASON, Doing, Field, Given, Kind, Operation, Weight
from methodology.refusals import Incomplete
from methodology.rules import spanish
from methodology.rules.followup import AchievementInput, FollowUpInput
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, short_date
from methodology.rules.states import (
    ACHIEVEMENT_KINDS,
    TIMELINESS_LABELS,
    ActionState,
    Post,
    Priority,
    Timeliness,
)
from storage.matrix import Action, Entity, Solution

_LEADERS = (Post.LEADER, Post.PLANNING)
_TEAM = (Post.LEADER, Post.PLANNING, Post.MANAGEMENT)
_LIVING = (ActionState.PROPOSED, ActionState.TO_VALIDATE, ActionState.OPEN)
PRIORITIES = tuple(str(one) for one in Priority)
NOT_BEGUN = "{month} todavía no comienza: el seguimiento es de un mes en curso o pasado."


def set_date(doing: Doing, action: Action, due: date, reason: str | None) -> str:
    """R9, R3: the first date, or another one; an overdue date only by GG or PL, with a reason."""
    former = action.due
    actions.move_due(
        doing.session, action.code, due, reason=reason or "", actor=doing.actor, now=doing.now, method=doing.method
    )
    settle_proposed_dates(doing.session, action, f"La fecha pasó al {long_date(due)} ({doing.actor.name})", doing.now)
    if former is None:
        return f"{action.code}: fecha de vencimiento definida para el {long_date(due)}."
    return f"{action.code}: el vencimiento pasó del {long_date(former)} al {long_date(due)}."


def reassign(doing: Doing, action: Action, entity: Entity, reason: str) -> str:
    """Another responsible entity: the overdue clock goes on, the silence counter starts again."""
    former, supporting = action.entity.short, action.supporting
    actions.reassign(doing.session, action.code, entity.name, reason=reason, actor=doing.actor, now=doing.now)
    no_support = f" {entity.short} deja de figurar como apoyo." if action.supporting != supporting else ""
    return f"{action.code} pasó de {former} a {entity.short}.{no_support}"


def _supporting_first(doing: Doing, given: Given) -> list[Entity] | None:
    """Another entity than the responsible one; those that support the action before the others."""
    if (action := given.get("action")) is None:
        return None
    rows = doing.session.scalars(select(Entity).where(Entity.id != action.entity_id).order_by(Entity.name))
    return sorted(rows, key=lambda row: actions.without(action.supporting, row) == action.supporting)


def mark_met(doing: Doing, action: Action, met_on: date, evidence: str) -> str:
    """R10: compliance, recorded any day."""
    actions.mark_met(doing.session, action.code, met_on, evidence=evidence, actor=doing.actor, now=doing.now)
    return f"{action.code} quedó cumplida el {long_date(met_on)}."


def reopen(doing: Doing, action: Action, reason: str) -> str:
    """Cumplida → vigente, with a reason: a new due version, so that its alerts can rise again."""
    actions.require_not_over(action)
    actions.require_reason(reason)
    actions.reopen(doing.session, action, reason=reason, author=doing.actor.name, now=doing.now, method=doing.method)
    return f"{action.code} vuelve a estar vigente."


def edit(
    doing: Doing,
    action: Action,
    text: str | None,
    priority: str | None,
    supporting: str | None,
    starts: date | None,
    solution: Solution | None,
    reason: str,
) -> str:
    """R3: other words, priority, supporting entities, beginning, or solution; at least one of them."""
    actions.require_not_over(action)
    actions.require_order(starts, action.due)
    if solution is not None:
        ideas.require_of(solution, action.initiative)
    number = solution.id if solution else None
    given = {"text": text, "priority": priority, "supporting": supporting, "starts": starts, "solution_id": number}
    values = {name: value for name, value in given.items() if value is not None}
    if not values:
        raise Incomplete({"text": "Indique qué cambia: texto, prioridad, entidades de apoyo, inicio o solución."})
    actions.edit(doing.session, action, values, reason=reason, author=doing.actor.name, now=doing.now)
    return f"{action.code} quedó en su versión {action.version}."


def annul(doing: Doing, action: Action, reason: str) -> str:
    """It leaves the matrix and every figure; what was planned about it is withdrawn."""
    actions.require_not_over(action)
    actions.annul(doing.session, action, reason=reason, author=doing.actor.name, now=doing.now)
    return f"{action.code} quedó anulada."


def follow_up(
    doing: Doing,
    action: Action,
    percent: float,
    text: str,
    met_on: date | None,
    evidence: str | None,
    reason: str | None,
    source: str | None,
    achievement_text: str | None,
    achievement_priority: str | None,
    achievement_kind: str | None,
    month: str | None,
    confirmed_same: bool | None,  # noqa: FBT001 - a field of a form, always by name
    blocker: str | None,
    help_needed: str | None,
) -> str:
    """R11–R13, R20: the month's follow-up of one action, from wherever its leader has it."""
    logro = None
    if achievement_text or achievement_priority or achievement_kind:
        logro = AchievementInput(achievement_text or "", achievement_priority or "", achievement_kind or "")
    answer = FollowUpInput(
        percent,
        text,
        met_on,
        evidence or "",
        reason or "",
        bool(confirmed_same),
        achievement=logro,
        blocker=blocker or "",
        help_needed=help_needed or "",
    )
    done = followups.register(
        doing.session,
        action.code,
        answer,
        actor=doing.actor,
        now=doing.now,
        method=doing.method,
        month=_month(doing, action, month) if month else None,
        source=source or "",
    )
    what = "Seguimiento corregido" if done.correction else "Seguimiento registrado"
    label = TIMELINESS_LABELS[Timeliness(done.timeliness)]
    return f"{what}: {done.code}, {_called(done.month)}, {spanish.percent(done.percent)}, {label}."


def _called(month: Month) -> str:
    return spanish.month_name(month.year, month.number)


def _month(doing: Doing, action: Action, written: str) -> Month:
    """A month that has begun, not before the launch.

    Raises:
        Incomplete: it cannot be read, or nothing can be said of it.
    """
    try:
        month = Month.parse(written.strip())
    except ValueError as exc:
        raise Incomplete({"month": f"{exc}."}) from exc
    launch = action.initiative.launch
    if month > Month.of(doing.today):
        raise Incomplete({"month": NOT_BEGUN.format(month=_called(month).capitalize())})
    if launch is not None and month < Month.of(launch):
        raise Incomplete({"month": f"La iniciativa se lanzó el {short_date(launch)}: {_called(month)} es anterior."})
    return month


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "accion.fecha",
        "Cambiar la fecha",
        "R9, R3",
        _TEAM,
        (
            ACTION,
            Field("fecha", "due", "Fecha de vencimiento", Kind.DATE, committed=True),
            Field("motivo", "reason", "Motivo, si ya tenía fecha", Kind.LONG, required=False),
        ),
        set_date,
        states=_LIVING,
    ),
    Operation(
        "accion.reasignar",
        "Cambiar la entidad responsable",
        "R3",
        _LEADERS,
        (ACTION, Field("entidad", "entity", "Entidad responsable", Kind.ENTITY, among=_supporting_first), REASON),
        reassign,
        states=_LIVING,
        weight=Weight.HEAVY,
        follows="Las próximas solicitudes llegan a la nueva entidad; los plazos siguen corriendo.",
    ),
    Operation(
        "accion.cumplida",
        "Registrar el cumplimiento",
        "R10, R12",
        _LEADERS,
        (
            ACTION,
            Field("fecha", "met_on", "Fecha de cumplimiento", Kind.DATE),
            Field("evidencia", "evidence", "Evidencia: enlace o documento", Kind.LONG),
        ),
        mark_met,
        states=(ActionState.OPEN,),
        to=ActionState.MET,
        weight=Weight.HEAVY,
        follows="Cuenta como cumplida en las cifras; la entidad deja de recibir solicitudes sobre ella.",
    ),
    Operation(
        "accion.reabrir",
        "Reabrir una acción cumplida",
        "R3, R12",
        _LEADERS,
        (ACTION, REASON),
        reopen,
        states=(ActionState.MET,),
        to=ActionState.OPEN,
        weight=Weight.HEAVY,
        follows="Vuelve a estar vigente: cuentan de nuevo sus plazos y sus alertas.",
    ),
    Operation(
        "accion.editar",
        "Editar la acción",
        "R3",
        _LEADERS,
        (
            ACTION,
            Field("texto", "text", "Texto de la acción", Kind.LONG, required=False),
            Field("prioridad", "priority", "Prioridad", Kind.CHOICE, required=False, options=PRIORITIES),
            Field("apoyo", "supporting", "Entidades de apoyo", Kind.LONG, required=False),
            Field("inicio", "starts", "Fecha de inicio", Kind.DATE, required=False),
            Field("solucion", "solution", "Solución a la que responde", Kind.SOLUTION, required=False),
            REASON,
        ),
        edit,
        states=_LIVING,
    ),
    Operation(
        "accion.seguimiento",
        "Registrar seguimiento",
        "R11–R13, R20",
        _LEADERS,
        (
            ACTION,
            Field("avance", "percent", "Avance en porcentaje", Kind.PERCENT),
            Field("texto", "text", "Descripción del avance", Kind.LONG),
            Field("fecha_cumplimiento", "met_on", "Fecha de cumplimiento, con 100 %", Kind.DATE, required=False),
            Field("evidencia", "evidence", "Evidencia, con 100 %", Kind.LONG, required=False),
            Field("motivo", "reason", "Motivo, si el avance disminuye", Kind.LONG, required=False),
            Field("fuente", "source", "Fuente: llamada, reunión u oficio de la entidad", required=False),
            Field("logro", "achievement_text", "Logro por publicar", Kind.LONG, required=False),
            Field(
                "prioridad_logro",
                "achievement_priority",
                "Prioridad del logro",
                Kind.CHOICE,
                required=False,
                options=PRIORITIES,
            ),
            Field(
                "tipo_logro",
                "achievement_kind",
                "Tipo de resultado del logro",
                Kind.CHOICE,
                required=False,
                options=ACHIEVEMENT_KINDS,
            ),
            Field("mes", "month", "Mes del seguimiento (AAAA-MM)", required=False),
            Field("confirma_igual", "confirmed_same", "El texto sigue vigente", Kind.YES, required=False),
            Field("impedimento", "blocker", "Causa del atraso", Kind.LONG, required=False),
            Field("apoyo", "help_needed", "Apoyo que se requiere", Kind.LONG, required=False),
        ),
        follow_up,
        states=(ActionState.OPEN, ActionState.MET),
    ),
    Operation(
        "accion.anular",
        "Anular una acción",
        "R3",
        (Post.MANAGEMENT, Post.PLANNING),
        (ACTION, REASON),
        annul,
        states=_LIVING,
        to=ActionState.ANNULLED,
        weight=Weight.HEAVY,
        follows="Sale de las cifras, los plazos y los avisos; pasados diez minutos, nada la devuelve.",
    ),
)
