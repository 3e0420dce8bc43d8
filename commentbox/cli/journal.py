"""The journal: checking that nobody changed what happened."""

import typer

from commentbox.cli import terminal
from commentbox.server.base import journal as chain

app = typer.Typer(no_args_is_help=True, help="The append-only record of everything that happened.")


@app.callback()
def about() -> None:
    """The append-only record of everything that happened."""


@app.command()
def verify() -> None:
    """Walk the chain of hashes, and say whether every entry is as it was written.

    Ends with status 1 and names the first entry that does not fit: changed, cut out, moved or put in later.
    """

    async def walk() -> tuple[int, int | None]:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            wrong = await chain.verify(query)
            return await chain.length(query), wrong.position if wrong else None

    length, wrong = terminal.do(walk())
    if wrong is not None:
        terminal.fail(f"Entry {wrong} of {length} does not fit the chain: the journal was changed there.")
    terminal.out.print(f"{length} entries, and every one as it was written.")
