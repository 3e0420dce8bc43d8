"""The author's side of a complaint by the person spoken about: what is said, and the answer that is passed on.

By account or by a guest's code. Nobody learns who the other is: we know neither name nor address of an author.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base import clock, i18n, limits
from commentbox.server.base.errors import NotFound, Refusal, Unauthenticated
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import begin
from commentbox.server.comments.posting import guest_code_hash
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.forms import Fields, form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.moderation import noticing
from commentbox.server.moderation.statements import Owner
from commentbox.server.presenters.outcomes import asked_view
from commentbox.server.web.windows import Came, again, came_of, see_other, window

CODES_PER_HOUR = 30
TEXT = 6000
SAID = ("stands", "withdrawn")


async def page(request: Request) -> Response:
    """Show what people spoken about say of one's comments; ask strangers for a code or a sign-in."""
    owner = await _account(request)
    if owner is None:
        return await window(request, "asked_code.html", code="")
    return await _show(request, owner)


async def by_code(request: Request) -> Response:
    """Show the same to a guest."""
    form = await form_of(request)
    code = form.text("code", limit=60)
    try:
        return await _show(request, await _guest(request, form), came=came_of(form), code=code)
    except Refusal as refusal:
        return await again(request, "asked_code.html", refusal, came=came_of(form), code=code)


async def answer(request: Request) -> Response:
    """Say that the comment stands, and why, or take it back; either is passed on without a name."""
    form = await form_of(request)
    code, text = form.text("code", limit=60), form.text("text", limit=TEXT)
    owner = await _guest(request, form) if code else await _account(request)
    if owner is None:
        raise Unauthenticated("session.missing")
    notice_id = str(request.path_params["id"])
    if not looks_like_id(notice_id):
        raise NotFound("notice.unknown")
    try:
        async with begin(instance_of(request).db, actor=owner.account_id) as work:
            await noticing.answer_as_author(work, notice_id, owner, said=form.choice("said", SAID), text=text)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _show(request, owner, came=came_of(form), problem=refusal, code=code, typed=text)
    if code:
        return await _show(request, owner, came=came_of(form), code=code)
    return see_other(f"/asked?lang={language_of(request)}")


async def _account(request: Request) -> Owner | None:
    """Give who is signed in in a window of our own; a frame's session does not read complaints."""
    viewer = await viewer_of(request)
    is_window = viewer.speaker is not None and viewer.speaker.session_kind == "top"
    return Owner(account_id=viewer.account_id) if is_window else None


async def _guest(request: Request, form: Fields) -> Owner:
    code = form.needed("code", limit=60)
    async with begin(instance_of(request).db) as work:
        await limits.spend(work, "asked.code", address_mac(request), at_most=CODES_PER_HOUR, minutes=60)
    return Owner(guest_code_hash=guest_code_hash(code))


async def _show(
    request: Request, owner: Owner, *, came: Came | None = None, problem: Refusal | None = None, **shown: Any
) -> Response:
    lang = i18n.best(came.lang if came else None, language_of(request))
    async with instance_of(request).db.read() as query:
        rows = await noticing.asked_of(query, owner)
    if not rows and owner.account_id is None:
        raise NotFound("guest.no_decision")
    with i18n.use(lang):
        views = [asked_view(row, now=clock.now()) for row in rows]
    context = {"asked": views, "code": "", "typed": ""} | shown
    if problem is not None:
        return await again(request, "asked.html", problem, came=came or Came(), **context)
    return await window(request, "asked.html", came=came, **context)


routes = [
    Route("/asked", page, methods=["GET"]),
    Route("/asked", by_code, methods=["POST"]),
    Route("/asked/{id}", answer, methods=["POST"]),
]
