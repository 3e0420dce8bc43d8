"""The desk's pages for whole threads: find one, close it, keep it to verified people, slow it down, settle its address."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import threads as rooms
from commentbox.server.accounts.rules import may
from commentbox.server.base import clock
from commentbox.server.base.errors import Invalid, Refusal
from commentbox.server.base.work import Work, begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of, wants_json
from commentbox.server.gate.viewer import require
from commentbox.server.moderation import questions, seats, threads
from commentbox.server.sites.rules import Policy
from commentbox.server.threads import SECTION_LENGTH
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.windows import see_other

ACTS = (
    "close",
    "section",
    "keep",
    "verified",
    "limit",
    "announce",
    "questions",
    "reopen",
    "everyone",
    "lift",
    "unannounce",
    "discussion",
)
LIFTING = {
    "reopen": threads.reopen,
    "everyone": threads.open_to_all,
    "lift": threads.lift,
    "unannounce": threads.unannounce,
    "discussion": questions.end,
}
"""What needs no words: each takes back one of the acts before."""


@for_staff
async def listing(request: Request) -> Response:
    """Show threads to choose from, what is announced on whole sites, and the addresses that name two."""
    return await _listing(request, await desk_of(request, query_of(request)))


async def _listing(
    request: Request, desk: Desk, *, refusal: Refusal | None = None, form: Fields | None = None
) -> Response:
    wanted = query_of(request).text("q", limit=200)
    async with instance_of(request).db.read() as query:
        found = await threads.listed(query, desk.seat, wanted.strip())
        named = await threads.named_twice(query, desk.seat)
    typed = {form.text("site", limit=60): form.text("announcement")} if form else {}
    here = [site for site in desk.sites if may(desk.viewer.grants, "site.announce", site.id)]
    return await _page(
        request,
        desk,
        "threads.html",
        status=refusal.status if refusal else 200,
        threads=found,
        named=named,
        q=wanted,
        announcing=[(site, _announced(site), typed.get(site.slug, "")) for site in here],
        longest=threads.ANNOUNCED_DAYS,
        error=sentence_of(request, refusal) if refusal else None,
    )


def _announced(site: Any) -> Policy | None:
    """Give a site's policy where something is announced on it now."""
    policy = Policy.model_validate(site.policy or {})
    until = policy.announced_until
    return policy if policy.announcement and until and until > clock.now() else None


async def announce(request: Request) -> Response:
    """Announce something above every thread of a site, or take that away."""
    form = await form_of(request)
    desk = await desk_of(request, query_of(request))
    on, text, days = form.choice("act", ("announce", "unannounce")), form.text("announcement"), form.number("days")
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            site = await seats.site_by_slug(work.q, desk.seat, form.needed("site", limit=60))
            require(desk.viewer, "site.announce", site.id)
            if on == "announce":
                await threads.announce_on_site(work, site.id, text, days=days)
            else:
                await threads.unannounce_on_site(work, site.id)
    except Invalid as refusal:
        if wants_json(request):
            raise
        return await _listing(request, desk, refusal=refusal, form=form)
    return see_other(f"/desk/threads?lang={language_of(request)}#announce")


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
    policy = Policy.model_validate(next(site.policy for site in desk.sites if site.id == thread.site_id) or {})
    until = thread.verified_only_until
    return await _page(
        request,
        desk,
        "thread.html",
        status=refusal.status if refusal else 200,
        thread=thread,
        verified_only=until if until and until > now else None,
        limits=rooms.limits_of(thread, now=now),
        closes=rooms.closes_at(thread, policy),
        is_old=thread.state != "closed" and rooms.is_closed(thread, policy, now=now),
        announced=thread.announced_until if thread.announced_until and thread.announced_until > now else None,
        announced_longest=threads.ANNOUNCED_DAYS,
        longest=threads.LONGEST_DAYS,
        error=sentence_of(request, refusal) if refusal else None,
        typed=form.text("reason") if form else "",
        announcement=form.text("announcement") if form else "",
        guests=form.text("guests") if form else "",
        into=form.text("into") if form else "",
        may_merge=may(desk.viewer.grants, "thread.merge", thread.site_id),
        questions=rooms.questions_of(thread, now=now),
    )


async def decide(request: Request) -> Response:
    """Close, open, limit or lift: what the form's button says. A refusal gives the page back with the reason typed."""
    form = await form_of(request)
    desk = await desk_of(request, query_of(request))
    thread_id = str(request.path_params["id"])
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            thread = await threads.thread_for_desk(work.q, desk.seat, thread_id)
            seats.check_decides(desk.seat, thread.site_id)
            await _decide(work, thread, form)
    except Refusal as refusal:
        if wants_json(request) or refusal.status == 404:
            raise
        return await _thread(request, desk, refusal=refusal, form=form)
    instance_of(request).cache.touch(thread_id)
    return see_other(f"/desk/threads/{thread_id}?lang={language_of(request)}")


async def _decide(work: Work, thread: Any, form: Fields) -> None:
    act = form.choice("act", ACTS)
    reason, days, limits = form.text("reason", limit=1000), form.number("days"), _limits(form)
    if act == "section":
        await threads.put_in_section(work, thread, form.text("section", limit=SECTION_LENGTH))
    elif act == "close":
        await threads.close(work, thread, reason)
    elif act == "keep":
        await threads.keep_open(work, thread, days=days)
    elif act == "verified":
        await threads.keep_to_verified(work, thread, reason, days=days)
    elif act == "limit":
        await threads.slow_down(work, thread, reason, days=days, **limits)
    elif act == "announce":
        await threads.announce(work, thread, form.text("announcement"), days=days)
    elif act == "questions":
        asked = {"guests": form.text("guests"), "since": form.text("since", limit=10)}
        await questions.take(work, thread, reason, days=days, **asked)
    else:
        await LIFTING[act](work, thread)


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


async def merge(request: Request) -> Response:
    """Let a thread go up in another one, for good."""
    form = await form_of(request)
    desk, thread_id = await desk_of(request, query_of(request)), str(request.path_params["id"])
    try:
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            thread = await threads.thread_for_desk(work.q, desk.seat, thread_id)
            require(desk.viewer, "thread.merge", thread.site_id)
            if form.text("sure", limit=5) != "1":
                raise Invalid("merge.unsure")
            into = await threads.merge(work, desk.seat, thread, form.needed("into"))
    except Refusal as refusal:
        if wants_json(request) or refusal.code in ("site.unknown", "case.unknown"):
            raise
        return await _thread(request, desk, refusal=refusal, form=form)
    for each in (thread.id, into):
        instance_of(request).cache.touch(each)
    return see_other(f"/desk/threads/{into}?lang={language_of(request)}")


routes = [
    Route("/desk/threads", listing, methods=["GET"]),
    Route("/desk/announce", announce, methods=["POST"]),
    Route("/desk/threads/{id}", thread_page, methods=["GET"]),
    Route("/desk/threads/{id}", decide, methods=["POST"]),
    Route("/desk/threads/{id}/merge", merge, methods=["POST"]),
    Route("/desk/threads/{id}/settle", settle, methods=["POST"]),
]
