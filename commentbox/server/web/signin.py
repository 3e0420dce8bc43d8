"""Signing up, in and out, in a window of our own that says for which paper; afterwards the hand-over to the frame."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import actions, entering
from commentbox.server.accounts.actions import NewSession
from commentbox.server.base import clock, limits
from commentbox.server.base.errors import Forbidden, Invalid, Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.cookies import SSO, TOP, drop_cookie, frame_cookie_of, put_cookie
from commentbox.server.gate.forms import Fields, form_of, query_of, typed
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import is_fragment, language_of
from commentbox.server.gate.viewer import own_window, site_named, viewer_of
from commentbox.server.notifications import letters
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy
from commentbox.server.verification.speaking import require_fresh
from commentbox.server.web.windows import Came, again, came_of, party_of, see_other, window

TRIES_PER_HOUR = 30
"""Sign-ups and attempts to sign in for one address; a household needs fewer, a guesser wants more."""
SIGN_INS_PER_HOUR = 300
"""Questions for a passkey to one address: many for a network that thousands of readers share, few for who fills a disk."""
CODE_TRIES_PER_HOUR = 10
MAILS_PER_HOUR = 5
"""Links to one mail address, whoever asks for them."""


async def sign_up_page(request: Request) -> Response:
    """Show the form: a name to show, and a passkey."""
    return await window(request, "signup.html", name="")


async def sign_up_options(request: Request) -> Response:
    """Check the name and say what passkey to make."""
    form = await form_of(request)
    await _budget(request, "signup", TRIES_PER_HOUR)
    options = await entering.begin_sign_up(instance_of(request).db, party_of(request), form.text("name", limit=200))
    return JSONResponse(options)


async def sign_up(request: Request) -> Response:
    """Make the account, sign it in, and offer the printed code."""
    form = await form_of(request)
    came = came_of(form)
    try:
        _id, session = await entering.sign_up(instance_of(request).db, party_of(request), credential_of(form))
    except Refusal as refusal:
        return await again(request, "signup.html", refusal, came=came, name=form.text("name", limit=200))
    return _signed_in(session, came.to("/welcome"))


async def welcome(request: Request) -> Response:
    """Offer the printed code after signing up, and say what losing a device would mean."""
    viewer = await own_window(request)
    return await window(request, "welcome.html", speaker=viewer.speaker, code=None)


async def welcome_code(request: Request) -> Response:
    """Make the printed code and show it this once. Needs a passkey used lately, as every change to the ways in does."""
    viewer = await own_window(request)
    came = came_of(await form_of(request))
    try:
        require_fresh(viewer.speaker, now=clock.now())
    except Refusal as refusal:
        return await again(request, "welcome.html", refusal, came=came, speaker=viewer.speaker, code=None)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        code = await actions.new_recovery_code(work, str(viewer.account_id))
    return await window(request, "welcome.html", came=came, speaker=viewer.speaker, code=code)


async def sign_in_page(request: Request) -> Response:
    """Show the ways in, or, to somebody signed in here already, "Continue as X on paper.example"."""
    came = came_of(query_of(request))
    viewer = await viewer_of(request)
    if viewer.speaker and viewer.speaker.session_kind == "top" and not query_of(request).text("other"):
        return await window(request, "continue.html", speaker=viewer.speaker)
    return await window(request, "signin.html", came=came, **await _ways_in(request, came))


async def sign_in_options(request: Request) -> Response:
    """Say what passkey to answer with: any this browser has."""
    await spend_sign_in(request)
    return JSONResponse(await entering.begin_sign_in(instance_of(request).db, party_of(request)))


async def spend_sign_in(request: Request) -> None:
    """Take one from an address's budget of questions for a passkey. Refuses `limit.reached`."""
    await _budget(request, "signin", SIGN_INS_PER_HOUR)


async def sign_in(request: Request) -> Response:
    """Sign in by passkey."""
    form = await form_of(request)
    came = came_of(form)
    try:
        session = await entering.sign_in(instance_of(request).db, party_of(request), credential_of(form))
    except Refusal as refusal:
        return await _sign_in_again(request, refusal, came)
    return _signed_in(session, came.onward)


async def sign_in_code(request: Request) -> Response:
    """Sign in with a printed code, which works without scripts."""
    form = await form_of(request)
    came = came_of(form)
    try:
        await _budget(request, "code", CODE_TRIES_PER_HOUR)
        session = await entering.sign_in_by_code(instance_of(request).db, form.needed("code", limit=100))
    except Refusal as refusal:
        return await _sign_in_again(request, refusal, came)
    return _signed_in(session, came.onward)


