"""Finding, opening and moving threads."""

import pytest
from sqlalchemy import select

from commentbox.server import threads
from commentbox.server.base.errors import Conflict, Forbidden, Invalid
from commentbox.server.base.models import Journal
from commentbox.server.base.work import begin
from commentbox.server.sites import actions as sites
from commentbox.server.threads import ArticleRef
from tests.factories import PAPER, make_site


async def _register(db, site_id, **ref):
    async with begin(db) as work:
        return await threads.register(work, site_id, ArticleRef(**ref), title="T", source="api")


async def test_an_unknown_article_of_a_known_site_is_found_empty(db):
    await make_site(db)
    async with db.read() as query:
        row = await threads.find(query, "gazette", ArticleRef(url=f"{PAPER}/nothing"))
        assert row.site_name == "The Harbour Gazette"
        assert row.thread_id is None
        assert await threads.find(query, "nosuch", ArticleRef(url=PAPER)) is None


async def test_a_thread_is_found_by_id_and_by_any_form_of_its_address(db):
    site_id = await make_site(db)
    thread_id = await _register(db, site_id, article_id="7", url=f"{PAPER}/harbour")
    async with db.read() as query:
        for ref in (
            ArticleRef(article_id="7"),
            ArticleRef(url=f"{PAPER}/harbour/?utm_source=x#top"),
            ArticleRef(article_id="7", url=f"{PAPER}/elsewhere"),
            ArticleRef(article_id="8", url=f"{PAPER}/harbour"),
        ):
            assert (await threads.find(query, "gazette", ref)).thread_id == thread_id


async def test_where_id_and_address_name_two_threads_the_id_wins_and_the_desk_is_told(db):
    site_id = await make_site(db)
    one = await _register(db, site_id, article_id="1", url=f"{PAPER}/one")
    two = await _register(db, site_id, article_id="2", url=f"{PAPER}/two")
    async with db.read() as query:
        assert (await threads.find(query, "gazette", ArticleRef("1", f"{PAPER}/two"))).thread_id == one
    assert await _register(db, site_id, article_id="1", url=f"{PAPER}/two") == one
    async with db.read() as query:
        rows = await query.all(select(Journal.__table__).where(Journal.__table__.c.kind == "thread.named_twice"))
        assert [(row.subject_id, row.data["other"]) for row in rows] == [(one, two)]


async def test_a_moved_article_is_found_under_both_addresses(db):
    site_id = await make_site(db)
    thread_id = await _register(db, site_id, url=f"{PAPER}/old")
    async with begin(db) as work:
        await threads.move(work, thread_id, f"{PAPER}/new")
    async with db.read() as query:
        for url in ("old", "new"):
            assert (await threads.find(query, "gazette", ArticleRef(url=f"{PAPER}/{url}"))).thread_id == thread_id
        assert (await threads.by_id(query, thread_id)).url == f"{PAPER}/new"


async def test_two_sites_with_the_same_article_have_two_threads(db):
    one = await make_site(db)
    two = await make_site(db, "courier")
    assert await _register(db, one, article_id="1") != await _register(db, two, article_id="1")


async def test_an_address_of_another_paper_is_foreign(db):
    site_id = await make_site(db)
    async with db.read() as query:
        await sites.check_own_host(query, site_id, f"{PAPER}/x")
        with pytest.raises(Forbidden):
            await sites.check_own_host(query, site_id, "https://other.example/x")


async def test_a_site_refuses_a_second_of_its_name_and_bad_origins(db):
    await make_site(db)
    with pytest.raises(Conflict):
        await make_site(db)
    for slug in ("Has Caps", "-x", "", "ü", "a" * 60):
        with pytest.raises(Invalid):
            await make_site(db, slug)
    with pytest.raises(Invalid):
        await make_site(db, "courier", origins=["not an origin"])


async def test_origins_are_kept_once_and_taken_away(db):
    site_id = await make_site(db, origins=["https://a.example/path", "https://a.example"])
    async with begin(db) as work:
        await sites.add_origin(work, site_id, "HTTPS://B.example:443")
        await sites.add_origin(work, site_id, "https://b.example")
        await sites.remove_origin(work, site_id, "https://a.example")
    async with db.read() as query:
        assert await sites.origins_of(query, site_id) == ["https://b.example"]
