"""The two wiring tables: job kind -> who does it, setting -> which adapter. The only place that knows both ends."""

from collections.abc import Mapping
from typing import Any

from commentbox.server.base.cache import Cache
from commentbox.server.base.db import Database
from commentbox.server.base.jobs import Worker
from commentbox.server.base.render import Render
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments import retiering
from commentbox.server.gate.instance import Instance
from commentbox.server.moderation.noticing import TELL
from commentbox.server.moderation.rulings import DELIVER
from commentbox.server.notices.actions import ANSWER, CONTACT_AUTHOR, RECEIPT
from commentbox.server.notifications import letters
from commentbox.server.notifications.answers import Post
from commentbox.server.notifications.mail import mailer
from commentbox.server.verification import providers
from commentbox.server.votes import lower_tier as lower_votes

RETIER_BATCH = 200
"""Comments or recommendations per transaction while a revoked tier is taken back, so that posting never waits long."""


def instance(settings: Settings) -> Instance:
    """Build everything one process needs."""
    return Instance(
        settings=settings,
        db=Database(settings.database),
        keyring=Keyring(settings.secret_bytes()),
        render=Render(),
        cache=Cache(),
        providers=providers.load(settings),
        mail=mailer(settings),
    )


def workers(instance: Instance) -> Mapping[str, Worker]:
    """Say who carries out which kind of job."""

    async def retier(payload: dict[str, Any]) -> None:
        await _retier(instance, payload["attestation_id"])

    async def send(payload: dict[str, Any]) -> None:
        await letters.send_link(instance.db, instance.mail, payload, origin=instance.settings.origin)

    async def deliver(payload: dict[str, Any]) -> None:
        origin = instance.settings.origin
        await letters.tell_author(instance.db, instance.mail, payload["decision_id"], origin=origin)

    post = Post(instance.db, instance.mail, instance.keyring, instance.settings.origin)
    answers = {RECEIPT: post.receipt, CONTACT_AUTHOR: post.ask_author, TELL: post.tell_senders, ANSWER: post.answer}
    return {"retier": retier, "mail": send, DELIVER: deliver} | answers


async def _retier(instance: Instance, attestation_id: str) -> None:
    """Take a revoked attestation's tier back from every comment and recommendation, batch by batch."""
    for lower in (retiering.lower_comments, lower_votes):
        while True:
            async with begin(instance.db) as work:
                changed = await lower(work, attestation_id, at_most=RETIER_BATCH)
            if changed < RETIER_BATCH:
                break
