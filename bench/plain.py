"""The smallest thing that Starlette can serve: what every page is compared with."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def hello(request: Request) -> PlainTextResponse:
    """Answer with two words."""
    return PlainTextResponse("Hello, world")


app = Starlette(routes=[Route("/", hello)])
