"""A desk to test with: a paper with comments, moderators with seats, and the shortest way to decide something."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from commentbox.server import reports
from commentbox.server.accounts.models import Role
from commentbox.server.accounts.queries import grants_of
from commentbox.server.base.db import Database
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import appeals, decisions, rules, rulings, seats, statements
from commentbox.server.moderation.models import Statement
from tests.factories import Person, Talk, make_person, make_talk

RULE = "3-argument-not-person"
FACTS = "It calls the harbour master a crook and gives no source."
REASONS = rules.Reasons(RULE, FACTS)
ANSWER = "We read it again with fresh eyes."


@dataclass
class Newsroom:
    """A site with a talk and its moderators."""

    db: Database
    talk: Talk
    people: dict[str, Person] = field(default_factory=dict)

    async def hire(self, name: str, role: str = "moderator", *, site_id: str | None = None) -> seats.Seat:
        """Give somebody a role on the site ('' for the instance), and their seat at the desk."""
        person = await make_person(self.db, name)
        self.people[name] = person
        async with begin(self.db) as work:
            site = self.talk.site_id if site_id is None else site_id
            await work.q.add(Role(account_id=person.account_id, site_id=site, role=role))
        return await self.seat(person.account_id)

    async def seat(self, account_id: str) -> seats.Seat:
        """Give the seat an account has now."""
        async with self.db.read() as query:
            return await seats.take_seat(query, account_id, await grants_of(query, account_id))

    async def report(self, comment_id: str, *who: str, reason: str = "attack") -> None:
        """Let readers complain about a comment, each once."""
        for each in who:
            async with begin(self.db) as work:
                await reports.report(work, comment_id, reports.Complaint(reason, "Please look.", by=each))

    async def comment(self, comment_id: str) -> Any:
        """Give a comment's row as it stands."""
        async with self.db.read() as query:
            return await query.first(select(Comment.__table__).where(Comment.__table__.c.id == comment_id))

    async def verdict(self, comment_id: str, action: str, **changes: Any) -> decisions.Verdict:
        """Give the verdict of somebody who looks at the case now."""
        row = await self.comment(comment_id)
        async with self.db.read() as query:
            last = await rulings.latest_id(query, comment_id)
        fields: dict[str, Any] = {"seen": rules.Seen(row.revision, row.state, last)}
        if action == "remove":
            fields["reasons"] = REASONS
        return decisions.Verdict(comment_id, action, **{**fields, **changes})

    async def decide(self, seat: seats.Seat, comment_id: str, action: str, **changes: Any) -> rulings.Decided:
        """Look at the case and decide it at once."""
        verdict = await self.verdict(comment_id, action, **changes)
        async with begin(self.db, actor=seat.account_id) as work:
            return await decisions.decide(work, seat, verdict)

    async def undo(self, seat: seats.Seat, decision_id: str) -> rulings.Decided:
        """Take a decision back."""
        async with begin(self.db, actor=seat.account_id) as work:
            return await decisions.undo(work, seat, decision_id)

    async def statements(self, comment_id: str) -> list[Any]:
        """Give every statement about a comment, oldest first."""
        table = Statement.__table__
        async with self.db.read() as query:
            return list(await query.all(select(table).where(table.c.comment_id == comment_id).order_by(table.c.id)))

    async def appeal(self, comment_id: str, text: str = "It was satire, and about a boat.") -> str:
        """Let the author appeal against the newest statement about a comment."""
        statement = (await self.statements(comment_id))[-1]
        owner = statements.Owner((await self.comment(comment_id)).account_id)
        async with begin(self.db, actor=owner.account_id) as work:
            return await appeals.open_appeal(work, statement.id, owner=owner, text=text)

    async def answer(self, seat: seats.Seat, appeal_id: str, action: str, **changes: Any) -> rulings.Decided:
        """Answer an appeal."""
        given = appeals.Answer(**{"appeal_id": appeal_id, "action": action, "revision": 1, "text": ANSWER, **changes})
        async with begin(self.db, actor=seat.account_id) as work:
            return await appeals.answer(work, seat, given)


async def make_newsroom(db: Database, **policy: Any) -> Newsroom:
    """Make a paper with one thread and nothing said in it yet."""
    return Newsroom(db, await make_talk(db, **policy))
