"""Looking something up at the desk, and the views of the queue that a moderator keeps."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.moderation import finding, views
from commentbox.server.presenters.desk_author import person_href
from commentbox.server.presenters.desk_found import found_view
from commentbox.server.web.desk import desk_of, for_staff, page
from commentbox.server.web.windows import see_other

WORDS = 100


@for_staff
async def find_page(request: Request) -> Response:
    """Show what fits: people by the beginning of their name, comments by their words, either by id."""
    fields = query_of(request)
    desk = await desk_of(request, fields)
    words, before = fields.text("q", limit=WORDS), fields.text("before", limit=16)
    async with instance_of(request).db.read(heavy=True) as query:
        found = await finding.find(query, desk.seat, words, before=before if looks_like_id(before) else None)
    people = [(row, person_href(row.slug, row.account_id)) for row in found.people]
    return await page(
        request,
        desk,
        "find.html",
        name="find",
        words=words,
        people=people,
        comments=lambda: [found_view(row, words) for row in found.comments],
        next_href=f"/desk/find?{urlencode({'q': words, 'before': found.before})}" if found.before else None,
    )


async def keep(request: Request) -> Response:
    """Keep the queue as it is narrowed under a name."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    name = form.needed("name", limit=40)
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        fields = {key: value for key, value in desk.where.fields if key != "after"}
        await views.keep(work, desk.seat.account_id, name, fields)
    return see_other(desk.where.to())


async def drop(request: Request) -> Response:
    """Forget a view."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        await views.drop(work, desk.seat.account_id, form.needed("name", limit=40))
    return see_other(desk.where.to())


routes = [
    Route("/desk/find", find_page, methods=["GET"]),
    Route("/desk/views", keep, methods=["POST"]),
    Route("/desk/views/drop", drop, methods=["POST"]),
]
