"""The public JSON API: comments of a thread, counts of many. No cookie is read here, so any page may ask."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.api import schemas
from commentbox.server.base import clock, i18n
from commentbox.server.base.errors import Invalid
from commentbox.server.comments import counting
from commentbox.server.gate.asking import asked_of, look_of, place_of
from commentbox.server.gate.forms import query_of
from commentbox.server.gate.headers import content_policy
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import FRESH, Built, public
from commentbox.server.presenters import feeds, reading
from commentbox.server.presenters.feeds import Wanted
from commentbox.server.presenters.reading import Asked
from commentbox.server.sites.addresses import URL_LENGTH
from commentbox.server.threads import ARTICLE_ID_LENGTH, ArticleRef

MOST_COUNTS = 100
"""Articles in one request for counts; an index page has fewer."""
FOR_ALL = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
"""Nothing here depends on who asks; cookies are neither needed nor allowed."""
HERE = "/api/v1/threads/comments"
LATEST = "/api/v1/comments/latest"
LIMITS = (10, *range(1, 10), *range(11, 51))
"""How many newest comments may be asked for; the first is the usual number."""


async def comments(request: Request) -> Response:
    """Give a page of a thread's comments, flat and in reading order."""
    asked = asked_of(query_of(request), HERE)

    async def build() -> Built:
        return await _build(request, asked)

    return await public(request, repr((HERE, asked)), build)


async def _build(request: Request, asked: Asked) -> Built:
    # A flat page walks everything below a comment at the top, and that may be the whole thread.
    async with instance_of(request).db.read(heavy=True) as query:
        found = await reading.find(query, asked.place)
        lang = reading.language(found, asked.place)
        with i18n.use(lang):
            page = await reading.listing(query, found, asked, now=clock.now())
            body = json.dumps(schemas.listing(page), ensure_ascii=False, separators=(",", ":"))
    headers = {"content-type": "application/json", "content-language": lang, **FOR_ALL}
    headers["content-security-policy"] = content_policy()
    return Built(body, found.thread_id, page.version, headers)


async def latest(request: Request) -> Response:
    """Give the newest comments of a site, or of one article: what a front page shows."""
    fields = query_of(request)
    has_article = fields.optional("url", limit=URL_LENGTH) or fields.optional("article_id", limit=ARTICLE_ID_LENGTH)
    place = place_of(fields, LATEST) if has_article else None
    slug, look = fields.needed("site", limit=60), look_of(fields)
    limit = int(fields.choice("limit", tuple(map(str, LIMITS))))
    origin = instance_of(request).settings.origin
    wanted = Wanted(place, slug, show=look["show"] or "", lang=look["lang"], origin=origin, limit=limit)

    async def build() -> Built:
        async with instance_of(request).db.read() as query:
            view = await feeds.feed(query, wanted, now=clock.now())
        body = json.dumps(schemas.latest(view), ensure_ascii=False, separators=(",", ":"))
        headers = {"content-type": "application/json", "content-language": view.lang, **FOR_ALL}
        headers["content-security-policy"] = content_policy()
        return Built(body, view.kept_for, view.version, headers)

    return await public(request, repr((LATEST, wanted)), build)


async def counts(request: Request) -> Response:
    """Give both numbers for up to a hundred articles, each named as it was asked for."""
    fields = query_of(request)
    slug = fields.needed("site", limit=60)
    refs = [*_refs(request, "article_id", ARTICLE_ID_LENGTH), *_refs(request, "url", URL_LENGTH)]
    if len(refs) > MOST_COUNTS:
        raise Invalid("input.too_many", field="url", limit=MOST_COUNTS)
    async with instance_of(request).db.read() as query:
        numbers = await counting.counts(query, slug, refs)
    answered = [
        {"article_id": ref.article_id, "url": ref.url, "total": total, "verified_total": verified}
        for ref, (total, verified) in zip(refs, numbers, strict=True)
    ]
    headers = {"cache-control": FRESH, **FOR_ALL}
    return JSONResponse({"counts": answered}, headers=headers)


def _refs(request: Request, name: str, limit: int) -> list[ArticleRef]:
    values = request.query_params.getlist(name)
    if any(len(value) > limit or "\0" in value for value in values):
        raise Invalid("input.invalid", field=name)
    return [ArticleRef(**{name: value}) for value in dict.fromkeys(values) if value]


routes = [Route(HERE, comments), Route(LATEST, latest), Route("/api/v1/counts", counts)]
