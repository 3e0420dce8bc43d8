"""A thread as a page: heading, honest counts, filter and order, comments, and what may be done here.

Built once for the frame, the top-level page and the API. No query and no HTML here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from markupsafe import Markup

from commentbox.server import articles, threads
from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.comments.picks import Picked
from commentbox.server.comments.queries import Around, Page
from commentbox.server.comments.searching import Hits
from commentbox.server.comments.tree import Branch
from commentbox.server.presenters.announcements import announcements_of
from commentbox.server.presenters.comments import (
    EVERYBODY,
    CommentView,
    MoreView,
    Reader,
    Scene,
    comment_view,
    heat_words,
)
from commentbox.server.presenters.live import live_words
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.searching import SearchView, search_view
from commentbox.server.presenters.tabs import TabView, tabs_of
from commentbox.server.sites.rules import HOUSE_RULES, Policy
from commentbox.server.threads import ArticleRef


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One of several ways to look at the thread: its value in the address, its words, whether it is the present one."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class NoticeView:
    """Something the reader is told before the comments: a sentence, more about it, and a link where there is one."""

    words: str
    text: str = ""
    href: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A page of a thread.

    `total` and `verified_total` count the whole thread whatever the filter; `hidden` is what the filter hides of it.
    `asks_paper` says that the frame asks its paper who is logged in there, before it asks for the viewer's own layer.
    `above` are the ancestors of a linked comment (`is_around`), topmost first, without their other replies. `only` says that
    a part of the comments is shown (`picks`: by itself, without replies); `tabs` lead to such parts, where there are any.
    """

    site_name: str
    title: str
    article: str | None
    place: Place
    total: int
    verified_total: int
    hidden: int
    version: int
    shows: tuple[ChoiceView, ...]
    sorts: tuple[ChoiceView, ...]
    only: str
    tabs: tuple[TabView, ...]
    announcements: tuple[Markup, ...]
    notice: NoticeView | None
    empty: NoticeView | None
    closed: NoticeView | None
    limited: NoticeView | None
    questions: NoticeView | None
    is_around: bool
    above: tuple[CommentView, ...]
    has_more_above: bool
    comments: tuple[CommentView, ...]
    more: MoreView | None
    search: SearchView | None
    house_rules: tuple[str, ...]
    takes_guests: bool
    longest: int
    live_words: str
    asks_paper: bool
    gone: NoticeView | None = None
    heated: str | None = None


@dataclass(frozen=True)
class Found:
    """A row of `threads.find` with the policy read: site and thread, the latter perhaps not there yet."""

    row: Any
    policy: Policy

    @property
    def thread_id(self) -> str | None:
        """Give the thread's id, or None where nobody has commented yet."""
        return self.row.thread_id if self.row.thread_id else None

    @property
    def counts(self) -> tuple[int, int]:
        """Give the two numbers of the heading."""
        return self.row.total or 0, self.row.verified_total or 0

    def foreign(self, place: Place) -> str | None:
        """Give the code by which every comment here would be refused, where that can be seen without a look at the page."""
        ref = ArticleRef(article_id=place.article_id, url=place.url, sig=place.sig)
        return None if self.thread_id else articles.plainly_foreign(ref, self.row.origins or "")


def scene_of(
    found: Found, place: Place, *, now: datetime, reader: Reader = EVERYBODY, focus: str | None = None
) -> Scene:
    """Give what all comments of a page have in common."""
    until = found.row.verified_only_until
    questions = threads.questions_of(found.row, now=now)
    return Scene(
        place=place,
        reader=reader,
        rule_words=lambda code: rule_words(found.policy, code),
        is_open=not threads.is_closed(found.row, found.policy, now=now),
        verified_only=until is not None and until > now,
        now=now,
        asks=bool(found.row.questions),
        answers_only=questions is not None and questions.since <= now,
        heat_seconds=found.policy.heat_seconds,
        focus=focus,
    )


