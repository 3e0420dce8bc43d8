"""The import of one file, from opening it to the report. The command line calls `import_file` and prints what it gives.

Reading, ordering, comparing, writing: the file is read to its end and found sound before anything is written, articles
are written whole, and whatever an earlier run wrote is recognised. So a run may be killed and started again at any time.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from commentbox.server.base.clock import now
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Invalid
from commentbox.server.base.work import begin
from commentbox.server.sites.actions import by_slug, origins_of
from commentbox.server.threads import move
from commentbox.server.transfer import known, trees
from commentbox.server.transfer.addresses import Addresses
from commentbox.server.transfer.canonical import Article, Record, Report
from commentbox.server.transfer.counting import report_on
from commentbox.server.transfer.formats import READERS, Reader
from commentbox.server.transfer.source import Source
from commentbox.server.transfer.staging import Staging, opened
from commentbox.server.transfer.writing import clean_texts, write
from commentbox.server.transfer.xml_scan import NotWellFormed

Progress = Callable[[str, int, int], None]
"""Told ("reading", bytes so far, bytes in all), ("ordering", steps…), ("cleaning", comments…), ("writing", comments…)."""


def _silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


async def import_file(
    db: Database,
    *,
    site: str,
    format: str,
    path: Path,
    dry_run: bool = False,
    map_hosts: Mapping[str, str] | None = None,
    progress: Progress = _silent,
    work_dir: Path | None = None,
) -> Report:
    """Bring the comments of an export file into the site with slug `site`, and say what became of each.

    `dry_run` does everything but write. `map_hosts` says under which host the articles of an old one are now.
    `work_dir` holds a temporary file about as large as the export. Refuses `site.unknown` and what `formats` names;
    then nothing was written.
    """
    reader = READERS.get(format)
    if reader is None:
        raise Invalid("import.format_unknown", format=format, known=sorted(READERS))
    async with db.read() as query:
        to = await by_slug(query, site)
        addresses = Addresses(await origins_of(query, to.id), map_hosts or {})
    notes: Counter[str] = Counter()
    with opened(address_of=addresses, work_dir=work_dir) as staging:
        _read(staging, Source(path), reader, notes=notes, progress=progress)
        await _order(staging, db, to, notes=notes, progress=progress)
        report = report_on(staging, addresses, notes=notes, dry_run=dry_run)
        if not dry_run:
            await _write(staging, db, addresses, site_id=to.id, report=report, progress=progress)
    return report


def _read(staging: Staging, source: Source, reader: Reader, *, notes: Counter[str], progress: Progress) -> None:
    """Stage the whole file. One that is not well-formed is read a second time and mended where that is no guess."""
    before = notes.copy()
    try:
        staging.add(_watched(source, reader, notes=notes, progress=progress, mend=False))
    except NotWellFormed:
        notes.clear()
        notes.update(before)
        staging.clear()
        staging.add(_watched(source, reader, notes=notes, progress=progress, mend=True))
    progress("reading", source.size, source.size)


def _watched(
    source: Source, reader: Reader, *, notes: Counter[str], progress: Progress, mend: bool
) -> Iterator[Article | Record]:
    last = -1
    for each in reader(source, notes=notes, mend=mend):
        if source.bytes_read != last:
            last = source.bytes_read
            progress("reading", last, source.size)
        yield each


async def _order(staging: Staging, db: Database, site: Row[Any], *, notes: Counter[str], progress: Progress) -> None:
    steps = 6
    trees.settle_articles(staging)
    progress("ordering", 1, steps)
    trees.settle_dates(staging, notes=notes)
    trees.settle_duplicates(staging, notes=notes)
    progress("ordering", 2, steps)
    async with db.read() as query:
        await known.mark(staging, query, site_id=site.id)
    progress("ordering", 3, steps)
    trees.settle_parents(staging, notes=notes)
    progress("ordering", 4, steps)
    deepest = trees.settle_levels(staging, notes=notes)
    trees.settle_stubs(staging)
    progress("ordering", 5, steps)
    trees.count_below(staging, deepest=deepest)
    trees.give_ids(staging, deepest=deepest, now=now())
    progress("ordering", steps, steps)


async def _write(
    staging: Staging, db: Database, addresses: Addresses, *, site_id: str, report: Report, progress: Progress
) -> None:
    total = staging.to_write()
    done = 0
    for texts in clean_texts(staging):
        done += texts
        progress("cleaning", done, total)
    done = 0
    progress("writing", done, total)
    try:
        async with aclosing(write(staging, db, site_id=site_id)) as portions:
            async for comments in portions:
                done += comments
                progress("writing", done, total)
    except IntegrityError as error:
        raise Conflict("import.another_running", written=done) from error
    await _follow(staging, db, addresses)
    async with begin(db) as work:
        work.record("import.finished", site_id=site_id, subject_id=site_id, **report.as_json())


async def _follow(staging: Staging, db: Database, addresses: Addresses) -> None:
    """Point threads of an earlier run at the address their articles have now, if it is one of the site's own."""
    moved = "SELECT thread_id, url, host FROM article WHERE home = n AND thread_id NOT NULL AND NOT bound"
    for rows in staging.batches(moved):
        for thread_id, url, host in rows:
            if addresses.is_own(host):
                async with begin(db) as work:
                    await move(work, thread_id, url)
