"""How Alembic runs our steps: on the connection that `commentbox/server/base/migrate.py` hands in, alone."""

from alembic import context
from sqlalchemy import Connection, text

# Any number will do, as long as nothing else in the database uses it.
LOCK = 4_201_988_117


def wait_until_alone(connection: Connection) -> None:
    """Two servers that start at once must not both migrate: the second waits, and then finds nothing left to do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


connection = context.config.attributes["connection"]
wait_until_alone(connection)
context.configure(connection=connection, transaction_per_migration=False)
context.run_migrations()
