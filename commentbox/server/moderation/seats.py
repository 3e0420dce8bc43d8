"""A moderator's seat at the desk: which sites they see, and the only way to a comment or appeal from their input.

Whatever belongs to another site is not there for them: NotFound, the same as for a thing that never was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, or_, select, true

from commentbox.server.accounts.models import Account, Role
from commentbox.server.accounts.rules import INSTANCE, PERMISSIONS, Grant, may, sections_on, sites_with
from commentbox.server.base.db import Query, table_of
from commentbox.server.base.errors import Forbidden, NotFound
from commentbox.server.base.work import Work
from commentbox.server.comments.actions import lock_thread
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.models import Appeal
from commentbox.server.sites.models import Site
from commentbox.server.sites.rules import Policy
from commentbox.server.threads import Thread

_accounts = table_of(Account)
_roles = table_of(Role)
_comments = table_of(Comment)
_appeals = table_of(Appeal)
_sites = table_of(Site)
_threads = table_of(Thread)


@dataclass(frozen=True)
class Seat:
    """Who sits at the desk, the sites whose cases they see, and what they may do there.

    On `reading` sites they only look, on `learning` ones what they decide waits for somebody else's confirmation, on
    `leading` ones they may move a colleague's case, on `picking` ones name editor's picks; `everywhere` lets them decide for
    the instance, and `governs` is for its admins. Of the sites in `sections` they see the threads of these sections only.
    """

    account_id: str
    site_ids: frozenset[str]
    reading: frozenset[str] = frozenset()
    learning: frozenset[str] = frozenset()
    leading: frozenset[str] = frozenset()
    picking: frozenset[str] = frozenset()
    everywhere: bool = False
    governs: bool = False
    sections: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def whole_ids(self) -> frozenset[str]:
        """Give the sites that this seat moderates as a whole, people too: those without a limit to sections."""
        return self.site_ids - self.sections.keys()


async def take_seat(query: Query, account_id: str, grants: Iterable[Grant]) -> Seat:
    """Give somebody's seat. Refuses `desk.no_role` where no site is theirs to look at."""
    grants = tuple(grants)
    seen = sites_with(grants, "desk.see")
    if INSTANCE in seen:
        seen = frozenset(row.id for row in await query.all(select(_sites.c.id)))
    elif not seen:
        raise Forbidden("desk.no_role")
    proposing, deciding, leading, picking = (
        frozenset(site for site in seen if may(grants, permission, site))
        for permission in ("desk.propose", "desk.decide", "desk.take_over", "comment.pick")
    )
    return Seat(
        account_id,
        seen,
        reading=seen - proposing,
        learning=proposing - deciding,
        leading=leading,
        picking=picking,
        everywhere=may(grants, "desk.decide", INSTANCE),
        governs=may(grants, "desk.admin", INSTANCE),
        sections={site: limit for site in seen if (limit := sections_on(grants, site)) is not None},
    )


def seen_threads(seat: Seat, site_id: Any, thread_id: Any) -> Any:
    """Give the condition that a row's thread (a column) is of the seat's sections, where its site is limited to some."""
    if not seat.sections:
        return true()
    there = select(_threads.c.id).where(_threads.c.id == thread_id)
    allowed = [
        (site_id == site) & there.where(_threads.c.section.in_(sections)).exists()
        for site, sections in seat.sections.items()
    ]
    return or_(site_id.in_(seat.whole_ids), *allowed)


def check_whole(seat: Seat, site_id: str) -> None:
    """Refuse `desk.section_only` where somebody moderates sections: what holds for people holds on the whole site."""
    if site_id in seat.sections:
        raise Forbidden("desk.section_only")


def check_proposes(seat: Seat, site_id: str) -> None:
    """Refuse `desk.read_only` to somebody who only looks on this site."""
    if site_id in seat.reading:
        raise Forbidden("desk.read_only")


def check_decides(seat: Seat, site_id: str) -> None:
    """Refuse `desk.read_only`, and `desk.trainee` to somebody whose decisions another person confirms."""
    check_proposes(seat, site_id)
    if site_id in seat.learning:
        raise Forbidden("desk.trainee")


async def site_by_slug(query: Query, seat: Seat, slug: str) -> Row[Any]:
    """Give a site of the seat by its short name. Refuses `case.unknown`."""
    row = await query.first(select(_sites).where(_sites.c.slug == slug, _sites.c.id.in_(seat.site_ids)))
    if row is None:
        raise NotFound("case.unknown")
    return row


