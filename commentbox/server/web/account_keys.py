"""The ways into one's account: passkeys with their names, the printed code, and saying no to somebody who asks for it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commentbox.server.accounts import actions, entering
from commentbox.server.base import clock, i18n
from commentbox.server.base.errors import Refusal
from commentbox.server.base.work import begin
from commentbox.server.gate.forms import Fields, form_of
from commentbox.server.gate.instance import instance_of
from commentbox.server.gate.refusals import language_of
from commentbox.server.gate.viewer import Viewer, own_window
from commentbox.server.presenters.safety import losses
from commentbox.server.verification import recovery, rules, turnover
from commentbox.server.verification.recovery import Asking
from commentbox.server.verification.speaking import came_by_code, require_fresh
from commentbox.server.web.account import context_of, saved, shown_again
from commentbox.server.web.signin import credential_of
from commentbox.server.web.verify import use_passkey
from commentbox.server.web.windows import came_of, party_of, see_other, window


async def passkey_options(request: Request) -> Response:
    """Say what passkey to make in addition."""
    viewer = await own_window(request)
    db = instance_of(request).db
    return JSONResponse(await entering.begin_adding(db, party_of(request), str(viewer.account_id)))


async def add_passkey(request: Request) -> Response:
    """Add one more passkey. Needs one used lately, so that a session left open cannot be turned into a key.

    Whoever came to a verified account by printed code asks for it with this: their passkey waits.
    """
    viewer = await own_window(request)
    form = await form_of(request)
    try:
        if viewer.speaker and came_by_code(viewer.speaker, now=clock.now()):
            return await _ask(request, viewer, form)
        require_fresh(viewer.speaker, now=clock.now())
        await entering.add_passkey(
            instance_of(request).db,
            party_of(request),
            str(viewer.account_id),
            credential=credential_of(form),
            label=form.text("label", limit=60),
        )
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal)
    return saved(request, "passkey", "keys")


async def _ask(request: Request, viewer: Viewer, form: Fields) -> Response:
    instance, account_id = instance_of(request), str(viewer.account_id)
    made = await entering.passkey_for(instance.db, party_of(request), account_id, credential=credential_of(form))
    asking = Asking(account_id, "code", made, label=form.text("label", limit=60))
    async with begin(instance.db, actor=account_id) as work:
        await recovery.ask(work, asking, delay_hours=instance.settings.recovery_hours)
    return saved(request, "asked", "asked")


async def stop_recovery(request: Request) -> Response:
    """Say no to somebody who asks for the account: with a passkey, used a moment ago or in this very form."""
    viewer = await own_window(request)
    form = await form_of(request)
    try:
        rules.require_fresh(await use_passkey(request, viewer, form))
        async with begin(instance_of(request).db, actor=viewer.account_id) as work:
            await recovery.object_to(work, str(viewer.account_id))
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal)
    return saved(request, "stopped", "asked")


async def label_passkey(request: Request) -> Response:
    """Name a passkey, so that its owner knows it from the others."""
    viewer = await own_window(request)
    form = await form_of(request)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        label = form.text("label", limit=60)
        await actions.label_passkey(work, str(viewer.account_id), form.needed("credential", limit=20), label)
    return saved(request, "label", "keys")


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
        return await shown_again(request, viewer, refusal)
    following = came_of(form).next
    return see_other(following) if following else saved(request, "fresh", "keys")


async def remove_credential(request: Request) -> Response:
    """Take away one way to sign in; first say what is lost with it, if anything is."""
    viewer = await own_window(request)
    form = await form_of(request)
    credential = form.needed("credential", limit=20)
    try:
        require_fresh(viewer.speaker, now=clock.now())
        lost = [] if form.text("sure", limit=10) else await _losses(request, viewer, credential)
        if lost:
            return await window(request, "account_removal.html", came=came_of(form), lost=lost, credential=credential)
        async with begin(instance_of(request).db, actor=viewer.account_id) as work:
            await turnover.remove_credential(work, str(viewer.account_id), credential)
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal)
    return saved(request, "removed", "keys")


async def _losses(request: Request, viewer: Viewer, credential_id: str) -> list[str]:
    account_id = str(viewer.account_id)
    async with instance_of(request).db.read() as query:
        credentials = await actions.credentials_of(query, account_id)
        sleeps = await turnover.would_sleep(query, account_id, credential_id)
    if all(each.id != credential_id for each in credentials):
        return []
    with i18n.use(language_of(request)):
        return losses(credentials, credential_id, sleeps=sleeps)


async def new_code(request: Request) -> Response:
    """Make a new printed code and show it this once; the old one stops working."""
    viewer = await own_window(request)
    await form_of(request)
    try:
        require_fresh(viewer.speaker, now=clock.now())
    except Refusal as refusal:
        return await shown_again(request, viewer, refusal)
    async with begin(instance_of(request).db, actor=viewer.account_id) as work:
        code = await actions.new_recovery_code(work, str(viewer.account_id))
    return await window(request, "account.html", **{**await context_of(request, viewer), "code": code})


routes = [
    Route("/account/passkey/options", passkey_options, methods=["POST"]),
    Route("/account/passkey", add_passkey, methods=["POST"]),
    Route("/account/passkey/label", label_passkey, methods=["POST"]),
    Route("/account/prove/options", prove_options, methods=["POST"]),
    Route("/account/prove", prove, methods=["POST"]),
    Route("/account/credential/remove", remove_credential, methods=["POST"]),
    Route("/account/code", new_code, methods=["POST"]),
    Route("/account/recovery/stop", stop_recovery, methods=["POST"]),
]
