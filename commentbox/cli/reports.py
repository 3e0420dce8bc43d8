"""Reports for the public: a year's figures of a site, as a page to publish or for programs."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from commentbox.cli import terminal
from commentbox.server.base import i18n
from commentbox.server.base.assets import assets
from commentbox.server.base.render import Render
from commentbox.server.evidence import yearly
from commentbox.server.presenters.reasons import policy_of
from commentbox.server.presenters.yearly import report_context
from commentbox.server.sites import actions as sites

app = typer.Typer(no_args_is_help=True, help="Reports for the public.")
Form = StrEnum("Form", ["html", "json"])
SHEETS = ("theme.css", "figures.css")


@app.callback()
def about() -> None:
    """Reports for the public."""


@app.command()
def transparency(
    site: Annotated[str, typer.Option(help="The site's short name.")],
    year: Annotated[int, typer.Option(min=2000, max=2100, help="The calendar year (UTC).")],
    format: Annotated[Form, typer.Option(help="A page of one file, or JSON.")] = Form.html,
    lang: Annotated[str, typer.Option(help="Language of the page; the site's where it is left out.")] = "",
) -> None:
    """Write a year's transparency report: notices, restrictions, complaints, automation, and the figures by tier.

    Example: `commentbox report transparency --site gazette --year 2026 > transparency-2026.html`
    """

    async def count() -> tuple[yearly.Year, Any]:
        async with terminal.opened(terminal.read_settings()) as db, db.read(heavy=True) as query:
            found = await sites.by_slug(query, site)
            return await yearly.count(query, found, year), found

    report, found = terminal.do(count())
    if format == Form.json:
        print(json.dumps(report.shape, ensure_ascii=False, indent=2))
        return
    print(page(report, found, lang=i18n.best(lang, found.lang)))


def page(report: yearly.Year, site: Any, *, lang: str) -> str:
    """Give the report as one file that needs no other."""
    with i18n.use(lang):
        context = report_context(report, policy_of(site.policy))
    css = "\n".join(assets()[each].body.decode() for each in SHEETS)
    return Render().html("own/transparency.html", lang=lang, css=css, **context)
