"""What a guest sees of a comment of their own: what became of it, and what can still be done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from commentbox.server.base.i18n import gettext as _
from commentbox.server.comments.rules import TRANSITIONS, edit_until
from commentbox.server.presenters.comments import shown_html
from commentbox.server.presenters.viewer import hold_words
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True, slots=True)
class GuestCommentView:
    """One comment. `words` say what became of it, '' where readers see it; `text` is what can be edited."""

    id: str
    article: str
    article_href: str
    created_at: datetime
    words: str
    text: str
    html: Markup
    can_edit: bool
    can_withdraw: bool


def guest_view(row: Any, *, now: datetime, typed: str | None = None) -> GuestCommentView:
    """Give a comment of a guest's; `typed` is an edit that was refused, and is shown in place of the text."""
    minutes = Policy.model_validate(row.site_policy or {}).edit_minutes
    is_open = row.state in ("published", "held")
    return GuestCommentView(
        id=row.id,
        article=row.thread_title or row.thread_url,
        article_href=row.thread_url,
        created_at=row.created_at,
        words=_words(row),
        text=row.text if typed is None else typed,
        html=shown_html(row.html),
        can_edit=is_open and now <= edit_until(row, window_minutes=minutes),
        can_withdraw="withdrawn" in TRANSITIONS[row.state],
    )


def _words(row: Any) -> str:
    if row.state == "held":
        return f"{_('Held for review.')} {hold_words(row.hold_rule)}"
    words = {"removed": _("A comment of yours was removed"), "withdrawn": _("A comment was withdrawn by its author.")}
    return words.get(row.state, "")
