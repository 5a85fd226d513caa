"""Who holds which post on a day, and who may do what (R11, R17). Roles come from posts, posts from dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Date, String, and_, bindparam, case, func, literal, or_, select
from sqlalchemy.orm import Session

from methodology.refusals import NotAllowed, Stranger
from methodology.rules.spanish import one_of
from methodology.rules.states import POST_OFFICES, MemberState, Post
from storage.db import ask
from storage.life import Absence, Member
from storage.matrix import Holding, Initiative, Person

UNKNOWN = "Este asistente atiende a las personas vinculadas al instrumento. Escriba a Planeación."

_DAY = bindparam("day", type_=Date())
_BY_AAD = select(Person).where(func.lower(Person.aad_id) == bindparam("aad_id"))
_AWAY = select(Absence.person_id).where(Absence.since <= _DAY, Absence.until >= _DAY)
_HELD = and_(
    or_(
        Holding.person_id == Person.id,
        Holding.person_id.in_(_AWAY.where(Absence.substitute_id == Person.id)),
        and_(Holding.substitute_id == Person.id, Holding.person_id.in_(_AWAY.where(Absence.substitute_id.is_(None)))),
    ),
    Holding.since <= _DAY,
    or_(Holding.until.is_(None), Holding.until >= _DAY),
)
_SITS = and_(
    Member.state == MemberState.ACTIVE, Member.since <= _DAY, or_(Member.until.is_(None), Member.until >= _DAY)
)
_MAIL = func.lower(Person.mail)


def _who(who: ColumnElement[bool]) -> CompoundSelect[*tuple[Any, ...]]:
    """A person with every post of a day and whose it is, one a row (none: one row), and every seat in an EAN."""
    person = (Person.id, Person.name, Person.gender)
    titular = case((Member.mail == _MAIL, Person.id))
    posts = select(*person, Holding.post, Holding.initiative_id, Holding.person_id).outerjoin_from(
        Person, Holding, _HELD
    )
    seats = select(*person, literal(Post.HIGH_LEVEL, String), Member.initiative_id, titular).join_from(
        Person, Member, and_(_SITS, or_(Member.mail == _MAIL, Member.substitute_mail == _MAIL))
    )
    return posts.where(who).union_all(seats.where(who))


_WHO_BY_ID = _who(Person.id == bindparam("person"))
_WHO_BY_AAD = _who(func.lower(Person.aad_id) == bindparam("aad_id"))
_MEMBERSHIPS = (
    select(Member)
    .where(_SITS, or_(Member.mail == bindparam("mail"), Member.substitute_mail == bindparam("mail")))
    .order_by(Member.id)
)


@dataclass(frozen=True)
class Actor:
    """Who acts: a person and the posts held today, each with its initiative (None: all of them).

    `own` are those held as titular; the others, as substitute.
    """

    person_id: int
    name: str
    gender: str
    posts: frozenset[tuple[str, int | None]]
    own: frozenset[tuple[str, int | None]] = frozenset()

    def holds(self, posts: Iterable[str], initiative_id: int | None = None) -> str | None:
        """The first of `posts` that this person holds for the initiative, or None."""
        for post in posts:
            for held, where in self.posts:
                if held == post and (where is None or initiative_id is None or where == initiative_id):
                    return post
        return None

    def require(self, posts: Iterable[str], initiative_id: int | None = None) -> str:
        """The post under which this person may act here.

        Raises:
            NotAllowed: none of them is held today.
        """
        wanted = list(posts)
        if post := self.holds(wanted, initiative_id):
            return post
        of_another = initiative_id is not None and self.holds(wanted) is not None
        names = [POST_OFFICES[Post(post)] + _there(post, wanted, here=of_another) for post in wanted]
        raise NotAllowed(f"Esta operación corresponde a: {one_of(names)}.")

    def initiatives(self, post: str) -> set[int]:
        return {where for held, where in self.posts if held == post and where is not None}


def _there(post: str, posts: Iterable[str], *, here: bool) -> str:
    """Of several posts, only a leader's is of one initiative."""
    return " de esa iniciativa" if here and (post == Post.LEADER or Post.LEADER not in list(posts)) else ""


