"""A thread in which people answer each other, and what each of them hears of it: real posting, real journal, real bell."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import select, update

from commentbox.server.accounts.models import Account
from commentbox.server.base import following, journal
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments import actions
from commentbox.server.comments.drafts import Author, Draft
from commentbox.server.comments.models import Comment
from commentbox.server.notifications import bell
from commentbox.server.notifications import following as news
from tests.factories import Person, make_site, make_thread

LISTEN = partial(news.listen, digest_hour=6)


@dataclass
class Square:
    """One thread on one site."""

    db: Database
    site_id: str
    thread_id: str

    async def say(self, text: str, by: Person | None, *, under: str | None = None, held: bool = False) -> str:
        """Post a comment, and give its id; without a person it is a guest's."""
        author = Author(**by.columns()) if by else Author("Guest", guest_code_hash="code")
        draft = Draft(text, f"<p>{text}</p>", text, hold_rule="links" if held else None, parent_id=under)
        async with begin(self.db, actor=author.account_id) as work:
            return (await actions.post(work, author, draft, thread_id=self.thread_id)).id

    async def change(self, action: Any, comment_id: str, **more: Any) -> None:
        """Do something to a comment: one of the actions of its room."""
        async with begin(self.db) as work:
            row = await work.q.first(select(Comment.__table__).where(Comment.__table__.c.id == comment_id))
            await action(work, row, **more)

    async def mention(self, comment_id: str, *people: Person) -> None:
        """Note that a comment mentions people, as whoever posts it does."""
        async with begin(self.db) as work:
            for each in people:
                work.record("comment.mentioned", subject_id=comment_id, account=each.account_id)

    async def hear(self) -> None:
        """Seal the journal and let the bell follow it to its end."""
        while await journal.seal(self.db):
            pass
        while await following.follow(self.db, news.NAME, LISTEN, kinds=news.KINDS):
            pass

    async def bell(self, person: Person) -> list[tuple[str, str]]:
        """Give what somebody finds under the bell, newest first; the number on it must fit."""
        async with self.db.read() as query:
            rows = await bell.newest(query, person.account_id)
            number = await bell.unseen(query, person.account_id)
        assert number == sum(row.seen_at is None for row in rows)
        return [(row.kind, row.subject_id) for row in rows]

    async def set(self, person: Person, **columns: Any) -> None:
        """Change columns of an account."""
        accounts = Account.__table__  # type: ignore[attr-defined]
        async with begin(self.db) as work:
            await work.q.run(update(accounts).where(accounts.c.id == person.account_id).values(columns))


async def make_square(db: Database) -> Square:
    """Make a site with one empty thread."""
    site_id = await make_site(db)
    return Square(db, site_id, await make_thread(db, site_id))
