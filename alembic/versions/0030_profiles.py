"""Public profiles: the address of somebody's page, for those who want one."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Add the column and its index."""
    op.add_column("account", sa.Column("profile_id", sa.String(16), nullable=True))
    op.create_index("ix_account_profile", "account", ["profile_id"], unique=True)
