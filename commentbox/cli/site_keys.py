"""Keys with which the paper's own server speaks to the API: made, shown once, revoked."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from commentbox.cli import terminal
from commentbox.cli.site_history import Reason, Slug
from commentbox.server.base.work import begin
from commentbox.server.sites import actions, keys

app = typer.Typer(no_args_is_help=True, help="Keys for the API: the paper's server registers articles with one.")


@app.command()
def make(
    slug: Slug, label: Annotated[str, typer.Argument(help="What it is for, for people.")], reason: Reason = ""
) -> None:
    """Make a key and print it, this once.

    Example: `commentbox site api-key make gazette "Publishing system"`
    """

    async def made() -> str:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            return await keys.make(work, (await actions.by_slug(work.q, slug)).id, label, reason=reason)

    terminal.out.print(terminal.do(made()), markup=False)


@app.command("list")
def list_(slug: Slug) -> None:
    """List a site's keys: what each is for, and which were revoked."""

    async def show() -> None:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            table = Table("key", "for", "made", "revoked", box=None)
            for row in await keys.of(query, (await actions.by_slug(query, slug)).id):
                revoked = f"{row.revoked_at:%Y-%m-%d}" if row.revoked_at else ""
                table.add_row(row.id, escape(row.label), f"{row.made_at:%Y-%m-%d}", revoked)
        terminal.out.print(table)

    terminal.do(show())


@app.command()
def revoke(
    slug: Slug, key: Annotated[str, typer.Argument(help="The key, as `list` shows it.")], reason: Reason = ""
) -> None:
    """End a key at once and for good."""

    async def end() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await keys.revoke(work, (await actions.by_slug(work.q, slug)).id, key, reason=reason)

    terminal.do(end())
