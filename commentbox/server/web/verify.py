"""Verifying, step by step, in a window of our own: choose a way, hear what is kept, go to the provider, come back.

The provider's redirect lands on a page that changes nothing; its form, sent by our own page, finishes the attempt.
So no GET writes, and no foreign page can finish one. Every rule is in `verification`; nothing here sees a name.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import entering, names
from commentbox.server.base import clock, i18n, limits
from commentbox.server.base.errors import Forbidden, Invalid, NotFound, Refusal, Unauthenticated, Unavailable
from commentbox.server.base.signing import b64url, b64url_bytes
from commentbox.server.base.work import begin
from commentbox.server.gate.cookies import BROWSER, put_cookie
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.messages import sentence
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import Viewer, own_window
from commentbox.server.verification import actions, journey, moving, rules, sessions
from commentbox.server.verification.providers import Hosted, Provider
from commentbox.server.verification.providers.in_person import PAGE, InPersonProvider
from commentbox.server.verification.queries import LastSession, VerifiedAs, last_session, verified_as
from commentbox.server.verification.speaking import Speaker, is_fresh
from commentbox.server.web.provider_hooks import setting_of
from commentbox.server.web.signin import credential_of
from commentbox.server.web.windows import Came, again, came_of, party_of, see_other, window

TRIES_PER_HOUR = 10
"""Attempts of one account; each may cost the operator money, and nobody needs more."""
BROWSER_HOURS = 1
LOOKS_PER_HOUR = 30
"""Questions to a provider that its own customer's person may cause by pressing a button."""
WAITING = ("pending", "overtaken")
ANSWERS = ("state", "code", "iss", "error")
"""What a provider's redirect may bring; anything else it adds is left behind."""
FORM_ANSWERS = (*ANSWERS, "assertion")
"""What a provider that answers by a form may bring."""
DEMO_ANSWERS = ("state", "name", "subject", "method", "refuse")
RECOVER = "/recover"
CODE_CHARS = 4000  # Some providers' codes are encrypted tokens of two thousand characters.
# Our own origin and no more: "no-referrer" would turn the next form's Origin into "null", which the guard refuses.
REFERRER = "strict-origin"


@dataclass(frozen=True)
class Way:
    """One way to verify, as the page offers it: the provider's slug, the operator's label, and the class of method."""

    name: str
    label: str
    method: str


async def ways(request: Request) -> Response:
    """Offer the ways to verify (step 2), or say what the chosen one keeps (step 3)."""
    came = came_of(query_of(request))
    try:
        viewer = await own_window(request)
    except (Unauthenticated, Forbidden):
        return see_other(Came(site=came.site, next=came.to("/verify"), lang=came.lang).to("/signin"))
    chosen = query_of(request).text("way", limit=40)
    if chosen:
        return await window(request, "verify_data.html", **_data(viewer, provider_of(request, chosen)))
    held = await _held(request, viewer)
    offered = [way_of(each) for each in instance_of(request).providers.values()]
    last = None if held else await _last(request, viewer)
    told = sentence(last.refused, status=403, data={}) if last and last.refused else ""
    return await window(request, "verify.html", speaker=viewer.speaker, held=held, ways=offered, last=last, told=told)


async def options(request: Request) -> Response:
    """Say what passkey to answer with: one of this account's."""
    viewer = await own_window(request)
    return JSONResponse(await entering.begin_sign_in(instance_of(request).db, party_of(request), viewer.account_id))


async def start(request: Request) -> Response:
    """Send the reader to the provider, after consent and a fresh passkey."""
    viewer = await own_window(request)
    form = await form_of(request)
    came = came_of(form)
    provider = provider_of(request, form.needed("way", limit=40))
    try:
        leaving = await _leave(request, viewer, form=form, provider=provider)
    except Refusal as refusal:
        context = _data(viewer, provider) | {"name": form.text("name", limit=200)}
        return await again(request, "verify_data.html", refusal, came=came, **context)
    response = await window(request, "verify_leave.html", came=came, url=leaving.url, way=way_of(provider))
    response.headers["referrer-policy"] = "no-referrer"
    put_cookie(response, BROWSER, f"{leaving.browser}.{b64url(came.query.encode())}", hours=BROWSER_HOURS)
    return response


