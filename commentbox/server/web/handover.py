"""The hand-over of a sign-in to the frame that asked for it. PRODUCT, "Sessions and the frame"; `accounts/handover.py` has
the rules: an explicit "Continue" in our own window, and a verifier that never leaves the frame.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import handover
from commentbox.server.base import limits
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.cookies import frame_cookie, put_cookie
from commentbox.server.gate.forms import form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.viewer import Viewer, own_window
from commentbox.server.web.windows import Came, again, came_of, site_id_of, window

TRIES_PER_HOUR = 30
"""Hand-overs begun from one address; a household needs fewer."""


async def approve(request: Request) -> Response:
    """The reader pressed "Continue": give the window the code for its opener, and the field for the six characters."""
    viewer = await own_window(request)
    came = came_of(await form_of(request))
    giver = await _giver(request, viewer, came)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        code = await handover.approve(work, giver, came.challenge)
    return await window(request, "handover.html", came=came, speaker=viewer.speaker, code=code, typed=False)


async def approve_typed(request: Request) -> Response:
    """The reader typed the six characters that the frame shows."""
    viewer = await own_window(request)
    form = await form_of(request)
    came = came_of(form)
    giver = await _giver(request, viewer, came)
    try:
        characters = form.needed("characters", limit=40)
        await handover.approve_typed(instance_of(request).db, giver, came.challenge, typed=characters)
    except Refusal as refusal:
        return await again(request, "handover.html", refusal, came=came, speaker=viewer.speaker, code="", typed=False)
    return await window(request, "handover.html", came=came, speaker=viewer.speaker, code="", typed=True)


async def _giver(request: Request, viewer: Viewer, came: Came) -> handover.Giver:
    speaker, site_id = viewer.speaker, await site_id_of(request, came.site)
    by_passkey = speaker is not None and speaker.by_passkey
    return handover.Giver(
        str(viewer.account_id), site_id, by_passkey, credential_id=speaker.credential_id if speaker else None
    )


async def begin_typing(request: Request) -> Response:
    """The frame lost its window: give it six characters to show."""
    form = await form_of(request)
    site_id = await site_id_of(request, form.needed("site", limit=60))
    async with begin(instance_of(request).db) as work:
        await limits.spend(work, "handover", address_mac(request), at_most=TRIES_PER_HOUR, minutes=60)
        typed = await handover.begin_typing(work, site_id, form.needed("challenge", limit=60))
    return JSONResponse({"characters": typed})


async def redeem(request: Request) -> Response:
    """Give the frame its session: as a partitioned cookie, or as a bearer where it gets no cookie. 202: not typed yet."""
    form = await form_of(request)
    slug = form.needed("site", limit=60)
    site_id = await site_id_of(request, slug)
    bearer = form.choice("cookies", ("1", "0")) == "0"
    session = await handover.redeem(
        instance_of(request).db,
        site_id=site_id,
        verifier=form.needed("verifier", limit=200),
        code=form.optional("code", limit=100),
        kind="bearer" if bearer else "frame",
    )
    if session is None:
        return JSONResponse({"pending": True}, status_code=202)
    response = JSONResponse({"bearer": session.token} if bearer else {"ok": True})
    if not bearer:
        put_cookie(response, frame_cookie(slug), session.token, hours=session.hours)
    return response


routes = [
    Route("/handover/approve", approve, methods=["POST"]),
    Route("/handover/characters", approve_typed, methods=["POST"]),
    Route("/handover/begin", begin_typing, methods=["POST"]),
    Route("/handover/redeem", redeem, methods=["POST"]),
]
