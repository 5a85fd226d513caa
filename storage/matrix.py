"""The matrices: initiatives, entities, people and posts, obstacles, solutions, actions and their follow-up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.types import Base, Moment


class Initiative(Base):
    """A sector initiative (R1). `overrides` holds its own thresholds by Spanish key (R2).

    `origin` (Colombia Productiva or MinCIT), `phase_two`, `grounds` and `communication` are how it came to be
    (R38–R40); `paused_days` are those of former pauses, the last of which ended on `resumed_on`; `met_last_on` is the
    day of its launch or last reunión de logros (R25).

    `alerts_from` is its launch or `arranque.fecha`, whichever is later: what became due before it is backlog, which
    planning releases by hand.
    """

    __tablename__ = "initiative"
    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    position: Mapped[int]
    launch: Mapped[date | None]
    state: Mapped[str]
    overrides: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    alerts_from: Mapped[date | None]
    escalation_channel: Mapped[str] = mapped_column(default="")
    origin: Mapped[str] = mapped_column(default="", server_default="")
    phase_two: Mapped[bool] = mapped_column(default=False, server_default=false())
    grounds: Mapped[str] = mapped_column(default="", server_default="")
    communication: Mapped[str] = mapped_column(default="", server_default="")
    paused_on: Mapped[date | None]
    paused_days: Mapped[int] = mapped_column(default=0, server_default="0")
    resumed_on: Mapped[date | None]
    met_last_on: Mapped[date | None]
    closed_on: Mapped[date | None]


class Entity(Base):
    """A public entity. `internal` is the operator itself, asked through its leader (R14)."""

    __tablename__ = "entity"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    mail: Mapped[str]
    internal: Mapped[bool] = mapped_column(default=False)

    @property
    def short(self) -> str:
        """«Invima» of «Instituto Nacional … (Invima)»; else the whole name."""
        head, _, tail = self.name.rpartition("(")
        return tail.rstrip(")") if head and tail.endswith(")") else self.name


class Person(Base):
    """Somebody who holds a post. `gender` is «f» or «m»; `aad_id` identifies them in Teams."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    gender: Mapped[str]
    mail: Mapped[str] = mapped_column(unique=True)
    aad_id: Mapped[str | None] = mapped_column(unique=True)


