"""One case as a moderator sees it: context, why it is here, the author, the statement before it is sent, the verdict.

Permissions arrive as booleans and as the list of actions offered; a template asks nothing. `desk` has the list beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from markupsafe import Markup
from sqlalchemy import Row

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.base.i18n import ngettext
from commentbox.server.moderation.cases import Case
from commentbox.server.presenters.badges import BadgeView, badge_of
from commentbox.server.presenters.changes import PieceView, changes
from commentbox.server.presenters.desk_author import AuthorView, DecisionView, author_view, decision_view
from commentbox.server.presenters.desk_marks import caught_words, judged_html
from commentbox.server.presenters.desk_notices import NoticeView, notice_view
from commentbox.server.presenters.desk_verdict import (
    ActionView,
    AlongView,
    GroundView,
    Typed,
    actions,
    along,
    house_rules,
    laws,
    offered,
    planned,
)
from commentbox.server.presenters.desk_words import hold_words, report_words, reported_words, suggested_words
from commentbox.server.presenters.reasons import LineView, policy_of, statement_lines
from commentbox.server.presenters.spans import left_words, span_words
from commentbox.server.reports import SUGGESTED, by_people, detected_by
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True, slots=True)
class ContextView:
    """A comment in the thread around the one that is judged; `html` is None where readers see no text either."""

    name: str
    badge: BadgeView
    at: datetime
    html: Markup | None
    stub: str | None


@dataclass(frozen=True, slots=True)
class WhyView:
    """One line of why the case is here: what, and quietly by whom or what it means."""

    words: str
    quiet: str
    said: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaseView:
    """Who holds the case. `is_mine` and `is_taken` exclude each other; neither is true of a free case."""

    is_mine: bool
    is_taken: bool
    words: str


@dataclass(frozen=True)
class Looking:
    """Who looks at the case, when, with what typed, and what went wrong with it if something did."""

    account_id: str
    now: datetime
    only_looks: bool = False
    typed: Typed = field(default_factory=Typed)
    problem: str | None = None
    may_hold: bool = False
    may_pick: bool = False
    changed: tuple[str, ...] = ()
    seen_revision: int | None = None
    of_sections: bool = False


@dataclass(frozen=True, slots=True)
class AppealCaseView:
    """An appeal: what was decided, what the author says, and whether this moderator may hear it."""

    lines: tuple[LineView, ...]
    decided: str
    text: str
    at: datetime
    due: str
    may_not: str | None
    same_person: bool
    answered: str | None


@dataclass(frozen=True, slots=True)
class RevisionView:
    """One edit: which revision it made, when, and what changed."""

    number: int
    at: datetime
    pieces: tuple[PieceView, ...]


@dataclass(frozen=True, slots=True)
class NoteView:
    """What a colleague left with the case; `what` says more than a note does: to whom it was handed, what was asked."""

    by: str
    at: datetime
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything of one case."""

    id: str
    comment_id: str
    title: str
    about: str
    thread_id: str
    site_name: str
    article_href: str | None
    name: str
    badge: BadgeView
    at: datetime
    html: Markup
    revision: int
    revision_words: str
    state: str
    state_words: str
    seen: str
    above: tuple[ContextView, ...]
    below: tuple[ContextView, ...]
    why: tuple[WhyView, ...]
    notices: tuple[NoticeView, ...]
    may_hold: bool
    may_pick: bool
    is_picked: bool
    held: str | None
    earlier: tuple[RevisionView, ...]
    decisions: tuple[DecisionView, ...]
    author: AuthorView
    lease: LeaseView
    actions: tuple[ActionView, ...]
    house_rules: tuple[GroundView, ...]
    laws: tuple[GroundView, ...]
    along: tuple[AlongView, ...]
    notes: tuple[NoteView, ...]
    colleagues: tuple[tuple[str, str], ...]
    may_note: bool
    preview: tuple[LineView, ...]
    typed: Typed
    appeal: AppealCaseView | None
    closed: str | None
    problem: str | None
    changed: tuple[str, ...]
    changed_text: tuple[PieceView, ...]


