"""Sections of a paper: where a thread's comes from, and moderators who see theirs only, by every way to a case."""

import pytest
from sqlalchemy import update

from commentbox.server import threads
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import inviting, names, queries
from commentbox.server.accounts.inviting import Invitation
from commentbox.server.accounts.models import Role
from commentbox.server.accounts.rules import Grant, sections_on
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden, NotFound
from commentbox.server.base.work import begin
from commentbox.server.moderation import cases, finding, people, proposals, queue, seats
from commentbox.server.moderation import threads as desk_threads
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.queue import Wanted
from commentbox.server.moderation.seats import Seat
from commentbox.server.moderation.waiting import Filters
from commentbox.server.threads import ArticleRef
from tests.factories import PAPER, START, Talk, make_person
from tests.newsroom import REASONS, Newsroom, make_newsroom


@pytest.fixture
async def room(db: Database) -> Newsroom:
    clock.set(START)
    return await make_newsroom(db)


async def open_thread(room: Newsroom, path: str, section: str) -> Talk:
    """Open a thread in a section."""
    async with begin(room.db) as work:
        ref = ArticleRef(url=f"{PAPER}/{path}")
        opened = await threads.register(work, room.talk.site_id, ref, title=path, source="api", section=section)
    return Talk(room.talk.site_id, opened)


async def limited(room: Newsroom, name: str, *sections: str, role: str = "moderator") -> Seat:
    """Hire somebody for some sections only."""
    seat = await room.hire(name, role)
    async with begin(room.db) as work:
        await accounts.limit_role(work, seat.account_id, role, site_id=room.talk.site_id, sections=sections)
    return await room.seat(seat.account_id)


@pytest.mark.parametrize(
    ("grants", "limit"),
    [
        ([Grant("s", "moderator")], None),
        ([Grant("s", "moderator", ("Sport",))], {"Sport"}),
        ([Grant("s", "moderator", ("Sport",)), Grant("", "moderator")], None),
        ([Grant("s", "moderator", ("Sport",)), Grant("s", "trainee")], {"Sport"}),
        ([Grant("s", "moderator", ("Sport",)), Grant("s", "senior", ("Quay",))], {"Quay"}),
        ([Grant("s", "moderator", ("Sport",)), Grant("s", "staff")], {"Sport"}),
        ([Grant("other", "moderator", ("Sport",))], None),
    ],
)
def test_the_role_that_may_most_says_how_far_a_desk_reaches(grants: list[Grant], limit: set[str] | None) -> None:
    assert sections_on(grants, "s") == limit


async def test_the_paper_says_the_section_and_the_list_knows_each_once(room: Newsroom) -> None:
    talk = await open_thread(room, "regatta", "  Sport ")
    await open_thread(room, "cup", "Sport")
    async with begin(room.db) as work:
        await threads.register(work, room.talk.site_id, ArticleRef(url=f"{PAPER}/cup"), title="", source="api")
        assert [row.name for row in await threads.sections_of(work.q, {room.talk.site_id})] == ["Sport"]
        assert (await threads.by_id(work.q, talk.thread_id)).section == "Sport"


async def test_a_moderator_of_a_section_meets_its_cases_only_by_every_way(room: Newsroom) -> None:
    sport = await open_thread(room, "regatta", "Sport")
    person = await make_person(room.db, "Heron")
    here = sport.say("The cox shouted.", by=person, state="held", hold_rule="links")
    elsewhere = room.talk.say("The clerk shouted.", by=person, state="held", hold_rule="links")
    await sport.save(room.db)
    await room.talk.save(room.db)
    jonas = await limited(room, "Jonas", "Sport")
    now = clock.now()
    async with begin(room.db, actor=jonas.account_id) as work:
        held = await queue.page(work.q, jonas, Wanted("held"), now=now)
        assert [row.case_id for row in held.rows] == [here]
        assert (await queue.counts(work.q, jonas, filters=Filters(), now=now))["held"] == 1
        assert await queue.take_next(work, jonas, Wanted("held")) == here
        assert await queue.take_next(work, jonas, Wanted("held")) is None
        with pytest.raises(NotFound):
            await cases.find(work.q, jonas, elsewhere, now=now)
        with pytest.raises(NotFound):
            await seats.comment_to_decide(work, jonas, elsewhere)
        with pytest.raises(NotFound):
            await desk_threads.thread_for_desk(work.q, jonas, room.talk.thread_id)
        assert [row.id for row in await desk_threads.listed(work.q, jonas)] == [sport.thread_id]
        found = await finding.find(work.q, jonas, "shouted")
        assert [row.id for row in found.comments] == [here] and list(found.people) == []
    with pytest.raises(Forbidden, match=r"desk\.section_only"):
        async with begin(room.db, actor=jonas.account_id) as work:
            ban = people.PersonVerdict(person.account_id, sport.site_id, measure=Measure("ban"), reasons=REASONS)
            await people.decide(work, jonas, ban)


