"""The desk's queue as a page: tabs with their numbers, filters, rows, and the order said in words.

The open case beside it is in `desk_case`. No query and no HTML here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

from commentbox.server.base import i18n, markup
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.moderation.queue import Page
from commentbox.server.notices.rules import OFFENCES
from commentbox.server.presenters.badges import BadgeView, badge_of
from commentbox.server.presenters.desk_words import (
    decided_words,
    hold_rules,
    hold_words,
    report_words,
    reported_words,
    suggested_words,
)
from commentbox.server.presenters.reasons import law_words, policy_of
from commentbox.server.presenters.spans import DAY, left_words, span_words
from commentbox.server.presenters.thread import rule_text
from commentbox.server.reports import REASONS, SUGGESTED

EXCERPT = 240


@dataclass(frozen=True)
class Where:
    """Where a moderator is in the queues. Every link and form of the desk carries it along."""

    queue: str
    site: str = ""
    tier: str = ""
    reason: str = ""
    rule: str = ""
    speaks: str = ""
    age: str = ""
    thread: str = ""
    section: str = ""
    after: str = ""

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """Give the hidden fields that bring a form back here."""
        return tuple((name, value) for name, value in vars(self).items() if value)

    @property
    def is_narrowed(self) -> bool:
        """Say whether anything narrows the queue."""
        return any(value for name, value in self.fields if name not in ("queue", "after"))

    def to(self, path: str = "/desk") -> str:
        """Give the address of a page of the desk that keeps the place."""
        return f"{path}?{urlencode(self.fields)}"

    def case(self, case_id: str) -> str:
        """Give the address of a case, the queue beside it as it is."""
        return self.to(f"/desk/case/{case_id}")

    def tab(self, queue: str) -> str:
        """Give the address of another queue under the same filters; a reason or rule belongs to one queue only."""
        return replace(self, queue=queue, reason="", rule="", after="").to()

    def in_thread(self, thread_id: str) -> str:
        """Give the address of the same queue for one thread, '' for all of them."""
        return replace(self, thread=thread_id, after="").to()

    def page(self, after: str) -> str:
        """Give the address of the page after a cursor."""
        return replace(self, after=after).to()


@dataclass(frozen=True, slots=True)
class OptionView:
    """One entry of a filter."""

    value: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One case in the list. `due` is said loudly where `is_due`; `taken` says who else has it."""

    id: str
    href: str
    why: str
    due: str
    is_due: bool
    text: str
    author: str
    badge: BadgeView
    site_name: str | None
    taken: str | None
    is_mine: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A view that the moderator keeps."""

    name: str
    href: str


@dataclass(frozen=True, slots=True)
class DeskView:
    """The list side of the desk."""

    where: Where
    sites: tuple[OptionView, ...]
    sections: tuple[OptionView, ...]
    tiers: tuple[OptionView, ...]
    reasons: tuple[OptionView, ...]
    rules: tuple[OptionView, ...]
    langs: tuple[OptionView, ...]
    ages: tuple[OptionView, ...]
    views: tuple[ViewLink, ...]
    any_thread_href: str | None
    may_select: bool
    heading: str
    order: str
    explained: str
    rows: tuple[RowView, ...]
    skip_href: str | None
    first_href: str | None
    more_href: str | None
    is_narrowed: bool


@dataclass(frozen=True)
class Shelf:
    """What the list is made from: who looks, their sites, the page of the queue and the numbers of all of them."""

    account_id: str
    sites: Sequence[Any]
    sections: Sequence[Any]
    views: Sequence[Any]
    page: Page
    counts: Mapping[str, int]
    now: datetime


def desk_view(shelf: Shelf, where: Where, *, open_case: str | None = None) -> DeskView:
    """Give the list side of the desk, in the language of the moment."""
    many_sites = len(shelf.sites) > 1
    rows = tuple(_row(row, shelf, where, open_case=open_case, many_sites=many_sites) for row in shelf.page.rows)
    return DeskView(
        where=where,
        sites=_sites(shelf, where) if many_sites else (),
        sections=_sections(shelf, where),
        tiers=_tiers(where),
        reasons=_reasons(where),
        rules=_rules(shelf, where) if where.queue == "done" else (),
        langs=_langs(shelf, where),
        ages=_ages(where),
        views=tuple(ViewLink(row.name, f"/desk?{urlencode(row.fields)}") for row in shelf.views),
        may_select=where.queue in ("new", "reported", "held", "notices"),
        any_thread_href=where.in_thread("") if where.thread else None,
        heading=_heading(where.queue, shelf.counts.get(where.queue)),
        order=_order(where.queue),
        explained=_explained(where.queue),
        rows=rows,
        skip_href=_skip(rows),
        first_href=where.page("") if where.after else None,
        more_href=where.page(shelf.page.after) if shelf.page.after else None,
        is_narrowed=where.is_narrowed,
    )


def _skip(rows: tuple[RowView, ...]) -> str | None:
    """Give the case after the open one."""
    return next((after.href for row, after in pairwise(rows) if row.is_open), None)


def queue_words(queue: str) -> str:
    """Name a queue."""
    words = {
        "new": _("New"),
        "reported": _("Reported"),
        "held": _("Held"),
        "notices": _("Notices"),
        "appeals": _("Appeals"),
        "mine": _("Mine"),
        "done": _("Done"),
    }
    return words[queue]


def _heading(queue: str, number: int | None) -> str:
    if number is None:
        return queue_words(queue)
    return ngettext("%(queue)s, %(num)s case", "%(queue)s, %(num)s cases", number, queue=queue_words(queue))


def _order(queue: str) -> str:
    words = {
        "reported": _("most reported first"),
        "held": _("oldest first"),
        "notices": _("due first"),
        "appeals": _("due first"),
        "mine": _("running out first"),
        "new": _("oldest first"),
        "done": _("newest first"),
    }
    return words[queue]


def _explained(queue: str) -> str:
    words = {
        "reported": _("Comments that more people reported come first; among equals, the one that waited longest."),
        "held": _("Comments that wait to be published, the oldest first. Their authors see that they wait, and why."),
        "notices": _(
            "Notices that something is illegal, by the moment an answer is due: within a day where life or intimacy is at "
            "stake or a trusted flagger asks, else within three. Whoever sent one is told what you decide."
        ),
        "appeals": _(
            "Appeals against decisions, by the day their answer is due. Whoever decided first does not hear it."
        ),
        "new": _("Comments of the last day that nobody at the desk has looked at. Approving one says that you did."),
        "done": _("What was decided, the newest first, by whom and how."),
        "mine": _("Cases you hold. Nobody else can decide them until your time runs out; whatever you do renews it."),
    }
    return words[queue]


def _sites(shelf: Shelf, where: Where) -> tuple[OptionView, ...]:
    every = OptionView("", _("All sites"), not where.site)
    return (every, *(OptionView(site.slug, site.name, site.slug == where.site) for site in shelf.sites))


def _sections(shelf: Shelf, where: Where) -> tuple[OptionView, ...]:
    """Give the sections of the sites shown, each name once; none where the paper told us of none."""
    names = dict.fromkeys(row.name for row in shelf.sections)
    found = [OptionView(name, name, name == where.section) for name in names]
    return (OptionView("", _("All sections"), not where.section), *found) if found else ()


def _tiers(where: Where) -> tuple[OptionView, ...]:
    words = (("", _("Any")), ("verified", _("verified")), ("unverified", _("unverified")))
    return tuple(OptionView(value, text, value == where.tier) for value, text in words)


def _reasons(where: Where) -> tuple[OptionView, ...]:
    """Reasons of reports, or rules that hold, whichever the queue knows; none for the others."""
    known = {
        "reported": [(code, report_words(code)) for code in (*REASONS, SUGGESTED)],
        "held": list(hold_rules().items()),
        "notices": [(code, law_words(code)) for code in OFFENCES],
    }.get(where.queue, [])
    found = [OptionView(code, words, code == where.reason) for code, words in known]
    return (OptionView("", _("Any reason"), not where.reason), *found) if found else ()


def _rules(shelf: Shelf, where: Where) -> tuple[OptionView, ...]:
    """Give the house rules of the sites shown, each once, as far as somebody could name them."""
    named = {
        rule.code: rule_text(rule.text)
        for site in shelf.sites
        if where.site in ("", site.slug)
        for rule in policy_of(site.policy).house_rules
    }
    found = [OptionView(code, words, code == where.rule) for code, words in named.items()]
    return (OptionView("", _("Any rule"), not where.rule), *found)


def _langs(shelf: Shelf, where: Where) -> tuple[OptionView, ...]:
    """Give the languages of the sites, where there are several."""
    spoken = sorted({site.lang for site in shelf.sites})
    found = [OptionView(lang, i18n.language_name(lang), lang == where.speaks) for lang in spoken]
    return (OptionView("", _("Any language"), not where.speaks), *found) if len(spoken) > 1 else ()


def _ages(where: Where) -> tuple[OptionView, ...]:
    words = {"": _("Any age"), "1": _("Older than an hour"), "24": _("Older than a day"), "168": _("Older than a week")}
    return tuple(OptionView(value, text, value == where.age) for value, text in words.items())


def _row(row: Any, shelf: Shelf, where: Where, *, open_case: str | None, many_sites: bool) -> RowView:
    is_taken = row.holder_id is not None and row.held_until > shelf.now
    is_mine = is_taken and row.holder_id == shelf.account_id
    due, is_due = _due(row, shelf.now)
    return RowView(
        id=row.case_id,
        href=where.case(row.case_id),
        why=why_words(row),
        due=due,
        is_due=is_due,
        text=_excerpt(row),
        author=row.name,
        badge=badge_of(row.kind or "none"),
        site_name=row.site_name if many_sites else None,
        taken=_taken(row, shelf.now) if is_taken and not is_mine else None,
        is_mine=is_mine,
        is_open=row.case_id == open_case,
    )


def _excerpt(row: Any) -> str:
    """Give the beginning as it reads, without the marks it was typed with; an appeal has none."""
    text = markup.plain(row.html) if row.html else row.text
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT].rstrip()}…"


def why_words(row: Any) -> str:
    """Say why a case is in the queue: an appeal, notices, a number of people who reported it, or the rule that holds it."""
    if row.appeal_id is not None:
        return _("Appeal")
    if row.decided_by is not None:
        return f"{decided_words(row.action, row.was)} {row.decided_by}"
    if row.notices:
        return _noticed_words(row)
    if row.state == "held":
        held = _("Held: %(rule)s", rule=hold_words(row.hold_rule))
        return f"{held} · {reported_words(row.reporters)}" if row.reporters else held
    if row.is_suggested and row.state == "published":
        return suggested_words()
    return reported_words(row.reporters) if row.reporters or row.state != "published" else _("New")


def _noticed_words(row: Any) -> str:
    """Say how many notices wait, whether by a trusted flagger, and who else reported it."""
    words = [ngettext("%(num)s notice", "%(num)s notices", row.notices)]
    words += [_("trusted flagger")] if row.flagger_id else []
    words += [reported_words(row.reporters)] if row.reporters else []
    return " · ".join(words)


def _due(row: Any, now: datetime) -> tuple[str, bool]:
    if row.due_at is not None:
        return left_words(row.due_at, now), row.due_at - now < DAY
    waits = now - (row.since or row.created_at or now)
    return span_words(waits), waits >= timedelta(days=1)


def _taken(row: Any, now: datetime) -> str:
    return _("%(name)s has it, %(span)s", name=row.holder_name or "?", span=left_words(row.held_until, now))