def case_view(case: Case, looking: Looking) -> CaseView:
    """Give the view of a case, in the language of the moment."""
    comment, policy = case.comment, policy_of(case.site.policy)
    lease = _lease(case, looking)
    closed = _closed(case, looking)
    plan = planned(case, looking.typed, policy=policy, now=looking.now)
    may_decide = not lease.is_taken and closed is None
    return CaseView(
        id=case.id,
        comment_id=comment.id,
        title=case.thread.title or case.thread.url,
        about=_about(case),
        thread_id=comment.thread_id,
        site_name=case.site.name,
        article_href=case.thread.url or None,
        name=comment.name,
        badge=badge_of(comment.kind),
        at=comment.created_at,
        html=judged_html(comment.html, comment.hold_rule, policy, comment.caught),
        revision=comment.revision,
        revision_words=_("revision %(number)s of %(of)s", number=comment.revision, of=max(1, len(case.revisions))),
        state=comment.state,
        state_words=state_words(comment.state),
        seen=case.last_decision or "",
        above=tuple(_context(row) for row in case.ancestors),
        below=tuple(_context(row) for row in case.replies),
        why=tuple(_why(case)),
        notices=tuple(notice_view(row, now=looking.now) for row in case.notices),
        may_hold=looking.may_hold,
        may_pick=looking.may_pick and comment.state == "published" and comment.account_id != looking.account_id,
        is_picked=comment.picked_at is not None,
        held=_held(case),
        earlier=_earlier(case.revisions),
        decisions=tuple(decision_view(row, policy) for row in case.decisions),
        author=author_view(case.author, comment, policy, slug=None if looking.of_sections else case.site.slug),
        lease=lease,
        actions=actions(case, looking.typed) if may_decide else (),
        house_rules=house_rules(policy, looking.typed),
        laws=laws(policy, looking.typed),
        along=() if looking.of_sections else along(case, looking.typed),
        notes=tuple(_note(row) for row in case.notes),
        colleagues=tuple((row.id, row.name) for row in case.colleagues),
        may_note=not looking.only_looks,
        preview=statement_lines(plan, policy, has_colleague=case.has_colleague),
        typed=looking.typed,
        appeal=_appeal(case.appeal, case, looking, policy) if case.appeal else None,
        closed=closed,
        problem=looking.problem,
        changed=tuple(change_words(each, case) for each in looking.changed),
        changed_text=_since_seen(case, looking),
    )


def _about(case: Case) -> str:
    if case.appeal is not None:
        return _("Appeal")
    if case.comment.state == "held":
        return _("Held: %(rule)s", rule=hold_words(case.comment.hold_rule))
    if case.notices:
        return ngettext("%(num)s notice", "%(num)s notices", len(case.notices))
    if people := by_people(case.reports):
        return reported_words(people)
    return suggested_words() if case.reports else state_words(case.comment.state)


def state_words(state: str) -> str:
    """Say the state a comment is in."""
    words = {
        "held": _("Held for review"),
        "published": _("Published"),
        "removed": _("Removed"),
        "withdrawn": _("Withdrawn by its author"),
    }
    return words.get(state, _("Deleted by its author"))


def _context(row: Any) -> ContextView:
    shown = row.state in ("published", "held")
    stub = None if shown else state_words(row.state)
    html = judged_html(row.html, None, Policy()) if shown else None
    return ContextView(row.name, badge_of(row.kind), row.created_at, html, stub)


def _why(case: Case) -> list[WhyView]:
    """Say why the case is here: the rule that holds it, and readers' reports by reason."""
    found = []
    if case.comment.state == "held":
        waits = _("It waits; nobody but its author sees it.")
        quiet = f"{caught_words(case.comment.caught)} {waits}".strip()
        found.append(WhyView(hold_words(case.comment.hold_rule), quiet))
    if any(each["rule"] == "heat" for each in case.comment.caught or ()):
        found.append(WhyView(_("Its writer was asked to think again and posted it as it is."), ""))
    if detected_by(case.reports):
        found.append(WhyView(suggested_words(), _("It answered after publication. Nothing was hidden.")))
    for reason in dict.fromkeys(row.reason for row in case.reports if row.reason != SUGGESTED):
        about = [row for row in case.reports if row.reason == reason]
        people = ngettext(
            "%(num)s person: %(reason)s", "%(num)s people: %(reason)s", len(about), reason=report_words(reason)
        )
        found.append(WhyView(people, _who(about), tuple(row.text for row in about if row.text), _related(about)))
    return found


def _held(case: Case) -> str | None:
    """Say until when a legal hold keeps the comment, and why."""
    if case.legal_hold is None:
        return None
    until = i18n.day_text(case.legal_hold.until.date())
    return _("Kept until %(day)s: %(reason)s", day=until, reason=case.legal_hold.reason)


