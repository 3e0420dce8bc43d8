"""Public profiles of those who want one, as a page and as feeds: the same bytes for everybody, and gone at once.

Nothing here is kept in memory: whoever switches their profile off is gone with the next request, and from shared caches
within five seconds.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.rules import SHOWS
from commentbox.server.base import clock, i18n
from commentbox.server.gate.forms import query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import Built, public
from commentbox.server.presenters.feeds import FeedView
from commentbox.server.presenters.profile import Looked, profile_feed, profile_view
from commentbox.server.web.feeds import ATOM_TYPE, JSON_TYPE, write_atom, write_json


def _looked(request: Request) -> Looked:
    fields = query_of(request)
    return Looked(
        profile_id=str(request.path_params["id"])[:40],
        slug=fields.needed("site", limit=60),
        show=fields.choice("show", SHOWS),
        lang=fields.optional("lang", limit=20),
        origin=instance_of(request).settings.origin,
        before=fields.text("before", limit=16),
    )


async def page(request: Request) -> Response:
    """Show somebody's comments on one paper, the newest first."""
    looked, instance = _looked(request), instance_of(request)

    async def build() -> Built:
        async with instance.db.read() as query:
            view = await profile_view(query, looked, now=clock.now())
        html = instance.render.html("own/profile.html", lang=view.lang, profile=view, site_name=view.site_name)
        headers = {"content-type": "text/html; charset=utf-8", "content-language": view.lang}
        headers |= {"content-security-policy": content_policy(), "x-robots-tag": "noindex"}
        return Built(html, None, None, headers)

    return await public(request, repr(("/people", looked)), build)


async def atom(request: Request) -> Response:
    """Give the newest of somebody's comments as an Atom feed."""
    return await _feed(request, ATOM_TYPE, write_atom)


async def json_feed(request: Request) -> Response:
    """Give the newest of somebody's comments as a JSON feed."""
    return await _feed(request, JSON_TYPE, write_json)


async def _feed(request: Request, kind: str, write: Callable[[FeedView, str, str], str]) -> Response:
    looked = _looked(request)

    async def build() -> Built:
        async with instance_of(request).db.read() as query:
            view = await profile_feed(query, looked, now=clock.now())
        with i18n.use(view.lang):
            body = write(view, f"{looked.origin}{request.url.path}?{request.url.query}", looked.origin)
        headers = {"content-type": kind, "content-language": view.lang, "content-security-policy": content_policy()}
        return Built(body, None, None, headers | {"x-robots-tag": "noindex"})

    return await public(request, repr((request.url.path, request.url.query)), build)


routes = [
    Route("/people/{id}", page, methods=["GET"]),
    Route("/people/{id}/feed.atom", atom, methods=["GET"]),
    Route("/people/{id}/feed.json", json_feed, methods=["GET"]),
]
