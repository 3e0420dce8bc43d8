"""The history of a comment as readers see it: each version they were shown, with what was changed in it."""

from dataclasses import dataclass, replace
from datetime import datetime

from commentbox.server.base import i18n
from commentbox.server.base.db import Query
from commentbox.server.comments import queries
from commentbox.server.comments.history import History, history
from commentbox.server.comments.tree import Branch
from commentbox.server.presenters import reading
from commentbox.server.presenters.badges import BadgeView, badge_of
from commentbox.server.presenters.changes import PieceView, changes
from commentbox.server.presenters.comments import CommentView, comment_view
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.thread import Found, scene_of


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a comment: when it came, the badge it was said under, and its text with what changed.

    `pieces` are empty where the reader's filter hides it; `folds` says that its author folded a part of it away.
    """

    number: int
    at: datetime
    badge: BadgeView
    pieces: tuple[PieceView, ...]
    folds: bool


@dataclass(frozen=True, slots=True)
class HistoryView:
    """A comment with its versions, newest first."""

    comment: CommentView
    site_name: str
    versions: tuple[VersionView, ...]


async def history_view(query: Query, place: Place, comment_id: str, *, now: datetime) -> tuple[Found, HistoryView]:
    """Give the history of a comment. Refuses `comment.unknown` unless readers see it now."""
    where = await queries.place_of(query, comment_id)
    place = replace(place, site=where.slug, url=where.url or None, article_id=where.article_id)
    found = await reading.find(query, place)
    scene = scene_of(found, place, now=now)
    verified_only = scene.tally.verified_only
    told = await history(query, comment_id, verified_only=verified_only)
    with i18n.use(reading.language(found, place)):
        comment = comment_view(Branch(told.row), scene, alone=True)
        versions = _versions(told, verified_only=verified_only)
        return found, HistoryView(comment, found.row.site_name, versions)


def _versions(told: History, *, verified_only: bool) -> tuple[VersionView, ...]:
    revisions = told.revisions
    counts = [each.tier == "verified" and told.row.revoked_at is None for each in revisions]
    seen = [verified or not verified_only for verified in counts]
    before = [older.text if visible else "" for older, visible in zip(revisions, seen, strict=True)][1:]
    texts = [*before, ""]
    return tuple(
        VersionView(
            number=each.number,
            at=each.created_at,
            badge=badge_of(each.kind if verified else "none"),
            pieces=_pieces(old, each.text) if visible else (),
            folds=any(line.startswith(">!") for line in f"{old}\n{each.text}".split("\n")),
        )
        for each, old, visible, verified in zip(revisions, texts, seen, counts, strict=True)
    )


def _pieces(before: str, after: str) -> tuple[PieceView, ...]:
    """Give what changed; where there is nothing before that may be shown, the whole text as it was."""
    return changes(before, after) if before else (PieceView("same", after),)
