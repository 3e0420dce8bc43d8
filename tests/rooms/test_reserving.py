"""The papers' own names: nobody signs up as the newspaper, its hosts or its offices."""

import pytest

from commentbox.server.accounts import actions, names
from commentbox.server.accounts.reserving import reserve_paper
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Invalid
from commentbox.server.base.work import begin


async def sign_up(db: Database, name: str) -> str:
    async with begin(db) as work:
        return await actions.sign_up(work, names.check(name))


async def test_the_title_is_kept_with_and_without_its_article_and_so_are_its_hosts(db: Database) -> None:
    for _twice in range(2):
        async with begin(db) as work:
            await reserve_paper(work, "The Harbour Gazette", hosts=["www.gazette.example"])
    for taken in (
        "The Harbour Gazette",
        "harbour gazette",
        "HARB0UR GAZETTE",
        "gazette.example",
        "www.gazette.example",
    ):
        with pytest.raises(Invalid, match=r"name\.reserved"):
            await sign_up(db, taken)
    assert await sign_up(db, "Gazette Reader")


async def test_a_title_that_could_be_nobodys_name_needs_no_keeping(db: Database) -> None:
    async with begin(db) as work:
        await reserve_paper(work, "24/7 ★ News", hosts=["", "localhost"])
    assert await sign_up(db, "Kestrel")


@pytest.mark.parametrize("name", ["Editor", "Editor in Chief", "Rédaction", "Redakteurin", "المحرر", "M0derator"])
def test_nobody_is_called_as_a_papers_people_are(name: str) -> None:
    with pytest.raises(Invalid, match=r"name\.reserved"):
        names.check(name)
