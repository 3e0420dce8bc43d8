"""The look of a site at the desk: whoever sits there sees it and tries others on, admins change it and go back."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.rules import may
from commentbox.server.base import looks
from commentbox.server.base.assets import DEFAULT_THEME
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of, wants_json
from commentbox.server.gate.viewer import require
from commentbox.server.moderation import seats
from commentbox.server.presenters.desk_look import look_view
from commentbox.server.presenters.reasons import policy_of
from commentbox.server.sites import wearing
from commentbox.server.web.components import pass_of
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.windows import see_other

FIELDS = ("theme", *looks.TOKENS)


@for_staff
async def look_page(request: Request) -> Response:
    """Show what a site wears, or what is tried on; without a site named, the first."""
    asked = query_of(request)
    desk = await desk_of(request, asked)
    return await _show(request, desk, typed=_typed(asked) if "theme" in request.query_params else None)


def _typed(fields: Fields) -> dict[str, str]:
    return {name: fields.text(name, limit=40).strip() for name in FIELDS}


def _written(typed: dict[str, str]) -> str:
    theme = typed["theme"] if typed["theme"] != DEFAULT_THEME else ""
    return " ".join([theme, *(f"{name}={typed[name]}" for name in looks.TOKENS if typed[name])])


async def _show(
    request: Request, desk: Desk, *, typed: dict[str, str] | None = None, problem: Refusal | None = None
) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    site = await _site(request, desk)
    async with instance_of(request).db.read() as query:
        history = await wearing.history(query, site.id)
    worn = looks.parse(policy_of(site.policy).look)
    tried = worn
    if typed is not None:
        try:
            tried = looks.parse(_written(typed))
            looks.read(tried.text)
        except Refusal as refusal:
            problem = problem or refusal
    response = await page(
        request,
        desk,
        "look.html",
        name="look",
        status=problem.status if problem and request.method == "POST" else 200,
        look=lambda: look_view(
            site,
            history,
            look=tried,
            typed=typed if typed is not None else dict(worn.tokens),
            themes=instance_of(request).render.themes,
            shown=pass_of(instance_of(request).keyring),
            lang=language_of(request),
            may_edit=may(desk.viewer.grants, "desk.admin", site.id),
        ),
        sites=desk.sites,
        problem=sentence_of(request, problem) if problem else None,
        saved=query_of(request).text("saved", limit=4),
    )
    response.headers["content-security-policy"] = content_policy(frames=True)
    return response


async def _site(request: Request, desk: Desk) -> Any:
    slug = str(request.path_params.get("site") or desk.sites[0].slug)
    async with instance_of(request).db.read() as query:
        return await seats.site_by_slug(query, desk.seat, slug)


async def save(request: Request) -> Response:
    """Give the site another look. For admins of the site."""
    form = await form_of(request)
    desk, site = await _admin(request, form)
    typed = _typed(form)
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await wearing.wear(work, site.id, _written(typed), seen=_number(form, "version"))
    except Refusal as refusal:
        return await _show(request, desk, typed=typed, problem=refusal)
    return see_other(f"/desk/look/{site.slug}?saved=1")


async def back(request: Request) -> Response:
    """Go back to an earlier version. For admins of the site."""
    form = await form_of(request)
    desk, site = await _admin(request, form)
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await wearing.wear_again(work, site.id, _number(form, "to"), seen=_number(form, "version"))
    except Refusal as refusal:
        return await _show(request, desk, problem=refusal)
    return see_other(f"/desk/look/{site.slug}?saved=1")


async def _admin(request: Request, form: Fields) -> tuple[Desk, Any]:
    desk = await desk_of(request, form)
    site = await _site(request, desk)
    require(desk.viewer, "desk.admin", site.id)
    return desk, site


def _number(form: Fields, name: str) -> int:
    """Read a version; what is none is one that nobody has."""
    typed = form.text(name, limit=6)
    return int(typed) if typed.isascii() and typed.isdigit() else -1


routes = [
    Route("/desk/look", look_page, methods=["GET"]),
    Route("/desk/look/{site}", look_page, methods=["GET"]),
    Route("/desk/look/{site}", save, methods=["POST"]),
    Route("/desk/look/{site}/back", back, methods=["POST"]),
]
