"""A court's or an authority's order that one comment be kept, whatever its author decides."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from commentbox.cli import terminal
from commentbox.server.base.work import begin
from commentbox.server.rights import leaving


def hold(
    comment: Annotated[str, typer.Argument(help="The comment's id, as in the link /c/ID.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day, such as 2027-03-01.")],
) -> None:
    """Keep one comment past its author's leaving, until a day; its author is told on their page.

    Readers see no more of it than of any other. A hold is in the journal, ends by itself, and is moved or ended by
    another one with another day. Example: `commentbox hold 06h02t9e00000003 --until 2027-03-01`
    """

    async def keep() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await leaving.hold_by_law(work, comment, until.replace(tzinfo=UTC))

    terminal.do(keep())