async def _leave(request: Request, viewer: Viewer, *, form: Fields, provider: Provider) -> journey.Leaving:
    if not form.text("agree"):
        raise Invalid("verification.agree_needed")
    instance, account_id = instance_of(request), str(viewer.account_id)
    async with begin(instance.db, actor=account_id) as work:
        await limits.spend(work, "verify", account_id, at_most=TRIES_PER_HOUR, minutes=60)
    fresh = await use_passkey(request, viewer, form)
    leaver = journey.Leaver(
        account_id=account_id,
        return_url=f"{instance.settings.origin}/verify/callback/{provider.name}",
        lang=i18n.best(came_of(form).lang, language_of(request)),
        browser=browser_of(request)[0],
        wanted=_wanted(form),
    )
    return await journey.leave(instance.db, provider, leaver=leaver, fresh=fresh, keyring=instance.keyring)


def _wanted(form: Fields) -> str:
    """Give the name somebody wants to show if it proves to be theirs. Refuses what names refuse."""
    typed = form.text("name", limit=200).strip()
    return names.check(typed).display if typed else ""


async def use_passkey(request: Request, viewer: Viewer, form: Fields) -> bool:
    """Say whether this session's passkey was used a moment ago, or in this very form."""
    if not form.text("credential", limit=20_000):
        return _is_fresh(viewer.speaker)
    await entering.prove(
        instance_of(request).db,
        party_of(request),
        account_id=str(viewer.account_id),
        session_id=viewer.speaker.session_id if viewer.speaker else "",
        credential=credential_of(form),
    )
    return True


async def callback(request: Request) -> Response:
    """Take in what the provider sent, change nothing, and pass it on by a form of our own."""
    provider = provider_of(request, str(request.path_params["provider"]))
    # Some bring it by a form, so that nothing of it stands in an address; neither way changes anything yet.
    fields = await form_of(request) if request.method == "POST" else query_of(request)
    known = FORM_ANSWERS if request.method == "POST" else ANSWERS
    brought = {name: fields.text(name, limit=CODE_CHARS) for name in known if name in fields.values}
    _, came = browser_of(request)
    response = await window(
        request, "verify_callback.html", came=came, finish_at=finish_path(came, provider), brought=brought
    )
    response.headers["referrer-policy"] = REFERRER
    return response


async def finish(request: Request) -> Response:
    """Use the attempt up and give the badge, or say why not and how to go on."""
    viewer = await own_window(request)
    form = await form_of(request)
    provider = provider_of(request, str(request.path_params["provider"]))
    instance = instance_of(request)
    browser, came = browser_of(request)
    returning = journey.Returning(str(viewer.account_id), browser, answers_of(form, provider))
    months = instance.settings.badge_months
    try:
        if isinstance(provider, Hosted):
            return await _look(request, provider, came, row=await _session(request, returning, provider.name))
        await journey.come_back(instance.db, provider, returning, keyring=instance.keyring, badge_months=months)
    except Refusal as refusal:
        state = form.text("state", limit=100)
        return await again(request, "verify_end.html", refusal, came=came, reason=refusal.code, state=state)
    return see_other(came.to("/verify/done"))


async def move(request: Request) -> Response:
    """Take the badge over from another account of the same person, by the answer that has just come back."""
    viewer = await own_window(request)
    form = await form_of(request)
    came, state = came_of(form), form.needed("state", limit=100)
    try:
        rules.require_fresh(await use_passkey(request, viewer, form))
        async with begin(instance_of(request).db, actor=viewer.account_id) as work:
            await moving.move_here(work, str(viewer.account_id), state)
    except Refusal as refusal:
        # Where only the passkey was missing the offer still stands, and so do the ways out.
        reason = "verification.already_elsewhere" if "passkey" in refusal.code else refusal.code
        return await again(request, "verify_end.html", refusal, came=came, reason=reason, state=state)
    return see_other(came.to("/verify/done"))


async def _session(request: Request, returning: journey.Returning, provider: str) -> Any:
    state = returning.params.get("state", "")
    return await sessions.row_of_return(
        setting_of(request), str(returning.account_id), provider=provider, state=state, browser=returning.browser
    )


async def _look(request: Request, provider: Hosted, came: Came, *, row: Any) -> Response:
    """Ask how the session stands: the badge, a refusal, or the page that says that nothing is lost by waiting."""
    try:
        settled = await sessions.come_back(setting_of(request), provider, row)
    except Unavailable as refusal:
        return await again(request, "verify_wait.html", refusal, came=came)
    if settled.refused is not None:
        raise settled.refused
    if settled.state == "verified":
        return see_other(came.to("/verify/done"))
    if settled.state in WAITING:
        return await window(request, "verify_wait.html", came=came)
    raise Forbidden("provider.declined")


