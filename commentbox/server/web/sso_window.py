"""The paper's own log-in in a window of ours: the way without scripts, and connecting it with an account that has a passkey.

Both set out from here: a state that is bound to this browser and a nonce that the token must carry. So the paper's page,
which may have tokens for its frames, has none for this; and a foreign form that brings somebody else's signs nobody in.
"""

import hmac
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.actions import NewSession
from commentbox.server.base import once
from commentbox.server.base.errors import Forbidden, Gone, NotFound, Refusal, Unauthenticated
from commentbox.server.base.signing import new_token, token_hash
from commentbox.server.base.work import begin
from commentbox.server.gate.cookies import LOGIN, SSO, put_cookie
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.viewer import Viewer, own_window, viewer_of
from commentbox.server.rights import merging
from commentbox.server.sites.rules import Policy
from commentbox.server.sso import actions
from commentbox.server.sso.actions import Visit
from commentbox.server.sso.rules import LONGEST_TOKEN
from commentbox.server.verification import rules
from commentbox.server.web.sso import ENTRIES_PER_HOUR, TICKET_LENGTH, held_of, joined, read_token, site_of, spend
from commentbox.server.web.verify import use_passkey
from commentbox.server.web.windows import Came, again, came_of, see_other, window

STATE, CONNECT = "sso-state", "sso-connect"
MINUTES = 15
"""To log in at the paper, with a password that has to be found first."""


async def page(request: Request) -> Response:
    """Say where the paper's log-in leads, and go there by a form of ours; with `connect`, for an account with a passkey."""
    came, connects = came_of(query_of(request)), bool(query_of(request).text("connect", limit=2))
    await _log_in_page(request, came.site)
    if not connects:
        return await window(request, "sso.html", came=came, speaker=None)
    try:
        viewer = await own_window(request)
    except (Unauthenticated, Forbidden):
        onward = came.to("/sso") + "&connect=1"
        return see_other(Came(site=came.site, next=onward, lang=came.lang).to("/signin"))
    return await window(request, "sso.html", came=came, speaker=viewer.speaker)


async def set_out(request: Request) -> Response:
    """Send the reader to the paper's log-in page."""
    form = await form_of(request)
    came = came_of(form)
    account_id = str((await own_window(request)).account_id) if form.text("connect", limit=2) else None
    url = await _log_in_page(request, came.site)
    state, nonce, browser = new_token(), new_token(), request.cookies.get(LOGIN) or new_token()
    data = {"nonce": nonce, "browser": token_hash(browser), "account_id": account_id, "came": came.query}
    async with begin(instance_of(request).db, actor=account_id) as work:
        await spend(request, work, "sso", ENTRIES_PER_HOUR)
        await once.put(work, STATE, state, data=data, minutes=MINUTES)
    back = f"{instance_of(request).settings.origin}/sso/return"
    asked = urlencode({"return": back, "state": state, "nonce": nonce, "lang": came.lang})
    response = await window(request, "sso_leave.html", came=came, url=f"{url}{'&' if '?' in url else '?'}{asked}")
    put_cookie(response, LOGIN, browser, hours=1)
    return response


async def come_back(request: Request) -> Response:
    """Take in what the paper's form brings, change nothing, and pass it on by a form of our own, which has our cookies."""
    form = await form_of(request)
    brought = {name: form.text(name, limit=LONGEST_TOKEN) for name in ("token", "state")}
    response = await window(request, "sso_return.html", came=Came(), brought=brought)
    response.headers["referrer-policy"] = "strict-origin"
    return response


async def finish(request: Request) -> Response:
    """Use the attempt up, read the token, and sign in, ask for a name, or ask whether to connect."""
    form = await form_of(request)
    kept = await _taken(request, form)
    came = came_of(Fields(QueryParams(kept["came"])))
    try:
        visit = await _visit(request, form, kept, site=await site_of(request, came.site))
        if kept["account_id"]:
            return await _asks_to_connect(request, came, visit, account_id=kept["account_id"])
        return await _sign_in(request, came, visit)
    except Refusal as refusal:
        speaker = (await viewer_of(request)).speaker if kept["account_id"] else None
        return await again(request, "sso.html", refusal, came=came, speaker=speaker)


