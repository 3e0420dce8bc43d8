"""The whole path of a comment from what was typed to what is stored: facts, screening, markup, then one transaction.

Called by the fronts; `actions.py` holds what happens inside the transaction.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from commentbox.server import articles, threads
from commentbox.server.accounts import names
from commentbox.server.accounts.actions import hold_name
from commentbox.server.accounts.models import Account
from commentbox.server.accounts.mutes import mutes
from commentbox.server.accounts.queries import measures_of, reach_of
from commentbox.server.accounts.rules import Grant, forbids_posting, holds_first, label_of, mute_code
from commentbox.server.base import clock
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.errors import Forbidden, Invalid, NotFound, Unauthenticated
from commentbox.server.base.signing import Keyring, written_code, written_code_hash
from commentbox.server.base.work import Work, begin
from commentbox.server.comments import actions, budgets, helping, mentions, nudges
from commentbox.server.comments.again import Twin, posted_before
from commentbox.server.comments.drafts import Author, Draft, Pace, Posted
from commentbox.server.comments.helping import Place
from commentbox.server.comments.judging import Here, facts_of, judged
from commentbox.server.comments.mentions import Named
from commentbox.server.comments.models import Comment
from commentbox.server.comments.rules import check_owner
from commentbox.server.screening import pipeline
from commentbox.server.screening.classifiers.asking import NO_HELP, Help
from commentbox.server.screening.drafts import Facts
from commentbox.server.screening.phases import of_tier
from commentbox.server.sites.rules import Policy
from commentbox.server.threads import ArticleRef
from commentbox.server.verification.speaking import Speaker

MINUTE = timedelta(minutes=1)
_comments = table_of(Comment)
_accounts = table_of(Account)


@dataclass(frozen=True)
class Writer:
    """Whoever writes: somebody signed in, or a guest with a name. `address` is a keyed hash; `seen_from` is the address itself,
    in memory only, and only where the operator lets a helper have it.
    """

    address: str
    speaker: Speaker | None = None
    grants: tuple[Grant, ...] = ()
    guest_name: str = ""
    guest_code: str = ""
    as_guest: bool = False
    seen_from: str = field(default="", repr=False)

    def on(self, site_id: str) -> "Writer":
        """Give who writes on a site: nobody signed in, where the session was handed over for another one."""
        here = self.speaker is None or self.speaker.counts_on(site_id)
        return self if here else replace(self, speaker=None, grants=())


@dataclass(frozen=True)
class Submission:
    """What was typed, and where. `key` is the client's own for this draft; without one we make do (see `_twin`).

    `nudged` says that its writer was asked to think again, `anyway` that it is to be posted as it is.
    """

    slug: str
    ref: ArticleRef
    text: str
    parent_id: str | None = None
    key: str | None = None
    nudged: bool = False
    anyway: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a submission. `guest_code` is shown this once."""

    posted: Posted
    guest_code: str | None = None


