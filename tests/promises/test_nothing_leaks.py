"""No search, feed, embed, history, list of people or head of a page tells what the reader's choice hides, or what nobody
may see: held, removed, withdrawn, and taken back from its tier by a revocation.

PRODUCT.md, "Filtering and limiting": one rule everywhere. Every way out of a thread is asked under every choice.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from sqlalchemy import update

from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.comments.models import Revision
from commentbox.server.verification.models import Attestation
from tests.factories import ARTICLE, START, Talk, make_person, make_talk
from tests.visitor import Visitor

PLACE = {"site": "gazette", "url": ARTICLE}
STATES = ("held", "removed", "withdrawn", "deleted")
HERE = "http://comments.localhost:8000"


def said(state: str, tier: str) -> str:
    """Give words, and a name, that stand for a comment of this state and tier and for no other."""
    return f"zq{state}zq{tier}"


async def everything(db: Database) -> tuple[Talk, dict[str, str]]:
    """Let one comment of each state and tier be said below one that everybody sees, and one above a visible reply."""
    clock.set(START + timedelta(hours=1))
    talk, ids = await make_talk(db), {}
    verified = await make_person(db, "Ines Halloran", kind="name")
    top = talk.say("common top", by=verified)
    for state in ("published", *STATES):
        for tier in ("verified", "unverified"):
            words = said(state, tier)
            who = await make_person(db, f"{words} name", kind="person" if tier == "verified" else "none")
            # What is kept of a removed or held text stands in the row; withdrawn and deleted ones are empty there.
            text = "" if state in ("withdrawn", "deleted") else f"common {words}"
            ids[words] = talk.say(text, under=top, by=who, state=state, edited_at=START)
            talk.say("common reply", under=ids[words], by=verified)
    revoked = await make_person(db, f"{said('revoked', 'x')} name", kind="person")
    ids[said("revoked", "x")] = talk.say(f"common {said('revoked', 'x')}", under=top, by=revoked)
    await talk.save(db)
    async with db.write() as query:
        # The job that takes the tier back has not come yet: the page must not wait for it, and nothing else either.
        attestation = Attestation.__table__
        gone = update(attestation).where(attestation.c.id == revoked.attestation_id)
        await query.run(gone.values(revoked_at=START))
        await query.run(update(Revision.__table__).values(shown_at=START))
    return talk, ids


def ways(ids: dict[str, str], show: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Give every public way out of a thread, as path and query."""
    look = {"show": show}
    for path in ("/embed/thread", "/thread", "/feed.atom", "/feed.json", "/include", "/embed/people"):
        yield path, PLACE | look
    for path in ("/feed.atom", "/feed.json", "/api/v1/comments/latest"):
        yield path, {"site": "gazette"} | look
    for path in ("/api/v1/threads/comments", "/api/v1/comments/latest"):
        yield path, PLACE | look
    for words in ("common", "zq", "name"):
        for path in ("/embed/thread", "/thread"):
            yield path, PLACE | look | {"q": words}
    for comment in ids.values():
        yield f"/comment/{comment}", look
        yield f"/history/{comment}", look
        yield "/oembed", look | {"url": f"{HERE}/c/{comment}"}
        yield "/thread", PLACE | look | {"comment": comment, "write": "quote"}
        yield "/embed/thread", PLACE | look | {"comment": comment}


async def test_no_way_out_of_a_thread_tells_what_is_hidden_or_not_published(
    db: Database, new_visitor: Callable[..., Visitor]
) -> None:
    _, ids = await everything(db)
    visitor = new_visitor()
    for show in ("everyone", "fold", "verified"):
        never = {said(state, tier) for state in STATES for tier in ("verified", "unverified")}
        never |= {said("published", "unverified"), said("revoked", "x")} if show == "verified" else set()
        told: set[str] = set()
        for path, asked in ways(ids, show):
            answer = await visitor.client.get(path, params=asked)
            # What was asked for may come back: in the field for words, and in addresses.
            leaked = {words for words in never if words in answer.text}
            assert not leaked, (path, asked, leaked)
            told |= {words for words in ids if words in answer.text}
        assert told == ids.keys() - never, show


async def test_the_numbers_of_a_search_are_those_of_what_may_be_seen(db: Database, visitor: Visitor) -> None:
    await everything(db)
    for show, shown, hidden in (("everyone", 14, None), ("verified", 12, "2 comments from unverified people")):
        page = await visitor.frame("/embed/thread", params=PLACE | {"q": "common", "show": show})
        assert f"{shown} comments have these words." in page.text
        assert (hidden in page.text) if hidden else ("are hidden" not in page.text)
        assert len(re.findall(r"Show it in its place", page.text)) == shown


async def test_a_step_tells_nobody_who_wrote_what_is_not_shown(db: Database, visitor: Visitor) -> None:
    talk = await make_talk(db)
    tide, ines = await make_person(db, "Tide"), await make_person(db, "Ines", kind="name")
    removed, first = talk.say(by=tide, state="removed"), talk.say(by=tide)
    held, second = talk.say(by=tide, state="held"), talk.say(by=tide)
    talk.say(under=removed, by=ines)
    await talk.save(db)

    async def led(comment: str, step: str, show: str = "everyone") -> str:
        asked = PLACE | {"comment": comment, "step": step, "show": show}
        answer = await visitor.open("/embed/step", params=asked)
        return answer.headers["location"].split("#c-")[1]

    assert (await led(first, "next"), await led(second, "previous")) == (second, first)
    assert (await led(second, "next"), await led(first, "previous")) == (second, first), (
        "the removed one is passed over"
    )
    assert [await led(each, "next") for each in (removed, held)] == [removed, held]
    assert await led(first, "next", "verified") == first
