"""The pace of a thread holds inside the transaction, too: of two comments sent in the same moment one passes."""

import asyncio

import pytest

from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.signing import Keyring
from commentbox.server.comments import posting
from commentbox.server.comments.models import Comment
from commentbox.server.comments.posting import Outcome, Submission, Writer
from commentbox.server.threads import ArticleRef
from commentbox.server.verification.speaking import Speaker
from tests.counting import statements
from tests.factories import ARTICLE, Person, how_many, make_person, make_site, make_talk, make_thread


def speaker(person: Person) -> Speaker:
    """Give somebody without a badge, signed in."""
    return Speaker(
        session_id="s",
        session_kind="top",
        site_id=None,
        by_passkey=False,
        fresh_at=None,
        account_id=person.account_id,
        name=person.name,
        reach="everyone",
        show=None,
        badge_kind="none",
        badge_id=None,
    )


async def sent(db: Database, keyring: Keyring, person: Person, *texts: str, key: str | None = None) -> list[object]:
    """Send texts at once, and give what became of each."""
    writer = Writer(address="a", speaker=speaker(person))
    submitted = [Submission("gazette", ArticleRef(url=ARTICLE), text, key=key) for text in texts]
    posts = [posting.submit(db, keyring, writer, each, our_origin="http://comments.localhost") for each in submitted]
    return await asyncio.gather(*posts, return_exceptions=True)


@pytest.mark.parametrize(
    "policy, code",
    [
        ({"slow_seconds_unverified": 90}, "comment.too_soon"),
        ({"posts_per_hour_thread_unverified": 1}, "comment.too_many_here"),
    ],
)
async def test_of_comments_sent_in_one_moment_no_more_pass_than_the_pace_allows(
    db: Database, keyring: Keyring, policy: dict[str, int], code: str
) -> None:
    await make_talk(db, **policy)
    person = await make_person(db)
    outcomes = await sent(db, keyring, person, "One.", "Two.", "Three.")
    passed = [each for each in outcomes if isinstance(each, Outcome)]
    refused = [each for each in outcomes if isinstance(each, Refusal)]
    assert len(passed) == 1 and [each.code for each in refused] == [code] * 2
    assert all(0 < each.data["seconds"] <= 3601 for each in refused)
    assert await how_many(db, Comment) == 1


async def test_a_double_click_is_one_comment_where_a_pause_is_kept(db: Database, keyring: Keyring) -> None:
    await make_talk(db, slow_seconds_unverified=90)
    outcomes = await sent(db, keyring, await make_person(db), "Once.", "Once.", key="draft 1")
    assert len({each.posted.id for each in outcomes if isinstance(each, Outcome)}) == 1
    assert all(isinstance(each, Outcome) for each in outcomes)


async def test_a_pause_costs_no_statement(db: Database, keyring: Keyring) -> None:
    person, costs = await make_person(db), []
    for number, policy in enumerate(({}, {"slow_seconds_unverified": 1})):
        site_id = await make_site(db, f"paper-{number}", origins=[f"http://{number}.localhost"], **policy)
        await make_thread(db, site_id)
        submission = Submission(f"paper-{number}", ArticleRef(url=ARTICLE), f"Words {number}.")
        with statements(db) as asked:
            await posting.submit(
                db, keyring, Writer("a", speaker=speaker(person)), submission, our_origin="http://comments.localhost"
            )
        costs.append(len(asked))
    assert costs[0] == costs[1]
