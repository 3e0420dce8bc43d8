"""Getting a verified account back without its passkeys, by verifying again as the same person. Nobody is signed in here.

Whoever asks names the account, makes the passkey that will wait, and goes to the provider as for a badge. With a printed
code the way is the sign-in page and then one's own page (`account_keys.py`).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.base import i18n, limits
from commentbox.server.base.errors import Invalid, Refusal, Unavailable
from commentbox.server.base.signing import b64url
from commentbox.server.base.work import begin
from commentbox.server.gate.addresses import address_mac
from commentbox.server.gate.cookies import BROWSER, put_cookie
from commentbox.server.gate.forms import Fields, form_of, query_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.verification import journey, recovering
from commentbox.server.verification.providers import Hosted, Provider
from commentbox.server.web import verify
from commentbox.server.web.provider_hooks import setting_of
from commentbox.server.web.signin import credential_of
from commentbox.server.web.windows import Came, again, came_of, party_of, window

TRIES_PER_HOUR = 10
"""Of one address; each may cost the operator money, and nobody loses more accounts than that."""
LOOKS_PER_HOUR = 30
"""Questions to a provider about a session that is not answered yet, caused by one address."""


async def page(request: Request) -> Response:
    """Explain both ways, and offer them."""
    came = came_of(query_of(request))
    return await window(request, "recover.html", came=came, **_context(request, came))


async def options(request: Request) -> Response:
    """Say what passkey to make: the one that will wait."""
    form = await form_of(request)
    await _spend(request)
    name = form.needed("name", limit=200)
    return JSONResponse(await recovering.begin_asking(instance_of(request).db, party_of(request), name))


async def start(request: Request) -> Response:
    """Send whoever asks to the provider."""
    form = await form_of(request)
    came = came_of(form)
    try:
        provider = verify.provider_of(request, form.needed("way", limit=40))
        leaving = await _leave(request, form, provider)
    except Refusal as refusal:
        written = form.text("name", limit=200)
        return await again(request, "recover.html", refusal, came=came, **_context(request, came, name=written))
    way = verify.way_of(provider)
    response = await window(request, "verify_leave.html", came=came, url=leaving.url, way=way)
    response.headers["referrer-policy"] = "no-referrer"
    kept = replace(came, next=verify.RECOVER, challenge="")
    put_cookie(response, BROWSER, f"{leaving.browser}.{b64url(kept.query.encode())}", hours=verify.BROWSER_HOURS)
    return response


async def _leave(request: Request, form: Fields, provider: Provider) -> journey.Leaving:
    if not form.text("agree"):
        raise Invalid("verification.agree_needed")
    await _spend(request)
    instance = instance_of(request)
    leaver = journey.Leaver(
        account_id=await recovering.account_named(instance.db, form.needed("name", limit=200)),
        return_url=f"{instance.settings.origin}/verify/callback/{provider.name}",
        lang=i18n.best(came_of(form).lang, language_of(request)),
        browser=verify.browser_of(request)[0],
    )
    party, credential = party_of(request), credential_of(form)
    return await recovering.leave(
        instance.db, provider, party, leaver=leaver, credential=credential, keyring=instance.keyring
    )


async def finish(request: Request) -> Response:
    """Use the attempt up, and begin the request if it is the same person; say until when it waits."""
    form = await form_of(request)
    provider = verify.provider_of(request, str(request.path_params["provider"]))
    browser, came = verify.browser_of(request)
    returning = journey.Returning(None, browser, verify.answers_of(form, provider))
    came = replace(came, next="")
    waits: dict[str, Any] = {"way": provider.name, "brought": returning.params}
    try:
        due_at = await _come_back(request, provider, returning)
    except Refusal as refusal:
        if isinstance(refusal, Unavailable) and isinstance(provider, Hosted):
            return await again(request, "recover_wait.html", refusal, came=came, **waits)
        return await again(request, "recover.html", refusal, came=came, **_context(request, came))
    if due_at is None:
        return await window(request, "recover_wait.html", came=came, **waits)
    return await window(request, "recover_asked.html", came=came, due_at=due_at)


async def _come_back(request: Request, provider: Provider, returning: journey.Returning) -> datetime | None:
    instance = instance_of(request)
    if isinstance(provider, Hosted):
        async with begin(instance.db) as work:
            await limits.spend(work, "recover-look", address_mac(request), at_most=LOOKS_PER_HOUR, minutes=60)
        return await recovering.come_back_to_session(setting_of(request), provider, returning)
    hours = instance.settings.recovery_hours
    return await recovering.come_back(instance.db, provider, returning, keyring=instance.keyring, delay_hours=hours)


async def _spend(request: Request) -> None:
    async with begin(instance_of(request).db) as work:
        await limits.spend(work, "recover", address_mac(request), at_most=TRIES_PER_HOUR, minutes=60)


def _context(request: Request, came: Came, *, name: str = "") -> dict[str, Any]:
    offered = [verify.way_of(each) for each in instance_of(request).providers.values()]
    return {"ways": offered, "name": name, "hours": instance_of(request).settings.recovery_hours}


routes = [
    Route("/recover", page, methods=["GET"]),
    Route("/recover", start, methods=["POST"]),
    Route("/recover/options", options, methods=["POST"]),
    Route("/recover/finish/{provider}", finish, methods=["POST"]),
]
