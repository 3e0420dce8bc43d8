"""What belongs to one viewer of a thread: the composer, own held comments, own marks. Never in the public layer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from commentbox.server.accounts.rules import Measure
from commentbox.server.base import i18n
from commentbox.server.base.i18n import day_text
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.badges import BadgeView, badge_of
from commentbox.server.presenters.comments import muted_words
from commentbox.server.presenters.limits import limit_words
from commentbox.server.presenters.news import BellView
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.thread import Found, NoticeView
from commentbox.server.screening.drafts import Facts
from commentbox.server.verification.speaking import Speaker


@dataclass(frozen=True, slots=True)
class ComposerView:
    """The form for writing, or what stands in its place.

    `warning` is about the writer's own account. Without a `name` nobody is signed in. `instead` replaces the form: closed,
    for verified people only, silenced.
    `parent_id` makes it a reply to `parent_name`; `text` and `error` bring back what was typed and what went wrong,
    `preview` shows how it would look.
    `limits` are the sentences about pauses, age and review that hold for this person in this thread.
    """

    place: Place
    action: str
    name: str | None
    badge: BadgeView | None
    instead: NoticeView | None
    signin: str
    signup: str
    verify: str
    warning: NoticeView | None
    invites: bool
    needs_passkey: bool
    takes_guests: bool
    longest: int
    parent_id: str | None = None
    parent_name: str | None = None
    text: str = ""
    error: str | None = None
    edits: str | None = None
    limits: tuple[str, ...] = ()
    preview: Markup | None = None
    guest_name: str = ""
    asks_in: bool = False


@dataclass(frozen=True, slots=True)
class HeldView:
    """A comment only its author sees: waiting for review, with the rule that held it."""

    id: str
    author: str
    badge: BadgeView
    created_at: datetime
    html: Markup
    why: str
    can_edit: bool


@dataclass(frozen=True, slots=True)
class OwnView:
    """One's own comment on the page: until when it may be edited, and its state."""

    edit_until: str
    state: str


@dataclass(frozen=True, slots=True)
class MutedView:
    """What muting does to comments of one sort (`how`): the sentence of the fold, if any, and what stands for the reply."""

    how: str
    muted: str | None
    closed: str


@dataclass(frozen=True, slots=True)
class ViewerView:
    """The private layer of a thread.

    `removed` are notices about decisions: this viewer's comments that moderators took away, or look at first. `show` is
    the filter kept on the account, if any; `quiet` says whether they want no news from this thread (None: nothing to ask);
    `muted` are the folds they need; `marks` is the JSON by which the script marks the public layer; `at_desk` gives each
    comment a link to its case; `bell` is there for whoever is signed in.
    """

    place: Place
    composer: ComposerView
    reply: ComposerView
    held: tuple[HeldView, ...]
    removed: tuple[NoticeView, ...]
    is_signed_in: bool
    show: str | None
    quiet: bool | None
    muted: tuple[MutedView, ...]
    at_desk: bool
    marks: Markup
    bell: BellView | None = None


def composer_view(
    found: Found,
    place: Place,
    speaker: Speaker | None,
    *,
    now: datetime,
    instead: NoticeView | None = None,
    facts: Facts | None = None,
    **more: Any,
) -> ComposerView:
    """Give the form for whoever speaks; `more` are the fields of a reply, an edit, or a text brought back."""
    verified = speaker is not None and speaker.speaks_verified
    return ComposerView(
        place=place,
        action=more.pop("action", "/comments"),
        name=speaker.name if speaker else None,
        badge=badge_of(speaker.kind) if speaker else None,
        instead=instead or _instead(found, verified=verified, now=now),
        signin=_window("/signin", place),
        signup=_window("/signup", place),
        verify=_window("/verify", place),
        warning=_warning(speaker),
        invites=speaker is not None and speaker.badge_kind == "none" and speaker.badge_asleep is None,
        needs_passkey=speaker is not None and speaker.badge_kind != "none" and not verified,
        takes_guests=speaker is None and found.policy.guests,
        longest=found.policy.max_length,
        limits=limit_words(
            found.policy, found.row, tier=speaker.tier if speaker else "unverified", now=now, facts=facts
        ),
        **more,
    )


def _warning(speaker: Speaker | None) -> NoticeView | None:
    """Tell every browser of an account why its badge sleeps, above all that somebody asks for the account."""
    account = f"/account?lang={i18n.language()}"
    if speaker is None or not speaker.badge_asleep:
        return None
    if speaker.badge_asleep == "recovery":
        words = _("Somebody asks to recover your account.")
        return NoticeView(words, _("Until that is over you comment as not verified."), account, _("See, and say no"))
    return NoticeView(_("Your badge sleeps."), _("It is back when you verify again."), account, _("My page"))


