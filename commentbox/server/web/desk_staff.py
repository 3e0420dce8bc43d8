"""Who sits at the desk: admins invite and remove. Both need a passkey used within the last minutes."""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts import actions, inviting, queries
from commentbox.server.accounts.inviting import Invitation
from commentbox.server.accounts.rules import INSTANCE, LIMITED, may
from commentbox.server.base import clock
from commentbox.server.base.errors import Conflict, Invalid, NotFound, Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.gate.viewer import require
from commentbox.server.presenters.desk_staff import STAFF, role_options, session_views, staff_view
from commentbox.server.threads import sections_of
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.desk_proof import check_fresh, fresh
from commentbox.server.web.windows import see_other


@for_staff
async def staff_page(request: Request) -> Response:
    """Show who has which role on the sites one sees."""
    return await _show(request, await desk_of(request, query_of(request)))


async def _show(
    request: Request,
    desk: Desk,
    *,
    problem: Refusal | None = None,
    typed: Invitation | None = None,
    link: str = "",
) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    async with instance_of(request).db.read() as query:
        rows = await queries.staff(query)
        open_ones = await queries.staff_sessions(query, _mine_to_end(desk, rows), now=clock.now())
        sections = await sections_of(query, {site.id for site in desk.sites})
    leading = [site for site in desk.sites if may(desk.viewer.grants, "desk.admin", site.id)]
    everywhere = may(desk.viewer.grants, "desk.admin", INSTANCE)
    return await page(
        request,
        desk,
        "staff.html",
        name="staff",
        status=problem.status if problem else 200,
        staff=lambda: staff_view(rows, desk.sites, leading, me=desk.seat.account_id, everywhere=everywhere),
        roles=lambda: role_options(STAFF, typed.role if typed else "moderator"),
        sessions=lambda: session_views(open_ones, rows, mine=desk.viewer.speaker),
        sections=sorted({row.name for row in sections}),
        leading=leading,
        everywhere=everywhere,
        typed=typed or Invitation("", "moderator"),
        link=link,
        is_fresh=fresh(desk),
        prove_to="/desk/staff",
        problem=sentence_of(request, problem) if problem else None,
    )


async def invite(request: Request) -> Response:
    """Make a one-time link for somebody new and show it this once."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    site_id, role = _site(desk, form), _role(form)
    sections = await _sections(request, form, role=role, site_id=site_id)
    asked = Invitation(form.text("name", limit=200), role, site_id=site_id, sections=sections)
    try:
        check_fresh(desk)
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            token = await inviting.invite(work, asked)
    except Refusal as refusal:
        return await _show(request, desk, problem=refusal, typed=asked)
    return await _show(request, desk, link=f"{instance_of(request).settings.origin}/desk/invite/{token}")


def _site(desk: Desk, form: Fields) -> str:
    """Give the site that was chosen, '' for all of the instance, where this admin may. Refuses `site.unknown`."""
    slug = form.text("of", limit=60)
    site: Any = next((each for each in desk.sites if each.slug == slug), None)
    if slug and site is None:
        raise NotFound("site.unknown")
    site_id = site.id if site else INSTANCE
    require(desk.viewer, "desk.admin", site_id)
    return str(site_id)


def _role(form: Fields) -> str:
    """Give the role that was named: a missing one must not become the first of a list. Refuses `input.…`."""
    role = form.needed("role", limit=12)
    if role not in STAFF:
        raise Invalid("input.invalid", field="role")
    return role


async def _sections(request: Request, form: Fields, *, role: str, site_id: str) -> list[str] | None:
    """Give the sections that were typed, one a line, None for all. Refuses `sections.unknown` where the paper has no such one."""
    named = [each.strip() for each in form.text("sections", limit=2000).splitlines() if each.strip()]
    if not named:
        return None
    async with instance_of(request).db.read() as query:
        known = {row.name for row in await sections_of(query, {site_id})}
    if role not in LIMITED or not site_id or not known.issuperset(named):
        raise Invalid("sections.unknown")
    return list(dict.fromkeys(named))


async def limit(request: Request) -> Response:
    """Limit somebody's role to sections of its site, or to none."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    site_id = _site(desk, form)
    account_id, role = form.needed("account", limit=16), _role(form)
    try:
        check_fresh(desk)
        sections = await _sections(request, form, role=role, site_id=site_id)
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await actions.limit_role(work, account_id, role, site_id=site_id, sections=sections)
    except Refusal as refusal:
        return await _show(request, desk, problem=refusal)
    return see_other("/desk/staff")


async def end_session(request: Request) -> Response:
    """Sign one of one's own or one's staff's windows out."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    session_id = form.needed("session", limit=16)
    async with instance_of(request).db.read() as query:
        open_ones = await queries.staff_sessions(query, _mine_to_end(desk, await queries.staff(query)), now=clock.now())
    if session_id not in {each.id for each in open_ones}:
        raise NotFound("credential.unknown")
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        await actions.close_session(work, session_id)
        work.record("session.ended", subject_id=session_id)
    return see_other("/desk/staff")


def _mine_to_end(desk: Desk, rows: Sequence[Any]) -> set[str]:
    """Give whose windows at the desk are shown and may be ended: one's own, and of those whom one could remove."""
    led = {row.account_id for row in rows if may(desk.viewer.grants, "desk.admin", row.site_id)}
    return {desk.seat.account_id} | led


async def remove(request: Request) -> Response:
    """Take a role from somebody else and sign them out everywhere."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    site_id = _site(desk, form)
    account_id, role = form.needed("account", limit=16), _role(form)
    try:
        check_fresh(desk)
        if account_id == desk.seat.account_id:
            raise Conflict("role.own")
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await actions.take_role(work, account_id, role, site_id=site_id)
            await actions.close_all_sessions(work, account_id)
    except Refusal as refusal:
        return await _show(request, desk, problem=refusal)
    return see_other("/desk/staff")


routes = [
    Route("/desk/staff", staff_page, methods=["GET"]),
    Route("/desk/staff/invite", invite, methods=["POST"]),
    Route("/desk/staff/remove", remove, methods=["POST"]),
    Route("/desk/staff/sections", limit, methods=["POST"]),
    Route("/desk/staff/session", end_session, methods=["POST"]),
]
