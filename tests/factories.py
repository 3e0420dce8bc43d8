"""Small things to test with: a site, a thread, accounts, and whole talks of comments with their counters right.

Rows are written as they would stand after the actions that make them; tests of those actions call the actions.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, select, update

from commentbox.server import threads
from commentbox.server.accounts.models import Account
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.ids import encode, new_id
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.comments.rules import counts
from commentbox.server.sites import actions as sites
from commentbox.server.threads import ArticleRef, Thread
from commentbox.server.verification.models import Attestation
from commentbox.server.verification.providers.port import Result

PAPER = "http://news.localhost:8001"
ARTICLE = f"{PAPER}/harbour"
START = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
"""When the talks of these tests begin; each comment comes a minute later than the one before."""
_numbers = count(1)
_blank = Comment(id="", site_id="", thread_id="", hangs_on="", name="", state="", text="", html="", created_at=START)
_EMPTY = {column.name: getattr(_blank, column.name) for column in Comment.__table__.columns if column.computed is None}
"""A comment's columns with their defaults."""


async def make_site(db: Database, slug: str = "gazette", *, origins: list[str] | None = None, **policy: Any) -> str:
    """Make a newspaper and give its id."""
    async with begin(db) as work:
        site_id = await sites.create(work, slug, name="The Harbour Gazette", origins=origins or [PAPER])
        if policy:
            await sites.set_policy(work, site_id, **policy)
    return site_id


async def make_thread(db: Database, site_id: str, url: str = ARTICLE, **changes: Any) -> str:
    """Make the thread of an article and give its id; `changes` are columns."""
    async with begin(db) as work:
        ref = ArticleRef(url=url, article_id=changes.pop("article_id", None))
        thread_id = await threads.register(work, site_id, ref, title="Close the inner quay?", source="api")
        if changes:
            await work.q.run(update(Thread.__table__).where(Thread.__table__.c.id == thread_id).values(changes))
    return thread_id


@dataclass(frozen=True)
class Person:
    """An account, and what a comment of theirs carries."""

    account_id: str
    name: str
    kind: str = "none"
    tier: str = "unverified"
    attestation_id: str | None = None

    def columns(self) -> dict[str, Any]:
        """Give the columns of a comment that come from its author."""
        names = ("account_id", "name", "kind", "tier", "attestation_id")
        return {name: getattr(self, name) for name in names}


async def make_person(db: Database, name: str = "", *, kind: str = "none", **changes: Any) -> Person:
    """Make an account; with kind `name` or `person` it is verified, through a bank, in September 2026."""
    number = next(_numbers)
    name = name or f"Person {number}"
    account = Account(id=new_id(START), name=name, created_at=START, **changes)
    async with begin(db) as work:
        if kind != "none":
            attestation = Attestation(
                id=new_id(START),
                account_id=account.id,
                kind=kind,
                name_version=account.name_version,
                method="bank",
                assurance="substantial",
                month=date(2026, 9, 1),
                expires_at=datetime(2028, 9, 15, tzinfo=UTC),
                person_key=f"key {number}",
            )
            account.attestation_id = attestation.id
            await work.q.add(attestation)
        await work.q.add(account)
    tier = "unverified" if kind == "none" else "verified"
    return Person(account.id, name, kind, tier, account.attestation_id)


@dataclass
class Talk:
    """The comments of one thread, said in memory and written at once by `save`."""

    site_id: str
    thread_id: str
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def say(self, text: str = "", *, under: str | None = None, by: Person | None = None, **changes: Any) -> str:
        """Add a comment, published and by an unverified person unless `changes` or `by` say otherwise; give its id."""
        parent = self.rows[under] if under else None
        at = START + timedelta(minutes=len(self.rows))
        comment_id = encode((int(at.timestamp() * 1000) << 32) + next(_numbers))
        tier = "verified" if changes.get("kind", "none") != "none" else "unverified"
        row = {
            "id": comment_id,
            "site_id": self.site_id,
            "thread_id": self.thread_id,
            "parent_id": under,
            "hangs_on": under or self.thread_id,
            "path": "/".join(filter(None, (parent["path"], under))) if parent else "",
            "depth": parent["depth"] + 1 if parent else 0,
            "name": f"Person {len(self.rows)}",
            "tier": tier,
            "state": "published",
            "text": text or f"Comment {len(self.rows)}",
            "created_at": at,
            "published_at": at,
        }
        row |= (by.columns() if by else {}) | changes
        row.setdefault("html", f"<p>{row['text']}</p>")
        self.rows[row["id"]] = row
        return str(row["id"])

    async def save(self, db: Database) -> None:
        """Write everything said, with the counters of ancestors and thread."""
        below = {each: [0, 0] for each in self.rows}
        total, verified_total = 0, 0
        for row in self.rows.values():
            every, verified = counts(row["state"], row["tier"])
            total, verified_total = total + every, verified_total + verified
            for ancestor in filter(None, row["path"].split("/")):
                below[ancestor][0] += every
                below[ancestor][1] += verified
        for each, (every, verified) in below.items():
            self.rows[each] |= {"descendants_all": every, "descendants_verified": verified}
        async with begin(db) as work:
            full = [_EMPTY | row for row in self.rows.values()]
            await work.q.add_all(Comment, full)
            kept = ("text", "html", "tier", "kind", "created_at")
            revisions = [{"comment_id": row["id"], "number": 1, **{n: row[n] for n in kept}} for row in full]
            await work.q.add_all(Revision, revisions)
            thread = update(Thread.__table__).where(Thread.__table__.c.id == self.thread_id)
            await work.q.run(thread.values(total=total, verified_total=verified_total, version=Thread.version + 1))


async def make_talk(db: Database, **site: Any) -> Talk:
    """Make a site with one thread, and give an empty talk for it."""
    site_id = await make_site(db, **site)
    return Talk(site_id, await make_thread(db, site_id))


async def how_many(db: Database, model: Any) -> int:
    """Count the rows of a table."""
    async with db.read() as query:
        return int(await query.scalar(select(func.count()).select_from(model.__table__)))


def verified_answer(subject: str = "ada", **more: Any) -> Result:
    """Give what a provider says about a person, at this moment."""
    usual = {"provider_class": "demo", "issuer": "demo", "uniqueness": "person", "assurance": "low", "method": "bank"}
    return Result(**{"outcome": "verified", "time": clock.now(), "subject": subject} | usual | more)
