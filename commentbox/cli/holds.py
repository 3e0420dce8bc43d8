"""Legal holds from the command line: keeping one comment or account past its erasure."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from commentbox.cli import terminal
from commentbox.server import legal_holds
from commentbox.server.base.work import begin
from commentbox.server.moderation import holding

app = typer.Typer(no_args_is_help=True, help="Legal holds: one comment or account is kept past its erasure.")


@app.command()
def place(
    kind: Annotated[str, typer.Argument(help="`comment` or `account`.")],
    subject: Annotated[str, typer.Argument(help="Its id.")],
    until: Annotated[datetime, typer.Option(help="The day it ends, within a year.", formats=["%Y-%m-%d"])],
    reason: Annotated[str, typer.Option(help="Who asked for it, and the file number.")],
) -> None:
    """Keep one thing from being erased until a day. It is in the journal, and becomes visible to nobody by it."""

    async def hold() -> str:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            return await legal_holds.place(work, kind, subject, reason=reason, until=until.replace(tzinfo=UTC))

    terminal.out.print(terminal.do(hold()), markup=False)


@app.command()
def end(hold_id: Annotated[str, typer.Argument(help="As `commentbox hold list` shows it.")]) -> None:
    """End a hold; what was kept for it alone is erased."""

    async def let_go() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await holding.let_go(work, hold_id)

    terminal.do(let_go())


@app.command("list")
def list_() -> None:
    """Show every hold there is or was."""

    async def read() -> list:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            return await legal_holds.every(query)

    table = Table("Id", "Kind", "Of", "Until", "Ended", "Reason")
    for each in terminal.do(read()):
        ended = each.ended_at.date().isoformat() if each.ended_at else ""
        table.add_row(each.id, each.kind, each.subject_id, each.until.date().isoformat(), ended, each.reason)
    terminal.out.print(table)
