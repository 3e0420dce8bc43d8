"""Promise: whatever moderators, authors and readers do in whatever order, nothing is restricted without a statement.

Walks of random steps on one comment with a reply; after each step, what must hold is looked at in the database itself.
"""

import ast
import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import strategies
from sqlalchemy import func, select

from commentbox.server.accounts.models import Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Refusal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.comments import actions as comments
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.moderation import appeals, people, rules, rulings
from commentbox.server.moderation import statements as told
from commentbox.server.moderation.measures import KINDS, Measure
from commentbox.server.moderation.models import Appeal, Decision, Statement
from commentbox.server.moderation.seats import Seat
from commentbox.server.reports import Report
from commentbox.server.threads import Thread
from tests.factories import START, make_person
from tests.newsroom import REASONS, Newsroom, make_newsroom

DECISIONS = ("approve", "remove", "remove_without_reasons", "restore", "undo", "uphold", "reject")
MEASURES = (
    "warn",
    "silence",
    "ban",
    "lift",
    "acknowledge",
    "remove_and_silence",
    "appeal_measure",
    "hear",
    "undo_last",
)
STEPS = (*DECISIONS, *MEASURES, "report", "appeal", "edit", "edit_held", "withdraw", "wait", "wait_long")
WALKS = 40
_comments, _thread = Comment.__table__.c, Thread.__table__.c


