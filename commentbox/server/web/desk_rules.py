"""The house rules of a site at the desk: whoever sits there reads them with their history, admins change them."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.rules import may
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.gate.viewer import require
from commentbox.server.moderation import seats
from commentbox.server.presenters.desk_rules import rules_view
from commentbox.server.sites import house_rules
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.windows import see_other

TEXT = 12_000


@for_staff
async def rules_page(request: Request) -> Response:
    """Show the rules of a site; without one named, of the first."""
    return await _show(request, await desk_of(request, query_of(request)))


async def _show(request: Request, desk: Desk, *, typed: str | None = None, problem: Refusal | None = None) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    site = await _site(request, desk)
    async with instance_of(request).db.read() as query:
        history = await house_rules.history(query, site.id)
    may_edit = may(desk.viewer.grants, "desk.admin", site.id)
    return await page(
        request,
        desk,
        "rules.html",
        name="rules",
        status=problem.status if problem else 200,
        rules=lambda: rules_view(site, history, typed=typed, may_edit=may_edit),
        sites=desk.sites,
        problem=sentence_of(request, problem) if problem else None,
        saved=query_of(request).text("saved", limit=4),
    )


async def _site(request: Request, desk: Desk) -> Any:
    slug = str(request.path_params.get("site") or desk.sites[0].slug)
    async with instance_of(request).db.read() as query:
        return await seats.site_by_slug(query, desk.seat, slug)


async def save(request: Request) -> Response:
    """Make a new version of the rules. For admins of the site."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    site = await _site(request, desk)
    require(desk.viewer, "desk.admin", site.id)
    text, seen = form.text("rules", limit=TEXT), form.text("version", limit=6)
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            number = int(seen) if seen.isascii() and seen.isdigit() else 0
            await house_rules.change(work, site.id, text, seen=number)
    except Refusal as refusal:
        return await _show(request, desk, typed=text, problem=refusal)
    return see_other(f"/desk/rules/{site.slug}?saved=1")


routes = [
    Route("/desk/rules", rules_page, methods=["GET"]),
    Route("/desk/rules/{site}", rules_page, methods=["GET"]),
    Route("/desk/rules/{site}", save, methods=["POST"]),
]
