"""Mentions: people of the thread and nobody else, whom one may reach, told of once, and gone with the text."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Forbidden, Invalid
from commentbox.server.base.models import Journal
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments import actions, mentions, posting
from commentbox.server.comments.mentions import Mention, names_in
from commentbox.server.comments.models import Comment
from commentbox.server.comments.posting import Outcome, Submission, Writer
from commentbox.server.threads import ArticleRef
from commentbox.server.verification.speaking import Speaker
from tests.counting import statements
from tests.factories import ARTICLE, START, Person, Talk, make_person, make_talk, make_thread

_c = Comment.__table__.c


@pytest.fixture(autouse=True)
def at_noon() -> None:
    clock.set(START + timedelta(hours=8))


def speaker(person: Person, **changes: Any) -> Speaker:
    fields = {name: None for name in Speaker.__dataclass_fields__} | person.columns()
    fields |= {"session_kind": "top", "site_id": None}
    return Speaker(
        **{name: value for name, value in (fields | changes).items() if name in Speaker.__dataclass_fields__}
    )


async def talk_of(db: Database, *people: Person) -> Talk:
    talk = await make_talk(db)
    for person in people:
        talk.say("words", by=person)
    await talk.save(db)
    return talk


async def say(db: Database, keyring: Keyring, person: Person, text: str) -> Outcome:
    submission = Submission("gazette", ArticleRef(url=ARTICLE), text)
    return await posting.submit(db, keyring, Writer("a", speaker(person)), submission, our_origin="http://x")


async def mentioned(db: Database) -> set[tuple[str, str]]:
    async with db.read() as query:
        return {(row.comment_id, row.account_id) for row in await query.all(select(Mention.__table__))}


async def told(db: Database) -> list[str]:
    async with db.read() as query:
        rows = await query.all(select(Journal.__table__).where(Journal.__table__.c.kind == "comment.mentioned"))
        return [row.data["account"] for row in rows]


def test_what_may_be_a_name_begins_at_the_at_and_is_tried_from_its_longest() -> None:
    assert names_in("mail me at a@b.example") == []
    assert names_in("@Ines Halloran, look")[0] == ["Ines Halloran", "Ines"]
    assert names_in("so (@O'Brien) says @J.-P.") == [["O'Brien"], ["J.-P.", "J.-P"]]
    assert len(names_in("@" * 5000 + "a @b" * 5000)) == 5000


async def test_a_mention_is_kept_by_account_and_the_journal_is_told_once(db: Database, keyring: Keyring) -> None:
    ines, kestrel = await make_person(db, "Ines Halloran"), await make_person(db, "Kestrel")
    await talk_of(db, ines, kestrel)
    posted = (await say(db, keyring, kestrel, "@Ines Halloran is right, says @Ines Halloran and @Kestrel")).posted
    assert await mentioned(db) == {(posted.id, ines.account_id)}
    assert await told(db) == [ines.account_id]
    await posting.revise(db, Writer("a", speaker(kestrel)), posted.id, "@Ines Halloran is wrong")
    assert await told(db) == [ines.account_id]
    await posting.revise(db, Writer("a", speaker(kestrel)), posted.id, "Nobody is right")
    assert await mentioned(db) == set()


async def test_nobody_outside_the_thread_and_nobody_unseen_is_found(db: Database, keyring: Keyring) -> None:
    kestrel, away, held = [await make_person(db, name) for name in ("Kestrel", "Away Person", "Held Person")]
    talk = await make_talk(db)
    talk.say(by=held, state="held")
    other = Talk(talk.site_id, await make_thread(db, talk.site_id, f"{ARTICLE}/2"))
    other.say(by=away)
    await talk.save(db)
    await other.save(db)
    await say(db, keyring, kestrel, "Hello @Away Person, @Held Person and @Nobody")
    assert await mentioned(db) == set()


async def test_who_hears_from_verified_people_only_is_mentioned_by_nobody_else(db: Database, keyring: Keyring) -> None:
    tomasz = await make_person(db, "Tomasz", kind="person", reach="verified")
    kestrel, ines = await make_person(db, "Kestrel"), await make_person(db, "Ines", kind="name")
    await talk_of(db, tomasz)
    with pytest.raises(Forbidden, match=r"mention\.refused") as refused:
        await say(db, keyring, kestrel, "What says @Tomasz?")
    assert refused.value.data == {"name": "Tomasz"}
    async with db.read() as query:
        named = await mentions.meant(query, (await _thread(db)), "@Tomasz")
    assert mentions.check(named, account_id=ines.account_id, speaks_verified=True) == (tomasz.account_id,)


async def _thread(db: Database) -> str:
    async with db.read() as query:
        return str(await query.scalar(select(_c.thread_id)))


async def test_a_held_comment_tells_nobody_until_it_is_published_and_a_withdrawn_one_forgets(
    db: Database, keyring: Keyring
) -> None:
    ines, kestrel = await make_person(db, "Ines"), await make_person(db, "Kestrel")
    await talk_of(db, ines)
    posted = (await say(db, keyring, kestrel, "@Ines https://a.example https://b.example https://c.example")).posted
    assert posted.state == "held" and await told(db) == []
    for action in (actions.publish, actions.withdraw):
        async with begin(db) as work:
            row = await work.q.first(Comment.__table__.select().where(_c.id == posted.id))
            await action(work, row)
    assert await told(db) == [ines.account_id] and await mentioned(db) == set()


async def test_more_people_than_a_comment_may_mention_are_refused(db: Database, keyring: Keyring) -> None:
    people = [await make_person(db, f"Reader {number}") for number in range(12)]
    await talk_of(db, *people)
    with pytest.raises(Invalid, match=r"mention\.too_many"):
        await say(db, keyring, people[0], " ".join(f"@{person.name}," for person in people))


async def test_a_text_that_mentions_nobody_costs_no_statement_more(db: Database) -> None:
    talk = await talk_of(db, await make_person(db, "Ines"))
    async with db.read() as query:
        with statements(db) as ran:
            assert await mentions.meant(query, talk.thread_id, "Nothing here") == []
            assert await mentions.meant(query, None, "@Ines") == []
        assert ran == []


async def test_the_people_to_pick_from_are_those_the_reader_hears_from(db: Database) -> None:
    ines, kestrel = await make_person(db, "Ines", kind="name"), await make_person(db, "Kestrel")
    talk = await talk_of(db, ines, kestrel, ines)
    async with db.read() as query:
        for verified, names in ((False, ["Ines", "Kestrel"]), (True, ["Ines"])):
            found = await mentions.people(query, talk.thread_id, verified_only=verified)
            assert [each.name for each in found] == names
