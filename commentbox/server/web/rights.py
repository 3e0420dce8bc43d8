"""My rights, on my page: all my comments, the journal of myself, everything we hold as a file, devices, and leaving."""

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import actions, queries
from commentbox.server.base import i18n
from commentbox.server.base.errors import Forbidden, Refusal, Unauthenticated
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import Viewer, own_window
from commentbox.server.presenters import mine
from commentbox.server.rights import holdings, leaving
from commentbox.server.web.account import saved, shown_again
from commentbox.server.web.windows import Came, came_of, see_other, spoken, window

Handler = Callable[[Request, Viewer], Awaitable[Response]]


def at_the_door(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """Lead somebody who is not signed in to the door first, and then here."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        try:
            viewer = await own_window(request)
        except (Unauthenticated, Forbidden):
            came = came_of(query_of(request))
            return see_other(Came(next=request.url.path, lang=came.lang).to("/signin"))
        return await handler(request, viewer)

    return guarded


def _before(request: Request) -> str:
    before = query_of(request).text("before", limit=40)
    return before if looks_like_id(before) else ""


@at_the_door
async def all_comments(request: Request, viewer: Viewer) -> Response:
    """Show somebody's own comments, in every state, a page at a time."""
    async with instance_of(request).db.read() as query:
        with i18n.use(spoken(request)):
            found = await mine.my_comments(
                query, str(viewer.account_id), before=_before(request), limit=holdings.PAGE + 1
            )
    shown, more = found[: holdings.PAGE], len(found) > holdings.PAGE
    return await window(request, "comments.html", comments=shown, after=shown[-1].id if more else "")


@at_the_door
async def whole_journal(request: Request, viewer: Viewer) -> Response:
    """Show what the journal says about somebody, a page at a time."""
    async with instance_of(request).db.read() as query:
        rows = await holdings.journal_of(
            query, str(viewer.account_id), before=_before(request), limit=holdings.PAGE + 1
        )
    shown, more = rows[: holdings.PAGE], len(rows) > holdings.PAGE
    return await window(request, "journal.html", rows=shown, words=mine.happened, after=shown[-1].id if more else "")


async def _everything(request: Request, viewer: Viewer) -> dict[str, Any]:
    async with instance_of(request).db.read() as query:
        return await holdings.everything(query, str(viewer.account_id))


@at_the_door
async def as_json(request: Request, viewer: Viewer) -> Response:
    """Give everything as a file for programs."""
    text = json.dumps(await _everything(request, viewer), ensure_ascii=False, indent=1)
    return _file(Response(text, media_type="application/json"), "commentbox.json")


@at_the_door
async def as_page(request: Request, viewer: Viewer) -> Response:
    """Give everything as a file for people."""
    pieces = await _everything(request, viewer)
    html = instance_of(request).render.html("own/everything.html", lang=language_of(request), pieces=pieces)
    return _file(HTMLResponse(html), "commentbox.html")


def _file(response: Response, name: str) -> Response:
    response.headers["content-disposition"] = f'attachment; filename="{name}"'
    response.headers["cache-control"] = "private, no-store"
    return response


async def end_session(request: Request) -> Response:
    """Sign out one device."""
    viewer = await own_window(request)
    form = await form_of(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.close_own_session(work, str(viewer.account_id), form.needed("session", limit=20))
    return saved(request, "session", "devices")


async def delete_account(request: Request) -> Response:
    """Let the account be deleted in fourteen days, and sign it out everywhere."""
    viewer = await own_window(request)
    form = await form_of(request)
    try:
        async with begin(instance_of(request).db, actor=viewer.account_id) as work:
            await leaving.ask(work, str(viewer.account_id), form.needed("how", limit=20))
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal)
    return see_other(f"/account/leaving?lang={language_of(request)}")


async def keep_account(request: Request) -> Response:
    """Keep the account after all."""
    viewer = await own_window(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await queries.account(work.q, str(viewer.account_id))
        await leaving.stay(work, str(viewer.account_id))
    return saved(request, "stayed", "data")


async def goodbye(request: Request) -> Response:
    """Say what happens now to whoever has just asked to leave."""
    return await window(request, "leaving.html")


routes = [
    Route("/account/comments", all_comments, methods=["GET"]),
    Route("/account/journal", whole_journal, methods=["GET"]),
    Route("/account/download.json", as_json, methods=["GET"]),
    Route("/account/download.html", as_page, methods=["GET"]),
    Route("/account/session", end_session, methods=["POST"]),
    Route("/account/delete", delete_account, methods=["POST"]),
    Route("/account/stay", keep_account, methods=["POST"]),
    Route("/account/leaving", goodbye, methods=["GET"]),
]
