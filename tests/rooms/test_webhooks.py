"""Webhooks: signed, in order, in ids and codes, tried again after a pause, and never to an inner address."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import standardwebhooks
from sqlalchemy import select

from commentbox.server.base import clock, following, jobs, journal
from commentbox.server.base.db import Database
from commentbox.server.base.errors import Conflict, Invalid, NotFound
from commentbox.server.base.signing import Keyring
from commentbox.server.base.work import begin
from commentbox.server.moderation import rulings
from commentbox.server.webhooks import actions, rules, sending
from commentbox.server.webhooks.models import Delivery, Webhook
from tests.endpoint import Endpoint, listening
from tests.factories import START, make_site
from tests.newsroom import Newsroom, make_newsroom

KINDS = ["comment.removed", "case.decided", "statement.issued"]


class Paper:
    """A newsroom with an endpoint, and what its server process would do in the background."""

    def __init__(self, room: Newsroom, endpoint: Endpoint, keyring: Keyring) -> None:
        self.room, self.db, self.endpoint, self.keyring = room, room.db, endpoint, keyring
        self.hook_id = ""

    async def add(self, kinds: list[str] = KINDS) -> None:
        async with begin(self.db) as work:
            self.hook_id = await actions.add(work, self.room.talk.site_id, self.endpoint.url, kinds)

    async def pass_on(self) -> None:
        """Seal, listen and carry out what is due."""

        async def call(payload: dict[str, Any]) -> None:
            await sending.send(self.db, self.keyring, payload["webhook_id"])

        async def nothing(_payload: dict[str, Any]) -> None:
            return None

        await journal.seal(self.db)
        await following.follow(self.db, actions.NAME, actions.listen, kinds=rules.KINDS)
        await jobs.run_due(self.db, {actions.JOB: call, rulings.DELIVER: nothing})

    async def hook(self) -> Any:
        async with self.db.read() as query:
            return await query.first(select(Webhook.__table__).where(Webhook.__table__.c.id == self.hook_id))

    async def messages(self) -> list[Any]:
        async with self.db.read() as query:
            return list(await query.all(select(Delivery.__table__).order_by(Delivery.__table__.c.id)))

    async def remove_a_comment(self) -> str:
        said = self.room.talk.say("The clerk is a crook.")
        await self.room.talk.save(self.db)
        await self.room.decide(await self.room.hire("Ruth"), said, "remove")
        return said

    async def test(self) -> None:
        async with begin(self.db) as work:
            await actions.test(work, self.room.talk.site_id, self.hook_id)


@pytest.fixture
async def paper(db: Database, keyring: Keyring) -> AsyncIterator[Paper]:
    clock.set(START)
    async with listening() as endpoint:
        yield Paper(await make_newsroom(db), endpoint, keyring)


async def test_what_happens_arrives_signed_in_order_in_ids_and_codes_only(paper: Paper, keyring: Keyring) -> None:
    await paper.add()
    said = await paper.remove_a_comment()
    await paper.pass_on()
    key = rules.written(actions.secret(keyring, paper.hook_id, 1))
    heard = [json.loads(body) for _, body in paper.endpoint.came]
    assert {each["type"] for each in heard} == set(KINDS)
    removed = next(each for each in heard if each["type"] == "comment.removed")
    assert removed["data"] == {
        "site": "gazette",
        "subject": said,
        "thread": paper.room.talk.thread_id,
        "rule": "3-argument-not-person",
    }
    for headers, body in paper.endpoint.came:
        assert b"crook" not in body and b"Ruth" not in body and b"account" not in body
        signed = {name: headers[name] for name in headers if name.startswith("webhook-")}
        with pytest.raises(standardwebhooks.WebhookVerificationError, match=r"old|new"):
            standardwebhooks.Webhook(key).verify(body, signed)  # well signed, but by the clock of the tests
    assert [row.state for row in await paper.messages()] == ["sent"] * len(heard)
    assert (await paper.hook()).planned_at is None


async def test_two_secrets_are_live_for_a_day_after_a_new_one(paper: Paper, keyring: Keyring) -> None:
    await paper.add()
    async with begin(paper.db) as work:
        assert await actions.renew_secret(work, paper.room.talk.site_id, paper.hook_id) == 2
    await paper.test()
    await paper.pass_on()
    clock.advance(minutes=24 * 60 + 1)
    await paper.test()
    await paper.pass_on()
    (both, body), (one, last) = paper.endpoint.came
    for headers, content, numbers in ((both, body, (2, 1)), (one, last, (2,))):
        keys = [actions.secret(keyring, paper.hook_id, number) for number in numbers]
        at = int(headers["webhook-timestamp"])
        again = rules.headers(keys, headers["webhook-id"], content, at=START.fromtimestamp(at, START.tzinfo))
        assert again["webhook-signature"] == headers["webhook-signature"]
        assert len(headers["webhook-signature"].split()) == len(numbers)


async def test_a_failure_waits_for_its_pause_and_nothing_is_lost_or_overtakes(paper: Paper) -> None:
    await paper.add()
    paper.endpoint.status = 500
    await paper.test()
    await paper.test()
    await paper.pass_on()
    await paper.pass_on()
    assert len(paper.endpoint.came) == 1 and (await paper.hook()).failures == 1
    clock.advance(minutes=1.1)
    await paper.pass_on()
    assert len(paper.endpoint.came) == 2 and (await paper.hook()).failures == 2
    paper.endpoint.status = 204
    clock.advance(minutes=2.1)
    await paper.pass_on()
    first, second = await paper.messages()
    assert [headers["webhook-id"] for headers, _ in paper.endpoint.came] == [first.id] * 3 + [second.id]
    assert (first.state, first.tries, second.state, second.tries) == ("sent", 3, "sent", 1)
    assert (await paper.hook()).failures == 0


async def test_an_endpoint_that_fails_for_three_days_or_says_gone_is_switched_off(paper: Paper) -> None:
    await paper.add()
    paper.endpoint.status = 302
    await paper.test()
    await paper.pass_on()
    assert (await paper.messages())[0].answer == "302" and len(paper.endpoint.came) == 1
    clock.advance(minutes=3 * 24 * 60 + 1)
    await paper.pass_on()
    assert (await paper.hook()).off_at is not None and (await paper.messages())[0].state == "dropped"
    with pytest.raises(Conflict, match=r"webhook\.is_off"):
        await paper.test()
    async with begin(paper.db) as work:
        await actions.switch(work, paper.room.talk.site_id, paper.hook_id, on=True)
    paper.endpoint.status = 410
    await paper.test()
    await paper.pass_on()
    assert (await paper.hook()).off_at is not None


async def test_what_came_before_an_endpoint_and_what_is_another_papers_is_not_for_it(paper: Paper) -> None:
    await paper.remove_a_comment()
    clock.advance(minutes=1)
    await paper.add()
    herald = await make_site(paper.db, "herald")
    async with begin(paper.db) as work:
        work.record("case.decided", site_id=herald, subject_id="elsewhere")
    await paper.pass_on()
    assert paper.endpoint.came == []
    async with begin(paper.db) as work:
        with pytest.raises(NotFound):
            await actions.remove(work, herald, paper.hook_id)
        await actions.remove(work, paper.room.talk.site_id, paper.hook_id)
    assert await paper.hook() is None and await paper.messages() == []


async def test_a_name_that_comes_to_point_inward_is_not_connected_to(paper: Paper, monkeypatch: Any) -> None:
    await paper.add()
    async with begin(paper.db) as work:
        table = Webhook.__table__
        await work.q.run(table.update().values(url="https://127.0.0.1/hook"))
    await paper.test()
    await paper.pass_on()
    assert (await paper.messages())[0].answer == "private_address" and paper.endpoint.came == []


@pytest.mark.parametrize(
    "url",
    [
        "http://paper.example/hook",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://10.0.0.1:8443/hook",
        "https://db.internal/hook",
        "https://user:word@paper.example/hook",
        "https://paper.example/hook#x",
        "ftp://paper.example/",
        "https://other.localhost/hook",
        "",
    ],
)
def test_an_endpoint_is_an_https_address_in_the_open(url: str) -> None:
    with pytest.raises(Invalid, match=r"webhook\.address"):
        rules.check_url(url, ["http://news.localhost:8001"])


def test_pauses_double_up_to_six_hours_and_only_listed_codes_are_passed_on() -> None:
    assert [rules.pause(number) for number in (1, 2, 3)] == [timedelta(minutes=minutes) for minutes in (1, 2, 4)]
    assert rules.pause(50) == timedelta(hours=6)
    assert rules.codes_of({"thread": "t", "account": "a", "by": "b", "rule": "r"}) == {"thread": "t", "rule": "r"}
    assert not any(kind.startswith(("identity.", "account.", "standing.", "session.")) for kind in rules.KINDS)
    with pytest.raises(Invalid, match=r"webhook\.kinds"):
        rules.check_kinds(["identity.verified"])
