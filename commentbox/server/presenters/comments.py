"""A comment as one reader may see it. What is not for that reader is not in the view, so that no theme can show it.

`CommentView` is the same for pages, fragments and the API. Decisions come as booleans, sentences already translated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from commentbox.server.accounts.rules import may_reach
from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.base.markup import SPOILER
from commentbox.server.comments.cursors import After
from commentbox.server.comments.heat import wait_seconds
from commentbox.server.comments.tree import Branch, Tally, seen, unseen
from commentbox.server.presenters.badges import BadgeView, badge_of_row
from commentbox.server.presenters.limits import span
from commentbox.server.presenters.places import Place

DEEPEST_HEADING = 3


@dataclass(frozen=True, slots=True)
class MoreView:
    """A link to comments that are not on the page: its words, where it leads, and the fragment a script may fetch."""

    words: str
    href: str
    fragment: str | None = None


@dataclass(frozen=True, slots=True)
class CommentView:
    """One comment, or the stub in its place, with the replies that are shown under it.

    `state` is published, hidden (by the reader's filter), held, removed, withdrawn or deleted. `author`, `html`, `text`
    and `badge` are None unless it is published; `stub` is the sentence in their place. `muted` is the sentence on the fold
    where the reader and its author do not hear each other, `closed` the one in the place of the button to reply. `answered`
    is said of questions alone; `heated`, at the top of a conversation, why and until when one waits longer in it; `profile`
    is where its author's public profile is.
    """

    id: str
    parent_id: str | None
    heading: int
    state: str
    tier: str
    created_at: datetime
    edited_at: datetime | None
    author: str | None
    badge: BadgeView | None
    label: str | None
    is_picked: bool
    heated: str | None
    answered: bool | None
    html: Markup | None
    text: str | None
    recommends_all: int
    recommends_verified: int
    is_published: bool
    is_folded: bool
    is_focus: bool
    is_protected: bool
    is_own: bool
    is_recommended: bool
    can_reply: bool
    can_recommend: bool
    verified_can_reply: bool
    verified_can_recommend: bool
    can_edit: bool
    can_withdraw: bool
    can_mute: bool
    muted: str | None
    closed: str | None
    stub: str | None
    opens: MoreView | None
    profile: str | None
    replies: tuple["CommentView", ...]
    more: MoreView | None


@dataclass(frozen=True)
class Reader:
    """Whom a page is for. Without an account it is for everybody: the public layer."""

    account_id: str | None = None
    speaks_verified: bool = False
    recommended: frozenset[str] = frozenset()
    muted: Mapping[str, str] = field(default_factory=dict)
    may_edit_since: datetime | None = None
    answers: bool = False


EVERYBODY = Reader()


@dataclass(frozen=True)
class Scene:
    """What all comments of a page have in common. It `asks` where the thread takes or took questions; `answers_only` while
    nobody but those who answer may reply.
    """

    place: Place
    reader: Reader
    rule_words: Callable[[str | None], str]
    is_open: bool
    verified_only: bool
    now: datetime
    asks: bool = False
    answers_only: bool = False
    heat_seconds: int = 0
    focus: str | None = None

    @property
    def tally(self) -> Tally:
        """Give the counters that fit the filter."""
        return Tally(self.place.show == "verified")


def comment_view(branch: Branch, scene: Scene, *, level: int = 0, alone: bool = False) -> CommentView:
    """Give the view of a branch with everything shown under it; `alone` leaves out that there is more."""
    row = branch.row
    state = state_of(row, scene.place.show)
    published = state == "published"
    return CommentView(
        id=row.id,
        parent_id=row.parent_id,
        heading=min(level + 2, DEEPEST_HEADING),
        state=state,
        tier=row.tier if row.revoked_at is None else "unverified",
        created_at=row.created_at,
        edited_at=row.edited_at if published else None,
        author=_author(row) if published else None,
        badge=badge_of_row(row) if published else None,
        label=_label(row.label) if published else None,
        is_picked=published and row.picked_at is not None,
        heated=heat_words(row, scene) if published and row.depth == 0 else None,
        answered=row.answers > 0 if published and scene.asks and row.depth == 0 else None,
        html=shown_html(row.html) if published else None,
        text=row.text if published else None,
        recommends_all=row.recommends_all if published else 0,
        recommends_verified=row.recommends_verified if published else 0,
        is_published=published,
        is_folded=published and scene.place.show == "fold" and row.tier != "verified",
        is_focus=row.id == scene.focus,
        **(_permissions(row, scene) if published else _NOTHING),
        **muted_words(scene.reader.muted.get(row.id) if published else None),
        stub=None if published else stub_words(state, row.hold_rule, scene.rule_words),
        opens=_opens(row, scene) if state == "hidden" else None,
        profile=_profile(row, scene) if published else None,
        replies=tuple(comment_view(reply, scene, level=level + 1) for reply in branch.replies),
        more=None if alone else _more(branch, scene, level),
    )


def _profile(row: Any, scene: Scene) -> str | None:
    """Give where the author's public profile is, for comments under the name that it has."""
    if row.profile_id is None:
        return None
    wanted = [("site", scene.place.site), ("show", scene.place.show), ("lang", scene.place.lang or "")]
    return f"/people/{row.profile_id}?" + urlencode([pair for pair in wanted if pair[1]])


def _author(row: Any) -> str:
    if row.name:
        return str(row.name)
    return _("Somebody who has left") if row.label == "left" else _("No name given")


def quoted(text: str) -> str:
    """Give a comment's text as a quotation to answer below."""
    return "".join(f"> {line}\n" for line in text.split("\n")) + "\n"


def shown_html(html: str) -> Markup:
    """Give a stored text as it is shown: what stands on a fold is said in the reader's language."""
    return Markup(html.replace(SPOILER, f"<summary>{Markup.escape(_('Spoiler'))}</summary>"))


def state_of(row: Any, show: str) -> str:
    """Give a comment's state for readers with this filter: `hidden` where only the filter hides it."""
    return "hidden" if row.state == "published" and is_filtered_out(row, show) else str(row.state)


def is_filtered_out(row: Any, show: str) -> bool:
    """Say whether readers with this filter do not hear from the comment's author. Pages and live streams ask here."""
    is_verified = row.tier == "verified" and row.revoked_at is None
    return show == "verified" and not is_verified


_NOTHING: dict[str, Any] = {
    "is_protected": False,
    "is_own": False,
    "is_recommended": False,
    "can_reply": False,
    "can_recommend": False,
    "verified_can_reply": False,
    "verified_can_recommend": False,
    "can_edit": False,
    "can_withdraw": False,
    "can_mute": False,
}


def _permissions(row: Any, scene: Scene) -> dict[str, Any]:
    """Say what the reader may do. `verified_can_…` is for the public layer, which does not know who reads it."""
    reader, reach = scene.reader, row.reach or "everyone"
    is_own = reader.account_id is not None and row.account_id == reader.account_id
    reached = may_reach(reach, speaks_verified=reader.speaks_verified, is_self=is_own)
    may_write = scene.is_open and (reader.speaks_verified or not scene.verified_only)
    unknown = reader.account_id is None
    how = reader.muted.get(row.id)
    answering = reader.answers or not scene.answers_only
    can_reply = may_write and reached and how is None and answering
    return {
        "is_protected": reach != "everyone",
        "is_own": is_own,
        "is_recommended": row.id in reader.recommended,
        "can_reply": can_reply,
        "can_recommend": reached and not is_own and how in (None, "mine"),
        "verified_can_reply": unknown and scene.is_open and answering and not can_reply,
        "verified_can_recommend": unknown and not reached,
        "can_edit": is_own and reader.may_edit_since is not None and row.created_at >= reader.may_edit_since,
        "can_withdraw": is_own,
        "can_mute": row.account_id is not None and not is_own and how != "mine",
    }


def heat_words(row: Any, scene: Scene) -> str | None:
    """Say at the top of a conversation why one waits longer in it, and until when; None where it is not so."""
    wait = wait_seconds(row.heat, scene.heat_seconds)
    if not wait or row.heated_until is None or row.heated_until <= scene.now:
        return None
    return _(
        "Moderators upheld reports in this conversation. Until %(moment)s everyone waits %(span)s between two comments in it.",
        moment=i18n.moment_text(row.heated_until),
        span=span(wait),
    )


def muted_words(how: str | None) -> dict[str, Any]:
    """Say on the fold and beside it what muting means to this reader; see `comments.queries.muted_in_thread`."""
    if how is None:
        return {"muted": None, "closed": None}
    fold = {
        "mine": _("A comment from a person you muted is hidden."),
        "reply": _("A reply to you is hidden, because this person muted you."),
    }
    mine = how == "mine"
    return {
        "muted": fold.get(how),
        "closed": _("You muted this person") if mine else _("This person takes no replies from you"),
    }


def _label(code: str | None) -> str | None:
    words = {
        "honour": _("Guest of honour"),
        "staff": _("Staff"),
        "author": _("Author of the article"),
        "subscriber": _("Subscriber"),
    }
    return words.get(code or "")


def stub_words(state: str, rule: str | None, rule_words: Callable[[str | None], str]) -> str:
    """Give the sentence that stands in the place of a comment. A removal names its rule, never its author."""
    if state == "hidden":
        return _("A comment from an unverified person is hidden.")
    if state == "removed":
        words = rule_words(rule)
        removed = _("A comment was removed by a moderator.")
        return f"{removed} {words}" if words else removed
    if state == "held":
        return _("A comment is waiting for a moderator.")
    if state == "withdrawn":
        return _("A comment was withdrawn by its author.")
    return _("A comment was deleted by its author.")


def _opens(row: Any, scene: Scene) -> MoreView:
    href = scene.place.around(row.id, show="everyone")
    return MoreView(_("Show"), href, scene.place.opened(row.id))


def _more(branch: Branch, scene: Scene, level: int) -> MoreView | None:
    number = unseen(branch, scene.tally)
    if not number:
        return None
    comment_id = branch.row.id
    if not branch.replies and level:
        words = ngettext(
            "Continue this thread: %(num)s more reply", "Continue this thread: %(num)s more replies", number
        )
        return MoreView(words, scene.place.around(comment_id))
    last = branch.replies[-1].row.id if branch.replies else ""
    after = After(last, seen(branch, scene.tally)).text()
    words = ngettext("Show %(num)s more reply", "Show %(num)s more replies", number)
    fragment = scene.place.replies(comment_id, after=after)
    return MoreView(words, scene.place.around(comment_id, after=after), fragment)
