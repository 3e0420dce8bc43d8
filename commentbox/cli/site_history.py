"""What was changed about a site, and setting one change back: the same history that the desk shows."""

import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from commentbox.cli import terminal
from commentbox.server import upkeep
from commentbox.server.accounts import queries
from commentbox.server.base.work import begin
from commentbox.server.sites import actions
from commentbox.server.sites import history as changes

Slug = Annotated[str, typer.Argument(help="The site's short name, as in the tag's `data-site`.")]
Reason = Annotated[str, typer.Option(help="Why, for the history.")]


def history(slug: Slug) -> None:
    """Show what was changed about a site: when, by whom, from what to what, and why."""

    async def show() -> None:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            rows = await changes.newest(query, (await actions.by_slug(query, slug)).id)
            people = await queries.names_of(query, {row.account_id for row in rows if row.account_id})
        table = Table("change", "when", "who", "what", "from", "to", "why", box=None)
        for row in rows:
            when, who = f"{row.at:%Y-%m-%d %H:%M}", people.get(row.account_id, "(here)")
            table.add_row(
                row.id, when, *map(escape, (who, row.setting, _said(row.before), _said(row.after), row.reason))
            )
        terminal.out.print(table)

    terminal.do(show())


def _said(value: Any) -> str:
    written = "" if value is None else json.dumps(value, ensure_ascii=False)
    return written[:60] + ("…" if len(written) > 60 else "")


def undo(
    slug: Slug,
    change: Annotated[str, typer.Argument(help="The change, as `commentbox site history` shows it.")],
    reason: Reason = "",
) -> None:
    """Set back what a change changed, if nothing else changed it since.

    Example: `commentbox site undo gazette 06bq4w3t9w1v7n2k --reason "Too strict"`
    """

    async def take_back() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await upkeep.undo(work, await actions.by_slug(work.q, slug), change, reason=reason)

    terminal.do(take_back())
