"""The people of a thread, to pick from while one writes. Public: it says no more than the thread's pages do."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.gate.asking import place_of
from commentbox.server.gate.forms import query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import Built, public
from commentbox.server.presenters import reading
from commentbox.server.presenters.places import FRAME


async def people(request: Request) -> Response:
    """Give the names of those who have commented and whom the reader hears from, with their badges in words."""
    place = place_of(query_of(request), FRAME)

    async def build() -> Built:
        async with instance_of(request).db.read(heavy=True) as query:
            found = await reading.find(query, place)
            names = await reading.people(query, found, place)
        body = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
        headers = {"content-type": "application/json", "content-security-policy": content_policy()}
        return Built(body, found.thread_id, found.row.version or 0, headers)

    return await public(request, repr(("people", place.fields)), build)


routes = [Route("/embed/people", people)]