class Walk:
    """One comment and everybody who does something to it."""

    def __init__(self, room: Newsroom, crew: list[Seat], comment_id: str) -> None:
        self.room, self.crew, self.comment_id = room, crew, comment_id
        self.last = ""
        self.appeal_id = ""
        self.measure_appeal = ""
        self.reports = 0

    async def take(self, step: str, who: int) -> None:
        """Try one step; a refusal is fine, as long as it leaves nothing half done."""
        seat = self.crew[who]
        with contextlib.suppress(Refusal):
            await getattr(self, f"do_{step}", self.decide)(step, seat)

    async def decide(self, step: str, seat: Seat) -> None:
        """Approve, remove or restore, with or without reasons."""
        action, _, without = step.partition("_without_")
        changes = {"reasons": None} if without else {}
        self.last = (await self.room.decide(seat, self.comment_id, action, **changes)).id

    async def do_report(self, _step: str, _seat: Seat) -> None:
        """Let one more reader complain."""
        self.reports += 1
        await self.room.report(self.comment_id, f"reader {self.reports}")

    async def do_undo(self, _step: str, seat: Seat) -> None:
        """Take the last decision back."""
        await self.room.undo(seat, self.last)

    async def do_appeal(self, _step: str, _seat: Seat) -> None:
        """Let the author object."""
        if await self.room.statements(self.comment_id):
            self.appeal_id = await self.room.appeal(self.comment_id)

    async def do_uphold(self, step: str, seat: Seat) -> None:
        """Answer the appeal."""
        revision = (await self.room.comment(self.comment_id)).revision
        self.last = (await self.room.answer(seat, self.appeal_id, step, revision=revision)).id

    do_reject = do_uphold

    async def do_edit(self, step: str, _seat: Seat) -> None:
        """Let the author change the text."""
        row = await self.room.comment(self.comment_id)
        hold = "links" if step == "edit_held" else None
        draft = comments.Draft(text="Else", html="<p>Else</p>", text_hash="", hold_rule=hold)
        async with begin(self.room.db, actor=row.account_id) as work:
            await comments.edit(work, row, comments.Author(row.name, row.account_id), draft, window_minutes=60)

    do_edit_held = do_edit

    async def do_withdraw(self, _step: str, _seat: Seat) -> None:
        """Let the author take it back."""
        row = await self.room.comment(self.comment_id)
        async with begin(self.room.db, actor=row.account_id) as work:
            await comments.withdraw(work, row)

    async def do_warn(self, step: str, seat: Seat) -> None:
        """Impose a measure on the author."""
        author, site_id = (await self.room.comment(self.comment_id)).account_id, self.room.talk.site_id
        async with begin(self.room.db, actor=seat.account_id) as work:
            seen = await rulings.latest_about(work.q, author, site_id=site_id)
            measure = Measure(step, None if step == "warn" else 2)
            verdict = people.PersonVerdict(author, site_id, measure=measure, reasons=REASONS, seen=seen)
            self.last = (await people.decide(work, seat, verdict)).id

    do_silence = do_ban = do_warn

    async def do_remove_and_silence(self, _step: str, seat: Seat) -> None:
        """Remove the comment and silence its author in one go."""
        self.last = (await self.room.decide(seat, self.comment_id, "remove", measure=Measure("silence", 2))).id

    async def do_lift(self, _step: str, seat: Seat) -> None:
        """End the oldest measure before its time."""
        for each in (await self.standings())[:1]:
            async with begin(self.room.db, actor=seat.account_id) as work:
                self.last = (await people.lift(work, seat, each.id, site_id=self.room.talk.site_id)).id

    async def do_acknowledge(self, _step: str, _seat: Seat) -> None:
        """Let the author read a warning."""
        for each in await self.standings():
            async with begin(self.room.db) as work:
                await people.acknowledge(work, each.account_id, each.statement_id)

    async def do_appeal_measure(self, _step: str, _seat: Seat) -> None:
        """Let the author object to the newest measure."""
        for each in (await self.standings())[-1:]:
            async with begin(self.room.db, actor=each.account_id) as work:
                owner = told.Owner(each.account_id)
                self.measure_appeal = await appeals.open_appeal(work, each.statement_id, owner=owner, text="No.")

    async def do_hear(self, _step: str, seat: Seat) -> None:
        """Uphold what was said against a measure."""
        self.last = (await self.room.answer(seat, self.measure_appeal, "uphold", revision=0)).id

    async def do_undo_last(self, _step: str, seat: Seat) -> None:
        """Take back whatever this moderator did last."""
        async with self.room.db.read() as query:
            last = await rulings.last_of(query, seat.account_id)
        if last is not None:
            await self.room.undo(seat, last.id)

    async def standings(self) -> list[Any]:
        """Give every measure there ever was, oldest first."""
        async with self.room.db.read() as query:
            return list(await query.all(select(Standing.__table__).order_by(Standing.__table__.c.id)))

    async def do_wait(self, step: str, _seat: Seat) -> None:
        """Let time pass: some seconds, or more than a day."""
        clock.advance(days=1, minutes=1) if step == "wait_long" else clock.advance(seconds=8)

    do_wait_long = do_wait

    async def check(self) -> None:
        """Look at everything that must hold after every step."""
        row, statements = await self.room.comment(self.comment_id), await self.room.statements(self.comment_id)
        in_force = [each for each in statements if each.lifted_at is None]
        assert len(in_force) == (row.state == "removed"), "removed exactly while one statement is in force"
        for each in statements:
            assert each.facts and each.rule and each.redress["ways"], "a statement says what DSA art. 17(3) asks"
            assert each.appeal_until > each.since
        async with self.room.db.read() as query:
            await self._check_decisions(query, statements)
            await self._check_measures(query)
            await self._check_counters(query)

    async def _check_decisions(self, query: Any, statements: list[Any]) -> None:
        made = await query.all(select(Decision.__table__).where(Decision.__table__.c.comment_id == self.comment_id))
        written = select(Revision.__table__.c.number).where(Revision.__table__.c.comment_id == self.comment_id)
        revisions = {each.number for each in await query.all(written)}
        assert {each.revision for each in made} <= revisions, "every decision names a revision that was written"
        removing = {each.id for each in made if each.action == "remove"}
        assert removing == {each.decision_id for each in statements}, (
            "each removal has its own statement, and only they"
        )

    async def _check_measures(self, query: Any) -> None:
        table = Statement.__table__
        about = {each.id: each for each in await query.all(select(table).where(table.c.comment_id.is_(None)))}
        standings = await query.all(select(Standing.__table__))
        assert {each.statement_id for each in standings} == set(about), "each measure has its own statement"
        for each in standings:
            statement = about[each.statement_id]
            assert (statement.restriction, statement.account_id) == (each.kind, each.account_id)
            running = each.until is None or each.until > clock.now()
            assert not (running and statement.lifted_at), "nobody is restricted under a statement that was taken back"
        imposing = [each for each in await query.all(select(Decision.__table__)) if each.action in KINDS]
        assert {each.id for each in imposing} == {each.decision_id for each in about.values()}

    async def _check_counters(self, query: Any) -> None:
        mine = _comments.thread_id == self.room.talk.thread_id
        published = select(func.count()).select_from(Comment.__table__).where(mine, _comments.state == "published")
        verified = published.where(_comments.tier == "verified")
        thread = await query.first(select(_thread.total, _thread.verified_total))
        assert thread == (await query.scalar(published), await query.scalar(verified)), "counters tell the truth"


