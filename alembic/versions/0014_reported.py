"""A comment knows how many open reports it has, so that the queue is sorted over one index."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
OPEN = "FROM report WHERE report.comment_id = comment.id AND report.closed_at IS NULL"


def upgrade() -> None:
    """Add the figures, take them from the reports there are, and index what is reported."""
    op.add_column("comment", sa.Column("risk", sa.Integer(), nullable=True))
    op.add_column("comment", sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        f"UPDATE comment SET risk = (SELECT -count(*) {OPEN}), reported_at = (SELECT min(report.created_at) {OPEN})"
        " WHERE id IN (SELECT comment_id FROM report WHERE closed_at IS NULL)"
    )
    op.create_index(
        "ix_comment_reported",
        "comment",
        ["site_id", "risk", "reported_at", "id"],
        sqlite_where=sa.text("risk IS NOT NULL"),
        postgresql_where=sa.text("risk IS NOT NULL"),
    )
