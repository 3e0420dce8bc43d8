"""Making and keeping accounts: names, credentials, sessions, roles, reach, and leaving."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from commentbox.server.accounts import names, notices
from commentbox.server.accounts.models import Account, Credential, NameHold, Role, Session
from commentbox.server.accounts.names import Name
from commentbox.server.accounts.passkeys import NewPasskey
from commentbox.server.accounts.rules import LIMITED, REACHES, SHOWS
from commentbox.server.base import limits
from commentbox.server.base.db import table_of
from commentbox.server.base.errors import Conflict, Gone, Invalid, NotFound, Unauthenticated
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import new_token, token_hash, written_code, written_code_hash
from commentbox.server.base.work import Work

SESSION_HOURS = {"top": 24 * 30, "frame": 24 * 30, "bearer": 12, "staff": 12, "sso": 4}
"""A bearer lives where scripts can read it, and staff may do more: both end with the working day. What the paper's log-in
opened needs the paper's word again sooner: whoever logs out there may have no page of ours open to hear of it."""
FRESH_MINUTES = 5
"""How recent a passkey must be for verifying and for changes to credentials."""
NAME_HELD_DAYS = 183
"""A name given up stays out of reach for half a year, as long as a decision about it can be appealed: who is known by it
is still being answered, and nobody may answer in their place."""
CHANGES_PER_HOUR = 60
"""Of one kind, by one account: each leaves a row in the journal, which is never shortened, or one for a day."""

_accounts = table_of(Account)
_names = table_of(NameHold)
_credentials = table_of(Credential)
_sessions = table_of(Session)
_roles = table_of(Role)


async def sign_up(work: Work, name: Name, passkey: NewPasskey | None = None, *, label: str = "") -> str:
    """Make an account with a pen name and, as a rule, its first passkey; give its id. Refuses `name.taken`."""
    account = Account(id=new_id(work.now), name=name.display, created_at=work.now)
    await hold_name(work, name, account_id=account.id)
    await work.q.add(account)
    if passkey:
        await add_passkey(work, account.id, passkey, label=label)
    work.record("account.created", subject_id=account.id)
    return account.id


async def hold_name(
    work: Work, name: Name, *, account_id: str | None = None, guest_code_hash: str | None = None
) -> int:
    """Take a name for an account or a guest, and give the number it shows with; one that is held already is simply kept,
    and one's own that was given up is taken back. Refuses `name.taken`, and `name.reserved` for the paper's own.
    """
    same = _names.c.skeleton.in_((name.skeleton, names.given_up(name.skeleton)))
    own = _names.c.account_id == account_id if account_id else _names.c.guest_code_hash == guest_code_hash
    ours = (_names.c.number == 0) | own
    in_force = _names.c.until.is_(None) | (_names.c.until > work.now)
    held = await work.q.first(select(_names).where(same, ours, in_force).order_by(_names.c.number.desc()))
    if held is None:
        await work.q.run(delete(_names).where(same, _names.c.until <= work.now))
        hold = NameHold(
            skeleton=name.skeleton, account_id=account_id, guest_code_hash=guest_code_hash, created_at=work.now
        )
        if await work.q.add_if_new(hold):
            return 0
    elif (account_id and held.account_id == account_id) or (
        guest_code_hash and held.guest_code_hash == guest_code_hash
    ):
        if held.until:
            taken_back = (_names.c.skeleton == held.skeleton) & (_names.c.number == held.number)
            await work.q.run(update(_names).where(taken_back).values(until=None))
        return int(held.number)
    elif held.account_id is None and held.guest_code_hash is None and held.until is None:
        raise Invalid("name.reserved")
    raise Conflict("name.taken", name=name.display)


async def reserve_name(work: Work, name: Name) -> None:
    """Keep a name from everybody: the paper's own and its staff's. Reserving twice changes nothing."""
    await work.q.add_if_new(NameHold(skeleton=name.skeleton, created_at=work.now))


async def take_change(work: Work, account_id: str, what: str) -> None:
    """Take one change from an account's budget. Refuses `limit.reached`."""
    await limits.spend(work, f"account-{what}", account_id, at_most=CHANGES_PER_HOUR, minutes=60)


async def require_open(work: Work, account_id: str) -> None:
    """Refuse `recovery.open` while somebody asks to recover the account: until that ends no credential, name or mail changes.

    Holds such a request off until this transaction ends.
    """
    statement = select(_accounts.c.frozen_since).where(_accounts.c.id == account_id)
    if await work.q.scalar(statement.with_for_update() if work.q.locks_rows else statement) is not None:
        raise Conflict("recovery.open")