async def begin_walk(room: Newsroom, crew: list[Seat], state: str) -> Walk:
    """Say something new with a reply below, published or held."""
    author = await make_person(room.db, kind="person")
    clock.set(START)
    held = {"hold_rule": "links", "published_at": None} if state == "held" else {}
    comment_id = room.talk.say(by=author, state=state, created_at=START, **held)
    room.talk.say(under=comment_id)
    await room.talk.save(room.db)
    return Walk(room, crew, comment_id)


async def walk_all(room: Newsroom, crew: list[Seat], state: str, steps: list[tuple[str, int]]) -> None:
    """Take every step and look after each."""
    room.talk.rows.clear()
    async with begin(room.db) as work:
        for model in (Standing, Appeal, Statement, Decision, Report, Revision, Comment):
            await work.q.run(model.__table__.delete())
    walk = await begin_walk(room, crew, state)
    for step, who in steps:
        await walk.take(step, who)
        await walk.check()


def test_no_walk_of_steps_leads_to_a_restriction_without_a_statement(settings: Settings) -> None:
    with asyncio.Runner() as runner:
        room = runner.run(make_newsroom(Database(settings.database)))
        crew = [runner.run(room.hire(name)) for name in ("Ruth", "Jonas")]
        steps = strategies.lists(
            strategies.tuples(strategies.sampled_from(STEPS), strategies.integers(0, 1)), max_size=12
        )

        @hypothesis.settings(max_examples=WALKS, deadline=timedelta(seconds=10), database=None)
        @hypothesis.given(state=strategies.sampled_from(("held", "published")), steps=steps)
        @hypothesis.example("published", [("remove", 0), ("appeal", 0), ("uphold", 1), ("undo", 1), ("reject", 1)])
        @hypothesis.example(
            "published", [("remove_and_silence", 0), ("appeal_measure", 0), ("hear", 1), ("undo_last", 1)]
        )
        @hypothesis.example("published", [("warn", 0), ("acknowledge", 0), ("undo_last", 0), ("ban", 1), ("lift", 0)])
        @hypothesis.example("held", [("remove", 0), ("undo", 0), ("approve", 1), ("report", 0), ("remove", 0)])
        def walk(state: str, steps: list[tuple[str, int]]) -> None:
            runner.run(walk_all(room, crew, state, steps))

        walk()
        runner.run(room.db.close())


def test_only_rulings_take_a_comment_out_of_sight() -> None:
    server = Path(__file__).parents[2] / "commentbox" / "server"
    callers = set()
    for file in server.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_call and node.func.attr == "remove" and any(each.arg == "rule" for each in node.keywords):
                callers.add(file.relative_to(server).as_posix())
    assert callers == {"moderation/rulings.py"}


def test_only_people_and_badges_put_a_measure_in_force() -> None:
    server = Path(__file__).parents[2] / "commentbox" / "server"
    callers = {
        file.relative_to(server).as_posix()
        for file in server.rglob("*.py")
        if "standings.impose(" in file.read_text("utf-8") or "Standing(" in file.read_text("utf-8")
    }
    assert callers == {"moderation/people.py", "moderation/badges.py", "accounts/models.py"}
    taken_away = (server / "moderation/badges.py").read_text("utf-8")
    assert taken_away.index("statements.write(") < taken_away.index("verification.revoke("), (
        "reasons first, as everywhere"
    )


def test_every_action_that_restricts_has_its_statement_word() -> None:
    assert set(rules.RESTRICTIONS.values()) == {"removed", "refused"}
