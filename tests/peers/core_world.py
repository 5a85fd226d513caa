"""A small world for the promises of the core: initiatives, entities, people and actions, and days that pass."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.actions import place_due
from methodology.method import Method
from methodology.people import Actor, actor_of
from methodology.rules.calendar import BOGOTA
from methodology.script import Step, doing_for, play_step
from methodology.simulation import live
from methodology.sweep import record_due
from storage.ledger import Alert, Notice
from storage.matrix import Action, Entity, Holding, Initiative, Person

T = TypeVar("T")
INVIMA = "Instituto Nacional de Vigilancia de Medicamentos y Alimentos (Invima)"


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str, hour: int = 8, minute: int = 0) -> datetime:
    """A moment on Bogotá's wall."""
    return datetime.combine(day(text), time(hour, minute), BOGOTA)


class Core:
    """The ledger under test, with short ways to fill it and to let days pass."""

    def __init__(self, session: Session, method: Method | None = None) -> None:
        self.session = session
        self.method = method or Method()

    def initiative(self, slug: str = "biologicos", launch: str | None = "2026-01-15", **more: Any) -> Initiative:
        starts = day(launch) if launch else None
        position = len(self.all(Initiative)) + 1
        values = {"state": "en_ejecucion", "overrides": {}, "alerts_from": starts} | more
        return self.add(Initiative(slug=slug, name=slug.title(), position=position, launch=starts, **values))

    def entity(self, name: str = INVIMA, *, internal: bool = False) -> Entity:
        known = self.session.scalar(select(Entity).where(Entity.name == name))
        return known or self.add(Entity(name=name, mail="enlace@entidad.example", internal=internal))

    def action(self, code: str = "BIO-01", due: str | None = "2026-10-31", **more: Any) -> Action:
        initiative = more.pop("initiative", None) or self.first_initiative()
        entity = self.entity(more.pop("entity", INVIMA))
        when = day(due) if due else None
        values = {
            "text": f"Expedir la guía {code}",
            "priority": "Alta",
            "state": "vigente",
            "original_due": when,
        } | more
        row = Action(code=code, initiative=initiative, entity=entity, due_version=1, **values)
        place_due(row, when, self.method)
        return self.add(row)

    def first_initiative(self) -> Initiative:
        return self.session.scalar(select(Initiative).order_by(Initiative.position)) or self.initiative()

    def person(self, name: str, post: str = "", initiative: Initiative | None = None, **more: Any) -> Person:
        mail = f"{name.lower().replace(' ', '.')}@operador.example"
        person = self.add(Person(name=name, gender="f", mail=mail))
        if post:
            where = initiative.id if initiative else None
            values = {"since": day("2025-01-15"), "until": None} | more
            self.add(Holding(post=post, person_id=person.id, initiative_id=where, **values))
        return person

    def actor(self, post: str, initiative: Initiative | None = None, today: str = "2026-11-03") -> Actor:
        """A new person in that post."""
        return actor_of(self.session, self.person(f"{post} {len(self.all(Person))}", post, initiative), day(today))

    def sweep(self, on: str, hour: int = 8, minute: int = 0) -> None:
        record_due(self.session, self.method, at(on, hour, minute))

    def live(self, first: str, last: str | None = None) -> None:
        """Sweep and tell every day from `first` to `last`."""
        for number in range(day(first).toordinal(), day(last or first).toordinal() + 1):
            live(self.session, self.method, datetime.combine(date.fromordinal(number), time(8), BOGOTA))

    def play(self, on: str, role: str, does: str, hour: int = 10, **given: Any) -> dict[str, Any]:
        """One step of a script, as its line of the journal."""
        step = Step(at(on, hour), role, does, {name: str(value) for name, value in given.items()})
        return play_step(self.session, step, doing_for(self.session, self.method, step.at))

    def does(self, on: str, role: str, does: str, hour: int = 10, **given: Any) -> str:
        """Somebody does something; the sentence of what was done."""
        line = self.play(on, role, does, hour, **given)
        assert "done" in line, line["refused"]
        return str(line["done"])

    def refused(self, on: str, role: str, does: str, hour: int = 10, **given: Any) -> str:
        """Somebody tries and is refused; the sentence that says why."""
        line = self.play(on, role, does, hour, **given)
        assert "refused" in line, line["done"]
        return str(line["refused"])

    def notices(self, *rules: str) -> list[Notice]:
        query = select(Notice).order_by(Notice.recorded_on, Notice.id)
        return list(self.session.scalars(query.where(Notice.rule.in_(rules)) if rules else query))

    def told(self, *rules: str) -> list[tuple[str, str, str]]:
        """(subject, recorded on, deliver on) of the notices of those rules."""
        return [(n.subject, str(n.recorded_on), str(n.deliver_on)) for n in self.notices(*rules)]

    def alert(self) -> Alert:
        """The only alert."""
        return self.session.scalars(select(Alert)).one()

    def add(self, row: T) -> T:
        self.session.add(row)
        self.session.flush()
        return row

    def all(self, kind: type[T]) -> list[T]:
        return list(self.session.scalars(select(kind)))
