"""The thread in its states: tiers and kinds, labels, stubs, folds, depths, ends, and what a search finds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from commentbox.server.comments.cursors import Cursor
from commentbox.server.comments.queries import Around, Page
from commentbox.server.comments.searching import Hits
from commentbox.server.comments.tree import Branch
from commentbox.server.presenters.badges import badge_of
from commentbox.server.presenters.changes import changes
from commentbox.server.presenters.comments import Reader, comment_view
from commentbox.server.presenters.feeds import OneView
from commentbox.server.presenters.history import HistoryView, VersionView
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.samples.said import LATER, NOW, branch, found, said, scene
from commentbox.server.presenters.thread import ThreadView, around_view, found_view, fresh_view, page_view, replies_view

Context = dict[str, Any]
LONG = (
    "<p>I read it every morning for thirty years, and my father before me. What the harbour office calls <em>drift</em> is "
    "the quay itself, which sinks by a finger a decade.</p><blockquote><p>The gauge was never wrong.</p></blockquote>"
    '<ul><li>1994: eleven millimetres</li><li>2014: nineteen</li></ul><p>See <a href="https://paper.example/quay" '
    'rel="nofollow ugc noopener">the survey of the quay</a> and <code>ISO 4373</code>.</p>'
)
SPOILER = "<p>Who moved it?</p><details><summary>Spoiler</summary><p>The tide did.</p></details>"
ARABIC = "<p>كان أبي يقرأ المقياس كل صباح.</p>"


def _tops() -> list[Branch]:
    named = branch(
        said(1, "Rosario Castiñeira", LONG, kind="name", edited_at=NOW - timedelta(minutes=40)),
        branch(
            said(2, "Heron Grey", "<p>My grandmother kept the book of it. It is in the library, second floor.</p>"),
            branch(
                said(3, "Keeper of Lights", "<p>Is it open on Saturdays?</p>", kind="person"),
                Branch(said(4, "Bo", "<p>Until ten.</p>", descendants_all=3, descendants_verified=1)),
            ),
        ),
        branch(said(5, "Night Editor", "<p>We have asked the library for a picture.</p>", kind="name", label="staff")),
    )
    named.row.descendants_all += 47
    return [
        named,
        branch(
            said(
                6, "Ines Okafor", "<p>I wrote what I saw, and I shall measure again.</p>", kind="name", label="author"
            ),
            branch(said(7, "Removed", "", state="removed", hold_rule="3-argument-not-person")),
            branch(said(8, "Held", "", state="held", hold_rule="links")),
            branch(said(9, "Withdrawn", "", state="withdrawn")),
            branch(said(10, "Deleted", "", state="deleted")),
            branch(said(11, "By law", "", state="removed", hold_rule="law:threat")),
        ),
        branch(said(12, "A Subscriber Since 1998", SPOILER, label="subscriber")),
        branch(said(13, "Quiet Water", "<p>Please answer me here only if you have a badge.</p>", reach="verified")),
        branch(said(14, "سلمى", ARABIC, kind="person")),
        branch(
            said(
                15,
                "A-very-long-name-that-somebody-may-have-and-that-must-break-somewhere",
                "<p>Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnungsentwurf</p>",
            )
        ),
    ]


def _page(at: Place, *, more: bool = True, policy: Any = None, reader: Reader | None = None, **row: Any) -> ThreadView:
    tops = _tops()
    following = Cursor(sort=at.sort, id=tops[-1].row.id) if more else None
    within = found(policy, **row)
    return page_view(within, Page(tops, following), scene(within, at, reader=reader or Reader()))


def everyone(at: Place) -> ThreadView:
    """Give a page with every kind of comment."""
    return _page(at)


def verified(at: Place) -> ThreadView:
    """Give the page as it is for readers who hear from verified people only: who answers a hidden comment keeps the place."""
    tops = [each for each in _tops() if each.row.tier == "verified"]
    within = found()
    return page_view(within, Page(tops, None), scene(within, at))


def nothing(at: Place) -> ThreadView:
    """Give a thread in which nobody has said a thing."""
    within = found(total=0, verified_total=0)
    return page_view(within, Page([], None), scene(within, at))


def filtered_empty(at: Place) -> ThreadView:
    """Give a thread in which only unverified people spoke."""
    within = found(total=3, verified_total=0)
    return page_view(within, Page([], None), scene(within, at))


def closed(at: Place) -> ThreadView:
    """Give a thread that a moderator closed."""
    return _page(
        at, more=False, state="closed", closed_reason="The council has decided; the talk goes on under its report."
    )


def limited(at: Place) -> ThreadView:
    """Give a thread that is for verified people until a day."""
    reason = "Many accounts were made for this thread tonight."
    return _page(at, more=False, verified_only_until=LATER, verified_only_reason=reason)


def linked(at: Place) -> ThreadView:
    """Give a linked comment with what it answers above it."""
    top = _tops()[0]
    answer = top.replies[0]
    focus, within = answer.replies[0], found()
    around = Around(top.row, [top.row, answer.row], has_more_above=True, focus=focus)
    return around_view(within, around, scene(within, at, focus=focus.row.id))


def gone(at: Place) -> ThreadView:
    """Give the thread where a linked comment is not there any more."""
    within = found()
    return page_view(within, Page(_tops()[4:], None), scene(within, at), gone=True)


def muted(at: Place) -> ThreadView:
    """Give the thread to somebody who muted one person and was muted by another."""
    quiet = {said(2, "", "").id: "mine", said(5, "", "").id: "reply", said(12, "", "").id: "theirs"}
    reader = Reader("reader", speaks_verified=True, recommended=frozenset({said(6, "", "").id}), muted=quiet)
    return _page(at, more=False, reader=reader)


def searched(at: Place) -> ThreadView:
    """Give what was found for a word."""
    rows = [each.row for each in _tops()]
    hits = Hits(rows=rows[:3], next=Cursor(sort=at.sort, id=rows[2].id), total=9, verified_total=4)
    within = found()
    return found_view(within, "gauge", hits, scene(within, at))


def searched_in_vain(at: Place) -> ThreadView:
    """Give a search that found nothing for this reader."""
    within = found()
    return found_view(within, "whale", Hits(total=2, verified_total=0), scene(within, at))


def more_replies(at: Place) -> ThreadView:
    """Give the replies that come behind “Show more replies”."""
    within, top = found(), _tops()[0]
    return replies_view(within, Around(top.row, [], False, top), scene(within, at), itself=False)


def came(at: Place) -> ThreadView:
    """Give a comment that came while the page was open."""
    within = found()
    return fresh_view(
        within, [said(2, "Heron Grey", "<p>It moved again.</p>", parent_id="sample0000000001")], scene(within, at)
    )


def posted(at: Place) -> ThreadView:
    """Give the comment just posted, in its place."""
    within, top = found(), _tops()[2]
    return around_view(within, Around(top.row, [], False, top), scene(within, at))


def alone(which: int) -> Callable[[Place], Context]:
    """Give one comment on its own, for other people's pages."""

    def context(at: Place) -> Context:
        within = found()
        top = _tops()[which] if which >= 0 else _tops()[1].replies[0]
        view = comment_view(Branch(top.row), scene(within, at), alone=True)
        return {"one": OneView(view, within.row.site_name, within.row.title, within.row.url, within.row.url)}

    return context


def history(at: Place) -> Context:
    """Give a comment with what was changed in it, one version hidden by the filter."""
    within = found()
    comment = comment_view(_tops()[0], scene(within, at), alone=True)
    before, after = "It sank by an inch a decade.", "It sinks by a finger a decade."
    versions = (
        VersionView(3, NOW, badge_of("name"), changes(before, after), folds=False),
        VersionView(2, NOW - timedelta(minutes=2), badge_of("person"), changes("", before), folds=True),
        VersionView(1, NOW - timedelta(minutes=4), badge_of("none"), (), folds=False),
    )
    return {"history": HistoryView(comment, within.row.site_name, versions), "site_name": within.row.site_name}