class Holding(Base):
    """A person in a post from a day to a day, «(E)» when `acting`.

    `substitute_id` answers for a holder who is away and named nobody else.
    """

    __tablename__ = "holding"
    __table_args__ = (UniqueConstraint("post", "initiative_id", "person_id", "since"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    post: Mapped[str] = mapped_column(index=True)
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    since: Mapped[date]
    until: Mapped[date | None]
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acting: Mapped[bool] = mapped_column(default=False, server_default=false())
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="joined", innerjoin=True)
    substitute: Mapped[Person | None] = relationship(foreign_keys=[substitute_id], lazy="joined")


class Obstacle(Base):
    """A barrera, brecha or cuello de botella of one initiative (R6).

    `state` is an IdeaState: one brought up at a launch (R7, `origin` público or privado) or for a majority (R29,
    `evidence`) counts only once it was validated.
    """

    __tablename__ = "obstacle"
    __table_args__ = (UniqueConstraint("initiative_id", "kind", "text"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    theme: Mapped[str]
    kind: Mapped[str]
    text: Mapped[str]
    state: Mapped[str] = mapped_column(default="vigente", server_default="vigente")
    origin: Mapped[str] = mapped_column(default="", server_default="")
    brought_by: Mapped[str] = mapped_column(default="", server_default="")
    brought_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(default="", server_default="")


class Solution(Base):
    """What answers an obstacle. `state` is an IdeaState; `entity_id` was approached on `approached_on` (R29)."""

    __tablename__ = "solution"
    __table_args__ = (UniqueConstraint("obstacle_id", "text"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    obstacle_id: Mapped[int] = mapped_column(ForeignKey("obstacle.id"))
    text: Mapped[str]
    state: Mapped[str] = mapped_column(default="vigente", server_default="vigente")
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entity.id"))
    approached_on: Mapped[date | None]
    obstacle: Mapped[Obstacle] = relationship(lazy="joined", innerjoin=True)


class Action(Base):
    """An action of a matrix.

    `due` is the date in force; each new date or reopening makes a new `due_version`. The three `…_on` columns are the
    days on which R19, R15 and R30 begin to hold for that date, `undated_on` the day of R9 for one without: derived, and
    kept as columns so that the sweep is one statement a rule. `percent` is the last reported figure (0–100), None when
    nothing was ever reported. `joint` are the other responsible entities, who get copies (names, `;` between them).
    A new action was asked for on `asked_on`, validated by its entity on `validated_on` (R26) and counts from
    `incorporated_on`, in the meeting `incorporated_in` (R27); its exit is told in the meeting `exit_told_in` (R34).
    """

    __tablename__ = "action"
    __table_args__ = (
        Index(
            "ix_action_due_soon_on",
            "due_soon_on",
            sqlite_where=text("state = 'vigente'"),
            postgresql_where=text("state = 'vigente'"),
        ),
        Index(
            "ix_action_overdue_month_on",
            "overdue_month_on",
            sqlite_where=text("state = 'vigente'"),
            postgresql_where=text("state = 'vigente'"),
        ),
        Index(
            "ix_action_undated_on",
            "undated_on",
            sqlite_where=text("state = 'vigente'"),
            postgresql_where=text("state = 'vigente'"),
        ),
        Index(
            "ix_action_high_level_on",
            "high_level_on",
            sqlite_where=text("state = 'vigente'"),
            postgresql_where=text("state = 'vigente'"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), index=True)
    solution_id: Mapped[int | None] = mapped_column(ForeignKey("solution.id"))
    entity_id: Mapped[int] = mapped_column(ForeignKey("entity.id"), index=True)
    text: Mapped[str]
    supporting: Mapped[str] = mapped_column(default="")
    priority: Mapped[str]
    starts: Mapped[date | None]
    due: Mapped[date | None]
    original_due: Mapped[date | None]
    due_version: Mapped[int] = mapped_column(default=1)
    due_set_on: Mapped[date | None]
    due_moves: Mapped[int] = mapped_column(default=0)
    due_soon_on: Mapped[date | None]
    overdue_month_on: Mapped[date | None]
    high_level_on: Mapped[date | None]
    state: Mapped[str]
    percent: Mapped[float | None]
    narrative: Mapped[str] = mapped_column(default="")
    met_on: Mapped[date | None]
    nature: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    joint: Mapped[str] = mapped_column(default="", server_default="")
    origin: Mapped[str] = mapped_column(default="", server_default="")
    asked_on: Mapped[date | None]
    validated_on: Mapped[date | None]
    incorporated_on: Mapped[date | None]
    incorporated_in: Mapped[int | None]
    undated_on: Mapped[date | None]
    exited_on: Mapped[date | None]
    exit_told_in: Mapped[int | None]
    initiative: Mapped[Initiative] = relationship(lazy="joined", innerjoin=True)
    entity: Mapped[Entity] = relationship(lazy="joined", innerjoin=True)
    solution: Mapped[Solution | None] = relationship()


class ActionVersion(Base):
    """R3: one change of an action: who, when, why, before, after. Nothing is overwritten."""

    __tablename__ = "action_version"
    __table_args__ = (UniqueConstraint("action_id", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    author: Mapped[str]
    reason: Mapped[str]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class FollowUp(Base):
    """A registered seguimiento (R11–R13). One is effective per action and month; a correction supersedes the former."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index(
            "uq_follow_up_effective",
            "action_id",
            "month",
            unique=True,
            sqlite_where=text("superseded_at IS NULL"),
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    month: Mapped[str]
    percent: Mapped[float]
    text: Mapped[str]
    timeliness: Mapped[str]
    source: Mapped[str]
    author: Mapped[str]
    on_behalf_of: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(default="")
    blocker: Mapped[str] = mapped_column(default="", server_default="")
    help_needed: Mapped[str] = mapped_column(default="", server_default="")
    correction: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(Moment)
    superseded_at: Mapped[datetime | None] = mapped_column(Moment)
    action: Mapped[Action] = relationship()


class Achievement(Base):
    """A logro as the leader flagged it (R20). `report_id` is the published report that first told it (R21)."""

    __tablename__ = "achievement"
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), index=True)
    month: Mapped[str]
    text: Mapped[str]
    priority: Mapped[str]
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("report.id"))
    action: Mapped[Action] = relationship()


class EvidenceFile(Base):
    """A file or photo that a leader sent about an action (R12), as it came; the same bytes once."""

    __tablename__ = "evidence_file"
    __table_args__ = (UniqueConstraint("action_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    data: Mapped[bytes] = mapped_column(deferred=True)
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    action: Mapped[Action] = relationship()


class DayOff(Base):
    """The editable table of institutional days off."""

    __tablename__ = "day_off"
    day: Mapped[date] = mapped_column(primary_key=True)
    why: Mapped[str]


class DeliveryDay(Base):
    """For every day, the hábil day on which its notices go, and why: the calendar as SQL can join it."""

    __tablename__ = "delivery_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    deliver_on: Mapped[date]
    skipped: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)


class Setting(Base):
    """One value the service keeps about itself: `arranque.fecha`, the last sweep."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
