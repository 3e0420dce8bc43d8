"""My page: badge, decisions about me, choices, mail. Only in a window of our own; `account_keys.py` has the ways to sign in."""

from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server import threads
from commentbox.server.accounts import actions, entering, mutes, profiles, queries
from commentbox.server.base import clock, i18n, limits, mailbox
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Forbidden, Refusal, Unauthenticated
from commentbox.server.base.work import begin
from commentbox.server.comments.latest import papers_of
from commentbox.server.gate.forms import form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import Viewer, own_window
from commentbox.server.moderation import noticing, statements
from commentbox.server.moderation.statements import Owner
from commentbox.server.notifications import bell, choices, letters
from commentbox.server.presenters import mine
from commentbox.server.presenters.news import NewsView, news_views, on_the_paper
from commentbox.server.presenters.safety import safety_of
from commentbox.server.presenters.statements import measure_title
from commentbox.server.presenters.thread import rule_text
from commentbox.server.sites import actions as sites
from commentbox.server.sites.rules import Policy
from commentbox.server.verification import recovery
from commentbox.server.verification.queries import verified_as, was_moved
from commentbox.server.verification.speaking import require_fresh
from commentbox.server.web.signin import MAILS_PER_HOUR, spend_mail
from commentbox.server.web.windows import Came, again, came_of, see_other, spoken, window


async def account_page(request: Request) -> Response:
    """Show everything that is kept about the account and what may be changed."""
    try:
        viewer = await own_window(request)
    except (Unauthenticated, Forbidden):
        came = came_of(query_of(request))
        return see_other(Came(site=came.site, next="/account", lang=came.lang).to("/signin"))
    return await window(request, "account.html", **await context_of(request, viewer))


async def context_of(request: Request, viewer: Viewer) -> dict[str, Any]:
    """Give what the page shows."""
    account_id, now = str(viewer.account_id), clock.now()
    assert viewer.speaker is not None, "the page is for somebody signed in"
    async with instance_of(request).db.read() as query:
        account = await queries.account(query, account_id)
        held = await verified_as(query, account_id, now=now)
        credentials = await actions.credentials_of(query, account_id)
        safety = safety_of(
            viewer.speaker,
            recovery=await recovery.latest(query, account_id),
            credentials=credentials,
            ends_at=held.expires_at if held else None,
            was_moved=await was_moved(query, account_id),
            now=now,
        )
        return {
            "speaker": viewer.speaker,
            "account": account,
            "name": account.name,
            "email": account.email or "",
            "held": held,
            "credentials": credentials,
            "safety": safety,
            "hours": instance_of(request).settings.recovery_hours,
            "statements": await _statements(query, account_id),
            "asked": await noticing.asked_of(query, Owner(account_id=account_id)),
            "rule_text": rule_text,
            "muted": await mutes.muted_people(query, account_id),
            "quiet_threads": await threads.muted_by(query, account_id),
            "mute_name": "",
            "spoken_on": await papers_of(query, account_id) if account.profile_id else (),
            "mine": await _mine(request, query, account_id),
            "is_author": any(grant.role == "author" for grant in viewer.grants),
            "news": await _news(request, query, account_id),
            "papers": [site for site in await sites.every(query) if Policy.model_validate(site.policy).has_login_page],
            "mail": await choices.mail_choice(query, account_id),
            "measure_title": measure_title,
            "saved": query_of(request).text("saved", limit=20),
            "code": None,
        }


async def _mine(request: Request, query: Query, account_id: str) -> mine.MyPage:
    with i18n.use(spoken(request)):
        return await mine.my_page(query, account_id)


async def _statements(query: Query, account_id: str) -> list[object]:
    return list(await statements.of_owner(query, Owner(account_id=account_id)))


async def _news(request: Request, query: Query, account_id: str) -> tuple[NewsView, ...]:
    rows = await bell.newest(query, account_id)
    with i18n.use(language_of(request)):
        return news_views(rows, partial(on_the_paper, origin=""))


async def save_choices(request: Request) -> Response:
    """Choose whom one hears from, and who may reply, mention or recommend. What is not sent stays as it was."""
    viewer = await own_window(request)
    form = await form_of(request)
    reach, show = form.optional("reach", limit=20), form.optional("show", limit=20)
    article_reach = form.optional("article_reach", limit=20)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        if reach:
            await actions.set_reach(work, str(viewer.account_id), reach)
        if show:
            await actions.set_show(work, str(viewer.account_id), show)
        if article_reach and any(grant.role == "author" for grant in viewer.grants):
            own = None if article_reach == "same" else article_reach
            await actions.set_article_reach(work, str(viewer.account_id), own)
    came = came_of(form)
    return see_other(came.onward) if came.challenge or came.next else saved(request, "choices", "choices")


async def save_profile(request: Request) -> Response:
    """Switch one's public profile on or off."""
    viewer = await own_window(request)
    on = (await form_of(request)).choice("on", ("1", "0")) == "1"
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await profiles.switch(work, str(viewer.account_id), on=on)
    return saved(request, "profile", "profile")


async def save_email(request: Request) -> Response:
    """Set or forget the mail address; a new one gets a link to confirm it. Needs a fresh passkey: mail may be a way in."""
    viewer = await own_window(request)
    form = await form_of(request)
    email = form.text("email", limit=mailbox.LONGEST)
    try:
        require_fresh(viewer.speaker, now=clock.now())
        await _save_email(request, str(viewer.account_id), email)
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal, email=email)
    return saved(request, "email", "mail")


async def _save_email(request: Request, account_id: str, email: str) -> None:
    email = mailbox.check(email)
    async with begin(instance_of(request).db, actor=account_id) as work:
        await actions.set_email(work, account_id, email or None, lang=language_of(request))
        if email:
            await limits.spend(work, "mail-from", account_id, at_most=MAILS_PER_HOUR, minutes=60)
            await spend_mail(request, work, email)
            letters.ask(work, "confirm", account_id, lang=language_of(request))


async def rename(request: Request) -> Response:
    """Take another name; a Verified name becomes Verified person by it."""
    viewer = await own_window(request)
    form = await form_of(request)
    name = form.text("name", limit=200)
    try:
        await entering.rename(instance_of(request).db, str(viewer.account_id), name)
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal, name=name)
    return saved(request, "name", "name")


async def sign_out_everywhere(request: Request) -> Response:
    """End every session of the account, this one too."""
    viewer = await own_window(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.close_all_sessions(work, str(viewer.account_id))
    return see_other(Came(lang=language_of(request)).to("/signin"))


def saved(request: Request, what: str, section: str) -> Response:
    """Go back to the page, which then says what was saved, in the language it spoke before."""
    return see_other(f"/account?saved={what}&lang={language_of(request)}#{section}")


async def shown_again(request: Request, viewer: Viewer, refusal: Refusal, **written: str) -> Response:
    """Give the page with what went wrong on top."""
    context = await context_of(request, viewer) | written
    return await again(request, "account.html", refusal, came=came_of(query_of(request)), **context)


routes = [
    Route("/account", account_page, methods=["GET"]),
    Route("/account/choices", save_choices, methods=["POST"]),
    Route("/account/profile", save_profile, methods=["POST"]),
    Route("/account/email", save_email, methods=["POST"]),
    Route("/account/name", rename, methods=["POST"]),
    Route("/account/signout", sign_out_everywhere, methods=["POST"]),
]
