"""Moving a badge to another account of the same person, by the answer that showed they have one already.

The answer earned a grant and the person's keys; both are kept for a few minutes under the attempt's one-time state, for the
account that verified. Nobody learns which account the badge comes from.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from commentbox.server.accounts import queries as accounts
from commentbox.server.base import once
from commentbox.server.base.errors import Gone
from commentbox.server.base.work import Work
from commentbox.server.verification import actions, rules
from commentbox.server.verification.providers.port import Result

MINUTES = 10
_MOVE = "badge-move"


@dataclass(frozen=True)
class Offer:
    """To which account the badge may move, the person's keys, and the secret that only that browser has."""

    account_id: str
    keys: tuple[str, ...]
    state: str


async def offer(work: Work, held: Offer, result: Result, *, badge_months: int) -> None:
    """Keep what an answer would have earned, if the badge were free."""
    account = await accounts.account(work.q, held.account_id)
    grant = rules.attest(
        result,
        display_name=account.name,
        name_version=account.name_version,
        now=work.now,
        badge_months=badge_months,
    )
    kept = asdict(grant) | {"month": grant.month.isoformat(), "expires_at": grant.expires_at.isoformat()}
    data = {"account_id": held.account_id, "keys": list(held.keys), "grant": kept}
    await once.put(work, _MOVE, held.state, data=data, minutes=MINUTES)


async def move_here(work: Work, account_id: str, state: str) -> rules.Grant:
    """Take the badge over. Refuses `once.gone` to anybody but the account that verified, and what `give` refuses."""
    kept = await once.take(work, _MOVE, state)
    if kept["account_id"] != account_id:
        raise Gone("once.gone", kind=_MOVE)
    said = kept["grant"]
    said |= {"month": date.fromisoformat(said["month"]), "expires_at": datetime.fromisoformat(said["expires_at"])}
    grant = rules.Grant(**said)
    await actions.give(work, account_id, grant, kept["keys"], moves=True)
    return grant
