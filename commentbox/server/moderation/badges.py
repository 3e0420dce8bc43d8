"""Taking somebody's badge away: a decision of whoever runs the server, with its statement of reasons and its appeal.

It cannot be undone: a job takes the tier off everything written with the badge. The person may verify again, and an
appeal that is upheld says that the decision counts for nothing.
"""

from dataclasses import dataclass

from commentbox.server.accounts import standings
from commentbox.server.accounts.models import Standing
from commentbox.server.accounts.rules import INSTANCE
from commentbox.server.base.errors import Forbidden
from commentbox.server.base.ids import new_id
from commentbox.server.base.work import Work
from commentbox.server.moderation import people, rules, rulings, seats, statements
from commentbox.server.moderation.rulings import Decided
from commentbox.server.moderation.seats import Seat
from commentbox.server.moderation.subjects import Subject
from commentbox.server.verification import actions as verification

ACTION = "revoke"
RESTRICTION = "no_badge"


@dataclass(frozen=True)
class Verdict:
    """Whose badge goes, on which site it came up, why, and the last decision about them that was on the page."""

    account_id: str
    site_id: str
    reasons: rules.Reasons | None
    seen: str | None = None


async def revoke(work: Work, seat: Seat, verdict: Verdict) -> Decided:
    """Take a badge away. Refuses `desk.admin_needed`, `case.unknown`, `case.own`, `case.stale`, `reasons.…`,
    `verification.none`.
    """
    if not seat.governs:
        raise Forbidden("desk.admin_needed")
    await people.to_decide(work, seat, verdict.account_id, site_id=verdict.site_id)
    latest = await rulings.latest_about(work.q, verdict.account_id, site_id=verdict.site_id)
    rules.check_fresh(rules.Seen(0, "", verdict.seen), rules.Seen(0, "", latest))
    policy, reasons = await seats.policy_of(work.q, verdict.site_id), rules.check_reasons(verdict.reasons)
    subject = Subject(
        site_id=verdict.site_id,
        account_id=verdict.account_id,
        state="none",
        restriction=RESTRICTION,
        standing_id=new_id(work.now),
        everywhere=True,
    )
    ruling = rulings.Ruling(ACTION, rule=reasons.ground)
    decision_id = await rulings.record(work, subject, ruling, moderator_id=seat.account_id)
    issue = statements.Issue(decision_id, reports=0, policy=policy)
    statement_id = await statements.write(work, subject, reasons, issue=issue)
    await standings.impose(work, _done_at_once(work, subject, statement_id))
    await verification.revoke(work, verdict.account_id, "operator")
    rulings.tell_later(work, decision_id, seconds=0)
    return Decided(decision_id, verdict.account_id, "over")


def _done_at_once(work: Work, subject: Subject, statement_id: str) -> Standing:
    """Give the measure an appeal is heard about. Nothing of it holds on: the badge is simply gone."""
    return Standing(
        id=subject.standing_id or "",
        account_id=subject.account_id or "",
        site_id=INSTANCE,
        kind=subject.restriction,
        since=work.now,
        until=work.now,
        statement_id=statement_id,
    )
