"""Threads that take questions: who answers until when, and how many answers a question has."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the columns and their indexes, which have only what is asked or answered in them."""
    op.add_column("thread", sa.Column("questions", sa.JSON(), nullable=True))
    op.add_column("comment", sa.Column("answers", sa.Integer(), nullable=False, server_default="0"))
    asking, answered = sa.text("questions IS NOT NULL"), sa.text("answers > 0")
    op.create_index("ix_thread_questions", "thread", ["id"], sqlite_where=asking, postgresql_where=asking)
    op.create_index(
        "ix_comment_answered", "comment", ["hangs_on", "id"], sqlite_where=answered, postgresql_where=answered
    )
