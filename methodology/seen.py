"""The matrix as it stood at the end of any day, by registration (R3); and no person's name in what is shown (R49)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from methodology.rules.calendar import BOGOTA
from methodology.rules.figures import Semaforo, semaforo
from methodology.rules.states import ActionState, InitiativeState
from methodology.rules.thresholds import Thresholds
from storage.history import Change
from storage.life import Member, Validation
from storage.matrix import Action, ActionVersion, Entity, FollowUp, Initiative, Obstacle, Person, Solution

T = TypeVar("T")

SHOWN = (ActionState.OPEN, ActionState.MET, ActionState.EXITED, ActionState.CLOSED_UNMET)
WITHHELD = "[nombre reservado]"
DEFAULTS = Thresholds()
_PARTS = re.compile(r"[,;()/]|\s[-–—]\s|\s+y\s+")
_TITLE = re.compile(r"^(?:(?:dra?|ing|lic|sra?|señora?|doctora?)\.?\s+)+", re.IGNORECASE)
_WORD = re.compile(r"[A-ZÁÉÍÓÚÜÑ][A-Za-zÁÉÍÓÚÜÑáéíóúüñ'’-]*\.?$")
_PARTICLES = frozenset({"de", "del", "la", "las", "los", "da", "do", "van", "von", "e"})
_NOBODY = frozenset(
    {
        "academia", "agencia", "alcaldía", "andi", "asociación", "autoridad", "banco", "centro", "clúster", "colombia",
        "colombiana", "colombiano", "comercio", "comisión", "comité", "confederación", "consejería", "consejo",
        "corporación", "cámara", "departamento", "despacho", "dirección", "director", "directora", "embajada",
        "empresa", "empresas", "entidad", "equipo", "federación", "fondo", "fundación", "gerencia", "gerente",
        "gobernación", "gremio", "gremios", "grupo", "industria", "industrias", "instituto", "invima", "jefe",
        "laboratorio", "laboratorios", "mesa", "mincit", "ministerio", "ministra", "ministro", "nacional", "oficina",
        "operador", "organización", "planeación", "presidencia", "presidenta", "presidente", "privado", "procolombia",
        "productiva", "público", "s.a.", "s.a.s.", "sas", "secretaria", "secretario", "secretaría", "sector",
        "sociedad", "subdirección", "superintendencia", "superintendente", "unidad", "universidad", "unión",
        "viceministerio", "viceministra", "viceministro", "zona",
    }
)  # fmt: skip
"""Words of institutions and posts: what holds one is nobody's name."""
_REMEMBERED = (Initiative, Obstacle, Solution, Action)


@dataclass(frozen=True)
class Seen:
    """An action as it stood, by registration, at the end of the cut-off day."""

    action: Action
    entity: Entity
    text: str
    supporting: str
    priority: str
    state: str
    due: date | None
    moves: int
    met_on: date | None
    percent: float | None
    follow_up: FollowUp | None
    light: Semaforo


class Past:
    """What rows held before the changes registered from `end` on; actions have versions of their own."""

    def __init__(self, session: Session, end: datetime) -> None:
        tables = [table.__tablename__ for table in _REMEMBERED]
        later = select(Change).where(Change.at >= end, Change.table.in_(tables)).order_by(Change.id.desc())
        self._before: dict[tuple[str, int], dict[str, Any]] = {}
        self._new: set[tuple[str, int]] = set()
        for change in session.scalars(later):
            key = (change.table, change.row_id)
            self._before.setdefault(key, {}).update(change.before)
            if not change.before:
                self._new.add(key)

    def of(self, row: Initiative | Obstacle | Solution, column: str) -> Any:  # noqa: ANN401 - a column's value
        """The column as it was, as JSON keeps it if it changed since."""
        return self._before.get((row.__tablename__, row.id), {}).get(column, getattr(row, column))

    def knows(self, row: Action | Obstacle | Solution) -> bool:
        """Whether the row was there already."""
        return (row.__tablename__, row.id) not in self._new


def seen_on(session: Session, initiative: Initiative, day: date, general: Thresholds = DEFAULTS) -> list[Seen]:
    """The incorporated actions of a matrix as they stood at the end of `day`; proposals are no part of it (R7).

    `general` are the thresholds of all initiatives: the lights follow this one's own, as they were that day (R2).
    """
    end = midnight(day + timedelta(days=1))
    statement = select(Action).where(Action.initiative_id == initiative.id).order_by(Action.code)
    actions = list(session.scalars(statement.options(joinedload(Action.solution).joinedload(Solution.obstacle))))
    entities = {entity.id: entity for entity in session.scalars(select(Entity))}
    undone = _undone(session, initiative, end)
    reports = _follow_ups(session, initiative, end)
    past = Past(session, end)
    limits = general.own(past.of(initiative, "overrides"), f"iniciativa {initiative.slug}")
    light = partial(semaforo, paused=past.of(initiative, "state") == InitiativeState.PAUSED, limits=limits)
    rows = [
        _seen(a, undone.get(a.id, []), reports.get(a.id, []), entities, end=end, light=partial(light, today=day))
        for a in actions
        if past.knows(a) and (a.incorporated_on is None or a.incorporated_on <= day)
    ]
    return [row for row in rows if row.state in SHOWN]


