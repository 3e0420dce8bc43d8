"""The wiring tables: job kind -> who does it, setting -> which adapter. The only place that knows both ends."""

from collections.abc import Mapping
from typing import Any

from commentbox.server.accounts.notices import NOTICE
from commentbox.server.base.bus import Bus, Memory
from commentbox.server.base.bus.postgres import Notify
from commentbox.server.base.bus.redis import Redis
from commentbox.server.base.cache import Cache
from commentbox.server.base.db import Database
from commentbox.server.base.jobs import Worker
from commentbox.server.base.render import Render
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.comments import retiering
from commentbox.server.gate.instance import Instance
from commentbox.server.live.following import Live
from commentbox.server.moderation.rulings import DELIVER
from commentbox.server.notifications import letters
from commentbox.server.notifications.mail import mailer
from commentbox.server.rights import leaving
from commentbox.server.verification import providers, recovery, sessions, settling
from commentbox.server.votes import lower_tier as lower_votes

RETIER_BATCH = 200
"""Comments or recommendations per transaction while a revoked tier is taken back, so that posting never waits long."""


def instance(settings: Settings) -> Instance:
    """Build everything one process needs."""
    db, carried, cache = Database(settings.database), bus(settings), Cache()
    return Instance(
        settings=settings,
        db=db,
        keyring=Keyring(settings.secret_bytes(), settings.person_secrets()),
        render=Render(),
        cache=cache,
        providers=providers.load(settings),
        mail=mailer(settings),
        bus=carried,
        live=Live(db, carried, cache, most=settings.live_streams),
    )


def bus(settings: Settings) -> Bus:
    """Give the bus that the settings ask for."""
    scheme = settings.bus.partition(":")[0]
    if scheme == "memory":
        return Memory()
    if scheme.startswith("postgres"):
        return Notify(settings.bus)
    return Redis(settings.bus, settings.origin)


def workers(instance: Instance) -> Mapping[str, Worker]:
    """Say who carries out which kind of job."""

    async def retier(payload: dict[str, Any]) -> None:
        await _retier(instance, payload["attestation_id"])

    async def send(payload: dict[str, Any]) -> None:
        await letters.send_link(instance.db, instance.mail, payload, origin=instance.settings.origin)

    async def deliver(payload: dict[str, Any]) -> None:
        origin = instance.settings.origin
        await letters.tell_author(instance.db, instance.mail, payload["decision_id"], origin=origin)

    async def leave(payload: dict[str, Any]) -> None:
        for thread_id in await leaving.leave(instance.db, payload["account_id"]):
            instance.cache.touch(thread_id)

    async def notice(payload: dict[str, Any]) -> None:
        await letters.send_notice(instance.db, instance.mail, payload, origin=instance.settings.origin)

    async def recover(payload: dict[str, Any]) -> None:
        async with begin(instance.db) as work:
            await recovery.complete(work, payload["recovery_id"])

    told = {"mail": send, DELIVER: deliver, NOTICE: notice}
    setting = sessions.Setting(instance.db, instance.keyring, instance.settings.badge_months)

    async def look(payload: dict[str, Any]) -> None:
        await sessions.look_by_job(setting, instance.providers, payload)

    async def redact(payload: dict[str, Any]) -> None:
        await sessions.redact_by_job(setting, instance.providers, payload)

    asked = {settling.LOOK: look, settling.REDACT: redact}
    return {leaving.LEAVE: leave, "retier": retier, recovery.COMPLETE: recover, **told, **asked}


async def _retier(instance: Instance, attestation_id: str) -> None:
    """Take a revoked attestation's tier back from every comment and recommendation, batch by batch."""
    for lower in (retiering.lower_comments, lower_votes):
        while True:
            async with begin(instance.db) as work:
                changed = await lower(work, attestation_id, at_most=RETIER_BATCH)
            if changed < RETIER_BATCH:
                break
