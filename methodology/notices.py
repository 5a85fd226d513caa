"""Notices: who must be told what, once. Planned with the change that causes them, withdrawn with a reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from methodology.history import deed_to_undo
from methodology.method import load_method
from methodology.rules.reasons import why
from methodology.rules.states import NoticeState
from methodology.rules.table import RULES
from storage.ledger import Delivery, Notice
from storage.matrix import DeliveryDay, Initiative


def notice_key(rule: str, subject: str, period: str, post: str, initiative: str) -> str:
    """R46: rule, subject, due version or period, post and initiative; never a person or a channel."""
    return f"{rule}|{initiative}|{subject}|{period}|{post}"


def insert_once(session: Session, table: type, values: Mapping[str, Any], *on: str) -> bool:
    """Insert unless a row with the same `on` columns is there; whether it was inserted.

    Asked with RETURNING: psycopg's count of rows is unknown (−1) where SQLAlchemy fetches a key by itself.
    """
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing(index_elements=list(on))
    return session.connection().execute(statement.returning(literal(1))).first() is not None


def plan(
    session: Session,
    rule: str,
    *,
    subject: str,
    period: str,
    recorded_on: date,
    due: date | None,
    inputs: Mapping[str, Any],
    initiative_id: int | None = None,
    action_id: int | None = None,
    entity_id: int | None = None,
    alert_id: int | None = None,
) -> bool:
    """Plan one notice; False when it was already there."""
    initiative = session.get_one(Initiative, initiative_id) if initiative_id is not None else None
    slug = initiative.slug if initiative else ""
    about = {"initiative_id": initiative_id, "action_id": action_id, "entity_id": entity_id, "alert_id": alert_id}
    values = _values(session, rule, slug, subject, period, recorded_on, due, inputs) | about
    return insert_once(session, Notice, values, "key")


def plan_of_initiatives(
    session: Session, rule: str, rows: Iterable[tuple[Initiative, str, str, Mapping[str, Any]]], recorded_on: date
) -> None:
    """Many notices of a rule at once, as (initiative, subject, period, inputs); those already there stay."""
    planned = [
        _values(session, rule, one.slug, subject, period, recorded_on, None, inputs) | {"initiative_id": one.id}
        for one, subject, period, inputs in rows
    ]
    if planned:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        statement = dialect.insert(Notice).on_conflict_do_nothing(index_elements=["key"])
        session.connection().execute(statement, planned)


def _values(
    session: Session,
    rule: str,
    slug: str,
    subject: str,
    period: str,
    recorded_on: date,
    due: date | None,
    inputs: Mapping[str, Any],
) -> dict[str, Any]:
    row, day, deed = RULES[rule], _delivery_day(session, recorded_on), deed_to_undo(session)
    return {
        "key": notice_key(rule, subject, period, row.post, slug),
        "rule": rule,
        "subject": subject,
        "period": period,
        "due": due,
        "recorded_on": recorded_on,
        "deliver_on": day.deliver_on,
        "post": row.post,
        "channel": row.channel,
        "state": NoticeState.PLANNED,
        "inputs": dict(inputs),
        "skipped": day.skipped,
        "deed_id": deed.id if deed else None,
        "held_until": deed.undo_until if deed else None,
    }


def _delivery_day(session: Session, day: date) -> DeliveryDay:
    """The calendar's row of a day; a day outside of what was laid out is laid out now."""
    row = session.get(DeliveryDay, day)
    if row is not None:
        return row
    insert_once(session, DeliveryDay, load_method(session).delivery_day(day), "day")
    return session.get_one(DeliveryDay, day)


def withdraw(session: Session, notice: Notice, reason: str) -> None:
    """It will not be told any more; what is on its way to a reader and not yet handed over is withdrawn too.

    What one reader was told stays told when the copy to another one is withdrawn.
    """
    if notice.state == NoticeState.PLANNED:
        notice.state, notice.withdrawn_reason = NoticeState.WITHDRAWN, reason
    waiting = select(Delivery).where(Delivery.notice_id == notice.id, Delivery.state == NoticeState.PLANNED)
    for delivery in session.scalars(waiting):
        delivery.state, delivery.error = NoticeState.WITHDRAWN, reason


def withdraw_for_alert(session: Session, alert_id: int, reason: str) -> None:
    told = ("R15", "R16", "R17", "R17.aviso", "R17.ministro", "R17.respuesta", "R18.propuesta", "R18")
    query = select(Notice).where(
        Notice.alert_id == alert_id, Notice.rule.in_(told), Notice.state == NoticeState.PLANNED
    )
    for notice in session.scalars(query):
        withdraw(session, notice, reason)


def explain(notice: Notice) -> str:
    """«¿Por qué?»: the rule of the method, and its sentence."""
    return f"{notice.rule.partition('.')[0]}: {reason(notice)}"


def reason(notice: Notice) -> str:
    """The sentence alone, from what was stored with the notice: as letters give it to whoever knows no rules."""
    return why(
        notice.rule,
        subject=notice.subject,
        due=notice.due,
        recorded_on=notice.recorded_on,
        deliver_on=notice.deliver_on,
        inputs={"code": notice.action.code if notice.action else "", **notice.inputs},
        skipped=notice.skipped,
    )
