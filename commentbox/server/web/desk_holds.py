"""Legal holds at the desk, by admins: one comment is kept past its erasure until a day."""

from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base.errors import Invalid, NotFound, Refusal
from commentbox.server.base.ids import looks_like_id
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.viewer import require
from commentbox.server.moderation import holding, seats
from commentbox.server.web.desk import Desk, desk_of
from commentbox.server.web.desk_case import show_case
from commentbox.server.web.windows import see_other

REASON = 2000


async def place(request: Request) -> Response:
    """Hold the comment of a case; what was typed stays on the page if it cannot be."""
    form = await form_of(request)
    desk, case_id = await _admin(request, form)
    try:
        until = _day(form.needed("until", limit=10))
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            await holding.place(work, desk.seat, case_id, reason=form.text("why_held", limit=REASON), until=until)
    except NotFound:
        raise
    except Refusal as refusal:
        return await show_case(request, desk, problem=refusal)
    return see_other(desk.where.case(case_id))


async def end(request: Request) -> Response:
    """End the hold on the comment of a case."""
    form = await form_of(request)
    desk, case_id = await _admin(request, form)
    async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
        await holding.end(work, desk.seat, case_id)
    return see_other(desk.where.case(case_id))


async def _admin(request: Request, form: Fields) -> tuple[Desk, str]:
    desk, case_id = await desk_of(request, form), str(request.path_params["id"])
    if not looks_like_id(case_id):
        raise NotFound("case.unknown")
    async with instance_of(request).db.read() as query:
        comment = await seats.comment_for_desk(query, desk.seat, case_id)
    require(desk.viewer, "desk.admin", comment.site_id)
    return desk, case_id


def _day(text: str) -> datetime:
    """Give the end of a day as 2026-11-22. Refuses `input.invalid`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid("input.invalid", field="until") from None
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


routes = [
    Route("/desk/case/{id}/legal-hold", place, methods=["POST"]),
    Route("/desk/case/{id}/legal-hold/end", end, methods=["POST"]),
]
