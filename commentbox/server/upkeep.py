"""What an admin changes about a site, one thing at a time, and takes back: a setting, an origin, a moved article, a name kept
for the paper. The history is in `sites/history`; commands and the desk come through here.
"""

import json
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from commentbox.server import threads
from commentbox.server.accounts import names, reserving
from commentbox.server.base.errors import Conflict, Invalid, NotFound
from commentbox.server.base.work import Work
from commentbox.server.sites import actions, history
from commentbox.server.sites.actions import NO_REASON, Why
from commentbox.server.sites.rules import COUNTED, Policy
from commentbox.server.threads import ArticleRef

ELSEWHERE = ("house_rules", *COUNTED)
"""Settings that change in their own way only: rules as whole versions, counters by what they count."""


async def set_one(work: Work, site_id: str, name: str, value: Any, *, seen: Any, why: Why = NO_REASON) -> None:
    """Change one setting from what the admin saw. Refuses `setting.unknown`, `setting.invalid`, `setting.changed`."""
    if name not in Policy.model_fields or name in ELSEWHERE:
        raise Invalid("setting.unknown")
    policy = await actions.policy_to_change(work, site_id)
    if policy.model_dump(mode="json")[name] != seen:
        raise Conflict("setting.changed")
    try:
        await actions.set_policy(work, site_id, why, **{name: value})
    except ValidationError:
        raise Invalid("setting.invalid", setting=name) from None


def read_value(text: str) -> Any:
    """Read what was typed for a setting: JSON where it is some, else the words themselves."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


async def new_tag_key(work: Work, site_id: str, *, reason: str = "") -> int:
    """Make another key for the paper's tags and end the one before; give its version."""
    version = (await actions.policy_to_change(work, site_id)).tag_key_version + 1
    await actions.set_policy(work, site_id, Why(reason), tag_key_version=version)
    return version


async def move_article(work: Work, site: Row[Any], *, old: str, new: str, why: Why = NO_REASON) -> str:
    """Point a moved article at its new address and give its thread. Refuses `thread.unknown`, `article.foreign`."""
    found = await threads.find(work.q, site.slug, ArticleRef(url=old))
    if found is None or found.thread_id is None:
        raise NotFound("thread.unknown", url=old)
    await actions.check_own_host(work.q, site.id, new)
    before = found.url or threads.canonical_url(old)
    await threads.move(work, found.thread_id, new)
    after = threads.canonical_url(new)
    await history.note(work, site.id, history.ARTICLE, before=before, after=after, reason=why.reason, undoes=why.undoes)
    return str(found.thread_id)


async def keep_name(work: Work, site_id: str, typed: str, *, why: Why = NO_REASON) -> None:
    """Keep a name from everybody for the paper's sake. Refuses what names refuse, and `name.taken`."""
    name = names.check(typed)
    if not await reserving.reserve(work, name):
        raise Conflict("name.taken", name=name.display)
    after = name.display
    await history.note(work, site_id, history.NAME, before=None, after=after, reason=why.reason, undoes=why.undoes)
    work.record("site.name_kept", site_id=site_id, subject_id=site_id)


async def free_name(work: Work, site_id: str, display: str, *, why: Why = NO_REASON) -> None:
    """Give a kept name free again. Refuses `setting.changed` where this site keeps no such name any more."""
    if display not in await history.kept_of(work.q, site_id, history.NAME):
        raise Conflict("setting.changed")
    await reserving.release(work, names.check(display))
    await history.note(work, site_id, history.NAME, before=display, after=None, reason=why.reason, undoes=why.undoes)
    work.record("site.name_freed", site_id=site_id, subject_id=site_id)


def may_undo(change: Row[Any]) -> bool:
    """Say whether a change can be taken back at all: what is counted and what was revoked stays as it is."""
    return change.setting not in (history.KEY, history.WEBHOOK, *ELSEWHERE)


def is_dangerous(setting: str) -> bool:
    """Say whether changing this needs the admin's passkey again: whose pages may frame us, and who speaks for the paper."""
    return setting in (history.ORIGIN, history.KEY, "tag_key_version")


async def undo(work: Work, site: Row[Any], change_id: str, *, reason: str = "") -> str:
    """Set back what a change changed, and give what it was about. Refuses `change.unknown`, `change.for_good`, and
    `setting.changed` where it is not any more as the change left it.
    """
    change = await history.one(work.q, site.id, change_id)
    if not may_undo(change):
        raise Conflict("change.for_good")
    why = Why(reason, undoes=change.id)
    if change.setting == history.ORIGIN:
        await _undo_origin(work, site.id, change, why)
    elif change.setting == history.ARTICLE:
        await _undo_move(work, site, change, why)
    elif change.setting == history.NAME and change.after is not None:
        await free_name(work, site.id, change.after, why=why)
    elif change.setting == history.NAME:
        await keep_name(work, site.id, change.before, why=why)
    else:
        await set_one(work, site.id, change.setting, change.before, seen=change.after, why=why)
    return str(change.setting)


async def _undo_origin(work: Work, site_id: str, change: Row[Any], why: Why) -> None:
    there = await actions.origins_of(work.q, site_id)
    if (change.after or change.before in there) and change.after not in there:
        raise Conflict("setting.changed")
    if change.after is not None:
        await actions.remove_origin(work, site_id, change.after, why)
    else:
        await actions.add_origin(work, site_id, change.before, why)


async def _undo_move(work: Work, site: Row[Any], change: Row[Any], why: Why) -> None:
    found = await threads.find(work.q, site.slug, ArticleRef(url=change.after))
    if found is None or found.url != change.after:
        raise Conflict("setting.changed")
    await move_article(work, site, old=change.after, new=change.before, why=why)
