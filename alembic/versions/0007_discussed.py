"""Sorting by what is most discussed: replies below a comment at the top, as columns of their own with an index each.

Columns of their own because an index over the counters would be written for every comment above every reply.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add two generated columns with their indexes, and let the index of a thread's comments know their order."""
    # SQLite adds no stored column to a table that is there, and PostgreSQL indexes no other.
    stored = op.get_bind().dialect.name == "postgresql"
    for name, counter in (("discussed", "descendants_all"), ("discussed_verified", "descendants_verified")):
        computed = sa.Computed(f"CASE WHEN depth = 0 THEN {counter} ELSE 0 END", persisted=stored)
        op.add_column("comment", sa.Column(name, sa.Integer(), computed, nullable=True))
    op.create_index("ix_comment_all_discussed", "comment", ["hangs_on", "in_all", "discussed", "id"])
    op.create_index("ix_comment_verified_discussed", "comment", ["hangs_on", "in_verified", "discussed_verified", "id"])
    op.create_index("ix_comment_thread_time", "comment", ["thread_id", "id"])
    op.drop_index("ix_comment_thread_id", "comment")
