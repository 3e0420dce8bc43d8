"""A decision, its statement and an appeal may be about an account; proposals wait for a second person."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Loosen what named a comment, add what names an account, make the table of proposals."""
    with op.batch_alter_table("decision") as table:
        table.alter_column("comment_id", existing_type=sa.String(16), nullable=True)
        table.alter_column("revision", existing_type=sa.Integer(), nullable=True)
        for name in ("subject_id", "standing_id", "because_of", "along_with", "proposed_by"):
            table.add_column(sa.Column(name, sa.String(16), nullable=True))
    op.create_index("ix_decision_subject", "decision", ["subject_id", "id"], unique=False)
    op.create_index("ix_decision_standing", "decision", ["standing_id", "id"], unique=False)
    with op.batch_alter_table("statement") as table:
        table.alter_column("comment_id", existing_type=sa.String(16), nullable=True)
        table.add_column(sa.Column("everywhere", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("appeal") as table:
        table.alter_column("comment_id", existing_type=sa.String(16), nullable=True)
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("comment_id", sa.String(16), nullable=True),
        sa.Column("subject_id", sa.String(16), nullable=True),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("action", sa.String(12), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(16), nullable=True),
        sa.Column("outcome", sa.String(12), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_proposal_open", "proposal", ["site_id", "closed_at", "id"], unique=False)
    op.create_index("ix_proposal_comment", "proposal", ["comment_id", "closed_at"], unique=False)
