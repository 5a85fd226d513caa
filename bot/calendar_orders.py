"""What `soluciones calendar` asks for: Planning's own operations, in the name of the service's user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot.core import Core
from methodology import operations
from methodology.clock import local
from methodology.operation import Doing
from methodology.people import Actor
from methodology.refusals import Incomplete, Refusal
from methodology.rules.calendar import WorkCalendar
from methodology.rules.spanish import full_date
from methodology.rules.states import Post

_POSTS = frozenset({(str(Post.PLANNING), None)})
ADMINISTRATION = Actor(0, "Administración del servicio", "f", _POSTS, _POSTS)
CHANGES = {"add": "calendario.no_habil", "remove": "calendario.quitar", "apply": "calendario.aplicar"}
_WORKING_DAYS = 5


def list_days(session: Session, core: Core, year: int | None) -> dict[str, Any]:
    """The days of a year that are not hábiles, but for weekends, with the reason of each; None is the current year."""
    del session
    chosen = year or local(core.clock.now()).year
    return {
        "lines": [f"{day.isoformat()}  {full_date(day)}: {why}" for day, why in _free(core.method.calendar, chosen)]
    }


def change(session: Session, core: Core, order: Mapping[str, Any]) -> dict[str, Any]:
    """`add`, `remove` or `apply`; without `confirmo` the outcome is the list of what would move.

    Raises:
        Refusal: why it is not done.
    """
    doing = Doing(session, ADMINISTRATION, core.clock.now(), core.method)
    done = operations.perform(doing, operations.find(CHANGES[order["change"]]), order["given"])
    return {"lines": [done.sentence]}


def refused(exc: Refusal) -> dict[str, Any]:
    """The outcome of what was not done: to be confirmed, or a problem."""
    if isinstance(exc, Incomplete) and set(exc.fields) == {"confirmo"}:
        return {"to_confirm": str(exc)}
    return {"problems": [str(exc)]}


def _free(calendar: WorkCalendar, year: int) -> list[tuple[date, str]]:
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    return [
        (day, why)
        for day in days
        if day.year == year and day.weekday() < _WORKING_DAYS and (why := calendar.why_not(day)) is not None
    ]
