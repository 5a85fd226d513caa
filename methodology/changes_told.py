"""What was done by hand to an action's date or state, or to an initiative's, as «¿Por qué?» tells it (R3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.clock import local
from methodology.rules.reasons import Reason
from methodology.rules.spanish import long_date, sentence
from methodology.rules.states import state_label
from storage.history import Change
from storage.matrix import Action, ActionVersion, Initiative

REGISTERED = "Registro"
BY = "El {day}, {author} {what}{reason}"
FIXED = "fijó el vencimiento para el {new}"
MOVED = "cambió el vencimiento del {old} al {new}"
REMOVED = "retiró el vencimiento, que era el {old}"
BECAME = "registró el paso de «{old}» a «{new}»"


def of_action(session: Session, action: Action, until: date) -> Iterator[Reason]:
    """Its changes of date and of state up to a day, oldest first."""
    query = select(ActionVersion).where(ActionVersion.action_id == action.id).order_by(ActionVersion.version)
    yield from _told(session.scalars(query), until)


def of_initiative(session: Session, initiative: Initiative, until: date) -> Iterator[Reason]:
    """Its changes of state up to a day, such as its closing, oldest first."""
    query = select(Change).where(Change.table == Initiative.__tablename__, Change.row_id == initiative.id)
    yield from _told(session.scalars(query.order_by(Change.id)), until)


def _told(changes: Any, until: date) -> Iterator[Reason]:  # noqa: ANN401 - rows that say who, when, why, before, after
    for change in changes:
        day = local(change.at).date()
        done = " y ".join(_done(change.before, change.after))
        if day <= until and change.before and done:
            reason = f": «{change.reason.strip()}»" if change.reason.strip() else ""
            told = BY.format(day=long_date(day), author=change.author, what=done, reason=reason)
            yield Reason(REGISTERED, day, sentence(told))


def _done(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = (long_date(date.fromisoformat(one["due"])) if one.get("due") else "" for one in (before, after))
    if old != new:
        yield (MOVED if old and new else FIXED if new else REMOVED).format(old=old, new=new)
    if "state" in before and "state" in after:
        yield BECAME.format(old=state_label(before["state"]), new=state_label(after["state"]))
