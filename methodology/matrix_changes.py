"""R28: what changed in a matrix since it was last published, or since its launch when it never was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.clock import local
from methodology.rules.spanish import long_date, short_date
from methodology.rules.states import ActionState
from methodology.seen import Seen, names_withheld, seen_on
from storage.history import Change
from storage.ledger import Report
from storage.matrix import Action, Initiative

Picture = Mapping[str, Any]

UNDATED = "Sin fecha"
NEW = "Acción nueva"
EXITED = "Salida de la matriz"
REMOVED = "Retirada de la matriz"
COMPARED: Mapping[str, str] = {
    "text": "Nueva redacción",
    "entity": "Cambio de entidad responsable",
    "due": "Cambio de fecha de vencimiento",
    "priority": "Cambio de prioridad",
}
_EXIT = str(ActionState.EXITED)


def changes_since(session: Session, initiative: Initiative, seen: Sequence[Seen], today: date) -> dict[str, Any]:
    """`since` says what it is compared with; `rows` are new, exited, removed, re-worded, re-assigned, re-dated ones.

    The values are text as people read it.
    """
    without_names = names_withheld(session)
    since, before = _baseline(session, initiative, today, without_names)
    return {"since": since, "rows": list(_rows(before, _of_seen(seen, without_names)))}


def _baseline(
    session: Session, initiative: Initiative, today: date, without_names: Callable[[str], str]
) -> tuple[str, Mapping[str, Picture]]:
    earlier = select(Report).where(
        Report.kind == "matriz",
        Report.initiative_id == initiative.id,
        Report.state == "publicado",
        Report.cut_off <= today,
    )
    last = session.scalars(earlier.order_by(Report.approved_at.desc(), Report.id.desc())).first()
    if last is not None:
        since = f"la versión {last.version}, con corte al {long_date(last.cut_off)}"
        return since, dict(_of_content(last.content))
    if initiative.launch is None or initiative.launch > today:
        return "", _of_seen(seen_on(session, initiative, today), without_names)
    first = _registered_first(session, initiative)
    if first is None or first <= initiative.launch:
        launched = seen_on(session, initiative, initiative.launch)
        return f"el lanzamiento, el {long_date(initiative.launch)}", _of_seen(launched, without_names)
    return f"su registro, el {long_date(first)}", _of_seen(seen_on(session, initiative, first), without_names)


def _registered_first(session: Session, initiative: Initiative) -> date | None:
    """The day of the first action's registration: a matrix launched before the service began came later."""
    numbers = select(Action.id).where(Action.initiative_id == initiative.id)
    births = select(Change.at, Change.before).where(Change.table == Action.__tablename__, Change.row_id.in_(numbers))
    return min((local(at).date() for at, before in session.execute(births) if not before), default=None)


def _rows(before: Mapping[str, Picture], now: Mapping[str, Picture]) -> Iterator[dict[str, str]]:
    for code in sorted({*before, *now}):
        was, has = before.get(code), now.get(code)
        if has is None:
            yield _row(code, REMOVED, was or {}, "", "")
        elif was is None:
            yield _row(code, NEW, has, "", _said("due", has["due"]))
        elif has["state"] == _EXIT and was["state"] != _EXIT:
            yield _row(code, EXITED, has, "", "")
        else:
            yield from _differences(code, was, has)


def _differences(code: str, was: Picture, has: Picture) -> Iterator[dict[str, str]]:
    for name, what in COMPARED.items():
        if was[name] != has[name]:
            yield _row(code, what, has, _said(name, was[name]), _said(name, has[name]))


def _row(code: str, what: str, of: Picture, before: str, now: str) -> dict[str, str]:
    entity, text = str(of.get("entity", "")), str(of.get("text", ""))
    return {"code": code, "what": what, "text": text, "entity": entity, "before": before, "now": now}


def _said(name: str, value: str | None) -> str:
    if name != "due":
        return str(value)
    return short_date(date.fromisoformat(value)) if value else UNDATED


def _of_seen(seen: Sequence[Seen], without_names: Callable[[str], str]) -> dict[str, Picture]:
    return {
        row.action.code: {
            "text": without_names(row.text),
            "entity": row.entity.name,
            "due": row.due.isoformat() if row.due else None,
            "priority": row.priority,
            "state": row.state,
        }
        for row in seen
    }


def _of_content(content: Mapping[str, Any]) -> Iterator[tuple[str, Picture]]:
    for obstacle in content["obstacles"]:
        for solution in obstacle["solutions"]:
            for action in solution["actions"]:
                yield action["code"], action
