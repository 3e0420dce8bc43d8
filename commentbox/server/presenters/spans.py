"""Spans of time as the desk says them: how long something waits, how long is left."""

from datetime import datetime, timedelta

from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def span_words(span: timedelta) -> str:
    """Say a span in its largest fitting unit: 48 min, 5 h, 3 days."""
    if span < HOUR:
        return _("%(number)s min", number=max(1, round(span.total_seconds() / 60)))
    if span < 2 * DAY:
        return _("%(number)s h", number=int(span / HOUR))
    return ngettext("%(num)s day", "%(num)s days", int(span / DAY))


def left_words(until: datetime, now: datetime) -> str:
    """Say how long something still has, or for how long it is overdue."""
    if until <= now:
        return _("%(span)s overdue", span=span_words(now - until))
    return _("%(span)s left", span=span_words(until - now))
