"""Staff: who sits at the desk. They sign in by passkey; the first time by a one-time link."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from commentbox.cli import terminal
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import inviting, queries
from commentbox.server.accounts.rules import DESK_ROLES
from commentbox.server.base.db import Query
from commentbox.server.base.work import begin
from commentbox.server.sites import actions as sites

ROLES = (*DESK_ROLES, "staff", "author")
app = typer.Typer(no_args_is_help=True, help="Moderators and administrators: invite, list, remove.")
Site = Annotated[str, typer.Option(help="For one site only; without it for every site.")]


@app.command()
def invite(
    role: Annotated[str, typer.Option(help="admin, senior, moderator, trainee, auditor, staff or author.")] = "admin",
    site: Site = "",
    name: Annotated[str, typer.Option(help="The name they will have.")] = "Desk",
) -> None:
    """Print a one-time link with which somebody makes a passkey and sits down at the desk.

    It works for 24 hours and once. Give it to that person alone: whoever opens it first is staff.
    Example: `commentbox staff invite --role moderator --site gazette --name "Ida"`
    """
    if role not in ROLES:
        terminal.fail(f"There is no role {role!r}. There are: {', '.join(ROLES)}")
    settings = terminal.read_settings()

    async def make() -> str:
        async with terminal.opened(settings) as db, begin(db) as work:
            invitation = inviting.Invitation(name=name, role=role, site_id=await _site_id(work.q, site))
            return await inviting.invite(work, invitation)

    terminal.out.print(f"{settings.origin}/desk/invite/{terminal.do(make())}", markup=False)


@app.command("list")
def list_() -> None:
    """List who has which role, and where."""

    async def show() -> None:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            slugs = {site.id: site.slug for site in await sites.every(query)}
            table = Table("name", "role", "site", "account", box=None)
            for row in await queries.staff(query):
                table.add_row(escape(row.name), row.role, slugs.get(row.site_id, "(every site)"), row.account_id)
        terminal.out.print(table)

    terminal.do(show())


@app.command()
def remove(
    account: Annotated[str, typer.Argument(help="The account, as `commentbox staff list` shows it.")],
    role: Annotated[str, typer.Option(help="Which role to take.")],
    site: Site = "",
) -> None:
    """Take a role away, and sign that account out everywhere."""

    async def take() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await accounts.take_role(work, account, role, site_id=await _site_id(work.q, site))
            await accounts.close_all_sessions(work, account)

    terminal.do(take())


async def _site_id(query: Query, slug: str) -> str:
    return str((await sites.by_slug(query, slug)).id) if slug else ""