async def test_appeals_and_proposals_of_other_sections_are_not_there(room: Newsroom) -> None:
    sport = await open_thread(room, "regatta", "Sport")
    person = await make_person(room.db, "Heron")
    inside, outside = sport.say(by=person), room.talk.say(by=person)
    proposed = [sport.say("More.", by=person), room.talk.say("More.", by=person)]
    await sport.save(room.db)
    await room.talk.save(room.db)
    ruth, tess = await room.hire("Ruth"), await room.hire("Tess", "trainee")
    appeals = []
    for comment_id in (inside, outside):
        await room.decide(ruth, comment_id, "remove")
        appeals.append(await room.appeal(comment_id))
    asked = [(await room.decide(tess, comment_id, "remove")).id for comment_id in proposed]
    jonas = await limited(room, "Jonas", "Sport")
    async with room.db.read() as query:
        waiting = await queue.page(query, jonas, Wanted("appeals"), now=clock.now())
        assert [row.case_id for row in waiting.rows] == appeals[:1]
        with pytest.raises(NotFound):
            await seats.appeal_for_desk(query, jonas, appeals[1])
        assert [row.id for row in await proposals.waiting(query, jonas)] == asked[:1]
        assert await proposals.count(query, jonas) == 1


async def test_a_case_is_handed_to_those_who_see_its_section(room: Newsroom) -> None:
    ruth, jonas = await room.hire("Ruth"), await limited(room, "Jonas", "Sport")
    async with room.db.read() as query:
        site = room.talk.site_id
        assert [row.name for row in await seats.colleagues(query, site, ruth.account_id, section="Quay")] == []
        assert [row.id for row in await seats.colleagues(query, site, ruth.account_id, section="Sport")] == [
            jonas.account_id
        ]


async def test_the_queue_is_narrowed_to_a_section(room: Newsroom) -> None:
    sport = await open_thread(room, "regatta", "Sport")
    here = sport.say(state="held", hold_rule="links")
    room.talk.say(state="held", hold_rule="links")
    await sport.save(room.db)
    await room.talk.save(room.db)
    ruth = await room.hire("Ruth")
    async with room.db.read() as query:
        found = await queue.page(query, ruth, Wanted("held", Filters(section="Sport")), now=clock.now())
        assert [row.case_id for row in found.rows] == [here]


async def test_an_admin_and_other_roles_have_no_limit(room: Newsroom) -> None:
    ada = await room.hire("Ada", "admin")
    with pytest.raises(NotFound):
        async with begin(room.db) as work:
            await accounts.limit_role(work, ada.account_id, "admin", site_id=room.talk.site_id, sections=["Sport"])


async def test_the_name_of_whoever_is_invited_is_held_as_long_as_the_link_is_good(room: Newsroom) -> None:
    async with begin(room.db) as work:
        await inviting.invite(work, Invitation("Ida Quay", "moderator", room.talk.site_id))
    with pytest.raises(Conflict):
        async with begin(room.db) as work:
            await accounts.sign_up(work, names.check("Ida Quay"))
    async with begin(room.db) as work:
        await inviting.invite(work, Invitation("Ida Quay", "moderator", room.talk.site_id))
    clock.set(START.replace(day=START.day + 2))
    async with begin(room.db) as work:
        await accounts.sign_up(work, names.check("Ida Quay"))
    with pytest.raises(Conflict, match=r"name\.taken"):
        async with begin(room.db) as work:
            await inviting.invite(work, Invitation("Ida Quay", "moderator", room.talk.site_id))


async def test_a_limit_is_part_of_the_invitation_and_of_the_grant(room: Newsroom) -> None:
    person = await make_person(room.db, "Ida")
    async with begin(room.db) as work:
        await accounts.grant(
            work, person.account_id, "moderator", site_id=room.talk.site_id, sections=["Sport", "Quay"]
        )
        [grant] = await queries.grants_of(work.q, person.account_id)
    assert grant.sections == ("Quay", "Sport")
    async with begin(room.db) as work:
        await work.q.run(update(Role.__table__).values(sections=None))
        assert (await queries.grants_of(work.q, person.account_id))[0].sections is None
