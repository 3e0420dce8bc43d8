"""Versions of the settings that judge comments, and drafts of them."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "screening_rules",
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=True),
        sa.Column("dry_run_id", sa.String(16), nullable=True),
        sa.Column("account_id", sa.String(16), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site_id", "version"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
    )
    op.create_table(
        "screening_draft",
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("site_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
    )
