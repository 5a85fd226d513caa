"""R32: who answers for a measure of a Solución de alto nivel is told of it, and of another date."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology.high_level import active_members
from methodology.notices import plan, withdraw
from methodology.operation import Doing
from methodology.people import holders
from methodology.rules.spanish import plain
from methodology.rules.states import POST_NAMES, MeasureState, NoticeState, Post
from storage.ledger import Notice
from storage.life import Measure
from storage.matrix import Entity, Person

RULE = "R32"
OTHER_DATE = "la medida tiene otra fecha"
UNKNOWN = "No se le escribe: «{name}» no figura en el directorio."
_POSTS = {
    "gerencia general": Post.MANAGEMENT,
    **{plain(name): post for post in (Post.LEADER, Post.MANAGEMENT, Post.PLANNING) for name in POST_NAMES[post]},
}


def tell(doing: Doing, measure: Measure, was: date | None = None) -> None:
    """Plan the word to its responsible, unless nobody is known by that name or they recorded it themselves."""
    _withdraw_former(doing.session, measure)
    reader = reader_of(doing.session, measure, doing.today)
    if reader in ("", f"person:{doing.actor.person_id}"):
        return
    plan(
        doing.session,
        RULE,
        subject=f"medida {measure.id}",
        period=doing.now.isoformat(),  # a date may come back: each time it is told
        recorded_on=doing.today,
        due=measure.deadline,
        initiative_id=measure.case.initiative_id,
        inputs={"measure": measure.id, "reader": reader, "by": doing.actor.name}
        | ({"was": was.isoformat()} if was else {}),
    )


def _withdraw_former(session: Session, measure: Measure) -> None:
    """What was to be told of the date before."""
    waiting = select(Notice).where(
        Notice.rule == RULE, Notice.subject == f"medida {measure.id}", Notice.state == NoticeState.PLANNED
    )
    for former in session.scalars(waiting):
        withdraw(session, former, OTHER_DATE)


def reader_of(session: Session, measure: Measure, today: date) -> str:
    """«person:7», «member:3», «entity:5», by a mail, a whole name or a post; empty when nobody is called so."""
    name, where = plain(measure.responsible), measure.case.initiative_id
    for member in active_members(session, where, today):
        if name in (plain(member.holder), plain(member.mail)):
            return f"member:{member.id}"
    if post := _POSTS.get(name):
        return next((f"person:{one.id}" for one in holders(session, post, where, today)), "")
    for person in session.scalars(select(Person).order_by(Person.id)):
        if name in (plain(person.name), plain(person.mail)):
            return f"person:{person.id}"
    for entity in session.scalars(select(Entity).where(func.length(Entity.mail) > 0).order_by(Entity.id)):
        if name in (plain(entity.name), plain(entity.short)):
            return f"entity:{entity.id}"
    return ""


def no_longer(session: Session, notice: Notice, today: date) -> str | None:
    """Why its responsible need not be told any more."""
    del today
    measure = session.get_one(Measure, notice.inputs["measure"])
    if measure.state != MeasureState.PENDING:
        return f"la medida está {measure.state}"
    return None if measure.deadline == notice.due else OTHER_DATE
