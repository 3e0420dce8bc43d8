"""The notices of a case as a moderator sees them: what is said, by when it is answered. Never who says it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base.i18n import gettext as _
from commentbox.server.notices import rules
from commentbox.server.presenters.reasons import law_words
from commentbox.server.presenters.spans import left_words


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One notice: its heading, its clocks, and what is said in it, term by term."""

    title: str
    due: str
    lines: tuple[tuple[str, str], ...]
    related: tuple[str, ...]


def notice_view(row: Any, *, now: datetime) -> NoticeView:
    """Give the view of a row of `notices.queries.open_about`, in the language of the moment."""
    lines = [
        (_("Authority"), row.authority or ""),
        (_("Its reference"), row.reference or ""),
        (_("Where it is to hold"), row.territory or ""),
        (_("Law"), row.law),
        (_("Why it is illegal") if row.kind == "illegal" else _("What is said"), row.why),
        (_("What in it is untrue"), row.untrue),
        (_("Where it is"), row.location),
        (_("The author answers"), _author(row)),
    ]
    return NoticeView(
        title=_title(row),
        due=_due(row, now),
        lines=tuple((term, text) for term, text in lines if text),
        related=tuple(row.related),
    )


def _title(row: Any) -> str:
    words = {
        "illegal": _("Notice of illegal content: %(kind)s", kind=law_words(row.offence)),
        "about_me": _("Complaint by the person spoken about"),
        "order": _("Order of an authority: %(kind)s", kind=law_words(row.offence)),
        "complaint": _("Complaint against a refused notice: %(kind)s", kind=law_words(row.offence)),
    }[row.kind]
    return f"{words} · " + _("trusted flagger: %(name)s", name=row.flagger) if row.flagger else words


def _due(row: Any, now: datetime) -> str:
    words = left_words(row.due_at, now)
    law = rules.law_until(row.offence, row.created_at)
    if law is None:
        return words
    return f"{words} · " + _("to be removed within 48 hours by law: %(span)s", span=left_words(law, now))


def _author(row: Any) -> str:
    if row.author_said is None:
        return ""
    return row.author_text if row.author_said == "stands" else _("took the comment back")
