"""The life around the matrix: meetings and their agreements, the Equipo de Alto Nivel, measures, absences."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.ledger import HighLevelCase
from storage.matrix import Initiative, Person
from storage.types import Base, Moment


class Prioritisation(Base):
    """R7: one sector, public or private, said that the prioritisation is right: when, by whom, with which remarks."""

    __tablename__ = "prioritisation"
    __table_args__ = (UniqueConstraint("initiative_id", "sector"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    sector: Mapped[str]
    by: Mapped[str]
    remarks: Mapped[str] = mapped_column(default="")
    on: Mapped[date]
    recorded_by: Mapped[str]


class Meeting(Base):
    """A launch (R4), an internal follow-up (R24; of all initiatives, so without one) or a reunión de logros (R25).

    `kind` is a MeetingKind, `state` a MeetingState. `guests` are the mails that are convened, `next_on` the next
    meeting's date as it was agreed at the close; None with `next_undefined` is «por definir» (R8). `exception` is the
    reason of the Gerencia General for a third meeting that brings actions in (R27). `publish_by` is the day by
    which the matrix that it changed is published (R28).
    """

    __tablename__ = "meeting"
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"), index=True)
    kind: Mapped[str]
    state: Mapped[str]
    on: Mapped[date | None]
    begins: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int] = mapped_column(default=60)
    place: Mapped[str] = mapped_column(default="")
    guests: Mapped[list[str]] = mapped_column(JSON, default=list)
    prepared_by: Mapped[str]
    prepared_at: Mapped[datetime] = mapped_column(Moment)
    convened_at: Mapped[datetime | None] = mapped_column(Moment)
    sequence: Mapped[int] = mapped_column(default=0)
    held_on: Mapped[date | None]
    summary: Mapped[str] = mapped_column(default="")
    next_on: Mapped[date | None]
    next_undefined: Mapped[bool] = mapped_column(default=False)
    publish_by: Mapped[date | None]
    exception: Mapped[str] = mapped_column(default="")
    initiative: Mapped[Initiative | None] = relationship()


class AgendaItem(Base):
    """One point of a meeting, in order. `kind` says where it came from, `subject` what it is about.

    With a `post` its holder of the day speaks, and `speaker` names them; without, `speaker` is whom a person wrote.
    `content` holds its lines as they were drafted, the first of them its summary; `state` is an ItemState. What was not
    decided goes to the next meeting of the kind as a row of its own that names this one in `returns_id`.
    """

    __tablename__ = "agenda_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    post: Mapped[str] = mapped_column(default="")
    speaker: Mapped[str] = mapped_column(default="")
    minutes: Mapped[int] = mapped_column(default=5)
    content: Mapped[list[str]] = mapped_column(JSON, default=list)
    state: Mapped[str]
    decision: Mapped[str] = mapped_column(default="")
    returns_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id"))
    meeting: Mapped[Meeting] = relationship()


class Agreement(Base):
    """What a meeting agreed, with its owner and day: it becomes a measure, a date, an action, or stays a commitment.

    `kind` is an AgreementKind; `became` names what it turned into («medida 7», «AST-04»).
    """

    __tablename__ = "agreement"
    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), index=True)
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"))
    kind: Mapped[str]
    text: Mapped[str]
    owner: Mapped[str]
    due: Mapped[date | None]
    became: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    meeting: Mapped[Meeting] = relationship()


class Measure(Base):
    """R32: a measure of a Solución de alto nivel: description, responsible, deadline, state (MeasureState), result."""

    __tablename__ = "measure"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("high_level_case.id"), index=True)
    description: Mapped[str]
    responsible: Mapped[str]
    deadline: Mapped[date]
    state: Mapped[str]
    result: Mapped[str] = mapped_column(default="")
    by: Mapped[str]
    at: Mapped[datetime] = mapped_column(Moment)
    case: Mapped[HighLevelCase] = relationship()


class Member(Base):
    """R41, R42: a member of an initiative's Equipo de Alto Nivel, active once the invitation was sent.

    `state` is a MemberState; `acting` is «(E)». `signed_by` is who signed the letter off, `letter` its text.
    """

    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"), index=True)
    post: Mapped[str]
    entity: Mapped[str]
    holder: Mapped[str]
    gender: Mapped[str]
    acting: Mapped[bool] = mapped_column(default=False)
    mail: Mapped[str]
    substitute: Mapped[str] = mapped_column(default="")
    substitute_mail: Mapped[str] = mapped_column(default="")
    since: Mapped[date]
    until: Mapped[date | None]
    state: Mapped[str]
    proposed_by: Mapped[str]
    letter: Mapped[str] = mapped_column(default="")
    signed_by: Mapped[str] = mapped_column(default="")
    invited_on: Mapped[date | None]
    initiative: Mapped[Initiative] = relationship()


class Absence(Base):
    """Somebody is away from a day to a day, both included; the substitute answers under their posts meanwhile."""

    __tablename__ = "absence"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[date]
    until: Mapped[date]
    substitute_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_by: Mapped[str]
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="joined", innerjoin=True)
    substitute: Mapped[Person | None] = relationship(foreign_keys=[substitute_id], lazy="joined")


class Validation(Base):
    """The answer of whoever had to validate something: an entity its new action (R26, R29), MinCIT a candidate (R39).

    `subject` is the action's code, `solución N` or the initiative's slug; one answer is in force per subject, the last.
    """

    __tablename__ = "validation"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(index=True)
    initiative_id: Mapped[int] = mapped_column(ForeignKey("initiative.id"))
    accepted: Mapped[bool]
    by: Mapped[str]
    on: Mapped[date]
    evidence: Mapped[str]
    recorded_by: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
