"""Passkeys and recovery: what sleeps, what waits, what is frozen, and who is banned under a person key."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the two tables; every passkey there is now counts as there for its account's badge."""
    op.add_column("account", sa.Column("email_lang", sa.String(12), nullable=True))
    op.add_column("account", sa.Column("frozen_since", MOMENT, nullable=True))
    op.add_column("credential", sa.Column("attested_as", sa.String(16), nullable=True))
    op.add_column("credential", sa.Column("copied_at", MOMENT, nullable=True))
    op.add_column("session", sa.Column("by_code", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("attempt", sa.Column("purpose", sa.String(10), nullable=False, server_default="badge"))
    op.add_column("attestation", sa.Column("asleep", sa.String(10), nullable=True))
    op.add_column("attestation", sa.Column("moved_at", MOMENT, nullable=True))
    op.add_column("attestation", sa.Column("ending_told_at", MOMENT, nullable=True))
    op.create_index("ix_attestation_expires_at", "attestation", ["expires_at"], unique=False)
    op.create_table(
        "recovery",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("account_id", sa.String(16), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("credential_id", sa.String(16), nullable=False),
        sa.Column("attestation_id", sa.String(16), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recovery_account", "recovery", ["account_id", "id"], unique=False)
    op.create_table(
        "person_ban",
        sa.Column("person_key", sa.String(80), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("person_key"),
    )
    op.execute(
        "UPDATE credential SET attested_as = (SELECT attestation_id FROM account WHERE account.id = credential.account_id) "
        "WHERE kind = 'passkey'"
    )
    for old, new in (("wish", "person"), ("retracted", "provider")):
        op.execute(f"UPDATE attestation SET revoked_why = '{new}' WHERE revoked_why = '{old}'")
