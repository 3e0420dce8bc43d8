"""The wiring tables: job kind -> who does it, journal kind -> who listens, setting -> which adapter. The only place that
knows both ends."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from commentbox.server import contacts
from commentbox.server.accounts import forgetting
from commentbox.server.accounts.notices import NOTICE
from commentbox.server.base import following, jobs, limits, once
from commentbox.server.base.bus import Bus, Memory
from commentbox.server.base.bus.postgres import Notify
from commentbox.server.base.bus.redis import Redis
from commentbox.server.base.cache import Cache
from commentbox.server.base.db import Database
from commentbox.server.base.jobs import Worker
from commentbox.server.base.render import Render
from commentbox.server.base.settings import Settings
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import Work, begin
from commentbox.server.comments import merging, retiering
from commentbox.server.comments.helping import LATER
from commentbox.server.gate.instance import Instance
from commentbox.server.live.following import Live
from commentbox.server.moderation import claims, dry_runs, holding, suggesting, teaching
from commentbox.server.moderation.noticing import TELL
from commentbox.server.moderation.rulings import DELIVER
from commentbox.server.notices import actions as notices
from commentbox.server.notices.actions import ANSWER, CONTACT_AUTHOR, RECEIPT
from commentbox.server.notifications import bell, letters, mailing
from commentbox.server.notifications import following as news
from commentbox.server.notifications.answers import Post
from commentbox.server.notifications.mail import mailer
from commentbox.server.rights import leaving
from commentbox.server.screening.classifiers import loading as classifiers
from commentbox.server.screening.classifiers.asking import Help
from commentbox.server.sso.keys import PaperKeys
from commentbox.server.verification import actions as verification
from commentbox.server.verification import providers, recovery, sessions, settling
from commentbox.server.votes import lower_tier as lower_votes
from commentbox.server.webhooks import actions as webhooks
from commentbox.server.webhooks import sending
from commentbox.server.webhooks.rules import KINDS

RETIER_BATCH = 200
"""Comments or recommendations per transaction while a revoked tier is taken back, so that posting never waits long."""
SWEEPS: tuple[Callable[[Work], Awaitable[Any]], ...] = (
    once.sweep,
    limits.sweep,
    jobs.sweep,
    forgetting.sweep,
    settling.sweep,
    verification.sweep,
    verification.tell_ending,
    claims.sweep,
    bell.sweep,
    webhooks.sweep,
    holding.let_go_due,
    notices.settle_gone,
    contacts.erase,
    notices.forget_notifiers,
)
"""What comes round every ten minutes, in one transaction. What erases is named by the data map, too (`datamap/keeping.py`)."""


def instance(settings: Settings, db: Database | None = None) -> Instance:
    """Build everything one process needs. A database that is opened already is taken over, and closed with the rest."""
    db, carried, cache = db or Database(settings.database), bus(settings), Cache()
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
        help=Help(classifiers.load(settings)),
        paper_keys=PaperKeys(),
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
    return {**_deeds(instance), **_letters(instance), **_looks(instance), **_helpers(instance)}


def _deeds(instance: Instance) -> Mapping[str, Worker]:
    """What is due later because it was asked for, or takes long."""

    async def retier(payload: dict[str, Any]) -> None:
        await _retier(instance, payload["attestation_id"])

    async def leave(payload: dict[str, Any]) -> None:
        for thread_id in await leaving.leave(instance.db, payload["account_id"]):
            instance.cache.touch(thread_id)

    async def recover(payload: dict[str, Any]) -> None:
        async with begin(instance.db) as work:
            await recovery.complete(work, payload["recovery_id"])

    async def try_rules(payload: dict[str, Any]) -> None:
        await dry_runs.carry_out(instance.db, payload["dry_run_id"])

    async def merge(payload: dict[str, Any]) -> None:
        await _merge(instance, payload["thread_id"], payload["into"])

    async def call(payload: dict[str, Any]) -> None:
        await sending.send(instance.db, instance.keyring, payload["webhook_id"])

    return {
        "retier": retier,
        leaving.LEAVE: leave,
        recovery.COMPLETE: recover,
        dry_runs.TRY: try_rules,
        merging.JOB: merge,
        webhooks.JOB: call,
    }


def _letters(instance: Instance) -> Mapping[str, Worker]:
    """Mails of all kinds."""
    origin = instance.settings.origin

    async def send(payload: dict[str, Any]) -> None:
        await letters.send_link(instance.db, instance.mail, payload, origin=origin)

    async def deliver(payload: dict[str, Any]) -> None:
        await letters.tell_author(instance.db, instance.mail, payload["decision_id"], origin=origin)

    async def notice(payload: dict[str, Any]) -> None:
        await letters.send_notice(instance.db, instance.mail, payload, origin=origin)

    async def write(payload: dict[str, Any]) -> None:
        await mailing.send(_mail_desk(instance), payload)

    post = Post(instance.db, instance.mail, instance.keyring, origin)
    answers = {RECEIPT: post.receipt, CONTACT_AUTHOR: post.ask_author, TELL: post.tell_senders, ANSWER: post.answer}
    return {"mail": send, DELIVER: deliver, NOTICE: notice, mailing.JOB: write, **answers}


def _looks(instance: Instance) -> Mapping[str, Worker]:
    """Questions to providers about the sessions they hold."""
    settings = instance.settings
    setting = sessions.Setting(instance.db, instance.keyring, settings.badge_months, settings.recovery_hours)

    async def look(payload: dict[str, Any]) -> None:
        await sessions.look_by_job(setting, instance.providers, payload)

    async def redact(payload: dict[str, Any]) -> None:
        await sessions.redact_by_job(setting, instance.providers, payload)

    return {settling.LOOK: look, settling.REDACT: redact}


def _helpers(instance: Instance) -> Mapping[str, Worker]:
    """Second looks of outside help, and what it learns."""

    async def look_again(payload: dict[str, Any]) -> None:
        await suggesting.look_again(instance.db, instance.help, payload)

    async def teach(payload: dict[str, Any]) -> None:
        await teaching.teach(instance.db, instance.help, payload)

    return {LATER: look_again, teaching.TEACH: teach}


def _mail_desk(instance: Instance) -> mailing.Desk:
    return mailing.Desk(instance.db, instance.mail, instance.keyring, instance.render, instance.settings)


async def tell(instance: Instance) -> None:
    """Let those who listen to the journal hear what is new in it."""
    listener = partial(news.listen, digest_hour=instance.settings.digest_hour)
    while await following.follow(instance.db, news.NAME, listener, kinds=news.KINDS) == following.BATCH:
        pass
    while await following.follow(instance.db, webhooks.NAME, webhooks.listen, kinds=KINDS) == following.BATCH:
        pass
    if instance.help.learns:
        await following.start_here(instance.db, teaching.NAME)
        while (
            await following.follow(instance.db, teaching.NAME, teaching.listen, kinds=teaching.KINDS) == following.BATCH
        ):
            pass


async def _merge(instance: Instance, thread_id: str, into: str) -> None:
    """Bring over what a merged thread has left, batch by batch, and then the news of it."""
    for move in (merging.move, partial(bell.move_thread, at_most=merging.BATCH)):
        while True:
            async with begin(instance.db) as work:
                moved = await move(work, thread_id, into)
            for each in (thread_id, into):
                instance.cache.touch(each)
            if moved < merging.BATCH:
                break


async def _retier(instance: Instance, attestation_id: str) -> None:
    """Take a revoked attestation's tier back from every comment and recommendation, batch by batch."""
    for lower in (retiering.lower_comments, lower_votes):
        while True:
            async with begin(instance.db) as work:
                changed = await lower(work, attestation_id, at_most=RETIER_BATCH)
            if changed < RETIER_BATCH:
                break
