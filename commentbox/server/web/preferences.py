"""What a signed-in reader chooses while reading: whom to hear from. The account page has the same choices."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.accounts import actions
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.viewer import signed_in


async def keep_show(request: Request) -> Response:
    """Keep on the account what the reader has just chosen above the comments. Only scripts ask for this."""
    viewer = await signed_in(request)
    form = await form_of(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        await actions.set_show(work, str(viewer.account_id), form.needed("show", limit=20))
    return Response(status_code=204)


routes = [Route("/embed/show", keep_show, methods=["POST"])]
