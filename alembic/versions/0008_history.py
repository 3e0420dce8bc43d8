"""What readers saw of a comment: from when on each revision was public, so that its history tells nothing else.

The release before writes revisions without it; such a one is told of only while it is the present one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the moment, and fill it in where it is sure."""
    op.add_column("revision", sa.Column("shown_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE revision SET shown_at = created_at WHERE EXISTS (SELECT 1 FROM comment WHERE comment.id = "
        "revision.comment_id AND comment.revision = revision.number AND comment.state = 'published')"
    )
