"""Live cases"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LIVE = sa.text("state <> 'surtida' and closed_on is null")
NOT_EXHAUSTED = sa.text("state <> 'surtida'")


def upgrade() -> None:
    _single(LIVE)


def downgrade() -> None:
    _single(NOT_EXHAUSTED)


def _single(where: sa.TextClause) -> None:
    with op.batch_alter_table("high_level_case", schema=None) as batch_op:
        batch_op.drop_index("uq_high_level_case_open")
        batch_op.create_index(
            "uq_high_level_case_open", ["initiative_id"], unique=True, sqlite_where=where, postgresql_where=where
        )
