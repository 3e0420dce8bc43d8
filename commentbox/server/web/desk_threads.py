"""The desk's pages for whole threads: find one, close it, keep it to verified people, slow it down, settle its address."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import threads as rooms
from commentbox.server.base import clock
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of, wants_json
from commentbox.server.moderation import threads
from commentbox.server.threads import SECTION_LENGTH
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.windows import see_other


@for_staff
async def listing(request: Request) -> Response:
    """Show threads to choose from, and the addresses that name two."""
    fields = query_of(request)
    desk, wanted = await desk_of(request, fields), fields.text("q", limit=200)
    async with instance_of(request).db.read() as query:
        found = await threads.listed(query, desk.seat, wanted.strip())
        named = await threads.named_twice(query, desk.seat)
    return await _page(request, desk, "threads.html", threads=found, named=named, q=wanted)


@for_staff
async def thread_page(request: Request) -> Response:
    """Show one thread with what holds in it."""
    return await _thread(request, await desk_of(request, query_of(request)))


async def _thread(
    request: Request, desk: Desk, *, refusal: Refusal | None = None, form: Fields | None = None
) -> Response:
    async with instance_of(request).db.read() as query:
        thread = await threads.thread_for_desk(query, desk.seat, str(request.path_params["id"]))
    now = clock.now()
    until = thread.verified_only_until
    return await _page(
        request,
        desk,
        "thread.html",
        status=refusal.status if refusal else 200,
        thread=thread,
        verified_only=until if until and until > now else None,
        limits=rooms.limits_of(thread, now=now),
        longest=threads.LONGEST_DAYS,
        error=sentence_of(request, refusal) if refusal else None,
        typed=form.text("reason") if form else "",
    )


async def decide(request: Request) -> Response:
    """Close, open, limit or lift: what the form's button says. A refusal gives the page back with the reason typed."""
    form = await form_of(request)
    desk = await desk_of(request, query_of(request))
    thread_id = str(request.path_params["id"])
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await _decide(work, await threads.thread_for_desk(work.q, desk.seat, thread_id), form)
    except Refusal as refusal:
        if wants_json(request) or refusal.status == 404:
            raise
        return await _thread(request, desk, refusal=refusal, form=form)
    instance_of(request).cache.touch(thread_id)
    return see_other(f"/desk/threads/{thread_id}?lang={language_of(request)}")


async def _decide(work: Work, thread: Any, form: Fields) -> None:
    act = form.choice("act", ("close", "reopen", "verified", "everyone", "limit", "lift", "section"))
    reason, days, limits = form.text("reason", limit=1000), form.number("days"), _limits(form)
    if act == "section":
        await threads.put_in_section(work, thread, form.text("section", limit=SECTION_LENGTH))
    elif act == "close":
        await threads.close(work, thread, reason)
    elif act == "verified":
        await threads.keep_to_verified(work, thread, reason, days=days)
    elif act == "limit":
        await threads.slow_down(work, thread, reason, days=days, **limits)
    else:
        lifted = {"reopen": threads.reopen, "everyone": threads.open_to_all, "lift": threads.lift}
        await lifted[act](work, thread)


def _limits(form: Fields) -> dict[str, Any]:
    """Read the limits; an empty field sets none."""
    numbers = {name: form.number(name) for name in ("slow_seconds", "posts_per_hour", "min_age_minutes_unverified")}
    limits: dict[str, Any] = {name: value for name, value in numbers.items() if value}
    return limits | {"hold_unverified": form.text("hold_unverified", limit=5) == "1"}


async def settle(request: Request) -> Response:
    """Point an address at the thread its article's id names, or leave it."""
    form = await form_of(request)
    desk = await desk_of(request, query_of(request))
    thread_id, url = str(request.path_params["id"]), form.needed("named", limit=2000)
    point = form.choice("how", ("point", "leave")) == "point"
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        await threads.settle(work, desk.seat, thread_id, url, point=point)
    instance_of(request).cache.touch(thread_id)
    return see_other(f"/desk/threads?lang={language_of(request)}")


async def _page(request: Request, desk: Desk, template: str, *, status: int = 200, **context: Any) -> Response:
    sites = {site.id: site.name for site in desk.sites}
    return await page(request, desk, template, name="threads", status=status, sites=sites, **context)


routes = [
    Route("/desk/threads", listing, methods=["GET"]),
    Route("/desk/threads/{id}", thread_page, methods=["GET"]),
    Route("/desk/threads/{id}", decide, methods=["POST"]),
    Route("/desk/threads/{id}/settle", settle, methods=["POST"]),
]
