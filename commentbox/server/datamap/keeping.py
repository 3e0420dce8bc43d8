"""How long things are kept, in words, beside what ends it. The figures are those that the erasing code uses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from commentbox.server import contacts
from commentbox.server.accounts import actions as accounts
from commentbox.server.accounts import forgetting
from commentbox.server.base import jobs, limits, once
from commentbox.server.base.work import Work
from commentbox.server.moderation import claims
from commentbox.server.notices import actions as notices
from commentbox.server.notifications import bell
from commentbox.server.rights.leaving import LEAVING_DAYS
from commentbox.server.verification import actions as verification
from commentbox.server.verification import settling
from commentbox.server.verification.recovery_rules import PAUSE_DAYS
from commentbox.server.verification.rules import FORGET_DAYS
from commentbox.server.webhooks import actions as webhooks

Sweep = Callable[[Work], Awaitable[Any]]


@dataclass(frozen=True)
class Keeping:
    """A time in words; whether it goes with the account, and the sweep that erases it. `tests/promises/test_data_map.py`
    runs both and compares."""

    words: str
    leaves: bool = False
    swept_by: Sweep | None = None


_GOES = f"the account is deleted, {LEAVING_DAYS} days after its owner asks"
_STAYS = "As long as the server runs"

KEEPINGS = {
    "account": Keeping(f"Until {_GOES}", leaves=True),
    "name": Keeping(
        f"Until {_GOES}; a name given up {accounts.NAME_HELD_DAYS} days longer. A guest's goes once every comment under it "
        "was refused",
        leaves=True,
        swept_by=forgetting.sweep,
    ),
    "session": Keeping(
        f"Until it is signed out, or {accounts.SESSION_HOURS['top'] // 24} days ({accounts.SESSION_HOURS['staff']} hours at "
        f"the desk); or until {_GOES}",
        leaves=True,
        swept_by=forgetting.sweep,
    ),
    "attempt": Keeping(f"{FORGET_DAYS} days", leaves=True, swept_by=verification.sweep),
    "person_ban": Keeping("Until it ends", swept_by=verification.sweep),
    "recovery": Keeping(f"{PAUSE_DAYS} days after it ended", leaves=True, swept_by=verification.sweep),
    "provider_session": Keeping(
        f"As long as the verification that rests on it; {FORGET_DAYS} days where none does",
        leaves=True,
        swept_by=settling.sweep,
    ),
    "provider_event": Keeping(f"As long as its session, or {FORGET_DAYS} days", swept_by=settling.sweep),
    "comment": Keeping(
        f"Until its author takes it back, or {_GOES}; who leaves may let the words stand without a name", leaves=True
    ),
    "mention": Keeping("As long as the comment, or until who is named has left", leaves=True),
    "report": Keeping(f"{_STAYS}; without its sender and their words once they left", leaves=True),
    "statement": Keeping(f"{_STAYS}; without the person and without words once they left", leaves=True),
    "notice": Keeping(f"{_STAYS}: what was decided must be shown. Name and address are kept apart and go"),
    "notifier": Keeping("As long as the address it was made of", swept_by=notices.forget_notifiers),
    "contact": Keeping(
        f"{contacts.KEPT_DAYS} days after the answer, {contacts.LONGEST_DAYS} at most", swept_by=contacts.erase
    ),
    "decision": Keeping(f"{_STAYS}: decisions must be shown. Numbers of who left lead nowhere"),
    "claim": Keeping("A day after it ended", swept_by=claims.sweep),
    "notification": Keeping(f"{bell.KEPT_DAYS} days", leaves=True, swept_by=bell.sweep),
    "job": Keeping(
        f"{jobs.KEPT_DAYS} days after it was done or given up, emptied as soon as it was done", swept_by=jobs.sweep
    ),
    "webhook_delivery": Keeping(f"{webhooks.KEPT_DAYS} days after it was told or dropped", swept_by=webhooks.sweep),
    "one_time": Keeping("A day after it ended", swept_by=once.sweep),
    "budget": Keeping("Until its window of time is over", swept_by=limits.sweep),
    "journal": Keeping("Until whoever runs the server cuts its beginning off (`commentbox journal cut`)"),
    "instance": Keeping(_STAYS),
}
