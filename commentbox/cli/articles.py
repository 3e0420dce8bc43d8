"""Articles: saying that one is the paper's own, and where a moved one stands now."""

from typing import Annotated, Any

import typer

from commentbox.cli import terminal
from commentbox.cli.site_history import Slug
from commentbox.server import threads, upkeep
from commentbox.server.base.db import Query
from commentbox.server.base.errors import NotFound
from commentbox.server.base.work import begin
from commentbox.server.comments import merging
from commentbox.server.sites import actions
from commentbox.server.threads import ArticleRef

app = typer.Typer(no_args_is_help=True, help="Articles: register one as the paper's own, follow one that moved.")

Url = Annotated[str, typer.Argument(help="The article's address on one of the site's origins.")]


@app.command()
def register(
    slug: Slug,
    url: Url,
    article_id: Annotated[str | None, typer.Option("--id", help="The paper's own id, as in `data-article-id`.")] = None,
    title: Annotated[str, typer.Option(help="The headline.")] = "",
    section: Annotated[str, typer.Option(help="The section of the paper it stands in.")] = "",
) -> None:
    """Say that an article is the paper's own, so that its thread is open before anybody comments.

    Without this a thread opens by a signed tag, or by one look at the page when the first comment comes.
    """

    async def open_thread() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            site_id = (await actions.by_slug(work.q, slug)).id
            await actions.check_own_host(work.q, site_id, url)
            await threads.register(
                work, site_id, ArticleRef(article_id, url), title=title, source="api", section=section
            )

    terminal.do(open_thread())


@app.command()
def merge(
    slug: Slug,
    old: Url,
    remains: Annotated[str, typer.Argument(help="The address of the article whose thread remains.")],
) -> None:
    """Make the thread of one article part of another's; links to either lead to the one that remains. There is no way back.

    Example: `commentbox article merge gazette https://paper.example/harbour-2 https://paper.example/harbour`
    """

    async def join() -> None:
        async with terminal.opened(terminal.read_settings()) as db:
            async with begin(db) as work:
                thread, into = [await _thread(work.q, slug, url) for url in (old, remains)]
                if thread.id == into.id:  # done before: the address leads to the one that remains already
                    return
                await merging.merge(work, thread, into)
            while True:
                async with begin(db) as work:
                    if await merging.move(work, thread.id, into.id) < merging.BATCH:
                        break

    terminal.do(join())


async def _thread(query: Query, slug: str, url: str) -> Any:
    found = await threads.find(query, slug, ArticleRef(url=url))
    if found is None:
        raise NotFound("site.unknown", site=slug)
    if found.thread_id is None:
        raise NotFound("thread.unknown", url=url)
    return await threads.by_id(query, found.thread_id)


@app.command()
def move(slug: Slug, old: Url, new: Annotated[str, typer.Argument(help="Where it stands now.")]) -> None:
    """Point a moved article at its new address; links to the old one go on leading to its comments.

    Example: `commentbox article move gazette https://paper.example/draft-7 https://paper.example/harbour`
    """

    async def follow() -> None:
        async with terminal.opened(terminal.read_settings()) as db, begin(db) as work:
            await upkeep.move_article(work, await actions.by_slug(work.q, slug), old=old, new=new)

    terminal.do(follow())
