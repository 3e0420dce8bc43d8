"""What a moderator sets for one thread, and addresses that two threads are named by."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and make the table."""
    op.add_column("thread", sa.Column("limits", sa.JSON(), nullable=True))
    op.create_table(
        "named_twice",
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("url_key", sa.String(64), nullable=False),
        sa.Column("thread_id", sa.String(16), nullable=False),
        sa.Column("other_id", sa.String(16), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("site_id", "url_key", "thread_id"),
    )
