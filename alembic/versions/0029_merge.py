"""A thread that was merged into another one, which its addresses and its article's id lead to."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Add the column and its index, which has merged threads alone in it."""
    op.add_column("thread", sa.Column("merged_into", sa.String(16), nullable=True))
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index("ix_thread_merged", "thread", ["merged_into"], sqlite_where=merged, postgresql_where=merged)
