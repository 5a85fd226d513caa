"""Buttons about an initiative"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_card_action_about", "card_action", ["initiative_id", "verb"])


def downgrade() -> None:
    op.drop_index("ix_card_action_about", "card_action")
