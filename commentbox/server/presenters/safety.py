"""What somebody must know about the safety of their own account: who asks for it, why the badge sleeps, which keys are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from commentbox.server.base.i18n import gettext as _
from commentbox.server.verification.recovery_rules import OPEN, PAUSE_DAYS
from commentbox.server.verification.rules import ENDING_DAYS
from commentbox.server.verification.speaking import Speaker, came_by_code


@dataclass(frozen=True, slots=True)
class SafetyView:
    """The notices on top of one's own page. `due_at` is when a request is through, `ended_at` when one ended lately.

    `may_ask`: this session came by printed code to a verified account, so the passkey it makes will wait.
    """

    is_asked_for: bool
    is_contested: bool
    due_at: datetime | None
    was_recovered: bool
    ended_at: datetime | None
    needs_verifying: bool
    was_moved: bool
    is_ending: bool
    has_one_passkey: bool
    may_ask: bool


def safety_of(
    speaker: Speaker,
    *,
    recovery: Any | None,
    credentials: Sequence[Any],
    ends_at: datetime | None,
    was_moved: bool,
    now: datetime,
) -> SafetyView:
    """Give the notices, from the last request for the account, its ways in and the end of its badge."""
    waits = recovery if recovery is not None and recovery.state in OPEN else None
    over = recovery if recovery is not None and waits is None else None
    lately = over if over is not None and over.ended_at > now - timedelta(days=PAUSE_DAYS) else None
    return SafetyView(
        is_asked_for=waits is not None,
        is_contested=waits is not None and waits.state == "contested",
        due_at=waits.due_at if waits is not None else None,
        was_recovered=lately is not None and lately.state == "done",
        ended_at=lately.ended_at if lately is not None else None,
        needs_verifying=speaker.badge_asleep == "passkeys" and speaker.is_protected,
        was_moved=was_moved,
        is_ending=ends_at is not None and ends_at < now + timedelta(days=ENDING_DAYS),
        has_one_passkey=sum(each.kind == "passkey" for each in credentials) == 1,
        may_ask=came_by_code(speaker, now=now) and waits is None,
    )


def losses(credentials: Sequence[Any], credential_id: str, *, sleeps: bool) -> list[str]:
    """Say what somebody loses with one way to sign in, in the language of the moment; nothing where others are left."""
    usable = [each for each in credentials if each.used_at is None and each.kind not in ("waiting", "sso")]
    left = [each for each in usable if each.id != credential_id]
    lost = []
    if not left:
        lost.append(
            _("It is your last way to sign in. Without it nobody can get into this account any more, you neither.")
        )
    elif not any(each.kind == "passkey" for each in left) and any(each.kind == "passkey" for each in usable):
        lost.append(_("It is your last passkey. Without one you cannot comment as verified."))
    if sleeps:
        lost.append(
            _(
                "None of the passkeys is left then that were there when you were verified. Your badge sleeps until you "
                "verify again."
            )
        )
    return lost
