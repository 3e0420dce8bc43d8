"""Searching within a thread: an index of published words, which the database keeps by itself.

The release before writes comments as it always did and knows nothing of it.
"""

from alembic import op
from sqlalchemy import Connection

revision = "0006"
down_revision = "0005"

# Longer comments are found by their first part. PostgreSQL refuses to index a megabyte of words.
LONGEST = 20_000

SQLITE = [
    # A rowid of its own: those of `comment`, whose key is text, change whenever the file is vacuumed.
    "CREATE TABLE searched (n INTEGER PRIMARY KEY, comment_id VARCHAR(16) NOT NULL UNIQUE)",
    # `content=''`: the words are in `comment` already and are not stored twice.
    "CREATE VIRTUAL TABLE comment_search USING fts5(thread, words, content='', "
    "tokenize='unicode61 remove_diacritics 2')",
    f"""CREATE TRIGGER comment_search_insert AFTER INSERT ON comment WHEN NEW.state = 'published' BEGIN
        INSERT INTO searched (comment_id) VALUES (NEW.id);
        INSERT INTO comment_search (rowid, thread, words)
        VALUES (last_insert_rowid(), NEW.thread_id, substr(NEW.text, 1, {LONGEST}));
    END""",
    # One trigger, because SQLite promises no order among several.
    f"""CREATE TRIGGER comment_search_update AFTER UPDATE OF text, state, thread_id ON comment
    WHEN OLD.state = 'published' OR NEW.state = 'published' BEGIN
        INSERT INTO comment_search (comment_search, rowid, thread, words)
        SELECT 'delete', n, OLD.thread_id, substr(OLD.text, 1, {LONGEST}) FROM searched
        WHERE comment_id = OLD.id AND OLD.state = 'published';
        DELETE FROM searched WHERE comment_id = OLD.id;
        INSERT INTO searched (comment_id) SELECT NEW.id WHERE NEW.state = 'published';
        INSERT INTO comment_search (rowid, thread, words)
        SELECT n, NEW.thread_id, substr(NEW.text, 1, {LONGEST}) FROM searched WHERE comment_id = NEW.id;
    END""",
    f"""CREATE TRIGGER comment_search_delete AFTER DELETE ON comment WHEN OLD.state = 'published' BEGIN
        INSERT INTO comment_search (comment_search, rowid, thread, words)
        SELECT 'delete', n, OLD.thread_id, substr(OLD.text, 1, {LONGEST}) FROM searched WHERE comment_id = OLD.id;
        DELETE FROM searched WHERE comment_id = OLD.id;
    END""",
    "INSERT INTO searched (comment_id) SELECT id FROM comment WHERE state = 'published' ORDER BY id",
    f"""INSERT INTO comment_search (rowid, thread, words)
    SELECT n, thread_id, substr(text, 1, {LONGEST}) FROM searched JOIN comment ON comment.id = searched.comment_id""",
]


def _lower(connection: Connection, said: str) -> str:
    """Give how this database writes small letters: with the locale C, lower() alone knows those of ASCII only."""
    if connection.exec_driver_sql("SELECT lower('ЯŁ') = 'яł'").scalar():
        return f"lower({said})"
    known = "SELECT collname FROM pg_collation WHERE collname IN ('und-x-icu', 'pg_c_utf8') ORDER BY 1 DESC"
    collation = connection.exec_driver_sql(known).scalar()
    return f'lower({said} COLLATE pg_catalog."{collation}")' if collation else f"lower({said})"


def _postgresql(connection: Connection) -> list[str]:
    marks = "[̀-ًͯ-ٰٟ]"
    # What stands between words: the parser must see no addresses, hyphens or signed numbers.
    between = "[^[:alnum:]-􏿿]+|[-©«-´¶-¹»-¿ -⁯،؛؟]+"
    bare = f"normalize(regexp_replace(normalize(left(NEW.text, {LONGEST}), NFKD), '{marks}', '', 'g'), NFC)"
    folded = f"regexp_replace({_lower(connection, bare)}, '{between}', ' ', 'g')"
    # The thread is one of the words, so that the index alone finds those of one thread among a million comments.
    words = f"array_to_tsvector(ARRAY[NEW.thread_id::text]) || to_tsvector('pg_catalog.simple', {folded})"
    return [
        # Kept, and not only indexed: working the words out anew takes longer than any search.
        "CREATE TABLE searched (comment_id VARCHAR(16) PRIMARY KEY, words tsvector NOT NULL)",
        f"""CREATE FUNCTION comment_search() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF TG_OP <> 'INSERT' THEN DELETE FROM searched WHERE comment_id = OLD.id; END IF;
        IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN INSERT INTO searched VALUES (NEW.id, {words}); END IF;
        RETURN NULL; END $$""",
        "CREATE TRIGGER comment_search_insert AFTER INSERT ON comment FOR EACH ROW "
        "WHEN (NEW.state = 'published') EXECUTE FUNCTION comment_search()",
        "CREATE TRIGGER comment_search_update AFTER UPDATE OF text, state, thread_id ON comment FOR EACH ROW "
        "WHEN (OLD.state = 'published' OR NEW.state = 'published') EXECUTE FUNCTION comment_search()",
        "CREATE TRIGGER comment_search_delete AFTER DELETE ON comment FOR EACH ROW EXECUTE FUNCTION comment_search()",
        f"INSERT INTO searched SELECT id, {words.replace('NEW.', '')} FROM comment WHERE state = 'published'",
        "CREATE INDEX ix_searched_words ON searched USING gin (words)",
    ]


def upgrade() -> None:
    """Make the index and fill it."""
    connection = op.get_bind()
    for statement in _postgresql(connection) if connection.dialect.name == "postgresql" else SQLITE:
        connection.exec_driver_sql(statement)