async def submit(
    db: Database, keyring: Keyring, writer: Writer, submission: Submission, *, our_origin: str, help: Help = NO_HELP
) -> Outcome:
    """Post what somebody typed. Refuses everything screening, threads, names, reach and standing refuse, and `comment.nudge…`.

    The same submission sent again (a double click, a retry) gives the first one's result; other words with the key of
    an earlier one are refused.
    """
    async with db.read() as query:
        site = await threads.find(query, submission.slug, submission.ref)
        if site is None:
            raise NotFound("site.unknown", site=submission.slug[:60])
        writer = writer.on(site.site_id)
        twin = _twin(writer, submission)
        code = None if writer.speaker else await _known_code(query, writer)
        policy = threads.policy_of(site, now=clock.now())
        here = Here(site.site_id, site.thread_id, policy.refused_days)
        facts = await facts_of(query, writer.speaker, here)
        _check_age(site, policy)
        reach = await _reach_of_parent(query, submission.parent_id, writer)
        # Looked up after the facts: a twin that commits in between must be found here, not refused as a duplicate.
        before, key = await posted_before(query, twin) or (None, str(twin.key))
        code = _guest_code(keyring, key) if code == "" else code
        if before:
            return Outcome(before, code)
        await budgets.check(query, writer.address, policy)
        people = await mentions.meant(query, site.thread_id, submission.text)
    author = _author(writer, site.site_id, policy=policy, code=code)
    async with budgets.refusals_counted(db, writer.address):
        place = Place(help, *_where(site, submission), address=writer.seen_from)
        draft = await _judged_with_help(submission.text, author, facts, policy=policy, place=place)
        if draft.has_heat and not submission.anyway:
            await nudges.ask(db, site.site_id, author, draft, again=submission.nudged)
        draft = replace(
            draft, mentions=_mentioned(people, author), parent_id=submission.parent_id, post_key=key, **reach
        )
        draft = replace(draft, pace=_pace(policy, author.tier))
        thread_id = site.thread_id
        if thread_id is None:
            thread_id = await articles.open_thread(db, keyring, _opening(site, submission, our_origin))
        async with begin(db, actor=author.account_id) as work:
            if site.thread_id and site.named_by_url not in (None, site.thread_id):
                await _tell_desk(work, site, submission.ref)
            await budgets.take_post(work, author, writer.address, policy=policy)
            draft = await _under_measures(work, author, draft, site_id=site.site_id)
            author = await _under_a_name(work, author, writer)
            posted = await actions.post(work, author, draft, thread_id=thread_id)
            if submission.nudged:
                await nudges.heeded(work, site.site_id, author, draft, posted)
            if draft.unheard and posted.state == "published" and not posted.again:
                helping.ask_later(work, posted.id, 1, draft.unheard)
    return Outcome(posted, code)


async def may_begin(db: Database, keyring: Keyring, address: str, submission: Submission, *, our_origin: str) -> None:
    """Make sure that comments open on the article of a submission that is only begun: nobody shall write for nothing.

    Opens the thread, as posting would. Refuses `article.…` and `limit.reached`.
    """
    async with db.read() as query:
        site = await threads.find(query, submission.slug, submission.ref)
    if site is None:
        raise NotFound("site.unknown", site=submission.slug[:60])
    if site.thread_id:
        return
    async with begin(db) as work:
        await budgets.take_look(work, address)
    await articles.open_thread(db, keyring, _opening(site, submission, our_origin))


def _opening(site: Row[Any], submission: Submission, our_origin: str) -> articles.Opening:
    """Say what it takes to open the thread of an article that has none."""
    signed_by = threads.policy_of(site, now=clock.now()).tag_key_version
    return articles.Opening(site.site_id, submission.slug, submission.ref, our_origin, signed_by)


def _check_age(site: Row[Any], policy: Policy) -> None:
    old = threads.closes_at(site, policy)
    if old is not None and old <= clock.now():
        raise Forbidden("thread.closed_by_age", days=policy.close_after_days)


async def _tell_desk(work: Work, site: Row[Any], ref: ArticleRef) -> None:
    """Tell the desk that a page names two threads. Rare, and only then does it cost a statement."""
    named = {"thread_id": site.thread_id, "other_id": site.named_by_url}
    await threads.note_named_twice(work, site.site_id, str(ref.url), **named)


def _where(site: Row[Any], submission: Submission) -> tuple[str, str, str, bool]:
    """Give language and name of the site, the article's address, and whether it is a reply."""
    return site.lang, site.slug, site.url or submission.ref.url or "", submission.parent_id is not None


async def revise(db: Database, writer: Writer, comment_id: str, text: str, *, help: Help = NO_HELP) -> Posted:
    """Edit one's own comment. Refuses `comment.unknown` to strangers, and what screening and the window refuse."""
    async with db.read() as query:
        before = await own_comment(query, writer, comment_id)
        policy = await threads.policy_for(query, before.thread_id, now=clock.now())
        here = Here(before.site_id, None, policy.refused_days)
        facts = await facts_of(query, writer.speaker, here, without=comment_id)
        reach = await _reach_of_parent(query, before.parent_id, writer)
        await budgets.check_refused(query, writer.address, policy)
        people = await mentions.meant(query, before.thread_id, text)
        known = await helping.comment_in_place(query, comment_id) if policy.outside_help else None
    place = helping.place_of(help, known, address=writer.seen_from) if known else Place()
    author = _author_again(before, writer)
    async with budgets.refusals_counted(db, writer.address):
        draft = await _judged_with_help(text, author, facts, policy=policy, place=place)
        draft = replace(draft, mentions=_mentioned(people, author), **reach)
        async with begin(db, actor=author.account_id) as work:
            await budgets.take_edit(work, author)
            comment = await own_comment(work.q, writer, comment_id)
            draft = await _under_measures(work, author, draft, site_id=comment.site_id)
            state = await actions.edit(work, comment, author, draft, window_minutes=policy.edit_minutes)
            if draft.unheard and state == "published":
                helping.ask_later(work, comment.id, comment.revision + 1, draft.unheard)
    return Posted(comment.id, comment.thread_id, state, draft.hold_rule if state == "held" else None)