async def rename(work: Work, account_id: str, name: Name) -> None:
    """Give an account another name; a Verified name becomes Verified person by it. Refuses `name.taken`, `recovery.open`."""
    await require_open(work, account_id)
    await take_change(work, account_id, "rename")
    await put_name(work, account_id, name, await hold_name(work, name, account_id=account_id))


async def put_name(work: Work, account_id: str, name: Name, number: int) -> None:
    """Show an account under a name that it holds, and give up the ones it had; those stay out of reach for a while."""
    before = (_names.c.account_id == account_id) & (_names.c.skeleton != name.skeleton) & _names.c.until.is_(None)
    await work.q.run(update(_names).where(before).values(until=work.now + timedelta(days=NAME_HELD_DAYS)))
    changes = {"name": name.display, "name_number": number, "name_version": _accounts.c.name_version + 1}
    changes["profile_id"] = None  # old and new name must not stand under one address
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(changes))
    work.record("account.renamed", subject_id=account_id)


async def add_passkey(work: Work, account_id: str, passkey: NewPasskey, *, label: str = "") -> None:
    """Let an account sign in with one more passkey. Refuses `passkey.known` and `recovery.open`."""
    await require_open(work, account_id)
    await keep_passkey(work, account_id, passkey, label=label)


async def keep_passkey(
    work: Work, account_id: str, passkey: NewPasskey, *, label: str = "", kind: str = "passkey"
) -> str:
    """Keep a passkey, with kind `waiting` one that signs nobody in yet; give its id. Refuses `passkey.known`."""
    credential = Credential(
        id=new_id(work.now),
        account_id=account_id,
        kind=kind,
        handle=passkey.handle,
        public_key=passkey.public_key,
        sign_count=passkey.sign_count,
        label=label[:60],
        created_at=work.now,
    )
    try:
        await work.q.add(credential)
    except IntegrityError:
        raise Conflict("passkey.known") from None
    work.record("credential.added", subject_id=account_id, credential=credential.id, of=kind)
    return credential.id


async def passkey(query: Any, handle: str) -> Row[Any]:
    """Give the stored passkey a browser answered with. Refuses `passkey.unknown`."""
    statement = select(_credentials).where(_credentials.c.handle == handle, _credentials.c.kind == "passkey")
    row = await query.first(statement)
    if row is None:
        raise Unauthenticated("passkey.unknown")
    return row


async def passkey_used(work: Work, credential: Row[Any], *, sign_count: int) -> None:
    """Note a use. Refuses `passkey.replayed` where the counter moved on meanwhile: two answers, one counter."""
    same = update(_credentials).where(
        _credentials.c.id == credential.id, _credentials.c.sign_count == credential.sign_count
    )
    if not await work.q.run(same.values(sign_count=sign_count, last_used_at=work.now)):
        raise Conflict("passkey.replayed")


async def new_recovery_code(work: Work, account_id: str) -> str:
    """Make the printed code of an account, and give it this once; an older one stops working. Refuses `recovery.open`."""
    await require_open(work, account_id)
    code = written_code(secrets.token_bytes(13))
    await work.q.run(
        delete(_credentials).where(_credentials.c.account_id == account_id, _credentials.c.kind == "recovery_code")
    )
    credential = Credential(
        id=new_id(work.now), account_id=account_id, kind="recovery_code", handle=_code_handle(code), created_at=work.now
    )
    await work.q.add(credential)
    work.record("credential.added", subject_id=account_id, credential=credential.id, of="recovery_code")
    return code


def _code_handle(code: str) -> str:
    return "code:" + written_code_hash("", code)


async def use_recovery_code(work: Work, code: str) -> str:
    """Give the account of a printed code and use the code up. Refuses `recovery.unknown`."""
    statement = (
        update(_credentials)
        .where(_credentials.c.handle == _code_handle(code), _credentials.c.kind == "recovery_code")
        .where(_credentials.c.used_at.is_(None))
        .values(used_at=work.now, last_used_at=work.now)
        .returning(_credentials.c.account_id)
    )
    account_id = await work.q.scalar(statement)
    if account_id is None:
        raise Unauthenticated("recovery.unknown")
    work.record("credential.used", subject_id=account_id, of="recovery_code")
    return str(account_id)


async def set_email(work: Work, account_id: str, email: str | None, *, lang: str = "en") -> None:
    """Set or forget the mail address, unconfirmed; the caller has checked its form. Refuses `recovery.open`."""
    await require_open(work, account_id)
    changes = {"email": email, "email_lang": lang if email else None}
    changes |= {"email_confirmed_at": None, "email_refused_at": None}
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(changes))
    gone = delete(_credentials).where(_credentials.c.account_id == account_id, _credentials.c.kind == "mail_link")
    await work.q.run(gone)
    work.record("account.email_changed", subject_id=account_id)


