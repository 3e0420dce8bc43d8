"""A site at the desk: what it decides, its addresses, keys and names, and every change with its undo.

Its admins change it, auditors read it; for everybody else at the desk it is not there.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import upkeep
from commentbox.server.accounts import queries
from commentbox.server.accounts.rules import may
from commentbox.server.articles import site_key
from commentbox.server.base import clock
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.gate.viewer import require
from commentbox.server.moderation import threads
from commentbox.server.presenters import desk_site
from commentbox.server.presenters.reasons import policy_of
from commentbox.server.sites import actions, history, keys
from commentbox.server.sites.actions import Why
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.desk_proof import check_fresh, fresh
from commentbox.server.web.windows import see_other

VALUE = 4000
ADDRESS = 2000
Doing = Callable[[Work, Any, Fields], Awaitable[str | None]]
"""What a form does inside the transaction; a key it made is given back, to be shown once."""
_NOTHING_TYPED: Mapping[str, str] = {"form": ""}


@for_staff
async def site_page(request: Request) -> Response:
    """Show a site; without one named, the first that one may look into."""
    fields = query_of(request)
    return await _show(request, await desk_of(request, fields), slug=fields.text("site", limit=60))


def _looked_into(desk: Desk) -> list[Any]:
    return [site for site in desk.sites if may(desk.viewer.grants, "site.see", site.id)]


def looked_into(desk: Desk, slug: str) -> Any:
    """Give a site one may look into. Refuses `site.unknown`."""
    found = next((site for site in _looked_into(desk) if slug in ("", site.slug)), None)
    if found is None:
        raise NotFound("site.unknown")
    return found


async def _show(
    request: Request,
    desk: Desk,
    *,
    slug: str,
    typed: Mapping[str, str] = _NOTHING_TYPED,
    problem: Refusal | None = None,
    made: str | None = None,
) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    site = looked_into(desk, slug)
    known, timed = await _known(request, desk, site)
    policy = policy_of(known.site.policy)
    return await page(
        request,
        desk,
        "site.html",
        name="site",
        status=problem.status if problem else 200,
        site=known.site,
        sites=_looked_into(desk),
        groups=lambda: desk_site.groups_view(policy),
        screening=lambda: desk_site.screening_view(policy),
        origins=known.origins,
        keys=known.keys,
        names=known.names,
        timed=lambda: desk_site.timed_view(timed, now=clock.now()),
        changes=lambda: desk_site.changes_view(known),
        may_edit=may(desk.viewer.grants, "desk.admin", site.id),
        is_fresh=fresh(desk),
        prove_to=f"/desk/site?site={site.slug}",
        typed=typed,
        problem=sentence_of(request, problem) if problem else None,
        saved=query_of(request).text("saved", limit=4),
        made=made,
    )


async def _known(request: Request, desk: Desk, site: Any) -> tuple[desk_site.Known, Any]:
    async with instance_of(request).db.read() as query:
        changes = await history.newest(query, site.id)
        known = desk_site.Known(
            site=await actions.by_id(query, site.id),
            origins=await actions.origins_of(query, site.id),
            keys=await keys.of(query, site.id),
            names=await history.kept_of(query, site.id, history.NAME),
            changes=changes,
            people=await queries.names_of(query, {each.account_id for each in changes if each.account_id}),
        )
        return known, await threads.timed(query, desk.seat, site.id)


async def _do(request: Request, form_name: str, doing: Doing, *, dangerous: bool = False) -> Response:
    """Carry a form out for an admin of the site, or show the page again with what was typed."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    site = looked_into(desk, str(request.path_params["site"]))
    require(desk.viewer, "desk.admin", site.id)
    typed = {
        name: form.text(name, limit=VALUE) for name in ("value", "reason", "origin", "old", "new", "name", "label")
    }
    typed["form"] = form_name or typed["name"]
    try:
        if dangerous:
            check_fresh(desk)
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            made = await doing(work, await actions.by_id(work.q, site.id), form)
    except Refusal as refusal:
        return await _show(request, desk, slug=site.slug, typed=typed, problem=refusal)
    if made:
        return await _show(request, desk, slug=site.slug, made=made)
    return see_other(f"/desk/site?site={site.slug}&saved=1")


