"""Your choices: what the three filters do and where they are made. People signed in choose on their account page."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from commentbox.server.gate.forms import query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.web.windows import Came, see_other


async def choices(request: Request) -> Response:
    """Explain the choices to whoever is signed out; lead everybody else to their own."""
    viewer = await viewer_of(request)
    if viewer.speaker and viewer.speaker.session_kind == "top":
        asked = query_of(request).text("lang", limit=12)
        return see_other(Came(lang=asked).to("/account") + "#choices")
    html = instance_of(request).render.html("choices.html", lang=language_of(request))
    return HTMLResponse(html)


routes = [Route("/choices", choices)]
