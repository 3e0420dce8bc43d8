"""Leaving: when an account goes and what becomes of its comments, names held for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("account", sa.Column("leaves_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("account", sa.Column("leaves_how", sa.String(8), nullable=True))
    op.add_column("name_hold", sa.Column("until", sa.DateTime(timezone=True), nullable=True))