async def change_setting(request: Request) -> Response:
    """Change one setting."""

    async def doing(work: Work, site: Any, form: Fields) -> None:
        name = form.needed("name", limit=60)
        value, seen = (upkeep.read_value(form.text(each, limit=VALUE)) for each in ("value", "seen"))
        if isinstance(seen, str):
            value = form.text("value", limit=VALUE)  # a text is a text, whatever it looks like
        await upkeep.set_one(work, site.id, name, value, seen=seen, why=_why(form))

    return await _do(request, "", doing)


async def change_origin(request: Request) -> Response:
    """Add an origin or take one away."""

    async def doing(work: Work, site: Any, form: Fields) -> None:
        origin = form.needed("origin", limit=255)
        how = {"add": actions.add_origin, "remove": actions.remove_origin}[form.choice("act", ("add", "remove"))]
        await how(work, site.id, origin, _why(form))

    return await _do(request, "origin", doing, dangerous=True)


async def move_article(request: Request) -> Response:
    """Point a moved article at its new address."""

    async def doing(work: Work, site: Any, form: Fields) -> None:
        old, new = form.needed("old", limit=ADDRESS), form.needed("new", limit=ADDRESS)
        thread_id = await upkeep.move_article(work, site, old=old, new=new, why=_why(form))
        work.after(lambda: instance_of(request).cache.touch(thread_id))

    return await _do(request, "article", doing)


async def change_name(request: Request) -> Response:
    """Keep a name for the paper, or give one free."""

    async def doing(work: Work, site: Any, form: Fields) -> None:
        name = form.needed("name", limit=200)
        how = {"keep": upkeep.keep_name, "free": upkeep.free_name}[form.choice("act", ("keep", "free"))]
        await how(work, site.id, name, why=_why(form))

    return await _do(request, "name", doing)


async def change_key(request: Request) -> Response:
    """Make a key and show it this once, revoke one, or replace the key of the tags."""

    async def doing(work: Work, site: Any, form: Fields) -> str | None:
        act = form.choice("act", ("make", "revoke", "tag"))
        if act == "make":
            return await keys.make(work, site.id, form.text("label", limit=VALUE))
        if act == "tag":
            version = await upkeep.new_tag_key(work, site.id)
            return site_key(instance_of(request).keyring, site.id, version).hex()
        await keys.revoke(work, site.id, form.needed("key", limit=16))
        return None

    return await _do(request, "key", doing, dangerous=True)


async def undo(request: Request) -> Response:
    """Set back what a change changed."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    site = looked_into(desk, str(request.path_params["site"]))
    async with instance_of(request).db.read() as query:
        change = await history.one(query, site.id, form.needed("change", limit=16))

    async def doing(work: Work, site: Any, form: Fields) -> None:
        await upkeep.undo(work, site, change.id, reason=form.text("reason", limit=VALUE))

    return await _do(request, "undo", doing, dangerous=upkeep.is_dangerous(change.setting))


def _why(form: Fields) -> Why:
    return Why(form.text("reason", limit=VALUE))


routes = [
    Route("/desk/site", site_page, methods=["GET"]),
    Route("/desk/site/{site}/setting", change_setting, methods=["POST"]),
    Route("/desk/site/{site}/origin", change_origin, methods=["POST"]),
    Route("/desk/site/{site}/article", move_article, methods=["POST"]),
    Route("/desk/site/{site}/name", change_name, methods=["POST"]),
    Route("/desk/site/{site}/key", change_key, methods=["POST"]),
    Route("/desk/site/{site}/undo", undo, methods=["POST"]),
]
