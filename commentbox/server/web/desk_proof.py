"""Using the passkey again at the desk: before dangerous acts a session left open is not enough."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import entering
from commentbox.server.base import clock
from commentbox.server.base.errors import Refusal, Unauthenticated
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.gate.viewer import staff_of
from commentbox.server.verification.speaking import is_fresh, require_fresh
from commentbox.server.web.desk import DESK_PAGES, Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.signin import credential_of
from commentbox.server.web.windows import party_of, see_other

ADDRESS = 600


def fresh(desk: Desk) -> bool:
    """Say whether the passkey was used within the last minutes."""
    return is_fresh(desk.viewer.speaker, now=clock.now())


def check_fresh(desk: Desk) -> None:
    """Refuse `session.not_fresh` where it was not."""
    require_fresh(desk.viewer.speaker, now=clock.now())


@for_staff
async def proof_page(request: Request) -> Response:
    """Ask for the passkey, and say where one goes on to."""
    fields = query_of(request)
    return await _show(request, await desk_of(request, fields), to=_inside(fields))


async def _show(request: Request, desk: Desk, *, to: str, problem: Refusal | None = None) -> Response:
    said = sentence_of(request, problem) if problem else None
    status = problem.status if problem else 200
    return await page(request, desk, "prove.html", status=status, prove_to=to, is_fresh=fresh(desk), problem=said)


async def options(request: Request) -> Response:
    """Say what passkey to answer with: one of this account's."""
    viewer = await staff_of(request)
    return JSONResponse(await entering.begin_sign_in(instance_of(request).db, party_of(request), viewer.account_id))


async def prove(request: Request) -> Response:
    """Use the passkey again, so that the next minutes count as fresh, and go on."""
    form = await form_of(request)
    desk, to = await desk_of(request, form), _inside(form)
    if desk.viewer.speaker is None:
        raise Unauthenticated("session.missing")
    try:
        await entering.prove(
            instance_of(request).db,
            party_of(request),
            account_id=desk.seat.account_id,
            session_id=desk.viewer.speaker.session_id,
            credential=credential_of(form),
        )
    except Refusal as refusal:
        if wants_json(request):
            raise
        return await _show(request, desk, to=to, problem=refusal)
    return see_other(to)


def _inside(fields: Fields) -> str:
    """Give the page of the desk that was named; anything else is the desk itself."""
    to = fields.text("to", limit=ADDRESS)
    return to if DESK_PAGES.fullmatch(to) else "/desk"


routes = [
    Route("/desk/prove", proof_page, methods=["GET"]),
    Route("/desk/prove", prove, methods=["POST"]),
    Route("/desk/prove/options", options, methods=["POST"]),
]
