"""What somebody's own page says about them beside their choices: comments, devices, and the journal in sentences."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from commentbox.server.base import clock
from commentbox.server.base.db import Query
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import marked as N_
from commentbox.server.presenters.viewer import hold_words
from commentbox.server.rights import holdings

FEW = 3
"""Comments and journal lines on the account page itself; the rest have pages of their own."""


@dataclass(frozen=True, slots=True)
class MyComment:
    """One comment of one's own, in whatever state, with what its author may know about it."""

    id: str
    thread: str
    html: Markup
    created_at: datetime
    state: str
    why: str
    recommends_all: int
    recommends_verified: int
    replies: int
    held_by_law: datetime | None


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the journal about oneself, in words."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class MyPage:
    """The latest of it all; `more_…` say whether there is more than is shown."""

    comments: tuple[MyComment, ...]
    more_comments: bool
    sessions: tuple[Row[Any], ...]
    journal: tuple[Happened, ...]


async def my_page(query: Query, account_id: str) -> MyPage:
    """Give what the account page shows of it."""
    comments = await my_comments(query, account_id, limit=FEW + 1)
    return MyPage(
        comments=tuple(comments[:FEW]),
        more_comments=len(comments) > FEW,
        sessions=tuple(await holdings.sessions_of(query, account_id, now=clock.now())),
        journal=tuple(happened(row) for row in await holdings.journal_of(query, account_id, limit=FEW)),
    )


async def my_comments(query: Query, account_id: str, *, before: str = "", limit: int) -> list[MyComment]:
    """Give some of somebody's comments, the newest first."""
    rows = await holdings.comments_of(query, account_id, before=before, limit=limit)
    return [_my_comment(row) for row in rows]


def _my_comment(row: Row[Any]) -> MyComment:
    return MyComment(
        id=row.id,
        thread=row.thread_title or row.thread_url or "",
        html=Markup(row.html),
        created_at=row.created_at,
        state=row.state,
        why=state_words(row.state, row.hold_rule),
        recommends_all=row.recommends_all,
        recommends_verified=row.recommends_verified,
        replies=row.descendants_all,
        held_by_law=row.held_by_law_until,
    )


def state_words(state: str, rule: str | None) -> str:
    """Say to its author where a comment stands; nothing where everybody reads it."""
    if state == "held":
        return f"{_('Held for review.')} {hold_words(rule)}"
    words = {
        "removed": _("Removed by a moderator. The reasons are under “Decisions about me”."),
        "withdrawn": _("Withdrawn by you."),
        "deleted": _("Deleted."),
    }
    return words.get(state, "")


KINDS: dict[str, str] = {
    "account.created": N_("Your account was made."),
    "account.renamed": N_("You took another name."),
    "account.reach_changed": N_("You changed who may reply to you."),
    "account.muted": N_("You muted somebody or a thread."),
    "account.unmuted": N_("You unmuted somebody or a thread."),
    "account.email_changed": N_("Your mail address was set or forgotten."),
    "account.email_confirmed": N_("Your mail address was confirmed."),
    "account.leaving": N_("Your account was to be deleted after fourteen days."),
    "account.stayed": N_("You kept your account after all."),
    "session.opened": N_("You signed in."),
    "session.all_closed": N_("You were signed out everywhere."),
    "credential.added": N_("A way to sign in was added."),
    "credential.removed": N_("A way to sign in was removed."),
    "credential.used": N_("Your printed code was used."),
    "handover.approved": N_("You went on to a paper’s page as signed in."),
    "role.granted": N_("You were given a role."),
    "role.taken": N_("A role was taken from you."),
    "identity.verified": N_("You were verified."),
    "identity.revoked": N_("Your badge was taken away."),
    "identity.answered": N_("The service has answered about your badge"),
    "credential.copied": N_("A passkey of yours is locked"),
    "recovery.asked": N_("Somebody asks to recover your account."),
    "recovery.cancelled": N_("Your account stays as it was"),
    "recovery.done": N_("Your account has a new passkey"),
    "comment.posted": N_("You posted a comment."),
    "comment.held": N_("A comment of yours was held for review."),
    "comment.published": N_("A comment of yours was published after review."),
    "comment.edited": N_("You edited a comment."),
    "comment.withdrawn": N_("You withdrew a comment."),
    "comment.removed": N_("A comment of yours was removed."),
    "comment.reported": N_("Somebody reported a comment of yours."),
    "comment.held_by_law": N_("A comment of yours is kept by law for a while."),
    "case.decided": N_("A moderator decided about a comment of yours."),
    "case.claimed": N_("A moderator took up a comment of yours."),
    "case.released": N_("A moderator put a comment of yours back into the queue."),
    "statement.issued": N_("Reasons were written for a decision about you."),
    "appeal.opened": N_("You appealed."),
    "appeal.answered": N_("Your appeal was answered."),
    "appeal.reopened": N_("Your appeal was opened again."),
}
"""Journal kind -> what it means to the person it is about."""


def happened(row: Row[Any]) -> Happened:
    """Give a line of the journal in words; one we have no words for keeps its code, so that nothing is hidden."""
    known = KINDS.get(row.kind)
    return Happened(row.at, _(known) if known else _("Something was noted under the code %(code)s.", code=row.kind))
