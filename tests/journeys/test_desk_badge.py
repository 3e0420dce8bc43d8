"""An admin takes somebody's badge away: with reasons and a passkey, told to the person, and for good."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from commentbox import cli
from commentbox.server import wiring
from commentbox.server.accounts.models import Account, Role
from commentbox.server.base import clock, jobs
from commentbox.server.base.db import Database
from commentbox.server.base.models import Journal
from commentbox.server.base.settings import Settings
from commentbox.server.base.work import begin
from commentbox.server.comments.models import Comment
from commentbox.server.moderation.models import Statement
from commentbox.server.verification.models import Attestation
from tests.factories import START
from tests.journeys.reader import Reader
from tests.journeys.reading import fields, words
from tests.newsroom import FACTS, RULE, Newsroom, make_newsroom


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"demo": True})


class Court:
    """A verified person with a comment, and an admin at the desk."""

    def __init__(self, db: Database, room: Newsroom, new_visitor: Callable[..., Any]) -> None:
        self.db, self.room = db, room
        self.kestrel, self.ada = Reader(new_visitor()), Reader(new_visitor(), "Ada Chief")
        self.comment_id = self.page = ""

    async def set_up(self, settings: Settings) -> "Court":
        for each in (self.kestrel, self.ada):
            await each.sign_up()
        await self.kestrel.verify_by_demo("kestrel")
        account_id, attestation_id = await self._kestrel()
        self.comment_id = self.room.talk.say("With a badge.")
        await self.room.talk.save(self.db)
        theirs = {"account_id": account_id, "attestation_id": attestation_id, "tier": "verified", "kind": "person"}
        async with begin(self.db) as work:
            await work.q.run(update(Comment.__table__).values(theirs))
        await self.hire("admin")
        self.page = f"/desk/person/gazette.{account_id}/badge"
        return self

    async def _kestrel(self) -> tuple[str, str]:
        async with self.db.read() as query:
            row = await query.first(select(Account.__table__).where(Account.__table__.c.name == "Kestrel"))
        return row.id, row.attestation_id

    async def hire(self, role: str) -> None:
        async with begin(self.db) as work:
            mine = select(Account.__table__.c.id).where(Account.__table__.c.name == "Ada Chief")
            await work.q.run(Role.__table__.delete())
            await work.q.add(Role(account_id=str(await work.q.scalar(mine)), site_id="", role=role))
        options = (await self.ada.visitor.fetch("/desk/signin/options", method="POST")).json()
        answer = json.dumps(self.ada.passkey.get(options))
        assert (await self.ada.visitor.submit("/desk/signin", {"credential": answer})).status_code == 303

    async def revoke(self, **changes: str) -> Any:
        form = fields(await self.ada.visitor.open(self.page), self.page)
        options = (await self.ada.visitor.fetch(f"{self.page}/options", method="POST")).json()
        proof = {"credential": json.dumps(self.ada.passkey.get(options))}
        return await self.ada.visitor.submit(self.page, form | {"ground": RULE, "facts": FACTS} | proof | changes)

    async def rows(self, model: Any) -> list[Any]:
        async with self.db.read() as query:
            return list(await query.all(select(model.__table__)))


@pytest.fixture
async def court(db: Database, settings: Settings, new_visitor: Callable[..., Any]) -> Court:
    clock.set(START)
    return await Court(db, await make_newsroom(db), new_visitor).set_up(settings)


async def test_the_badge_goes_from_person_and_comments_and_the_person_is_told_why(court: Court, settings: Settings):
    assert court.page in (await court.ada.visitor.open(court.page.removesuffix("/badge"))).text
    assert (await court.revoke()).status_code == 303
    instance = wiring.instance(settings)
    await jobs.run_due(instance.db, wiring.workers(instance))
    await instance.db.close()
    assert [(row.tier, row.kind) for row in await court.rows(Comment)] == [("unverified", "none")]
    assert [row.revoked_why for row in await court.rows(Attestation)] == ["operator"]
    (statement,) = await court.rows(Statement)
    reasons = await court.kestrel.visitor.open(f"/decisions/{statement.id}")
    assert "We took your badge away" in words(reasons) and FACTS in words(reasons)
    assert "This ended on" not in words(reasons) and f"/decisions/{statement.id}/appeal" in reasons.text
    mine = words(await court.kestrel.visitor.open("/account"))
    assert "Not verified" in mine and "There is a decision about you" in mine
    kinds = [row.kind for row in await court.rows(Journal)]
    assert {"case.decided", "statement.issued", "identity.revoked"} <= set(kinds)
    done = await court.kestrel.verify_by_demo("kestrel")
    assert "Verified person" in words(done), "who is not restricted may verify again"


async def test_it_takes_reasons_a_passkey_of_that_moment_and_an_admin_of_the_server(court: Court):
    for changes in ({"facts": ""}, {"ground": "no-such-rule"}, {"credential": ""}, {"credential": "{}"}):
        answer = await court.revoke(**changes)
        assert 400 <= answer.status_code < 500, changes
        assert changes.get("facts", FACTS) in answer.text, "what was typed is still there"
    await court.hire("moderator")
    for answer in (await court.ada.visitor.open(court.page), await court.ada.visitor.submit(court.page, {})):
        assert answer.status_code == 403 and "admins of the whole server" in words(answer)
    assert court.page not in (await court.ada.visitor.open(court.page.removesuffix("/badge"))).text
    assert [row.revoked_at for row in await court.rows(Attestation)] == [None]


async def test_it_is_no_decision_to_undo_and_its_appeal_is_heard_by_somebody_else(court: Court):
    await court.revoke()
    (statement,) = await court.rows(Statement)
    await court.ada.visitor.submit(f"/desk/undo/{statement.decision_id}", {})
    assert [row.lifted_at for row in await court.rows(Statement)] == [None]
    asked = await court.kestrel.visitor.submit(f"/decisions/{statement.id}/appeal", {"text": "It is me, really."})
    assert asked.status_code in (200, 303)
    page = words(await court.ada.visitor.open(court.page.removesuffix("/badge")))
    assert "It is me, really." in page and "An appeal against a measure" in page


async def test_the_command_does_the_same(
    court: Court, monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Any
):
    monkeypatch.setenv("COMMENTBOX_DATABASE_URL", court.db.url)
    monkeypatch.setenv("COMMENTBOX_DATA_DIR", str(tmp_path))
    account_id = court.page.split(".")[1].removesuffix("/badge")
    said = ["--site", "gazette", "--as", "Ada Chief", "--ground", RULE, "--facts", FACTS]
    typed = await asyncio.to_thread(CliRunner().invoke, cli.app, ["badge", "revoke", account_id, *said])
    assert typed.exit_code == 0, typed.output
    assert [row.revoked_why for row in await court.rows(Attestation)] == ["operator"]
    assert [row.facts for row in await court.rows(Statement)] == [FACTS]