def page_view(
    found: Found, page: Page, scene: Scene, *, seen_before: int = 0, gone: bool = False, only: str = ""
) -> ThreadView:
    """Give a page of a thread; `seen_before` is what earlier pages showed, for the number on the last button. `gone` says
    that a comment was linked which is not there, `only` of which part the page is."""
    comments = tuple(comment_view(branch, scene) for branch in page.roots)
    left = sum(scene.tally.whole(branch.row) for branch in page.roots) + seen_before
    more = _next_page(found, page, scene, left)
    if only:
        more = MoreView(_("Show more"), scene.place.part(only, page.next.text())) if page.next else None
    return _view(found, scene, comments=comments, more=more, gone=gone, only=only)


def around_view(found: Found, around: Around, scene: Scene) -> ThreadView:
    """Give a linked comment in its place: the nearest above it, then itself with its replies."""
    above = tuple(comment_view(Branch(row), scene, alone=True) for row in around.above)
    focus = comment_view(around.focus, scene)
    view = _view(found, scene, comments=(focus,), above=above, has_more_above=around.has_more_above, is_around=True)
    return replace(view, heated=heat_words(around.root, scene) if around.root.id != around.focus.row.id else None)


def picks_view(found: Found, picked: Picked, scene: Scene) -> ThreadView:
    """Give a page of the editor's picks, each without its replies."""
    place = scene.place
    comments = tuple(comment_view(Branch(row), scene, alone=True) for row in picked.rows)
    more = MoreView(_("Show more"), place.part("picks", picked.next.text())) if picked.next else None
    view = _view(found, scene, comments=comments, more=more, only="picks")
    notice = _notice(place, picked.unverified)
    return replace(view, empty=None, notice=notice and replace(notice, href=place.part("picks", show="everyone")))


def found_view(found: Found, typed: str, hits: Hits, scene: Scene) -> ThreadView:
    """Give what was found for words, in the place of the thread."""
    return _view(found, scene, search=search_view(typed, hits, scene))


def replies_view(found: Found, around: Around, scene: Scene, *, itself: bool) -> ThreadView:
    """Give what is under a comment, as a fragment: its replies, or with `itself` the comment and its replies."""
    view = comment_view(around.focus, scene, level=0 if itself and not around.above else 1)
    if itself:
        return _view(found, scene, comments=(view,))
    return _view(found, scene, comments=view.replies, more=view.more)


def fresh_view(found: Found, rows: Sequence[Any], scene: Scene) -> ThreadView:
    """Give comments that came or changed, for a page that is open, with the numbers that go with them."""
    views = tuple(comment_view(Branch(row), scene, level=min(row.depth, 1), alone=True) for row in rows)
    total, verified_total = found.counts
    return replace(_view(found, scene, comments=views), notice=_notice(scene.place, total - verified_total))


def _next_page(found: Found, page: Page, scene: Scene, seen: int) -> MoreView | None:
    if page.next is None:
        return None
    total = found.counts[scene.tally.verified_only]
    words = ngettext("Show %(num)s more comment", "Show %(num)s more comments", max(1, total - seen))
    return MoreView(words, scene.place.more(page.next.text()))


def _view(
    found: Found,
    scene: Scene,
    *,
    comments: tuple[CommentView, ...] = (),
    more: MoreView | None = None,
    above: tuple[CommentView, ...] = (),
    has_more_above: bool = False,
    is_around: bool = False,
    search: SearchView | None = None,
    gone: bool = False,
    only: str = "",
) -> ThreadView:
    row, place = found.row, scene.place
    total, verified_total = found.counts
    unverified, foreign = total - verified_total, found.foreign(place)
    return ThreadView(
        site_name=row.site_name,
        title=row.title or "",
        article=row.url or (None if foreign else place.url),
        place=place,
        total=total,
        verified_total=verified_total,
        hidden=unverified if place.show == "verified" else 0,
        version=row.version or 0,
        shows=shows_of(place.show),
        sorts=_sorts(place.sort),
        only=only,
        tabs=tabs_of(row, place, only),
        announcements=announcements_of(row, found.policy, now=scene.now),
        notice=_notice(place, unverified) if comments else None,
        empty=None if comments or search or only else _empty(place, unverified, invites=not foreign),
        closed=None if scene.is_open else _closed(found),
        limited=_limited(row) if scene.verified_only and scene.is_open else None,
        questions=_questions(row, now=scene.now),
        is_around=is_around,
        above=above,
        has_more_above=has_more_above,
        comments=comments,
        more=more,
        search=search,
        gone=NoticeView(_("We cannot find this comment. It may have been taken back.")) if gone else None,
        house_rules=tuple(rule_text(rule.text) for rule in found.policy.house_rules),
        takes_guests=found.policy.guests,
        longest=found.policy.max_length,
        live_words=live_words(i18n.language()),
        asks_paper=place.is_framed and found.policy.has_sso,
    )


