"""Moving in: bringing the comments of another system here."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from commentbox.cli import terminal
from commentbox.server.base.errors import Refusal
from commentbox.server.transfer.addresses import parse_map_host
from commentbox.server.transfer.canonical import Report
from commentbox.server.transfer.formats import READERS
from commentbox.server.transfer.run import import_file
from commentbox.server.transfer.summary import explain, summary

Format = StrEnum("Format", {name: name for name in READERS})  # type: ignore[misc]


def import_(
    format: Annotated[Format, typer.Argument(help="The system the file comes from.")],
    file: Annotated[Path, typer.Argument(help="The export: XML, or XML packed with gzip or zip.")],
    site: Annotated[str, typer.Option(help="The site the comments belong to, by its short name.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON, and no progress.")] = False,
    map_host: Annotated[
        list[str] | None, typer.Option(help="OLD=NEW: articles of the host OLD are now on NEW. Repeatable.")
    ] = None,
) -> None:
    """Bring the comments of another system over.

    Reads the whole file first and writes nothing unless it is sound. Every record is accounted for: imported,
    held for review, or skipped with its reason. Run it as often as you like: what is here already is skipped, and a run
    that was stopped goes on where it was.

    Example: `commentbox import disqus export.xml --site gazette --map-host old.example=paper.example --dry-run`
    """
    settings = terminal.read_settings()

    async def run() -> Report:
        hosts = dict(parse_map_host(each) for each in map_host or [])
        async with terminal.opened(settings) as db:
            with _bar(hidden=as_json) as bar:
                return await import_file(
                    db, site=site, format=format.value, path=file, dry_run=dry_run, map_hosts=hosts, progress=bar.show
                )

    report = terminal.do(run(), as_json=as_json, explain=_explained)
    if as_json:
        print(json.dumps(report.as_json()))
    else:
        terminal.out.print(summary(report), markup=False)


def _explained(refusal: Refusal) -> str:
    return f"{explain(refusal)} Nothing was imported."


def _bar(*, hidden: bool) -> "_Bar":
    columns = (TextColumn("{task.description:<9}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return _Bar(*columns, console=terminal.err, disable=hidden or not sys.stderr.isatty(), transient=True)


class _Bar(Progress):
    """One line per stage: reading, ordering, cleaning, writing."""

    def show(self, stage: str, done: int, total: int) -> None:
        """Move the bar of a stage; it appears when the stage begins."""
        known = {task.description: task.id for task in self.tasks}
        task = known[stage] if stage in known else self.add_task(stage, total=total)
        self.update(task, completed=done, total=total)