async def look_again(request: Request) -> Response:
    """Ask once more about the session that waits, from whichever browser its owner is signed in with."""
    viewer = await own_window(request)
    came = came_of(await form_of(request))
    instance, account_id = instance_of(request), str(viewer.account_id)
    async with begin(instance.db, actor=account_id) as work:
        await limits.spend(work, "look", account_id, at_most=LOOKS_PER_HOUR, minutes=60)
    try:
        row = await sessions.waiting_of(setting_of(request), account_id)
        provider = provider_of(request, row.provider)
        if isinstance(provider, InPersonProvider):
            return see_other(f"{PAGE}?{urlencode({'code': sessions.opened(setting_of(request), row)})}")
        if not isinstance(provider, Hosted):
            raise NotFound("provider.unknown")
        return await _look(request, provider, came, row=row)
    except Refusal as refusal:
        return await again(request, "verify_end.html", refusal, came=came, reason=refusal.code)


async def done(request: Request) -> Response:
    """Show the badge, and let the frame that opened this window learn of it."""
    viewer = await own_window(request)
    held = await _held(request, viewer)
    if held is None:
        return see_other(came_of(query_of(request)).to("/verify"))
    return await window(request, "verify_done.html", speaker=viewer.speaker, held=held)


async def demo(request: Request) -> Response:
    """Play a provider, loudly labelled. Refuses `provider.demo_off`."""
    if "demo" not in instance_of(request).providers:
        raise Forbidden("provider.demo_off")
    _, came = browser_of(request)
    state, finish_at = query_of(request).text("state", limit=100), finish_path(came, provider_of(request, "demo"))
    return await window(request, "demo_provider.html", came=came, state=state, finish_at=finish_at)


async def drop(request: Request) -> Response:
    """Take the reader's own badge away, at once and without reasons."""
    viewer = await own_window(request)
    came = came_of(await form_of(request))
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.revoke(work, str(viewer.account_id), "person")
    return see_other(came.next or "/account?saved=badge#badge")


def finish_path(came: Came, provider: Provider) -> str:
    """Say which form finishes an attempt: somebody who recovers an account has no session for the usual one."""
    return f"{came.next if came.next == RECOVER else '/verify'}/finish/{provider.name}"


def answers_of(form: Fields, provider: Provider) -> dict[str, str]:
    """Give what a provider's redirect may have brought."""
    names = DEMO_ANSWERS if provider.name == "demo" else FORM_ANSWERS
    return {name: form.text(name, limit=CODE_CHARS) for name in names if name in form.values}


def provider_of(request: Request, name: str) -> Provider:
    """Give a provider that is switched on. Refuses `provider.unknown`."""
    provider: Provider | None = instance_of(request).providers.get(name)
    if provider is None:
        raise NotFound("provider.unknown")
    return provider


def way_of(provider: Provider) -> Way:
    """Give a provider as a page offers it."""
    return Way(name=provider.name, label=provider.label, method=provider.method_class)


def _data(viewer: Viewer, provider: Provider) -> dict[str, Any]:
    return {"way": way_of(provider), "speaker": viewer.speaker, "is_fresh": _is_fresh(viewer.speaker), "name": ""}


def _is_fresh(speaker: Speaker | None) -> bool:
    return speaker is not None and speaker.by_passkey and is_fresh(speaker, now=clock.now())


async def _last(request: Request, viewer: Viewer) -> LastSession | None:
    async with instance_of(request).db.read() as query:
        return await last_session(query, str(viewer.account_id))


async def _held(request: Request, viewer: Viewer) -> VerifiedAs | None:
    async with instance_of(request).db.read() as query:
        return await verified_as(query, str(viewer.account_id), now=clock.now())


def browser_of(request: Request) -> tuple[str, Came]:
    """Read the cookie of the attempt: what binds it to this browser, and where the reader came from."""
    token, _, came = request.cookies.get(BROWSER, "").partition(".")
    try:
        return token, came_of(Fields(QueryParams(b64url_bytes(came).decode("utf-8", "replace"))))
    except Refusal:
        return token, Came()


routes = [
    Route("/verify", ways, methods=["GET"]),
    Route("/verify", start, methods=["POST"]),
    Route("/verify/options", options, methods=["POST"]),
    Route("/verify/callback/{provider}", callback, methods=["GET", "POST"]),
    Route("/verify/finish/{provider}", finish, methods=["POST"]),
    Route("/verify/move", move, methods=["POST"]),
    Route("/verify/look", look_again, methods=["POST"]),
    Route("/verify/done", done, methods=["GET"]),
    Route("/verify/demo", demo, methods=["GET"]),
    Route("/verify/drop", drop, methods=["POST"]),
]
