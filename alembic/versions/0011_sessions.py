"""Sessions held at a provider, and the events heard of them: keyed hashes only, and an encrypted id while one is open."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "provider_session",
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("attempt_id", sa.String(16), nullable=True),
        sa.Column("attestation_id", sa.String(16), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("sealed", sa.String(600), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("mac"),
    )
    op.create_index("ix_provider_session_account_id", "provider_session", ["account_id"])
    op.create_index("ix_provider_session_expires_at", "provider_session", ["expires_at"])
    op.create_table(
        "provider_event",
        sa.Column("mac", sa.String(64), nullable=False),
        sa.Column("session_mac", sa.String(64), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mac"),
    )
    op.create_index("ix_provider_event_seen_at", "provider_event", ["seen_at"])
