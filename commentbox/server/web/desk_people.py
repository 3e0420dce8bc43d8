"""People at the desk: one person's page with what may be decided about them, and what waits for a second person."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base import clock
from commentbox.server.base.errors import Invalid, NotFound, Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.moderation import appeals, confirming, measures, people, persons, proposals, rules, seats
from commentbox.server.moderation.measures import Measure
from commentbox.server.moderation.seats import Seat
from commentbox.server.presenters.desk_author import person_href
from commentbox.server.presenters.desk_person import Seen, person_view, proposal_views
from commentbox.server.presenters.desk_verdict import Typed
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.desk_proof import check_fresh, fresh
from commentbox.server.web.windows import see_other

Closing = Callable[[Work, Seat, str], Awaitable[object]]
TEXT = 12_000
"""Longer than any text the desk takes, so that one too long comes back with a sentence."""


@for_staff
async def person_page(request: Request) -> Response:
    """Show a person as one site knows them."""
    return await _show(request, await desk_of(request, query_of(request)))


async def _show(
    request: Request, desk: Desk, *, typed: Typed | None = None, problem: Refusal | None = None
) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    async with instance_of(request).db.read() as query:
        person = await persons.find(query, desk.seat, *_named(request), now=clock.now())
    seen = Seen(
        now=clock.now(),
        everywhere=desk.seat.everywhere,
        is_fresh=fresh(desk),
        may_decide=person.site.id not in desk.seat.reading,
        is_learning=person.site.id in desk.seat.learning,
        typed=typed or Typed(),
        problem=sentence_of(request, problem) if problem else None,
        governs=desk.seat.governs,
    )
    status = problem.status if problem else 200
    return await page(
        request, desk, "person.html", name="person", status=status, person=lambda: person_view(person, seen)
    )


def _named(request: Request) -> tuple[str, str]:
    """Give site and account from the path: `gazette.ACCOUNT`."""
    slug, _, account_id = str(request.path_params["who"]).partition(".")
    return slug, account_id


async def decide(request: Request) -> Response:
    """Warn, silence, hold first or ban; or show the page again with everything typed still in it."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    typed = Typed(
        measure=form.choice("measure", ("", *measures.KINDS)),
        days=form.text("days", limit=TEXT).strip(),
        ground=form.text("ground", limit=60),
        facts=form.text("facts", limit=TEXT),
        why=form.text("why", limit=TEXT),
        note=form.text("note", limit=TEXT),
    )
    if form.text("go", limit=20) == "preview":
        return await _show(request, desk, typed=typed)
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await _decide(work, request, desk, form=form, typed=typed)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _show(request, desk, typed=typed, problem=refusal)
    return _back(request, desk)


async def _decide(work: Work, request: Request, desk: Desk, *, form: Fields, typed: Typed) -> None:
    if not typed.measure:
        raise Invalid("case.no_action")
    everywhere = bool(form.text("everywhere", limit=4))
    if everywhere and desk.seat.everywhere:
        check_fresh(desk)
    slug, account_id = _named(request)
    site = await seats.site_by_slug(work.q, desk.seat, slug)
    verdict = people.PersonVerdict(
        account_id,
        site.id,
        measure=Measure(typed.measure, _days(typed.days), everywhere),
        reasons=rules.Reasons(typed.ground, typed.facts, typed.why),
        seen=form.optional("seen", limit=16),
        note=typed.note,
    )
    await people.decide(work, desk.seat, verdict)


def _days(text: str) -> int | None:
    """Read a number of days, None for none. What is no number is out of every bound, and refused with the bounds."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


async def lift(request: Request) -> Response:
    """End a measure before its time."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            site = await seats.site_by_slug(work.q, desk.seat, _named(request)[0])
            await people.lift(work, desk.seat, form.needed("standing", limit=16), site_id=site.id)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _show(request, desk, problem=refusal)
    return _back(request, desk)


async def answer(request: Request) -> Response:
    """Answer an appeal against a measure."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    typed = Typed(action=form.choice("action", ("", *appeals.OUTCOMES)), answer=form.text("answer", limit=TEXT))
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            appeal_id = form.needed("appeal", limit=16)
            await _check_theirs(work, request, desk, appeal_id)
            given = appeals.Answer(appeal_id, typed.action, revision=0, text=typed.answer)
            await appeals.answer(work, desk.seat, given)
    except NotFound:
        raise
    except Refusal as refusal:
        return await _show(request, desk, typed=typed, problem=refusal)
    return _back(request, desk)


async def _check_theirs(work: Work, request: Request, desk: Desk, appeal_id: str) -> None:
    """Refuse `case.unknown` for an appeal of somebody else than the person of the page."""
    slug, account_id = _named(request)
    site = await seats.site_by_slug(work.q, desk.seat, slug)
    if await people.place_of(work.q, desk.seat, appeal_id) != (site.id, account_id):
        raise NotFound("case.unknown")


def _back(request: Request, desk: Desk) -> Response:
    return see_other(desk.where.to(person_href(*_named(request))))


@for_staff
async def proposals_page(request: Request) -> Response:
    """Show what waits for a second person."""
    return await _show_proposals(request, await desk_of(request, query_of(request)))


async def _show_proposals(request: Request, desk: Desk, *, problem: Refusal | None = None) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    async with instance_of(request).db.read() as query:
        rows = await proposals.waiting(query, desk.seat)
    deciding = desk.seat.site_ids - desk.seat.reading - desk.seat.learning
    return await page(
        request,
        desk,
        "proposals.html",
        name="proposals",
        status=problem.status if problem else 200,
        proposals=lambda: proposal_views(rows, account_id=desk.seat.account_id, deciding=deciding),
        problem=sentence_of(request, problem) if problem else None,
    )


async def confirm(request: Request) -> Response:
    """Carry out what somebody else proposed, as one's own decision."""
    return await _close(request, confirming.confirm)


async def decline(request: Request) -> Response:
    """Let a proposal fall."""
    return await _close(request, confirming.decline)


async def _close(request: Request, how: Closing) -> Response:
    desk = await desk_of(request, await form_of(request))
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await how(work, desk.seat, str(request.path_params["id"]))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _show_proposals(request, desk, problem=refusal)
    return see_other(desk.where.to("/desk/proposals"))


routes = [
    Route("/desk/person/{who}", person_page, methods=["GET"]),
    Route("/desk/person/{who}/decide", decide, methods=["POST"]),
    Route("/desk/person/{who}/lift", lift, methods=["POST"]),
    Route("/desk/person/{who}/answer", answer, methods=["POST"]),
    Route("/desk/proposals", proposals_page, methods=["GET"]),
    Route("/desk/proposals/{id}/confirm", confirm, methods=["POST"]),
    Route("/desk/proposals/{id}/decline", decline, methods=["POST"]),
]
