"""What an endpoint may hear, how a message is written and signed, and when it is tried again. Pure."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from commentbox.server.base.errors import Invalid
from commentbox.server.sites.rules import is_private_host, origin_of

KINDS = (
    *("comment.posted", "comment.held", "comment.published", "comment.edited", "comment.removed", "comment.withdrawn"),
    *("comment.reported", "notice.received", "case.decided", "statement.issued", "appeal.opened", "appeal.answered"),
    *("thread.opened", "thread.closed", "thread.reopened", "thread.limited", "thread.unlimited"),
    "site.policy_changed",
)
"""Kinds of the journal that an endpoint may hear of. None has a person as its subject, and nothing of a badge is among them:
told at once, it would date a verification to the second."""
TEST = "webhook.test"
CODES = frozenset(
    ("thread", "comment", "statement", "rule", "state", "action", "outcome", "reason", "offence", "source", "of")
) | frozenset(("settings", "restriction"))
"""What of a row's data is passed on: ids of things and codes."""
LONGEST_PAUSE = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=3)
"""An endpoint that fails for longer is switched off; the desk says so, and it begins anew when it is switched on."""
OLD_SECRET_HOURS = 24
"""So long the secret before signs along, for the paper's server to take up the new one."""
URL_LENGTH = 500


def check_url(url: str, own_origins: Sequence[str]) -> tuple[str, bool]:
    """Give the address of an endpoint, and whether it may be a private one: only where the paper itself is registered under
    such a name. Refuses `webhook.address`.
    """
    url = url.strip()
    try:
        origin, parts = origin_of(url), urlsplit(url)
    except (Invalid, ValueError):
        raise Invalid("webhook.address") from None
    host = parts.hostname or ""
    is_local = is_private_host(host) and any(urlsplit(each).hostname == host for each in own_origins)
    fits = len(url) <= URL_LENGTH and url.isprintable() and not parts.fragment
    if not fits or (is_private_host(host) and not is_local) or (not origin.startswith("https://") and not is_local):
        raise Invalid("webhook.address")
    return url, is_local


def check_kinds(kinds: Sequence[str]) -> list[str]:
    """Give the kinds, each once and in our order. Refuses `webhook.kinds` for none, or for one that is not told."""
    if not kinds or not set(kinds) <= set(KINDS):
        raise Invalid("webhook.kinds")
    return [kind for kind in KINDS if kind in kinds]


def codes_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give what of a journal row's data is passed on."""
    return {name: value for name, value in data.items() if name in CODES}


def body(kind: str, *, site: str, subject_id: str | None, codes: Mapping[str, Any], at: datetime) -> bytes:
    """Write a message, as Standard Webhooks has it: type, timestamp, data."""
    data = {"site": site, "subject": subject_id, **codes}
    message = {"type": kind, "timestamp": at.isoformat().replace("+00:00", "Z"), "data": data}
    return json.dumps(message, separators=(",", ":")).encode()


def headers(keys: Sequence[bytes], message_id: str, content: bytes, *, at: datetime) -> dict[str, str]:
    """Sign a message with every secret that is live (Standard Webhooks)."""
    second = str(int(at.timestamp()))
    signed = f"{message_id}.{second}.".encode() + content
    macs = (base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)
    signatures = " ".join(f"v1,{mac}" for mac in macs)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": second,
        "webhook-signature": signatures,
        "content-type": "application/json",
    }


def pause(failures: int) -> timedelta:
    """Give how long to wait after so many failures in a row: 1, 2, 4 … minutes, up to six hours."""
    return min(timedelta(minutes=2 ** min(failures - 1, 12)), LONGEST_PAUSE)


def written(key: bytes) -> str:
    """Write a secret as people copy it."""
    return "whsec_" + base64.b64encode(key).decode()
