"""Who holds which post from when, acting or not, and who is away (R11; method.md, edge cases)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import func, or_, select

from methodology.operation import Doing, Field, Kind, Operation, Weight
from methodology.refusals import Incomplete, NotFound, NotNow
from methodology.rules.addresses import is_whole_address
from methodology.rules.spanish import long_date, short_date
from methodology.rules.states import POST_NAMES, Post
from storage.life import Absence
from storage.matrix import Holding, Initiative, Person

HELD = (Post.LEADER, Post.MANAGEMENT, Post.PLANNING, Post.VICE_MINISTER, Post.MINISTER)
SINGLE = (Post.MANAGEMENT, Post.VICE_MINISTER, Post.MINISTER)
_DAY = timedelta(days=1)


def appoint(
    doing: Doing,
    *,
    post: str,
    name: str,
    gender: str,
    mail: str,
    since: date,
    until: date | None,
    initiative: Initiative | None,
    acting: bool | None,
    aad_id: str | None,
) -> str:
    """A person takes a post from a day on.

    Of the Minister, the Vice Minister and the Manager there is one at a time: the former ends the day before and,
    when the new one has a last day, is back on the next. An initiative may have several leaders.
    """
    if post == Post.LEADER and initiative is None:
        raise Incomplete({"initiative": "Indique la iniciativa que lidera."})
    if until is not None and until < since:
        raise Incomplete({"until": "La fecha final no puede ser anterior a la inicial."})
    person = _person(doing, name, gender, mail, aad_id)
    where = initiative.id if initiative and post == Post.LEADER else None
    if _holding(doing, post, where, person, since):
        raise NotNow(f"{person.name} ya ocupa el cargo desde el {long_date(since)}.")
    if post in SINGLE:
        _make_room(doing, post, since, until)
    holding = Holding(
        post=post, initiative_id=where, person_id=person.id, since=since, until=until, acting=bool(acting)
    )
    doing.session.add(holding)
    doing.session.flush()
    return f"{person.name}: {post_name(post, person.gender, acting=bool(acting))} desde el {long_date(since)}."


def post_name(post: str, gender: str, *, acting: bool) -> str:
    """«Viceministra de Desarrollo Empresarial (E)»."""
    return POST_NAMES[Post(post)][gender == "f"] + (" (E)" if acting else "")


def _person(doing: Doing, name: str, gender: str, mail: str, aad_id: str | None) -> Person:
    address = mail.strip().lower()
    if not is_whole_address(address):
        raise Incomplete({"mail": f"«{mail}» no es un correo."})
    aad_id = aad_id.strip().lower() if aad_id else None
    taken = select(Person).where(func.lower(Person.aad_id) == aad_id, Person.mail != address)
    if aad_id and (other := doing.session.scalar(taken)):
        raise Incomplete({"aad_id": f"Ese identificador de Teams es de {other.name}."})
    person = doing.session.scalar(select(Person).where(Person.mail == address))
    if person is None:
        person = Person(name=name.strip(), gender=gender, mail=address, aad_id=aad_id)
        doing.session.add(person)
    else:
        person.name, person.gender, person.aad_id = name.strip(), gender, aad_id or person.aad_id
    doing.session.flush()
    return person


def _holding(doing: Doing, post: str, where: int | None, person: Person, since: date) -> Holding | None:
    return doing.session.scalar(
        select(Holding).where(
            Holding.post == post,
            Holding.initiative_id == where,
            Holding.person_id == person.id,
            Holding.since <= since,
            or_(Holding.until.is_(None), Holding.until >= since),
        )
    )


def _make_room(doing: Doing, post: str, since: date, until: date | None) -> None:
    """Nobody else holds the post from `since` to `until`; what was held around it stays.

    Raises:
        NotNow: somebody's time in the post, already over, would be lost.
    """
    query = select(Holding).where(Holding.post == post, or_(Holding.until.is_(None), Holding.until >= since))
    held = doing.session.scalars(query if until is None else query.where(Holding.since <= until)).all()
    for holding in held:
        if holding.since >= since and holding.until is not None and holding.until < doing.today:
            span = f"del {short_date(holding.since)} al {short_date(holding.until)}"
            raise NotNow(f"{holding.person.name} ocupó el cargo {span}: indique una fecha posterior.")
    for holding in held:
        _cut(doing, holding, since, until)


def _cut(doing: Doing, holding: Holding, since: date, until: date | None) -> None:
    """Leave of a holding what lies before `since` and after `until`."""
    back = until + _DAY if until is not None and (holding.until is None or holding.until > until) else None
    if holding.since >= since:
        if back is None:
            doing.session.delete(holding)
        else:
            holding.since = back
        return
    if back is not None:
        doing.session.add(_again(holding, back))
    holding.until = since - _DAY


def _again(holding: Holding, since: date) -> Holding:
    return Holding(
        post=holding.post,
        initiative_id=holding.initiative_id,
        person_id=holding.person_id,
        substitute_id=holding.substitute_id,
        acting=holding.acting,
        since=since,
        until=holding.until,
    )


def leave(doing: Doing, *, person: Person, post: str, until: date, initiative: Initiative | None) -> str:
    """A person leaves a post after a day."""
    query = select(Holding).where(
        Holding.person_id == person.id,
        Holding.post == post,
        Holding.since <= until,
        or_(Holding.until.is_(None), Holding.until > until),
    )
    held = [row for row in doing.session.scalars(query) if initiative is None or row.initiative_id == initiative.id]
    if not held:
        raise NotFound(f"{person.name} no ocupa ese cargo el {long_date(until)}.")
    for row in held:
        row.until = until
    return f"{person.name} deja el cargo el {long_date(until)}."


def absent(doing: Doing, *, since: date, until: date, substitute: Person | None, person: Person | None) -> str:
    """R11: away from a day to a day; the substitute answers under the same posts meanwhile."""
    away = person or doing.session.get(Person, doing.actor.person_id)
    if away is None:
        raise Incomplete({"person": "Indique quién estará ausente."})
    if away.id != doing.actor.person_id:
        doing.actor.require([Post.PLANNING])
    if until < since:
        raise Incomplete({"until": "La fecha final no puede ser anterior a la inicial."})
    if substitute is not None and substitute.id == away.id:
        raise Incomplete({"substitute": "El suplente es otra persona."})
    during = (Absence.person_id == away.id, Absence.since <= until, Absence.until >= since)
    if overlapping := doing.session.scalars(select(Absence).where(*during).order_by(Absence.since)).first():
        raise NotNow(f"{away.name} ya tiene registrada una ausencia del {_span(overlapping)}.")
    row = Absence(
        person_id=away.id,
        since=since,
        until=until,
        substitute_id=substitute.id if substitute else None,
        recorded_by=doing.actor.name,
    )
    doing.session.add(row)
    doing.session.flush()
    who = f"; responde {substitute.name}" if substitute else ""
    return f"{away.name}: ausente del {_span(row)}{who}."


def back(doing: Doing, *, person: Person | None) -> str:
    """Back earlier than said: the absence ended yesterday, or is forgotten when it had not begun."""
    who = person or doing.session.get(Person, doing.actor.person_id)
    if who is None:
        raise Incomplete({"person": "Indique quién regresa."})
    if who.id != doing.actor.person_id:
        doing.actor.require([Post.PLANNING])
    ahead = select(Absence).where(Absence.person_id == who.id, Absence.until >= doing.today).order_by(Absence.since)
    row = doing.session.scalars(ahead).first()
    if row is None:
        raise NotNow(f"{who.name} no tiene una ausencia en curso ni por venir.")
    if row.since >= doing.today:
        doing.session.delete(row)
    else:
        row.until = doing.today - _DAY
    return f"{who.name}: termina la ausencia del {_span(row)}."


def _span(row: Absence) -> str:
    return f"{short_date(row.since)} al {short_date(row.until)}"


_POST = Field("cargo", "post", "Cargo", Kind.CHOICE, options=tuple(str(post) for post in HELD))
_WHERE = Field("iniciativa", "initiative", "Iniciativa (líder técnico)", Kind.INITIATIVE, required=False)
_SINCE = Field("desde", "since", "Desde", Kind.DATE)
_WHO = Field("persona", "person", "Persona (si no es usted)", Kind.PERSON, required=False)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "persona.cargo",
        "Registrar quien ocupa un cargo",
        "R11",
        (Post.PLANNING,),
        (
            _POST,
            Field("nombre", "name", "Nombre completo"),
            Field("genero", "gender", "Género", Kind.CHOICE, options=("f", "m")),
            Field("correo", "mail", "Correo"),
            _SINCE,
            Field("hasta", "until", "Hasta", Kind.DATE, required=False),
            _WHERE,
            Field("encargo", "acting", "En encargo (E)", Kind.YES, required=False),
            Field("aad", "aad_id", "Identificador de Teams", required=False),
        ),
        appoint,
    ),
    Operation(
        "persona.retiro",
        "Registrar quien deja un cargo",
        "R11",
        (Post.PLANNING,),
        (
            Field("persona", "person", "Persona", Kind.PERSON),
            _POST,
            Field("hasta", "until", "Último día", Kind.DATE),
            _WHERE,
        ),
        leave,
        weight=Weight.HEAVY,
    ),
    Operation(
        "persona.ausencia",
        "Registrar una ausencia",
        "R11",
        HELD,
        (
            _SINCE,
            Field("hasta", "until", "Hasta", Kind.DATE),
            Field("suplente", "substitute", "Suplente", Kind.PERSON, required=False),
            _WHO,
        ),
        absent,
    ),
    Operation("persona.regreso", "Terminar una ausencia", "R11", HELD, (_WHO,), back),
)
