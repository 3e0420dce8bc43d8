"""Several cases at once: select in the queue, look at all of them with one reason, decide, and see what became of each."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base.errors import Invalid, Refusal
from commentbox.server.gate.forms import Fields, form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import wants_json
from commentbox.server.moderation import bulk, rules
from commentbox.server.notices.actions import Told
from commentbox.server.presenters.badges import badge_of
from commentbox.server.presenters.desk_verdict import Typed, house_rules, laws
from commentbox.server.presenters.reasons import policy_of
from commentbox.server.web.desk import Desk, desk_of, page, sentence_of

ACTIONS = ("", "approve", "remove")
TEXT = 6000
TOKEN = 60


async def preview(request: Request) -> Response:
    """Show what was selected, each as it stands, with the one reason that will be given for all."""
    form = await form_of(request)
    return await _show(request, await desk_of(request, form), form)


async def _show(request: Request, desk: Desk, form: Fields, *, problem: Refusal | None = None) -> Response:
    if problem is not None and wants_json(request):
        raise problem
    ids = [token.partition(".")[0] for token in form.several("case", at_most=bulk.AT_MOST, limit=TOKEN)]
    async with instance_of(request).db.read() as query:
        selected = await bulk.look(query, desk.seat, ids)
    typed = _typed(form)
    policy = policy_of(_site_of(desk).policy)
    return await page(
        request,
        desk,
        "bulk.html",
        name="bulk",
        status=problem.status if problem else 200,
        selected=lambda: [(each, badge_of(each.kind)) for each in selected],
        typed=typed,
        house_rules=lambda: house_rules(policy, typed),
        laws=lambda: laws(policy, typed),
        problem=sentence_of(request, problem) if problem else None,
    )


def _site_of(desk: Desk) -> Any:
    """Give the site whose house rules are offered: the one the queue is narrowed to, or the first of the seat."""
    return next((site for site in desk.sites if site.slug == desk.where.site), desk.sites[0])


def _typed(form: Fields) -> Typed:
    return Typed(
        action=form.choice("action", ACTIONS),
        ground=form.text("ground", limit=60),
        facts=form.text("facts", limit=TEXT),
        why=form.text("why", limit=TEXT),
        note=form.text("note", limit=TEXT),
        to_notifier=form.text("to_notifier", limit=TEXT),
    )


async def decide(request: Request) -> Response:
    """Decide about each, and say what became of it."""
    form = await form_of(request)
    desk = await desk_of(request, form)
    typed = _typed(form)
    tokens = form.several("case", at_most=bulk.AT_MOST, limit=TOKEN)
    reasons = rules.Reasons(typed.ground, typed.facts, typed.why)
    try:
        if not typed.action:
            raise Invalid("case.no_action")
        db = instance_of(request).db
        outcomes = await bulk.decide(
            db,
            desk.seat,
            tokens,
            action=typed.action,
            reasons=reasons,
            note=typed.note,
            told=Told(typed.to_notifier),
        )
    except Refusal as refusal:
        return await _show(request, desk, form, problem=refusal)
    said = [(each.selected, sentence_of(request, each.refusal) if each.refusal else None) for each in outcomes]
    return await page(request, desk, "bulk_done.html", name="bulk", outcomes=said)


routes = [
    Route("/desk/bulk", preview, methods=["POST"]),
    Route("/desk/bulk/decide", decide, methods=["POST"]),
]
