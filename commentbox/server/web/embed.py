"""What is shown in the frame on the paper's page: the public layer, its fragments, and the viewer's own layer."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from commentbox.server.accounts.rules import may
from commentbox.server.base import clock, looks
from commentbox.server.base.assets import Asset, assets
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.comments.stepping import STEPS
from commentbox.server.gate.asking import asked_of, look_of, place_of
from commentbox.server.gate.forms import query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import Built, public
from commentbox.server.gate.refusals import answer
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.presenters import own_layer, reading
from commentbox.server.presenters.places import FRAME, WINDOW, Place
from commentbox.server.presenters.reading import Asked
from commentbox.server.presenters.thread import Found
from commentbox.server.web.bell import bell_of

FOR_EVER = "public, max-age=31536000, immutable"
HTML = "text/html; charset=utf-8"
STAFF = {"at_desk": "desk.see", "may_pick": "comment.pick"}
"""What a link in the frame leads staff to -> the permission that it needs."""


async def thread(request: Request) -> Response:
    """Give the public layer of a thread, the same for everybody; only the site's own origins may frame it."""
    try:
        asked = asked_of(query_of(request), FRAME)
        return await public(request, _key(asked), lambda: _build_thread(request, asked))
    except Refusal as refusal:
        # The error says nothing private, and the paper's page must be able to show it in the slot.
        response = answer(request, refusal.code, status=refusal.status, data=refusal.data)
        response.headers["content-security-policy"] = content_policy(ancestors="*")
        return response


def _key(asked: Asked) -> str:
    return repr((asked.place.fields, asked.place.page, asked.cursor, asked.comment, asked.words, asked.only))


async def _build_thread(request: Request, asked: Asked) -> Built:
    instance, place = instance_of(request), asked.place
    async with instance.db.read(heavy=bool(asked.words)) as query:
        found = await reading.find(query, place)
        view = await reading.thread_view(query, found, asked, now=clock.now())
    composer = own_layer.composer(found, place, now=clock.now())
    lang, theme = reading.language(found, place), reading.look(found, place)
    html = instance.render.html(
        "thread.html", lang=lang, theme=theme, view=view, composer=composer, mine=None, code=None, head=None
    )
    policy = content_policy(ancestors=found.row.origins or "")
    # Words and ids, like articles, anybody can invent: such a page would only push others out of the memory.
    kept = None if asked.words or view.gone else found.thread_id
    return Built(html, kept, found.row.version or 0, _headers(lang) | {"content-security-policy": policy})


def _headers(lang: str) -> dict[str, str]:
    return {"content-type": HTML, "content-language": lang}


async def replies(request: Request) -> Response:
    """Give more replies of a comment, or a comment that the filter hides with what is under it, as list items."""
    fields = query_of(request)
    look = look_of(fields)
    page = WINDOW if fields.optional("page", limit=10) == "window" else FRAME
    place = Place(site="", page=page, **look)
    comment_id, after = fields.needed("comment", limit=40), fields.text("after", limit=40)
    opened = fields.text("open", limit=2) == "1"

    async def build() -> Built:
        instance = instance_of(request)
        async with instance.db.read() as query:
            found, view = await reading.replies(query, place, comment_id, after=after, opened=opened, now=clock.now())
        lang = reading.language(found, place)
        html = instance.render.html("replies.html", lang=lang, theme=reading.look(found, place), view=view)
        headers = _headers(lang) | {"content-security-policy": content_policy()}
        return Built(html, found.thread_id, found.row.version or 0, headers)

    return await public(request, repr(("replies", place.fields, page, comment_id, after, opened)), build)


async def step(request: Request) -> Response:
    """Lead from a comment to its author's next or previous one."""
    fields = query_of(request)
    page = WINDOW if fields.optional("page", limit=10) == "window" else FRAME
    place, which = place_of(fields, page), fields.choice("step", STEPS)
    async with instance_of(request).db.read() as query:
        found = await reading.find(query, place)
        comment_id = await reading.step(query, found, place, fields.needed("comment", limit=40), which)
    return RedirectResponse(f"{place.around(comment_id)}#c-{comment_id}", status_code=302)


