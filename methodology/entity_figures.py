"""R14, R16: how an entity has answered so far: cycles asked, answered and silent, reiterations, days to an answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from methodology.method import Method
from methodology.rules.months import Month
from storage.ledger import Outreach

ASKING = ("solicitud", "entrega a nuevo contacto")
REMINDING = "reiteración"
_Told = Row[int, str, str, date, date | None]


@dataclass(frozen=True)
class EntityFigures:
    """Cycles (months) but for `reminders`, which are mails; `days` is the median of calendar days to an answer.

    A cycle is `silent` once its deadline passed without an answer; what is neither answered nor silent still runs.
    """

    asked: int = 0
    answered: int = 0
    silent: int = 0
    reminders: int = 0
    days: float | None = None


def figures(session: Session, method: Method, today: date, entity_id: int | None = None) -> dict[int, EntityFigures]:
    """By entity, those that were ever asked; of one alone when it is named. One question to the database."""
    query = select(Outreach.entity_id, Outreach.month, Outreach.kind, Outreach.on, Outreach.answered_on)
    query = query.where(Outreach.month != "", Outreach.on <= today).order_by(Outreach.id)
    rows = session.execute(query if entity_id is None else query.where(Outreach.entity_id == entity_id))
    cycles: dict[tuple[int, str], list[_Told]] = defaultdict(list)
    for row in rows:
        cycles[row.entity_id, row.month].append(row)
    by_entity: dict[int, list[list[_Told]]] = defaultdict(list)
    for (entity, _month), told in cycles.items():
        if any(one.kind in ASKING for one in told):
            by_entity[entity].append(told)
    return {entity: _figures(told, method, today) for entity, told in by_entity.items()}


def _figures(cycles: Sequence[Sequence[_Told]], method: Method, today: date) -> EntityFigures:
    days = [taken for told in cycles if (taken := _days(told)) is not None]
    return EntityFigures(
        asked=len(cycles),
        answered=len(days),
        silent=sum(_is_silent(told, method, today) for told in cycles),
        reminders=sum(one.kind == REMINDING for told in cycles for one in told),
        days=median(days) if days else None,
    )


def _days(told: Iterable[_Told]) -> int | None:
    """From the request to the first answer of its cycle."""
    rows = list(told)
    answers = [one.answered_on for one in rows if one.answered_on is not None]
    first = min(one.on for one in rows if one.kind in ASKING)
    return max((min(answers) - first).days, 0) if answers else None


def _is_silent(told: Sequence[_Told], method: Method, today: date) -> bool:
    return _days(told) is None and method.window(Month.parse(told[0].month)).deadline < today
