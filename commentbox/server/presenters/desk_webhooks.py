"""A site's webhooks as the desk shows them: what each is told, how it does, and its last messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from commentbox.server.base.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind of news an endpoint may hear."""

    code: str
    words: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message: what, about which id, when, how often tried, and how it stands."""

    words: str
    subject_id: str | None
    at: datetime
    tries: int
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class WebhookView:
    """One endpoint. `state` says how it does; `old_until` is set while the secret before still signs."""

    id: str
    url: str
    kinds: tuple[str, ...]
    state: str
    is_off: bool
    old_until: datetime | None
    messages: tuple[MessageView, ...]


def kind_views(codes: Sequence[str], chosen: Sequence[str]) -> tuple[KindView, ...]:
    """Give every kind there is, with its words."""
    return tuple(KindView(code, kind_words(code), code in chosen) for code in codes)


def kind_words(code: str) -> str:
    """Say what an endpoint is told of."""
    words = {
        "comment.posted": _("A comment was written"),
        "comment.held": _("A comment waits for review"),
        "comment.published": _("A comment was published"),
        "comment.edited": _("A comment was edited"),
        "comment.removed": _("A comment was removed"),
        "comment.withdrawn": _("A comment was taken back"),
        "comment.reported": _("A comment was reported"),
        "notice.received": _("A notice of illegal content came in"),
        "case.decided": _("A case was decided"),
        "statement.issued": _("A statement of reasons was issued"),
        "appeal.opened": _("Somebody appealed"),
        "appeal.answered": _("An appeal was answered"),
        "thread.opened": _("A thread was opened"),
        "thread.closed": _("A thread was closed"),
        "thread.reopened": _("A thread was opened again"),
        "thread.limited": _("A thread was limited for a while"),
        "thread.unlimited": _("A thread’s limits were lifted"),
        "site.policy_changed": _("A setting of the site was changed"),
        "webhook.test": _("Test"),
    }
    return words.get(code, code)


def webhook_view(hook: Any, messages: Sequence[Any], *, now: datetime) -> WebhookView:
    """Give the view, in the language of the moment."""
    return WebhookView(
        id=hook.id,
        url=hook.url,
        kinds=tuple(kind_words(kind) for kind in hook.kinds),
        state=_state(hook),
        is_off=hook.off_at is not None,
        old_until=hook.old_until if hook.old_until and hook.old_until > now else None,
        messages=tuple(_message(row) for row in messages),
    )


def _state(hook: Any) -> str:
    if hook.off_at is not None:
        return _("Switched off.")
    if hook.failures:
        return _("Does not answer as it should. It is tried again, and switched off after three days.")
    return _("Works.")


def _message(row: Any) -> MessageView:
    states = {"waiting": _("waits"), "sent": _("arrived"), "dropped": _("dropped")}
    return MessageView(kind_words(row.kind), row.subject_id, row.happened_at, row.tries, states[row.state], row.answer)
