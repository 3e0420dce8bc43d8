"""What an author is shown about a decision: the statement of reasons, what became of it, and whether they may appeal.

For the author's own pages and for mails; the words of the statement itself are in `reasons`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.reasons import LineView, only_one_words, policy_of, statement_lines


@dataclass(frozen=True, slots=True)
class AppealView:
    """An appeal as its author sees it. `answer` and `outcome` are None while it waits; `note` says who heard it."""

    text: str
    opened_at: datetime
    is_waiting: bool
    is_upheld: bool
    outcome: str | None
    answer: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class StatementView:
    """One decision about oneself. `must_acknowledge` says that a warning waits for its reader; `over` that it ended."""

    id: str
    title: str
    at: datetime
    site_name: str
    site_slug: str
    article: str
    article_href: str | None
    quote: Markup
    lines: tuple[LineView, ...]
    heard_by: str
    lifted: str | None
    over: str | None
    must_acknowledge: bool
    is_about_comment: bool
    can_appeal: bool
    too_late: bool
    appeal: AppealView | None

    @property
    def href(self) -> str:
        """Give the address of its page."""
        return f"/decisions/{self.id}"


def statement_view(row: Any, *, now: datetime, has_colleague: bool) -> StatementView:
    """Give the view of a row of `statements.own` or `statements.of_owner`, in the language of the moment."""
    is_open = row.appeal_id is None and row.lifted_at is None
    return StatementView(
        id=row.id,
        title=_title(row),
        at=row.since,
        site_name=row.site_name,
        site_slug=row.site_slug,
        article=row.thread_title or row.thread_url or "",
        article_href=row.thread_url or None,
        quote=Markup(row.judged_html or ""),
        lines=statement_lines(row, policy_of(row.site_policy), has_colleague=has_colleague),
        heard_by=_heard_by(row, has_colleague=has_colleague),
        lifted=_lifted(row),
        over=_over(row, now),
        must_acknowledge=row.restriction == "warned" and row.lifted_at is None and row.standing_until is None,
        is_about_comment=row.comment_id is not None,
        can_appeal=is_open and now <= row.appeal_until,
        too_late=is_open and now > row.appeal_until,
        appeal=_appeal(row) if row.appeal_id else None,
    )


def _title(row: Any) -> str:
    if row.comment_id is None:
        return measure_title(row.restriction)
    day = i18n.day_text(row.commented_at.date())
    if row.restriction == "refused":
        return _("Your comment of %(day)s was not published", day=day)
    return _("Your comment of %(day)s was removed", day=day)


def measure_title(restriction: str) -> str:
    """Name what was decided about somebody, as they read it."""
    words = {
        "refused": _("A comment of yours was not published"),
        "warned": _("You were warned"),
        "silenced": _("You cannot comment for a while"),
        "held_first": _("Your comments are looked at first"),
        "banned": _("You cannot comment any more"),
        "no_badge": _("Your badge was taken away."),
    }
    return words.get(restriction, _("A comment of yours was removed"))


def _heard_by(row: Any, *, has_colleague: bool) -> str:
    """Say who reads an appeal; while it waits, by when."""
    who = _("A moderator who had no part in this reads it.") if has_colleague else only_one_words()
    if row.appeal_id is None:
        return who
    return f"{who} " + _("You get an answer here by %(day)s.", day=i18n.day_text(row.appeal_due_at.date()))


def _lifted(row: Any) -> str | None:
    if row.lifted_at is None:
        return None
    day = i18n.day_text(row.lifted_at.date())
    return _("This decision was taken back on %(day)s. It counts for nothing any more.", day=day)


def _over(row: Any, now: datetime) -> str | None:
    """Say that a measure came to its end by itself; that it was taken back says `_lifted`."""
    if (
        row.restriction == "no_badge"
        or row.lifted_at is not None
        or row.standing_until is None
        or row.standing_until > now
    ):
        return None
    return _("This ended on %(day)s.", day=i18n.day_text(row.standing_until.date()))


def _appeal(row: Any) -> AppealView:
    return AppealView(
        text=row.appeal_text,
        opened_at=row.appeal_opened_at,
        is_waiting=row.appeal_outcome is None,
        is_upheld=row.appeal_outcome == "upheld",
        outcome=_outcome(row),
        answer=row.appeal_answer,
        note=_who_heard(row),
    )


def _outcome(row: Any) -> str | None:
    if row.appeal_outcome == "rejected":
        return _("Your appeal was not upheld. The decision stands.")
    if row.appeal_outcome == "upheld" and row.comment_id and row.comment_state == "published":
        return _("Your appeal was upheld. Your comment is where it was, with its recommendations.")
    return _("Your appeal was upheld.") if row.appeal_outcome == "upheld" else None


def _who_heard(row: Any) -> str | None:
    """Say openly where the same person heard the appeal; that happens only where a paper has a single moderator."""
    if row.appeal_decided_by is None:
        return None
    if row.appeal_decided_by != row.judge_id:
        return _("Heard by a moderator who had no part in the decision.")
    return _("This paper has one moderator, so the same person looked at it again, a day later at the earliest.")
