"""The paper's own log-in, silent in the frame. The frame asks its paper who is logged in there and brings the answer here.

Only our own origin is heard (the gate), so a page that has a token needs a frame of ours to use it. What the session that
comes of it may do is in `gate/viewer`; `sso_window.py` has the way without scripts and the connecting of accounts.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts.actions import NewSession
from commentbox.server.base import clock, i18n, limits
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.cookies import drop_cookie, frame_cookie
from commentbox.server.gate.forms import Fields, form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import Viewer, viewer_of
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy
from commentbox.server.sso import actions, tokens
from commentbox.server.sso.actions import Entered, Held, Visit
from commentbox.server.sso.rules import LONGEST_TOKEN, Expected, Login, audience_of

ENTRIES_PER_HOUR = 3000
"""For one address: a network that thousands of readers share opens that many articles."""
JOINS_PER_HOUR = 30
"""As many as sign-ups."""
TICKET_LENGTH = 2000


async def enter(request: Request) -> Response:
    """Take the paper's answer: a token, '' for nobody, or a ticket of an earlier answer with the name to show.

    Answers `bearer`; `stays` where this browser's own session goes on; `ticket` for somebody new; `out` where one ended.
    """
    form = await form_of(request)
    site = await site_of(request, form.needed("site", limit=60))
    ticket, token = form.optional("ticket", limit=TICKET_LENGTH), form.optional("token", limit=LONGEST_TOKEN)
    if ticket:
        return await _join(request, form, ticket)
    held = held_of(await viewer_of(request), site.id)
    if token is None:
        return await _nobody(request, held, site=site)
    entered = await _entered(request, site, token=token, held=held)
    if entered.session:
        return JSONResponse({"bearer": entered.session.token})
    return JSONResponse({"stays": True} if entered.stays else {"ticket": entered.ticket})


async def _entered(request: Request, site: Any, *, token: str, held: Held | None) -> Entered:
    login = await read_token(request, site, token)
    instance = instance_of(request)
    async with begin(instance.db) as work:
        await spend(request, work, "sso", ENTRIES_PER_HOUR)
        await actions.take_once(work, site.id, login)
        visit = actions.visit_of(instance.keyring, site.id, login)
        return await actions.enter(work, instance.keyring, visit, held=held)


async def _nobody(request: Request, held: Held | None, *, site: Any) -> Response:
    ended = False
    if held:
        async with begin(instance_of(request).db, actor=held.account_id) as work:
            ended = await actions.leave(work, held, site_id=site.id)
    response = JSONResponse({"out": ended})
    if ended:
        drop_cookie(response, frame_cookie(site.slug))
    return response


async def _join(request: Request, form: Fields, ticket: str) -> Response:
    """Make an account for somebody new. A name that is taken or refused is never changed: they are asked for another."""
    visit = actions.visit_of_ticket(instance_of(request).keyring, ticket)
    name = form.text("name", limit=200) if "name" in form.values else visit.name
    try:
        session = await joined(request, visit, ticket, name=name)
    except Refusal as refusal:
        if not refusal.code.startswith("name."):
            raise
        return _asked_again(request, refusal, ticket=ticket, name=name)
    return JSONResponse({"bearer": session.token})


async def joined(request: Request, visit: Visit, ticket: str, *, name: str) -> NewSession:
    """Make the account that a ticket is for."""
    async with begin(instance_of(request).db) as work:
        await spend(request, work, "signup", JOINS_PER_HOUR)
        return await actions.join(work, visit, ticket, name)


def _asked_again(request: Request, refusal: Refusal, *, ticket: str, name: str) -> Response:
    lang = language_of(request)
    with i18n.use(lang):
        message = sentence(refusal.code, status=refusal.status, data=refusal.data)
    told = message if name.strip() else ""
    html = instance_of(request).render.html("sso_name.html", lang=lang, ticket=ticket, name=name, error=told)
    error = {"code": refusal.code, "message": message, "data": refusal.data}
    return JSONResponse({"error": error, "ask": html}, status_code=refusal.status)


async def read_token(request: Request, site: Any, token: str, *, nonce: str | None = None) -> Login:
    """Give what a token for this site says. Refuses `sso.…`."""
    instance, policy = instance_of(request), Policy.model_validate(site.policy)
    expected = Expected(audience_of(instance.settings.origin, site.slug), clock.now(), nonce)
    return await tokens.read(token, instance.paper_keys, policy, expected)


async def site_of(request: Request, slug: str) -> Any:
    """Give a site's row by its short name. Refuses `site.unknown`."""
    async with instance_of(request).db.read() as query:
        return await sites.by_slug(query, slug)


def held_of(viewer: Viewer, site_id: str) -> Held | None:
    """Give the session this browser has on a site."""
    speaker = viewer.on(site_id).speaker
    return Held(speaker.session_id, speaker.account_id, speaker.session_kind) if speaker else None


async def spend(request: Request, work: Work, what: str, at_most: int) -> None:
    """Take one from an address's budget. Refuses `limit.reached`."""
    await limits.spend(work, what, address_mac(request), at_most=at_most, minutes=60)


routes = [Route("/embed/sso", enter, methods=["POST"])]
