"""Identity providers: which are set up, and whether one really works, tried against the operator's own sandbox."""

from typing import Annotated

import typer
from rich.table import Table

from commentbox.cli import provider_steps, terminal
from commentbox.server.base.settings import Settings
from commentbox.server.verification import providers
from commentbox.server.verification.providers import Provider

app = typer.Typer(no_args_is_help=True, help="Identity providers: list them, try one out.")
MARKS = {"right": "[green]right[/]", "wrong": "[red]wrong[/]", "to do": "[yellow]to do[/]"}


@app.command("list")
def list_() -> None:
    """List the providers of COMMENTBOX_PROVIDERS: what readers choose from, and what an answer of each is worth."""
    table = Table("name", "shape", "method", "uniqueness", "comes back to", box=None)
    settings = terminal.read_settings()
    for name, each in _known(settings).items():
        back = f"{settings.origin}/verify/callback/{name}"
        table.add_row(name, provider_steps.shape_of(each), each.method_class, each.uniqueness, back)
    terminal.out.print(table)


@app.command()
def check(name: Annotated[str, typer.Argument(help="As `commentbox provider list` shows it.")]) -> None:
    """Try a provider out and say step by step what works, what is wrong, and what is left for you to do.

    It asks the real service, with your real keys: use a sandbox's. Where the shape has sessions, one is begun and
    forgotten again, and you may walk through it in a browser. Nothing is written to the database.
    Example: `commentbox provider check mybank`
    """
    settings = terminal.read_settings()
    known = _known(settings)
    if name not in known:
        terminal.fail(f"There is no provider {name!r}. There are: {', '.join(known) or 'none (COMMENTBOX_PROVIDERS)'}")
    steps = terminal.do(provider_steps.walk(known[name], settings.origin))
    for step in steps:
        terminal.out.print(f"{MARKS[step.how]}  ", end="")
        terminal.out.print(step.what, markup=False)
    if any(step.how == "wrong" for step in steps):
        raise typer.Exit(1)


def _known(settings: Settings) -> dict[str, Provider]:
    try:
        return providers.load(settings)
    except ValueError as error:
        terminal.fail(f"{error}\ndocs/providers.md shows the form.")
