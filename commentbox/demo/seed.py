"""Fills an empty database with the Gazette, its people and everything they said and did, through the rooms themselves.

One transaction: a demo that was interrupted begins anew. The moments are in the past and ascend, as the journal wants it.
"""

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from commentbox.demo import conversation, deeds, news
from commentbox.demo.conversation import Conversation, Person
from commentbox.demo.deeds import Stage
from commentbox.server import threads
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import names
from commentbox.server.accounts.reserving import reserve_paper
from commentbox.server.base.db import Query
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.instance import Instance
from commentbox.server.sites import actions as sites
from commentbox.server.threads import ArticleRef
from commentbox.server.verification import actions as verification
from commentbox.server.verification.providers.port import Result

SLUG = "gazette"
PAPER_NAME = "The Harbour Gazette"
LONG_ARTICLE = "inner-harbour-vote"
DAY = 24 * 60
FOUNDED = 500 * DAY
POLICY: dict[str, Any] = {
    "guests": True,
    "mail_links": True,
    # So that a visitor can see a hold happen: the first link of an unverified person, and two words of the quay.
    "links_before_hold_unverified": 0,
    "held_words": ["bloody", "arse"],
}
ROLES = {"author": ("author",), "staff": ("staff",), "subscriber": ("subscriber",)}
MODERATOR = "ruth"


@dataclass(frozen=True)
class Step:
    """Something that happened, so many minutes before the present."""

    minutes_ago: float
    do: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Seeded:
    """What was made."""

    site_id: str
    accounts: int
    comments: int


async def is_seeded(query: Query) -> bool:
    """Say whether the Gazette is there already."""
    return any(site.slug == SLUG for site in await sites.every(query))


async def seed(instance: Instance, *, paper: str) -> Seeded:
    """Make the site with the origin `paper`, its people and conversations, and say what was made."""
    talk = conversation.load()
    async with begin(instance.db) as work:
        stage = Stage(work=work, talk=talk, site_id=await _found(work, paper))
        present = work.now
        for step in sorted(_steps(stage, instance, paper), key=lambda step: -step.minutes_ago):
            work.now = present - timedelta(minutes=step.minutes_ago)
            work.actor = None
            await step.do()
        work.now = present
        await _recommend_all(stage)
    return Seeded(stage.site_id, len(stage.accounts), len(stage.comments))


async def register_articles(work: Work, site_id: str, paper: str) -> dict[str, str]:
    """Make sure that every article and letter has a thread at the paper's present address; give their ids."""
    printed: tuple[news.Article | news.Letter, ...] = (*news.articles(), *news.letters())
    return {
        each.id: await threads.register(
            work, site_id, ArticleRef(each.id, paper + each.path), title=each.title, source="demo"
        )
        for each in printed
    }


async def printed(query: Query) -> datetime:
    """Say which day the paper is from, so that a demo that is started again shows the same dates."""
    found = await threads.find(query, SLUG, ArticleRef(LONG_ARTICLE))
    if found is None or found.created_at is None:
        raise ValueError(f"the demo's data have no site {SLUG!r} with its articles: remove the folder and begin anew")
    moment: datetime = found.created_at
    return moment + timedelta(minutes=_article(LONG_ARTICLE).minutes_ago)


def _article(article_id: str) -> news.Article:
    return next(article for article in news.articles() if article.id == article_id)


async def _found(work: Work, paper: str) -> str:
    """Make the site, long ago."""
    present, work.now = work.now, work.now - timedelta(minutes=FOUNDED)
    site_id = await sites.create(work, SLUG, name=PAPER_NAME, origins=[paper], lang="en-GB")
    await sites.set_policy(work, site_id, **POLICY)
    await reserve_paper(work, PAPER_NAME)
    work.now = present
    return site_id


def _steps(stage: Stage, instance: Instance, paper: str) -> Iterator[Step]:
    """Give everything that happens: people come, articles are printed, and then the talk."""
    for number, person in enumerate(stage.talk.people.values()):
        if not person.guest:
            yield from _arrivals(stage, instance, person, number=number)
    for article in news.articles():
        yield Step(article.minutes_ago, partial(_print, stage, article, paper))
    for letter in news.letters():
        yield Step(5 * DAY, partial(_print_letter, stage, letter, paper))
    for article_id, line in stage.talk.lines():
        yield from (Step(*each) for each in deeds.steps_of(stage, article_id, line))


def _arrivals(stage: Stage, instance: Instance, person: Person, *, number: int) -> Iterator[Step]:
    joined = (430 - 6 * number) * DAY
    # Spread over the year before, so that the panels name different months.
    verified = person.verified_minutes_ago or (410 - 17 * number % 380) * DAY
    yield Step(max(joined, verified + DAY), lambda: _sign_up(stage, person))
    if person.verified():
        yield Step(verified, lambda: _verify(stage, instance, person))


async def _sign_up(stage: Stage, person: Person) -> None:
    account_id = await accounts.sign_up(stage.work, names.check(person.name))
    stage.accounts[person.key] = account_id
    for role in ROLES.get(person.label, ()):
        await accounts.grant(stage.work, account_id, role, site_id=stage.site_id)
    if person.key == MODERATOR:
        await accounts.grant(stage.work, account_id, "moderator", site_id=stage.site_id)
        stage.moderator_id = account_id
    if person.reach != "everyone":
        await accounts.set_reach(stage.work, account_id, person.reach)


async def _verify(stage: Stage, instance: Instance, person: Person) -> None:
    """Give the badge as the demo provider's answer would; the person's key is made from the demo's own issuer."""
    result = Result(
        outcome="verified",
        issuer="https://demo.invalid",
        uniqueness="person",
        assurance="substantial",
        method=person.method,
        time=stage.work.now,
        provider_class="demo",
        subject=f"seeded:{person.key}",
        stated_name=person.name if person.kind == "name" else None,
    )
    claimed = verification.Claimed(id="", account_id=stage.accounts[person.key], provider="demo", keep={})
    months = instance.settings.badge_months
    await verification.complete(stage.work, claimed, result, keyring=instance.keyring, badge_months=months)
    stage.attestations[person.key] = await deeds.attestation_of(stage.work.q, claimed.account_id)


async def _print(stage: Stage, article: news.Article, paper: str) -> None:
    ref = ArticleRef(article.id, paper + article.path)
    writer = stage.accounts[article.writer]
    stage.threads[article.id] = await threads.register(
        stage.work, stage.site_id, ref, title=article.title, source="demo", author_id=writer
    )


async def _print_letter(stage: Stage, letter: news.Letter, paper: str) -> None:
    ref = ArticleRef(letter.id, paper + letter.path)
    stage.threads[letter.id] = await threads.register(stage.work, stage.site_id, ref, title=letter.title, source="demo")


async def _recommend_all(stage: Stage) -> None:
    """Let as many people as the data say recommend each comment, always the same ones."""
    shown = [(article, line) for article, line in stage.talk.lines() if line.state == "published"]
    voters = {stage.comments[article, line.n]: _voters(stage.talk, article, line) for article, line in shown}
    await deeds.recommend(stage, voters)


def _voters(talk: Conversation, article: str, line: conversation.Line) -> list[str]:
    everyone, by_verified = line.recommends
    chance = Random(hashlib.sha256(f"{article}/{line.n}".encode()).digest())
    others = [person for person in talk.people.values() if not (person.guest or person.left or person.key == line.by)]
    verified = [person.key for person in others if person.verified()]
    unverified = [person.key for person in others if not person.verified()]
    return chance.sample(verified, by_verified) + chance.sample(unverified, everyone - by_verified)
