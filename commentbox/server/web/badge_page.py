"""The page that checks a signed badge somebody came across elsewhere. Public; it reads, and keeps nothing."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base import clock, i18n
from commentbox.server.base.errors import Invalid, Refusal
from commentbox.server.gate.forms import TEXT_FIELD_LENGTH, query_of
from commentbox.server.gate.instance import Instance, instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.presenters.signed_badges import SignedBadgeView, checked
from commentbox.server.verification import signed_badges
from commentbox.server.web.windows import again, came_of, window


async def check(request: Request) -> Response:
    """Show the form, and for a `token` in the address what it says and how its comment stands today."""
    fields = query_of(request)
    came, token = came_of(fields), "".join(fields.text("token", limit=TEXT_FIELD_LENGTH).split())
    if not token:
        return await window(request, "badge.html", came=came, token="", signed=None)
    try:
        with i18n.use(i18n.best(came.lang, language_of(request))):
            signed = await _checked(instance_of(request), token)
    except Refusal as refusal:
        return await again(request, "badge.html", refusal, came=came, token=token, signed=None)
    return await window(request, "badge.html", came=came, token=token, signed=signed)


async def _checked(instance: Instance, token: str) -> SignedBadgeView:
    """Refuses `badge.elsewhere` where another server signed it: only that one has the keys and the comment."""
    issuer = signed_badges.issuer_of(token)
    if issuer != instance.settings.origin:
        raise Invalid("badge.elsewhere", issuer=issuer[:200])
    now = clock.now()
    claims = signed_badges.read(token, signed_badges.published_keys(instance.keyring, now), now=now)
    async with instance.db.read() as query:
        return await checked(query, claims)


routes = [Route("/badge", check)]
