"""Who is asking. One `Viewer` from a cookie or a bearer token, and only where the request provably comes from our own
pages: the paper's page is not trusted, and the browser would attach the frame's cookie to its requests too.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.requests import Request

from commentbox.server.accounts.queries import grants_of
from commentbox.server.accounts.rules import READERS_ROLES, Grant, may, sites_with
from commentbox.server.base import clock
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Forbidden, NotFound, Unauthenticated
from commentbox.server.gate.cookies import SSO, STAFF, TOP, frame_cookie_of
from commentbox.server.gate.forms import typed
from commentbox.server.gate.instance import instance_of
from commentbox.server.verification.speaking import Speaker, speaker_of

DESK = "/desk"
BEARER_MAY = ("/embed/", "/comments", "/signout")
"""A bearer may read, post, recommend, report, edit and withdraw; never credentials, verification, mail, export, desk."""
SSO_MAY = (*BEARER_MAY, "/thread", "/report", "/sso", "/decisions")
"""In a window, a session by the paper's log-in may do the same, and read why something was decided and object."""


@dataclass(frozen=True)
class Viewer:
    """Whoever is asking; `speaker` is None for somebody signed out."""

    speaker: Speaker | None = None
    grants: tuple[Grant, ...] = ()

    @property
    def account_id(self) -> str | None:
        """Give the account, or None."""
        return self.speaker.account_id if self.speaker else None

    @property
    def tier(self) -> str:
        """Give the tier this viewer speaks in."""
        return self.speaker.tier if self.speaker else "unverified"

    def on(self, site_id: str) -> "Viewer":
        """Give who this viewer is on a site: nobody where the session was handed over for another one."""
        return self if self.speaker is None or self.speaker.counts_on(site_id) else NOBODY


NOBODY = Viewer()


async def viewer_of(request: Request) -> Viewer:
    """Say who is asking, on every path but the desk's."""
    token, kinds = _credentials(request)
    if token is None:
        return NOBODY
    async with instance_of(request).db.read() as query:
        speaker = await speaker_of(query, token, kinds=kinds, now=clock.now())
        if speaker is None:
            return NOBODY
        return Viewer(speaker, _shown(speaker, await grants_of(query, speaker.account_id)))


def _shown(speaker: Speaker, grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """Whoever has a script on the paper's page can come by its log-in, and nobody speaks for the paper by that."""
    return grants if speaker.session_kind != "sso" else tuple(each for each in grants if each.role in READERS_ROLES)


async def signed_in(request: Request) -> Viewer:
    """Give the viewer. Refuses `session.missing` where nobody is signed in."""
    viewer = await viewer_of(request)
    if viewer.speaker is None:
        raise Unauthenticated("session.missing")
    return viewer


async def own_window(request: Request) -> Viewer:
    """Give the viewer signed in in a window of our own; a frame's session may not do what is done there."""
    viewer = await signed_in(request)
    if viewer.speaker is None or viewer.speaker.session_kind != "top":
        raise Forbidden("session.window_needed")
    return viewer


async def staff_of(request: Request) -> Viewer:
    """Say who is at the desk. Refuses `session.missing`; only the staff cookie counts, and only there."""
    token = request.cookies.get(STAFF)
    if token is None or not request.url.path.startswith(DESK) or not comes_from_ourselves(request):
        raise Unauthenticated("session.missing")
    async with instance_of(request).db.read() as query:
        speaker = await speaker_of(query, token, kinds=("staff",), now=clock.now())
        if speaker is None:
            raise Unauthenticated("session.missing")
        return await _with_desk(query, speaker)


async def _with_desk(query: Query, speaker: Speaker) -> Viewer:
    viewer = Viewer(speaker, await grants_of(query, speaker.account_id))
    if not sites_with(viewer.grants, "desk.see"):
        raise Forbidden("desk.no_role")
    return viewer


def require(viewer: Viewer, permission: str, site_id: str) -> None:
    """Refuse `site.unknown` where a permission is missing: staff of one title learn nothing of another."""
    if not may(viewer.grants, permission, site_id):
        raise NotFound("site.unknown")


def _credentials(request: Request) -> tuple[str | None, tuple[str, ...]]:
    path = request.url.path
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return (token, ("bearer", "sso")) if path.startswith(BEARER_MAY) else (None, ())
    if path.startswith(DESK) or not comes_from_ourselves(request):
        return None, ()
    if TOP in request.cookies:
        return request.cookies[TOP], ("top",)
    if SSO in request.cookies and path.startswith(SSO_MAY):
        return request.cookies[SSO], ("sso",)
    name = frame_cookie_of(request, site_named(request))
    return (request.cookies[name] if name else None), ("frame",)


def site_named(request: Request) -> str:
    """Give the site a request of a frame is about, '' for none: by its address, its form, or the page htmx sends it from."""
    page = request.headers.get("hx-current-url", "").partition("?")[2]
    in_page = parse_qs(page).get("site", [""])[0]
    return request.query_params.get("site", "") or typed(request, "site") or in_page


def comes_from_ourselves(request: Request) -> bool:
    """Say whether the request was made by a page of ours, or by the person typing or following a link to a page of ours.

    POST: `Origin` is our own. GET: `Sec-Fetch-Site: same-origin`, or the navigation of a whole window, whose bytes no
    other page can read (our windows refuse to be framed). A missing header counts as foreign.
    """
    if request.method not in ("GET", "HEAD"):
        return request.headers.get("origin") == instance_of(request).settings.origin
    if request.headers.get("sec-fetch-site") == "same-origin":
        return True
    navigates = request.headers.get("sec-fetch-mode") == "navigate"
    whole_window = navigates and request.headers.get("sec-fetch-dest") == "document"
    return whole_window and not request.url.path.startswith("/embed/")
