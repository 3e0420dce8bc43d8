"""The thread in a window of our own: both layers composed here, so that everything works without a frame and scripts.

Also what a refused or accepted post looks like, and the permanent address of a comment.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from commentbox.server.base import clock, i18n, looks
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Refusal
from commentbox.server.comments.posting import Outcome
from commentbox.server.gate.asking import asked_of, place_of
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, Fields, path_id, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence
from commentbox.server.gate.public import Built, public
from commentbox.server.gate.refusals import NUDGES, is_fragment
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.presenters import own_layer, reading
from commentbox.server.presenters.comments import CommentView, quoted
from commentbox.server.presenters.linked import head_view
from commentbox.server.presenters.own_layer import Writing
from commentbox.server.presenters.places import FRAME, WINDOW
from commentbox.server.presenters.reading import Asked
from commentbox.server.presenters.thread import Found
from commentbox.server.verification.speaking import Speaker
from commentbox.server.web import choices
from commentbox.server.web.bell import bell_of

CARRIED = ("show", "sort", "lang", "theme", "write")
ASKED_AGAIN = "private, no-cache"
"""No cache on the way may keep it: at the same address somebody signed in sees more. A browser asks again with the ETag."""
WITHOUT_PARENT = ("thread.answers_only", "comment.parent_gone", "reach.refused", "reach.muted", "reach.you_muted")
"""Refusals after which the text can only be posted as a comment of its own; the form that comes back does that."""


async def thread(request: Request) -> Response:
    """Show a thread with the viewer's own layer in it; `write=reply`, `quote` or `edit` fills the form for the linked comment.

    Where the address does not say whom to show, the choice kept on the account does.
    """
    fields = query_of(request)
    asked = asked_of(fields, WINDOW)
    write = fields.choice("write", ("", "reply", "edit", "quote"))
    speaker = (await viewer_of(request)).speaker
    if speaker is None and not write:
        return await public(request, repr((WINDOW, asked)), lambda: _nobodys(request, asked))
    if speaker and speaker.show and not fields.optional("show", limit=60):
        asked = replace(asked, place=replace(asked.place, show=speaker.show))
    async with instance_of(request).db.read(heavy=bool(asked.words)) as query:
        writing = await _writing(query, asked, speaker, write)
        return await _page(request, query, asked, speaker, writing=writing)


async def _nobodys(request: Request, asked: Asked) -> Built:
    """Give the page as everybody sees it who is signed out: the same bytes for all, so they are kept as the frame's are."""
    async with instance_of(request).db.read(heavy=bool(asked.words)) as query:
        found = await reading.find(query, asked.place)
        response = await _page(request, query, asked, None, writing=Writing())
    headers = {"content-type": response.headers["content-type"], "cache-control": ASKED_AGAIN}
    kept = found.thread_id if response.status_code == 200 and not asked.words else None
    body = bytes(response.body).decode()
    return Built(body, kept, found.row.version or 0, headers, status=response.status_code)


async def _writing(query: Query, asked: Asked, speaker: Speaker | None, write: str) -> Writing:
    if not asked.comment or not write:
        return Writing()
    if write in ("reply", "quote"):
        return Writing(parent_id=asked.comment, quotes=write == "quote")
    found = await reading.find(query, asked.place)
    text = await own_layer.own_text(query, found, _here(speaker, found), asked.comment)
    return Writing(edits=asked.comment, text=text)


def _here(speaker: Speaker | None, found: Found) -> Speaker | None:
    return speaker if speaker and speaker.counts_on(found.row.site_id) else None


async def _page(
    request: Request,
    query: Query,
    asked: Asked,
    speaker: Speaker | None,
    *,
    writing: Writing,
    refusal: Refusal | None = None,
    code: str | None = None,
) -> HTMLResponse:
    now = clock.now()
    found = await reading.find(query, asked.place)
    speaker, lang = _here(speaker, found), reading.language(found, asked.place)
    reader = await own_layer.reader_of(query, found, speaker, now=now)
    view = await reading.thread_view(query, found, asked, now=now, reader=reader)
    if view.gone and writing.edits and not (refusal and refusal.status == 404):
        view = replace(
            view, gone=None
        )  # one's own that waits for a moderator: no reader finds it, and it is edited here
    if view.gone:
        writing = replace(writing, parent_id=None, edits=None)
    elif writing.parent_id and view.comments:
        writing = _answering(writing, view.comments[0], only_guests=own_layer.only_guests(found, reader, now=now))
    if refusal:
        with i18n.use(lang):
            error = sentence(refusal.code, status=refusal.status, data=refusal.data)
        asks_in, nudged = refusal.code == "session.missing", refusal.code in NUDGES
        writing = replace(writing, error=error, asks_in=asks_in, nudged=nudged)
    mine = await own_layer.viewer_layer(query, found, asked.place, speaker, now=now, writing=writing)
    mine = replace(mine, bell=await bell_of(query, found, asked.place, speaker))
    html = instance_of(request).render.html(
        "thread.html",
        lang=lang,
        theme=reading.look(found, asked.place),
        view=view,
        composer=mine.composer,
        mine=mine,
        code=code,
        head=head_view(found, view, asked, origin=instance_of(request).settings.origin),
    )
    return HTMLResponse(html, status_code=refusal.status if refusal else 404 if view.gone else 200)


