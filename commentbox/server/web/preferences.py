"""What a signed-in reader chooses while reading: whom to hear from, whom to mute, which thread to hear no news from.

The account page has the same choices. htmx gets an empty answer with `HX-Trigger`, plain forms a page.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts import actions, mutes, names, queries
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Conflict, NotFound, Refusal, Unauthenticated
from commentbox.server.base.work import begin
from commentbox.server.comments.queries import author_of
from commentbox.server.gate.asking import place_of
from commentbox.server.gate.forms import form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import is_fragment
from commentbox.server.gate.viewer import own_window, signed_in
from commentbox.server.presenters import reading
from commentbox.server.presenters.places import WINDOW
from commentbox.server.web.account import saved, shown_again
from commentbox.server.web.posting import back_to, carried_of, triggering
from commentbox.server.web.windows import see_other


async def keep_show(request: Request) -> Response:
    """Keep on the account what the reader has just chosen above the comments. Only scripts ask for this."""
    viewer = await signed_in(request)
    form = await form_of(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.set_show(work, str(viewer.account_id), form.needed("show", limit=20))
    return Response(status_code=204)


async def mute_author(request: Request) -> Response:
    """Hear no more from whoever wrote a comment."""
    form = await form_of(request)
    comment_id, carried = form.needed("comment", limit=40), carried_of(form)
    viewer = await signed_in(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        author = await author_of(work.q, comment_id)
        if viewer.on(author.site_id).speaker is None:
            raise Unauthenticated("session.missing")
        if author.account_id is None:
            raise Conflict("mute.no_account")
        await mutes.mute_person(work, str(viewer.account_id), author.account_id)
    return _done(request, back_to(carried, comment_id))


async def quiet_thread(request: Request) -> Response:
    """Hear no more news from a thread, or hear them again."""
    form = await form_of(request)
    place, on = place_of(form, WINDOW), form.choice("on", ("1", "0")) == "1"
    viewer = await signed_in(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        found = await reading.find(work.q, place)
        if found.thread_id is None:
            raise NotFound("thread.unknown")
        if viewer.on(found.row.site_id).speaker is None:
            raise Unauthenticated("session.missing")
        act = mutes.mute_thread if on else mutes.unmute
        await act(work, str(viewer.account_id), found.thread_id)
    return _done(request, place.window)


def _done(request: Request, back: str) -> Response:
    if is_fragment(request):
        return triggering(Response(status_code=204), "muted", {})
    return see_other(back)


async def mute_by_name(request: Request) -> Response:
    """Hear no more from somebody whose name one types on the account page."""
    viewer = await own_window(request)
    name = (await form_of(request)).text("name", limit=200)
    try:
        skeleton = names.check(name).skeleton
        async with begin(instance_of(request).db, actor=viewer.account_id) as work:
            await mutes.mute_person(work, str(viewer.account_id), await _account_called(work.q, skeleton))
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal, mute_name=name)
    return saved(request, "muted", "muted")


async def _account_called(query: Query, skeleton: str) -> str:
    holder = await queries.holder_of(query, skeleton)
    if holder is None or holder.account_id is None:
        raise NotFound("mute.no_such_name")
    return holder.account_id


async def unmute(request: Request) -> Response:
    """Hear a person or a thread again, from the account page's list."""
    viewer = await own_window(request)
    form = await form_of(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await mutes.unmute(work, str(viewer.account_id), form.needed("target", limit=20))
    return saved(request, "unmuted", "muted")


routes = [
    Route("/embed/show", keep_show, methods=["POST"]),
    Route("/embed/quiet", quiet_thread, methods=["POST"]),
    Route("/comments/mute", mute_author, methods=["POST"]),
    Route("/account/mute", mute_by_name, methods=["POST"]),
    Route("/account/unmute", unmute, methods=["POST"]),
]
