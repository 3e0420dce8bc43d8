"""The desk's queue: looking, narrowing, taking the next free case. Cases are in `desk_case`.

Only the staff cookie counts here, and what belongs to another site does not exist for its moderators.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from commentbox.server.accounts.rules import may
from commentbox.server.base import clock, i18n
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Refusal, Unauthenticated
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import Viewer, staff_of
from commentbox.server.moderation import notes, proposals, queue, rulings, seats, views
from commentbox.server.moderation.queue import QUEUES, Wanted
from commentbox.server.moderation.seats import Seat
from commentbox.server.moderation.waiting import Filters
from commentbox.server.presenters.desk import Shelf, Where, desk_view
from commentbox.server.presenters.desk_bar import bar_view
from commentbox.server.presenters.desk_case import CaseView
from commentbox.server.presenters.desk_toast import toast_view
from commentbox.server.threads import SECTION_LENGTH, sections_of
from commentbox.server.verification.providers.in_person import InPersonProvider
from commentbox.server.web.windows import see_other

DOOR = "/desk/signin"
DESK_PAGES = re.compile(r"/desk(?:[/?][\w./?=&%+-]*)?", re.ASCII)
"""Addresses of our own desk, as a form may name one to go on to."""
AGES = ("", "1", "24", "168")
"""Hours that a case has waited at least."""


@dataclass(frozen=True)
class Desk:
    """Somebody at the desk: who, their seat, their sites, and where in the queues they are."""

    viewer: Viewer
    seat: Seat
    sites: list[Any]
    where: Where

    @property
    def name(self) -> str:
        """Give the moderator's name."""
        return self.viewer.speaker.name if self.viewer.speaker else ""

    @property
    def sees_site(self) -> bool:
        """Say whether what a site decides is shown to this moderator, of any site."""
        return any(may(self.viewer.grants, "site.see", site.id) for site in self.sites)

    @property
    def wanted(self) -> Wanted:
        """Give the queue that is looked at. A site of others finds nothing, as a site that never was."""
        where = self.where
        site_id = next((site.id for site in self.sites if site.slug == where.site), "-") if where.site else None
        filters = Filters(
            site_id,
            where.tier or None,
            where.reason or None,
            thread_id=where.thread or None,
            section=where.section or None,
            rule=where.rule or None,
            hours=int(where.age) if where.age else None,
            among=frozenset(site.id for site in self.sites if site.lang == where.speaks) if where.speaks else None,
        )
        return Wanted(where.queue, filters, where.after or None)


