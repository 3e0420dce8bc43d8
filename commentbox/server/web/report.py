"""Reporting a comment, in a window of our own; no account needed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import reports
from commentbox.server.base import limits
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, Fields, form_of, path_id, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import is_fragment
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.presenters import reading
from commentbox.server.web.windows import Came, again, came_of, window

REPORTS_PER_HOUR = 20
"""For one address: more than anybody needs in good faith."""


async def report_page(request: Request) -> Response:
    """Show the comment and the reasons to choose from."""
    fields = query_of(request)
    comment_id = fields.needed("comment", limit=40)
    return await window(request, "report.html", **await _context(request, comment_id))


async def report(request: Request) -> Response:
    """Put a comment before the moderators; one person counts once, and the comment stays as it is."""
    form = await form_of(request)
    comment_id = path_id(request)
    try:
        await _report(request, form, comment_id)
    except Refusal as refusal:
        if is_fragment(request):
            raise
        typed = {"reason": form.text("reason", limit=40), "text": form.text("text", limit=TEXT_FIELD_LENGTH)}
        context = await _context(request, comment_id) | typed
        return await again(request, "report.html", refusal, came=came_of(form), **context)
    came = came_of(form)
    return await window(request, "reported.html", came=Came(lang=came.lang), comment_id=comment_id)


async def _report(request: Request, form: Fields, comment_id: str) -> None:
    viewer, address = await viewer_of(request), address_mac(request)
    complaint = reports.Complaint(
        reason=form.needed("reason", limit=40),
        text=form.text("text", limit=TEXT_FIELD_LENGTH).strip(),
        by=address,
        account_id=viewer.account_id,
        tier=viewer.tier,
        session_site_id=viewer.speaker.site_id if viewer.speaker else None,
    )
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await limits.spend(work, "report", address, at_most=REPORTS_PER_HOUR, minutes=60)
        await reports.report(work, comment_id, complaint)


async def _context(request: Request, comment_id: str) -> dict[str, object]:
    async with instance_of(request).db.read() as query:
        comment = await reading.public_comment(query, comment_id)
    return {"comment": comment, "reasons": reports.REASONS, "reason": "", "text": ""}


routes = [
    Route("/report", report_page, methods=["GET"]),
    Route("/comments/{id}/report", report, methods=["POST"]),
]