def preview(text: str, *, policy: Policy) -> str:
    """Give the HTML that posting a text would make. Refuses `comment.empty`, `comment.too_long`, `comment.unreadable`."""
    return judged(text, Author(name=""), Facts(), policy=policy).html


async def withdraw(db: Database, writer: Writer, comment_id: str) -> Posted:
    """Take back one's own comment. Refuses `comment.unknown` to strangers."""
    account_id = writer.speaker.account_id if writer.speaker else None
    async with begin(db, actor=account_id) as work:
        comment = await own_comment(work.q, writer, comment_id)
        await actions.withdraw(work, comment)
    return Posted(comment.id, comment.thread_id, "withdrawn", None)


async def own_comment(query: Query, writer: Writer, comment_id: str) -> Row[Any]:
    """Give a comment to the one who wrote it. Refuses `comment.unknown` to everybody else."""
    row = await query.first(select(_comments).where(_comments.c.id == comment_id))
    if row is None:
        raise NotFound("comment.unknown", comment=comment_id)
    speaker = writer.on(row.site_id).speaker
    account_id = speaker.account_id if speaker else None
    code_hash = guest_code_hash(writer.guest_code) if writer.guest_code else None
    check_owner(row, account_id=account_id, guest_code_hash=code_hash)
    return row


def guest_code_hash(code: str) -> str:
    """Give what is stored of a guest's code; spaces, dashes and case do not matter."""
    return written_code_hash("guest:", code)


async def _known_code(query: Query, writer: Writer) -> str:
    """Give the code a guest typed, '' for none. Refuses `guest.code_unknown`: one of their own making could be guessed."""
    if not writer.guest_code:
        return ""
    known = select(_comments.c.id).where(_comments.c.guest_code_hash == guest_code_hash(writer.guest_code)).limit(1)
    if await query.first(known) is None:
        raise Invalid("guest.code_unknown")
    return writer.guest_code


def _guest_code(keyring: Keyring, key: str) -> str:
    """Make the code of a guest's comment. Derived, so that the second half of a double click brings the same one."""
    return written_code(bytes.fromhex(keyring.mac("guest-code", key)))


def _author(writer: Writer, site_id: str, *, policy: Policy, code: str | None) -> Author:
    """Say who speaks. Refuses `session.missing` to somebody who is neither signed in nor means to be a guest."""
    if writer.speaker is not None:
        return _speaking(writer.speaker, writer.grants, site_id)
    if not writer.guest_name and not writer.as_guest:
        raise Unauthenticated("session.missing")
    if not policy.guests:
        raise Forbidden("guest.refused")
    return Author(name=names.check(writer.guest_name).display, guest_code_hash=guest_code_hash(code or ""))


def _speaking(speaker: Speaker, grants: tuple[Grant, ...], site_id: str) -> Author:
    return Author(
        name=speaker.name,
        account_id=speaker.account_id,
        kind=speaker.kind,
        tier=speaker.tier,
        attestation_id=speaker.attestation_id,
        label=label_of(grants, site_id),
    )


def _author_again(comment: Row[Any], writer: Writer) -> Author:
    """Say as whom a comment is edited: a guest, known by the code alone, keeps the name and stays one."""
    if comment.account_id is None or writer.speaker is None:
        return Author(name=comment.name, guest_code_hash=comment.guest_code_hash)
    return _speaking(writer.speaker, writer.grants, comment.site_id)


