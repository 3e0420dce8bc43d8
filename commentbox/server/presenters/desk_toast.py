"""What a moderator just did, with the undo while it can still come."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.presenters.reasons import policy_of

SHOWN_FOR = timedelta(minutes=2)
"""After that the moderator is elsewhere in their thoughts; the decision is in the case's history."""


@dataclass(frozen=True, slots=True)
class ToastView:
    """The last decision in a sentence; `seconds` are left for its undo, 0 when it is over."""

    id: str
    words: str
    seconds: int


def toast_view(last: Any, now: datetime) -> ToastView | None:
    """Give what to say about somebody's last decision, or None where there is nothing new to say."""
    if last is None or now - last.at > SHOWN_FOR:
        return None
    if last.action == "undo":
        return ToastView(last.id, _("Taken back. Everything is as it was."), 0)
    window = policy_of(last.policy).undo_seconds if last.action != "revoke" else 0
    seconds = max(0, int((last.at + timedelta(seconds=window) - now).total_seconds()))
    waits = ngettext("Nothing is sent for %(num)s second.", "Nothing is sent for %(num)s seconds.", window)
    return ToastView(last.id, f"{_done(last)} {waits}" if seconds else _done(last), seconds)


def _done(last: Any) -> str:
    words = {
        "approve": _("Published: %(name)s.", name=last.name)
        if last.was == "held"
        else _("Approved: %(name)s.", name=last.name),
        "remove": _("Refused: %(name)s.", name=last.name)
        if last.was == "held"
        else _("Removed: %(name)s.", name=last.name),
        "restore": _("Restored: %(name)s.", name=last.name),
        "uphold": _("Appeal upheld, restored: %(name)s.", name=last.name),
        "reject": _("Appeal answered: %(name)s.", name=last.name),
        "warn": _("Warned: %(name)s.", name=last.name),
        "silence": _("Silenced: %(name)s.", name=last.name),
        "hold": _("Held first: %(name)s.", name=last.name),
        "ban": _("Banned: %(name)s.", name=last.name),
        "lift": _("Lifted: %(name)s.", name=last.name),
        "revoke": _("Badge taken away: %(name)s.", name=last.name),
    }
    return words.get(last.action, last.action)
