"""Heat: how much upheld reports slow a chain of replies down, until when, and which comment gave how much of it."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Add the columns."""
    for name in ("heat", "heat_given"):
        op.add_column("comment", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for table in ("comment", "thread"):
        op.add_column(table, sa.Column("heated_until", sa.DateTime(timezone=True), nullable=True))
