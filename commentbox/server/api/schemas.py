"""The shapes the API answers with. Stable: others build on them; a field is added, never changed or taken away."""

from datetime import datetime
from typing import Any

from commentbox.server.presenters.badges import BadgeView
from commentbox.server.presenters.comments import CommentView
from commentbox.server.presenters.feeds import FeedView
from commentbox.server.presenters.reading import Listing


def listing(page: Listing) -> dict[str, Any]:
    """Give a page of comments in reading order, with the counts of the whole thread whatever the filter."""
    return {
        "comments": [comment(view) for view in page.comments],
        "total": page.total,
        "verified_total": page.verified_total,
        "hidden": page.hidden,
        "next": page.next,
    }


def comment(view: CommentView) -> dict[str, Any]:
    """Give one comment; `html`, `text`, `author` and `badge` are null unless it is published."""
    return {
        "id": view.id,
        "parent_id": view.parent_id,
        "author": view.author,
        "tier": view.tier,
        "badge": badge(view.badge) if view.badge else None,
        "label": view.label,
        "profile": view.profile,
        "picked": view.is_picked,
        "answered": view.answered,
        "state": view.state,
        "created_at": moment(view.created_at),
        "edited_at": moment(view.edited_at) if view.edited_at else None,
        "html": str(view.html) if view.html is not None else None,
        "text": view.text,
        "recommends": {"all": view.recommends_all, "verified": view.recommends_verified},
    }


def latest(view: FeedView) -> dict[str, Any]:
    """Give the newest comments of an article or a site, each with its article, a plain beginning, and where to read it."""
    return {
        "comments": [
            {
                **comment(item.comment),
                "excerpt": item.excerpt.unescape(),
                "article": {"title": item.title, "url": item.article},
                "link": item.href,
            }
            for item in view.items
        ]
    }


def badge(view: BadgeView) -> dict[str, Any]:
    """Give a badge: its kind and words, and what was checked in which month by which class of method, until when."""
    return {
        "kind": view.kind,
        "words": view.words,
        "method": view.method,
        "month": view.month,
        "until": view.until,
    }


def moment(at: datetime) -> str:
    """Write a moment in UTC: 2026-11-22T04:41:00Z."""
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")
