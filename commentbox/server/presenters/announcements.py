"""What a paper announces above its threads: on the whole site, and above this one. Small Markdown, gone by its own date."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from commentbox.server.base import markup
from commentbox.server.presenters.comments import shown_html
from commentbox.server.sites.rules import Policy


def announcements_of(row: Any, policy: Policy, *, now: datetime) -> tuple[Markup, ...]:
    """Give what is announced for a thread's row now, the site's first."""
    said = ((policy.announcement, policy.announced_until), (row.announcement, row.announced_until))
    return tuple(shown_html(_rendered(text)) for text, until in said if text and until and until > now)


@lru_cache(maxsize=256)
def _rendered(text: str) -> str:
    return markup.render(text)
