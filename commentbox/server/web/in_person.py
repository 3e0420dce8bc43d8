"""Being confirmed in person: the page that shows a person their code, and the desk's page where two of staff confirm.

What staff type is used once, in memory. Every confirmation takes a passkey of its own, used in that very form.
"""

import contextlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import entering
from commentbox.server.accounts.rules import sites_with
from commentbox.server.base import limits
from commentbox.server.base.errors import Forbidden, Invalid, NotFound, Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.viewer import Viewer, own_window, staff_of
from commentbox.server.verification import in_person, journey, recovering
from commentbox.server.verification.providers.in_person import InPersonProvider, Seen
from commentbox.server.web.desk import for_staff
from commentbox.server.web.provider_hooks import setting_of
from commentbox.server.web.signin import credential_of
from commentbox.server.web.verify import browser_of
from commentbox.server.web.windows import Came, again, party_of, window

CONFIRMATIONS_PER_HOUR = 30
"""By one member of staff; a guesser of codes or birth dates gets no further than that."""
WORD_CHARS = 200


async def code_page(request: Request) -> Response:
    """Show a person their own code. One that belongs to somebody else is not shown: it would confirm that somebody."""
    owner = await _recovered(request) or (await own_window(request)).account_id
    code = query_of(request).needed("code", limit=60)
    waiting = await in_person.waiting(setting_of(request), _provider(request), code)
    if waiting.account_id != owner:
        raise NotFound("in_person.unknown")
    return await window(request, "in_person.html", code=code, waiting=waiting)


async def _recovered(request: Request) -> str:
    """Give the account that this browser asks to recover in person, '' for none: nobody is signed in then."""
    params = {"state": query_of(request).text("state", limit=100)}
    browser, _ = browser_of(request)
    if not browser or not params["state"]:
        return ""
    returning = journey.Returning(None, browser, params)
    with contextlib.suppress(Refusal):
        return str((await recovering.waiting_of(setting_of(request), _provider(request), returning)).account_id)
    return ""


@for_staff
async def desk_page(request: Request) -> Response:
    """Ask for the code, or show whose it is and ask what was seen."""
    await _confirmer(request)
    code = query_of(request).text("code", limit=60)
    if not code:
        return await window(request, "in_person_desk.html", code="", waiting=None, done="", again=None)
    return await _asked(request, code)


async def _asked(request: Request, code: str, refusal: Refusal | None = None) -> Response:
    try:
        waiting = await in_person.waiting(setting_of(request), _provider(request), code)
    except NotFound as unknown:
        return await again(
            request, "in_person_desk.html", unknown, came=Came(), code=code, waiting=None, done="", again=None
        )
    if refusal is None:
        return await window(request, "in_person_desk.html", code=code, waiting=waiting, done="", again=None)
    typed = await form_of(request)
    words = {name: str(typed.values.get(name, "")) for name in ("name", "born", "place")}
    return await again(
        request, "in_person_desk.html", refusal, came=Came(), code=code, waiting=waiting, done="", again=words
    )


async def options(request: Request) -> Response:
    """Say what passkey to answer with: one of this member of staff's."""
    viewer = await _confirmer(request)
    return JSONResponse(await entering.begin_sign_in(instance_of(request).db, party_of(request), viewer.account_id))


async def confirm(request: Request) -> Response:
    """Take a confirmation in. What was typed comes back where it is refused."""
    viewer = await _confirmer(request)
    form = await form_of(request)
    code = form.needed("code", limit=60)
    try:
        done = await _confirmed(request, viewer, form, code)
    except Refusal as refusal:
        return await _asked(request, code, refusal)
    return await window(request, "in_person_desk.html", code="", waiting=None, done=done, again=None)


async def _confirmed(request: Request, viewer: Viewer, form: Fields, code: str) -> str:
    instance, staff_id = instance_of(request), str(viewer.account_id)
    if not form.text("agree"):
        raise Invalid("in_person.agree_needed")
    async with begin(instance.db, actor=staff_id) as work:
        await limits.spend(work, "in-person", staff_id, at_most=CONFIRMATIONS_PER_HOUR, minutes=60)
    session_id = viewer.speaker.session_id if viewer.speaker else ""
    proof: Any = credential_of(form)
    await entering.prove(instance.db, party_of(request), account_id=staff_id, session_id=session_id, credential=proof)
    seen = Seen(*(form.needed(name, limit=WORD_CHARS) for name in ("name", "born", "place")))
    return await in_person.confirm(setting_of(request), _provider(request), seen, code=code, staff_id=staff_id)


async def _confirmer(request: Request) -> Viewer:
    viewer = await staff_of(request)
    if not sites_with(viewer.grants, "person.confirm"):
        raise Forbidden("desk.no_role")
    return viewer


def _provider(request: Request) -> InPersonProvider:
    for each in instance_of(request).providers.values():
        if isinstance(each, InPersonProvider):
            return each
    raise NotFound("provider.unknown")


routes = [
    Route("/verify/in-person", code_page, methods=["GET"]),
    Route("/desk/in-person", desk_page, methods=["GET"]),
    Route("/desk/in-person", confirm, methods=["POST"]),
    Route("/desk/in-person/options", options, methods=["POST"]),
]
