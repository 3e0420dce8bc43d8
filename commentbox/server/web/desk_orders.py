"""Orders of authorities at the desk: entering one, and what to answer. For those who decide on the comment's site."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.moderation import seats
from commentbox.server.notices import orders
from commentbox.server.notices.orders import Order
from commentbox.server.presenters.desk_orders import order_view
from commentbox.server.presenters.outcomes import offence_choices
from commentbox.server.web.desk import Desk, desk_of, for_staff, page, sentence_of
from commentbox.server.web.windows import see_other

TEXT = 12_000
FIELDS = ("item", "authority", "reference", "offence", "law", "territory", "why")


@for_staff
async def orders_page(request: Request) -> Response:
    """Show the orders of the sites one moderates as a whole, and the form for another."""
    return await _show(request, await desk_of(request, query_of(request)))


async def _show(
    request: Request, desk: Desk, *, typed: Mapping[str, str] | None = None, problem: Refusal | None = None
) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    async with instance_of(request).db.read() as query:
        rows = await orders.of(query, desk.seat.whole_ids)
    origin = instance_of(request).settings.origin
    deciding = desk.seat.whole_ids - desk.seat.reading - desk.seat.learning
    return await page(
        request,
        desk,
        "orders.html",
        name="orders",
        status=problem.status if problem else 200,
        orders=lambda: [order_view(row, origin=origin) for row in rows],
        offences=offence_choices,
        may_enter=bool(deciding),
        typed=typed or dict.fromkeys(FIELDS, ""),
        problem=sentence_of(request, problem) if problem else None,
    )


async def enter(request: Request) -> Response:
    """Take an order about a comment, named by its id or a link to it."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    typed = {name: form.text(name, limit=TEXT) for name in FIELDS}
    try:
        for name in ("item", "offence"):
            form.needed(name, limit=TEXT)
        async with begin(instance_of(request).db, actor=desk.seat.account_id) as work:
            comment = await seats.comment_for_desk(work.q, desk.seat, _item(form))
            seats.check_decides(desk.seat, comment.site_id)
            seats.check_whole(desk.seat, comment.site_id)
            await orders.enter(work, comment, Order(**{name: typed[name] for name in FIELDS if name != "item"}))
    except Refusal as refusal:
        return await _show(request, desk, typed=typed, problem=refusal)
    return see_other("/desk/orders")


def _item(form: Fields) -> str:
    """Give the id at the end of a link, or the id itself."""
    return form.text("item", limit=TEXT).strip().rstrip("/").rpartition("/")[2].rpartition("-")[2][:16]


routes = [
    Route("/desk/orders", orders_page, methods=["GET"]),
    Route("/desk/orders", enter, methods=["POST"]),
]
