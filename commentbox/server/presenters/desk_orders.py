"""Orders of authorities as the desk shows them, each with the words that tell the authority what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base import i18n
from commentbox.server.base.i18n import gettext as _
from commentbox.server.presenters.reasons import law_words


@dataclass(frozen=True, slots=True)
class OrderView:
    """One order; `receipt` is what the authority is told now, in whole sentences."""

    id: str
    authority: str
    reference: str
    kind: str
    site_name: str
    comment_id: str
    at: datetime
    is_open: bool
    receipt: tuple[str, ...]


def order_view(row: Any, *, origin: str) -> OrderView:
    """Give the view, in the language of the moment."""
    return OrderView(
        id=row.id,
        authority=row.authority,
        reference=row.reference,
        kind=law_words(row.offence),
        site_name=row.site_name,
        comment_id=row.comment_id,
        at=row.created_at,
        is_open=row.decided_at is None,
        receipt=_receipt(row, origin),
    )


def _receipt(row: Any, origin: str) -> tuple[str, ...]:
    received = _(
        "We received your order %(reference)s on %(day)s. It is about %(link)s.",
        reference=row.reference,
        day=i18n.moment_text(row.created_at),
        link=f"{origin}/c/{row.comment_id}",
    )
    if row.decided_at is None:
        return (received, _("It is decided by %(day)s.", day=i18n.moment_text(row.due_at)))
    outcomes = {
        "removed": _("The comment was removed on %(day)s.", day=i18n.moment_text(row.decided_at)),
        "gone": _("The person who wrote it took the comment back before that."),
        "kept": _("We did not give effect to it on %(day)s.", day=i18n.moment_text(row.decided_at)),
    }
    author = _("The person who wrote it was told, with the reasons and the ways to object.")
    told = (author,) if row.outcome == "removed" else ()
    return (received, outcomes[row.outcome], *([row.answer] if row.answer else []), *told)
