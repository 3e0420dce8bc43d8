"""Notices of illegal content, who sent them apart from them, trusted flaggers; related comments; where a decision holds."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables and columns of reports and notices."""
    op.create_table(
        "contact",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("lang", sa.String(12), nullable=False),
        sa.Column("erase_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_index("ix_contact_erase_at", "contact", ["erase_at"], unique=False)
    op.create_table(
        "flagger",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("site_id", sa.String(16), nullable=False),
        sa.Column("comment_id", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("offence", sa.String(20), nullable=False),
        sa.Column("law", sa.String(200), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("untrue", sa.String(), nullable=False),
        sa.Column("related", sa.JSON(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("notifier", sa.String(64), nullable=True),
        sa.Column("flagger_id", sa.String(16), nullable=True),
        sa.Column("against", sa.String(16), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("author_said", sa.String(10), nullable=True),
        sa.Column("author_text", sa.String(), nullable=False),
        sa.Column("author_at", MOMENT, nullable=True),
        sa.Column("decision_id", sa.String(16), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("is_unfounded", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notice_open", "notice", ["site_id", "decided_at", "due_at"], unique=False)
    op.create_index("ix_notice_comment", "notice", ["comment_id", "decided_at"], unique=False)
    op.create_index("ix_notice_once", "notice", ["comment_id", "kind", "by"], unique=True)
    op.create_index("ix_notice_notifier", "notice", ["notifier", "decided_at"], unique=False)
    op.create_index("ix_notice_against", "notice", ["against"], unique=False)
    op.create_index("ix_notice_decision_id", "notice", ["decision_id"], unique=False)
    op.create_index("ix_report_decision", "report", ["decision_id"], unique=False)
    op.add_column("report", sa.Column("related", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("statement", sa.Column("territory", sa.String(200), nullable=False, server_default=""))