def _related(about: Sequence[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for row in about for each in row.related))


def _who(about: Sequence[Any]) -> str:
    verified = sum(row.tier == "verified" for row in about)
    nameless = sum(row.account_id is None for row in about)
    parts = [ngettext("%(num)s verified", "%(num)s verified", verified)] if verified else []
    if nameless:
        parts.append(ngettext("%(num)s without an account", "%(num)s without an account", nameless))
    return ", ".join(parts)


def _earlier(revisions: Sequence[Any]) -> tuple[RevisionView, ...]:
    """Give what every edit changed, the last one first."""
    pairs = [
        RevisionView(after.number, after.created_at, changes(before.text, after.text))
        for before, after in pairwise(revisions)
    ]
    return tuple(reversed(pairs))


def _since_seen(case: Case, looking: Looking) -> tuple[PieceView, ...]:
    before = next((row for row in case.revisions if row.number == looking.seen_revision), None)
    if before is None or before.number == case.comment.revision:
        return ()
    return changes(before.text, case.comment.text)


def change_words(change: str, case: Case) -> str:
    """Say what changed since the moderator looked."""
    if change == "revision":
        return _("The author changed the text. It is revision %(number)s now.", number=case.comment.revision)
    if change == "last_decision" and case.decisions:
        return _("%(name)s decided it meanwhile.", name=case.decisions[0].by or "?")
    return _("It is now: %(state)s.", state=state_words(case.comment.state))


def _note(row: Any) -> NoteView:
    what = {"handover": _("Handed to %(name)s.", name=row.to or "?"), "opinion": _("Asks for a second opinion.")}
    return NoteView(row.by or "?", row.at, what.get(row.kind, ""), row.text)


def _lease(case: Case, looking: Looking) -> LeaseView:
    if case.holder is None or case.holder.until <= looking.now:
        return LeaseView(False, False, "")
    if case.holder.account_id != looking.account_id:
        left = left_words(case.holder.until, looking.now)
        return LeaseView(False, True, _("%(name)s has this case, %(span)s.", name=case.holder.name or "?", span=left))
    span = span_words(case.holder.until - looking.now)
    return LeaseView(True, False, _("for another %(span)s. Nobody else can decide it meanwhile.", span=span))


def _closed(case: Case, looking: Looking) -> str | None:
    """Say why this moderator cannot decide here, or None."""
    if looking.only_looks:
        return _("You only look on here.")
    if case.comment.account_id == looking.account_id:
        return _("This is your own comment. Somebody else decides about it.")
    if case.appeal is not None:
        return _appeal_closed(case, looking)
    if case.notices and (case.may_answer_from is None or case.may_answer_from > looking.now):
        return _("You refused the notice that this complaint is about, so somebody else decides.")
    if offered(case):
        return None
    if case.waiting_appeal:
        return _("An appeal waits against this decision. Answer the appeal instead.")
    return _("There is nothing to decide: %(state)s.", state=state_words(case.comment.state))


def _appeal_closed(case: Case, looking: Looking) -> str | None:
    if case.appeal is None or case.hearing is None:
        return None
    if case.appeal.decided_at is not None:
        return _("This appeal is answered.")
    since = case.hearing.may_hear_from
    if since is None:
        return _("You made this decision, so somebody else hears the appeal.")
    if since > looking.now:
        moment = i18n.moment_text(since)
        return _(
            "You made this decision and are the paper’s only moderator. You may hear the appeal from %(moment)s, "
            "or an admin of this server does before.",
            moment=moment,
        )
    return None


def _appeal(appeal: Row[Any], case: Case, looking: Looking, policy: Policy) -> AppealCaseView:
    statement, hearing = case.statement, case.hearing
    return AppealCaseView(
        lines=statement_lines(statement, policy, has_colleague=case.has_colleague) if statement is not None else (),
        decided=_("%(name)s decided on %(day)s.", name=hearing.judge_name, day=i18n.day_text(statement.since.date()))
        if hearing and statement is not None
        else "",
        text=appeal.text,
        at=appeal.opened_at,
        due=left_words(appeal.due_at, looking.now),
        may_not=_appeal_closed(case, looking),
        same_person=bool(hearing and hearing.is_judge),
        answered=appeal.answer,
    )
