"""The page by which an entity answers: its links, drafts, files, what was received, and what a proposal says more"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), server_default="1", nullable=False),
        sa.Column("revoked_because", sa.String(), server_default="", nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("draft_at", storage.types.Moment(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["entity_id"], ["entity.id"], name=op.f("fk_answer_form_entity_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_form")),
        sa.UniqueConstraint("reference", name=op.f("uq_answer_form_reference")),
    )
    op.create_index(op.f("ix_answer_form_entity_id"), "answer_form", ["entity_id"])
    op.create_table(
        "form_submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("at", storage.types.Moment(timezone=True), nullable=False),
        sa.Column("who", sa.String(), server_default="", nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["form_id"], ["answer_form.id"], name=op.f("fk_form_submission_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_submission")),
        sa.UniqueConstraint("form_id", "nonce", "digest", name=op.f("uq_form_submission_form_id_nonce_digest")),
    )
    op.create_table(
        "form_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("at", storage.types.Moment(timezone=True), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f("fk_form_file_action_id")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence_file.id"], name=op.f("fk_form_file_evidence_id")),
        sa.ForeignKeyConstraint(["form_id"], ["answer_form.id"], name=op.f("fk_form_file_form_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_file")),
        sa.UniqueConstraint("form_id", "action_id", "sha256", name=op.f("uq_form_file_form_id_action_id_sha256")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("submission_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("met_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("evidence", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("wants_due", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_proposal_submission_id"), "form_submission", ["submission_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_proposal_submission_id"), type_="foreignkey")
        for name in ("wants_due", "evidence", "met_on", "submission_id"):
            batch_op.drop_column(name)
    op.drop_table("form_file")
    op.drop_table("form_submission")
    op.drop_index(op.f("ix_answer_form_entity_id"), table_name="answer_form")
    op.drop_table("answer_form")
