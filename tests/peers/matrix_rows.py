"""Rows of one small matrix, for tests that need a ledger with something in it. Every person here is invented."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

import storage.tables  # noqa: F401 - its tables belong to the same metadata
from methodology.rules.calendar import WorkCalendar
from methodology.rules.deadlines import deadlines_of
from methodology.rules.thresholds import Thresholds
from storage.db import Database
from storage.matrix import Achievement, Action, Entity, FollowUp, Initiative, Obstacle, Person, Solution
from storage.types import Base

INVIMA = "Instituto Nacional de Vigilancia de Medicamentos y Alimentos (Invima)"
LEADER = "Ana María Restrepo Gil"


@contextmanager
def ledger() -> Iterator[Session]:
    """A session on an empty ledger in memory."""
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine)
    with database.begin() as session:
        yield session
    database.close()


def at(day: str, hour: int = 15) -> datetime:
    """A moment of that day, UTC: 15:00 is 10:00 in Bogotá."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


@dataclass
class Matrix:
    """One initiative and the means to fill it."""

    session: Session
    slug: str = "biologicos"
    name: str = "Biológicos"
    initiative: Initiative = field(init=False)
    entities: dict[str, Entity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.initiative = Initiative(
            slug=self.slug, name=self.name, position=1, launch=date(2025, 8, 29), state="en_ejecucion", overrides={}
        )
        self.session.add(self.initiative)
        if not self.session.query(Person).count():
            self.session.add(Person(name=LEADER, gender="f", mail="ana.restrepo@productiva.example"))
        self.session.flush()

    def action(self, code: str, *, due: str | None = "2026-12-07", state: str = "vigente", **more: Any) -> Action:
        day = date.fromisoformat(due) if due else None
        days = deadlines_of(day, WorkCalendar(), Thresholds()) if day else None
        obstacle, answer = more.pop("obstacle", "Represamiento de trámites"), more.pop("answer", "Ruta priorizada")
        values = {
            "solution": self._solution(obstacle, answer), "entity": self._entity(more.pop("entity", INVIMA)),
            "text": f"Expedir la guía {code}", "priority": "Alta", "starts": date(2026, 1, 15), "original_due": day,
            "percent": None, "met_on": None, "nature": "ilustrativa",
        } | more  # fmt: skip
        row = Action(
            code=code, initiative_id=self.initiative.id, due=day, state=state,
            due_soon_on=days and days.due_soon_on, overdue_month_on=days and days.overdue_month_on,
            high_level_on=days and days.high_level_on, **values,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def follow_up(self, action: Action, month: str, percent: float, text: str, on: str) -> FollowUp:
        row = FollowUp(
            action_id=action.id, month=month, percent=percent, text=text, timeliness="a_tiempo", source="entidad",
            author=LEADER, at=at(on),
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def achievement(
        self, action: Action, text: str, *, on: str, priority: str = "Alta", kind: str = "decreto", hour: int = 15
    ) -> Achievement:
        row = Achievement(action_id=action.id, month=on[:7], text=text, priority=priority, kind=kind, at=at(on, hour))
        self.session.add(row)
        self.session.flush()
        return row

    def _entity(self, name: str) -> Entity:
        known = self.session.query(Entity).filter_by(name=name).one_or_none()
        return known or Entity(name=name, mail="enlace@entidad.example")

    def _solution(self, obstacle: str, answer: str) -> Solution:
        row = self.session.query(Obstacle).filter_by(initiative_id=self.initiative.id, text=obstacle).one_or_none()
        row = row or Obstacle(
            initiative_id=self.initiative.id, theme="Registro sanitario", kind="Cuello de botella", text=obstacle
        )
        self.session.add(row)
        self.session.flush()
        known = self.session.query(Solution).filter_by(obstacle_id=row.id, text=answer).one_or_none()
        return known or Solution(obstacle=row, text=answer)
