"""R11: a leader's month, handed to tomorrow or to somebody else for its window."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from methodology import followups
from methodology.alerts import DECIDERS
from methodology.notices import plan
from methodology.operation import INITIATIVE, Doing, Field, Given, Kind, Operation
from methodology.people import holdings
from methodology.refusals import Incomplete, NotNow
from methodology.rules.months import Month
from methodology.rules.spanish import full_date, month_name
from methodology.rules.states import InitiativeState, Post
from methodology.rules.window import Window
from storage.matrix import Holding, Initiative, Person

REMIND, DELEGATED = "R11.recordatorio", "R11.delegacion"
_DAY = timedelta(days=1)


def window_of(doing: Doing, initiative: Initiative) -> Window:
    """The window that is open, else the next one."""
    limits, month = doing.method.of(initiative), Month.of(doing.today)
    window = doing.method.window(month, limits)
    return window if doing.today <= window.last else doing.method.window(month.plus(1), limits)


def remind_tomorrow(doing: Doing, *, initiative: Initiative) -> str:
    """The leader asked for it: one more word on the next hábil day, to that leader alone, if something is missing then.

    Raises:
        NotNow: the window is not open, ends before that day, or nothing is missing.
    """
    on, window = _tomorrow(doing, initiative), window_of(doing, initiative)
    _tell(doing, REMIND, initiative, window, doing.actor.person_id, on)
    return f"Se le recordará el {full_date(on)} lo que falte de {initiative.name}."


def _not_tomorrow(doing: Doing, initiative: Initiative) -> str | None:
    """Nothing is said of it on a card: it is an offer of the window's days alone."""
    try:
        _tomorrow(doing, initiative)
    except NotNow:
        return ""
    return None


def _tomorrow(doing: Doing, initiative: Initiative) -> date:
    """The next hábil day of the open window, in which something is missing."""
    window = window_of(doing, initiative)
    if doing.today < window.first:
        raise NotNow(f"La ventana de seguimiento abre el {full_date(window.first)}; ese día llega la solicitud.")
    on = doing.method.calendar.on_or_after(doing.today + _DAY)
    if on > window.last:
        raise NotNow(f"El plazo es el {full_date(window.last)}: no queda otro día hábil para recordarlo.")
    if not followups.owes(doing.session, initiative.id, window.month):
        raise NotNow(f"No falta ningún seguimiento de {initiative.name} en este mes.")
    return on


def _beside_the_leaders(doing: Doing, given: Given) -> list[Person]:
    """Whom the month may be handed to: colleagues who neither answer for it already nor decide (R17)."""
    own = doing.session.get(Person, doing.actor.person_id)
    initiative = given.get("initiative")
    leading = holdings(doing.session, Post.LEADER, initiative.id, doing.today) if initiative else []
    deciding = [row for post in DECIDERS for row in holdings(doing.session, post, None, doing.today)]
    out = {doing.actor.person_id, *(row.person_id for row in (*leading, *deciding))}
    rows = doing.session.scalars(select(Person).where(Person.id.not_in(out)).order_by(Person.name))
    return [row for row in rows if own is None or _organisation(row) == _organisation(own)]


def _organisation(person: Person) -> str:
    """The domain of the mail."""
    return person.mail.rpartition("@")[2]


def delegate(doing: Doing, *, initiative: Initiative, person: Person, until: date | None) -> str:
    """R11: somebody else of the directory answers beside the leader, as leader by date, until the window closes.

    Raises:
        NotNow: that person answers for the initiative already.
        Incomplete: oneself, or a last day that has passed or lies beyond the window.
    """
    window = window_of(doing, initiative)
    last = until or window.last
    if person.id == doing.actor.person_id:
        raise Incomplete({"person": "Indique otra persona: el seguimiento ya está a su cargo."})
    if not doing.today <= last <= window.last:
        raise Incomplete({"until": f"La delegación termina entre hoy y el {full_date(window.last)}."})
    held = holdings(doing.session, Post.LEADER, initiative.id, doing.today)
    if any(row.person_id == person.id for row in held):
        raise NotNow(f"{person.name} ya responde por {initiative.name}.")
    row = Holding(
        post=Post.LEADER, initiative_id=initiative.id, person_id=person.id, since=doing.today, until=last, acting=False
    )
    doing.session.add(row)
    doing.session.flush()
    _tell(doing, DELEGATED, initiative, window, person.id, doing.today, until=last.isoformat())
    month = month_name(window.month.year, window.month.number)
    return (
        f"{person.name} puede registrar el seguimiento de {month} de {initiative.name} hasta el {full_date(last)}; "
        "mientras tanto responde como líder técnico y recibe también sus alertas."
    )


def _tell(doing: Doing, rule: str, initiative: Initiative, window: Window, reader: int, on: date, **more: str) -> None:
    """`reader` is the one person it is for: who asked, or who was asked."""
    fresh = plan(
        doing.session,
        rule,
        subject=str(window.month),
        period=f"{window.month}:{on.isoformat()}:{reader}",
        recorded_on=on,
        due=window.last,
        initiative_id=initiative.id,
        inputs={"period": str(window.month), "by": doing.actor.name, "reader": reader, **more},
    )
    if not fresh:
        raise NotNow(f"Ya está registrado: el mensaje sale el {full_date(on)}.")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "ronda.recordar",
        "Recordarme mañana",
        "R11",
        (Post.LEADER,),
        (INITIATIVE,),
        remind_tomorrow,
        states=(InitiativeState.RUNNING,),
        lacks=_not_tomorrow,
    ),
    Operation(
        "ronda.delegar",
        "Delegar el seguimiento del mes",
        "R11",
        (Post.LEADER,),
        (
            INITIATIVE,
            Field("persona", "person", "Persona", Kind.PERSON, among=_beside_the_leaders),
            Field("hasta", "until", "Hasta (el cierre de la ventana, si no se indica)", Kind.DATE, required=False),
        ),
        delegate,
        states=(InitiativeState.RUNNING,),
    ),
)
