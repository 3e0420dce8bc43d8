"""The journal: checking that nobody changed what happened, anchoring it outside the database, cutting what is old."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from commentbox.cli import terminal
from commentbox.server.base import anchors, chain
from commentbox.server.base.anchors import Anchor
from commentbox.server.base.chain import Finding

app = typer.Typer(no_args_is_help=True, help="The append-only record of everything that happened.")
WRONG = {
    "changed": "does not fit the chain: the journal was changed there.",
    "missing": "is missing: entries were cut out, moved or cut off.",
    "forked": "does not follow the one before: the journal was forked there.",
    "anchor": "is not what was anchored: the journal was written anew, or the anchors were changed.",
    "cut": "is where the journal was cut, and no anchor stands there.",
}
File = Annotated[
    Path | None, typer.Option("--anchors", help="Another file of anchors, such as your copy.", exists=True)
]


@app.callback()
def about() -> None:
    """The append-only record of everything that happened."""


@app.command()
def verify(file: File = None) -> None:
    """Walk the chain of hashes and compare it with the anchors: is every entry as it was written?

    Ends with status 1 and names the first entry that does not fit: changed, cut out or off, moved, forked, put in later.
    """
    known = _anchors(file)

    async def walk() -> tuple[int, Finding | None]:
        async with terminal.opened(terminal.read_settings()) as db, db.read(heavy=True) as query:
            return await chain.length(query), await chain.verify(query, known)

    length, wrong = terminal.do(walk())
    if wrong is not None:
        terminal.fail(f"Entry {wrong.position} of {length} {WRONG[wrong.what]}")
    terminal.out.print(f"{length} entries, and every one as it was written. {len(known)} anchors fit.")


@app.command()
def anchor() -> None:
    """Write down now where the journal stands, and print it. A running server does it once a day."""

    async def write() -> Anchor | None:
        settings = terminal.read_settings()
        async with terminal.opened(settings) as db:
            return await chain.anchor(db, settings.anchor_path())

    written = terminal.do(write())
    if written is None:
        terminal.out.print("The journal has not grown since the last anchor.")
    else:
        terminal.out.print(f"{written.at} {written.position} {written.hash}", markup=False)


@app.command()
def cut(
    before: Annotated[datetime, typer.Option(help="Throw away what happened before this day.", formats=["%Y-%m-%d"])],
) -> None:
    """Throw away old entries, up to the last anchor before a day; the chain goes on from that anchor."""

    async def throw_away() -> tuple[int, int]:
        async with terminal.opened(terminal.read_settings()) as db:
            return await chain.cut(db, _anchors(None), before=before.replace(tzinfo=UTC))

    position, gone = terminal.do(throw_away())
    terminal.out.print(f"{gone} entries are gone, up to the anchor at {position}. Keep the file of anchors.")


def _anchors(file: Path | None) -> list[Anchor]:
    path = file or terminal.read_settings().anchor_path()
    try:
        return anchors.read(path)
    except (ValueError, TypeError):
        terminal.fail(f"{path} has a line that is no anchor: it was changed.")
