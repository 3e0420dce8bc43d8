"""Threads that close by age: until when a moderator keeps one open all the same."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Add the column."""
    op.add_column("thread", sa.Column("open_until", sa.DateTime(timezone=True), nullable=True))
