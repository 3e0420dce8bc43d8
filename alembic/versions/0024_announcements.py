"""What a paper announces above one thread, until when."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("thread", sa.Column("announcement", sa.String(1000), nullable=True))
    op.add_column("thread", sa.Column("announced_until", sa.DateTime(timezone=True), nullable=True))
