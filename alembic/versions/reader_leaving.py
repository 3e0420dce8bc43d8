"""Leaving: when an account goes and what becomes of its comments, names held for a while, keys kept, items held by law."""

import sqlalchemy as sa
from alembic import op

revision = "reader_leaving"
down_revision = "reader_thread_limits"


def upgrade() -> None:
    """Add the columns and make the table."""
    op.add_column("account", sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("leaves_how", sa.String(8), nullable=True))
    op.add_column("name_hold", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("comment", sa.Column("legal_hold_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "kept_key",
        sa.Column("person_key", sa.String(80), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("person_key"),
    )
