"""`commentbox datamap`: every table and column, what for, how long and who sees it. For records of processing (GDPR art. 30)."""

from commentbox.server import datamap as maps


def datamap() -> None:
    """Print what every table and column is, why, how long it is kept and who sees it, as Markdown."""
    print(maps.markdown(), end="")
