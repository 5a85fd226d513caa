"""Undo"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.types import Moment

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deed", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("undo_until", Moment(), nullable=True))
        batch_op.add_column(sa.Column("undone_at", Moment(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_deed_person_id_person"), "person", ["person_id"], ["id"])
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deed_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_change_deed_id"), ["deed_id"])
        batch_op.create_foreign_key(batch_op.f("fk_change_deed_id_deed"), "deed", ["deed_id"], ["id"])
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deed_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("held_until", Moment(), nullable=True))
        batch_op.create_index(batch_op.f("ix_notice_deed_id"), ["deed_id"])
        batch_op.create_foreign_key(batch_op.f("fk_notice_deed_id_deed"), "deed", ["deed_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notice_deed_id_deed"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_notice_deed_id"))
        batch_op.drop_column("held_until")
        batch_op.drop_column("deed_id")
    with op.batch_alter_table("change", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_change_deed_id_deed"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_change_deed_id"))
        batch_op.drop_column("deed_id")
    with op.batch_alter_table("deed", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_deed_person_id_person"), type_="foreignkey")
        batch_op.drop_column("undone_at")
        batch_op.drop_column("undo_until")
        batch_op.drop_column("person_id")
