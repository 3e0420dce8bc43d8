"""The bell in the frame and in windows of our own: how much is new, the list, and marking it as seen.

Private news is polled by the page, never streamed; a poll that finds nothing new has no body.
"""

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from commentbox.server.base import i18n
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Invalid, Unauthenticated
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import begin
from commentbox.server.gate.asking import place_of
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import is_fragment, language_of
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.notifications import bell
from commentbox.server.presenters import reading
from commentbox.server.presenters.news import BellView, bell_view, in_the_thread, news_views
from commentbox.server.presenters.places import FRAME, WINDOW, Place
from commentbox.server.presenters.thread import Found
from commentbox.server.verification.speaking import Speaker
from commentbox.server.web.windows import see_other


async def bell_of(query: Query, found: Found, place: Place, speaker: Speaker | None) -> BellView | None:
    """Give the bell of whoever looks at a thread; nobody's where nobody is signed in."""
    if speaker is None:
        return None
    number = await bell.unseen(query, speaker.account_id, site_id=speaker.site_id)
    with i18n.use(reading.language(found, place)):
        return bell_view(place, number)


async def panel(request: Request) -> Response:
    """Give the newest news as a list, with links to each in its place."""
    place = _place(query_of(request))
    speaker = await _speaker(request)
    async with instance_of(request).db.read() as query:
        found = await reading.find(query, place)
        rows = await bell.newest(query, speaker.account_id, site_id=speaker.site_id)
    lang = reading.language(found, place)
    with i18n.use(lang):
        news = news_views(rows, in_the_thread(place, found.thread_id))
    return _fragment(request, "bell_list.html", found, place, news=news, place=place)


async def count(request: Request) -> Response:
    """Give the bell anew if its number is not the `n` that the page has; else nothing."""
    fields = query_of(request)
    place, known = _place(fields), fields.text("n", limit=6)
    speaker = await _speaker(request)
    async with instance_of(request).db.read() as query:
        number = await bell.unseen(query, speaker.account_id, site_id=speaker.site_id)
        if str(number) == known:
            return Response(status_code=204)
        found = await reading.find(query, place)
    return _bell(request, found, place, number)


async def seen(request: Request) -> Response:
    """Mark everything up to the piece `until` as seen, and go back to where the button was."""
    form = await form_of(request)
    until = form.optional("until", limit=20)
    if until and not looks_like_id(until):
        raise Invalid("input.invalid", field="until")
    place = _place(form) if form.text("site", limit=60) else None
    speaker = await _speaker(request)
    async with begin(instance_of(request).db, actor=speaker.account_id) as work:
        await bell.mark_seen(work, speaker.account_id, site_id=speaker.site_id, until=until)
    if place is None:
        return see_other(f"/account?saved=seen&lang={language_of(request)}#bell")
    if not is_fragment(request):
        return see_other(place.window)
    async with instance_of(request).db.read() as query:
        found = await reading.find(query, place)
        number = await bell.unseen(query, speaker.account_id, site_id=speaker.site_id)
    return _bell(request, found, place, number, focus=True)


async def _speaker(request: Request) -> Speaker:
    viewer = await viewer_of(request)
    if viewer.speaker is None:
        raise Unauthenticated("session.missing")
    return viewer.speaker


def _place(fields: Fields) -> Place:
    return place_of(fields, WINDOW if fields.optional("page", limit=10) == "window" else FRAME)


def _bell(request: Request, found: Found, place: Place, number: int, **more: bool) -> Response:
    lang = reading.language(found, place)
    with i18n.use(lang):
        view = bell_view(place, number)
    return _fragment(request, "bell.html", found, place, bell=view, **more)


def _fragment(request: Request, template: str, found: Found, place: Place, /, **context: object) -> Response:
    lang = reading.language(found, place)
    html = instance_of(request).render.html(template, lang=lang, theme=reading.look(found, place), **context)
    return HTMLResponse(html, headers={"cache-control": "private, no-store", "content-language": lang})


routes = [
    Route("/embed/bell", panel, methods=["GET"]),
    Route("/embed/bell", seen, methods=["POST"]),
    Route("/embed/bell/count", count, methods=["GET"]),
]
