"""Finding what people name: an initiative, an alert, a case, a meeting, a member, however it was written."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import actions, alerts
from methodology.operation import Kind
from methodology.refusals import NotFound
from methodology.rules.spanish import plain
from methodology.rules.states import MeetingState
from storage.ledger import Alert, HighLevelCase, Report, TrayItem
from storage.life import AgendaItem, Agreement, Measure, Meeting, Member
from storage.matrix import Achievement, Action, Initiative, Person, Solution

Row = TypeVar("Row")
_FEW = 8
_NUMBER = re.compile(r"#?\s*([0-9]{1,9})")


def initiative(session: Session, text: str) -> Initiative:
    """By slug, name, or the one whose name holds the words."""
    rows = session.scalars(select(Initiative).order_by(Initiative.position)).all()
    wanted = _bare(text)
    exact = [row for row in rows if wanted in (_bare(row.slug), _bare(row.name))]
    return _one(text, "iniciativa", exact or [r for r in rows if wanted and wanted in _bare(r.name)], rows, _name)


def alert(session: Session, text: str) -> Alert:
    """By number, by the action's code or by the silent entity: the open one, else the last."""
    if (number := _number(text)) is not None:
        return alerts.get(session, number)
    wanted = plain(text)
    named = [row for row in _newest(session, Alert) if plain(alerts.subject(row)) == wanted]
    if not named:
        raise NotFound(f"No hay una alerta de «{text}». Con /alertas se ven las que están en curso.")
    current = [row for row in named if row in alerts.open_alerts(session)]
    return (current or named)[0]


def case(session: Session, text: str) -> HighLevelCase:
    """By number or by initiative: the one not yet surtida, else the last."""
    if _number(text) is not None:
        return _by_number(session, HighLevelCase, text, "caso")
    where = initiative(session, text)
    found = [row for row in _newest(session, HighLevelCase) if row.initiative_id == where.id]
    if not found:
        raise NotFound(f"{where.name} no tiene una Solución de alto nivel.")
    return next((row for row in found if row.live), found[0])


def meeting(session: Session, text: str) -> Meeting:
    """By number, or «lanzamiento astilleros», «logros astilleros», «seguimiento»: the next one, else the last held."""
    if _number(text) is not None:
        return _by_number(session, Meeting, text, "reunión")
    kind, _, rest = plain(text).partition(" ")
    where = initiative(session, rest) if rest.strip() else None
    found = [
        row
        for row in _newest(session, Meeting)
        if plain(row.kind) == kind and (where is None or row.initiative_id == where.id)
    ]
    if not found:
        raise NotFound(f"No hay una reunión «{text}». Se nombra por su número o su clase: «logros astilleros».")
    ahead = (MeetingState.PREPARED, MeetingState.CONVENED)
    return next((row for row in found if row.state in ahead), found[0])


def member(session: Session, text: str) -> Member:
    """By number, or by the holder's name or post."""
    if _number(text) is not None:
        return _by_number(session, Member, text, "integrante")
    rows, wanted = _newest(session, Member), plain(text)
    found = [row for row in rows if wanted and wanted in f"{plain(row.holder)} {plain(row.post)}"]
    return _one(text, "integrante", found, rows, lambda row: row.holder)


def person(session: Session, text: str) -> Person:
    """By mail or by name."""
    rows = session.scalars(select(Person).order_by(Person.name)).all()
    wanted = plain(text)
    exact = [row for row in rows if wanted in (plain(row.mail), plain(row.name))]
    return _one(text, "persona", exact or [r for r in rows if wanted and wanted in plain(r.name)], rows, _name)


def solution(session: Session, text: str) -> Solution:
    """By number, or by its words."""
    if _number(text) is not None:
        return _by_number(session, Solution, text, "solución")
    rows, wanted = _newest(session, Solution), plain(text)
    exact = [row for row in rows if plain(row.text) == wanted]
    found = exact or [row for row in rows if wanted and wanted in plain(row.text)]
    return _one(text, "solución", found, rows, lambda row: row.text)


def _numbered(table: type[Row], noun: str) -> Callable[[Session, str], Row]:
    return lambda session, text: _by_number(session, table, text, noun)


def _worded(table: type[Row], noun: str, words: Callable[[Row], str]) -> Callable[[Session, str], Row]:
    """By number, or by its words: the newest that holds them."""

    def found(session: Session, text: str) -> Row:
        wanted = plain(text)
        if not wanted or _number(text) is not None:
            return _by_number(session, table, text, noun)
        named = (row for row in _newest(session, table) if wanted in plain(words(row)))
        if (row := next(named, None)) is None:
            raise NotFound(f"No hay {noun} «{text.strip()}»: se indica su número o sus palabras.")
        return row

    return found


def achievement(session: Session, text: str) -> Achievement:
    """By number, or by its action's code: the newest that stands."""
    if text.strip().lstrip("#").isdigit():
        return _by_number(session, Achievement, text, "logro")
    action = actions.find(session, text)
    own = select(Achievement).where(Achievement.action_id == action.id)
    newest = own.order_by(Achievement.withdrawn_at.is_not(None), Achievement.id.desc())
    if (row := session.scalars(newest).first()) is None:
        raise NotFound(f"{action.code} no tiene logros registrados.")
    return row


def _action(session: Session, text: str) -> Action:
    return actions.find(session, text)


FINDERS: Mapping[Kind, Callable[[Session, str], Any]] = {
    Kind.INITIATIVE: initiative,
    Kind.ACTION: _action,
    Kind.ENTITY: actions.find_entity,
    Kind.PERSON: person,
    Kind.ALERT: alert,
    Kind.CASE: case,
    Kind.MEASURE: _worded(Measure, "medida", lambda row: row.description),
    Kind.SOLUTION: solution,
    Kind.MEETING: meeting,
    Kind.ITEM: _worded(AgendaItem, "punto", lambda row: row.title),
    Kind.AGREEMENT: _worded(Agreement, "acuerdo", lambda row: row.text),
    Kind.MEMBER: member,
    Kind.REPORT: _numbered(Report, "reporte"),
    Kind.ACHIEVEMENT: achievement,
    Kind.TRAY: _numbered(TrayItem, "asunto"),
}


def _by_number(session: Session, table: type[Row], text: str, noun: str) -> Row:
    number = _number(text)
    row = session.get(table, number) if number is not None else None
    if row is None:
        raise NotFound(f"No hay {noun} con el número «{text.strip()}».")
    return row


def _number(text: str) -> int | None:
    """«12» or «#12»; None for words, and for what no row's number is as long as."""
    match = _NUMBER.fullmatch(text.strip())
    return int(match[1]) if match else None


def _newest(session: Session, table: type[Row]) -> list[Row]:
    return list(session.scalars(select(table).order_by(table.id.desc())))  # type: ignore[attr-defined]


def _one(text: str, noun: str, found: Sequence[Row], all_of_them: Sequence[Row], name: Callable[[Row], str]) -> Row:
    if len(found) == 1:
        return found[0]
    known = ", ".join(name(row) for row in (found or all_of_them)[:_FEW])
    raise NotFound(f"«{text}» no identifica una sola {noun}. Opciones: {known or 'ninguna registrada'}.")


def _name(row: Any) -> str:  # noqa: ANN401 - whatever has a name
    return str(row.name)


def _bare(text: str) -> str:
    return plain(text.replace("_", " ").replace("-", " "))
