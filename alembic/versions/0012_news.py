"""News for people: what they are told of, whether by mail, and an address that was refused."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the tables; nobody is told of what was said before them."""
    op.create_table(
        "notification",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("subject_id", sa.String(16), nullable=False),
        sa.Column("thread_id", sa.String(16), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notification_once", "notification", ["account_id", "kind", "subject_id"], unique=True)
    op.create_index("ix_notification_account", "notification", ["account_id", "id"])
    op.create_index("ix_notification_unseen", "notification", ["account_id", "seen_at", "id"])
    op.create_index("ix_notification_subject", "notification", ["subject_id"])
    op.create_table(
        "mail_choice",
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("pace", sa.String(8), nullable=False),
        sa.Column("reply", sa.Boolean(), nullable=False),
        sa.Column("mention", sa.Boolean(), nullable=False),
        sa.Column("expiring", sa.Boolean(), nullable=False),
        sa.Column("lang", sa.String(12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account_id"),
    )
    op.add_column("account", sa.Column("email_refused_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "INSERT INTO fact (name, value) SELECT 'follow.notifications', CAST(COALESCE(MAX(position), 0) AS VARCHAR(20)) "
        "FROM journal"
    )