async def confirm_email(work: Work, account_id: str, email: str) -> None:
    """Note that the mail address works; from now on a link to it may sign in where the site allows. Refuses `link.expired`."""
    await require_open(work, account_id)
    same = update(_accounts).where(_accounts.c.id == account_id, _accounts.c.email == email)
    if not await work.q.run(same.values(email_confirmed_at=work.now, email_refused_at=None)):
        raise Gone("link.expired")
    credential = Credential(
        id=new_id(work.now), account_id=account_id, kind="mail_link", handle=f"mail:{account_id}", created_at=work.now
    )
    await work.q.add_if_new(credential)
    work.record("account.email_confirmed", subject_id=account_id)


async def refuse_email(work: Work, account_id: str, email: str) -> None:
    """Note that the mail address does not work: nothing goes to it until it is confirmed again."""
    same = update(_accounts).where(_accounts.c.id == account_id, _accounts.c.email == email)
    if await work.q.run(same.values(email_confirmed_at=None, email_refused_at=work.now)):
        work.record("account.email_refused", subject_id=account_id)


async def unverified_by_confirmed_email(query: Any, email: str) -> list[str]:
    """Give the ids of accounts without a badge that confirmed this address and kept it as a way in: by mail, only these."""
    joined = _accounts.join(_credentials, _credentials.c.account_id == _accounts.c.id)
    confirmed = (_accounts.c.email == email) & _accounts.c.email_confirmed_at.is_not(None)
    mine = select(_accounts.c.id).select_from(joined).where(confirmed, _credentials.c.kind == "mail_link")
    mine = mine.where(_accounts.c.deleted_at.is_(None), _accounts.c.attestation_id.is_(None))
    return [row.id for row in await query.all(mine)]


async def credentials_of(query: Any, account_id: str) -> list[Row[Any]]:
    """Give every way an account can sign in, oldest first."""
    names = ("id", "kind", "handle", "label", "created_at", "last_used_at", "used_at", "copied_at", "attested_as")
    mine = select(*(_credentials.c[name] for name in names)).where(_credentials.c.account_id == account_id)
    return list(await query.all(mine.order_by(_credentials.c.id)))


async def remove_credential(work: Work, account_id: str, credential_id: str) -> None:
    """Take away one way to sign in. Refuses `recovery.open` and `credential.unknown`; what is lost, the caller has said."""
    await require_open(work, account_id)
    mine = (row for row in await credentials_of(work.q, account_id) if row.id == credential_id and row.used_at is None)
    removed = next(mine, None)
    if removed is None:
        raise NotFound("credential.unknown")
    await work.q.run(delete(_credentials).where(_credentials.c.id == credential_id))
    work.record("credential.removed", subject_id=account_id, credential=credential_id, of=removed.kind)


async def label_passkey(work: Work, account_id: str, credential_id: str, label: str) -> None:
    """Give a passkey the name its owner knows it by. Refuses `credential.unknown`."""
    await take_change(work, account_id, "label")
    mine = (_credentials.c.id == credential_id) & (_credentials.c.account_id == account_id)
    named = update(_credentials).where(mine, _credentials.c.kind == "passkey").values(label=label.strip()[:60])
    if not await work.q.run(named):
        raise NotFound("credential.unknown")


async def lock_copied(work: Work, credential: Row[Any]) -> None:
    """Lock a passkey whose counter went back, and tell its owner: of two keys with one secret we cannot say which is theirs."""
    open_one = (_credentials.c.id == credential.id) & _credentials.c.copied_at.is_(None)
    if await work.q.run(update(_credentials).where(open_one).values(copied_at=work.now)):
        await _close_sessions_of(work, credential)
        work.record("credential.copied", subject_id=credential.account_id, credential=credential.id)
        notices.tell(work, credential.account_id, "passkey_copied")


async def _close_sessions_of(work: Work, credential: Row[Any]) -> None:
    """Sign out whatever a passkey opened: the copy may have. One whose passkey is not known is taken for one of them."""
    opened = (_sessions.c.credential_id == credential.id) | _sessions.c.credential_id.is_(None)
    mine = (_sessions.c.account_id == credential.account_id) & _sessions.c.by_passkey
    await work.q.run(delete(_sessions).where(mine, opened))


@dataclass(frozen=True)
class NewSession:
    """A sign-in that was just made. The token is known this once; only its hash is kept."""

    id: str
    token: str
    hours: int


