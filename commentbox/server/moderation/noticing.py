"""What a decision about a comment means for the notices about it, and who may hear a complaint against a refusal.

A complaint is heard as an appeal is: by somebody who had no part in the answer. The notices themselves are in `notices`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from commentbox.server import reports
from commentbox.server.accounts.models import Account
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import NotFound
from commentbox.server.base.work import Work
from commentbox.server.comments import actions as comments
from commentbox.server.comments.actions import lock_thread
from commentbox.server.comments.models import Comment
from commentbox.server.moderation import rules, seats, statements
from commentbox.server.moderation.models import Decision
from commentbox.server.notices import actions, queries
from commentbox.server.notices import rules as notice_rules
from commentbox.server.notices.actions import Told

TELL = "decision.tell_senders"
"""The job that looks up who waits to hear of a decision; its payload is the decision's id."""
_decisions = table_of(Decision)
_comments = table_of(Comment)
_accounts = table_of(Account)


async def check(
    work: Work, seat: seats.Seat, comment_id: str, *, action: str, told: Told
) -> tuple[Sequence[Row[Any]], Told]:
    """Give the open notices about a comment, and what their senders are told, trimmed.

    Refuses `appeal.same_person`, and `notice.answer_missing` where a notice is refused without a word.
    """
    found = await queries.open_about(work.q, comment_id)
    if found:
        rules.check_may_hear(await may_hear_from(work.q, seat, found), work.now)
    text = notice_rules.check_answer(told.text, needed=bool(found) and action == "approve")
    return found, Told(text, told.is_unfounded)


async def may_hear_from(query: Query, seat: seats.Seat, found: Sequence[Row[Any]]) -> datetime | None:
    """Give the moment from which this moderator may answer these notices, or None for never.

    Only a complaint keeps anybody out: whoever gave the answer that it is against.
    """
    moments = [row.created_at for row in found]
    for row in found:
        if row.against is None:
            continue
        judge = await judge_of(query, row)
        is_same = judge is not None and judge.id == seat.account_id
        others = is_same and await seats.has_colleague(query, row.site_id, seat.account_id)
        since = rules.may_hear_from(
            judge_id=judge.id if judge else "",
            moderator_id=seat.account_id,
            has_colleague=others,
            opened_at=row.created_at,
        )
        if since is None:
            return None
        moments.append(since)
    return max(moments, default=None)


async def judge_of(query: Query, complaint: Row[Any]) -> Row[Any] | None:
    """Give who answered what a complaint is against (`id`, `name`)."""
    joined = _decisions.join(_accounts, _accounts.c.id == _decisions.c.account_id)
    statement = select(_accounts.c.id, _accounts.c.name).select_from(joined)
    return await query.first(statement.where(_decisions.c.id == complaint.first_decision_id))


def found_by(found: Sequence[Row[Any]]) -> str:
    """Say in a statement how the matter came up, as far as notices go: `order`, `flagger`, `notice` or ''."""
    if any(row.kind == "order" for row in found):
        return "order"
    if any(row.flagger_id for row in found):
        return "flagger"
    return "notice" if any(row.kind != "about_me" for row in found) else ""


async def answer(work: Work, comment_id: str, *, action: str, decision_id: str, told: Told) -> None:
    """Answer every open notice about a comment by a decision."""
    outcome = notice_rules.ACTIONS.get(action)
    if outcome:
        await actions.close(work, comment_id, outcome=outcome, decision_id=decision_id, told=told)


def tell_later(work: Work, decision_id: str, *, seconds: int) -> None:
    """Leave the answers to reporters and notifiers for when no undo can come any more."""
    work.job(TELL, {"decision_id": decision_id}, not_before=work.now + timedelta(seconds=seconds))


async def waiting_for(query: Query, decision_id: str) -> list[str]:
    """Give the ids of the reports and notices that a decision answered."""
    return [*await reports.answered_by(query, decision_id), *await queries.answered_by(query, decision_id)]


async def asked_of(query: Query, owner: statements.Owner) -> list[Row[Any]]:
    """Give the complaints by people spoken about that are about somebody's comments."""
    return await queries.for_author(query, _owned(owner))


async def answer_as_author(work: Work, notice_id: str, owner: statements.Owner, *, said: str, text: str) -> None:
    """Pass an author's answer on: the comment stands, or is taken back at once. Refuses `notice.unknown`, `notice.…`."""
    row = await work.q.first(queries.about_author(notice_id, _owned(owner)))
    if row is None:
        raise NotFound("notice.unknown")
    await lock_thread(work, row.thread_id)
    await actions.answer_as_author(work, notice_id, said=said, text=text)
    if said == "withdrawn":
        comment = await work.q.first(select(_comments).where(_comments.c.id == row.comment_id))
        if comment is None:
            raise NotFound("comment.unknown", comment=row.comment_id)
        await comments.withdraw(work, comment)


def _owned(owner: statements.Owner) -> Any:
    if owner.account_id:
        return _comments.c.account_id == owner.account_id
    return (_comments.c.guest_code_hash == owner.guest_code_hash) & _comments.c.guest_code_hash.is_not(None)
