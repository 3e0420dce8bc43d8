"""What a paper announces above one thread, until when."""

import sqlalchemy as sa
from alembic import op

revision = "talk_announcements"
down_revision = "talk_picks"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("thread", sa.Column("announcement", sa.String(1000), nullable=True))
    op.add_column("thread", sa.Column("announced_until", sa.DateTime(timezone=True), nullable=True))
