"""What was done (R50) and what it changed (R3): rows that are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.types import Base, Moment


class Deed(Base):
    """One named operation that somebody carried out: who, under which post, with which values, what came of it.

    Until `undo_until` that person may take it back (`undone_at`); what it would have told waits as long.
    """

    __tablename__ = "deed"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    operation: Mapped[str]
    author: Mapped[str]
    post: Mapped[str]
    initiative_id: Mapped[int | None] = mapped_column(ForeignKey("initiative.id"), index=True)
    given: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    outcome: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    undo_until: Mapped[datetime | None] = mapped_column(Moment)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)


class Change(Base):
    """One row of the matrix or its life changed: who, when, why, and the columns before and after.

    `before` is empty for a new row and `after` for one that was removed; dates and moments are ISO text.
    """

    __tablename__ = "change"
    __table_args__ = (Index("ix_change_row", "table", "row_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment, index=True)
    author: Mapped[str]
    reason: Mapped[str]
    table: Mapped[str]
    row_id: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id"), index=True)
    deed_id: Mapped[int | None] = mapped_column(ForeignKey("deed.id"), index=True)


class ImportRun(Base):
    """One import that changed something; the last one can be undone (`undone_at`).

    `brought` is what its files said otherwise than those of the imports before, by row and column.
    """

    __tablename__ = "import_run"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    author: Mapped[str]
    folder: Mapped[str]
    lines: Mapped[list[str]] = mapped_column(JSON, default=list)
    brought: Mapped[dict[str, dict[str, Any]] | None] = mapped_column(JSON, deferred=True)
    undone_at: Mapped[datetime | None] = mapped_column(Moment)
    undone_by: Mapped[str] = mapped_column(default="")
