"""What screening caught in a comment, kept with it for the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Add the column."""
    op.add_column("comment", sa.Column("caught", sa.JSON(), nullable=True))
