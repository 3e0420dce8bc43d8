"""Orders of authorities to act against a comment (EU Digital Services Act art. 9): entering and listing them."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from commentbox.cli import terminal
from commentbox.server.base.work import begin
from commentbox.server.notices import orders
from commentbox.server.sites import actions as sites

app = typer.Typer(no_args_is_help=True, help="Orders of authorities to act against a comment.")


@app.command()
def enter(
    comment: Annotated[str, typer.Argument(help="The comment's id, as at the end of its link.")],
    authority: Annotated[str, typer.Option(help="Who orders.")],
    reference: Annotated[str, typer.Option(help="Its reference.")],
    law: Annotated[str, typer.Option(help="The legal ground.")],
    why: Annotated[str, typer.Option(help="What is ordered, and why.")],
    offence: Annotated[str, typer.Option(help="threat, incitement, defamation, private-data, intimate, …")] = "other",
    territory: Annotated[str, typer.Option(help="Country codes; empty for everywhere.")] = "",
) -> None:
    """Enter an order. It waits at the desk among the notices, due within a day.

    Example: `commentbox order enter 06h0… --authority "Court of Quay" --reference "7 O 12/26" --law "s. 241" --why "…"`
    """
    order = orders.Order(authority, reference, offence, law, why, territory)

    async def note() -> str:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            return await orders.enter(work, await orders.about(work.q, comment), order)

    terminal.out.print(terminal.do(note()), markup=False)


@app.command("list")
def list_() -> None:
    """Show every order there was, and what became of it."""

    async def read() -> Sequence[Any]:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            return await orders.of(query, {site.id for site in await sites.every(query)})

    table = Table("order", "site", "authority", "reference", "comment", "received", "outcome", box=None)
    for row in terminal.do(read()):
        told = (row.site_name, row.authority, row.reference)
        table.add_row(
            row.id, *map(escape, told), row.comment_id, f"{row.created_at:%Y-%m-%d %H:%M}", row.outcome or "open"
        )
    terminal.out.print(table)
