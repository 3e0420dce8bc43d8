"""News by mail, from the journal to a real SMTP server, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from commentbox.server import wiring
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts.models import Account
from commentbox.server.base import clock, jobs
from commentbox.server.base.models import Job
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.comments.models import Comment
from commentbox.server.notifications import bell, choices, mailing
from commentbox.server.notifications.choices import Wish
from tests.factories import make_person
from tests.hearing import Square, make_square
from tests.postoffice import open_office

ADDRESS = "kestrel@harbour.example"
HALF_PAST_FOUR = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


@pytest.fixture
async def office():
    async with open_office() as office:
        yield office


@pytest.fixture
async def instance(settings, office):
    mail = {"smtp_url": f"smtp://127.0.0.1:{office.port}", "mail_from": "comments@gazette.example"}
    made = wiring.instance(settings.model_copy(update=mail))
    yield made
    await made.db.close()


@pytest.fixture
async def square(instance) -> Square:
    clock.set(HALF_PAST_FOUR)
    return await make_square(instance.db)


@pytest.fixture
async def ines(instance):
    return await make_person(instance.db, "Ines Halloran", kind="name")


@pytest.fixture
async def kestrel(instance):
    return await make_person(instance.db, "Kestrel", email=ADDRESS, email_confirmed_at=HALF_PAST_FOUR)


@pytest.fixture
def send(instance, square):
    """Give what lets the bell hear and the jobs be done."""

    async def do() -> None:
        await square.hear()
        await jobs.run_due(instance.db, wiring.workers(instance))

    return do


async def wants(instance, person, pace: str, *kinds: str, lang: str = "en") -> None:
    async with begin(instance.db) as work:
        wish = Wish(pace, kinds or ("reply", "mention", "expiring"), lang)
        await choices.choose_mail(work, person.account_id, wish)
        await mailing.plan(work, [person.account_id], digest_hour=6)


async def test_nobody_gets_mail_who_did_not_ask_for_it(square, ines, kestrel, send, office):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("I have asked for both reports.", ines, under=top)
    await send()
    clock.advance(days=2)
    await send()
    assert office.letters == [] and len(await square.bell(kestrel)) == 1


async def test_a_reply_comes_at_once_in_text_and_html(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once")
    top = await square.say("The outer berth was costed twice.", kestrel)
    reply = await square.say("I have asked for <b>both</b> & more.", ines, under=top)
    await send()
    (letter,) = office.letters
    assert office.to == [ADDRESS] and letter["Subject"] == "Ines Halloran replied to you"
    assert letter["Auto-Submitted"] == "auto-generated"
    there = f"http://news.localhost:8001/harbour#cb-comment-{reply}"
    for body in (office.text(), office.html()):
        assert "Verified name" in body and there in body and "The outer berth was costed twice." in body
        assert "from people who may reply to you" in " ".join(body.split())
    assert "> I have asked for both & more." in office.text()
    assert "<bdi>Ines Halloran</bdi> replied to you" in office.html() and "both &amp; more" in office.html()
    assert office.text().startswith("THE HARBOUR GAZETTE\n\nInes Halloran replied to you\n")
    assert (
        "<script" not in office.html() and "src=" not in office.html()
    )  # nothing to run, nothing that says it was read
    await send()
    assert len(office.letters) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_link_that_ends_it_stands_whole_in_the_headers(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("I have asked for both reports.", ines, under=top)
    await send()
    raw = office.raw[0].decode("ascii").replace("\r\n", "\n")
    assert "\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in raw
    line = next(line for line in raw.split("\n") if line.startswith("List-Unsubscribe: "))
    assert line.startswith("List-Unsubscribe: <http://comments.localhost:8000/stop/") and line.endswith(">")
    token = line[:-1].rpartition("/")[2]
    assert mailing.stop_of(instance.keyring, token) == (kestrel.account_id, "reply")
    assert f"/stop/{token}?lang=en" in office.text() and f"/stop/{token}?lang=en" in office.html()


async def test_what_comes_within_an_hour_is_one_mail_at_the_full_hour(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "hourly")
    top = await square.say("The outer berth was costed twice.", kestrel)
    for number in range(3):
        await square.say(f"Reply {number}.", ines, under=top)
        await send()
        clock.advance(minutes=9, seconds=59)
    assert office.letters == []  # 04:59:57
    clock.advance(seconds=3)
    await send()
    assert office.letters[0]["Subject"] == "3 pieces of news from the comments"
    assert [office.text().index(f"> Reply {number}.") for number in range(3)] == sorted(
        office.text().index(f"> Reply {number}.") for number in range(3)
    )
    await square.say("Reply at five.", ines, under=top)
    await send()
    clock.set(HALF_PAST_FOUR.replace(hour=5, minute=59))
    await send()
    assert len(office.letters) == 1
    clock.set(HALF_PAST_FOUR.replace(hour=6, minute=0))
    await send()
    assert len(office.letters) == 2 and "Reply 0" not in office.text()
    clock.advance(days=1)
    await send()
    assert len(office.letters) == 2


async def test_a_daily_digest_goes_out_at_its_hour_once(square, ines, kestrel, send, office, instance):
    clock.set(HALF_PAST_FOUR.replace(hour=6))
    await wants(instance, kestrel, "daily")
    top = await square.say("The outer berth was costed twice.", kestrel)
    for number in range(25):
        await square.say(f"Reply {number}.", ines, under=top)
    await send()
    clock.set(datetime(2026, 11, 23, 5, 59, 59, tzinfo=UTC))
    await send()
    assert office.letters == []
    clock.set(datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    await send()
    assert office.letters[0]["Subject"] == "25 pieces of news from the comments"
    assert office.text().count("> Reply") == 20 and "5 more are on your page." in office.text()
    clock.advance(days=1)
    await send()
    assert len(office.letters) == 1


async def test_everything_is_asked_again_at_the_moment_of_sending(square, ines, kestrel, send, office, instance):
    plain = await make_person(instance.db, "Plain")
    await wants(instance, kestrel, "hourly")
    top = await square.say("The outer berth was costed twice.", kestrel)
    kept = await square.say("It stays.", ines, under=top)
    taken = await square.say("Taken back.", ines, under=top)
    removed = await square.say("Removed.", ines, under=top)
    await square.say("From somebody not verified.", plain, under=top)
    held = await square.say("Edited into the queue.", ines, under=top)
    await square.hear()
    await square.change(actions.withdraw, taken)
    await square.change(actions.remove, removed, rule="6-no-adverts")
    await square.change(actions.hold_again, held, rule="links")
    await square.set(kestrel, show="fold")
    clock.advance(hours=1)
    await send()
    (letter,) = office.letters
    assert letter["Subject"] == "Ines Halloran replied to you" and kept in office.text()
    for gone in ("Taken back", "Removed", "not verified", "Edited"):
        assert gone not in office.text() and gone not in office.html()


@pytest.mark.parametrize("how", ["fold", "verified", "left", "unconfirmed", "seen", "stopped"])
async def test_nothing_is_sent_where_there_is_nothing_to_say(how, square, kestrel, send, office, instance):
    await wants(instance, kestrel, "hourly")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("From a guest.", None, under=top)
    await square.hear()
    async with begin(instance.db) as work:
        if how == "seen":
            await bell.mark_seen(work, kestrel.account_id)
        if how == "stopped":
            await choices.stop_mail(work, kestrel.account_id, "all")
    columns = {"left": {"deleted_at": HALF_PAST_FOUR}, "unconfirmed": {"email_confirmed_at": None}}
    if how not in ("seen", "stopped"):
        await square.set(kestrel, **columns.get(how, {"show": how}))
    clock.advance(hours=1)
    await send()
    assert office.letters == []
    async with instance.db.read() as query:
        assert await jobs.waiting(query) == 0


async def test_a_kind_that_is_not_wanted_is_not_mailed(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once", "mention")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("I have asked for both reports.", ines, under=top)
    await send()
    assert office.letters == []
    said = await square.say("Kestrel has the figures.", ines)
    await square.mention(said, kestrel)
    await send()
    assert [letter["Subject"] for letter in office.letters] == ["Ines Halloran mentioned you"]


async def test_a_mention_that_an_edit_adds_is_mailed_too(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once")
    said = await square.say("Somebody has the figures.", ines)
    await send()
    clock.advance(minutes=5)
    await square.mention(said, kestrel)
    await send()
    assert [letter["Subject"] for letter in office.letters] == ["Ines Halloran mentioned you"]


async def test_what_was_said_before_the_choice_is_not_mailed(square, ines, kestrel, send, office, instance):
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("Long ago.", ines, under=top)
    await send()
    clock.advance(hours=1)
    await wants(instance, kestrel, "at_once")
    await send()
    assert office.letters == []


async def test_a_change_of_pace_loses_nothing_and_doubles_nothing(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "daily")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await send()
    clock.advance(minutes=1)
    await wants(instance, kestrel, "hourly")
    clock.set(HALF_PAST_FOUR.replace(hour=5, minute=0))
    await send()
    assert len(office.letters) == 1
    clock.advance(days=1)
    await send()
    assert len(office.letters) == 1


async def test_a_server_that_is_away_gets_the_mail_later_and_once(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    office.closed = True
    await send()
    await square.say("Two.", ines, under=top)
    await send()
    async with instance.db.read() as query:
        left = [str(tuple(row)) for row in await query.all(select(Job.__table__))]
    assert "SMTP" in str(left) and ADDRESS not in str(left) and "Ines" not in str(left)
    office.closed = False
    clock.advance(minutes=5)
    await send()
    await send()
    assert [letter["Subject"] for letter in office.letters] == ["2 pieces of news from the comments"]


async def test_whoever_was_given_up_on_is_written_to_again(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    office.closed = True
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        await send()
        clock.advance(hours=3)
    office.closed = False
    await square.say("Two.", ines, under=top)
    await send()
    assert len(office.letters) == 1 and "> One." in office.text() and "> Two." in office.text()


async def test_news_that_comes_while_a_mail_is_under_way_has_its_own(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await square.hear()
    taking = office.handle_DATA

    async def slowly(*args):
        if not office.letters:
            await square.say("Two.", ines, under=top)
            await square.hear()
        return await taking(*args)

    office.handle_DATA = slowly
    await jobs.run_due(instance.db, wiring.workers(instance))
    assert ["> One." in office.text(0), "> Two." in office.text(0)] == [True, False]
    assert len(office.letters) == 2 and "> One." not in office.text(1) and "> Two." in office.text(1)


async def test_a_pace_that_is_changed_while_a_mail_is_under_way_doubles_nothing(
    square, ines, kestrel, send, office, instance
):
    await wants(instance, kestrel, "at_once")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await square.hear()
    taking = office.handle_DATA

    async def slowly(*args):
        await wants(instance, kestrel, "hourly")
        return await taking(*args)

    office.handle_DATA = slowly
    await jobs.run_due(instance.db, wiring.workers(instance))
    office.handle_DATA = taking
    clock.advance(hours=1)
    await send()
    assert len(office.letters) == 1


async def test_an_address_that_is_refused_gets_no_more_until_it_is_confirmed(
    square, ines, kestrel, send, office, instance
):
    await wants(instance, kestrel, "at_once")
    office.unknown.add(ADDRESS)
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await send()
    account = await _account(instance, kestrel)
    assert account.email_confirmed_at is None and account.email_refused_at == HALF_PAST_FOUR
    office.unknown.clear()
    await square.say("Two.", ines, under=top)
    await send()
    clock.advance(days=1)
    await send()
    assert office.letters == []
    async with instance.db.read() as query:
        assert await jobs.waiting(query) == 0
        assert ADDRESS not in str(await query.all(select(Job.__table__)))
    async with begin(instance.db) as work:
        await accounts.confirm_email(work, kestrel.account_id, ADDRESS)
    assert (await _account(instance, kestrel)).email_refused_at is None
    await square.say("Three.", ines, under=top)
    await send()
    assert len(office.letters) == 1


@pytest.mark.parametrize("refusal", ["450 4.2.2 mailbox full", "554 5.7.1 relay access denied"])
async def test_a_refusal_that_is_not_about_the_address_is_tried_again(
    refusal, square, ines, kestrel, send, office, instance
):
    await wants(instance, kestrel, "at_once")
    office.unknown, office.refusal = {ADDRESS}, refusal
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await send()
    assert (await _account(instance, kestrel)).email_refused_at is None
    office.unknown.clear()
    clock.advance(minutes=5)
    await send()
    assert len(office.letters) == 1


async def _account(instance, person):
    async with instance.db.read() as query:
        return await query.first(select(Account.__table__).where(Account.__table__.c.id == person.account_id))


async def test_no_name_and_no_title_gets_out_of_its_line(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once")
    top = await square.say("The outer berth was costed twice.", kestrel)
    reply = await square.say("One.", ines, under=top)
    evil = "\u202egnp.exe\r\nBcc: all@harbour.example " + "x" * 60
    comments = Comment.__table__
    async with begin(instance.db) as work:
        named = update(comments).where(comments.c.id == reply)
        await work.q.run(named.values(name=evil[:80], html="<p>\u202eOne.</p>"))
    await send()
    (letter,) = office.letters
    assert office.to == [ADDRESS] and letter["Bcc"] is None
    assert "gnp.exe Bcc: all@harbour.example" in letter["Subject"] and len(letter["Subject"]) <= 150
    assert not set("\u202e\u2066\u2069\r\n") & set(letter["Subject"])
    assert "\u202e" not in office.text() and "\u202e" not in office.html() and "\nBcc:" not in office.text()


async def test_a_mail_speaks_the_language_that_was_chosen(square, ines, kestrel, send, office, instance):
    await wants(instance, kestrel, "at_once", lang="ar")
    top = await square.say("The outer berth was costed twice.", kestrel)
    await square.say("One.", ines, under=top)
    await send()
    assert '<html lang="ar" dir="rtl">' in office.html() and "Read and reply" not in office.html()
    assert "replied to you" not in office.letters[0]["Subject"] and "?lang=ar" in office.text()


async def test_a_badge_that_ends_soon_is_mailed_to_who_asked(square, ines, send, office, instance):
    await square.set(ines, email="ines@harbour.example", email_confirmed_at=HALF_PAST_FOUR)
    await wants(instance, ines, "at_once")
    clock.advance(seconds=1)
    async with begin(instance.db) as work:
        work.record("identity.ending", subject_id=ines.account_id, attestation_id=ines.attestation_id)
    await send()
    assert office.letters[0]["Subject"] == "Your badge ends soon" and "/account?lang=en#badge" in office.text()
    clock.advance(days=1)
    await send()
    assert len(office.letters) == 1
