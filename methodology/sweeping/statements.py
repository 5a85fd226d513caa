"""What every statement of the sweep is made of: the sweep itself, the paces of the initiatives, INSERT … SELECT."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, Date, Select, Table, Text, and_, case, cast, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from methodology.method import Method
from methodology.rules.states import InitiativeState, NoticeState
from methodology.rules.table import RULES
from methodology.rules.thresholds import Thresholds
from storage.ledger import Notice
from storage.matrix import Action, DeliveryDay, Initiative

NOTICE: Table = Notice.__table__  # type: ignore[assignment]


@dataclass(frozen=True)
class Sweep:
    """One sweep: `today` in Bogotá, the last day already swept (or None), and the first day a message could go."""

    session: Session
    method: Method
    today: date
    since: date | None
    slot: date

    def covers(self, day: date) -> bool:
        """Whether `day` came after the last sweep and is not in the future."""
        return day <= self.today and (self.since is None or day > self.since)


@dataclass(frozen=True)
class Pace:
    """The initiatives of one pace (R2): all but those with overrides, or those that share their own."""

    which: ColumnElement[bool]
    thresholds: Thresholds


_OWN_PACE = select(Initiative).where(cast(Initiative.overrides, Text) != "{}")


def paces(sweep: Sweep) -> list[Pace]:
    special: dict[Thresholds, list[int]] = {}
    for row in sweep.session.scalars(_OWN_PACE):
        special.setdefault(sweep.method.of(row), []).append(row.id)
    ids = [number for group in special.values() for number in group]
    ordinary = Pace(Initiative.id.not_in(ids), sweep.method.thresholds)
    return [ordinary, *(Pace(Initiative.id.in_(group), own) for own, group in special.items())]


def limits(sweep: Sweep, *names: str) -> ColumnElement[Any]:
    """A notice's inputs: these thresholds, as they are for its initiative (R2)."""
    ordinary, *special = [(pace.which, _used(pace.thresholds, names)) for pace in paces(sweep)]
    return case(*special, else_=ordinary[1]) if special else ordinary[1]


def _used(thresholds: Thresholds, names: Iterable[str]) -> ColumnElement[Any]:
    return literal({name: getattr(thresholds, name) for name in names}, JSON)


def running() -> ColumnElement[bool]:
    return and_(Initiative.id == Action.initiative_id, Initiative.state == InitiativeState.RUNNING)


def between(column: Any, sweep: Sweep) -> ColumnElement[bool]:  # noqa: ANN401 - a mapped column or an expression
    upto: ColumnElement[bool] = column <= sweep.today
    return upto if sweep.since is None else and_(upto, column > sweep.since)


def version() -> ColumnElement[str]:
    return literal("v") + cast(Action.due_version, Text)


def constant(rule: str, inputs: Mapping[str, Any] | ColumnElement[Any]) -> dict[str, ColumnElement[Any]]:
    row = RULES[rule]
    return {
        "rule": literal(rule),
        "post": literal(str(row.post)),
        "channel": literal(row.channel),
        "state": literal(str(NoticeState.PLANNED)),
        "inputs": inputs if isinstance(inputs, ColumnElement) else literal(dict(inputs), JSON),
    }


def on_day(sweep: Sweep, due: date, recorded_on: date) -> dict[str, ColumnElement[Any]]:
    method = sweep.method
    return {
        "due": literal(due, Date),
        "recorded_on": literal(recorded_on, Date),
        "deliver_on": literal(method.calendar.on_or_after(recorded_on), Date),
        "skipped": literal(method.skipped(recorded_on), JSON),
    }


def notices(
    sweep: Sweep,
    rule: str,
    source: Select[Any],
    recorded_on: Any,  # noqa: ANN401 - a mapped column or an expression
    period: ColumnElement[str],
    inputs: Mapping[str, Any] | ColumnElement[Any],
    *,
    subject: Any = Action.code,  # noqa: ANN401 - a mapped column
    alert_id: Any = None,  # noqa: ANN401 - a mapped column or nothing
) -> None:
    """One `INSERT … SELECT … ON CONFLICT DO NOTHING` of the rule's notices about actions."""
    row = RULES[rule]
    columns = constant(rule, inputs) | {
        "key": literal(f"{rule}|") + Initiative.slug + "|" + subject + "|" + period + literal(f"|{row.post}"),
        "subject": subject,
        "initiative_id": Action.initiative_id,
        "action_id": Action.id,
        "period": period,
        "due": Action.due,
        "recorded_on": recorded_on,
        "deliver_on": DeliveryDay.deliver_on,
        "skipped": DeliveryDay.skipped,
    }
    if alert_id is not None:
        columns["alert_id"] = alert_id
    joined = source.join(DeliveryDay, DeliveryDay.day == recorded_on)
    labelled = [value.label(name) for name, value in columns.items()]
    insert_rows(sweep.session, NOTICE, joined.with_only_columns(*labelled, maintain_column_froms=True), "key")


def insert_rows(session: Session, table: Table, source: Select[Any], on: str | None) -> None:
    """`INSERT … SELECT … ON CONFLICT DO NOTHING`."""
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    names = [column.name for column in source.selected_columns]
    statement = dialect.insert(table).from_select(names, source.where(or_(literal(value=True))))
    conflict = statement.on_conflict_do_nothing(index_elements=[on] if on else None)
    session.connection().execute(conflict)


def per_initiative(
    sweep: Sweep,
    rule: str,
    query: Select[Any],
    subject: str,
    period: str,
    due: date,
    recorded_on: date,
    inputs: Mapping[str, Any],
) -> None:
    source = select(Initiative).where(Initiative.id.in_(query))
    columns = constant(rule, inputs) | on_day(sweep, due, recorded_on) | {
        "key": literal(f"{rule}|") + Initiative.slug + literal(f"|{subject}|{period}|{RULES[rule].post}"),
        "subject": literal(subject),
        "initiative_id": Initiative.id,
        "period": literal(period),
    }  # fmt: skip
    labelled = [value.label(name) for name, value in columns.items()]
    insert_rows(sweep.session, NOTICE, source.with_only_columns(*labelled), "key")