async def _taken(request: Request, form: Fields) -> dict[str, Any]:
    """Give what this browser set out with. A state of another browser is used up and worth nothing."""
    async with begin(instance_of(request).db) as work:
        kept = await once.take(work, STATE, form.needed("state", limit=100))
    if not hmac.compare_digest(kept["browser"], token_hash(request.cookies.get(LOGIN, ""))):
        raise Gone("once.gone", kind=STATE)
    return kept


async def _visit(request: Request, form: Fields, kept: dict[str, Any], *, site: Any) -> Visit:
    login = await read_token(request, site, form.text("token", limit=LONGEST_TOKEN), nonce=kept["nonce"])
    instance = instance_of(request)
    async with begin(instance.db) as work:
        await actions.take_once(work, site.id, login)
    return actions.visit_of(instance.keyring, site.id, login)


async def _sign_in(request: Request, came: Came, visit: Visit) -> Response:
    instance, held = instance_of(request), held_of(await viewer_of(request), visit.site_id)
    async with begin(instance.db) as work:
        entered = await actions.enter(work, instance.keyring, visit, held=held)
    if entered.ticket:
        return await window(request, "sso_name.html", came=came, ticket=entered.ticket, name=visit.name)
    return _signed_in(came, entered.session)


async def name(request: Request) -> Response:
    """Make the account of somebody new, under the name they choose."""
    form = await form_of(request)
    came, ticket, typed = came_of(form), form.needed("ticket", limit=TICKET_LENGTH), form.text("name", limit=200)
    visit = actions.visit_of_ticket(instance_of(request).keyring, ticket)
    try:
        return _signed_in(came, await joined(request, visit, ticket, name=typed))
    except Refusal as refusal:
        return await again(request, "sso_name.html", refusal, came=came, ticket=ticket, name=typed)


def _signed_in(came: Came, session: NewSession | None) -> Response:
    response = see_other(came.next or "/")
    if session:
        put_cookie(response, SSO, session.token, hours=session.hours)
    return response


async def _asks_to_connect(request: Request, came: Came, visit: Visit, *, account_id: str) -> Response:
    """Ask before anything is connected. Whoever set out must still be the one at this window."""
    viewer = await own_window(request)
    if viewer.account_id != account_id:
        raise Forbidden("passkey.other_account")
    sealed = instance_of(request).keyring.sign(CONNECT, {"account_id": account_id, "visit": vars(visit)})
    return await window(
        request, "sso_connect.html", **await _connecting(request, viewer, visit), came=came, ticket=sealed
    )


async def connect(request: Request) -> Response:
    """Connect the two, both proven: the passkey in this very form, the log-in by the ticket it earned."""
    viewer = await own_window(request)
    form = await form_of(request)
    came, ticket = came_of(form), form.needed("ticket", limit=TICKET_LENGTH)
    instance = instance_of(request)
    sealed: Any = instance.keyring.unsign(CONNECT, ticket, max_age_seconds=MINUTES * 60)
    visit = Visit(**sealed["visit"])
    try:
        if sealed["account_id"] != viewer.account_id:
            raise Forbidden("passkey.other_account")
        rules.require_fresh(await use_passkey(request, viewer, form))
        async with begin(instance.db, actor=viewer.account_id) as work:
            await merging.connect(work, str(viewer.account_id), visit)
    except Refusal as refusal:
        shown = await _connecting(request, viewer, visit)
        return await again(request, "sso_connect.html", refusal, came=came, ticket=ticket, **shown)
    return see_other(came.next or "/account?saved=login#keys")


async def _connecting(request: Request, viewer: Viewer, visit: Visit) -> dict[str, Any]:
    async with instance_of(request).db.read() as query:
        return {"speaker": viewer.speaker, "known_as": await merging.known_as(query, visit.handle)}


async def _log_in_page(request: Request, slug: str) -> str:
    """Give the address of a paper's log-in page. Refuses `sso.off`."""
    site = await site_of(request, slug)
    policy = Policy.model_validate(site.policy)
    if not policy.has_login_page:
        raise NotFound("sso.off")
    return policy.sso_login_url


routes = [
    Route("/sso", page, methods=["GET"]),
    Route("/sso", set_out, methods=["POST"]),
    Route("/sso/return", come_back, methods=["POST"]),
    Route("/sso/finish", finish, methods=["POST"]),
    Route("/sso/name", name, methods=["POST"]),
    Route("/sso/connect", connect, methods=["POST"]),
]
