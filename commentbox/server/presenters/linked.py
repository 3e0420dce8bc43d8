"""What the head of a public thread page says to programs: its address, its feeds, and its comments in schema.org's words."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from commentbox.server.presenters.comments import CommentView
from commentbox.server.presenters.reading import Asked
from commentbox.server.presenters.thread import Found, ThreadView


@dataclass(frozen=True, slots=True)
class HeadView:
    """Links for programs. `linked` is JSON-LD; None where the paper keeps its threads out of search engines."""

    canonical: str
    atom: str
    json_feed: str
    oembed: str | None
    linked: Markup | None


def head_view(found: Found, view: ThreadView, asked: Asked, *, origin: str) -> HeadView:
    """Give the head of a thread's page, or of a page around one comment."""
    article = [pair for pair in view.place.article if pair[0] in ("site", "article_id", "url")]
    canonical = f"{origin}/thread?{urlencode(article + _part(asked))}"
    feed = urlencode(article)
    permalink = f"{origin}/c/{asked.comment}" if asked.comment else None
    return HeadView(
        canonical=canonical,
        atom=f"{origin}/feed.atom?{feed}",
        json_feed=f"{origin}/feed.json?{feed}",
        oembed=f"{origin}/oembed?{urlencode({'url': permalink})}" if permalink else None,
        linked=_discussion(found, view, canonical, origin) if _is_listed(found, asked) else None,
    )


def _part(asked: Asked) -> list[tuple[str, str]]:
    if asked.comment:
        return [("comment", asked.comment)]
    return [("cursor", asked.cursor)] if asked.cursor else []


def _is_listed(found: Found, asked: Asked) -> bool:
    """Say whether search engines may keep the page: never what somebody looked for, or an article that anybody can invent."""
    return found.policy.indexable and found.thread_id is not None and not asked.words


def _discussion(found: Found, view: ThreadView, canonical: str, origin: str) -> Markup:
    posting: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "DiscussionForumPosting",
        "@id": canonical,
        "url": canonical,
        "headline": view.title or view.site_name,
        "author": {"@type": "Organization", "name": view.site_name},
        "commentCount": view.total,
        "comment": [each for comment in view.comments for each in _comments(comment, origin)],
    }
    if view.article:
        posting |= {"sharedContent": {"@type": "WebPage", "url": view.article}, "mainEntityOfPage": view.article}
    if found.row.created_at:
        posting["datePublished"] = found.row.created_at.isoformat()
    return _script_safe(posting)


def _comments(view: CommentView, origin: str) -> list[dict[str, Any]]:
    """Give a comment with what is shown below it; a stub passes on what hangs on it."""
    below = [each for reply in view.replies for each in _comments(reply, origin)]
    if view.html is None or view.badge is None or view.is_folded:
        return below
    said: dict[str, Any] = {
        "@type": "Comment",
        "@id": f"{origin}/c/{view.id}",
        "url": f"{origin}/c/{view.id}",
        "author": {"@type": "Person", "name": view.author, "disambiguatingDescription": view.badge.words},
        "datePublished": view.created_at.isoformat(),
        "text": view.text,
        "upvoteCount": view.recommends_all,
    }
    said |= {"dateModified": view.edited_at.isoformat()} if view.edited_at else {}
    return [said | ({"comment": below} if below else {})]


def _script_safe(value: Any) -> Markup:
    """Write JSON that ends no script element. It is data, which no browser runs: our policy of scripts has no say in it."""
    safe = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(safe.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
