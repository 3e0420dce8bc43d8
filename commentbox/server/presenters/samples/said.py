"""Rows as the database would give them: a thread on a made-up paper, and people who say one thing each."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from commentbox.server.comments.tree import Branch
from commentbox.server.presenters.comments import EVERYBODY, Reader, Scene
from commentbox.server.presenters.places import FRAME, Place
from commentbox.server.presenters.thread import Found, scene_of
from commentbox.server.sites.rules import Policy

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
"""Always the same moment, so that pictures of two days are alike."""
LATER = NOW + timedelta(days=9)
SITE = "sample"


def place(show: str = "everyone", *, lang: str, theme: str | None = None, page: str = FRAME) -> Place:
    """Give a place in the made-up thread."""
    return Place(site=SITE, article_id="tide-gauge", show=show, lang=lang, theme=theme, page=page)


def found(policy: Policy | None = None, **changes: Any) -> Found:
    """Give the made-up thread as `threads.find` would."""
    row = {
        "site_id": SITE,
        "site_name": "The Ardmouth Gazette",
        "lang": "en",
        "thread_id": "tide",
        "title": "The tide gauge is back on the old quay",
        "url": "https://paper.example/tide-gauge",
        "state": "open",
        "closed_reason": None,
        "verified_only_until": None,
        "verified_only_reason": None,
        "limits": None,
        "questions": None,
        "announcement": None,
        "announced_until": None,
        "heated_until": None,
        "created_at": NOW - timedelta(days=3),
        "origins": "[]",
        "author_id": None,
        "picks": 0,
        "picks_verified": 0,
        "total": 42,
        "verified_total": 18,
        "version": 7,
    }
    return Found(SimpleNamespace(**(row | changes)), policy or Policy(guests=True))


def scene(within: Found, at: Place, *, reader: Reader = EVERYBODY, focus: str | None = None) -> Scene:
    """Give what all comments of the thread have in common."""
    return scene_of(within, at, now=NOW, reader=reader, focus=focus)


def said(number: int, name: str, html: str, *, kind: str = "none", **changes: Any) -> Any:
    """Give a published comment. `kind` is the badge it was written under; `changes` are other columns."""
    verified = kind != "none"
    row = {
        "id": f"sample{number:010d}",
        "parent_id": None,
        "account_id": f"person{number:010d}",
        "depth": 0,
        "state": "published",
        "hold_rule": None,
        "tier": "verified" if verified else "unverified",
        "kind": kind,
        "method": "bank" if verified else None,
        "month": date(2026, 3, 1) if verified else None,
        "expires_at": NOW + timedelta(days=500) if verified else None,
        "revoked_at": None,
        "created_at": NOW - timedelta(hours=number),
        "edited_at": None,
        "name": name,
        "label": None,
        "reach": "everyone",
        "html": html,
        "text": html,
        "recommends_all": 24 - number if number < 24 else 0,
        "recommends_verified": max(0, 18 - number),
        "descendants_all": 0,
        "descendants_verified": 0,
        "picked_at": None,
        "answers": 0,
        "heat": 0,
        "heated_until": None,
        "profile_id": None,
    }
    return SimpleNamespace(**(row | changes))


def branch(row: Any, *replies: Branch) -> Branch:
    """Hang replies on a comment, and count them."""
    hung: Sequence[Branch] = replies
    for each in hung:
        each.row.parent_id = row.id
        row.descendants_all += int(each.row.state == "published") + each.row.descendants_all
        row.descendants_verified += int(each.row.tier == "verified") + each.row.descendants_verified
    return Branch(row, replies=list(hung))
