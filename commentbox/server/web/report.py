"""Reporting a comment, in a window of our own; no account needed."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import related, reports
from commentbox.server.base import i18n, limits, mailbox
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.comments import queries as comments
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, Fields, form_of, path_id, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import is_fragment, language_of
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.presenters import reading
from commentbox.server.presenters.outcomes import offence_choices
from commentbox.server.web.windows import Came, again, came_of, window

REPORTS_PER_HOUR = 20
"""For one address: more than anybody needs in good faith."""


async def report_page(request: Request) -> Response:
    """Show the comment and the reasons to choose from."""
    fields = query_of(request)
    comment_id = fields.needed("comment", limit=40)
    return await window(request, "report.html", **await report_context(request, comment_id))


async def report(request: Request) -> Response:
    """Put a comment before the moderators; one person counts once, and the comment stays as it is."""
    form = await form_of(request)
    comment_id = path_id(request)
    try:
        code = await _report(request, form, comment_id)
    except Refusal as refusal:
        if is_fragment(request):
            raise
        context = await report_context(request, comment_id) | _typed(form)
        return await again(request, "report.html", refusal, came=came_of(form), **context)
    came = came_of(form)
    return await window(request, "reported.html", came=Came(lang=came.lang), comment_id=comment_id, code=code)


def _typed(form: Fields) -> dict[str, str]:
    limits_of = {"reason": 40, "text": TEXT_FIELD_LENGTH, "related": TEXT_FIELD_LENGTH, "email": 400}
    return {name: form.text(name, limit=limit) for name, limit in limits_of.items()}


async def _report(request: Request, form: Fields, comment_id: str) -> str | None:
    viewer, address = await viewer_of(request), address_mac(request)
    complaint = reports.Complaint(
        reason=form.needed("reason", limit=40),
        text=form.text("text", limit=TEXT_FIELD_LENGTH).strip(),
        by=address,
        account_id=viewer.account_id,
        tier=viewer.tier,
        session_site_id=viewer.speaker.site_id if viewer.speaker else None,
        email=mailbox.check(form.text("email", limit=mailbox.LONGEST)),
        lang=language_of(request),
    )
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await limits.spend(work, "report", address, at_most=REPORTS_PER_HOUR, minutes=60)
        others = await related.ids_in(work.q, form.text("related", limit=related.TEXT_LENGTH), beside=comment_id)
        return await reports.report(work, comment_id, replace(complaint, related=tuple(others)))


_EMPTY = ("reason", "text", "related", "email", "offence", "law", "why", "untrue", "name", "flagger", "opened")


async def report_context(request: Request, comment_id: str) -> dict[str, Any]:
    """Give what the page with the three forms shows, with nothing typed yet."""
    async with instance_of(request).db.read() as query:
        comment = await reading.public_comment(query, comment_id)
        place = await comments.place_of(query, comment_id)
    with i18n.use(i18n.best(query_of(request).text("lang", limit=12), language_of(request))):
        choices = offence_choices()
    where = {"comment": comment, "where": f"{place.url}#cb-comment-{comment_id}"}
    known = {"reasons": reports.OFFERED, "offences": choices, "urgent": False, "faith": False}
    return where | known | dict.fromkeys(_EMPTY, "")


routes = [
    Route("/report", report_page, methods=["GET"]),
    Route("/comments/{id}/report", report, methods=["POST"]),
]
