"""The form for writing in its states, and what else belongs to one viewer: held comments, notices, the bell."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from commentbox.server.accounts.rules import Measure
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.badges import badge_of
from commentbox.server.presenters.limits import span
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.samples.said import LATER, NOW, found, said
from commentbox.server.presenters.thread import rule_words
from commentbox.server.presenters.viewer import (
    ComposerView,
    HeldView,
    ViewerView,
    composer_view,
    hold_words,
    measure_notice,
    removed_notice,
    viewer_view,
)
from commentbox.server.screening.drafts import Facts
from commentbox.server.sites.rules import Policy
from commentbox.server.verification.speaking import Speaker

WORDS = "The gauge was never wrong; it is the quay that sinks."
LIMITS = {
    "reason": "A hundred accounts came tonight.",
    "until": LATER.isoformat(),
    "slow_seconds": 300,
    "posts_per_hour": 3,
    "hold_unverified": True,
}


def speaker(kind: str = "none", *, by_passkey: bool = True, asleep: str | None = None) -> Speaker:
    """Give somebody signed in."""
    return Speaker(
        session_id="session",
        session_kind="top",
        site_id=None,
        by_passkey=by_passkey,
        fresh_at=NOW,
        account_id="reader",
        name="Heron Grey",
        reach="everyone",
        show=None,
        badge_kind=kind,
        badge_id="badge" if kind != "none" else None,
        account_since=NOW - timedelta(days=400),
        badge_asleep=asleep,
        is_protected=kind != "none" or asleep is not None,
    )


def composers(at: Place) -> Iterator[tuple[str, ComposerView]]:
    """Give the form in every state, by a name each."""
    within, me = found(), speaker()
    strict = Policy(slow_seconds_unverified=300, min_age_minutes_unverified=1440, hold_unverified=True)
    yield "signed out", composer_view(found(Policy()), at, None, now=NOW)
    yield "signed out, guests may write", composer_view(within, at, None, now=NOW, guest_name="Passer-by")
    yield "not verified, with the invitation", composer_view(within, at, me, now=NOW)
    yield "verified name", composer_view(within, at, speaker("name"), now=NOW)
    yield "verified person", composer_view(within, at, speaker("person"), now=NOW)
    yield "verified, passkey not used here", composer_view(within, at, speaker("person", by_passkey=False), now=NOW)
    yield "badge sleeps", composer_view(within, at, speaker(asleep="passkeys"), now=NOW)
    yield "somebody asks for the account", composer_view(within, at, speaker(asleep="recovery"), now=NOW)
    facts = Facts(seconds_since_here=60)
    yield "slow, held first, young accounts", composer_view(found(strict), at, me, now=NOW, facts=facts)
    yield "limits of the thread", composer_view(found(strict, limits=LIMITS), at, me, now=NOW)
    yield "reply", composer_view(within, at, speaker("name"), now=NOW, parent_id="sample2", parent_name="Ines Okafor")
    yield "edit", composer_view(within, at, me, now=NOW, edits="sample2", text=WORDS, action="/comments/sample2/edit")
    yield "preview", composer_view(within, at, me, now=NOW, text=WORDS, preview=Markup("<p>{}</p>").format(WORDS))
    wait = _("You may comment again in %(span)s.", span=span(240))
    yield "not posted, text kept", composer_view(within, at, me, now=NOW, text=WORDS, error=wait)
    yield (
        "not posted, signed out meanwhile",
        composer_view(within, at, None, now=NOW, text=WORDS, error=wait, asks_in=True),
    )
    yield "for verified people only", composer_view(found(verified_only_until=LATER), at, me, now=NOW)
    yield from _measured(at)


def _measured(at: Place) -> Iterator[tuple[str, ComposerView]]:
    """Give what stands in the form's place for somebody under a measure; what was typed is kept."""
    for kind, until in (("warned", None), ("silenced", LATER), ("banned", None)):
        instead = measure_notice(Measure(kind, until, "statement"))
        text = WORDS if kind == "silenced" else ""
        yield kind, composer_view(found(), at, speaker(), now=NOW, instead=instead, text=text)


def held(rule: str) -> HeldView:
    """Give an own comment that waits under a rule."""
    row = said(1, "Heron Grey", f"<p>{WORDS}</p>")
    return HeldView(
        f"held-{rule}", row.name, badge_of("none"), NOW, Markup(row.html), hold_words(rule), can_edit=rule != "words"
    )


def layer(at: Place, who: Speaker | None, **more: Any) -> ViewerView:
    """Give the private layer of somebody."""
    within = found()
    mine = composer_view(within, at, who, now=NOW)
    return viewer_view(at, mine, mine, speaker=who, thread_id=within.thread_id, **more)


def full_layer(at: Place) -> ViewerView:
    """Give the private layer with all that may be in it."""
    removed = removed_notice(rule_words(found().policy, "3-argument-not-person"))
    return layer(
        at,
        speaker(),
        held=[held(rule) for rule in ("links", "words", "first", "held_first")],
        removed=[measure_notice(Measure("held_first", LATER, "statement")), removed],
        muted={"sample0000000002": "mine", "tide": "thread"},
        at_desk=True,
    )
