"""My page: badge, decisions about me, choices, ways to sign in, mail. Only in a window of our own."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import actions, entering, queries
from commentbox.server.base import clock, limits, mailbox
from commentbox.server.base.db import Query
from commentbox.server.base.errors import Forbidden, Refusal, Unauthenticated
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import Viewer, own_window
from commentbox.server.moderation import noticing, statements
from commentbox.server.moderation.statements import Owner
from commentbox.server.notifications import letters
from commentbox.server.presenters.statements import measure_title
from commentbox.server.presenters.thread import rule_text
from commentbox.server.verification.queries import verified_as
from commentbox.server.web.signin import MAILS_PER_HOUR, credential_of, spend_mail
from commentbox.server.web.windows import Came, again, came_of, party_of, see_other, window


async def account_page(request: Request) -> Response:
    """Show everything that is kept about the account and what may be changed."""
    try:
        viewer = await own_window(request)
    except (Unauthenticated, Forbidden):
        came = came_of(query_of(request))
        return see_other(Came(site=came.site, next="/account", lang=came.lang).to("/signin"))
    return await window(request, "account.html", **await _context(request, viewer))


async def _context(request: Request, viewer: Viewer) -> dict[str, object]:
    account_id = str(viewer.account_id)
    async with instance_of(request).db.read() as query:
        account = await queries.account(query, account_id)
        return {
            "speaker": viewer.speaker,
            "account": account,
            "name": account.name,
            "email": account.email or "",
            "held": await verified_as(query, account_id, now=clock.now()),
            "credentials": await actions.credentials_of(query, account_id),
            "statements": await _statements(query, account_id),
            "asked": await noticing.asked_of(query, Owner(account_id=account_id)),
            "rule_text": rule_text,
            "measure_title": measure_title,
            "saved": query_of(request).text("saved", limit=20),
            "code": None,
        }


async def _statements(query: Query, account_id: str) -> list[object]:
    return list(await statements.of_owner(query, Owner(account_id=account_id)))


async def save_choices(request: Request) -> Response:
    """Choose whom one hears from, and who may reply, mention or recommend."""
    viewer = await own_window(request)
    form = await form_of(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.set_reach(work, str(viewer.account_id), form.needed("reach", limit=20))
        await actions.set_show(work, str(viewer.account_id), form.optional("show", limit=20))
    return _saved(request, "choices", "choices")


async def save_email(request: Request) -> Response:
    """Set or forget the mail address; a new one gets a link to confirm it. Needs a fresh passkey: mail may be a way in."""
    viewer = await own_window(request)
    form = await form_of(request)
    email = form.text("email", limit=mailbox.LONGEST)
    try:
        actions.check_fresh(viewer.speaker and viewer.speaker.fresh_at, clock.now())
        await _save_email(request, str(viewer.account_id), email)
    except Refusal as refusal:
        return await _again(request, viewer, refusal, email=email)
    return _saved(request, "email", "mail")


async def _save_email(request: Request, account_id: str, email: str) -> None:
    email = mailbox.check(email)
    async with begin(instance_of(request).db, actor=account_id) as work:
        await actions.set_email(work, account_id, email or None)
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
        return await _again(request, viewer, refusal, name=name)
    return _saved(request, "name", "name")


async def passkey_options(request: Request) -> Response:
    """Say what passkey to make in addition."""
    viewer = await own_window(request)
    db = instance_of(request).db
    return JSONResponse(await entering.begin_adding(db, party_of(request), str(viewer.account_id)))


async def add_passkey(request: Request) -> Response:
    """Add one more passkey. Needs one used lately, so that a session left open cannot be turned into a key."""
    viewer = await own_window(request)
    form = await form_of(request)
    try:
        actions.check_fresh(viewer.speaker and viewer.speaker.fresh_at, clock.now())
        await entering.add_passkey(
            instance_of(request).db,
            party_of(request),
            str(viewer.account_id),
            credential=credential_of(form),
            label=form.text("label", limit=60),
        )
    except Refusal as refusal:
        return await _again(request, viewer, refusal)
    return _saved(request, "passkey", "keys")


async def prove_options(request: Request) -> Response:
    """Say what passkey to answer with: one of this account's."""
    viewer = await own_window(request)
    return JSONResponse(await entering.begin_sign_in(instance_of(request).db, party_of(request), viewer.account_id))


async def prove(request: Request) -> Response:
    """Use the passkey again, so that the next minutes count as fresh and this window speaks as verified."""
    viewer = await own_window(request)
    form = await form_of(request)
    try:
        await entering.prove(
            instance_of(request).db,
            party_of(request),
            account_id=str(viewer.account_id),
            session_id=viewer.speaker.session_id if viewer.speaker else "",
            credential=credential_of(form),
        )
    except Refusal as refusal:
        return await _again(request, viewer, refusal)
    following = came_of(form).next
    return see_other(following) if following else _saved(request, "fresh", "keys")


async def remove_credential(request: Request) -> Response:
    """Take away one way to sign in."""
    viewer = await own_window(request)
    form = await form_of(request)
    try:
        actions.check_fresh(viewer.speaker and viewer.speaker.fresh_at, clock.now())
        async with begin(instance_of(request).db, actor=viewer.account_id) as work:
            await actions.remove_credential(work, str(viewer.account_id), form.needed("credential", limit=20))
    except Refusal as refusal:
        return await _again(request, viewer, refusal)
    return _saved(request, "removed", "keys")


async def new_code(request: Request) -> Response:
    """Make a new printed code and show it this once; the old one stops working."""
    viewer = await own_window(request)
    await form_of(request)
    try:
        actions.check_fresh(viewer.speaker and viewer.speaker.fresh_at, clock.now())
    except Refusal as refusal:
        return await _again(request, viewer, refusal)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        code = await actions.new_recovery_code(work, str(viewer.account_id))
    return await window(request, "account.html", **{**await _context(request, viewer), "code": code})


async def sign_out_everywhere(request: Request) -> Response:
    """End every session of the account, this one too."""
    viewer = await own_window(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.close_all_sessions(work, str(viewer.account_id))
    return see_other(Came(lang=language_of(request)).to("/signin"))


def _saved(request: Request, what: str, section: str) -> Response:
    """Go back to the page, which then says what was saved, in the language it spoke before."""
    return see_other(f"/account?saved={what}&lang={language_of(request)}#{section}")


async def _again(request: Request, viewer: Viewer, refusal: Refusal, **written: str) -> Response:
    context = await _context(request, viewer) | written
    return await again(request, "account.html", refusal, came=came_of(query_of(request)), **context)


routes = [
    Route("/account", account_page, methods=["GET"]),
    Route("/account/choices", save_choices, methods=["POST"]),
    Route("/account/email", save_email, methods=["POST"]),
    Route("/account/name", rename, methods=["POST"]),
    Route("/account/passkey/options", passkey_options, methods=["POST"]),
    Route("/account/passkey", add_passkey, methods=["POST"]),
    Route("/account/prove/options", prove_options, methods=["POST"]),
    Route("/account/prove", prove, methods=["POST"]),
    Route("/account/credential/remove", remove_credential, methods=["POST"]),
    Route("/account/code", new_code, methods=["POST"]),
    Route("/account/signout", sign_out_everywhere, methods=["POST"]),
]