def _window(path: str, place: Place) -> str:
    wanted = [("site", place.site), ("next", place.window), ("lang", i18n.language())]
    return f"{path}?{urlencode(wanted)}"


def _instead(found: Found, *, verified: bool, now: datetime) -> NoticeView | None:
    until = found.row.verified_only_until
    if found.row.state == "closed":
        return NoticeView("")  # the public layer says so already
    if until is not None and until > now and not verified:
        words = _("In this thread only verified people may comment.")
        more = f"/verification?lang={i18n.language()}"
        return NoticeView(words, _("Everyone may read and recommend."), more, _("How verification works"))
    return None


def measure_notice(measure: Measure) -> NoticeView:
    """Say before anybody types what holds against them, until when, and where the reasons and the appeal are."""
    day = day_text(measure.until.date()) if measure.until else ""
    still = _("You can still read, recommend and report.")
    words, text = {
        "warned": (_("A moderator warned you."), _("Read why and say that you read it. Then you can go on.")),
        "held_first": (_("A moderator looks at your comments first until %(day)s.", day=day), ""),
    }.get(
        measure.kind,
        (_("You may comment again from %(day)s.", day=day) if day else _("You cannot comment here."), still),
    )
    place = f"/decisions/{measure.statement_id}" if measure.statement_id else "/account"
    return NoticeView(words, text, f"{place}?lang={i18n.language()}", _("Read the reasons, or appeal"))


def removed_notice(rule: str) -> NoticeView:
    """Tell an author that a comment of theirs was removed, under which rule, and where the reasons are."""
    return NoticeView(
        _("A comment of yours was removed."),
        rule,
        f"/account?lang={i18n.language()}#decisions",
        _("Read the reasons, or appeal"),
    )


def viewer_view(
    place: Place,
    composer: ComposerView,
    reply: ComposerView,
    *,
    held: Sequence[HeldView] = (),
    removed: Sequence[NoticeView] = (),
    speaker: Speaker | None = None,
    recommended: Sequence[str] = (),
    muted: Mapping[str, str] | None = None,
    thread_id: str | None = None,
    own: Mapping[str, OwnView] | None = None,
    at_desk: bool = False,
) -> ViewerView:
    """Give the private layer."""
    quieted = {each: how for each, how in (muted or {}).items() if how != "thread"}
    marks = {
        "signed_in": speaker is not None,
        "tier": speaker.tier if speaker else "unverified",
        "show": speaker.show if speaker else None,
        "recommended": list(recommended),
        "muted": quieted,
        "own": {each: {"edit_until": mine.edit_until, "state": mine.state} for each, mine in (own or {}).items()},
    }
    return ViewerView(
        place=place,
        composer=composer,
        reply=reply,
        held=tuple(held),
        removed=tuple(removed),
        is_signed_in=speaker is not None,
        show=speaker.show if speaker else None,
        quiet=thread_id in (muted or {}) if speaker and thread_id else None,
        muted=tuple(MutedView(how=how, **muted_words(how)) for how in sorted(set(quieted.values()))),
        at_desk=at_desk,
        marks=_script_safe(marks),
    )


def _script_safe(value: Any) -> Markup:
    """Write JSON so that nothing in it can be markup."""
    return Markup(json.dumps(value, separators=(",", ":")).replace("<", "\\u003c").replace("&", "\\u0026"))


def hold_words(rule: str | None) -> str:
    """Say why a comment waits, in words for its author."""
    words = {
        "guest": _("This paper looks at comments without an account before they appear."),
        "links": _("It has links, and this paper looks at those before they appear."),
        "domain": _("It links to an address that this paper looks at first."),
        "words": _("It has a word that this paper looks at first."),
        "outside": _("Automation held it: a checking service asks a moderator to look first."),
        "spam": _("Automation held it: a filter takes it for advertising. A moderator looks at it."),
        "unanswered": _(
            "Automation held it: the service that checks comments did not answer. A moderator looks at it."
        ),
        "score": _("Automation held it: a classifier takes it for something to look at first. A moderator decides."),
        "first": _("This paper looks at first comments before they appear."),
        "unverified": _("This paper looks at comments of unverified people before they appear."),
        "held_first": _("A moderator looks at your comments first for now. The reasons are on your account page."),
    }
    return words.get(rule or "", _("A moderator looks at it first."))
