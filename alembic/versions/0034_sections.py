"""The section of the paper a thread belongs to, and desk roles that are limited to some."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Add the columns and the list of sections."""
    op.add_column("thread", sa.Column("section", sa.String(60), nullable=True))
    op.add_column("role", sa.Column("sections", sa.JSON(), nullable=True))
    op.create_table(
        "site_section",
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("site_id", "name"),
    )
