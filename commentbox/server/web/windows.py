"""What the pages in windows of our own share: rendering, where the reader came from, and the way back."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from commentbox.server.accounts.passkeys import RelyingParty
from commentbox.server.base import i18n
from commentbox.server.base.errors import NotFound, Refusal
from commentbox.server.gate.forms import Fields, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence
from commentbox.server.gate.refusals import language_of, wants_json
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy


@dataclass(frozen=True)
class Came:
    """Where a window was opened from: which site, on which of its papers' origins, for which frame (its challenge), and
    where to go afterwards."""

    site: str = ""
    paper: str = ""
    challenge: str = ""
    next: str = ""
    lang: str = ""

    @property
    def query(self) -> str:
        """Give it as a query string, for links between our windows."""
        return urlencode({name: value for name, value in vars(self).items() if value})

    @property
    def onward(self) -> str:
        """Say where to go once signed in: back to where one was, or to the explicit "Continue"."""
        if self.challenge:
            return self.to("/signin")
        return self.next or "/account"

    def to(self, path: str) -> str:
        """Give the address of another window of ours that keeps it."""
        return f"{path}?{self.query}" if self.query else path


def came_of(fields: Fields) -> Came:
    """Read where the window was opened from; a way back that leaves our origin is dropped."""
    following = fields.text("next")
    return Came(
        site=fields.text("site", limit=60),
        paper=fields.text("paper", limit=255),
        challenge=fields.text("challenge", limit=60),
        next=following if _stays_here(following) else "",
        lang=fields.text("lang", limit=12),
    )


def _stays_here(url: str) -> bool:
    """Say whether an address leads to a page of ours. Browsers read a backslash as a slash and leave out tabs and newlines."""
    return url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable()


def party_of(request: Request) -> RelyingParty:
    """Say to browsers who asks for a passkey."""
    settings = instance_of(request).settings
    return RelyingParty(id=settings.rp_id, origin=settings.origin, related=settings.related_origins)


def spoken(request: Request) -> str:
    """Give the language a window of ours speaks: the one its address asks for, else the browser's."""
    return i18n.best(query_of(request).text("lang", limit=12), language_of(request))


async def window(
    request: Request, template: str, *, status: int = 200, came: Came | None = None, **context: Any
) -> HTMLResponse:
    """Give one of our own pages, which says for which paper it is."""
    instance = instance_of(request)
    came = came or came_of(query_of(request))
    site, paper, look = None, "", ""
    if came.site:
        async with instance.db.read() as query:
            site = await sites.by_slug(query, came.site)
            origins = await sites.origins_of(query, site.id)
        look = Policy.model_validate(site.policy or {}).look
        paper = _host(came.paper if came.paper in origins else next(iter(origins), ""))
    lang = i18n.best(came.lang, language_of(request))
    html = instance.render.html(
        f"own/{template}", lang=lang, theme=look, came=came, site_name=site.name if site else "", paper=paper, **context
    )
    return HTMLResponse(html, status_code=status)


def _host(origin: str) -> str:
    return origin.partition("://")[2]


async def again(request: Request, template: str, refusal: Refusal, *, came: Came, **context: Any) -> HTMLResponse:
    """Give the page again with what went wrong, everything typed still in it. Programs get the one shape of errors."""
    if wants_json(request):
        raise refusal
    with i18n.use(i18n.best(came.lang, language_of(request))):
        message = sentence(refusal.code, status=refusal.status, data=refusal.data)
    return await window(request, template, status=refusal.status, came=came, error=message, **context)


def see_other(url: str) -> Response:
    """Send the browser on with a GET."""
    return RedirectResponse(url, status_code=303)


async def site_id_of(request: Request, slug: str) -> str:
    """Give the id of a site by its name. Refuses `site.unknown`."""
    if not slug:
        raise NotFound("site.unknown", site="")
    async with instance_of(request).db.read() as query:
        return str((await sites.by_slug(query, slug)).id)