def shows_of(chosen: str) -> tuple[ChoiceView, ...]:
    """Give the filters to choose from."""
    words = {"everyone": _("Everyone"), "fold": _("Fold unverified"), "verified": _("Verified only")}
    return tuple(ChoiceView(value, each, value == chosen) for value, each in words.items())


def _sorts(chosen: str) -> tuple[ChoiceView, ...]:
    words = {
        "newest": _("Newest"),
        "oldest": _("Oldest"),
        "recommended": _("Most recommended"),
        "verified": _("Most recommended by verified people"),
        "discussed": _("Most discussed"),
    }
    return tuple(ChoiceView(value, each, value == chosen) for value, each in words.items())


def _hidden_words(number: int) -> str:
    return ngettext(
        "%(num)s comment from unverified people is hidden.",
        "%(num)s comments from unverified people are hidden.",
        number,
    )


def _folded_words(number: int) -> str:
    return ngettext(
        "%(num)s comment from unverified people is folded.",
        "%(num)s comments from unverified people are folded.",
        number,
    )


def _notice(place: Place, unverified: int) -> NoticeView | None:
    if place.show == "everyone" or not unverified:
        return None
    words = _hidden_words(unverified) if place.show == "verified" else _folded_words(unverified)
    return NoticeView(words, href=place.shown("everyone"), link=_("Show"))


def _empty(place: Place, unverified: int, *, invites: bool) -> NoticeView:
    if place.show == "verified" and unverified:
        words, hidden = _("No comments from verified people yet"), _hidden_words(unverified)
        return NoticeView(words, hidden, place.shown("everyone"), _("Show everyone"))
    return NoticeView(_("No comments yet"), _("Be the first. A pen name is fine.") if invites else "")


def _closed(found: Found) -> NoticeView:
    days, still = found.policy.close_after_days, _("You can still read, recommend, link and report.")
    if found.row.state != "closed":
        said = ngettext(
            "This paper’s threads close after %(num)s day.", "This paper’s threads close after %(num)s days.", days
        )
        return NoticeView(_("This thread is closed."), f"{said} {still}")
    return NoticeView(_("This thread is closed."), found.row.closed_reason or still)


def _limited(row: Any) -> NoticeView:
    until = i18n.day_text(row.verified_only_until.date())
    words = _("Until %(day)s only verified people may comment in this thread.", day=until)
    text = _("Everyone may read and recommend.")
    return NoticeView(words, f"{row.verified_only_reason} {text}" if row.verified_only_reason else text)


def _questions(row: Any, *, now: datetime) -> NoticeView | None:
    """Say who answers from when to when and why, before anybody types."""
    questions = threads.questions_of(row, now=now)
    if questions is None:
        return None
    said = {"since": i18n.day_text(questions.since.date()), "until": i18n.day_text(questions.until.date())}
    names = ", ".join(guest.name for guest in questions.guests)
    words = _("Questions to %(names)s, from %(since)s until %(until)s.", names=names, **said)
    return NoticeView(words, _("Everyone may ask, the guests answer. %(reason)s", reason=questions.reason))


def rule_words(policy: Policy, code: str | None) -> str:
    """Say under which rule something was removed: “House rule 3: …”, or that the law asked for it."""
    if code and code.startswith("law:"):
        return _("The law requires it.")
    for number, rule in enumerate(policy.house_rules, 1):
        if rule.code == code:
            return _("House rule %(number)s: %(text)s", number=i18n.number_text(number), text=rule_text(rule.text))
    return ""


_OURS = frozenset(rule.text for rule in HOUSE_RULES)


def rule_text(text: str) -> str:
    """Give a house rule's words: ours in the reader's language, a paper's own as it wrote them."""
    return _(text) if text in _OURS else text


def flat_views(found: Found, rows: Sequence[Any], scene: Scene) -> list[CommentView]:
    """Give rows in reading order as views without replies, for programs."""
    return [comment_view(Branch(row), scene, alone=True) for row in rows]