async def _reach_of_parent(query: Query, parent_id: str | None, writer: Writer) -> dict[str, Any]:
    """Say whom the author of the parent hears from, and whether one of the two has muted the other, as fields of a draft.

    Nobody's comment and one's own reach everybody.
    """
    if parent_id is None:
        return {}
    me = writer.speaker.account_id if writer.speaker else ""
    columns = (_accounts.c.id, reach_of(_comments.c.label).label("reach"))
    silence = (mutes(_accounts.c.id, me).label("mutes_me"), mutes(me, _accounts.c.id).label("muted_by_me"))
    joined = _comments.join(_accounts, _accounts.c.id == _comments.c.account_id)
    parent = await query.first(select(*columns, *silence).select_from(joined).where(_comments.c.id == parent_id))
    if parent is None or parent.id == me:
        return {}
    muted = mute_code(mutes_me=parent.mutes_me, muted_by_me=parent.muted_by_me)
    return {"parent_reach": str(parent.reach), "parent_muted": muted}


def _mentioned(people: list[Named], author: Author) -> tuple[str, ...]:
    return mentions.check(people, account_id=author.account_id, speaks_verified=author.tier == "verified")


async def _judged_with_help(text: str, author: Author, facts: Facts, *, policy: Policy, place: Place) -> Draft:
    """Screen; then, where the site asks outside help and nothing holds the text yet, once more with what help said."""
    draft = judged(text, author, facts, policy=policy)
    if not policy.outside_help or draft.hold_rule:
        return draft
    facts, unheard = await helping.hear(place, draft.text, facts, tier=author.tier, policy=policy)
    score = helping.tenths(facts.score)
    return replace(judged(text, author, facts, policy=policy), unheard=unheard, score=score)


def _pace(policy: Policy, tier: str) -> Pace:
    an_hour = of_tier(policy, "posts_per_hour_thread", tier)
    watched = an_hour < of_tier(policy, "posts_per_hour", tier)  # else the account's own budget ends first
    return Pace(of_tier(policy, "slow_seconds", tier), an_hour if watched else 0, policy.heat_seconds)


async def _under_measures(work: Work, author: Author, draft: Draft, *, site_id: str) -> Draft:
    """Refuse `standing.…` to somebody silenced or banned; hold the words of somebody who is held first."""
    if author.account_id is None:
        return draft
    measures = await measures_of(work.q, author.account_id, site_id=site_id, now=work.now)
    if blocking := forbids_posting(measures):
        until = blocking.until.isoformat() if blocking.until else None
        raise Forbidden(f"standing.{blocking.kind}", until=until, statement=blocking.statement_id)
    return replace(draft, hold_rule=draft.hold_rule or "held_first") if holds_first(measures) else draft


async def _under_a_name(work: Work, author: Author, writer: Writer) -> Author:
    """Hold a guest's name, and show it with its number where it gave way to a verified namesake."""
    if author.account_id is not None:
        return author
    number = await hold_name(work, names.check(writer.guest_name), guest_code_hash=author.guest_code_hash)
    return replace(author, name=names.shown(author.name, number))


def _twin(writer: Writer, submission: Submission) -> Twin:
    """Say what makes two submissions to one place one: the client's key, or author and text within one minute.

    Minutes have ends, and a double click may fall across one: so the key of the minute before counts for a minute, too.
    """
    now = clock.now()
    text_hash = pipeline.text_hash(pipeline.cleaned(submission.text))
    minutes = (int(each.timestamp() // 60) for each in (now, now - MINUTE))
    one, before = (_post_key(writer, submission, submission.key or f"{text_hash}\0{each}") for each in minutes)
    return Twin(one, text_hash, earlier=before, since=now - MINUTE)


def _post_key(writer: Writer, submission: Submission, what: str) -> str:
    guest = writer.guest_code or f"{writer.address}\0{writer.guest_name}"
    who = writer.speaker.account_id if writer.speaker else guest
    where = (submission.slug, submission.ref.article_id or "", submission.ref.url or "", submission.parent_id or "")
    return hashlib.sha256("\0".join((str(who), *where, what)).encode("utf-8", "replace")).hexdigest()
