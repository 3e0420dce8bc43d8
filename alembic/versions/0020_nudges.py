"""How often a nudge before posting was shown in a month, and what the writer did then; no texts, no people."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "nudges",
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("tier", sa.String(10), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("anyway", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "month", "tier"),
    )
