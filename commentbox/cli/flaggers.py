"""Trusted flaggers: organisations whose notices of illegal content come first (EU Digital Services Act art. 22)."""

from typing import Annotated

import typer
from rich.table import Table

from commentbox.cli import terminal
from commentbox.server.base.work import begin
from commentbox.server.notices import flaggers

app = typer.Typer(no_args_is_help=True, help="Trusted flaggers: whose notices of illegal content come first.")


@app.command()
def add(name: Annotated[str, typer.Argument(help="The organisation, as the authority lists it.")]) -> None:
    """Note a trusted flagger and print the code they type into the notice. It is shown this once."""

    async def note() -> str:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            return await flaggers.add(work, name)

    terminal.out.print(terminal.do(note()), markup=False)


@app.command("list")
def list_() -> None:
    """Show every trusted flagger there is or was."""

    async def read() -> list:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            return await flaggers.every(query)

    table = Table("Id", "Name", "Since", "Until")
    for each in terminal.do(read()):
        until = each.ended_at.date().isoformat() if each.ended_at else ""
        table.add_row(each.id, each.name, each.since.date().isoformat(), until)
    terminal.out.print(table)


@app.command()
def end(flagger_id: Annotated[str, typer.Argument(help="As `commentbox flagger list` shows it.")]) -> None:
    """Take no more notices with priority by this code."""

    async def stop() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await flaggers.end(work, flagger_id)

    terminal.do(stop())
