"""The page on which an admin takes somebody's badge away."""

from dataclasses import dataclass
from datetime import datetime

from commentbox.server.moderation import rules
from commentbox.server.moderation.persons import Person
from commentbox.server.presenters.desk_author import person_href
from commentbox.server.presenters.desk_verdict import GroundView, Typed, house_rules, laws
from commentbox.server.presenters.reasons import LineView, Planned, policy_of, statement_lines


@dataclass(frozen=True, slots=True)
class BadgeActView:
    """Whose badge it is, the grounds to choose from, and the statement as they will read it."""

    href: str
    back: str
    name: str
    seen: str
    has_badge: bool
    house_rules: tuple[GroundView, ...]
    laws: tuple[GroundView, ...]
    lines: tuple[LineView, ...]
    typed: Typed


def badge_act_view(person: Person, typed: Typed, *, now: datetime, has_badge: bool) -> BadgeActView:
    """Give the page, in the language of the moment."""
    policy, href = policy_of(person.site.policy), person_href(person.site.slug, person.account.id)
    planned = Planned(
        restriction="no_badge",
        since=now,
        found_by="moderator",
        appeal_until=rules.months_later(now, policy.appeal_months),
        facts=typed.facts.strip(),
        rule=typed.ground,
        explanation=typed.why.strip(),
        everywhere=True,
    )
    return BadgeActView(
        href=f"{href}/badge",
        back=href,
        name=person.account.name,
        seen=person.last_decision or "",
        has_badge=has_badge,
        house_rules=house_rules(policy, typed),
        laws=laws(policy, typed),
        lines=statement_lines(planned, policy, has_colleague=person.has_colleague),
        typed=typed,
    )
