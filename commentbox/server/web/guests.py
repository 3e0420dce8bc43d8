"""A guest's own comments, by the code: what became of each, editing and taking back. Works without scripts.

The code travels in forms only, never in an address, so that it stands in no log and no history.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base import clock, i18n, limits
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.base.work import begin
from commentbox.server.comments import guests, posting
from commentbox.server.comments.posting import Writer
from commentbox.server.gate.addresses import address_mac, seen_from
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, Fields, form_of, path_id
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.presenters.guests import guest_view
from commentbox.server.web.windows import again, came_of, window

CODE_LENGTH = 60
CODES_PER_HOUR = 60
"""For one address. A guest looks, edits and takes back with it; somebody guessing wants more."""


async def ask(request: Request) -> Response:
    """Ask for the code."""
    return await window(request, "guest.html", code="", comments=None, saved=False)


async def show(request: Request) -> Response:
    """Show the comments of a code."""
    form = await form_of(request)
    try:
        await _writer(request, form)
        return await _page(request, form)
    except Refusal as refusal:
        return await _asked_again(request, form, refusal)


async def edit(request: Request) -> Response:
    """Replace the text of one comment; one that is refused stays in its form."""
    form, comment_id = await form_of(request), path_id(request)
    text = form.text("text", limit=TEXT_FIELD_LENGTH)
    instance, writer = instance_of(request), await _writer(request, form)
    try:
        posted = await posting.revise(instance.db, writer, comment_id, text, help=instance.help)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _page(request, form, refusal=refusal, typed={comment_id: text})
    instance_of(request).cache.touch(posted.thread_id)
    return await _page(request, form, saved=True)


async def withdraw(request: Request) -> Response:
    """Take one comment back."""
    form, comment_id = await form_of(request), path_id(request)
    posted = await posting.withdraw(instance_of(request).db, await _writer(request, form), comment_id)
    instance_of(request).cache.touch(posted.thread_id)
    return await _page(request, form, saved=True)


async def _writer(request: Request, form: Fields) -> Writer:
    """Give the guest of a code, so many tries an hour; a session that is open beside it takes no part."""
    address = address_mac(request)
    code = form.needed("code", limit=CODE_LENGTH)
    async with begin(instance_of(request).db) as work:
        await limits.spend(work, "guest.code", address, at_most=CODES_PER_HOUR, minutes=60)
    return Writer(address=address, guest_code=code, seen_from=seen_from(request))


async def _page(
    request: Request,
    form: Fields,
    *,
    refusal: Refusal | None = None,
    typed: dict[str, str] | None = None,
    saved: bool = False,
) -> Response:
    code, came = form.needed("code", limit=CODE_LENGTH), came_of(form)
    async with instance_of(request).db.read() as query:
        rows = await guests.comments_of(query, code)
    with i18n.use(language_of(request)):
        views = [guest_view(row, now=clock.now(), typed=(typed or {}).get(row.id)) for row in rows]
    context: dict[str, Any] = {"code": code, "comments": views, "saved": saved}
    if refusal:
        return await again(request, "guest.html", refusal, came=came, **context)
    return await window(request, "guest.html", came=came, **context)


async def _asked_again(request: Request, form: Fields, refusal: Refusal) -> Response:
    code = form.text("code", limit=CODE_LENGTH)
    return await again(request, "guest.html", refusal, came=came_of(form), code=code, comments=None, saved=False)


routes = [
    Route("/guest", ask, methods=["GET"]),
    Route("/guest", show, methods=["POST"]),
    Route("/guest/{id}/edit", edit, methods=["POST"]),
    Route("/guest/{id}/withdraw", withdraw, methods=["POST"]),
]
