"""What verification means on this server, said in public: which ways there are, what is kept, and every column of it."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import datamap
from commentbox.server.gate.instance import instance_of
from commentbox.server.web.verify import way_of
from commentbox.server.web.windows import window


async def explained(request: Request) -> Response:
    """Say how verification works here, what is kept and how long, and what it cannot prevent."""
    instance = instance_of(request)
    offered = [way_of(each) for each in instance.providers.values()]
    months = instance.settings.badge_months
    return await window(request, "verification.html", ways=offered, is_alone=len(offered) == 1, months=months)


async def data_map(request: Request) -> Response:
    """Show what every column of the database is for."""
    return await window(request, "data_map.html", tables=datamap.entries(), head=datamap.HEAD)


routes = [
    Route("/verification", explained, methods=["GET"]),
    Route("/verification/data", data_map, methods=["GET"]),
]
