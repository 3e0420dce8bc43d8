"""Who has left is gone: the whole database is searched afterwards for name, mail, texts and ids, on both engines."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from commentbox.server import legal_holds, reports, votes, wiring
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import mutes, names, queries
from commentbox.server.accounts.models import Account, Standing
from commentbox.server.base import chain, clock, jobs, journal, limits, once
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Forbidden
from commentbox.server.base.ids import new_id
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.moderation import appeals
from commentbox.server.moderation.statements import Owner
from commentbox.server.rights import leaving
from commentbox.server.verification import actions as verification
from commentbox.server.verification import people
from commentbox.server.verification.models import Attestation, PersonBan
from commentbox.server.verification.person_key import person_keys
from commentbox.server.votes import Voter
from tests.factories import START, Person, make_person
from tests.newsroom import Newsroom, make_newsroom
from tests.promises.searching import database_places, files, hits

NAME, MAIL = "Philomena Quillfeather", "philomena@quillfeather.example"
TEXTS = {"first": "The breakwater hums at night", "second": "Nobody counted the herring gulls"}
TEXTS |= {"before": "An earlier wording of mine", "report": "That one insulted my grandmother"}
TEXTS |= {"removed": "The harbour clerk was bought", "appeal": "It was satire about the clerk"}


class Leaver:
    """Somebody who did everything that leaves a trace, and what the law of the test looks for."""

    def __init__(self, room: Newsroom, person: Person) -> None:
        self.room, self.person, self.said = room, person, dict[str, str]()

    @property
    def id(self) -> str:
        return self.person.account_id


@pytest.fixture
async def leaver(db: Database) -> Leaver:
    clock.set(START)
    room = await make_newsroom(db)
    person = await make_person(db, NAME, kind="name", email=MAIL)
    made = Leaver(room, person)
    other = room.talk.say("Somebody else's words.", by=await make_person(db, "Tidewatcher"))
    for key in ("first", "second", "removed"):
        made.said[key] = room.talk.say(TEXTS[key], by=person, under=other if key == "second" else None)
    made.said["reply"] = room.talk.say("I heard it too.", under=made.said["first"])
    await room.talk.save(db)
    await _traces(db, made, other)
    return made


async def _traces(db: Database, made: Leaver, other: str) -> None:
    """Leave what only actions leave: revisions, votes, mutes, reports, sessions, a decision and an appeal."""
    async with begin(db, actor=made.id) as work:
        await accounts.hold_name(work, names.check(NAME), account_id=made.id)
        await accounts.open_session(work, made.id, kind="top", by_passkey=True)
        await accounts.new_recovery_code(work, made.id)
        await accounts.confirm_email(work, made.id, MAIL)
        voter = Voter(made.id, "verified", made.person.attestation_id)
        await votes.recommend(work, voter, other, on=True)
        await reports.report(work, other, reports.Complaint("attack", TEXTS["report"], "addr", account_id=made.id))
        await mutes.mute_thread(work, made.id, made.room.talk.thread_id)
        before = {"number": 0, "text": TEXTS["before"], "html": "", "tier": "verified", "kind": "name"}
        await work.q.add(Revision(comment_id=made.said["first"], created_at=work.now, **before))
    ruth = await made.room.hire("Ruth")
    await made.room.decide(ruth, made.said["removed"], "remove")
    statement = (await made.room.statements(made.said["removed"]))[0]
    async with begin(db, actor=made.id) as work:
        await appeals.open_appeal(work, statement.id, owner=Owner(account_id=made.id), text=TEXTS["appeal"])
        await mutes.mute_person(work, made.room.people["Ruth"].account_id, made.id)


async def go(db: Database, settings: Settings, account_id: str, how: str, *, days: float = 14.01) -> None:
    """Ask to leave, let the time pass, and do what is due."""
    async with begin(db, actor=account_id) as work:
        await leaving.ask(work, account_id, how)
    await wait(db, settings, days=days)


async def wait(db: Database, settings: Settings, *, days: float) -> None:
    clock.advance(days=days)
    instance = wiring.instance(settings)
    await jobs.run_due(instance.db, wiring.workers(instance))
    await journal.seal(instance.db)
    await wiring.tell(instance)
    await instance.db.close()
    async with begin(db) as work:
        await once.sweep(work)
        await limits.sweep(work)


async def left_of(db: Database, secrets: dict[str, str]) -> list[str]:
    """Name the columns in which one of these still stands; the journal keeps ids, which lead nowhere then."""
    places = {name: found for name, found in (await database_places(db)).items() if not name.startswith("file ")}
    return [hit for hit in hits(secrets, places) if "journal." not in hit]


async def one(db: Database, statement: Any) -> Any:
    async with db.read() as query:
        return await query.scalar(statement)


async def test_who_erases_everything_is_found_nowhere(db: Database, settings: Settings, leaver: Leaver) -> None:
    secrets = {"name": NAME, "skeleton": names.check(NAME).skeleton, "mail": MAIL, "account": leaver.id, **TEXTS}
    secrets["attestation"] = str(leaver.person.attestation_id)
    assert len({hit.split(" in ")[0] for hit in await left_of(db, secrets)}) == len(secrets), "all of it is there"
    await go(db, settings, leaver.id, "erase")
    assert await left_of(db, secrets) == []
    if db.is_sqlite:
        with closing(sqlite3.connect(files(db)[0])) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        places = {file.name: file.read_bytes() for file in files(db)}
        assert hits({"name": NAME, "mail": MAIL, **TEXTS}, places) == [], "not even in pages that are free again"
    rows = select(Comment.__table__.c.state).where(Comment.__table__.c.id.in_(leaver.said.values()))
    async with db.read() as query:
        assert [row.state for row in await query.all(rows)].count("deleted") == 3
        counted = await query.first(select(Comment.__table__).where(Comment.__table__.c.recommends_all > 0))
    assert counted is None, "recommendations are taken back from the counts, too"


async def test_who_keeps_the_words_is_no_longer_linked_to_them(
    db: Database, settings: Settings, leaver: Leaver
) -> None:
    stays = {"first": TEXTS["first"], "second": TEXTS["second"]}
    secrets = {"name": NAME, "mail": MAIL, "account": leaver.id, "removed": TEXTS["removed"], "before": TEXTS["before"]}
    await go(db, settings, leaver.id, "keep")
    assert await left_of(db, secrets) == []
    comment = await leaver.room.comment(leaver.said["first"])
    assert (comment.text, comment.state, comment.kind) == (stays["first"], "published", "person")
    assert (comment.account_id, comment.attestation_id, comment.name) == (None, None, "")
    assert comment.descendants_all == 1


async def test_the_journal_holds_and_its_ids_lead_nowhere(db: Database, settings: Settings, leaver: Leaver) -> None:
    while await journal.seal(db):
        pass
    await go(db, settings, leaver.id, "erase")
    while await journal.seal(db):
        pass
    async with db.read() as query:
        assert await chain.verify(query) is None
        assert await query.scalar(select(func.count()).where(Account.__table__.c.id == leaver.id)) == 0


async def test_fourteen_days_are_kept_and_staying_undoes_it(db: Database, settings: Settings, leaver: Leaver) -> None:
    await go(db, settings, leaver.id, "erase", days=13.9)
    assert await one(db, select(Account.__table__.c.name).where(Account.__table__.c.id == leaver.id)) == NAME
    async with begin(db, actor=leaver.id) as work:
        await leaving.stay(work, leaver.id)
    await wait(db, settings, days=30)
    assert await one(db, select(Account.__table__.c.name).where(Account.__table__.c.id == leaver.id)) == NAME
    assert (await leaver.room.comment(leaver.said["first"])).text == TEXTS["first"]


async def test_asking_anew_begins_the_fourteen_days_anew(db: Database, settings: Settings, leaver: Leaver) -> None:
    await go(db, settings, leaver.id, "erase", days=10)
    async with begin(db, actor=leaver.id) as work:
        await leaving.stay(work, leaver.id)
        await leaving.ask(work, leaver.id, "keep")
    await wait(db, settings, days=5)
    assert await one(db, select(Account.__table__.c.name).where(Account.__table__.c.id == leaver.id)) == NAME
    await wait(db, settings, days=10)
    assert await one(db, select(func.count()).where(Account.__table__.c.id == leaver.id)) == 0


async def test_a_name_given_up_is_held_for_half_a_year(db: Database, settings: Settings, leaver: Leaver) -> None:
    await go(db, settings, leaver.id, "erase")
    other = await make_person(db, "Sandpiper")
    with pytest.raises(Conflict, match=r"name\.taken"):
        async with begin(db) as work:
            await accounts.hold_name(work, names.check(NAME.lower()), account_id=other.account_id)
    async with db.read() as query:
        assert await queries.holder_of(query, names.check(NAME).skeleton) is not None
    clock.advance(days=accounts.NAME_HELD_DAYS)
    async with begin(db) as work:
        await accounts.hold_name(work, names.check(NAME), account_id=other.account_id)


async def test_a_name_given_up_by_renaming_waits_for_its_owner_alone(db: Database, leaver: Leaver) -> None:
    async with begin(db, actor=leaver.id) as work:
        await accounts.rename(work, leaver.id, names.check("Heron Grey"))
    other = await make_person(db, "Sandpiper")
    with pytest.raises(Conflict):
        async with begin(db) as work:
            await accounts.hold_name(work, names.check(NAME), account_id=other.account_id)
    async with begin(db, actor=leaver.id) as work:
        await accounts.rename(work, leaver.id, names.check(NAME))


async def kept(db: Database) -> list[Any]:
    async with db.read() as query:
        return list(await query.all(select(PersonBan.__table__)))


async def restrict(db: Database, leaver: Leaver, keyring: Keyring, until: datetime | None) -> str:
    """Ban somebody, and give the person key they were verified by."""
    key = person_keys(keyring, "demo", issuer="i", subject="s")[0]
    async with begin(db) as work:
        mine = update(Attestation.__table__).where(Attestation.__table__.c.account_id == leaver.id)
        await work.q.run(mine.values(person_key=key))
        ban = Standing(id=new_id(work.now), account_id=leaver.id, kind="banned", since=work.now, until=until)
        await work.q.add(ban)
    return key


async def test_of_a_banned_person_key_rule_and_end_stay_and_bar_a_new_badge_until_then(
    db: Database, settings: Settings, leaver: Leaver, keyring: Keyring
) -> None:
    until = datetime(2027, 3, 1, tzinfo=UTC)
    key = await restrict(db, leaver, keyring, until)
    await go(db, settings, leaver.id, "erase")
    assert [(row.person_key, row.rule, row.until) for row in await kept(db)] == [(key, "banned", until)]
    assert await left_of(db, {"account": leaver.id}) == []
    with pytest.raises(Forbidden, match=r"verification\.banned"):
        async with begin(db) as work:
            await people.make_way(work, [key], "somebody new")
    clock.set(until + timedelta(days=1))
    async with begin(db) as work:
        await people.make_way(work, [key], "somebody new")
        await verification.sweep(work)
    assert await kept(db) == []


async def test_an_open_appeal_keeps_the_key_for_a_while_and_bars_nobody(
    db: Database, settings: Settings, leaver: Leaver
) -> None:
    await go(db, settings, leaver.id, "keep")
    (row,) = await kept(db)
    assert row.rule == "open_case" and row.until > clock.now()
    async with begin(db) as work:
        await people.make_way(work, [row.person_key], "somebody new")


async def test_with_nothing_open_the_key_goes_too(db: Database, settings: Settings, leaver: Leaver) -> None:
    plain = await make_person(db, "Dunlin", kind="person")
    await go(db, settings, plain.account_id, "erase")
    assert await kept(db) == []


async def test_what_the_law_holds_is_out_of_sight_and_goes_when_the_hold_ends(
    db: Database, settings: Settings, leaver: Leaver
) -> None:
    held = leaver.said["second"]
    async with begin(db) as work:
        await legal_holds.place(work, "comment", held, reason="3/26", until=clock.now() + timedelta(days=60))
    await go(db, settings, leaver.id, "keep")
    comment = await leaver.room.comment(held)
    assert (comment.state, comment.text) == ("deleted", TEXTS["second"])
    assert (await leaver.room.comment(leaver.said["first"])).account_id is None
    await wait(db, settings, days=61)
    assert await left_of(db, {"text": TEXTS["second"], "account": leaver.id}) == []


async def test_staff_are_asked_to_give_up_their_seat_first(db: Database, leaver: Leaver) -> None:
    ruth = leaver.room.people["Ruth"].account_id
    with pytest.raises(Conflict, match=r"account\.has_role"):
        async with begin(db, actor=ruth) as work:
            await leaving.ask(work, ruth, "erase")