async def sign_in_mail(request: Request) -> Response:
    """Send a link to a confirmed address, where the site allows it; the answer does not say whether we know it."""
    form = await form_of(request)
    came = came_of(form)
    try:
        await _budget(request, "mail", CODE_TRIES_PER_HOUR)
        if not await _mail_links(request, came):
            raise Forbidden("mail_link.off")
        await _ask_for_links(request, form.needed("email", limit=254).lower(), came)
    except Refusal as refusal:
        return await _sign_in_again(request, refusal, came)
    return await window(request, "signin.html", came=came, **await _ways_in(request, came, asked=True))


async def _ask_for_links(request: Request, email: str, came: Came) -> None:
    async with begin(instance_of(request).db) as work:
        await spend_mail(request, work, email)
        for account_id in await actions.unverified_by_confirmed_email(work.q, email):
            letters.ask(work, "signin", account_id, lang=language_of(request), query=came.query)


async def spend_mail(request: Request, work: Work, email: str) -> None:
    """Take one from the budget of a mail address. Refuses `limit.reached`."""
    who = instance_of(request).keyring.mac("mail-budget", email)
    await limits.spend(work, "mail-to", who, at_most=MAILS_PER_HOUR, minutes=60)


async def mail_page(request: Request) -> Response:
    """Ask before using a mailed link up, and say for whose account: mail scanners follow links, and GET never writes."""
    token = str(request.path_params["token"])
    link = await entering.look_at_mail_link(instance_of(request).db, token)
    return await window(request, "mail.html", token=token, link=link, done=False)


async def mail_used(request: Request) -> Response:
    """Do what the mailed link was for."""
    form = await form_of(request)
    came = came_of(form)
    session = await entering.use_mail_link(instance_of(request).db, str(request.path_params["token"]))
    if session is None:
        return await window(request, "mail.html", came=came, token="", link=None, done=True)
    return _signed_in(session, came.onward)


async def sign_out(request: Request) -> Response:
    """Sign this browser out, in the window or in the frame of one paper."""
    came = came_of(query_of(request)) if request.query_params else came_of(await form_of(request))
    viewer = await viewer_of(request)
    if viewer.speaker:
        async with begin(instance_of(request).db, actor=viewer.account_id) as work:
            await actions.close_session(work, viewer.speaker.session_id)
    back = came.next or came.to("/signin")
    response = Response(status_code=204) if is_fragment(request) else see_other(back)
    response.headers["hx-trigger"] = "cb:signedout"
    for name in filter(None, (TOP, frame_cookie_of(request, site_named(request)), SSO)):
        drop_cookie(response, name)
    return response


def _signed_in(session: NewSession, url: str) -> Response:
    response = see_other(url)
    put_cookie(response, TOP, session.token, hours=session.hours)
    return response


def credential_of(form: Fields) -> object:
    """Give what the browser answered a passkey ceremony with. Refuses `passkey.unreadable`.

    Nothing at all comes from somebody who pressed before the script was there: the same words lead them on.
    """
    try:
        return json.loads(form.text("credential", limit=20_000))
    except (ValueError, RecursionError):
        raise Invalid("passkey.unreadable") from None


async def _sign_in_again(request: Request, refusal: Refusal, came: Came) -> Response:
    return await again(request, "signin.html", refusal, came=came, **await _ways_in(request, came))


async def _ways_in(request: Request, came: Came, *, asked: bool = False) -> dict[str, Any]:
    """Give what the page with the ways in shows, with whatever was typed into it."""
    written = {name: typed(request, name) for name in ("code", "email")}
    return {"mail_links": await _mail_links(request, came), "asked": asked, **written}


async def _mail_links(request: Request, came: Came) -> bool:
    if not came.site:
        return False
    async with instance_of(request).db.read() as query:
        return Policy.model_validate((await sites.by_slug(query, came.site)).policy).mail_links


async def _budget(request: Request, what: str, at_most: int) -> None:
    async with begin(instance_of(request).db) as work:
        await limits.spend(work, what, address_mac(request), at_most=at_most, minutes=60)


routes = [
    Route("/signup", sign_up_page, methods=["GET"]),
    Route("/signup", sign_up, methods=["POST"]),
    Route("/signup/options", sign_up_options, methods=["POST"]),
    Route("/welcome", welcome, methods=["GET"]),
    Route("/welcome", welcome_code, methods=["POST"]),
    Route("/signin", sign_in_page, methods=["GET"]),
    Route("/signin", sign_in, methods=["POST"]),
    Route("/signin/options", sign_in_options, methods=["POST"]),
    Route("/signin/code", sign_in_code, methods=["POST"]),
    Route("/signin/mail", sign_in_mail, methods=["POST"]),
    Route("/mail/{token}", mail_page, methods=["GET"]),
    Route("/mail/{token}", mail_used, methods=["POST"]),
    Route("/signout", sign_out, methods=["POST"]),
]
