"""How rows are called on cards and in forms: a key that finds them again, a label, the lists to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.alerts import open_alerts, subject
from methodology.naming import FINDERS
from methodology.operation import Kind
from methodology.publishing import name_of
from methodology.refusals import Refusal
from methodology.rules.spanish import long_date, short_date
from methodology.rules.states import CASE_LABELS, MEETING_NAMES, ActionState, MeetingState, MemberState
from methodology.tray import waiting
from storage.ledger import HighLevelCase, Report, TrayItem
from storage.life import AgendaItem, Agreement, Measure, Meeting, Member
from storage.matrix import Achievement, Action, Entity, Initiative, Obstacle, Person, Solution

NOUNS: Mapping[Kind, str] = {
    Kind.INITIATIVE: "Iniciativa",
    Kind.ACTION: "Acción",
    Kind.ENTITY: "Entidad",
    Kind.PERSON: "Persona",
    Kind.ALERT: "Alerta",
    Kind.CASE: "Solución de alto nivel",
    Kind.MEASURE: "Medida",
    Kind.SOLUTION: "Solución",
    Kind.MEETING: "Reunión",
    Kind.ITEM: "Punto de la agenda",
    Kind.AGREEMENT: "Acuerdo",
    Kind.MEMBER: "Integrante del Equipo de Alto Nivel",
    Kind.REPORT: "Reporte",
    Kind.ACHIEVEMENT: "Logro",
    Kind.TRAY: "Bandeja",
}
Choices = tuple[tuple[str, str], ...]
_RECENT = 40
_MANY = 120
_LABEL = 90


def key_of(kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    """What finds the row again, whoever writes it: code, slug, name, mail or number."""
    return str(_KEYS.get(kind, lambda one: one.id)(row))


def label_of(kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    """The row in a line of words."""
    return " ".join(str(_LABELS[kind](row)).split())


def find_row(session: Session, kind: Kind, key: str) -> Any:  # noqa: ANN401 - any mapped row
    """The row behind a key.

    Raises:
        NotFound: there is none (any more).
    """
    return FINDERS[kind](session, key)


def canonical(session: Session, kind: Kind, written: str) -> str:
    """The key of what somebody wrote, or the words themselves when they name no row."""
    if kind not in FINDERS or not written:
        return written
    try:
        return key_of(kind, find_row(session, kind, written))
    except Refusal:
        return written


def choices(session: Session, kind: Kind, initiative_id: int | None, meeting_id: int | None = None) -> Choices:
    """(label, key) of the rows that a field of this kind may name here; empty when there are too many to offer."""
    lister = _LISTS.get(kind)
    return offered(kind, lister(session, initiative_id, meeting_id) if lister else [])


def offered(kind: Kind, rows: Iterable[Any]) -> Choices:
    """(label, key) of these rows."""
    return tuple((_clipped(label_of(kind, row)), key_of(kind, row)) for row in rows)


def _clipped(label: str) -> str:
    return label if len(label) <= _LABEL else f"{label[: _LABEL - 1]}…"


def _meeting(row: Meeting) -> str:
    where = f" · {row.initiative.name}" if row.initiative else ""
    day = row.held_on or row.on
    return f"{MEETING_NAMES.get(row.kind, row.kind)}{where} · {short_date(day) if day else 'sin fecha'}"


def _case(row: HighLevelCase) -> str:
    return f"{row.initiative.name} · {CASE_LABELS.get(row.state, row.state)} · abierta el {long_date(row.opened_on)}"


def _trouble(row: TrayItem) -> str:
    """Of somebody who wrote, who it is: their titles are all the same."""
    who = str(row.detail.get("nombre") or "")
    return f"{who} ({row.detail.get('mail') or 'sin correo'})" if who else row.title


_KEYS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.INITIATIVE: lambda row: row.slug,
    Kind.ACTION: lambda row: row.code,
    Kind.ENTITY: lambda row: row.name,
    Kind.PERSON: lambda row: row.mail,
}
_LABELS: Mapping[Kind, Callable[[Any], str]] = {
    Kind.INITIATIVE: lambda row: row.name,
    Kind.ACTION: lambda row: f"{row.code} · {row.text}",
    Kind.ENTITY: lambda row: row.name,
    Kind.PERSON: lambda row: row.name,
    Kind.ALERT: lambda row: f"{subject(row)} · {row.initiative.name} · registrada el {short_date(row.raised_on)}",
    Kind.CASE: _case,
    Kind.MEASURE: lambda row: row.description,
    Kind.SOLUTION: lambda row: row.text,
    Kind.MEETING: _meeting,
    Kind.ITEM: lambda row: f"{row.position}. {row.title}",
    Kind.AGREEMENT: lambda row: row.text,
    Kind.MEMBER: lambda row: f"{row.holder}, {row.post}",
    Kind.REPORT: name_of,
    Kind.ACHIEVEMENT: lambda row: f"{row.action.code} · {row.text}",
    Kind.TRAY: _trouble,
}


def _initiatives(session: Session, _initiative: int | None, _meeting_id: int | None) -> Iterable[Initiative]:
    return session.scalars(select(Initiative).order_by(Initiative.position))


def _actions(session: Session, initiative_id: int | None, _meeting_id: int | None) -> Iterable[Action]:
    query = select(Action).order_by(Action.code)
    if initiative_id is None:
        return session.scalars(query.where(Action.state == ActionState.OPEN).limit(_MANY))
    return session.scalars(query.where(Action.initiative_id == initiative_id))


def _entities(session: Session, _initiative: int | None, _meeting_id: int | None) -> Iterable[Entity]:
    return session.scalars(select(Entity).order_by(Entity.name))


def _persons(session: Session, _initiative: int | None, _meeting_id: int | None) -> Iterable[Person]:
    return session.scalars(select(Person).order_by(Person.name))


def _cases(session: Session, initiative_id: int | None, _meeting_id: int | None) -> Iterable[HighLevelCase]:
    query = select(HighLevelCase).order_by(HighLevelCase.id.desc()).limit(_RECENT)
    return session.scalars(query.where(HighLevelCase.initiative_id == initiative_id) if initiative_id else query)


def _measures(session: Session, initiative_id: int | None, _meeting_id: int | None) -> Iterable[Measure]:
    query = select(Measure).join(HighLevelCase).order_by(Measure.id.desc()).limit(_RECENT)
    return session.scalars(query.where(HighLevelCase.initiative_id == initiative_id) if initiative_id else query)


def _solutions(session: Session, initiative_id: int | None, _meeting_id: int | None) -> Iterable[Solution]:
    if initiative_id is None:
        return []
    query = select(Solution).join(Obstacle).where(Obstacle.initiative_id == initiative_id)
    return session.scalars(query.order_by(Solution.id))


def _meetings(session: Session, initiative_id: int | None, _meeting_id: int | None) -> Iterable[Meeting]:
    query = select(Meeting).where(Meeting.state != MeetingState.CANCELLED).order_by(Meeting.id.desc()).limit(_RECENT)
    if initiative_id:
        query = query.where((Meeting.initiative_id == initiative_id) | Meeting.initiative_id.is_(None))
    return session.scalars(query)


def _items(session: Session, _initiative: int | None, meeting_id: int | None) -> Iterable[AgendaItem]:
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id)
    return session.scalars(query.order_by(AgendaItem.position)) if meeting_id else []


def _agreements(session: Session, initiative_id: int | None, meeting_id: int | None) -> Iterable[Agreement]:
    query = select(Agreement).order_by(Agreement.id.desc()).limit(_RECENT)
    if meeting_id:
        query = query.where(Agreement.meeting_id == meeting_id)
    return session.scalars(query.where(Agreement.initiative_id == initiative_id) if initiative_id else query)


def members(session: Session, initiative_id: int | None, _meeting_id: int | None = None) -> Iterable[Member]:
    """The Equipo de Alto Nivel of an initiative, as far as it was not withdrawn."""
    query = select(Member).where(Member.state != MemberState.WITHDRAWN).order_by(Member.id)
    return session.scalars(query.where(Member.initiative_id == initiative_id)) if initiative_id else []


def _reports(session: Session, initiative_id: int | None, _meeting_id: int | None) -> Iterable[Report]:
    query = select(Report).order_by(Report.id.desc()).limit(_RECENT)
    return session.scalars(query.where(Report.initiative_id == initiative_id) if initiative_id else query)


def achievements(session: Session, initiative_id: int | None, _meeting_id: int | None = None) -> Iterable[Achievement]:
    """The logros of an initiative that stand."""
    query = select(Achievement).join(Action).where(Achievement.withdrawn_at.is_(None))
    own = query.where(Action.initiative_id == initiative_id) if initiative_id else query
    return session.scalars(own.order_by(Achievement.id.desc()).limit(_RECENT))


_Lister = Callable[[Session, int | None, int | None], Iterable[Any] | Sequence[Any]]
_LISTS: Mapping[Kind, _Lister] = {
    Kind.INITIATIVE: _initiatives,
    Kind.ACTION: _actions,
    Kind.ENTITY: _entities,
    Kind.PERSON: _persons,
    Kind.ALERT: lambda session, initiative_id, _meeting_id: open_alerts(session, initiative_id),
    Kind.CASE: _cases,
    Kind.MEASURE: _measures,
    Kind.SOLUTION: _solutions,
    Kind.MEETING: _meetings,
    Kind.ITEM: _items,
    Kind.AGREEMENT: _agreements,
    Kind.MEMBER: members,
    Kind.REPORT: _reports,
    Kind.ACHIEVEMENT: achievements,
    Kind.TRAY: lambda session, _initiative_id, _meeting_id: waiting(session),
}
