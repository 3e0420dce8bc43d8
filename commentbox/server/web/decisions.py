"""The author's side of a decision: the statement of reasons and the appeal, by account or by a guest's code.

Strangers get the same page whether there is such a statement or not. A guest's code travels in forms only, never in an
address, so that it stands in no log and no history.
"""

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from commentbox.server.base import clock, i18n, limits
from commentbox.server.base.errors import Invalid, NotFound, Refusal, Unauthenticated
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import begin
from commentbox.server.comments.posting import guest_code_hash
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.forms import Fields, form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence
from commentbox.server.gate.refusals import language_of, wants_json
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.moderation import appeals, people, seats, statements
from commentbox.server.moderation.statements import Owner
from commentbox.server.presenters.statements import StatementView, statement_view
from commentbox.server.web.windows import see_other

CODE_LENGTH = 60
TEXT_LENGTH = 12_000
"""Longer than any appeal, so that one too long comes back with a sentence and is not lost."""
CODES_PER_HOUR = 30
"""A guest needs one; somebody guessing wants more."""


async def statement_page(request: Request) -> Response:
    """Show a statement to the author of the comment; ask everybody else for a code or a sign-in."""
    account_id = await _account(request)
    if account_id is None:
        return await _ask_for_code(request, "")
    view = await _own(request, Owner(account_id=account_id))
    return _page(request, [view], code="")


async def codes_page(request: Request) -> Response:
    """Show somebody signed in every decision about them; ask a guest for the code."""
    account_id = await _account(request)
    views = await _views(request, Owner(account_id=account_id)) if account_id else []
    return _page(request, views, code="") if views else await _ask_for_code(request, "")


async def by_code(request: Request) -> Response:
    """Show a guest every decision about the comments of that code."""
    form = await form_of(request)
    code = form.text("code", limit=CODE_LENGTH)
    if not code.strip():
        return await _ask_for_code(request, code, refusal=Invalid("input.missing", field="code"))
    try:
        views = await _views(request, await _guest(request, form))
    except Refusal as refusal:
        return await _ask_for_code(request, code, refusal=refusal)
    if not views:
        return await _ask_for_code(request, code, refusal=NotFound("guest.no_decision"))
    return _page(request, views, code=code)


async def _views(request: Request, owner: Owner) -> list[StatementView]:
    async with instance_of(request).db.read() as query:
        rows = await statements.of_owner(query, owner)
        colleagues = [await seats.has_colleague(query, row.site_id, row.judge_id) for row in rows]
    with i18n.use(language_of(request)):
        both = zip(rows, colleagues, strict=True)
        return [statement_view(row, now=clock.now(), has_colleague=has) for row, has in both]


async def appeal(request: Request) -> Response:
    """Send an appeal; what was typed stays on the page if it cannot be taken."""
    form = await form_of(request)
    code, text = form.text("code", limit=CODE_LENGTH), form.text("text", limit=TEXT_LENGTH)
    account_id = await _account(request)
    owner = Owner(account_id=account_id) if account_id and not code else await _guest(request, form)
    try:
        async with begin(instance_of(request).db, actor=owner.account_id) as work:
            await appeals.open_appeal(work, _id(request), owner=owner, text=text)
    except NotFound:
        raise
    except Refusal as refusal:
        view = await _own(request, owner)
        return _page(request, [view], code=code, problem=refusal, typed=text)
    if owner.account_id:
        return see_other(f"/decisions/{_id(request)}?lang={language_of(request)}#appeal")
    return _page(request, [await _own(request, owner)], code=code)


async def acknowledge(request: Request) -> Response:
    """Say that one read a warning; then one can comment again. Only in a window of one's own."""
    await form_of(request)
    account_id = await _account(request)
    if account_id is None:
        raise Unauthenticated("session.missing")
    async with begin(instance_of(request).db, actor=account_id) as work:
        await people.acknowledge(work, account_id, _id(request))
    return see_other(f"/decisions/{_id(request)}?lang={language_of(request)}")


async def _account(request: Request) -> str | None:
    """Give who is signed in in a window of our own, be it by the paper's log-in: whoever has no other way must be told why.

    A frame's session is for one site and does not read statements.
    """
    viewer = await viewer_of(request)
    return viewer.account_id if viewer.speaker and viewer.speaker.session_kind in ("top", "sso") else None


async def _guest(request: Request, form: Fields) -> Owner:
    """Give a guest by the code they typed, so many tries an hour. Refuses `session.missing` where there is none."""
    code = form.text("code", limit=CODE_LENGTH).strip()
    if not code:
        raise Unauthenticated("session.missing")
    async with begin(instance_of(request).db) as work:
        await limits.spend(work, "decisions.code", address_mac(request), at_most=CODES_PER_HOUR, minutes=60)
    return Owner(guest_code_hash=guest_code_hash(code))


def _id(request: Request) -> str:
    value = str(request.path_params["id"])
    if not looks_like_id(value):
        raise NotFound("statement.unknown")
    return value


async def _own(request: Request, owner: Owner) -> StatementView:
    async with instance_of(request).db.read() as query:
        row = await statements.own(query, _id(request), owner)
        has_colleague = await seats.has_colleague(query, row.site_id, row.judge_id)
    with i18n.use(language_of(request)):
        return statement_view(row, now=clock.now(), has_colleague=has_colleague)


async def _ask_for_code(request: Request, code: str, *, refusal: Refusal | None = None) -> Response:
    return _render(request, "decisions/code.html", refusal, code=code)


def _page(
    request: Request, views: Sequence[StatementView], *, code: str, problem: Refusal | None = None, typed: str = ""
) -> Response:
    return _render(
        request, "decisions/page.html", problem, statements=views, code=code, typed=typed, site_name=views[0].site_name
    )


def _render(request: Request, template: str, refusal: Refusal | None, **context: Any) -> Response:
    if refusal is not None and wants_json(request):
        raise refusal
    lang, status = language_of(request), refusal.status if refusal else 200
    problem = None
    if refusal is not None:
        with i18n.use(lang):
            problem = sentence(refusal.code, status=refusal.status, data=refusal.data)
    html = instance_of(request).render.html(template, lang=lang, problem=problem, here=request.url.path, **context)
    return HTMLResponse(html, status_code=status)


routes = [
    Route("/decisions", codes_page, methods=["GET"]),
    Route("/decisions", by_code, methods=["POST"]),
    Route("/decisions/{id}", statement_page, methods=["GET"]),
    Route("/decisions/{id}/appeal", appeal, methods=["POST"]),
    Route("/decisions/{id}/acknowledge", acknowledge, methods=["POST"]),
]
