"""One case at the desk: looking, claiming, deciding, taking a decision back. Every button is a plain form.

Looking claims nothing (GET never writes); whatever is sent from a case renews the claim.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts.rules import may
from commentbox.server.base import clock
from commentbox.server.base.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.moderation import appeals, cases, claims, decisions, notes, people, picks, rules, seats
from commentbox.server.moderation.cases import Case
from commentbox.server.moderation.measures import Measure
from commentbox.server.notices.actions import Told
from commentbox.server.presenters.desk_author import person_href
from commentbox.server.presenters.desk_case import Looking, case_view
from commentbox.server.presenters.desk_verdict import ALONG, Typed
from commentbox.server.web.desk import Desk, desk_of, for_staff, next_case, sentence_of, show
from commentbox.server.web.windows import see_other

ACTIONS = ("", "approve", "remove", "restore", "uphold", "reject")
TEXT = 6000
"""Longer than any text the desk takes, so that one too long comes back with a sentence."""


@for_staff
async def case_page(request: Request) -> Response:
    """Show a case beside the queue; one that is about a person has a page of its own."""
    desk = await desk_of(request, query_of(request))
    try:
        return await show_case(request, desk)
    except NotFound:
        return see_other(await _person(request, desk))


async def _person(request: Request, desk: Desk) -> str:
    async with instance_of(request).db.read() as query:
        site_id, account_id = await people.place_of(query, desk.seat, str(request.path_params["id"]))
    slug = next(site.slug for site in desk.sites if site.id == site_id)
    return desk.where.to(person_href(slug, account_id))


async def show_case(
    request: Request, desk: Desk, *, typed: Typed | None = None, problem: Refusal | None = None, seen: int | None = None
) -> Response:
    """Show a case with what was typed and what went wrong, if something did."""
    if problem is not None and wants_json(request):
        raise problem
    case_id = str(request.path_params["id"])
    async with instance_of(request).db.read() as query:
        case = await cases.find(query, desk.seat, case_id, now=clock.now())
    looking = Looking(
        account_id=desk.seat.account_id,
        now=clock.now(),
        only_looks=case.comment.site_id in desk.seat.reading,
        typed=typed or Typed(),
        problem=sentence_of(request, problem) if problem else None,
        may_hold=may(desk.viewer.grants, "desk.admin", case.comment.site_id),
        may_pick=case.comment.site_id in desk.seat.picking,
        changed=tuple(problem.data.get("changed", ())) if problem else (),
        seen_revision=seen,
        of_sections=case.comment.site_id in desk.seat.sections,
    )
    return await show(request, desk, case=lambda: case_view(case, looking), status=problem.status if problem else 200)


async def claim(request: Request) -> Response:
    """Take the case, or hold it longer. A colleague's claim is said on the page."""
    desk = await desk_of(request, await form_of(request))
    try:
        await _claim(request, desk)
    except (Conflict, Forbidden) as refusal:
        return await show_case(request, desk, problem=refusal)
    return see_other(desk.where.case(str(request.path_params["id"])))


async def renew(request: Request) -> Response:
    """Hold the case longer while somebody works on it; the script calls it now and then."""
    desk = await desk_of(request, await form_of(request))
    await _claim(request, desk, only_mine=True)
    return Response(status_code=204)


async def _claim(request: Request, desk: Desk, *, only_mine: bool = False) -> None:
    """Claim a case of this seat's sites. With `only_mine` a free case stays free."""
    case = await _case(request, desk)
    seats.check_proposes(desk.seat, case.comment.site_id)
    holder = case.holder
    if only_mine and (holder is None or holder.account_id != desk.seat.account_id):
        raise Conflict("case.taken", by=holder.name if holder else "", until=None)
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        policy = await seats.policy_of(work.q, case.comment.site_id)
        await claims.take(work, desk.seat, case.id, minutes=policy.claim_minutes)
        if not only_mine:
            work.record("case.claimed", site_id=case.comment.site_id, subject_id=case.id)


async def _case(request: Request, desk: Desk) -> Case:
    async with instance_of(request).db.read() as query:
        return await cases.find(query, desk.seat, str(request.path_params["id"]), now=clock.now())


async def release(request: Request) -> Response:
    """Give the case back to the queue."""
    desk = await desk_of(request, await form_of(request))
    case = await _case(request, desk)
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        if await claims.release(work, desk.seat, case.id):
            work.record("case.released", site_id=case.comment.site_id, subject_id=case.id)
    return see_other(desk.where.case(case.id))


