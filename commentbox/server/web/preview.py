"""Looking at a text before it is posted: rendered as posting would, refused as posting would, and kept nowhere."""

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from commentbox.server.base import limits
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.comments import posting
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.asking import place_of
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import answer, is_fragment, wants_json
from commentbox.server.presenters import reading
from commentbox.server.presenters.places import FRAME
from commentbox.server.web import thread_page

PREVIEWS_PER_HOUR = 120
"""For one network address: rendering costs us what a post costs, and a careful writer looks a few times at each."""


async def preview(request: Request) -> Response:
    """Show how a text would look, in the form for htmx, else on the page with the form filled as it was."""
    form, instance = await form_of(request), instance_of(request)
    try:
        place = place_of(form, FRAME)
        async with begin(instance.db) as work:
            address = address_mac(request)
            await limits.spend(work, "preview", address, at_most=PREVIEWS_PER_HOUR, minutes=60)
        async with instance.db.read() as query:
            found = await reading.find(query, place)
        html = posting.preview(form.text("text", limit=TEXT_FIELD_LENGTH), policy=found.policy)
    except Refusal as refusal:
        if is_fragment(request) or wants_json(request):
            return answer(request, refusal.code, status=refusal.status, data=refusal.data)
        return await thread_page.with_refusal(request, form, refusal)
    shown = reading.as_shown(found, place, html)
    if not is_fragment(request):
        return await thread_page.with_preview(request, form, shown)
    return HTMLResponse(_fragment(request, reading.look(found, place), reading.language(found, place), shown))


def _fragment(request: Request, theme: str, lang: str, shown: Markup) -> str:
    html: str = instance_of(request).render.html("preview.html", lang=lang, theme=theme, shown=shown)
    return html


routes = [Route("/comments/preview", preview, methods=["POST"])]
"""Not below `/comments/{id}`: no comment is meant."""
