"""Muting: people and threads an account wants no more of."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table and its index."""
    op.create_table(
        "mute",
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("target_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "target_id"),
    )
    op.create_index("ix_mute_target", "mute", ["target_id"], unique=False)
