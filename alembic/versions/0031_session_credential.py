"""Which passkey opened a session, so that those of a copied one can be ended."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Add the column; of the sessions there are nobody knows."""
    op.add_column("session", sa.Column("credential_id", sa.String(16), nullable=True))