def _answering(writing: Writing, parent: CommentView, *, only_guests: bool) -> Writing:
    """Say whom a reply answers, and quote what this reader sees of it."""
    text = quoted(parent.text) if writing.quotes and parent.text else writing.text
    return replace(own_layer.replying(writing, parent, only_guests=only_guests), text=text)


async def with_preview(request: Request, form: Fields, shown: Markup) -> Response:
    """Show the page again with the form as it was filled, and above it how the text would look."""
    parent, edits = form.optional("parent", limit=40), form.optional("edits", limit=40)
    text = form.text("text", limit=TEXT_FIELD_LENGTH)
    writing = Writing(parent_id=parent, edits=edits, text=text, preview=shown)
    speaker = (await viewer_of(request)).speaker
    async with instance_of(request).db.read() as query:
        asked = Asked(place_of(form, WINDOW), comment=edits or parent)
        return await _page(request, query, asked, speaker, writing=writing)


async def with_refusal(request: Request, form: Fields, refusal: Refusal) -> Response:
    """Show the page again with what went wrong and everything that was typed."""
    edits = request.path_params.get("id") or form.optional("edits", limit=40)
    parent = form.optional("parent", limit=40)
    asked = Asked(place_of(form, WINDOW), comment=edits or parent)
    named = form.text("name", limit=TEXT_FIELD_LENGTH)
    loose = Writing(text=form.text("text", limit=TEXT_FIELD_LENGTH), guest_name=named)
    writing = replace(loose, parent_id=parent, edits=edits)
    if refusal.code in WITHOUT_PARENT:
        writing = loose
    speaker = (await viewer_of(request)).speaker
    async with instance_of(request).db.read() as query:
        try:
            return await _page(request, query, asked, speaker, writing=writing, refusal=refusal)
        except Refusal:  # the comment that was answered is gone: the text must come back all the same
            whole = replace(asked, comment=None)
            return await _page(request, query, whole, speaker, writing=loose, refusal=refusal)


async def after_posting(request: Request, form: Fields, outcome: Outcome) -> str:
    """Give what a post is answered with: for htmx the comment in its place, else the page with a guest's code."""
    if not is_fragment(request):
        return await _guest_page(request, form, outcome)
    place = place_of(form, FRAME)
    posted, now = outcome.posted, clock.now()
    speaker = (await viewer_of(request)).speaker
    async with instance_of(request).db.read() as query:
        found = await reading.find(query, place)
        speaker = _here(speaker, found)
        view = None
        if posted.state == "published":
            reader = await own_layer.reader_of(query, found, speaker, now=now)
            asked = Asked(replace(place, show="everyone"), comment=posted.id)
            view = await reading.thread_view(query, found, asked, now=now, reader=reader)
        why = own_layer.hold_sentence(found, place, posted.rule)
    return _rendered(request, found, place, template="posted.html", outcome=outcome, view=view, found=found, why=why)


async def _guest_page(request: Request, form: Fields, outcome: Outcome) -> str:
    asked = Asked(place_of(form, WINDOW))
    async with instance_of(request).db.read() as query:
        response = await _page(request, query, asked, None, writing=Writing(), code=outcome.guest_code)
    return bytes(response.body).decode()


def _rendered(request: Request, found: Any, place: Any, /, *, template: str, **context: Any) -> str:
    render, lang = instance_of(request).render, reading.language(found, place)
    html: str = render.html(template, lang=lang, theme=reading.look(found, place), **context)
    return html


async def permalink(request: Request) -> Response:
    """Lead to a comment where it stands, with what is around it."""
    comment_id = path_id(request)
    fields = query_of(request)
    async with instance_of(request).db.read() as query:
        where = await reading.place_of(query, comment_id)
    wanted = {"site": where.slug, "article_id": where.article_id, "url": where.url, "comment": comment_id}
    wanted |= {name: fields.text(name, limit=looks.LONGEST) for name in CARRIED}
    address = f"{WINDOW}?{urlencode({name: value for name, value in wanted.items() if value})}"
    return RedirectResponse(f"{address}#c-{comment_id}", status_code=302)


routes = [Route(WINDOW, thread), Route("/c/{id}", permalink), *choices.routes]
