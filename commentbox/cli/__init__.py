"""The command line: one command for each chore, with help that teaches. Assembly only; each file below holds one chore."""

import os

import typer

from commentbox.cli import (
    articles,
    badge,
    classifier,
    datamap,
    doctor,
    exports,
    flaggers,
    holds,
    journal,
    moving,
    orders,
    person_keys,
    provider,
    reports,
    running,
    settings,
    sites,
    staff,
)

app = typer.Typer(
    name="commentbox",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Comments in which every reader can see who is verified, and choose whom to hear from.\n\n"
    "Settings come from the environment (`COMMENTBOX_…`, see docs/settings.md). A new server needs four commands: "
    "`commentbox migrate`, `commentbox site create gazette --origin https://paper.example`, "
    "`commentbox staff invite`, `commentbox serve`. If anything is odd: `commentbox doctor`.",
)
app.command("serve")(running.serve)
app.command("demo")(running.demo)
app.command("migrate")(running.migrate)
app.command("import")(moving.import_)
app.command("doctor")(doctor.doctor)
app.command("settings")(settings.settings)
app.command("datamap")(datamap.datamap)
app.add_typer(sites.app, name="site")
app.add_typer(articles.app, name="article")
app.add_typer(staff.app, name="staff")
app.add_typer(provider.app, name="provider")
app.add_typer(journal.app, name="journal")
app.add_typer(badge.app, name="badge")
app.add_typer(classifier.app, name="classifier")
app.add_typer(person_keys.app, name="person-key")
app.add_typer(flaggers.app, name="flagger")
app.add_typer(exports.app, name="export")
app.add_typer(holds.app, name="hold")
app.add_typer(orders.app, name="order")
app.add_typer(reports.app, name="report")


def main() -> None:
    """Run the command that was typed. Every file it makes is for its owner alone: they hold addresses and removed texts."""
    os.umask(0o077)
    app()
