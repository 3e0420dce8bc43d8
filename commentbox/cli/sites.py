"""Sites: newspaper titles, the origins they are read on, and what each decides about its comments."""

import json
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.markup import escape
from rich.table import Table

from commentbox.cli import site_history, site_keys, terminal
from commentbox.cli.site_history import Reason, Slug
from commentbox.cli.sso import sso
from commentbox.server import upkeep
from commentbox.server.accounts.reserving import reserve_paper
from commentbox.server.articles import site_key
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work, begin
from commentbox.server.moderation import threads
from commentbox.server.sites import actions, house_rules
from commentbox.server.sites.actions import Why
from commentbox.server.sites.rules import COUNTED, Policy

app = typer.Typer(no_args_is_help=True, help="Newspaper titles: make, list, and set what each decides.")
origins = typer.Typer(no_args_is_help=True, help="The origins whose pages may show a site's comments.")
app.add_typer(origins, name="origin")
app.command()(sso)
app.add_typer(site_keys.app, name="api-key")
app.command("history")(site_history.history)
app.command("undo")(site_history.undo)

Origin = Annotated[str, typer.Argument(help="Scheme and host, such as https://paper.example.")]


@app.command()
def create(
    slug: Slug,
    origin: Annotated[list[str], typer.Option(help="Where its pages are, such as https://paper.example. Repeatable.")],
    name: Annotated[str, typer.Option(help="Its name for people; the short name if not given.")] = "",
    lang: Annotated[str, typer.Option(help="The language its comments page speaks first.")] = "en",
) -> None:
    """Make a site, and print the tag for its articles.

    Example: `commentbox site create gazette --origin https://paper.example --name "The Harbour Gazette"`
    """
    settings = terminal.read_settings()

    async def make() -> None:
        async with terminal.opened(settings) as db, begin(db) as work:
            await actions.create(work, slug, name=name or slug, origins=origin, lang=lang)
            await reserve_paper(work, name or slug, hosts=[urlsplit(each).hostname or "" for each in origin])

    terminal.do(make())
    terminal.out.print(f"Made the site {slug}. Put this where the comments should stand:", markup=False)
    tag = f'<script src="{settings.origin}/loader.js" data-site="{slug}" async></script>'
    terminal.out.print(f"\n  {tag}\n", markup=False)


@app.command("list")
def list_() -> None:
    """List the sites and their origins."""

    async def show() -> None:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            table = Table("site", "name", "origins", box=None)
            for site in await actions.every(query):
                table.add_row(site.slug, escape(site.name), "\n".join(await actions.origins_of(query, site.id)))
        terminal.out.print(table)

    terminal.do(show())


@app.command()
def key(
    slug: Slug,
    new: Annotated[bool, typer.Option("--new", help="Make another one; the one before ends at once.")] = False,
) -> None:
    """Print the key with which the paper signs its tags (`data-sig`), in hex.

    With a signature a thread opens without our looking at the article. Keep the key on the paper's server.
    """
    settings = terminal.read_settings()

    async def found() -> tuple[str, int]:
        async with terminal.opened(settings) as db, begin(db) as work:
            site = await actions.by_slug(work.q, slug)
            if new:
                return site.id, await upkeep.new_tag_key(work, site.id)
            return site.id, Policy.model_validate(site.policy).tag_key_version

    site_id, version = terminal.do(found())
    terminal.out.print(site_key(Keyring(settings.secret_bytes()), site_id, version).hex())


@origins.command("add")
def add_origin(slug: Slug, origin: Origin, reason: Reason = "") -> None:
    """Let the pages of one more origin show the site's comments."""

    async def add() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await actions.add_origin(work, (await actions.by_slug(work.q, slug)).id, origin, Why(reason))

    terminal.do(add())


@origins.command("remove")
def remove_origin(slug: Slug, origin: Origin, reason: Reason = "") -> None:
    """Take an origin away: its pages cannot show the comments any more."""

    async def remove() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await actions.remove_origin(work, (await actions.by_slug(work.q, slug)).id, origin, Why(reason))

    terminal.do(remove())


@app.command()
def announce(
    slug: Slug,
    text: Annotated[
        str, typer.Argument(help="What stands above every thread, in small Markdown. Empty takes it away.")
    ],
    days: Annotated[int, typer.Option(help="For how many days.")] = 3,
) -> None:
    """Announce something above every thread of a site, for some days.

    Example: `commentbox site announce gazette "The comments close at **ten** tonight." --days 1`
    """

    async def say() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            site_id = (await actions.by_slug(work.q, slug)).id
            if text.strip():
                await threads.announce_on_site(work, site_id, text, days=days)
            else:
                await threads.unannounce_on_site(work, site_id)

    terminal.do(say())


@app.command()
def policy(
    slug: Slug,
    changes: Annotated[
        list[str] | None, typer.Argument(help="NAME=VALUE, such as guests=true edit_minutes=30.")
    ] = None,
    reason: Reason = "",
) -> None:
    """Show what a site decides about its comments, or change it.

    What judges comments makes a new version of the screening rules, which the desk shows.
    Example: `commentbox site policy gazette guests=true hold_first_n=2 'held_words=["spam"]'`
    """
    wanted = dict(_read_change(each) for each in changes or [])

    async def change() -> Policy:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            return await _changed(work, (await actions.by_slug(work.q, slug)).id, wanted, Why(reason))

    async def look() -> Policy:
        async with terminal.opened(terminal.read_settings()) as db, db.read() as query:
            return Policy.model_validate((await actions.by_slug(query, slug)).policy)

    _print_policy(terminal.do(change() if wanted else look()))


async def _changed(work: Work, site_id: str, wanted: dict[str, Any], why: Why) -> Policy:
    """Change what was asked for. House rules become a new version of theirs, as at the desk."""
    rules = wanted.pop("house_rules", None)
    policy = await actions.set_policy(work, site_id, why, **wanted)
    if rules is None:
        return policy
    checked = Policy(house_rules=rules).house_rules
    written = "\n".join(f"{rule.code}: {rule.text}" for rule in checked)
    await house_rules.change(work, site_id, written, seen=policy.rules_version)
    return await actions.policy_to_change(work, site_id)


def _read_change(text: str) -> tuple[str, Any]:
    """Read NAME=VALUE, the value as JSON where it is some. Refuses `choice.unknown`."""
    name, equals, value = text.partition("=")
    known = [each for each in (*Policy.model_fields, "held_words") if each not in COUNTED]
    if not equals or name not in known:
        terminal.fail(f"There is no setting {name!r}. There are: {', '.join(known[:-1])}")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _print_policy(policy: Policy) -> None:
    table = Table("setting", "value", "", box=None)
    for name, field in Policy.model_fields.items():
        value = policy.model_dump(mode="json")[name]
        shown = json.dumps(value, ensure_ascii=False)
        mark = "" if value == Policy().model_dump(mode="json")[name] else "*"
        table.add_row(name + mark, escape(shown[:60] + ("…" if len(shown) > 60 else "")), field.description or "")
    terminal.out.print(table)
