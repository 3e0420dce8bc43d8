"""Counts what became of every record of a staged export."""

from collections import Counter

from commentbox.server.transfer.addresses import Addresses
from commentbox.server.transfer.canonical import ALREADY_IMPORTED, Report
from commentbox.server.transfer.staging import Staging

# One row for each fate; `fate` is imported, held, or the reason for staying behind.
_COMMENTS = f"""
    SELECT CASE WHEN kept AND known THEN '{ALREADY_IMPORTED}' WHEN state = 'held' THEN 'held' WHEN kept THEN 'imported'
        ELSE reason END AS fate, kept AND NOT known AS is_new, count(*) FROM comment WHERE NOT ghost GROUP BY 1, 2
"""
_ARTICLES = f"""
    SELECT CASE WHEN reason <> '' THEN reason WHEN home <> n AND EXISTS
          (SELECT 1 FROM comment WHERE comment.home = article.home AND article_ref = article.ref) THEN 'same_article'
        WHEN home <> n THEN 'no_comments'
        WHEN EXISTS (SELECT 1 FROM comment WHERE comment.home = article.n AND kept AND NOT known) THEN 'imported'
        WHEN EXISTS (SELECT 1 FROM comment WHERE comment.home = article.n AND kept AND known) THEN '{ALREADY_IMPORTED}'
        ELSE 'no_comments' END AS fate, count(*) FROM article GROUP BY 1
"""
_HOSTS = """
    SELECT host, count(*) FROM article WHERE home = n
      AND EXISTS (SELECT 1 FROM comment WHERE comment.home = article.n AND kept) GROUP BY host
"""


def report_on(staging: Staging, addresses: Addresses, *, notes: Counter[str], dry_run: bool) -> Report:
    """Give the report of what writing this staged export does."""
    report = Report(notes=+notes, dry_run=dry_run)
    for fate, is_new, count in staging.db.execute(_COMMENTS):
        report.comments_total += count
        if not is_new:
            report.comments_skipped[fate] += count
        elif fate == "held":
            report.comments_held += count
        else:
            report.comments_imported += count
    for fate, count in staging.db.execute(_ARTICLES):
        report.threads_total += count
        if fate == "imported":
            report.threads_imported += count
        else:
            report.threads_skipped[fate] += count
    report.foreign_hosts.update(
        {host: count for host, count in staging.db.execute(_HOSTS) if not addresses.is_own(host)}
    )
    return report
