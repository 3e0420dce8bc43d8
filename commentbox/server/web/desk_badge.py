"""Taking somebody's badge away, at the desk: a page of its own, for admins, with a passkey of that very moment."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import entering
from commentbox.server.accounts.rules import INSTANCE, may
from commentbox.server.base import clock, i18n
from commentbox.server.base.errors import Forbidden, NotFound, Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.viewer import Viewer
from commentbox.server.moderation import badges, persons, rules, seats
from commentbox.server.presenters.desk_author import person_href
from commentbox.server.presenters.desk_badge import badge_act_view
from commentbox.server.presenters.desk_verdict import Typed
from commentbox.server.verification.queries import verified_as
from commentbox.server.web.desk import Desk, desk_of, for_staff
from commentbox.server.web.signin import credential_of
from commentbox.server.web.windows import Came, again, party_of, see_other, spoken, window

TEXT = 12_000
"""Longer than any text the desk takes, so that one too long comes back with a sentence."""


@for_staff
async def page(request: Request) -> Response:
    """Ask for the reasons."""
    desk = await _admin(request, query_of(request))
    return await window(request, "desk_badge.html", **await _context(request, desk, Typed()))


async def options(request: Request) -> Response:
    """Say what passkey to answer with: one of this admin's."""
    desk = await _admin(request, await form_of(request))
    async with instance_of(request).db.read() as query:
        await persons.find(query, desk.seat, *_named(request), now=clock.now())
    return JSONResponse(await entering.begin_sign_in(instance_of(request).db, party_of(request), desk.seat.account_id))


async def revoke(request: Request) -> Response:
    """Take the badge away; or show the page again with everything typed still in it."""
    form = await form_of(request)
    desk = await _admin(request, form)
    typed = Typed(
        ground=form.text("ground", limit=60), facts=form.text("facts", limit=TEXT), why=form.text("why", limit=TEXT)
    )
    try:
        await _prove(request, desk.viewer, form)
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            slug, account_id = _named(request)
            site = await seats.site_by_slug(work.q, desk.seat, slug)
            reasons = rules.Reasons(typed.ground, typed.facts, typed.why)
            seen = form.optional("seen", limit=16)
            await badges.revoke(work, desk.seat, badges.Verdict(account_id, site.id, reasons, seen))
    except NotFound:
        raise
    except Refusal as refusal:
        context = await _context(request, desk, typed)
        return await again(request, "desk_badge.html", refusal, came=Came(), **context)
    return see_other(person_href(*_named(request)))


async def _prove(request: Request, viewer: Viewer, form: Fields) -> None:
    session_id = viewer.speaker.session_id if viewer.speaker else ""
    proof: Any = credential_of(form)
    account_id = str(viewer.account_id)
    instance, party = instance_of(request), party_of(request)
    await entering.prove(instance.db, party, account_id=account_id, session_id=session_id, credential=proof)


async def _admin(request: Request, fields: Fields) -> Desk:
    desk = await desk_of(request, fields)
    if not may(desk.viewer.grants, "desk.admin", INSTANCE):
        raise Forbidden("desk.admin_needed")
    return desk


async def _context(request: Request, desk: Desk, typed: Typed) -> dict[str, Any]:
    slug, account_id = _named(request)
    now = clock.now()
    async with instance_of(request).db.read() as query:
        person = await persons.find(query, desk.seat, slug, account_id, now=now)
        held = await verified_as(query, account_id, now=now)
    with i18n.use(spoken(request)):
        return {"act": badge_act_view(person, typed, now=now, has_badge=held is not None)}


def _named(request: Request) -> tuple[str, str]:
    slug, _, account_id = str(request.path_params["who"]).partition(".")
    return slug, account_id


routes = [
    Route("/desk/person/{who}/badge", page, methods=["GET"]),
    Route("/desk/person/{who}/badge", revoke, methods=["POST"]),
    Route("/desk/person/{who}/badge/options", options, methods=["POST"]),
]
