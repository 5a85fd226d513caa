"""What an operation would do, shown before it is done: it is done for a moment, taken back, and what it moved is said.

So the preview is the operation itself: the same checks, the same refusals, the same consequences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import alerts
from methodology.operation import Doing, Operation, Weight
from methodology.operations import Done, perform
from methodology.people import holders
from methodology.rules.states import POST_OFFICES, AlertState, MeasureState, MeetingState, NoticeState, Post
from methodology.rules.table import RULES
from methodology.taking_back import UNDO_FOR, Net, nets_of
from storage.ledger import Alert, HighLevelCase, Notice, Silence
from storage.life import Measure, Meeting
from storage.matrix import Entity
from storage.types import Base

ALERTS = "Se cierra la alerta de {names}."
SILENCES = "Deja de contarse el silencio de {names}."
CASE = "Termina el caso de Solución de alto nivel."
MEASURES = "Se descartan medidas pendientes: {number}."
MEETINGS = "Se cancelan reuniones: {number}."
UNSENT = "No saldrán mensajes que estaban por enviarse: {number}."
TOLD = "Se informa a: {posts}."
NOBODY = "Nadie ocupa el cargo «{post}»: no se le informa; Planeación lo ve en su bandeja."


@dataclass(frozen=True)
class Preview:
    """`sentence` is what would be said of it, `lines` what would follow."""

    sentence: str
    lines: tuple[str, ...]


def preview(doing: Doing, operation: Operation, raw: Mapping[str, Any]) -> Preview:
    """What `perform` would do now; nothing is changed.

    Raises:
        Refusal, Incomplete: as `perform` does.
    """
    session = doing.session
    point = session.begin_nested()
    try:
        done = perform(replace(doing, undo_for=UNDO_FOR), replace(operation, weight=Weight.HEAVY), raw)
        own = [operation.follows] if operation.follows else []
        return Preview(done.sentence, (*own, *_lines(doing, done)))
    finally:
        point.rollback()


def _lines(doing: Doing, done: Done) -> Iterator[str]:
    session = doing.session
    nets = nets_of(session, done.deed)
    yield from _ended(session, nets)
    made = select(Notice).where(Notice.deed_id == done.deed.id).order_by(Notice.id)
    unsent = [net for net in _of(nets, Notice) if net.after.get("state") == NoticeState.WITHDRAWN]
    if unsent:
        yield UNSENT.format(number=len(unsent))
    posts = _posts(notice.rule for notice in session.scalars(made))
    empty = [post for post in posts if post in _HELD and not holders(session, post, done.initiative_id, doing.today)]
    if told := [POST_OFFICES[post] for post in posts if post not in empty]:
        yield TOLD.format(posts=", ".join(told))
    for post in empty:
        yield NOBODY.format(post=POST_OFFICES[post])


def _ended(session: Session, nets: Sequence[Net]) -> Iterator[str]:
    closed = [net for net in _of(nets, Alert) if net.after.get("state") == AlertState.CLOSED]
    if closed:
        rows = [session.get_one(Alert, net.number) for net in closed]
        yield ALERTS.format(names=_joined(alerts.subject(row) for row in rows))
    if ended := [net for net in _of(nets, Silence) if net.after.get("ended_on")]:
        silences = [session.get_one(Silence, net.number) for net in ended]
        yield SILENCES.format(names=_joined(session.get_one(Entity, row.entity_id).short for row in silences))
    if any(net.after.get("closed_on") for net in _of(nets, HighLevelCase)):
        yield CASE
    numbers = Counter(
        net.table for net in nets if net.after.get("state") in (MeasureState.DROPPED, MeetingState.CANCELLED)
    )
    for table, words in ((Measure, MEASURES), (Meeting, MEETINGS)):
        if numbers[table]:
            yield words.format(number=numbers[table])


def _of(nets: Sequence[Net], table: type[Base]) -> list[Net]:
    return [net for net in nets if net.table is table and not net.made]


def _joined(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))


_HELD = (Post.LEADER, Post.MANAGEMENT, Post.PLANNING, Post.VICE_MINISTER, Post.MINISTER)


def _posts(rules: Iterable[str]) -> list[Post]:
    """Whom they address, in the order of the posts, each once."""
    wanted = {post for rule in rules for post in (RULES[rule].post, *RULES[rule].copies)}
    return [post for post in Post if post in wanted]
