"""The index of words has held and removed comments too, for the desk; what readers search asks for published ones itself.

The release before does so already, and writes comments as it always did.
"""

from alembic import op

revision = "0035"
down_revision = "0034"

LONGEST = 20_000
KEPT = "('published', 'held', 'removed')"

SQLITE = [
    "DROP TRIGGER comment_search_insert",
    "DROP TRIGGER comment_search_update",
    "DROP TRIGGER comment_search_delete",
    f"""CREATE TRIGGER comment_search_insert AFTER INSERT ON comment WHEN NEW.state IN {KEPT} BEGIN
        INSERT INTO searched (comment_id) VALUES (NEW.id);
        INSERT INTO comment_search (rowid, thread, words)
        VALUES (last_insert_rowid(), NEW.thread_id, substr(NEW.text, 1, {LONGEST}));
    END""",
    f"""CREATE TRIGGER comment_search_update AFTER UPDATE OF text, state, thread_id ON comment
    WHEN OLD.state IN {KEPT} OR NEW.state IN {KEPT} BEGIN
        INSERT INTO comment_search (comment_search, rowid, thread, words)
        SELECT 'delete', n, OLD.thread_id, substr(OLD.text, 1, {LONGEST}) FROM searched
        WHERE comment_id = OLD.id AND OLD.state IN {KEPT};
        DELETE FROM searched WHERE comment_id = OLD.id;
        INSERT INTO searched (comment_id) SELECT NEW.id WHERE NEW.state IN {KEPT};
        INSERT INTO comment_search (rowid, thread, words)
        SELECT n, NEW.thread_id, substr(NEW.text, 1, {LONGEST}) FROM searched WHERE comment_id = NEW.id;
    END""",
    f"""CREATE TRIGGER comment_search_delete AFTER DELETE ON comment WHEN OLD.state IN {KEPT} BEGIN
        INSERT INTO comment_search (comment_search, rowid, thread, words)
        SELECT 'delete', n, OLD.thread_id, substr(OLD.text, 1, {LONGEST}) FROM searched WHERE comment_id = OLD.id;
        DELETE FROM searched WHERE comment_id = OLD.id;
    END""",
]
POSTGRESQL = [
    "DROP TRIGGER comment_search_insert ON comment",
    "DROP TRIGGER comment_search_update ON comment",
    "CREATE TRIGGER comment_search_insert AFTER INSERT ON comment FOR EACH ROW "
    f"WHEN (NEW.state IN {KEPT}) EXECUTE FUNCTION comment_search()",
    "CREATE TRIGGER comment_search_update AFTER UPDATE OF text, state, thread_id ON comment FOR EACH ROW "
    f"WHEN (OLD.state IN {KEPT} OR NEW.state IN {KEPT}) EXECUTE FUNCTION comment_search()",
]


def upgrade() -> None:
    """Let the triggers take them, and index those that are there: an update that changes nothing tells the trigger."""
    connection = op.get_bind()
    statements = SQLITE
    if connection.dialect.name == "postgresql":
        function = connection.exec_driver_sql("SELECT pg_get_functiondef('comment_search'::regproc)").scalar_one()
        statements = [function.replace("NEW.state = 'published'", f"NEW.state IN {KEPT}"), *POSTGRESQL]
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("UPDATE comment SET state = state WHERE state IN ('held', 'removed')")
