"""The desk's door: staff sign in by passkey, the first time by a one-time link. A cookie of its own, only for the desk."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import actions, entering, inviting
from commentbox.server.accounts.actions import NewSession
from commentbox.server.accounts.inviting import Invitation
from commentbox.server.base import i18n
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.cookies import STAFF, drop_cookie, put_cookie
from commentbox.server.gate.forms import form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import staff_of
from commentbox.server.presenters.desk_staff import role_words
from commentbox.server.web.signin import credential_of, spend_sign_in
from commentbox.server.web.windows import Came, again, party_of, see_other, window


async def sign_in_page(request: Request) -> Response:
    """Show the one way in."""
    return await window(request, "desk_signin.html")


async def sign_in_options(request: Request) -> Response:
    """Say what passkey to answer with."""
    await spend_sign_in(request)
    return JSONResponse(await entering.begin_sign_in(instance_of(request).db, party_of(request)))


async def sign_in(request: Request) -> Response:
    """Sign staff in by passkey. Refuses `desk.no_role`."""
    form = await form_of(request)
    try:
        session = await inviting.sign_in(instance_of(request).db, party_of(request), credential_of(form))
    except Refusal as refusal:
        return await again(request, "desk_signin.html", refusal, came=Came())
    return _signed_in(session)


async def sign_out(request: Request) -> Response:
    """Leave the desk."""
    viewer = await staff_of(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.close_session(work, viewer.speaker.session_id if viewer.speaker else "")
    response = see_other("/desk/signin")
    drop_cookie(response, STAFF)
    return response


async def invite_page(request: Request) -> Response:
    """Show who is invited as what, and ask for a passkey."""
    invited = await inviting.look(instance_of(request).db, str(request.path_params["token"]))
    return await window(request, "invite.html", **_invited(request, invited, str(request.path_params["token"])))


def _invited(request: Request, invited: Invitation, token: str) -> dict[str, Any]:
    with i18n.use(language_of(request)):
        return {"invited": invited, "role": role_words(invited.role), "token": token}


async def invite_options(request: Request) -> Response:
    """Say what passkey to make for the one who is invited."""
    token = str(request.path_params["token"])
    return JSONResponse(await inviting.begin_accepting(instance_of(request).db, party_of(request), token))


async def accept(request: Request) -> Response:
    """Use the link up: make the account with its role, or give a known one its passkey, and sign in."""
    form = await form_of(request)
    token = str(request.path_params["token"])
    db = instance_of(request).db
    try:
        session = await inviting.accept(db, party_of(request), token, credential=credential_of(form))
    except Refusal as refusal:
        invited = await inviting.look(db, token)
        return await again(request, "invite.html", refusal, came=Came(), **_invited(request, invited, token))
    return _signed_in(session)


def _signed_in(session: NewSession) -> Response:
    response = see_other("/desk")
    put_cookie(response, STAFF, session.token, hours=session.hours)
    return response


routes = [
    Route("/desk/signin", sign_in_page, methods=["GET"]),
    Route("/desk/signin", sign_in, methods=["POST"]),
    Route("/desk/signin/options", sign_in_options, methods=["POST"]),
    Route("/desk/signout", sign_out, methods=["POST"]),
    Route("/desk/invite/{token}", invite_page, methods=["GET"]),
    Route("/desk/invite/{token}", accept, methods=["POST"]),
    Route("/desk/invite/{token}/options", invite_options, methods=["POST"]),
]