def names_withheld(session: Session) -> Callable[[str], str]:
    """R49: a function that takes the full names of persons out of a text.

    Those of the directory, and those that people wrote down where a person is meant: members and their substitutes,
    who validated, who brought an obstacle up.
    """
    people = {name.strip() for name in session.scalars(select(Person.name)) if " " in name.strip()}
    names = sorted(people | _written_names(session), key=len, reverse=True)
    if not names:
        return lambda text: text
    pattern = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in names), re.IGNORECASE)
    return lambda text: pattern.sub(WITHHELD, text)


def _written_names(session: Session) -> set[str]:
    """What looks like a person's name in the fields of people who are not in the directory."""
    entities = set(session.scalars(select(Entity.name).union(select(Member.entity), select(Member.post))))
    fields = (Member.holder, Member.substitute, Validation.by, Obstacle.brought_by)
    parts = {part.strip() for field in fields for text in session.scalars(select(field)) for part in _PARTS.split(text)}
    return {name for name in (_TITLE.sub("", part) for part in parts) if _personal(name) and name not in entities}


def _personal(name: str) -> bool:
    """Two to six words with capitals, none of which names an institution, a guild or a post."""
    words = [word for word in name.split() if word.lower() not in _PARTICLES]
    return 2 <= len(words) <= 6 and all(_WORD.match(word) and word.lower() not in _NOBODY for word in words)  # noqa: PLR2004 - as the sentence says


def midnight(day: date) -> datetime:
    """0:00 of `day` on Bogotá's wall."""
    return datetime.combine(day, time(), BOGOTA)


def _undone(session: Session, initiative: Initiative, end: datetime) -> dict[int, list[Mapping[str, Any]]]:
    """By action: what stood before each change registered from `end` on, the newest change first."""
    later = select(ActionVersion).join(Action, Action.id == ActionVersion.action_id)
    later = later.where(Action.initiative_id == initiative.id, ActionVersion.at >= end)
    return _by_action((v.action_id, v.before) for v in session.scalars(later.order_by(ActionVersion.version.desc())))


def _follow_ups(session: Session, initiative: Initiative, end: datetime) -> dict[int, list[FollowUp]]:
    """By action, by month: the follow-ups effective at `end` and those registered later."""
    rows = select(FollowUp).join(Action, Action.id == FollowUp.action_id).where(Action.initiative_id == initiative.id)
    ordered = session.scalars(rows.order_by(FollowUp.month, FollowUp.id))
    return _by_action((f.action_id, f) for f in ordered if f.superseded_at is None or f.superseded_at >= end)


def _by_action(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for action_id, value in pairs:
        found.setdefault(action_id, []).append(value)
    return found


def _seen(
    action: Action,
    undone: Sequence[Mapping[str, Any]],
    reports: Sequence[FollowUp],
    entities: Mapping[int, Entity],
    *,
    end: datetime,
    light: Callable[[str, date | None], Semaforo],
) -> Seen:
    names = ("text", "entity_id", "supporting", "priority", "state", "due", "due_moves", "met_on", "percent")
    was = {name: getattr(action, name) for name in names}
    for before in undone:
        was |= {name: value for name, value in before.items() if name in was}
    due, known = _day(was["due"]), [f for f in reports if f.at < end]
    follow_up = known[-1] if known else None
    moved_later = sum(before.get("due") is not None for before in undone)
    return Seen(
        action=action,
        entity=entities[was["entity_id"]],
        text=was["text"],
        supporting=was["supporting"],
        priority=was["priority"],
        state=was["state"],
        due=due,
        moves=max(was["due_moves"] - moved_later, int(action.original_due is not None and due != action.original_due)),
        met_on=_day(was["met_on"]),
        percent=_percent(was["state"], follow_up, None if reports else was["percent"]),
        follow_up=follow_up,
        light=light(was["state"], due),
    )


def _percent(state: str, follow_up: FollowUp | None, brought_in: float | None) -> float | None:
    """100 when met, the last follow-up's figure, or the one the matrix came with; None is «Sin reporte» (R13)."""
    if state == ActionState.MET:
        return 100.0
    return follow_up.percent if follow_up else brought_in


def _day(value: date | str | None) -> date | None:
    """A date as the table or as a kept version has it."""
    return date.fromisoformat(value) if isinstance(value, str) else value
