"""Public profiles: off until one wants them, one paper and one name each, obeying the filter, and gone at once."""

import re

import httpx
import pytest

from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names, profiles, queries
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import NotFound
from commentbox.server.base.work import begin
from commentbox.server.rights import leaving
from tests.factories import START, Person, Talk, make_person, make_site, make_thread
from tests.journeys.quarrel import PLACE
from tests.journeys.reading import words
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.bad_input import sign_in
from tests.visitor import Visitor


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db)


@pytest.fixture
async def ada(db: Database, room: Newsroom) -> Person:
    """Give somebody with comments of every sort: before and after verifying, held, under another name, on another paper."""
    person = await make_person(db, "Ada Finch", kind="name")
    plain = {"kind": "none", "tier": "unverified", "attestation_id": None}
    for text, changes in (
        ("Unverified words.", plain),
        ("Verified words.", {}),
        ("Waiting words.", {"state": "held", "hold_rule": "links"}),
        ("Withdrawn words.", {"state": "withdrawn"}),
        ("Words under an old name.", {"name": "Old Name"}),
    ):
        room.talk.say(text, by=person, **changes)
    room.talk.say("Somebody else's words.")
    await room.talk.save(db)
    herald = await make_site(db, "herald", origins=["http://herald.localhost:8001"])
    elsewhere = Talk(herald, await make_thread(db, herald, "http://herald.localhost:8001/a"))
    elsewhere.say("Words on another paper.", by=person)
    await elsewhere.save(db)
    return person


async def opened(db: Database, person: Person) -> str:
    """Switch a profile on and give its address."""
    async with begin(db) as work:
        await profiles.switch(work, person.account_id, on=True)
        return f"/people/{(await queries.account(work.q, person.account_id)).profile_id}"


async def get(visitor: Visitor, address: str, **asked: str) -> httpx.Response:
    return await visitor.open(address, params={"site": "gazette"} | asked)


async def test_a_profile_is_off_until_its_owner_switches_it_on_and_gone_with_the_next_request(
    db: Database, ada: Person, visitor: Visitor, new_visitor
) -> None:
    frame = (await visitor.frame("/embed/thread", params=PLACE)).text
    assert "/people/" not in frame
    owner = new_visitor()
    await sign_in(db, owner, ada.account_id)
    assert (await owner.submit("/account/profile", {"on": "1"})).status_code == 303
    account = (await owner.open("/account")).text
    address = re.search(r'href="(/people/\w{16})\?site=gazette"', account)
    assert address and f"{address[1]}?site=herald" in account
    assert (await get(visitor, address[1])).status_code == 200
    linked = await visitor.frame("/embed/thread", params=PLACE | {"lang": "en"})
    assert linked.text.count("All comments by this person") == 2, "not beside the words under the old name"
    await owner.submit("/account/profile", {"on": "0"})
    for path in (address[1], f"{address[1]}/feed.atom", f"{address[1]}/feed.json"):
        assert (await get(visitor, path)).status_code == 404
    await owner.submit("/account/profile", {"on": "1"})
    assert (await get(visitor, address[1])).status_code == 404, "an old address stays dead"


async def test_it_shows_public_comments_of_one_paper_under_the_present_name_and_nothing_else(
    db: Database, ada: Person, visitor: Visitor
) -> None:
    address = await opened(db, ada)
    page = await get(visitor, address)
    assert "Verified words." in page.text and "Unverified words." in page.text and "Ada Finch" in page.text
    for hidden in ("Waiting", "Withdrawn", "old name", "Old Name", "another paper", "Somebody else", ada.account_id):
        assert hidden not in page.text
    assert page.headers["x-robots-tag"] == "noindex" and "set-cookie" not in page.headers
    assert "another paper" in (await get(visitor, address, site="herald")).text
    assert (await get(visitor, address, site="nobody")).status_code == 404


async def test_page_and_feeds_obey_the_filter_and_say_the_tier(db: Database, ada: Person, visitor: Visitor) -> None:
    address = await opened(db, ada)
    page = await get(visitor, address, show="verified")
    assert "Unverified words." not in page.text
    assert "1 comment from unverified people is hidden. Show" in words(page)
    assert "<details><summary>" in (await get(visitor, address, show="fold")).text
    feed = (await get(visitor, f"{address}/feed.json")).json()
    assert [item["_commentbox"]["tier"] for item in feed["items"]] == ["verified", "unverified"]
    heard = (await get(visitor, f"{address}/feed.json", show="verified")).json()
    assert [item["tags"] for item in heard["items"]] == [["verified"]]
    atom = (await get(visitor, f"{address}/feed.atom", show="verified")).text
    assert 'term="verified"' in atom and "Unverified words." not in atom


async def test_a_long_profile_has_pages(db: Database, room: Newsroom, visitor: Visitor) -> None:
    person = await make_person(db, "Kestrel")
    for number in range(25):
        room.talk.say(f"Words {number}.", by=person)
    await room.talk.save(db)
    page = await get(visitor, await opened(db, person))
    older = re.search(r'href="([^"]+)" rel="next"', page.text)
    assert older and page.text.count('class="cb-quote"') == 20
    rest = await visitor.open(older[1].replace("&amp;", "&"))
    assert rest.text.count('class="cb-quote"') == 5 and "Words 0." in rest.text


async def test_a_new_name_or_leaving_ends_it(db: Database, ada: Person, room: Newsroom, visitor: Visitor) -> None:
    address = await opened(db, ada)
    async with begin(db) as work:
        await accounts.rename(work, ada.account_id, names.check("Ada Heron"))
    assert (await get(visitor, address)).status_code == 404
    address = await opened(db, ada)
    assert (await get(visitor, address)).status_code == 200
    async with begin(db) as work:
        await leaving.ask(work, ada.account_id, how="erase")
    assert (await get(visitor, address)).status_code == 404
    async with db.read() as query:
        with pytest.raises(NotFound, match=r"profile\.unknown"):
            await profiles.find(query, "x" * 40)
