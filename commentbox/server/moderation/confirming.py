"""Confirming and declining proposals: somebody other than the one who proposed carries a verdict out as their own decision."""

from typing import Any

from sqlalchemy import Row

from commentbox.server.base.errors import Forbidden
from commentbox.server.base.work import Work
from commentbox.server.moderation import decisions, people, proposals, rules
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.rulings import Decided
from commentbox.server.moderation.seats import Seat, check_decides
from commentbox.server.notices.actions import Told


async def confirm(work: Work, seat: Seat, proposal_id: str) -> Decided:
    """Carry out what was proposed. Refuses `proposal.own`, `proposal.closed`, and whatever the decision itself refuses."""
    proposal = await _to_close(work, seat, proposal_id)
    await proposals.close(work, proposal, by=seat.account_id, outcome="confirmed")
    if proposal.comment_id is not None:
        verdict = _comment_verdict(proposal.verdict)
        return await decisions.decide(work, seat, verdict, proposed_by=proposal.account_id)
    return await people.decide(work, seat, _person_verdict(proposal.verdict), proposed_by=proposal.account_id)


async def decline(work: Work, seat: Seat, proposal_id: str) -> None:
    """Let a proposal fall; its case is open as before. Its author may take it back, too."""
    proposal = await proposals.to_close(work, seat, proposal_id)
    if proposal.account_id != seat.account_id:
        check_decides(seat, proposal.site_id)
    await proposals.close(work, proposal, by=seat.account_id, outcome="declined")


async def _to_close(work: Work, seat: Seat, proposal_id: str) -> Row[Any]:
    proposal = await proposals.to_close(work, seat, proposal_id)
    check_decides(seat, proposal.site_id)
    if proposal.account_id == seat.account_id:
        raise Forbidden("proposal.own")
    return proposal


def _comment_verdict(kept: dict[str, Any]) -> decisions.Verdict:
    reasons, measure = kept["reasons"], kept["measure"]
    return decisions.Verdict(
        **kept
        | {
            "seen": rules.Seen(**kept["seen"]),
            "reasons": rules.Reasons(**reasons) if reasons else None,
            "measure": Measure(**measure) if measure else None,
            "told": Told(**kept["told"]),
        }
    )


def _person_verdict(kept: dict[str, Any]) -> people.PersonVerdict:
    return people.PersonVerdict(
        **kept | {"measure": Measure(**kept["measure"]), "reasons": rules.Reasons(**kept["reasons"])}
    )