async def viewer_layer(request: Request) -> Response:
    """Give what belongs to this viewer: composer, own held comments, own marks. Never cached."""
    instance = instance_of(request)
    place = place_of(query_of(request), FRAME)
    viewer = await viewer_of(request)
    async with instance.db.read() as query:
        found = await reading.find(query, place)
        here = viewer.on(found.row.site_id)
        here_may: dict[str, Any] = {name: may(here.grants, each, found.row.site_id) for name, each in STAFF.items()}
        here_may["answers"] = await own_layer.may_answer(query, found, here.speaker, now=clock.now())
        view = await own_layer.viewer_layer(query, found, place, here.speaker, now=clock.now(), **here_may)
        view = replace(view, bell=await bell_of(query, found, place, here.speaker))
    return _private(request, "viewer.html", found, place, view=view, mine=view)


async def editor(request: Request) -> Response:
    """Give the form for editing one's own comment in its place."""
    instance, fields = instance_of(request), query_of(request)
    place = place_of(fields, FRAME)
    viewer = await viewer_of(request)
    async with instance.db.read() as query:
        found = await reading.find(query, place)
        speaker = viewer.on(found.row.site_id).speaker
        comment_id = fields.needed("comment", limit=40)
        composer = await own_layer.editor(query, found, place, speaker, comment_id, now=clock.now())
    return _private(request, "edit.html", found, place, composer=composer)


def _private(request: Request, template: str, found: Found, place: Place, **context: object) -> Response:
    render, lang = instance_of(request).render, reading.language(found, place)
    html = render.html(template, lang=lang, theme=reading.look(found, place), **context)
    return HTMLResponse(html, headers={"cache-control": "private, no-store", "content-language": lang})


async def static(request: Request) -> Response:
    """Give a script or style sheet; under its right version it may be kept for ever."""
    name = request.path_params["name"]
    if name == looks.SHEET:
        return _look(request)
    asset = assets().get(name)
    if asset is None:
        raise NotFound("page.unknown")
    return _sent(request, asset)


def _look(request: Request) -> Response:
    """Give the style sheet of a look. Whether it can be read is asked where a page is asked for; here it may be tried out."""
    look = looks.parse(query_of(request).needed("look", limit=looks.LONGEST))
    lasting = looks.sheet_name(look).endswith(f"v={request.query_params.get('v')}")
    headers = {"cache-control": FOR_EVER if lasting else "public, max-age=300"}
    return Response(looks.sheet(look), media_type="text/css", headers=headers)


async def for_papers(request: Request) -> Response:
    """Give a script that papers have on their own pages, under a name that never changes."""
    response = _sent(request, assets()[request.url.path.removeprefix("/")])
    response.headers["cross-origin-resource-policy"] = "cross-origin"
    return response


def _sent(request: Request, asset: Asset) -> Response:
    packed = "gzip" in request.headers.get("accept-encoding", "")
    lasting = request.query_params.get("v") == asset.version
    headers = {"cache-control": FOR_EVER if lasting else "public, max-age=300", "vary": "Accept-Encoding"}
    headers |= {"content-type": asset.media_type, "etag": f'W/"{asset.version}"'}
    if asset.version in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    headers |= {"content-encoding": "gzip"} if packed else {}
    return Response(asset.gzipped if packed else asset.body, headers=headers)


routes = [
    Route("/embed/thread", thread),
    Route("/embed/replies", replies),
    Route("/embed/step", step),
    Route("/embed/viewer", viewer_layer),
    Route("/embed/edit", editor),
    Route("/static/{name}", static),
    Route("/loader.js", for_papers),
    Route("/counts.js", for_papers),
    Route("/latest.js", for_papers),
    Route("/sso.js", for_papers),
]
