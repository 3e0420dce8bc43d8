"""What is changed about a site has a history, and is set back from it; keys are shown once and end for good."""

from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server import threads, upkeep
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Unauthenticated
from commentbox.server.base.models import Journal
from commentbox.server.base.work import begin
from commentbox.server.sites import actions as sites
from commentbox.server.sites import history, keys
from commentbox.server.sites.actions import Why
from commentbox.server.sites.rules import Policy
from commentbox.server.threads import ArticleRef
from tests.factories import ARTICLE, PAPER, START, make_site, make_thread


@pytest.fixture
async def site_id(db: Database) -> str:
    clock.set(START)
    return await make_site(db)


async def policy_of(db: Database, site_id: str) -> Policy:
    async with db.read() as query:
        return Policy.model_validate((await sites.by_id(query, site_id)).policy)


async def changes_of(db: Database, site_id: str) -> list[Any]:
    async with db.read() as query:
        return list(await history.newest(query, site_id))


async def undo(db: Database, site_id: str, change: Any) -> None:
    async with begin(db, actor="ada") as work:
        await upkeep.undo(work, await sites.by_id(work.q, site_id), change.id)


async def refusal_of(doing: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await doing
    return caught.value


async def test_a_changed_setting_says_who_from_what_to_what_and_is_set_back(db: Database, site_id: str) -> None:
    async with begin(db, actor="ada") as work:
        await upkeep.set_one(work, site_id, "edit_minutes", 30, seen=15, why=Why("Slow typists"))
    [change] = await changes_of(db, site_id)
    told = (change.setting, change.before, change.after, change.account_id, change.reason)
    assert told == ("edit_minutes", 15, 30, "ada", "Slow typists")
    await undo(db, site_id, change)
    assert (await policy_of(db, site_id)).edit_minutes == 15
    back = (await changes_of(db, site_id))[0]
    assert (back.before, back.after, back.undoes) == (30, 15, change.id)
    async with db.read() as query:
        rows = await query.all(
            select(Journal.__table__.c.data).where(Journal.__table__.c.kind == "site.policy_changed")
        )
    assert [row.data for row in rows] == [{"settings": ["edit_minutes"]}] * 2


async def test_a_setting_keeps_its_bounds_and_nobody_overwrites_what_they_did_not_see(
    db: Database, site_id: str
) -> None:
    async def change(name: str, value: Any, seen: Any) -> None:
        async with begin(db) as work:
            await upkeep.set_one(work, site_id, name, value, seen=seen)

    assert (await refusal_of(change("edit_minutes", 61, 15))).code == "setting.invalid"
    assert (await refusal_of(change("edit_minutes", 20, 30))).code == "setting.changed"
    assert (await refusal_of(change("rules_version", 9, 1))).code == "setting.unknown"
    assert (await refusal_of(change("no_such", 9, 1))).code == "setting.unknown"
    assert await changes_of(db, site_id) == []
    await change("edit_minutes", 20, 15)
    first = (await changes_of(db, site_id))[0]
    await change("edit_minutes", 25, 20)
    assert (await refusal_of(undo(db, site_id, first))).code == "setting.changed"


async def test_what_a_command_sets_is_in_the_same_history(db: Database, site_id: str) -> None:
    async with begin(db) as work:
        await sites.set_policy(work, site_id, guests=True, edit_minutes=15)
    assert [(each.setting, each.account_id) for each in await changes_of(db, site_id)] == [("guests", None)]


async def test_an_origin_comes_and_goes_and_is_set_back(db: Database, site_id: str) -> None:
    async with begin(db, actor="ada") as work:
        await sites.remove_origin(work, site_id, PAPER)
    await undo(db, site_id, (await changes_of(db, site_id))[0])
    async with db.read() as query:
        assert await sites.origins_of(query, site_id) == [PAPER]
    gone, back = (await changes_of(db, site_id))[1], (await changes_of(db, site_id))[0]
    assert (await refusal_of(undo(db, site_id, gone))).code == "setting.changed"
    await undo(db, site_id, back)
    async with db.read() as query:
        assert await sites.origins_of(query, site_id) == []


async def test_a_moved_article_is_moved_back(db: Database, site_id: str) -> None:
    thread_id = await make_thread(db, site_id)
    async with begin(db, actor="ada") as work:
        site = await sites.by_id(work.q, site_id)
        await upkeep.move_article(work, site, old=ARTICLE, new=f"{PAPER}/quay?utm_source=x")
    change = (await changes_of(db, site_id))[0]
    assert (change.before, change.after) == (ARTICLE, f"{PAPER}/quay")
    await undo(db, site_id, change)
    async with db.read() as query:
        assert (await threads.by_id(query, thread_id)).url == ARTICLE
        found = await threads.find(query, "gazette", ArticleRef(url=f"{PAPER}/quay"))
        assert found is not None and found.thread_id == thread_id
    async with begin(db) as work:
        with pytest.raises(Forbidden):
            await upkeep.move_article(work, site, old=ARTICLE, new="https://elsewhere.example/a")


async def test_a_name_kept_for_the_paper_is_nobodys_until_it_is_given_free(db: Database, site_id: str) -> None:
    async with begin(db) as work:
        await upkeep.keep_name(work, site_id, "Quay Editor")
    with pytest.raises(Conflict):
        async with begin(db) as work:
            await upkeep.keep_name(work, site_id, "Quay Ed1tor")
    with pytest.raises((Conflict, Invalid)):
        async with begin(db) as work:
            await accounts.hold_name(work, names.check("Quay Editor"), account_id="reader")
    await undo(db, site_id, (await changes_of(db, site_id))[0])
    async with begin(db) as work:
        await accounts.hold_name(work, names.check("Quay Editor"), account_id="reader")
    with pytest.raises(Conflict):
        async with begin(db) as work:
            await upkeep.free_name(work, site_id, "Quay Editor")


async def test_a_key_opens_its_site_until_it_is_revoked_for_good(db: Database, site_id: str) -> None:
    async with begin(db) as work:
        token = await keys.make(work, site_id, "Publishing system")
    async with db.read() as query:
        assert await keys.site_of(query, token) == site_id
        [row] = await keys.of(query, site_id)
    async with begin(db) as work:
        await keys.revoke(work, site_id, row.id)
    async with db.read() as query:
        with pytest.raises(Unauthenticated):
            await keys.site_of(query, token)
    assert (await refusal_of(undo(db, site_id, (await changes_of(db, site_id))[0]))).code == "change.for_good"
    with pytest.raises(NotFound):
        async with begin(db) as work:
            await keys.revoke(work, site_id, row.id)


async def test_a_change_of_another_site_is_not_there(db: Database, site_id: str) -> None:
    other = await make_site(db, "herald")
    async with begin(db) as work:
        await sites.set_policy(work, other, guests=True)
    [change] = await changes_of(db, other)
    assert (await refusal_of(undo(db, site_id, change))).code == "change.unknown"