async def open_session(
    work: Work,
    account_id: str,
    *,
    kind: str,
    by_passkey: bool,
    site_id: str | None = None,
    fresh: bool = False,
    by_code: bool = False,
    credential_id: str | None = None,
) -> NewSession:
    """Sign somebody in; `credential_id` is the passkey that did.

    `by_passkey` lets the session speak as verified; `fresh` lets it change credentials for a while.
    """
    token, hours = new_token(), SESSION_HOURS[kind]
    row = {
        "id": new_id(work.now),
        "token_hash": token_hash(token),
        "account_id": account_id,
        "site_id": site_id,
        "kind": kind,
        "by_passkey": by_passkey,
        "by_code": by_code,
        "credential_id": credential_id,
        "fresh_at": work.now if fresh else None,
        "created_at": work.now,
        "expires_at": work.now + timedelta(hours=hours),
    }
    await work.q.run(insert(_sessions), row)
    work.record("session.opened", site_id=site_id, subject_id=account_id, of=kind)
    return NewSession(str(row["id"]), token, hours)


async def refresh_session(work: Work, session_id: str, *, credential_id: str) -> None:
    """Note that the person was just verified by this passkey of theirs."""
    proven = {"fresh_at": work.now, "by_passkey": True, "credential_id": credential_id}
    await work.q.run(update(_sessions).where(_sessions.c.id == session_id).values(proven))


async def close_session(work: Work, session_id: str) -> None:
    """Sign one session out."""
    await work.q.run(delete(_sessions).where(_sessions.c.id == session_id))


async def close_own_session(work: Work, account_id: str, session_id: str) -> None:
    """Sign one of an account's devices out; one that is gone already stays gone."""
    mine = (_sessions.c.id == session_id) & (_sessions.c.account_id == account_id)
    await work.q.run(delete(_sessions).where(mine))


async def close_all_sessions(work: Work, account_id: str) -> None:
    """Sign an account out everywhere."""
    await work.q.run(delete(_sessions).where(_sessions.c.account_id == account_id))
    work.record("session.all_closed", subject_id=account_id)


async def grant(
    work: Work, account_id: str, role: str, *, site_id: str = "", sections: Collection[str] | None = None
) -> None:
    """Give a role on a site, or ('') on the instance, for all of it or some sections; giving it twice changes nothing."""
    kept = sorted(sections) if sections is not None else None
    if await work.q.add_if_new(Role(account_id=account_id, site_id=site_id, role=role, sections=kept)):
        work.record("role.granted", site_id=site_id or None, subject_id=account_id, role=role)


async def limit_role(work: Work, account_id: str, role: str, *, site_id: str, sections: Collection[str] | None) -> None:
    """Limit a desk role to sections of its site, or (None) to none. Refuses `role.unknown`."""
    mine = (_roles.c.account_id == account_id) & (_roles.c.site_id == site_id) & (_roles.c.role == role)
    kept = sorted(sections) if sections is not None else None
    if not site_id or role not in LIMITED or not await work.q.run(update(_roles).where(mine).values(sections=kept)):
        raise NotFound("role.unknown", role=role)
    work.record("role.limited", site_id=site_id, subject_id=account_id, role=role)


async def take_role(work: Work, account_id: str, role: str, *, site_id: str = "") -> None:
    """Take a role away. Refuses `role.unknown`."""
    mine = (_roles.c.account_id == account_id) & (_roles.c.site_id == site_id) & (_roles.c.role == role)
    if not await work.q.run(delete(_roles).where(mine)):
        raise NotFound("role.unknown", role=role)
    work.record("role.taken", site_id=site_id or None, subject_id=account_id, role=role)


async def set_reach(work: Work, account_id: str, reach: str) -> None:
    """Choose who may reply to, mention or recommend an account. Refuses `choice.unknown`."""
    if reach not in REACHES:
        raise Invalid("choice.unknown", choice=reach[:20])
    await take_change(work, account_id, "reach")
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(reach=reach))
    work.record("account.reach_changed", subject_id=account_id, reach=reach)


async def set_article_reach(work: Work, account_id: str, reach: str | None) -> None:
    """Choose who may reply to an author under their own articles; None is whoever may elsewhere. Refuses `choice.unknown`."""
    if reach is not None and reach not in REACHES:
        raise Invalid("choice.unknown", choice=reach[:20])
    await take_change(work, account_id, "reach")
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(article_reach=reach))
    work.record("account.reach_changed", subject_id=account_id, reach=reach, of="articles")


async def set_show(work: Work, account_id: str, show: str | None) -> None:
    """Remember whom an account wants to hear from. Refuses `choice.unknown`."""
    if show is not None and show not in SHOWS:
        raise Invalid("choice.unknown", choice=show[:20])
    await take_change(work, account_id, "show")
    await work.q.run(update(_accounts).where(_accounts.c.id == account_id).values(show=show))
