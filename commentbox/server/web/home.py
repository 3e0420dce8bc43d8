"""The front door of the server itself, for whoever types its address: which papers, and where everything is."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.gate.instance import instance_of
from commentbox.server.sites import actions as sites
from commentbox.server.web.windows import window


async def home(request: Request) -> Response:
    """Name the papers whose comments are here, and lead on."""
    async with instance_of(request).db.read() as query:
        papers = [(site.name, await sites.origins_of(query, site.id)) for site in await sites.every(query)]
    return await window(request, "home.html", papers=papers)


routes = [Route("/", home)]
