"""The date that an entity promised, beside the day for which its silence waits (R16)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("silence", schema=None) as batch_op:
        batch_op.add_column(sa.Column("promised_for", sa.Date(), nullable=True))
    op.execute("UPDATE silence SET promised_for = delayed_until")


def downgrade() -> None:
    with op.batch_alter_table("silence", schema=None) as batch_op:
        batch_op.drop_column("promised_for")
