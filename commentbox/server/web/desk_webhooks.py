"""A site's webhooks at the desk: where its own server hears of what happens here. Its admins make them, auditors look."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.rules import may
from commentbox.server.base import clock
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.gate.viewer import require
from commentbox.server.presenters.desk_webhooks import kind_views, webhook_view
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.desk_proof import check_fresh, fresh
from commentbox.server.web.desk_site import looked_into
from commentbox.server.web.windows import see_other
from commentbox.server.webhooks import actions, rules

Doing = Callable[[Work, str, Fields], Awaitable[tuple[str, int] | None]]
"""What a form does; an endpoint and the number of a new secret are given back, to be shown once."""


@for_staff
async def webhooks_page(request: Request) -> Response:
    """Show the endpoints of a site with their last messages."""
    fields = query_of(request)
    return await _show(request, await desk_of(request, fields), slug=fields.text("site", limit=60))


async def _show(
    request: Request,
    desk: Desk,
    *,
    slug: str,
    problem: Refusal | None = None,
    form: Fields | None = None,
    secret: str | None = None,
) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    site = looked_into(desk, slug)
    async with instance_of(request).db.read() as query:
        hooks = [(hook, await actions.deliveries(query, hook.id)) for hook in await actions.of(query, site.id)]
    chosen = form.several("kind", at_most=len(rules.KINDS)) if form else ["comment.removed", "case.decided"]
    return await page(
        request,
        desk,
        "webhooks.html",
        name="site",
        status=problem.status if problem else 200,
        site=site,
        hooks=lambda: [webhook_view(hook, rows, now=clock.now()) for hook, rows in hooks],
        kinds=lambda: kind_views(rules.KINDS, chosen),
        url=form.text("url", limit=4000) if form else "",
        may_edit=may(desk.viewer.grants, "desk.admin", site.id),
        is_fresh=fresh(desk),
        prove_to=f"/desk/webhooks?site={site.slug}",
        problem=sentence_of(request, problem) if problem else None,
        secret=secret,
    )


async def _do(request: Request, doing: Doing) -> Response:
    """Carry a form out for an admin of the site whose passkey was used just now, or show the page with what was typed."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    site = looked_into(desk, str(request.path_params["site"]))
    require(desk.viewer, "desk.admin", site.id)
    try:
        check_fresh(desk)
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            made = await doing(work, site.id, form)
    except Refusal as refusal:
        return await _show(request, desk, slug=site.slug, problem=refusal, form=form)
    if made:
        key = actions.secret(instance_of(request).keyring, *made)
        return await _show(request, desk, slug=site.slug, secret=rules.written(key))
    return see_other(f"/desk/webhooks?site={site.slug}")


async def add(request: Request) -> Response:
    """Make an endpoint, and show its secret this once."""

    async def doing(work: Work, site_id: str, form: Fields) -> tuple[str, int]:
        kinds = form.several("kind", at_most=len(rules.KINDS))
        return await actions.add(work, site_id, form.needed("url", limit=4000), kinds), 1

    return await _do(request, doing)


async def change(request: Request) -> Response:
    """Send a test, renew the secret, switch off or on, or remove: what the form's button says."""

    async def doing(work: Work, site_id: str, form: Fields) -> Any:
        act, hook_id = form.choice("act", ("test", "secret", "on", "off", "remove")), form.needed("hook", limit=16)
        if act == "secret":
            return hook_id, await actions.renew_secret(work, site_id, hook_id)
        if act in ("on", "off"):
            return await actions.switch(work, site_id, hook_id, on=act == "on")
        return await {"test": actions.test, "remove": actions.remove}[act](work, site_id, hook_id)

    return await _do(request, doing)


routes = [
    Route("/desk/webhooks", webhooks_page, methods=["GET"]),
    Route("/desk/webhooks/{site}", add, methods=["POST"]),
    Route("/desk/webhooks/{site}/change", change, methods=["POST"]),
]
