"""Writing: post, edit, withdraw, recommend. Plain forms that work without scripts; htmx gets a fragment.

Answers to htmx carry `HX-Trigger` with `cb:posted`, `cb:edited`, `cb:withdrawn` or `cb:recommended`; without scripts the
reader is sent back to the top-level thread page.
"""

import json
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from commentbox.server import votes
from commentbox.server.base import limits
from commentbox.server.base.errors import Refusal, Unauthenticated
from commentbox.server.base.work import begin
from commentbox.server.comments import posting
from commentbox.server.comments.again import Posted
from commentbox.server.comments.posting import Outcome, Submission, Writer
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.asking import look_of
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, Fields, form_of, path_id
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import answer, is_fragment, wants_json
from commentbox.server.gate.viewer import viewer_of
from commentbox.server.threads import ArticleRef
from commentbox.server.web import thread_page
from commentbox.server.web.windows import see_other

VOTES_PER_HOUR = 300
CARRIED = ("site", "url", "article_id", "show", "sort", "lang", "theme")


async def post(request: Request) -> Response:
    """Post a comment or a reply."""
    form = await form_of(request)
    instance = instance_of(request)
    try:
        carried, submission = carried_of(form), _submission(form)
        writer = await _writer(request, form)
        outcome = await posting.submit(
            instance.db, instance.keyring, writer, submission, our_origin=instance.settings.origin
        )
    except Refusal as refusal:
        return await _refused(request, form, refusal)
    instance.cache.touch(outcome.posted.thread_id)
    return await _posted(request, form, outcome, carried=carried)


async def opens(request: Request) -> Response:
    """Say, when somebody begins to write where nobody has yet, whether comments open there. Only scripts ask for this."""
    form, instance = await form_of(request), instance_of(request)
    look_of(form)
    begun = Submission(slug=form.needed("site", limit=60), ref=ref_of(form), text="")
    asker, ours = address_mac(request), instance.settings.origin
    await posting.may_begin(instance.db, instance.keyring, asker, begun, our_origin=ours)
    return Response(status_code=204)


async def edit(request: Request) -> Response:
    """Replace the text of one's own comment."""
    form = await form_of(request)
    comment_id = path_id(request)
    instance = instance_of(request)
    try:
        carried, writer = carried_of(form), await _writer(request, form)
        posted = await posting.revise(instance.db, writer, comment_id, form.text("text", limit=TEXT_FIELD_LENGTH))
    except Refusal as refusal:
        return await _refused(request, form, refusal)
    return _done(request, carried, "edited", posted)


async def withdraw(request: Request) -> Response:
    """Take back one's own comment."""
    form = await form_of(request)
    carried, writer = carried_of(form), await _writer(request, form)
    posted = await posting.withdraw(instance_of(request).db, writer, path_id(request))
    return _done(request, carried, "withdrawn", posted)


async def recommend(request: Request) -> Response:
    """Recommend a comment, or take that back."""
    form = await form_of(request)
    comment_id, carried = path_id(request), carried_of(form)
    viewer = await viewer_of(request)
    if viewer.speaker is None:
        raise Unauthenticated("session.missing")
    speaker = viewer.speaker
    voter = votes.Voter(speaker.account_id, speaker.tier, speaker.attestation_id, site_id=speaker.site_id)
    on = form.choice("on", ("1", "0")) == "1"
    instance = instance_of(request)
    async with begin(instance.db, actor=speaker.account_id) as work:
        await limits.spend(work, "vote", speaker.account_id, at_most=VOTES_PER_HOUR, minutes=60)
        tally = await votes.recommend(work, voter, comment_id, on=on)
    instance.cache.touch(tally.thread_id)
    facts = {"id": comment_id, "all": tally.recommends_all, "verified": tally.recommends_verified, "mine": tally.mine}
    if is_fragment(request):
        return triggering(Response(status_code=204), "recommended", facts)
    return see_other(back_to(carried, comment_id))


def _submission(form: Fields) -> Submission:
    return Submission(
        slug=form.needed("site", limit=60),
        ref=ref_of(form),
        text=form.text("text", limit=TEXT_FIELD_LENGTH),
        parent_id=form.optional("parent", limit=20),
        key=form.optional("key", limit=100),
    )


def ref_of(fields: Fields) -> ArticleRef:
    """Read which article is meant. Refuses `article.…`."""
    return ArticleRef(
        article_id=fields.optional("article_id", limit=1000),
        url=fields.optional("url", limit=8000),
        sig=fields.optional("sig", limit=100),
    )


async def _writer(request: Request, form: Fields) -> Writer:
    viewer = await viewer_of(request)
    return Writer(
        address=address_mac(request),
        speaker=viewer.speaker,
        grants=viewer.grants,
        guest_name=form.text("name", limit=200).strip(),
        guest_code=form.text("guest_code", limit=100).strip(),
        as_guest=form.text("as", limit=20) == "guest",
    )


async def _posted(request: Request, form: Fields, outcome: Outcome, *, carried: dict[str, str]) -> Response:
    """Answer with the composer, emptied, and the own comment where it waits; a guest sees the code this once."""
    posted = outcome.posted
    if outcome.guest_code is None and not is_fragment(request):
        return see_other(back_to(carried, posted.id))
    body = await thread_page.after_posting(request, form, outcome)
    response = HTMLResponse(body, status_code=200)
    return triggering(response, "posted", _facts(posted))


async def _refused(request: Request, form: Fields, refusal: Refusal) -> Response:
    """Answer so that the text stays: htmx leaves the form alone, and without scripts the page comes back with it."""
    if is_fragment(request) or wants_json(request):
        return answer(request, refusal.code, status=refusal.status, data=refusal.data)
    return await thread_page.with_refusal(request, form, refusal)


def _done(request: Request, carried: dict[str, str], what: str, posted: Posted) -> Response:
    instance_of(request).cache.touch(posted.thread_id)
    if is_fragment(request):
        return triggering(Response(status_code=204), what, _facts(posted))
    return see_other(back_to(carried, posted.id))


def _facts(posted: Posted) -> dict[str, Any]:
    return {"id": posted.id, "state": posted.state, "rule": posted.rule}


def triggering(response: Response, what: str, facts: dict[str, Any]) -> Response:
    """Give a response that tells the page's scripts what was done."""
    response.headers["hx-trigger"] = json.dumps({f"cb:{what}": facts})
    return response


def carried_of(form: Fields) -> dict[str, str]:
    """Read where the reader goes back to. Read before anything is written, because what is refused has done nothing."""
    look_of(form)
    return {name: value for name in CARRIED if (value := form.text(name, limit=8000))}


def back_to(carried: dict[str, str], comment_id: str) -> str:
    """Give where somebody without scripts goes afterwards: the comment in its place."""
    return f"/thread?{urlencode(carried)}#c-{comment_id}" if "site" in carried else f"/c/{comment_id}"


routes = [
    Route("/comments", post, methods=["POST"]),
    Route("/embed/opens", opens, methods=["POST"]),
    Route("/comments/{id}/edit", edit, methods=["POST"]),
    Route("/comments/{id}/withdraw", withdraw, methods=["POST"]),
    Route("/comments/{id}/recommend", recommend, methods=["POST"]),
]