async def note(request: Request) -> Response:
    """Leave a note with the case, hand it to a colleague, or ask for a second opinion and go on to the next."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    case = await _case(request, desk)
    kind, to = form.choice("kind", notes.KINDS), form.optional("to", limit=16)
    left = notes.Note(
        case.id,
        case.comment.site_id,
        kind,
        text=form.text("text", limit=TEXT),
        to=to,
        section=case.thread.section,
    )
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await notes.leave(work, desk.seat, left)
    except NotFound:
        raise
    except Refusal as refusal:
        return await show_case(request, desk, problem=refusal)
    gone = left.kind != "note"
    return see_other(await next_case(request, desk) if gone else desk.where.case(case.id))


async def pick(request: Request) -> Response:
    """Make the comment an editor's pick, or take that back."""
    form = await form_of(request)
    desk, on = await desk_of(request, form), form.choice("on", ("1", "0")) == "1"
    case = await _case(request, desk)
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await picks.pick(work, desk.seat, case.comment.id, on=on)
    except (Conflict, Forbidden) as refusal:
        return await show_case(request, desk, problem=refusal)
    instance_of(request).cache.touch(case.comment.thread_id)
    return see_other(f"{desk.where.case(case.id)}#pick")


async def decide(request: Request) -> Response:
    """Carry out a verdict and go to the next free case, or show the case again with everything typed still in it."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    typed = _typed(form)
    if form.text("go", limit=20) == "preview":
        return await show_case(request, desk, typed=typed)
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await _decide(work, desk, str(request.path_params["id"]), form=form, typed=typed)
    except NotFound:
        raise
    except Refusal as refusal:
        return await show_case(
            request, desk, typed=typed, problem=refusal, seen=_number(form.text("revision", limit=9))
        )
    return see_other(await next_case(request, desk))


def _typed(form: Fields) -> Typed:
    return Typed(
        action=form.choice("action", ACTIONS),
        ground=form.text("ground", limit=60),
        facts=form.text("facts", limit=TEXT),
        why=form.text("why", limit=TEXT),
        note=form.text("note", limit=TEXT),
        answer=form.text("answer", limit=TEXT * 2),
        measure=form.choice("measure", ("", *ALONG)),
        to_notifier=form.text("to_notifier", limit=TEXT),
        is_unfounded=form.choice("unfounded", ("", "yes")) == "yes",
    )


async def _decide(work: Work, desk: Desk, case_id: str, *, form: Fields, typed: Typed) -> None:
    if not typed.action:
        raise Invalid("case.no_action")
    if typed.action in appeals.OUTCOMES:
        given = appeals.Answer(case_id, typed.action, _revision(form), text=typed.answer, note=typed.note)
        await appeals.answer(work, desk.seat, given)
        return
    seen = rules.Seen(_revision(form), form.text("state", limit=12), form.optional("seen", limit=16))
    reasons = rules.Reasons(typed.ground, typed.facts, typed.why) if typed.action == "remove" else None
    told = Told(typed.to_notifier, typed.is_unfounded)
    measure = _measure(typed)
    verdict = decisions.Verdict(case_id, typed.action, seen, reasons, typed.note, measure, told)
    await decisions.decide(work, desk.seat, verdict)


def _measure(typed: Typed) -> Measure | None:
    """Give what a removal brings its author as well; the days of each are in `desk_verdict.ALONG`."""
    if not typed.measure or typed.action != "remove":
        return None
    action, _, days = typed.measure.partition("-")
    return Measure(action, int(days) if days else None)


def _revision(form: Fields) -> int:
    """Give the revision that was judged. Refuses `input.invalid`: no decision without one."""
    number = _number(form.text("revision", limit=9))
    if number is None:
        raise Invalid("input.invalid", field="revision")
    return number


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


async def undo(request: Request) -> Response:
    """Take back one's own last decision and open the case again."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    decision_id = str(request.path_params["id"])
    if not looks_like_id(decision_id):
        raise NotFound("case.unknown")
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        undone = await decisions.undo(work, desk.seat, decision_id)
    return see_other(desk.where.case(undone.case_id))


routes = [
    Route("/desk/case/{id}", case_page, methods=["GET"]),
    Route("/desk/case/{id}/claim", claim, methods=["POST"]),
    Route("/desk/case/{id}/renew", renew, methods=["POST"]),
    Route("/desk/case/{id}/release", release, methods=["POST"]),
    Route("/desk/case/{id}/note", note, methods=["POST"]),
    Route("/desk/case/{id}/pick", pick, methods=["POST"]),
    Route("/desk/case/{id}/decide", decide, methods=["POST"]),
    Route("/desk/undo/{id}", undo, methods=["POST"]),
]
