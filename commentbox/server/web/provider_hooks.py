"""Where providers send their webhooks: signed over the raw bytes, answered at once, looked into by a job afterwards.

No cookie and no form: the MAC is the guard. A body of more than the gate's limit is refused before it is read.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base.errors import NotFound
from commentbox.server.gate.instance import instance_of
from commentbox.server.verification import sessions
from commentbox.server.verification.providers import Hosted


async def webhook(request: Request) -> Response:
    """Take a hint. 204 for whatever is authentic, ours or not, so that nothing is sent again for ever."""
    provider = instance_of(request).providers.get(str(request.path_params["provider"]))
    if not isinstance(provider, Hosted):
        raise NotFound("provider.unknown")
    await sessions.hear(setting_of(request), provider, request.headers, await request.body())
    return Response(status_code=204)


def setting_of(request: Request) -> sessions.Setting:
    """Give what looking at a session needs of this instance."""
    instance = instance_of(request)
    settings = instance.settings
    return sessions.Setting(instance.db, instance.keyring, settings.badge_months, settings.recovery_hours)


routes = [Route("/verify/webhook/{provider}", webhook, methods=["POST"])]
