"""What one wants by mail: choosing it on the account page, and ending it by the link in a mail, without signing in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commentbox.server.base.work import begin
from commentbox.server.gate.forms import form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import own_window
from commentbox.server.notifications import choices, mailing
from commentbox.server.notifications.choices import Wish
from commentbox.server.notifications.rules import MAILED, PACES
from commentbox.server.web.windows import see_other, window


async def choose(request: Request) -> Response:
    """Take how often somebody wants mail, and about what; unticked is unwanted."""
    viewer = await own_window(request)
    form = await form_of(request)
    kinds = tuple(kind for kind in MAILED if form.text(kind, limit=5) == "1")
    wish = Wish(form.choice("pace", PACES), kinds, lang=language_of(request))
    account_id, instance = str(viewer.account_id), instance_of(request)
    async with begin(instance.db, actor=account_id) as work:
        await choices.choose_mail(work, account_id, wish)
        await mailing.plan(work, [account_id], digest_hour=instance.settings.digest_hour)
    return see_other(f"/account?saved=mails&lang={wish.lang}#bell")


async def stop_page(request: Request) -> Response:
    """Ask before ending mails: scanners follow links, and GET never writes."""
    token = str(request.path_params["token"])
    _account_id, kind = mailing.stop_of(instance_of(request).keyring, token)
    return await window(request, "stop.html", token=token, kind=kind, done=False)


async def stop(request: Request) -> Response:
    """End the mails that the link was in: for a person at our page, or for a mail program in one click (RFC 8058).

    Nobody is signed in and no origin is asked for: the token in the path is the whole permission, and does only this.
    """
    (await form_of(request)).text("List-Unsubscribe", limit=40)  # it says One-Click, and the path says the rest
    account_id, kind = mailing.stop_of(instance_of(request).keyring, str(request.path_params["token"]))
    async with begin(instance_of(request).db, actor=account_id) as work:
        await choices.stop_mail(work, account_id, kind)
    return await window(request, "stop.html", token="", kind=kind, done=True)


routes = [
    Route("/account/mails", choose, methods=["POST"]),
    Route("/stop/{token}", stop_page, methods=["GET"]),
    Route("/stop/{token}", stop, methods=["POST"]),
]
