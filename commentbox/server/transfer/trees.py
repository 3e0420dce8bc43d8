"""Puts a staged export in order: which article each comment belongs to, what hangs on what, what stays behind and why.

Everything is done in SQL over the whole file at once, one tree level after another, so that neither a thread of a
million comments nor a reply three hundred deep needs more memory than any other.
"""

import hashlib
from collections import Counter
from datetime import datetime

from commentbox.server.base.ids import new_id
from commentbox.server.comments.rules import DEEPEST
from commentbox.server.transfer.staging import Staging, from_micros


def settle_articles(staging: Staging) -> None:
    """Give every comment its home article; articles with one address share the first one's."""
    staging.db.executescript("""
        CREATE INDEX article_ref ON article (ref);
        CREATE INDEX article_key ON article (url_key);
        UPDATE article SET home = (SELECT min(n) FROM article AS same WHERE same.url_key = article.url_key AND same.reason = '')
          WHERE reason = '';
        UPDATE comment SET home =
          (SELECT home FROM article WHERE ref = comment.article_ref AND ref <> '' ORDER BY reason <> '', n LIMIT 1);
        UPDATE comment SET kept = 0, state = 'skipped', reason = coalesce(
            (SELECT 'thread_' || reason FROM article WHERE ref = comment.article_ref AND ref <> '' ORDER BY n LIMIT 1),
            'thread_missing')
          WHERE home IS NULL AND reason = '';
        CREATE INDEX comment_home ON comment (home, n);
        CREATE INDEX comment_ref ON comment (given_ref);
    """)


def settle_dates(staging: Staging, *, notes: Counter[str]) -> None:
    """Lend a comment without a usable date its neighbour's: the one before it in the article, else the article's own."""
    undated = """
        SELECT n, home, at, (SELECT at FROM article WHERE article.n = comment.home), kept FROM comment
        WHERE home IN (SELECT home FROM comment WHERE at IS NULL) ORDER BY home, n
    """
    home, last = None, None
    for rows in staging.batches(undated):
        guesses = []
        for n, of, at, article_at, kept in rows:
            home, last = (home, last) if of == home else (of, article_at)
            last = at if at is not None else last
            if at is None and last is not None:
                guesses.append((last, n))
                notes["dates_guessed"] += kept
        staging.db.executemany("UPDATE comment SET at = ? WHERE n = ?", guesses)
    staging.db.execute(
        "UPDATE comment SET kept = 0, state = 'skipped', reason = 'no_date' WHERE at IS NULL AND kept AND home NOT NULL"
    )


def settle_duplicates(staging: Staging, *, notes: Counter[str]) -> None:
    """Skip what is twice in the file; two different comments under one id are both kept, the later under a longer one."""
    twice = """
        SELECT n, ref, home, at, name, html FROM comment LEFT JOIN body USING (n)
        WHERE given_ref IN (SELECT given_ref FROM comment GROUP BY given_ref HAVING count(*) > 1) AND home NOT NULL
        ORDER BY given_ref, n
    """
    seen: set[tuple[str, str]] = set()
    last = ""
    for rows in staging.batches(twice):
        for n, ref, *said in rows:
            if ref != last:
                last, seen = ref, set()
            print_ = hashlib.sha256("\0".join(map(str, said)).encode()).hexdigest()[:12]
            if (ref, print_) in seen:
                staging.db.execute(
                    "UPDATE comment SET kept = 0, state = 'skipped', reason = 'duplicate' WHERE n = ?", (n,)
                )
            elif seen:
                notes["ids_used_twice"] += 1
                staging.db.execute("UPDATE comment SET ref = ? WHERE n = ?", (f"{ref}~{print_}", n))
            seen.add((ref, print_))


def settle_parents(staging: Staging, *, notes: Counter[str]) -> None:
    """Find every reply's parent within its article; what has none there goes to the top and is noted."""
    staging.db.executescript("""
        UPDATE comment SET parent = (SELECT n FROM comment AS other WHERE other.given_ref = comment.parent_ref
            AND other.home = comment.home AND other.reason <> 'duplicate' ORDER BY ghost DESC, n LIMIT 1)
          WHERE parent_ref <> '' AND home NOT NULL;
    """)
    notes["self_parents"] += staging.db.execute("UPDATE comment SET parent = NULL WHERE parent = n").rowcount
    lost = "parent IS NULL AND parent_ref NOT IN ('', given_ref) AND kept AND NOT known"
    elsewhere = "EXISTS (SELECT 1 FROM comment AS other WHERE other.given_ref = comment.parent_ref)"
    notes["parents_in_another_article"] += staging.count(f"SELECT count(*) FROM comment WHERE {lost} AND {elsewhere}")
    notes["parents_missing"] += staging.count(f"SELECT count(*) FROM comment WHERE {lost} AND NOT {elsewhere}")
    # What is in the database already has its place there, whatever the file says now.
    staging.db.executescript("""
        UPDATE comment SET parent = NULL WHERE known;
        UPDATE comment SET parent = NULL WHERE parent IN (SELECT n FROM comment WHERE known AND thread_id <>
          (SELECT thread_id FROM article WHERE article.n = comment.home));
        CREATE INDEX comment_parent ON comment (parent);
        CREATE INDEX comment_level ON comment (level);
    """)


