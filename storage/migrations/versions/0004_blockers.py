"""Blockers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.add_column(sa.Column("blocker", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("help_needed", sa.String(), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("follow_up", schema=None) as batch_op:
        batch_op.drop_column("help_needed")
        batch_op.drop_column("blocker")
