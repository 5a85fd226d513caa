"""Alembic's entry: runs on the connection that `storage.schema` hands over."""

from __future__ import annotations

from alembic import context

import storage.tables  # noqa: F401 - the tables register themselves
from storage.types import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
