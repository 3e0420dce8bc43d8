"""The paper's own server registers articles with its key; nobody else's word counts."""

from collections.abc import Callable

import pytest

from commentbox.server import threads
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.sites import keys
from commentbox.server.threads import ArticleRef
from tests.factories import ARTICLE, PAPER, make_site
from tests.visitor import Visitor

HERE = "/api/v1/articles"


@pytest.fixture
async def paper(db: Database, new_visitor: Callable[..., Visitor]) -> Visitor:
    site_id = await make_site(db)
    visitor = new_visitor()
    async with begin(db) as work:
        visitor.bearer = await keys.make(work, site_id, "Publishing system")
    return visitor


async def send(visitor: Visitor, **fields: str):
    headers = {"Authorization": f"Bearer {visitor.bearer}"} if visitor.bearer else {}
    return await visitor.client.post(HERE, data=fields, headers=headers)


async def test_an_article_is_registered_and_brought_up_to_date(db: Database, paper: Visitor) -> None:
    first = await send(paper, url=ARTICLE, article_id="7", title="Close the quay?", section="Harbour")
    again = await send(paper, url=f"{PAPER}/harbour-vote", article_id="7", title="Quay stays open", section="Politics")
    assert first.status_code == 200 and first.json() == again.json()
    async with db.read() as query:
        row = await threads.by_id(query, first.json()["thread"])
        assert (row.title, row.section, row.url) == ("Quay stays open", "Politics", f"{PAPER}/harbour-vote")
        found = await threads.find(query, "gazette", ArticleRef(url=ARTICLE))
        assert found is not None and found.thread_id == row.id


async def test_without_the_key_or_for_somebody_elses_address_nothing_is_registered(
    paper: Visitor, new_visitor: Callable[..., Visitor]
) -> None:
    for wrong in (new_visitor(), new_visitor()):
        refused = await send(wrong, url=ARTICLE)
        assert refused.status_code == 401 and refused.json()["error"]["code"] == "key.refused"
        wrong.bearer = "cbk_guessed"
    foreign = await send(paper, url="https://elsewhere.example/a")
    assert foreign.status_code == 403 and foreign.json()["error"]["code"] == "article.foreign"
    assert (await send(paper, title="No address")).status_code == 422
