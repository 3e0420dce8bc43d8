"""Orders of authorities: who orders under which reference, beside the notice each is handled as."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "authority_order",
        sa.Column("notice_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(100), nullable=False),
        sa.Column("territory", sa.String(200), nullable=False),
        sa.Column("entered_by", sa.String(16), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("notice_id"),
    )
    op.create_index("ix_authority_order_site_id", "authority_order", ["site_id"], unique=False)
