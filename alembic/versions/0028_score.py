"""What a classifier thought of a comment, in tenths: so that the desk can see whether equal scores are treated equally."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Add the column."""
    op.add_column("comment", sa.Column("score", sa.SmallInteger(), nullable=True))
