"""Notices of illegal content and complaints by people spoken about, without an account; and what became of them.

A code is typed into a form and stands in no address. The link in a mail is signed and names a number only.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import contacts, related, reports
from commentbox.server.base import clock, i18n, limits
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Invalid, NotFound, Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.forms import Fields, form_of, path_id, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.notices import actions, queries
from commentbox.server.notices.rules import Claims
from commentbox.server.notifications import answers
from commentbox.server.presenters.outcomes import OutcomeView, complain_until, notice_outcome, report_outcome
from commentbox.server.web.report import report_context
from commentbox.server.web.windows import Came, again, came_of, window

NOTICES_PER_HOUR = 10
"""For one address: an organisation that sends more has a code of its own."""
CODES_PER_HOUR = 30
TEXT = 12_000
"""Longer than any field here, so that one too long comes back with a sentence and is not lost."""
KINDS = ("illegal", "about_me")


async def send(request: Request) -> Response:
    """Take a notice, and say at once that it was received; the comment stays as it is."""
    form, comment_id = await form_of(request), path_id(request)
    typed = _typed(form)
    try:
        sent = await _send(request, form, comment_id, _claims(form, typed))
    except Refusal as refusal:
        context = await report_context(request, comment_id) | typed | {"opened": form.choice("kind", KINDS)}
        return await again(request, "report.html", refusal, came=came_of(form), **context)
    with i18n.use(language_of(request)):
        due = i18n.moment_text(sent.due_at)
    came = Came(lang=came_of(form).lang)
    return await window(
        request, "received.html", came=came, comment_id=comment_id, number=sent.id, code=sent.code, due=due
    )


def _typed(form: Fields) -> dict[str, Any]:
    short = ("law", "name", "email", "offence", "flagger")
    typed: dict[str, Any] = {name: form.text(name, limit=400) for name in short}
    typed |= {name: form.text(name, limit=TEXT) for name in ("why", "untrue", "related")}
    return typed | {name: form.choice(name, ("", "yes")) == "yes" for name in ("urgent", "faith")}


def _claims(form: Fields, typed: dict[str, Any]) -> Claims:
    kind = form.choice("kind", KINDS)
    return Claims(
        kind=kind,
        offence=typed["offence"] if kind == "illegal" else "defamation",
        why=typed["why"],
        law=typed["law"],
        untrue=typed["untrue"],
        name=typed["name"],
        email=typed["email"],
        in_good_faith=typed["faith"],
        is_urgent=typed["urgent"],
    )


async def _send(request: Request, form: Fields, comment_id: str, claims: Claims) -> actions.Sent:
    instance, address = instance_of(request), address_mac(request)
    email = contacts.check(claims.name, claims.email)[1]
    sender = actions.Sender(
        address=address,
        notifier=instance.keyring.mac("notifier", email) if email else None,
        flagger_code=form.text("flagger", limit=60).strip(),
        lang=language_of(request),
    )
    async with begin(instance.db) as work:
        await limits.spend(work, "notice", address, at_most=NOTICES_PER_HOUR, minutes=60)
        others = await related.ids_in(work.q, form.text("related", limit=related.TEXT_LENGTH), beside=comment_id)
        return await actions.send(work, comment_id, claims, sender=sender, related=others)


async def ask(request: Request) -> Response:
    """Ask for the code that came with the receipt."""
    return await window(request, "outcome_code.html", code="")


async def by_code(request: Request) -> Response:
    """Show what became of a report or notice to whoever has its code."""
    form = await form_of(request)
    code = form.text("code", limit=60)
    try:
        contact_id = await _by_code(request, code)
        return await _show(request, contact_id, came_of(form), code=code)
    except Refusal as refusal:
        return await again(request, "outcome_code.html", refusal, came=came_of(form), code=code)


async def by_link(request: Request) -> Response:
    """Show the same to whoever has the link from our mail."""
    token = str(request.path_params["token"])
    return await _show(request, _by_link(request, token), came_of(query_of(request)), token=token)


async def complain(request: Request) -> Response:
    """Object to a refusal; somebody else hears it. What was typed stays on the page if it cannot be taken."""
    form = await form_of(request)
    code, token, text = form.text("code", limit=60), form.text("token", limit=400), form.text("text", limit=TEXT)
    contact_id = _by_link(request, token) if token else await _by_code(request, code)
    shown: dict[str, Any] = {"code": code, "token": token}
    try:
        async with begin(instance_of(request).db) as work:
            row = await queries.with_context(work.q, contact_id)
            if row is None or row.decided_at is None:
                raise NotFound("notice.unknown")
            await actions.complain(work, contact_id, text=text, until=complain_until(row))
    except NotFound:
        raise
    except Refusal as refusal:
        return await _show(request, contact_id, came_of(form), problem=refusal, typed=text, **shown)
    return await _show(request, contact_id, came_of(form), **shown)


async def _by_code(request: Request, code: str) -> str:
    """Give what a code stands for, so many tries an hour. Refuses `input.missing` and `notice.code_unknown`."""
    if not code.strip():
        raise Invalid("input.missing", field="code")
    async with begin(instance_of(request).db) as work:
        await limits.spend(work, "outcome.code", address_mac(request), at_most=CODES_PER_HOUR, minutes=60)
        found = await contacts.id_by_code(work.q, code)
    if found is None:
        raise NotFound("notice.code_unknown")
    return found


def _by_link(request: Request, token: str) -> str:
    """Give what a mailed link stands for. Refuses `notice.unknown`."""
    try:
        return str(instance_of(request).keyring.unsign(answers.LINK, token))
    except Invalid:
        raise NotFound("notice.unknown") from None


async def _show(
    request: Request, contact_id: str, came: Came, *, problem: Refusal | None = None, **shown: Any
) -> Response:
    async with instance_of(request).db.read() as query:
        with i18n.use(i18n.best(came.lang, language_of(request))):
            view = await _outcome(query, contact_id)
    context: dict[str, Any] = {"outcome": view, "code": "", "token": "", "typed": ""} | shown
    if problem is not None:
        return await again(request, "outcome.html", problem, came=came, **context)
    return await window(request, "outcome.html", came=came, **context)


async def _outcome(query: Query, contact_id: str) -> OutcomeView:
    notice = await queries.with_context(query, contact_id)
    if notice is not None:
        return notice_outcome(notice, await queries.complaint_against(query, notice.id), now=clock.now())
    report = await reports.with_context(query, contact_id)
    if report is None:
        raise NotFound("notice.code_unknown")
    return report_outcome(report)


routes = [
    Route("/comments/{id}/notice", send, methods=["POST"]),
    Route("/outcome", ask, methods=["GET"]),
    Route("/outcome", by_code, methods=["POST"]),
    Route("/outcome/complain", complain, methods=["POST"]),
    Route("/told/{token}", by_link, methods=["GET"]),
]
