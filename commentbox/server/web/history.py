"""What a comment said before it was edited. Public, the same bytes for everybody."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base import clock
from commentbox.server.gate.asking import look_of
from commentbox.server.gate.forms import path_id, query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import Built, public
from commentbox.server.presenters import reading
from commentbox.server.presenters.history import history_view
from commentbox.server.presenters.places import WINDOW, Place


async def history(request: Request) -> Response:
    """Show the versions of a comment that readers have seen, with what was changed in each."""
    comment_id, look = path_id(request), look_of(query_of(request))
    place = Place(site="", page=WINDOW, **look)

    async def build() -> Built:
        instance = instance_of(request)
        async with instance.db.read() as query:
            found, view = await history_view(query, place, comment_id, now=clock.now())
        lang = reading.language(found, place)
        context = {"history": view, "site_name": view.site_name}
        html = instance.render.html("history.html", lang=lang, theme=reading.look(found, place), **context)
        headers = {"content-type": "text/html; charset=utf-8", "content-language": lang}
        headers["content-security-policy"] = content_policy()
        return Built(html, found.thread_id, found.row.version or 0, headers)

    return await public(request, repr(("/history", place.fields, comment_id)), build)


routes = [Route("/history/{id}", history)]
