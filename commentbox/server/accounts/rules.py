"""Who may do what: the permission table, reach, and what a measure forbids. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

INSTANCE = ""
"""The site id of a role or measure that holds for every site."""

DESK_ROLES = ("admin", "senior", "moderator", "trainee", "auditor")
"""Who sits at the desk, the one who may most first."""

PERMISSIONS: dict[str, frozenset[str]] = {
    "desk.see": frozenset(DESK_ROLES),
    "desk.propose": frozenset({"admin", "senior", "moderator", "trainee"}),
    "desk.decide": frozenset({"admin", "senior", "moderator"}),
    "desk.take_over": frozenset({"admin", "senior"}),
    "desk.admin": frozenset({"admin"}),
    "comment.pick": frozenset({"admin", "senior", "moderator"}),
    "site.announce": frozenset({"admin", "senior"}),
    "thread.merge": frozenset({"admin", "senior"}),
    "site.see": frozenset({"admin", "auditor"}),
    "person.confirm": frozenset({"admin", "senior", "moderator"}),
    "speak.staff": frozenset({"admin", "senior", "moderator", "trainee", "staff"}),
}
"""Permission -> roles that have it. A role of the instance counts on every site. What a trainee proposes counts once
somebody who decides confirms it; an auditor only reads; whoever takes over moves a colleague's case to somebody else."""

LABELS = (
    ("admin", "staff"),
    ("senior", "staff"),
    ("moderator", "staff"),
    ("trainee", "staff"),
    ("staff", "staff"),
    ("author", "staff"),
    ("subscriber", "subscriber"),
    ("subscribed", "subscriber"),
)
"""Which label a role shows beside a comment; the first that fits. Never a badge. "Author of the article" comes from the
thread, because a journalist is the author of some articles only. `subscriber` is given here; `subscribed` comes and goes
with what the paper's own log-in says, and touches no other role."""
READERS_ROLES = frozenset({"subscriber", "subscribed"})
"""What a session by the paper's log-in shows of somebody: staff speak as staff by passkey."""

REACHES = ("everyone", "verified")
SHOWS = ("everyone", "fold", "verified")


@dataclass(frozen=True)
class Grant:
    """One role on one site, or on the instance; `sections` are those it is limited to, None is all of the site."""

    site_id: str
    role: str
    sections: tuple[str, ...] | None = None


def may(grants: Iterable[Grant], permission: str, site_id: str) -> bool:
    """Say whether these roles give a permission on a site."""
    having = PERMISSIONS[permission]
    return any(grant.role in having and grant.site_id in (site_id, INSTANCE) for grant in grants)


def sites_with(grants: Iterable[Grant], permission: str) -> frozenset[str]:
    """Give the site ids a permission holds on; INSTANCE among them means every site."""
    return frozenset(grant.site_id for grant in grants if grant.role in PERMISSIONS[permission])


LIMITED = ("senior", "moderator", "trainee", "auditor")
"""Roles that may be limited to sections. An admin leads the whole site, and the others have no desk."""


def sections_on(grants: Iterable[Grant], site_id: str) -> frozenset[str] | None:
    """Give the sections that somebody's desk on a site is limited to, None for all of it.

    The role that may most says so: a trainee of the whole site who moderates one section decides in that section only.
    """
    here = [each for each in grants if each.site_id in (site_id, INSTANCE) and each.role in DESK_ROLES]
    first = min((DESK_ROLES.index(each.role) for each in here), default=None)
    leading = [each.sections for each in here if DESK_ROLES.index(each.role) == first]
    if not leading or None in leading:
        return None
    return frozenset(section for sections in leading for section in sections or ())


def label_of(grants: Iterable[Grant], site_id: str) -> str | None:
    """Give the label a comment of theirs carries on this site: staff, subscriber or none."""
    here = {grant.role for grant in grants if grant.site_id in (site_id, INSTANCE)}
    return next((label for role, label in LABELS if role in here), None)


def may_reach(reach: str, *, speaks_verified: bool, is_self: bool = False) -> bool:
    """Say whether somebody may reply to, mention or recommend a person with this reach."""
    return is_self or speaks_verified or reach == "everyone"


def mute_code(*, mutes_me: bool, muted_by_me: bool) -> str | None:
    """Give the refusal where one of two people has muted the other: neither answers the other. Else None."""
    if mutes_me:
        return "reach.muted"
    return "reach.you_muted" if muted_by_me else None


@dataclass(frozen=True)
class Measure:
    """A standing in force."""

    kind: str
    until: datetime | None
    statement_id: str | None


BLOCKING = ("warned", "silenced", "banned")
"""What keeps somebody from commenting, the mildest first: a warning until it is acknowledged, which ends it."""


def forbids_posting(measures: Iterable[Measure]) -> Measure | None:
    """Give the measure that keeps somebody from commenting now, or None: the gravest, of equals the longest."""
    blocking = [measure for measure in measures if measure.kind in BLOCKING]
    return max(blocking, key=_gravity, default=None)


def _gravity(measure: Measure) -> tuple[int, bool, float]:
    return BLOCKING.index(measure.kind), measure.until is None, measure.until.timestamp() if measure.until else 0


def holds_first(measures: Iterable[Measure]) -> bool:
    """Say whether comments of theirs are held for review."""
    return any(measure.kind == "held_first" for measure in measures)
