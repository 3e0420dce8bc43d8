"""Exports: statements of reasons in the form of the EU's transparency database."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commentbox.cli import terminal
from commentbox.server.evidence import dsa_form, statements
from commentbox.server.sites import actions as sites

app = typer.Typer(no_args_is_help=True, help="Exports: statements of reasons for the authorities.")


@app.callback()
def about() -> None:
    """Exports for people outside the desk."""


@app.command("statements")
def statements_(
    site: Annotated[str, typer.Option(help="The site's short name.")] = "",
    since: Annotated[datetime | None, typer.Option(help="From this day on.", formats=["%Y-%m-%d"])] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what the database would refuse, and write nothing.")
    ] = False,
    file: Annotated[Path | None, typer.Option(help="With --check: a file written before.", exists=True)] = None,
) -> None:
    """Write statements of reasons in the form of the EU's DSA Transparency Database, one JSON object a line.

    They hold no word that anybody typed. The database takes up to 100 in one call, as `{"statements": […]}`. `--check`
    ends with status 1 and names line and field of everything the database would refuse.
    """
    lines = file.read_text("utf-8").splitlines() if file else terminal.do(_lines(site, since))
    if not check:
        for line in lines:
            print(line)
        return
    wrong = [f"line {number}: {each}" for number, line in enumerate(lines, 1) for each in _problems(line)]
    if wrong:
        terminal.fail("\n".join(wrong))
    terminal.out.print(f"{len(lines)} statements, and the database would take every one.")


async def _lines(site: str, since: datetime | None) -> list[str]:
    start = (since or datetime(2020, 1, 1)).replace(tzinfo=UTC)
    async with terminal.opened(terminal.read_settings()) as db, db.read(heavy=True) as query:
        site_id = (await sites.by_slug(query, site)).id
        return [json.dumps(form, ensure_ascii=False) async for form in statements.forms(query, site_id, since=start)]


def _problems(line: str) -> list[str]:
    try:
        form = json.loads(line)
    except ValueError:
        return ["is no JSON"]
    return dsa_form.problems(form) if isinstance(form, dict) else ["is no JSON object"]
