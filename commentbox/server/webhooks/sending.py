"""Sending what waits for an endpoint: in order, one job an endpoint, and after a failure not before the pause is over.

So an endpoint that does not answer costs one try a pause, however much waits for it, and keeps nobody else's mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import Row, func, select, update

from commentbox.server.base import clock, fetch
from commentbox.server.base.db import Database, Query, table_of
from commentbox.server.base.errors import Invalid, Refusal
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work, begin
from commentbox.server.sites import actions as sites
from commentbox.server.webhooks import actions, rules
from commentbox.server.webhooks.models import Delivery, Webhook

AT_ONCE = 20
"""Messages a job sends before it lets others have their turn."""
TIMEOUT_SECONDS = 5
USER_AGENT = "commentbox (webhooks)"
_GONE = "410"
"""By this answer an endpoint says that it wants nothing any more (Standard Webhooks)."""
_hooks = table_of(Webhook)
_deliveries = table_of(Delivery)


@dataclass(frozen=True)
class Endpoint:
    """An endpoint as it stands when its job begins, with what waits for it."""

    hook: Row[Any]
    site: str
    may_be_private: bool
    waiting: Sequence[Row[Any]]


async def send(db: Database, keyring: Keyring, hook_id: str) -> None:
    """Send what waits, up to the first failure, and plan how it goes on."""
    async with db.read() as query:
        endpoint = await _endpoint(query, hook_id)
    if endpoint is None:
        return
    async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False, follow_redirects=False) as client:
        for message in endpoint.waiting:
            answer = await _post(client, keyring, endpoint, message)
            async with begin(db) as work:
                if not await _settle(work, endpoint.hook, message, answer=answer):
                    return
    async with begin(db) as work:
        await _go_on(work, hook_id)


async def _endpoint(query: Query, hook_id: str) -> Endpoint | None:
    hook = await query.first(select(_hooks).where(_hooks.c.id == hook_id, _hooks.c.off_at.is_(None)))
    if hook is None:
        return None
    site = await sites.by_id(query, hook.site_id)
    try:
        is_local = rules.check_url(hook.url, await sites.origins_of(query, hook.site_id))[1]
    except Invalid:
        is_local = False  # the paper gave the local name up; the guard refuses the address
    waits = (_deliveries.c.webhook_id == hook_id) & (_deliveries.c.state == "waiting")
    messages = await query.all(select(_deliveries).where(waits).order_by(_deliveries.c.id).limit(AT_ONCE))
    return Endpoint(hook, site.slug, is_local, messages)


async def _post(client: httpx.AsyncClient, keyring: Keyring, endpoint: Endpoint, message: Row[Any]) -> str:
    """Give the status an endpoint answered with, or what kept us from it."""
    now = clock.now()
    content = rules.body(
        message.kind,
        site=endpoint.site,
        subject_id=message.subject_id,
        codes=message.codes,
        at=message.happened_at,
    )
    signed = rules.headers(actions.keys_of(keyring, endpoint.hook, now=now), message.id, content, at=now)
    try:
        there = await fetch.pinned(endpoint.hook.url, may_be_private=endpoint.may_be_private)
        there["headers"] = {**there["headers"], **signed, "user-agent": USER_AGENT}
        response = await client.send(client.build_request("POST", content=content, **there), stream=True)
        await response.aclose()  # what it says beside its status is nothing to us
    except Refusal as refusal:
        return str(refusal.data.get("reason", "refused"))
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return "connection"
    return str(response.status_code)


async def _settle(work: Work, hook: Row[Any], message: Row[Any], *, answer: str) -> bool:
    """Note what became of a message, and say whether to go on with the next."""
    is_sent = answer.startswith("2") and len(answer) == 3
    noted: dict[str, Any] = {"tries": message.tries + 1, "answer": answer}
    if is_sent:
        noted |= {"state": "sent", "settled_at": work.now}
    await work.q.run(update(_deliveries).where(_deliveries.c.id == message.id).values(noted))
    if is_sent:
        healthy = {"failures": 0, "failing_since": None}
        await work.q.run(update(_hooks).where(_hooks.c.id == hook.id, _hooks.c.failures > 0).values(healthy))
        return True
    await _fail(work, hook.id, answer=answer)
    return False


async def _fail(work: Work, hook_id: str, *, answer: str) -> None:
    hook = await work.q.first(select(_hooks).where(_hooks.c.id == hook_id))
    if hook is None:
        return
    since = hook.failing_since or work.now
    if answer == _GONE or work.now - since >= rules.GIVEN_UP_AFTER:
        await actions.switch_off(work, hook_id)
        work.record("webhook.given_up", site_id=hook.site_id, subject_id=hook_id)
        return
    failures = hook.failures + 1
    later = work.now + rules.pause(failures)
    await actions.plan(work, hook_id, at=later, failures=failures, failing_since=since)


async def _go_on(work: Work, hook_id: str) -> None:
    """Plan the next job at once where more waits; else say that none is planned."""
    await actions.planned(work, hook_id)
    waits = (_deliveries.c.webhook_id == hook_id) & (_deliveries.c.state == "waiting")
    if await work.q.scalar(select(func.count()).where(waits)):
        await actions.plan(work, hook_id, at=work.now)
    else:
        await work.q.run(update(_hooks).where(_hooks.c.id == hook_id).values(planned_at=None))