async def sites_of(query: Query, seat: Seat) -> list[Row[Any]]:
    """Give the seat's sites (`id`, `slug`, `name`, `lang`, `policy`) in the order of their names."""
    columns = (_sites.c[name] for name in ("id", "slug", "name", "lang", "policy"))
    statement = select(*columns).where(_sites.c.id.in_(seat.site_ids)).order_by(_sites.c.name, _sites.c.id)
    return list(await query.all(statement))


async def comment_for_desk(query: Query, seat: Seat, comment_id: str) -> Row[Any]:
    """Give a comment of the seat's sites, in any state."""
    row = await query.first(_comment(seat, comment_id))
    if row is None:
        raise NotFound("case.unknown")
    return row


async def comment_to_decide(work: Work, seat: Seat, comment_id: str) -> Row[Any]:
    """Give a comment of the seat's sites, held fast until the end of the transaction; its thread first, as everywhere."""
    await lock_thread(work, (await comment_for_desk(work.q, seat, comment_id)).thread_id)
    row = await work.q.first(_comment(seat, comment_id).with_for_update(key_share=True))
    if row is None:
        raise NotFound("case.unknown")
    return row


def _comment(seat: Seat, comment_id: str) -> Any:
    here = select(_comments).where(_comments.c.id == comment_id, _comments.c.site_id.in_(seat.site_ids))
    return here.where(seen_threads(seat, _comments.c.site_id, _comments.c.thread_id))


async def appeal_for_desk(query: Query, seat: Seat, appeal_id: str, *, lock: bool = False) -> Row[Any]:
    """Give an appeal of the seat's sites, answered or not; locked until the end of the transaction if asked."""
    statement = select(_appeals).where(_appeals.c.id == appeal_id, _appeals.c.site_id.in_(seat.site_ids))
    if seat.sections:
        about = select(_comments.c.id).where(_comments.c.id == _appeals.c.comment_id)
        seen = about.where(seen_threads(seat, _comments.c.site_id, _comments.c.thread_id)).exists()
        statement = statement.where(_appeals.c.site_id.in_(seat.whole_ids) | seen)
    row = await query.first(statement.with_for_update(key_share=True) if lock else statement)
    if row is None:
        raise NotFound("case.unknown")
    return row


async def has_colleague(query: Query, site_id: str, moderator_id: str) -> bool:
    """Say whether somebody else moderates this site. An admin of the whole instance may step in, but need not be there."""
    here = _roles.c.site_id == site_id
    everywhere = (_roles.c.site_id == INSTANCE) & (_roles.c.role != "admin")
    statement = select(_roles.c.account_id).join(_accounts, _accounts.c.id == _roles.c.account_id)
    statement = statement.where(here | everywhere, _roles.c.role.in_(PERMISSIONS["desk.decide"]))
    statement = statement.where(_roles.c.account_id != moderator_id, _accounts.c.deleted_at.is_(None)).limit(1)
    return await query.first(statement) is not None


async def colleagues(query: Query, site_id: str, moderator_id: str, *, section: str | None = None) -> list[Row[Any]]:
    """Give who else decides on this site (`id`, `name`), by name: those a case of this section can be handed to."""
    joined = select(_accounts.c.id, _accounts.c.name, _roles.c.sections).join(
        _roles, _roles.c.account_id == _accounts.c.id
    )
    deciding = _roles.c.site_id.in_((site_id, INSTANCE)) & _roles.c.role.in_(PERMISSIONS["desk.decide"])
    found = joined.where(deciding, _accounts.c.id != moderator_id, _accounts.c.deleted_at.is_(None))
    rows = await query.all(found.order_by(_accounts.c.name, _accounts.c.id))
    seeing = [row for row in rows if row.sections is None or section in row.sections]
    return list({row.id: row for row in seeing}.values())


async def who_confirms(query: Query, site_id: str, proposer_id: str) -> list[str]:
    """Give whoever of a site's own staff decides on all of it; those of some sections see what waits at the desk."""
    here = (_roles.c.site_id == site_id) & _roles.c.role.in_(PERMISSIONS["desk.decide"]) & _roles.c.sections.is_(None)
    living = select(_roles.c.account_id).join(_accounts, _accounts.c.id == _roles.c.account_id)
    living = living.where(here, _roles.c.account_id != proposer_id, _accounts.c.deleted_at.is_(None))
    return [row.account_id for row in await query.all(living.distinct().order_by(_roles.c.account_id))]


async def policy_of(query: Query, site_id: str) -> Policy:
    """Give what the site has set: how long claims, undo and appeals last, and its house rules."""
    return Policy.model_validate(await query.scalar(select(_sites.c.policy).where(_sites.c.id == site_id)) or {})
