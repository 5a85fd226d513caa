"""A slip is undone within ten minutes: what a HEAVY deed changed is as before, and what it would have told is not told.

Nothing is overwritten (R3): the rows go back in changes of their own, an action in a new version. It works on the kept
changes of the deed alone, so it holds for every operation that changes rows through the ORM; a test does and undoes
each of them and compares the whole database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from methodology import actions, alerts, history
from methodology.as_of import native
from methodology.operation import Doing
from methodology.refusals import NotAllowed, NotFound, NotNow
from storage.history import Change, Deed
from storage.ledger import Notice
from storage.matrix import Action
from storage.types import Base

UNDO_FOR = timedelta(minutes=10)
UNDONE = "Se deshizo lo anterior y todo vuelve a estar como antes. Lo que se deshizo: «{outcome}»"
NOTHING = (
    "No hay una operación suya que pueda deshacerse. Se deshace, hasta diez minutos después, lo que se confirma antes "
    "de registrarse; lo demás se corrige con otra operación."
)
TOO_LATE = (
    "Pasaron más de diez minutos: lo registrado se corrige con otra operación. Con /operaciones se ven las suyas."
)
ALREADY = "Ya se había deshecho."
OTHERS = "Pertenece a otra persona: la deshace quien la registró."
CHANGED = "No se deshizo: después hubo otros cambios{who}. Revise cómo está ahora y corrija con otra operación."
_TABLES: Mapping[str, type[Base]] = {one.__tablename__: one for one in (*history.KEPT, *history.KEPT_TO_UNDO)}
_COUNTED = ("version",)
"""What only grows: an action taken back is in a new version."""


@dataclass
class Net:
    """What a deed did to one row, from its first change to its last: `made` by it, `gone` with it, or other columns."""

    table: type[Base]
    number: int
    made: bool
    gone: bool = False
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        self.before = dict(change.before) | self.before
        self.after |= change.after
        self.gone = not change.after


def nets_of(session: Session, deed: Deed) -> list[Net]:
    """Every row that the deed touched, in the order in which it did."""
    found: dict[tuple[str, int], Net] = {}
    for change in session.scalars(select(Change).where(Change.deed_id == deed.id).order_by(Change.id)):
        key = (change.table, change.row_id)
        net = found.setdefault(key, Net(_TABLES[change.table], change.row_id, made=not change.before))
        net.add(change)
    return [net for net in found.values() if not (net.made and net.gone)]


def last_deed(doing: Doing) -> Deed:
    """The newest deed of this person that may still be undone.

    Raises:
        NotFound: there is none.
    """
    query = select(Deed).where(
        Deed.person_id == doing.actor.person_id, Deed.undo_until > doing.now, Deed.undone_at.is_(None)
    )
    deed = doing.session.scalar(query.order_by(Deed.id.desc()).limit(1))
    if deed is None:
        raise NotFound(NOTHING)
    return deed


def take_back(doing: Doing, deed: Deed) -> str:
    """Undo it; what was undone, in words.

    Raises:
        NotAllowed: somebody else's.
        NotNow: too late, undone already, or what it changed was changed since; nothing is touched.
    """
    _require_open(doing, deed)
    sentence = UNDONE.format(outcome=deed.outcome)
    with doing.session.begin_nested(), history.recording(doing.session, doing.actor.name, sentence, doing.now):
        _unplan(doing.session, deed)
        for net in reversed(nets_of(doing.session, deed)):
            _restore(doing, deed, net, sentence)
        deed.undone_at = doing.now
        alerts.sweep_again(doing.session)
    return sentence


def _require_open(doing: Doing, deed: Deed) -> None:
    if (deed.person_id or 0) != doing.actor.person_id:
        raise NotAllowed(OTHERS)
    if deed.undone_at is not None:
        raise NotNow(ALREADY)
    if deed.undo_until is None or deed.undo_until <= doing.now:
        raise NotNow(TOO_LATE)


def _unplan(session: Session, deed: Deed) -> None:
    """What it would have told goes without a trace, so that the same deed done again can plan it anew."""
    session.execute(delete(Notice).where(Notice.deed_id == deed.id))


def _restore(doing: Doing, deed: Deed, net: Net, reason: str) -> None:
    session = doing.session
    row: Any = session.get(net.table, net.number)
    if net.gone:
        session.add(net.table(**native(net.table, net.before)))
        session.flush()
        return
    if row is None or not _stands(row, net):
        raise NotNow(CHANGED.format(who=_by(session, deed, net)))
    if net.made:
        _remove(session, deed, net, row)
    else:
        _put_back(doing, row, native(net.table, net.before), reason)


def _stands(row: Any, net: Net) -> bool:  # noqa: ANN401 - any mapped row
    """Whether nothing that the deed left was changed since."""
    return all(
        history.plain_value(getattr(row, name)) == value for name, value in net.after.items() if name not in _COUNTED
    )


def _by(session: Session, deed: Deed, net: Net) -> str:
    query = select(Change.author).where(
        Change.table == net.table.__tablename__, Change.row_id == net.number, Change.at >= deed.at
    )
    who = session.scalar(query.where(Change.deed_id.is_distinct_from(deed.id)).order_by(Change.id.desc()).limit(1))
    return f" ({who})" if who else ""


def _remove(session: Session, deed: Deed, net: Net, row: Any) -> None:  # noqa: ANN401 - any mapped row
    try:
        session.delete(row)
        session.flush()
    except IntegrityError as exc:
        raise NotNow(CHANGED.format(who=_by(session, deed, net))) from exc


def _put_back(doing: Doing, row: Any, values: Mapping[str, Any], reason: str) -> None:  # noqa: ANN401 - any mapped row
    before = actions.picture(row) if isinstance(row, Action) else {}
    for name, value in values.items():
        if name not in _COUNTED:
            setattr(row, name, value)
    if isinstance(row, Action) and actions.picture(row) != before:
        actions.keep(doing.session, row, before, doing.actor.name, reason, doing.now)
    doing.session.flush()
    doing.session.refresh(row)
