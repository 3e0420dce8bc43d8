"""`commentbox doctor`: looks at settings and database and explains what is wrong, why it matters and what to type."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from commentbox.cli import checks, outside_checks, terminal
from commentbox.cli.checks import Finding
from commentbox.server.base import schema
from commentbox.server.base.db import Database
from commentbox.server.base.settings import Settings

STATES = {
    "unreachable": checks.wrong(
        "The database does not answer.",
        why="Nothing can be read or written.",
        do="Look at COMMENTBOX_DATABASE_URL and COMMENTBOX_DATA_DIR, and whether this user may use them.",
    ),
    "behind": checks.wrong(
        "The database is of an older release.",
        why="The server refuses to start on it.",
        do="Make a back-up, then:  commentbox migrate",
    ),
    "empty": checks.risky(
        "The database is empty.",
        why="It is made at the first start.",
        do="commentbox migrate",
    ),
}
OF_DATABASE = (*checks.OF_DATABASE, outside_checks.outside_help)
MARKS = {"wrong": "[red]wrong[/]", "risky": "[yellow]risky[/]"}


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Look at everything that is easily set up wrong, and explain it.

    Changes nothing. Ends with status 1 where something must be mended.
    """
    settings = terminal.read_settings()
    found = [finding for check in checks.OF_SETTINGS for finding in check(settings)]
    found += terminal.do(_of_database(settings))
    if as_json:
        print(json.dumps([asdict(finding) for finding in found]))
    else:
        _print(found)
    if any(finding.level == "wrong" for finding in found):
        raise typer.Exit(1)


async def _of_database(settings: Settings) -> list[Finding]:
    db = Database(settings.database)
    try:
        state = await schema.state(db)
        if state != "current":
            return [STATES[state]]
        async with db.read() as query:
            return [finding for check in OF_DATABASE for finding in await check(query, settings)]
    finally:
        await db.close()


def _print(found: list[Finding]) -> None:
    for finding in found:
        terminal.out.print(f"{MARKS[finding.level]}  ", end="")
        terminal.out.print(finding.what, style="bold", markup=False)
        terminal.out.print(f"       {finding.why}\n       To do: {finding.do}\n", markup=False)
    if not found:
        terminal.out.print("Everything that can be looked at from here is as it should be.")