def settle_levels(staging: Staging, *, notes: Counter[str]) -> int:
    """Number the levels from the top down and cut every circle once; give the deepest level."""
    staging.db.execute("""
        UPDATE comment SET level = 0 WHERE home NOT NULL AND NOT known
          AND (parent IS NULL OR parent IN (SELECT n FROM comment WHERE known))
    """)
    deepest = _number_from(staging, 0, notes=notes)
    cut = _circles(staging)
    notes["circles_cut"] += len(cut)
    if cut:
        staging.db.executemany("UPDATE comment SET parent = NULL, level = 0 WHERE n = ?", ((n,) for n in cut))
        deepest = max(deepest, _number_from(staging, 0, notes=notes))
    return deepest


def _number_from(staging: Staging, level: int, *, notes: Counter[str]) -> int:
    below = "parent IN (SELECT n FROM comment WHERE level = ?) AND level IS NULL AND NOT known"
    while True:
        if level >= DEEPEST:
            above = "(SELECT up.parent FROM comment AS up WHERE up.n = comment.parent)"
            lift = f"UPDATE comment SET level = ?, parent = {above} WHERE {below}"
            moved = staging.db.execute(lift, (level, level)).rowcount
            notes["replies_lifted"] += moved
        else:
            moved = staging.db.execute(f"UPDATE comment SET level = ? WHERE {below}", (level + 1, level)).rowcount
            level += 1 if moved else 0
        if not moved:
            return level


def _circles(staging: Staging) -> list[int]:
    """Find the first comment of every circle among those no level was found for."""
    above = dict(
        staging.db.execute("SELECT n, parent FROM comment WHERE home NOT NULL AND level IS NULL AND NOT known")
    )
    walked: dict[int, int] = {}
    cut = []
    for start in above:
        n = start
        while n not in walked:
            walked[n] = start
            n = above[n]
        if walked[n] == start:
            cut.append(_first_of_circle(above, n))
    return cut


def _first_of_circle(above: dict[int, int], n: int) -> int:
    first, at = n, above[n]
    while at != n:
        first, at = min(first, at), above[at]
    return first


def settle_stubs(staging: Staging) -> None:
    """Mark what is not kept but has something kept below it: it leaves an empty place, so that the reply keeps its own."""
    staging.db.execute("""
        WITH RECURSIVE above (n) AS (
            SELECT parent FROM comment WHERE kept AND NOT known AND parent NOT NULL
            UNION SELECT comment.parent FROM comment JOIN above USING (n)
              WHERE NOT comment.kept AND NOT comment.known AND comment.parent NOT NULL)
        UPDATE comment SET stub = 1 WHERE NOT kept AND NOT known AND home NOT NULL AND n IN (SELECT n FROM above)
    """)


def count_below(staging: Staging, *, deepest: int) -> None:
    """Count every new comment's published descendants, from the deepest level up."""
    for level in range(deepest - 1, -1, -1):
        staging.db.execute(
            """UPDATE comment SET below = (SELECT total(child.below + (child.state = 'published'))
                 FROM comment AS child WHERE child.parent = comment.n)
               WHERE level = ? AND (kept OR stub)""",
            (level,),
        )


def give_ids(staging: Staging, *, deepest: int, now: datetime) -> None:
    """Give ids in the order of the dates, and every comment the path of its ancestors."""
    written = "(kept OR stub) AND NOT known AND home NOT NULL"
    for rows in staging.batches(f"SELECT n, at FROM comment WHERE {written} ORDER BY at, n"):
        ids = ((new_id(now if at is None else from_micros(at)), n) for n, at in rows)
        staging.db.executemany("UPDATE comment SET id = ? WHERE n = ?", ids)
    for level in range(deepest + 1):
        staging.db.execute(
            f"""UPDATE comment SET path = coalesce((SELECT ltrim(coalesce(up.path, '') || '/' || up.id, '/')
                  FROM comment AS up WHERE up.n = comment.parent), '')
                WHERE level = ? AND {written}""",
            (level,),
        )
    staging.db.execute("CREATE INDEX comment_written ON comment (home, level, n) WHERE (kept OR stub) AND NOT known")
