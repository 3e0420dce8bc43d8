"""What a search in a thread found: each hit with the words around it, and how many of them the filter hides."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from commentbox.server.base import fulltext, markup
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.comments.searching import Hits
from commentbox.server.comments.tree import Branch
from commentbox.server.presenters.comments import CommentView, MoreView, Scene, comment_view

BEFORE, AFTER = 80, 180
"""Characters of a comment shown before and after the first word that was found."""


@dataclass(frozen=True, slots=True)
class HitView:
    """A comment that was found: what stands around the words, with each of them marked, and its place in the thread."""

    comment: CommentView
    excerpt: Markup
    href: str


@dataclass(frozen=True, slots=True)
class SearchView:
    """A page of what was found for `words`; `found` and `hidden` say how much it is and how much of it is filtered out."""

    words: str
    found: str
    hidden: str | None
    hits: tuple[HitView, ...]
    more: MoreView | None


def search_view(typed: str, hits: Hits, scene: Scene) -> SearchView:
    """Give a page of what was found for what was typed."""
    words, place = fulltext.words_in(typed), scene.place
    views = [comment_view(Branch(row), scene, alone=True) for row in hits.rows]
    hidden = hits.total - hits.verified_total if place.show == "verified" else 0
    shown = hits.total - hidden
    further = MoreView(_("Show more"), place.searching(typed, hits.next.text())) if hits.next else None
    return SearchView(
        words=typed,
        found=ngettext("%(num)s comment has these words.", "%(num)s comments have these words.", shown)
        if shown
        else _("No comment has these words."),
        hidden=ngettext(
            "%(num)s comment from unverified people is hidden.",
            "%(num)s comments from unverified people are hidden.",
            hidden,
        )
        if hidden
        else None,
        hits=tuple(
            HitView(each, excerpt(each.html or "", words), place.around(each.id)) for each in views if each.html
        ),
        more=further,
    )


def excerpt(html: str, words: Sequence[str]) -> Markup:
    """Give the part of a comment where the words first stand, marked; what hides behind a spoiler stays hidden."""
    text = " ".join(markup.plain(markup.without_spoilers(html)).split())
    spans = fulltext.spans(text, words)
    start, end = _window(text, spans[0][0] if spans else 0)
    pieces, at = [], start
    for begin, stop in [span for span in spans if start <= span[0] and span[1] <= end]:
        pieces += [Markup.escape(text[at:begin]), Markup("<mark>{}</mark>").format(text[begin:stop])]
        at = stop
    pieces.append(Markup.escape(text[at:end]))
    return Markup("{}{}{}").format("… " if start else "", Markup("").join(pieces), " …" if end < len(text) else "")


def _window(text: str, hit: int) -> tuple[int, int]:
    """Say from where to where to show a text, so that no word is cut where there are spaces."""
    start = max(0, hit - BEFORE)
    start = text.find(" ", start, hit) + 1 or start if start else 0
    end = min(len(text), hit + AFTER)
    if end < len(text):
        end = max(text.rfind(" ", hit, end), hit + 1) if " " in text[hit:end] else end
    return start, end
