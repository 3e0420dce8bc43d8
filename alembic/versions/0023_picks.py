"""Editor's picks: when a comment was picked, and how many picks a thread has."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the columns and the index, which has the picks alone in it."""
    op.add_column("comment", sa.Column("picked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("thread", sa.Column("picks", sa.Integer(), nullable=False, server_default="0"))
    picked = sa.text("picked_at IS NOT NULL")
    op.create_index("ix_comment_picked", "comment", ["thread_id", "id"], sqlite_where=picked, postgresql_where=picked)
