"""The public log of decisions, as a page and as JSON: the same bytes for everybody, and nothing where it is switched off."""

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base import clock, i18n
from commentbox.server.base.cache import make_entry
from commentbox.server.base.errors import Invalid, NotFound
from commentbox.server.evidence import public_log
from commentbox.server.gate.forms import Fields, query_of
from commentbox.server.gate.headers import BASE_HEADERS
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.public import EntryResponse
from commentbox.server.presenters.public_log import entries, facts
from commentbox.server.presenters.reasons import policy_of
from commentbox.server.sites import actions as sites

FRESH = "public, max-age=0, s-maxage=300"
"""It changes once a day, at midnight UTC."""


@dataclass(frozen=True)
class Asked:
    """One page of a site's log."""

    site: Any
    number: int
    rows: Any
    has_more: bool

    def to(self, number: int, lang: str) -> str:
        """Give the address of another page."""
        return f"/log?site={self.site.slug}&page={number}&lang={lang}"


async def log_page(request: Request) -> Response:
    """Show a page of the log."""
    fields = query_of(request)
    asked = await _asked(request, fields)
    lang = i18n.best(fields.optional("lang", limit=20), asked.site.lang)
    with i18n.use(lang):
        views = entries(asked.rows, policy_of(asked.site.policy))
    html = instance_of(request).render.html(
        "own/log.html",
        lang=lang,
        site_name=asked.site.name,
        entries=views,
        newer_href=asked.to(asked.number - 1, lang) if asked.number > 1 else None,
        older_href=asked.to(asked.number + 1, lang) if asked.has_more else None,
        json_href=f"/log.json?site={asked.site.slug}&page={asked.number}",
    )
    return _public(html, "text/html; charset=utf-8")


async def log_json(request: Request) -> Response:
    """Give the same page for programs."""
    asked = await _asked(request, query_of(request))
    shape = {"site": asked.site.slug, "page": asked.number, "more": asked.has_more, "decisions": facts(asked.rows)}
    return _public(json.dumps(shape), "application/json")


def _public(body: str, kind: str) -> Response:
    headers = {**BASE_HEADERS, "cache-control": FRESH, "content-type": kind}
    return EntryResponse(make_entry(body, thread_id="", version=0, headers=headers))


async def _asked(request: Request, fields: Fields) -> Asked:
    """Read a page. A site that keeps its log to itself has none: `page.unknown`. Refuses `input.invalid`."""
    number = fields.text("page", limit=4) or "1"
    if not (number.isascii() and number.isdigit() and 0 < int(number) <= public_log.MOST_PAGES):
        raise Invalid("input.invalid", field="page")
    async with instance_of(request).db.read() as query:
        site = await sites.by_slug(query, fields.needed("site", limit=60))
        if not policy_of(site.policy).public_log:
            raise NotFound("page.unknown")
        rows, has_more = await public_log.page(query, site.id, number=int(number), now=clock.now())
    return Asked(site, int(number), rows, has_more)


routes = [Route("/log", log_page, methods=["GET"]), Route("/log.json", log_json, methods=["GET"])]
