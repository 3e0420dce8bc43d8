"""Everything we hold about somebody: for their page, piece by piece, and for the file they may download, whole.

Values are plain (text, numbers, lists), so that the same pieces become JSON and a page. Secrets are not among them: of a
passkey its public half would tell nobody anything, and the person's key is named but not shown.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from commentbox.server import legal_holds, threads
from commentbox.server.accounts import mutes
from commentbox.server.accounts.models import Account, Credential, NameHold, Role, Session, Standing
from commentbox.server.base import clock
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.models import Journal
from commentbox.server.comments.models import Comment, Revision
from commentbox.server.moderation.models import Appeal, Statement
from commentbox.server.reports import Report
from commentbox.server.sites.models import Site
from commentbox.server.threads import Thread
from commentbox.server.verification.models import Attempt, Attestation, ProviderSession, Recovery
from commentbox.server.votes import Recommendation

PAGE = 20
Piece = dict[str, Any]


_comments, _threads, _journal = table_of(Comment), table_of(Thread), table_of(Journal)
_sessions, _sites = table_of(Session), table_of(Site)
_SAID = (
    *(
        "id",
        "thread_id",
        "parent_id",
        "name",
        "kind",
        "tier",
        "state",
        "hold_rule",
        "caught",
        "text",
        "html",
        "created_at",
    ),
    *("edited_at", "recommends_all", "recommends_verified", "descendants_all"),
)


async def comments_of(query: Query, account_id: str, *, before: str = "", limit: int = PAGE) -> list[Row[Any]]:
    """Give somebody's comments, the newest first, with thread_title and thread_url; `before` is the last one shown."""
    columns = [*(_comments.c[name] for name in _SAID), _threads.c.title.label("thread_title")]
    joined = _comments.join(_threads, _threads.c.id == _comments.c.thread_id)
    held = legal_holds.until(_comments.c.id, now=clock.now()).label("held_by_law_until")
    statement = select(*columns, _threads.c.url.label("thread_url"), held).select_from(joined)
    statement = statement.where(_comments.c.account_id == account_id)
    if before:
        statement = statement.where(_comments.c.id < before)
    return list(await query.all(statement.order_by(_comments.c.id.desc()).limit(limit)))


async def sessions_of(query: Query, account_id: str, *, now: datetime) -> list[Row[Any]]:
    """Give where somebody is signed in, the latest first: id, kind, created_at, expires_at, site_name."""
    joined = _sessions.outerjoin(_sites, _sites.c.id == _sessions.c.site_id)
    columns = (
        *(_sessions.c[name] for name in ("id", "kind", "created_at", "expires_at")),
        _sites.c.name.label("site_name"),
    )
    statement = select(*columns).select_from(joined).where(_sessions.c.account_id == account_id)
    return list(await query.all(statement.where(_sessions.c.expires_at > now).order_by(_sessions.c.id.desc())))


async def journal_of(query: Query, account_id: str, *, before: str = "", limit: int = PAGE) -> list[Row[Any]]:
    """Give what the journal says about an account and its comments, the latest first."""
    theirs = select(_comments.c.id).where(_comments.c.account_id == account_id)
    statement = select(_journal).where((_journal.c.subject_id == account_id) | _journal.c.subject_id.in_(theirs))
    if before:
        statement = statement.where(_journal.c.id < before)
    return list(await query.all(statement.order_by(_journal.c.id.desc()).limit(limit)))


async def everything(query: Query, account_id: str) -> dict[str, list[Piece]]:
    """Give all we hold about an account, by what it is."""
    said = await comments_of(query, account_id, limit=10**6)
    ids = select(_comments.c.id).where(_comments.c.account_id == account_id)
    revisions, statements, appeals = table_of(Revision), table_of(Statement), table_of(Appeal)
    own_statements = select(statements.c.id).where(statements.c.account_id == account_id)
    held: dict[str, Select[Any]] = {
        "account": _of(Account, account_id, column="id"),
        "names": _of(NameHold, account_id, without=("guest_code_hash",)),
        "ways to sign in": _of(Credential, account_id, without=("handle", "public_key")),
        "sessions": _of(Session, account_id, without=("token_hash",)),
        "roles": _of(Role, account_id),
        "measures": _of(Standing, account_id),
        "verifications": _of(Attestation, account_id, without=("person_key",)),
        "requests to recover the account": _of(Recovery, account_id),
        "sessions at providers": _of(ProviderSession, account_id, without=("mac", "sealed")),
        "attempts to verify": _of(Attempt, account_id, without=("state_hash", "browser_hash", "keep")),
        "revisions": select(revisions).where(revisions.c.comment_id.in_(ids)).order_by(revisions.c.comment_id),
        "recommendations": _of(Recommendation, account_id),
        "reports": _of(Report, account_id, without=("by",)),
        "decisions about you": _of(Statement, account_id),
        "appeals": select(appeals).where(appeals.c.statement_id.in_(own_statements)),
    }
    pieces = {name: [_plain(row) for row in await query.all(statement)] for name, statement in held.items()}
    pieces["comments"] = [_plain(row) for row in said]
    pieces["muted people"] = [_plain(row) for row in await mutes.muted_people(query, account_id)]
    pieces["muted threads"] = [_plain(row) for row in await threads.muted_by(query, account_id)]
    journal = await journal_of(query, account_id, limit=10**6)
    shown = ("at", "kind", "site_id", "subject_id", "data")
    pieces["journal"] = [{name: value for name, value in _plain(row).items() if name in shown} for row in journal]
    return pieces


def _of(model: Any, account_id: str, *, column: str = "account_id", without: tuple[str, ...] = ()) -> Select[Any]:
    table = table_of(model)
    return select(*(each for each in table.c if each.name not in without)).where(table.c[column] == account_id)


def _plain(row: Row[Any]) -> Piece:
    return {name: _text(value) for name, value in row._mapping.items()}


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else value
