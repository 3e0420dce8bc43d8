"""Somebody's public profile on one paper: their name, and their own public comments as readers of this filter see them."""

from dataclasses import dataclass
from datetime import datetime

from commentbox.server.accounts import profiles
from commentbox.server.base import i18n
from commentbox.server.base.db import Query
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.comments import latest
from commentbox.server.comments.latest import By
from commentbox.server.presenters.comments import EVERYBODY, Scene
from commentbox.server.presenters.feeds import FeedView, ItemView, items_of
from commentbox.server.presenters.places import Place
from commentbox.server.presenters.thread import ChoiceView, NoticeView, shows_of
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy

PAGE = 20


@dataclass(frozen=True)
class Looked:
    """Which profile is looked at, as what: the filter, the language, and the comment after which the page begins."""

    profile_id: str
    slug: str
    show: str
    lang: str | None
    origin: str
    before: str = ""

    @property
    def place(self) -> Place:
        """Give the paper, as the comments' views want it."""
        return Place(site=self.slug, show=self.show, lang=self.lang)

    def to(self, *, show: str | None = None, before: str = "") -> str:
        """Give the address of the page under another filter, or further on."""
        lang = f"&lang={self.lang}" if self.lang else ""
        further = f"&before={before}" if before else ""
        return f"/people/{self.profile_id}?site={self.slug}&show={show or self.show}{lang}{further}"

    def feed(self, kind: str) -> str:
        """Give the address of the feed of a kind."""
        return f"/people/{self.profile_id}/feed.{kind}?site={self.slug}"


@dataclass(frozen=True)
class ProfileView:
    """A page of a profile. `notice` says what the reader's filter hides of it; `older` is the address of what came before."""

    name: str
    site_name: str
    lang: str
    items: tuple[ItemView, ...]
    shows: tuple[tuple[ChoiceView, str], ...]
    notice: NoticeView | None
    older: str | None
    atom: str
    json_feed: str


async def profile_view(query: Query, looked: Looked, *, now: datetime) -> ProfileView:
    """Give a page of a profile. Refuses `site.unknown`, `profile.unknown`."""
    site = await sites.by_slug(query, looked.slug)
    person = await profiles.find(query, looked.profile_id)
    by, scene, lang = By(person.id, person.name, site.id), _scene(looked, now), i18n.best(looked.lang, site.lang)
    hears = {"verified_only": looked.show == "verified"}
    late = await latest.of_person(query, by, before=looked.before, limit=PAGE + 1, **hears)
    unverified = await latest.unverified_of_person(query, by)
    with i18n.use(lang):
        return ProfileView(
            name=person.name,
            site_name=site.name,
            lang=lang,
            items=items_of(late[:PAGE], scene, origin=looked.origin),
            shows=tuple((each, looked.to(show=each.value)) for each in shows_of(looked.show)),
            notice=_notice(looked, unverified),
            older=looked.to(before=late[PAGE - 1].row.id) if len(late) > PAGE else None,
            atom=looked.feed("atom"),
            json_feed=looked.feed("json"),
        )


def _scene(looked: Looked, now: datetime) -> Scene:
    return Scene(looked.place, EVERYBODY, rule_words=lambda _code: "", is_open=False, verified_only=False, now=now)


def _notice(looked: Looked, unverified: int) -> NoticeView | None:
    if looked.show != "verified" or not unverified:
        return None
    words = ngettext(
        "%(num)s comment from unverified people is hidden.",
        "%(num)s comments from unverified people are hidden.",
        unverified,
    )
    return NoticeView(words, href=looked.to(show="everyone"), link=_("Show"))


async def profile_feed(query: Query, looked: Looked, *, now: datetime) -> FeedView:
    """Give the newest of somebody's comments as a feed. Refuses `site.unknown`, `profile.unknown`."""
    site = await sites.by_slug(query, looked.slug)
    person = await profiles.find(query, looked.profile_id)
    lang = i18n.best(looked.lang, site.lang)
    by, hears = By(person.id, person.name, site.id), looked.show == "verified"
    late = await latest.of_person(query, by, verified_only=hears, limit=latest.MOST)
    with i18n.use(lang):
        items = items_of(late, _scene(looked, now), origin=looked.origin)
    return FeedView(
        site_name=site.name,
        title=person.name,
        home=looked.origin + looked.to(),
        lang=lang,
        is_indexable=Policy.model_validate(site.policy or {}).indexable,
        items=items,
        kept_for=None,
        version=None,
    )
