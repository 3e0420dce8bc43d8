"""Who may answer the author of an article under that article, where it differs from their reach elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column; nobody has chosen yet."""
    op.add_column("account", sa.Column("article_reach", sa.String(12), nullable=True))