def holdings(session: Session, post: str, initiative_id: int | None, day: date) -> list[Holding]:
    """Who holds `post` on `day`, for one initiative or for all of them; first come first."""
    rows = session.scalars(
        select(Holding)
        .where(
            Holding.post == post,
            Holding.since <= day,
            or_(Holding.until.is_(None), Holding.until >= day),
            or_(Holding.initiative_id.is_(None), Holding.initiative_id == initiative_id),
        )
        .order_by(Holding.since, Holding.id)
    )
    return list(rows)


def holders(session: Session, post: str, initiative_id: int | None, day: date) -> list[Person]:
    """Who answers under the post that day, each once: its holders, and for one who is away the substitute."""
    held = holdings(session, post, initiative_id, day)
    found = (substitute_for(session, holding, day) or holding.person for holding in held)
    return list({person.id: person for person in found}.values())


def substitute_for(session: Session, holding: Holding, day: date) -> Person | None:
    """Who answers for a holder that is away: whom the absence names, else the one listed beside the post."""
    absence = absence_of(session, holding.person_id, day)
    return (absence.substitute or holding.substitute) if absence is not None else None


def absence_of(session: Session, person_id: int, day: date) -> Absence | None:
    """The absence that a day falls into."""
    during = (Absence.person_id == person_id, Absence.since <= day, Absence.until >= day)
    return session.scalars(select(Absence).where(*during).order_by(Absence.id)).first()


def is_acting(session: Session, person_id: int, post: str, initiative_id: int | None, day: date) -> bool:
    """Whether the person holds the post «(E)» that day."""
    held = holdings(session, post, initiative_id, day)
    return any(holding.acting for holding in held if holding.person_id == person_id)


def actor_of(session: Session, person: Person, day: date) -> Actor:
    """The person with every post held on `day`, and of those that are away where this person answers for them.

    A member of an EAN, or that member's substitute, has that post too (R44).
    """
    actor = _actor(ask(session, _WHO_BY_ID, {"person": person.id, "day": day}).all())
    return actor or Actor(person.id, person.name, person.gender, frozenset())


def _actor(rows: Sequence[Any]) -> Actor | None:
    """Of the rows of `_who`, each with a post or none: the first person's, should an identity stand twice."""
    if not rows:
        return None
    person_id, name, gender = min(row[:3] for row in rows)
    held = [(post, at, whose) for one, _, _, post, at, whose in rows if post and one == person_id]
    posts = frozenset((post, at) for post, at, _ in held)
    own = frozenset((post, at) for post, at, whose in held if whose == person_id)
    return Actor(person_id, name, gender, posts, own)


def memberships(session: Session, mail: str, day: date) -> list[Member]:
    """Where somebody is an active member of the Equipo de Alto Nivel that day, or such a member's substitute (R42)."""
    return list(session.scalars(_MEMBERSHIPS, {"mail": mail.lower(), "day": day}))


def member_ids(session: Session, person_id: int, day: date) -> list[int]:
    """The memberships of one person of the directory; nobody's for a stand-in."""
    person = session.get(Person, person_id)
    return [row.id for row in memberships(session, person.mail, day)] if person else []


def person_by_aad(session: Session, aad_id: str) -> Person | None:
    """Whose Teams identity that is; however its letters are written."""
    return session.scalar(_BY_AAD, {"aad_id": aad_id.lower()})


def actor_by_aad(session: Session, aad_id: str, day: date) -> Actor:
    """The person behind a Teams identity.

    Raises:
        Stranger: nobody in the directory has it.
        NotAllowed: no post today; in the same words.
    """
    actor = _actor(ask(session, _WHO_BY_AAD, {"aad_id": aad_id.lower(), "day": day}).all())
    if actor is None:
        raise Stranger(UNKNOWN)
    if not actor.posts:
        raise NotAllowed(UNKNOWN)
    return actor


def led_initiatives(session: Session, actor: Actor) -> list[Initiative]:
    """The initiatives this person leads today: the titular's first, then those of a substitute, in their order."""
    wanted = actor.initiatives(Post.LEADER)
    found = [row for row in session.scalars(select(Initiative).order_by(Initiative.position)) if row.id in wanted]
    return sorted(found, key=lambda row: (str(Post.LEADER), row.id) not in actor.own)
