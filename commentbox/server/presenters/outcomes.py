"""What somebody who reported or gave notice is told: where it stands, what was decided and why, how to object.

And what an author is shown of a complaint by the person spoken about. Neither learns who the other is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.moderation.rules import months_later
from commentbox.server.notices import rules
from commentbox.server.presenters.reasons import law_words, policy_of


@dataclass(frozen=True, slots=True)
class ComplaintView:
    """An objection to a refusal, and its answer once there is one."""

    text: str
    at: datetime
    words: str
    answer: str


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """One report or notice as its sender sees it. `answer` are the moderator's words, `author` those of the author."""

    id: str
    title: str
    site_name: str
    at: datetime
    quote: Markup | None
    said: str
    words: str
    answer: str
    author: str | None
    author_text: str
    warning: str | None
    redress: str | None
    can_complain: bool
    complaint: ComplaintView | None


@dataclass(frozen=True, slots=True)
class AskedView:
    """A complaint by the person spoken about, as the author of the comment is asked about it."""

    id: str
    site_name: str
    at: datetime
    quote: Markup
    why: str
    untrue: str
    until: datetime
    may_answer: bool
    answered: str | None
    text: str


def report_outcome(row: Any) -> OutcomeView:
    """Give the view of a report."""
    return OutcomeView(
        id=row.id,
        title=_("Your report"),
        site_name=row.site_name,
        at=row.created_at,
        quote=Markup(row.html) if row.comment_state == "published" else None,
        said=row.text,
        words=_report_words(row),
        answer="",
        author=None,
        author_text="",
        warning=None,
        redress=None,
        can_complain=False,
        complaint=None,
    )


def _report_words(row: Any) -> str:
    if row.comment_state in ("withdrawn", "deleted"):
        return _gone()
    if row.closed_at is None:
        return _("A moderator has not decided yet.")
    return _removed() if row.comment_state == "removed" else _("A moderator looked at it. The comment stays.")


def _gone() -> str:
    return _("Its author took the comment back.")


def _removed() -> str:
    return _("We removed the comment.")


def complain_until(row: Any) -> datetime:
    """Say until when the answer to a notice can be objected to: as long as an author may appeal."""
    return months_later(row.decided_at, policy_of(row.site_policy).appeal_months)


def notice_outcome(row: Any, complaint: Any, *, now: datetime) -> OutcomeView:
    """Give the view of a notice, with the complaint against its answer if there is one."""
    is_kept = row.outcome == "kept"
    return OutcomeView(
        id=row.id,
        title=_("What you say about a comment") if row.kind == "about_me" else _("Your notice of illegal content"),
        site_name=row.site_name,
        at=row.created_at,
        quote=Markup(row.judged_html or "") if row.comment_state == "published" else None,
        said=row.why,
        words=_notice_words(row),
        answer=row.answer,
        author=_author_words(row) if row.kind == "about_me" else None,
        author_text=row.author_text if row.author_said == "stands" else "",
        warning=_warning() if row.is_unfounded else None,
        redress=_redress(row) if is_kept else None,
        can_complain=is_kept and complaint is None and now <= complain_until(row),
        complaint=_complaint(complaint) if complaint is not None else None,
    )


def _notice_words(row: Any) -> str:
    if row.outcome is None:
        return _(
            "A person decides about it. You get an answer here by %(moment)s.", moment=i18n.moment_text(row.due_at)
        )
    if row.outcome == "gone":
        return _gone()
    if row.outcome == "kept":
        return _("A person looked at it. The comment stays, for the reasons below. No machine took part.")
    back = " " + _("It was put back later, after an appeal.") if row.comment_state == "published" else ""
    return _removed() + " " + _("A person decided it. No machine took part.") + back


def _author_words(row: Any) -> str:
    words = {
        "stands": _("The author was told what you say, and answers:"),
        "withdrawn": _("The author was told what you say, and took the comment back."),
    }
    until = i18n.moment_text(row.created_at + rules.AUTHOR_TIME)
    return words.get(
        row.author_said or "", _("The author was told what you say, and may answer until %(moment)s.", moment=until)
    )


def _warning() -> str:
    return _(
        "A moderator found this notice manifestly unfounded. After %(most)s such notices within %(days)s days we take no more "
        "from you for %(pause)s days.",
        most=i18n.number_text(rules.UNFOUNDED_MOST),
        days=i18n.number_text(rules.UNFOUNDED_DAYS),
        pause=i18n.number_text(rules.SUSPENDED_DAYS),
    )


def _redress(row: Any) -> str:
    until = i18n.day_text(complain_until(row).date())
    objecting = _("If you disagree, say so here until %(day)s. Somebody else decides, within a week.", day=until)
    return f"{objecting} " + _("Courts and certified dispute bodies stay open to you.")


def _complaint(row: Any) -> ComplaintView:
    if row.outcome is None:
        by = i18n.day_text(row.due_at.date())
        words = _("It waits. Somebody who had no part in the first answer decides by %(day)s.", day=by)
    elif row.outcome == "gone":
        words = _gone()
    else:
        words = _removed() if row.outcome == "removed" else _("The answer stands.")
    return ComplaintView(row.why, row.created_at, words, row.answer)


def asked_view(row: Any, *, now: datetime) -> AskedView:
    """Give the view of a complaint for the author it is about."""
    until = row.created_at + rules.AUTHOR_TIME
    waits = row.author_said is None and row.decided_at is None and now <= until
    answered = {"stands": _("You answered that the comment stands."), "withdrawn": _("You took the comment back.")}
    return AskedView(
        id=row.id,
        site_name=row.site_name,
        at=row.created_at,
        quote=Markup(row.judged_html or ""),
        why=row.why,
        untrue=row.untrue,
        until=until,
        may_answer=waits and row.comment_state == "published",
        answered=answered.get(row.author_said or ""),
        text=row.author_text,
    )


def offence_choices() -> list[tuple[str, str]]:
    """Give the kinds of illegal content with their words, for the form."""
    return [(code, law_words(code)[:1].upper() + law_words(code)[1:]) for code in rules.OFFENCES]