def for_staff(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Send somebody who is not signed in to the desk's door instead of refusing a page they looked for."""

    @wraps(handler)
    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except Unauthenticated:
            if request.method != "GET":
                raise
            return see_other(DOOR)

    return guarded


async def desk_of(request: Request, fields: Fields) -> Desk:
    """Give who sits at the desk and where. Refuses `session.missing` and `desk.no_role`."""
    viewer = await staff_of(request)
    where = Where(
        queue=fields.choice("queue", QUEUES),
        site=fields.text("site", limit=60),
        tier=fields.choice("tier", ("", "verified", "unverified")),
        reason=fields.text("reason", limit=40),
        rule=fields.text("rule", limit=40),
        speaks=fields.text("speaks", limit=12),
        age=fields.choice("age", AGES),
        thread=fields.text("thread", limit=16),
        section=fields.text("section", limit=SECTION_LENGTH),
        after=fields.text("after", limit=400),
    )
    async with instance_of(request).db.read() as query:
        seat = await seats.take_seat(query, str(viewer.account_id), viewer.grants)
        return Desk(viewer, seat, await seats.sites_of(query, seat), where)


async def shelf_of(query: Query, desk: Desk) -> Shelf:
    """Read what the list side of the desk shows."""
    now = clock.now()
    return Shelf(
        account_id=desk.seat.account_id,
        sites=desk.sites,
        sections=await sections_of(query, desk.wanted.filters.sites(desk.seat)),
        views=await views.of(query, desk.seat.account_id),
        page=await queue.page(query, desk.seat, desk.wanted, now=now),
        counts=await counts_of(query, desk, now=now),
        now=now,
    )


async def counts_of(query: Query, desk: Desk, *, now: datetime) -> dict[str, int]:
    """Count what waits in every queue, and for confirmation."""
    counts = await queue.counts(query, desk.seat, filters=desk.wanted.filters, now=now)
    return counts | {"proposals": await proposals.count(query, desk.seat)}


async def show(
    request: Request, desk: Desk, *, case: Callable[[], CaseView] | None = None, status: int = 200
) -> Response:
    """Give the desk's page, with a case open or without. `case` is called in the language of the page."""
    instance, lang = instance_of(request), language_of(request)
    async with instance.db.read() as query:
        shelf = await shelf_of(query, desk)
        last = await rulings.last_of(query, desk.seat.account_id)
        handed = await notes.handed_to(query, desk.seat.account_id, now=clock.now())
    with i18n.use(lang):
        opened = case() if case else None
        view = desk_view(shelf, desk.where, open_case=opened.id if opened else None)
        bar = bar_view(desk.name, desk.where, shelf.counts, sees_site=desk.sees_site, handed=handed)
        toast = toast_view(last, shelf.now)
    in_person = any(isinstance(each, InPersonProvider) for each in instance.providers.values())
    html = instance.render.html(
        "desk/desk.html", lang=lang, desk=view, case=opened, bar=bar, toast=toast, in_person=in_person
    )
    return HTMLResponse(html, status_code=status)


async def page(
    request: Request, desk: Desk, template: str, *, name: str = "", status: int = 200, **context: Any
) -> Response:
    """Give a page of the desk beside the queues; `name` is its place in the bar. Callables are called in its language."""
    instance, lang = instance_of(request), language_of(request)
    now = clock.now()
    async with instance.db.read() as query:
        counts = await counts_of(query, desk, now=now)
        last = await rulings.last_of(query, desk.seat.account_id)
        handed = await notes.handed_to(query, desk.seat.account_id, now=clock.now())
    with i18n.use(lang):
        bar = bar_view(desk.name, desk.where, counts, page=name, sees_site=desk.sees_site, handed=handed)
        toast = toast_view(last, now)
        shown = {key: value() if callable(value) else value for key, value in context.items()}
    return HTMLResponse(
        instance.render.html(f"desk/{template}", lang=lang, bar=bar, toast=toast, **shown), status_code=status
    )


def sentence_of(request: Request, refusal: Refusal) -> str:
    """Say a refusal in the language of the page."""
    with i18n.use(language_of(request)):
        return sentence(refusal.code, status=refusal.status, data=refusal.data)


@for_staff
async def desk_page(request: Request) -> Response:
    """Show a queue: the one asked for, or the first in which something waits."""
    fields = query_of(request)
    desk = await desk_of(request, fields)
    if not fields.text("queue", limit=20):
        desk = await _where_something_waits(request, desk)
    return await show(request, desk)


async def _where_something_waits(request: Request, desk: Desk) -> Desk:
    async with instance_of(request).db.read() as query:
        counts = await queue.counts(query, desk.seat, filters=desk.wanted.filters, now=clock.now())
    first = next((each for each in ("notices", "reported", "held", "appeals") if counts[each]), "reported")
    return Desk(desk.viewer, desk.seat, desk.sites, Where(queue=first, site=desk.where.site, tier=desk.where.tier))


async def take_next(request: Request) -> Response:
    """Claim the next free case of the queue and open it; the queue itself where nothing is free."""
    desk = await desk_of(request, await form_of(request))
    return see_other(await next_case(request, desk))


async def next_case(request: Request, desk: Desk) -> str:
    """Claim what comes next for this moderator and give its address."""
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        case_id = await queue.take_next(work, desk.seat, desk.wanted)
    return desk.where.case(case_id) if case_id else desk.where.to()


routes = [
    Route("/desk", desk_page, methods=["GET"]),
    Route("/desk/next", take_next, methods=["POST"]),
]
