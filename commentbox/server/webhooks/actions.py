"""Making, changing and ending endpoints, and planning what is sent to them. The sending is in `sending`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Conflict, NotFound
from commentbox.server.base.ids import new_id
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work
from commentbox.server.sites import actions as sites
from commentbox.server.sites import history
from commentbox.server.webhooks import rules
from commentbox.server.webhooks.models import Delivery, Webhook

NAME = "webhooks"
JOB = "webhook.send"
MOST = 5
SHOWN = 20
KEPT_DAYS = 14
"""How long what was delivered is shown."""
LOST = timedelta(hours=1)
"""A job that is overdue for so long has died; the next message plans another."""
_hooks = table_of(Webhook)
_deliveries = table_of(Delivery)


async def add(work: Work, site_id: str, url: str, kinds: Sequence[str]) -> str:
    """Make an endpoint and give its id. Refuses `webhook.address`, `webhook.kinds`, `webhook.too_many`."""
    checked, _is_local = rules.check_url(url, await sites.origins_of(work.q, site_id))
    if (await work.q.scalar(select(func.count()).where(_hooks.c.site_id == site_id)) or 0) >= MOST:
        raise Conflict("webhook.too_many", limit=MOST)
    hook = Webhook(id=new_id(work.now), site_id=site_id, url=checked, kinds=rules.check_kinds(kinds), made_at=work.now)
    await work.q.add(hook)
    await history.note(work, site_id, history.WEBHOOK, before=None, after=checked)
    work.record("webhook.added", site_id=site_id, subject_id=hook.id)
    return hook.id


async def remove(work: Work, site_id: str, hook_id: str) -> None:
    """End an endpoint, with what waits for it. Refuses `webhook.unknown`."""
    hook = await one(work.q, site_id, hook_id)
    await work.q.run(delete(_deliveries).where(_deliveries.c.webhook_id == hook.id))
    await work.q.run(delete(_hooks).where(_hooks.c.id == hook.id))
    await history.note(work, site_id, history.WEBHOOK, before=hook.url, after=None)
    work.record("webhook.removed", site_id=site_id, subject_id=hook.id)


async def renew_secret(work: Work, site_id: str, hook_id: str) -> int:
    """Make a new secret and give its number; the one before signs along for a day."""
    hook = await one(work.q, site_id, hook_id)
    number = int(hook.secret_number) + 1
    changed = {"secret_number": number, "old_until": work.now + timedelta(hours=rules.OLD_SECRET_HOURS)}
    await _change(work, hook.id, **changed)
    work.record("webhook.secret_renewed", site_id=site_id, subject_id=hook.id)
    return number


async def switch(work: Work, site_id: str, hook_id: str, *, on: bool) -> None:
    """Switch an endpoint on, as if it had never failed, or off, which drops what waits."""
    hook = await one(work.q, site_id, hook_id)
    if on:
        await _change(work, hook.id, off_at=None, failures=0, failing_since=None, planned_at=None)
    else:
        await switch_off(work, hook.id)
    work.record("webhook.switched", site_id=site_id, subject_id=hook.id, on=on)


async def switch_off(work: Work, hook_id: str) -> None:
    """Send no more to an endpoint; what waits is dropped, for what is told days late misleads."""
    waiting = (_deliveries.c.webhook_id == hook_id) & (_deliveries.c.state == "waiting")
    await work.q.run(update(_deliveries).where(waiting).values(state="dropped", settled_at=work.now))
    await _change(work, hook_id, off_at=work.now, planned_at=None)


async def test(work: Work, site_id: str, hook_id: str) -> None:
    """Send a message that says nothing. Refuses `webhook.is_off`."""
    hook = await one(work.q, site_id, hook_id)
    if hook.off_at is not None:
        raise Conflict("webhook.is_off")
    await put(work, hook, rules.TEST, subject_id=hook.id, codes={}, at=work.now)


async def put(
    work: Work, hook: Row[Any], kind: str, *, subject_id: str | None, codes: dict[str, Any], at: datetime
) -> None:
    """Leave one message for an endpoint, and plan its job where none is."""
    message = Delivery(
        id=new_id(work.now), webhook_id=hook.id, kind=kind, subject_id=subject_id, codes=codes, happened_at=at
    )
    planned_at = await planned(work, hook.id)
    await work.q.add(message)
    if planned_at is None or planned_at < work.now - LOST:
        await plan(work, hook.id, at=work.now)


async def planned(work: Work, hook_id: str) -> datetime | None:
    """Give when the next job of an endpoint is due. Its row is held fast: whoever leaves a message and whoever finds none
    left must see each other, or a message would wait for the next one.
    """
    found = select(_hooks.c.planned_at).where(_hooks.c.id == hook_id)
    at: datetime | None = await work.q.scalar(found.with_for_update() if work.q.locks_rows else found)
    return at


async def plan(work: Work, hook_id: str, *, at: datetime, **changes: Any) -> None:
    """Plan the next job of an endpoint."""
    await _change(work, hook_id, planned_at=at, **changes)
    work.job(JOB, {"webhook_id": hook_id}, not_before=at)


async def listen(work: Work, rows: Sequence[Row[Any]]) -> None:
    """Leave what these rows of the journal mean for the endpoints of their sites. What came before an endpoint is not for it."""
    sites_told = {row.site_id for row in rows if row.site_id}
    found = select(_hooks).where(_hooks.c.site_id.in_(sites_told), _hooks.c.off_at.is_(None))
    hooks = await work.q.all(found.order_by(_hooks.c.id)) if sites_told else ()
    for row in rows:
        for hook in hooks:
            if hook.site_id == row.site_id and row.kind in hook.kinds and row.at >= hook.made_at:
                codes = rules.codes_of(row.data)
                await put(work, hook, row.kind, subject_id=row.subject_id, codes=codes, at=row.at)


async def one(query: Query, site_id: str, hook_id: str) -> Row[Any]:
    """Give an endpoint of this site. Refuses `webhook.unknown`."""
    row = await query.first(select(_hooks).where(_hooks.c.id == hook_id, _hooks.c.site_id == site_id))
    if row is None:
        raise NotFound("webhook.unknown")
    return row


async def of(query: Query, site_id: str) -> Sequence[Row[Any]]:
    """Give a site's endpoints, the oldest first."""
    return await query.all(select(_hooks).where(_hooks.c.site_id == site_id).order_by(_hooks.c.id))


async def deliveries(query: Query, hook_id: str) -> Sequence[Row[Any]]:
    """Give the newest messages of an endpoint."""
    found = select(_deliveries).where(_deliveries.c.webhook_id == hook_id)
    return await query.all(found.order_by(_deliveries.c.id.desc()).limit(SHOWN))


def keys_of(keyring: Keyring, hook: Row[Any], *, now: datetime) -> list[bytes]:
    """Give the secrets that sign now, the newest first."""
    numbers = [hook.secret_number]
    if hook.old_until is not None and hook.old_until > now:
        numbers.append(hook.secret_number - 1)
    return [secret(keyring, hook.id, number) for number in numbers]


def secret(keyring: Keyring, hook_id: str, number: int) -> bytes:
    """Give a secret by its number; none is stored."""
    return keyring.key(f"webhook:{hook_id}:{number}")


async def sweep(work: Work) -> None:
    """Forget what was delivered or dropped long ago."""
    old = _deliveries.c.settled_at < work.now - timedelta(days=KEPT_DAYS)
    await work.q.run(delete(_deliveries).where(old))


async def _change(work: Work, hook_id: str, **changes: Any) -> None:
    await work.q.run(update(_hooks).where(_hooks.c.id == hook_id).values(changes))
