"""News for one person, under the bell and in mails: who did what, where, and where it leads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import marked as N_
from commentbox.server.base.lines import one_line, seen_lines
from commentbox.server.base.markup import plain
from commentbox.server.presenters.badges import BadgeView, badge_of
from commentbox.server.presenters.places import Place

LONGEST_NAME = 60
EXCERPT = 600
"""Of a comment, in a mail: enough to know whether to answer, and the rest is read in its place."""
REMINDER = 90
"""Of what one wrote oneself."""
MANY = 99
_WORDS = {
    "reply": N_("%(name)s replied to you"),
    "mention": N_("%(name)s mentioned you"),
    "decision": N_("There is a decision about you"),
    "expiring": N_("Your badge ends soon"),
    "answered": N_("The service has answered about your badge"),
    "handover": N_("A colleague handed you a case"),
    "proposal": N_("A colleague’s decision waits for you to confirm it"),
}


@dataclass(frozen=True, slots=True)
class NewsView:
    """A piece of news. `kind` is reply, mention, decision, expiring, answered (a service, late), handover or proposal; only
    replies and mentions have an `author`.

    `words` say it on a page, `title` in plain text. `text` is the beginning of the comment, `answered` that of one's own
    comment which it answers; both are plain text.
    """

    id: str
    kind: str
    words: Markup
    title: str
    author: str | None
    badge: BadgeView | None
    label: str | None
    site_name: str
    about: str
    at: datetime
    href: str
    is_new: bool
    text: str
    answered: str


@dataclass(frozen=True, slots=True)
class BellView:
    """The bell of whoever is signed in: how many pieces of news are new, in words too, and where it finds the rest.

    `panel` gives the list, `poll` this bell anew (nothing where nothing changed), `page` is the list without scripts.
    """

    number: int
    words: str
    panel: str
    poll: str
    page: str


def bell_view(place: Place, number: int) -> BellView:
    """Give the bell of a thread's page."""
    asked = [*place.fields, *([] if place.is_framed else [("page", "window")])]
    return BellView(
        number=number,
        words=unseen_words(number),
        panel=f"/embed/bell?{urlencode(asked)}",
        poll=f"/embed/bell/count?{urlencode([('n', number), *asked])}",
        page=f"/account?lang={i18n.language()}#bell",
    )


def unseen_words(number: int) -> str:
    """Say how much is new; nothing where nothing is."""
    if not number:
        return ""
    shown = f"{i18n.number_text(MANY)}+" if number > MANY else i18n.number_text(number)
    return i18n.ngettext("%(shown)s new", "%(shown)s new", number, shown=shown)


def news_views(rows: Sequence[Any], href_of: Callable[[Any], str]) -> tuple[NewsView, ...]:
    """Give news as it is shown, in the language of the moment."""
    return tuple(news_view(row, href_of(row)) for row in rows)


def news_view(row: Any, href: str) -> NewsView:
    """Give one piece of news."""
    author = one_line(row.author, LONGEST_NAME) if row.author else None
    answers = row.kind == "reply" and row.answers_own
    return NewsView(
        id=row.id,
        kind=row.kind,
        words=_marked_words(row.kind, author),
        title=_(_WORDS[row.kind], name=author or ""),
        author=author,
        badge=badge_of(row.badge_kind if row.tier == "verified" else "none") if author else None,
        label=_label(row.label),
        site_name=row.site_name or "",
        about=one_line(row.title or "", 200),
        at=row.at,
        href=href,
        is_new=row.seen_at is None,
        text=seen_lines(plain(row.html), EXCERPT) if row.html else "",
        answered=seen_lines(" ".join(plain(row.answered_html or "").split()), REMINDER) if answers else "",
    )


def _marked_words(kind: str, author: str | None) -> Markup:
    name = Markup("<bdi>{}</bdi>").format(author or "")
    return escape(_(_WORDS[kind])) % {"name": name} if author else escape(_(_WORDS[kind]))


def _label(label: str | None) -> str | None:
    words = {"author": _("Author of the article"), "staff": _("Staff"), "subscriber": _("Subscriber")}
    return words.get(label or "")


def on_the_paper(row: Any, origin: str) -> str:
    """Say where news is read from outside: on the paper's own page, at the comment."""
    if row.kind == "expiring":
        return f"{origin}/account?lang={i18n.language()}#badge"
    if row.kind == "answered":
        return f"{origin}/verify?lang={i18n.language()}"
    if row.kind == "handover":
        return f"{origin}/desk/case/{row.subject_id}"
    if row.kind == "proposal":
        return f"{origin}/desk/proposals"
    if row.kind == "decision":
        return f"{origin}/decisions/{row.subject_id}?lang={i18n.language()}"
    return f"{row.url}#cb-comment-{row.subject_id}" if row.url else f"{origin}/c/{row.subject_id}"


def in_the_thread(place: Place, thread_id: str | None) -> Callable[[Any], str]:
    """Say where news is read from a thread: in its place there, or on the page of another article."""

    def href(row: Any) -> str:
        here = row.thread_id is not None and row.thread_id == thread_id
        return place.around(row.subject_id, show="everyone") + f"#c-{row.subject_id}" if here else on_the_paper(row, "")

    return href
